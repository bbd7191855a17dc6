"""Topics that headlines make by themselves, and objections to what is said of sources: pages and operations."""

from __future__ import annotations

import pytest

from tests.clocks import StandingClock
from tests.houses import START, Browser, house
from vigie.domain.item import Sighting
from vigie.domain.time import HOUR_MS, parse_time
from vigie.ports.source_fetches import SourceFetch
from vigie.services.alerting.item_events import dispatch_read_items
from vigie.services.news.analysis.item_reader import ItemReader

NOW = parse_time(START)
# Unlike enough not to be copies of each other.
VAULT = (
    "Bitcoin custodian <b>Orbit</b> Vault drained overnight by unknown thieves",
    "Creditors of Orbit Vault meet in Lisbon over missing bitcoin",
    "Why Orbit Vault kept its bitcoin keys in a single drawer",
    "Police search Orbit Vault offices, seize computers and bitcoin wallets",
    "Insurer refuses to pay Orbit Vault for lost bitcoin",
    "Former engineer warned Orbit Vault about bitcoin signing in March",
    "Orbit Vault promises half of all bitcoin back before summer",
)
MINERS = (
    "Quokka County taxes bitcoin miners by the megawatt",
    "Farmers sell dry land in Quokka County to bitcoin miners",
    "Noise from bitcoin miners divides Quokka County council",
    "Judge halts new bitcoin miners near Quokka County lake",
    "Bitcoin miners leave Quokka County after power price doubles",
    "How Quokka County became home to a tenth of bitcoin mining",
    "School in Quokka County is heated by bitcoin mining machines",
)


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    clock = StandingClock(NOW)
    opened = house(tmp_path_factory.mktemp("home"), clock=clock, with_bars=False)
    said = tuple(Sighting("sec_press", str(at), "", title) for at, title in enumerate((*VAULT, *MINERS)))
    opened.items.take(SourceFetch("sec_press", NOW - HOUR_MS, said))
    reader = ItemReader(opened, tell=dispatch_read_items)
    while reader.read_some():
        pass
    return opened


@pytest.mark.parametrize("language", ["en", "fr"])
def test_topics_are_found_where_they_are_asked_for(built, language):
    browser = Browser(built, language=language)
    assert 'id="discovered-rows"' not in browser.get("/mood").text
    text = browser.get("/mood?discover=1&period=24h").text
    rows = browser.call("news.topics", period="24h").json()["rows"]
    assert {"Orbit", "Quokka"} <= {word for row in rows for word in row["topic"].replace(",", " ").split()}
    assert rows[0]["stands_out"] is None
    assert f'href="/news/{rows[0]["ids"].split()[0]}"' in text.partition('id="discovered-rows"')[2]
    assert "<b>Orbit" not in text


def test_an_objection_stands_beside_the_score_with_who_and_when_and_moves_nothing(built):
    browser = Browser(built)
    before = browser.call("news.sources").json()["rows"]
    item = browser.call("news.list").json()["rows"][0]["id"]
    said = {"source": "sec_press", "text": "The <b>register</b> of May confirms it"}
    assert browser.post("/news/appeal", said).url.path == "/mood"
    browser.post("/news/appeal", {"item": item, "kind": "answer", "text": "Not this one, see its revision"})
    text = browser.get("/mood").text.partition('id="held-rows"')[2]
    assert "Objections and answers: 2" in text
    assert "&lt;b&gt;register" in text
    assert "owner" in text.partition("&lt;b&gt;register")[2][:200]
    page = browser.get(f"/news/{item}").text.partition('id="appeals"')[2]
    assert "Not this one" in page
    assert "register" not in page.partition('id="revisions"')[0]
    assert "Réponse" in Browser(built, language="fr").get(f"/news/{item}").text
    assert browser.call("news.sources").json()["rows"] == before
    assert [row["kind"] for row in browser.call("news.appeals", source="sec_press").json()["rows"]] == [
        "answer", "objection",
    ]  # fmt: skip
    for wrong in ({"text": "Nothing named"}, {"source": "sec_press", "item": item, "text": "Both named"}):
        assert browser.order("news.appeal", **wrong).status_code == 400
    assert browser.order("news.appeal", source="nobody", text="No such source").status_code == 404
    assert built.audit.verify() == built.audit.newest()
    built.audit.forget("owner")
    assert browser.call("news.appeals").json()["rows"] == []
