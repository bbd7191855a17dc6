"""Two sources of one's own with the same items: one owner is assumed, said on Sources, and one may say otherwise."""

from __future__ import annotations

import pytest

from tests.houses import Browser, house, person
from vigie.domain.item import Sighting
from vigie.ports.source_fetches import SourceFetch
from vigie.services.alerting.item_events import dispatch_read_items
from vigie.services.news.analysis.item_reader import ItemReader
from vigie.services.news.publishers import LEAST, load_publishers, shared_pairs
from vigie.services.operation_calls import run_operation

NOW = 1_760_000_000_000
HOSTS = {"office": "office.example", "mirror": "mirror.example", "other": "other.example"}


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    made = house(tmp_path_factory.mktemp("home"), with_bars=False)
    for name, host in HOSTS.items():
        asked = {"url": f"https://{host}/feed.xml", "title": name.title()}
        run_operation(made, person(), "own_feeds.put", asked)
    return made


def show(built, source, numbers, words="Story"):
    """Let a source show items, and read them."""
    said = tuple(
        Sighting(source, f"{words}{at}", f"https://{HOSTS[source]}/{words}/{at}", f"{words} of number {at}", "A text.")
        for at in numbers
    )  # fmt: skip
    built.items.take(SourceFetch(source, NOW + len(said), said))
    reader = ItemReader(built, (), dispatch_read_items)
    while reader.read_some():
        pass


def owners(built):
    return {
        name: one.owner
        for name, one in load_publishers(built.bookmarks, built.directory).items()
        if name in HOSTS
    }


def test_the_same_items_at_two_hosts_are_of_one_owner_until_somebody_says_otherwise(built):
    show(built, "office", range(LEAST - 1))
    show(built, "mirror", range(LEAST - 1))
    assert shared_pairs(built.bookmarks) == []
    show(built, "office", range(LEAST - 1, 9))
    show(built, "mirror", range(LEAST - 1, 7))
    show(built, "other", range(9), "Tale")
    assert shared_pairs(built.bookmarks) == [("mirror", "office")]
    assert owners(built) == {"office": "Mirror", "mirror": "Mirror", "other": "Other"}
    browser = Browser(built)
    page = browser.get("/sources").text
    assert "Mirror and Office publish the same content. Vigie assumes" in page
    assert "et Office publient" in Browser(built, language="fr").get("/sources").text
    answer = browser.post("/sources/feeds/owners", {"feed": "office", "other": "mirror", "to": "two"})
    assert "publish the same content, but were marked as" in answer.text
    assert owners(built) == {name: name.title() for name in HOSTS}
    browser.post("/sources/feeds/owners", {"feed": "office", "other": "mirror", "to": "one"})
    assert owners(built)["office"] == "Mirror"
    refused = browser.post("/sources/feeds/owners", {"feed": "office", "other": "other", "to": "two"})
    assert refused.status_code == 404
    # Once most of what it shows is its own, it is a publisher of its own.
    show(built, "mirror", range(20), "Tune")
    assert shared_pairs(built.bookmarks) == []
