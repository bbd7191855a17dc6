"""Stories that turn out to be one, in a house: lists, links, alerts and reading again follow the kept one."""

from __future__ import annotations

import pytest

from tests.databases import HandClock
from tests.houses import Browser
from tests.unit.services.alerting.material import mailing, rule
from vigie.domain.item import Sighting, item_id
from vigie.domain.person import OWNER
from vigie.domain.time import HOUR_MS
from vigie.intelligence.news.steps import story as step
from vigie.ports.item_queries import ItemQuery
from vigie.ports.source_fetches import SourceFetch
from vigie.services.alerting.dispatch import ended_keys
from vigie.services.alerting.item_events import dispatch_read_items
from vigie.services.news.analysis.item_reader import ItemReader

TOLD = (
    ("decrypt", "Halvorn bridge of Kestrel loses bitcoin overnight"),
    ("coindesk", "Kestrel stops withdrawals of bitcoin from Halvorn after odd transfers"),
    ("theblock", "Halvorn bridge of Kestrel loses bitcoin, withdrawals stopped after odd transfers"),
)
FIRST, SECOND, BOTH = (item_id(source, "k") for source, _ in TOLD)


@pytest.fixture
def place(tmp_path, monkeypatch):
    def weigh(ours, theirs, rarity):
        is_apart = {ours.source, theirs.source} == {"decrypt", "coindesk"}
        return step._PairWeight(-1.0 if is_apart else 2.0, "event", {"covered most": 4.0})

    monkeypatch.setattr(step, "weigh_pair", weigh)
    return mailing(tmp_path / "home", "smtp://127.0.0.1:9", HandClock())


def show(place, at):
    source, title = TOLD[at]
    seen = place.clock.market_now() + at * HOUR_MS
    said = Sighting(source, "k", f"https://{source}.example/k", title, "", language="en", ts_published=seen)
    place.items.take(SourceFetch(source, seen, (said,)))


def read(place, at):
    show(place, at)
    while ItemReader(place, tell=dispatch_read_items).read_some():
        pass


def in_story(place, name):
    return {one.item.id for one in place.items.query(ItemQuery(tags={"story": name}))}


def test_all_items_are_of_the_kept_story_and_old_links_lead_there(place):
    for at in range(3):
        read(place, at)
    assert in_story(place, FIRST) == {FIRST, SECOND, BOTH}
    assert in_story(place, SECOND) == set()
    browser = Browser(place)
    for name in (FIRST, SECOND):
        answer = browser.call("stories.read", story=name).json()
        assert answer["story"] == FIRST
        (joined,) = answer["joined"]
        assert (joined["story"], joined["title"], joined["by"], joined["items"]) == (
            SECOND,
            TOLD[1][1],
            BOTH,
            1,
        )
        assert joined["signs"] == ["words"]
        assert len(browser.call("stories.spread", story=name).json()["rows"]) == 3
    assert len(browser.call("news.list", story=SECOND).json()["rows"]) == 3
    gone = browser.get(f"/story/{SECOND}", follow_redirects=False)
    assert (gone.status_code, gone.headers["location"]) == (303, f"/story/{FIRST}")
    page = browser.get(f"/story/{FIRST}").text
    assert "Merged stories" in page
    assert TOLD[1][1] in page
    assert "Sujets fusionnés" in Browser(place, language="fr").get(f"/story/{FIRST}").text
    assert "absorbs another story on the same event" in browser.get(f"/news/{BOTH}").text
    assert "its story was merged into this one" in browser.get(f"/news/{SECOND}").text


def test_who_was_told_of_the_story_that_ended_is_not_told_of_it_as_new(place):
    read(place, 0)
    rule(place, when={"assets": ("bitcoin",)})
    read(place, 1)
    assert [one.alert.happening.key for one in place.alerts.list_deliveries(OWNER.user)] == [SECOND]
    read(place, 2)
    told = {one.alert.happening.key: one.alert.mark for one in place.alerts.list_deliveries(OWNER.user)}
    assert told.get(FIRST, "update") == "update", "it stands in the thread of what was told"
    assert ended_keys(place.items, [FIRST, f"{FIRST}/x"]) == {SECOND: FIRST, f"{SECOND}/x": f"{FIRST}/x"}


def test_reading_it_again_after_a_crash_finds_the_same(place, monkeypatch):
    read(place, 0)
    read(place, 1)
    show(place, 2)

    class Killed(Exception):
        pass

    def killed(items):
        raise Killed

    with pytest.raises(Killed):
        ItemReader(place, tell=killed).read_some()
    before = place.items.joins_of([FIRST])
    assert [(one.story, one.kept, one.item) for one in before] == [(SECOND, FIRST, BOTH)]
    while ItemReader(place, tell=dispatch_read_items).read_some():
        pass
    assert place.items.joins_of([SECOND]) == before
    assert in_story(place, FIRST) == {FIRST, SECOND, BOTH}
    assert place.items.get(SECOND)[-1].findings["story"].body["was"] == [
        {"story": SECOND, "by": BOTH, "place": "first"}
    ]


def test_what_no_longer_shows_it_gives_the_story_back(place, monkeypatch):
    for at in range(3):
        read(place, at)
    monkeypatch.setattr(step, "_FOR_STORIES", 9.0)
    monkeypatch.setattr(step.StoryStep, "version", step.StoryStep.version + 1)
    while ItemReader(place, tell=dispatch_read_items).read_some():
        pass
    assert in_story(place, SECOND) == {SECOND}
    assert not place.items.joins_of([FIRST, SECOND])
    assert Browser(place).call("stories.read", story=SECOND).json()["story"] == SECOND
