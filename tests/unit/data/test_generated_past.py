"""News of a simulated home's past are known when they would have been, over all sources in order, and say so."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import pytest

from tests.clocks import StandingClock, settle
from tests.houses import Browser, house
from vigie.data.collection.generated_past import MOST_S, QUIET_S, GeneratedPast, first_shown_ms
from vigie.data.collection.news import NewsPipeline
from vigie.domain.item import Sighting
from vigie.domain.time import DAY_MS, HOUR_MS, MINUTE_MS
from vigie.ports.item_queries import ItemQuery
from vigie.ports.source_fetches import SourceFetch
from vigie.services.alerting.item_events import dispatch_read_items
from vigie.services.news.analysis.item_reader import ItemReader

NOW = 1_790_000_040_000
PACES = {"sec_press": 300.0, "journalducoin": 60.0}


def said(source: str, key: str, ago_ms: int | None, precision: str = "second") -> Sighting:
    ts = None if ago_ms is None else NOW - ago_ms
    title = f"SEC approves Bitcoin fund {key}"
    return Sighting(source, key, f"https://a.example/{key}", title, ts_published=ts, precision=precision)  # type: ignore[arg-type]


ANSWERS = {
    "sec_press": [said("sec_press", "a", 30 * DAY_MS), said("sec_press", "c", 2 * HOUR_MS),
                  said("sec_press", "undated", None)],
    "journalducoin": [said("journalducoin", "b", 9 * DAY_MS), said("journalducoin", "day", 3 * DAY_MS, "day"),
                      said("journalducoin", "live", 1)],
}  # fmt: skip


def collect(items, clock, answers, *, seconds=MOST_S):
    """Let a collector take first answers, one source a second after the other."""

    async def run() -> None:
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(1))
        desk = NewsPipeline(items, lambda: 0, clock, past=GeneratedPast(items, clock, PACES))
        tasks = []
        for source, sightings in answers:
            tasks.append(asyncio.create_task(desk.take(SourceFetch(source, clock.now, sightings))))
            await settle()
            await clock.advance(1)
        await clock.advance(seconds)
        assert all(task.done() for task in tasks)
        await asyncio.gather(*tasks)

    asyncio.run(run())


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    clock = StandingClock(NOW)
    opened = house(tmp_path_factory.mktemp("home"), with_bars=False, clock=clock)
    collect(opened.items, clock, list(ANSWERS.items()))
    return opened


def test_the_past_is_known_when_it_would_have_been_and_the_present_when_it_was(built):
    found = {one.item.content.key: one for one in built.items.query(ItemQuery())}
    assert {key for key, one in found.items() if one.item.is_generated} == {"a", "b", "c", "day"}
    for key in "abc":
        item = found[key].item
        late = item.ts_first_seen - item.content.ts_published
        assert 0 < late <= PACES[item.content.source] * 1_000
    day = found["day"].item
    assert 12 * HOUR_MS < day.ts_first_seen - day.content.ts_published <= 12 * HOUR_MS + MINUTE_MS
    assert {found[key].item.ts_first_seen - NOW for key in ("undated", "live")} <= {0, 1_000}
    # In the order of their times over all sources: what an item is compared with was there before it.
    order = sorted((one for one in found.values()), key=lambda one: one.number)
    assert all(one.item.ts_seen <= other.item.ts_seen for one, other in pairwise(order))
    assert {state.ts_fetched for state in built.items.states()} == {NOW, NOW + 1_000}


def test_a_restart_and_a_source_that_comes_late_generate_nothing(built):
    before = {one.item.id: one.item for one in built.items.query(ItemQuery())}
    clock = StandingClock(NOW + DAY_MS)
    later = said("sec_press", "later", -HOUR_MS)
    collect(built.items, clock, [("sec_press", [*ANSWERS["sec_press"], later])], seconds=0)
    after = {one.item.id: one.item for one in built.items.query(ItemQuery())}
    (new,) = (after[name] for name in after.keys() - before.keys())
    assert (new.ts_first_seen, new.is_generated) == (NOW + DAY_MS, False)
    assert {name: after[name] for name in before} == before


def test_a_source_that_answers_after_the_others_is_not_waited_for(tmp_path):
    clock = StandingClock(NOW)
    opened = house(tmp_path, with_bars=False, clock=clock)
    late = ("journalducoin", ANSWERS["journalducoin"])

    async def run() -> None:
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(1))
        desk = NewsPipeline(opened.items, lambda: 0, clock, past=GeneratedPast(opened.items, clock, PACES))
        first = asyncio.create_task(desk.take(SourceFetch("sec_press", clock.now, ANSWERS["sec_press"])))
        await settle()
        await clock.advance(3 * QUIET_S)
        assert first.done()
        assert await desk.take(SourceFetch(late[0], clock.now, late[1])) == 3

    asyncio.run(run())
    found = opened.items.query(ItemQuery(sources=("journalducoin",)))
    assert len(opened.items.query(ItemQuery(sources=("sec_press",)))) == 3
    assert {(one.item.is_generated, one.item.ts_first_seen) for one in found} == {(False, clock.now)}


def test_a_source_that_is_asked_by_hand_waits_for_no_other_and_counts_its_past(tmp_path):
    clock = StandingClock(NOW)
    opened = house(tmp_path, with_bars=False, clock=clock)
    desk = NewsPipeline(opened.items, lambda: 0, clock, past=GeneratedPast(opened.items, clock, PACES))
    for source, generated in (("sec_press", 2), ("journalducoin", 2)):
        assert asyncio.run(desk.take(SourceFetch(source, NOW, ANSWERS[source]), is_alone=True)) == 3
        found = opened.items.query(ItemQuery(sources=(source,)))
        assert sum(one.item.is_generated for one in found) == generated


@pytest.mark.parametrize(("language", "mark"), [("en", "Generated past"), ("fr", "Historique généré (démo)")])
def test_page_api_and_files_mark_it(built, language, mark):
    browser = Browser(built, language=language)
    page = browser.get("/news?everything=1").text
    assert page.count(f">{mark}</span>") == 4
    rows = browser.call("news.list", everything=True).json()["rows"]
    assert sum(row["is_generated"] for row in rows) == 4
    names = browser.get("/api/v1/news/list.csv?everything=true").text.splitlines()[0].split(",")
    assert "is_generated" in names
    (known,) = (row["id"] for row in rows if row["title"].endswith(" a"))
    assert f">{mark}</span>" in browser.get(f"/news/{known}").text
    (seen,) = (row["id"] for row in rows if row["title"].endswith(" live"))
    assert f">{mark}</span>" not in browser.get(f"/news/{seen}").text


def test_nobody_is_alerted_of_a_past_in_which_nobody_was(built, monkeypatch):
    told = []
    monkeypatch.setattr(
        "vigie.services.alerting.item_events.dispatch_events",
        lambda dispatch, clock, found: told.extend(found) or 0,
    )
    reader = ItemReader(built, tell=dispatch_read_items)
    while reader.read_some():
        pass
    assert {one.title.rpartition(" ")[2] for one in told} <= {"live", "undated", "later"}
    assert told


@pytest.mark.parametrize("every_ms", [1_000, 60_000, 3_600_000])
def test_a_source_is_asked_once_in_its_pace(every_ms):
    times = {
        first_shown_ms(said("sec_press", "x", ago), every_ms)
        for ago in range(0, 3 * every_ms, every_ms // 10)
    }
    assert {(two - one) for one, two in pairwise(sorted(times))} == {every_ms}
