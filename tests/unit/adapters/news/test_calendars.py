"""Calendars: dates as pages of central banks and offices of statistics write them; what is no date is left alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise

import pytest

from tests.clocks import StandingClock
from tests.houses import house
from tests.unit.adapters.news.test_kinds import BASE
from tests.unit.sandbox.world.hands import small_world
from tests.unit.sandbox.world.newsroom.rooms import get, path_of
from vigie.adapters.sources.news.listing import SHIPPED, SIMULATED, FeedEntry, feeds
from vigie.adapters.sources.news.readers import READERS
from vigie.adapters.sources.news.source_response import SourceResponse
from vigie.domain.errors import TransientError
from vigie.domain.person import OWNER
from vigie.domain.time import DAY_MS, parse_time
from vigie.services.operation import NoInput
from vigie.services.operations.regulation import list_dates
from vigie_sandbox.world.newsroom.newsroom import Newsroom

SAID = {"what": "Decision", "what_fr": "Décision", "area": "US", "kind": "rate"}
FOMC = """<div id="article"><p>2026 FOMC Meetings</p><div>January</div><div>27-28</div><div>Statement: PDF | HTML
Minutes: PDF (Released February 18, 2026)</div><div>March</div><div>17-18*</div><div>Apr/May</div><div>30-1</div>
<p>2025 FOMC Meetings</p><div>December</div><div>9-10*</div></div>"""
ECB = """<main><dl><dt>04/02/2026</dt><dd>Governing Council of the ECB: monetary policy meeting (Day 1)</dd>
<dt>05/02/2026</dt><dd>Governing Council of the ECB: monetary policy meeting (Day 2), followed by press conference</dd>
<dt>25/02/2026</dt><dd>Governing Council of the ECB: non-monetary policy meeting</dd></dl></main>"""
CPI = """<table><tr><th>Reference Month</th><th>Release Date</th><th>Release Time</th></tr>
<tr><td>December 2025</td><td>Jan. 13, 2026</td><td>08:30 AM</td></tr>
<tr><td>January 2026</td><td>Feb. 11, 2026</td><td>08:30 AM</td></tr></table>"""


HICP = (
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nDTSTART;VALUE=DATE:20260117\r\nSUMMARY:Inflation\r\n  (HICP)\r\n"
    "END:VEVENT\r\nBEGIN:VEVENT\r\nSUMMARY:Flash estimate inflation euro area\r\nDTSTART;VALUE=DATE:20260130\r\n"
    "END:VEVENT\r\nBEGIN:VEVENT\r\nUID:2\r\nSUMMARY:Inflation (HICP)\r\nDTSTART;VALUE=DATE:20260225\r\nEND:VEVENT\r\n"
    "BEGIN:VEVENT\r\nSUMMARY:Inflation (HICP)\r\nDTSTART:soon\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)


def entry_of(name: str) -> FeedEntry:
    return next(one for one in feeds(SHIPPED) if one.id == name)


def days(entry: FeedEntry, page: str) -> list[str]:
    parsed = READERS["calendar"](SourceResponse(entry, page.encode(), 0))
    assert parsed.dates is not None
    form = "%Y-%m-%d %H:%M"
    return [datetime.fromtimestamp(row["ts"] / 1_000, UTC).strftime(form) for row in parsed.dates["rows"]]


@pytest.mark.parametrize(
    ("name", "page", "expected"),
    [
        (
            "fomc_calendar",
            FOMC,
            ["2025-12-10 00:00", "2026-01-28 00:00", "2026-03-18 00:00", "2026-05-01 00:00"],
        ),
        ("ecb_calendar", ECB, ["2026-02-05 00:00"]),
        # The flash estimate is another release.
        ("hicp_calendar", HICP, ["2026-01-17 00:00", "2026-02-25 00:00"]),
        # Half past eight in New York, in winter.
        ("cpi_calendar", CPI, ["2026-01-13 13:30", "2026-02-11 13:30"]),
    ],
)
def test_dates_are_read_as_the_shipped_calendars_write_them(name, page, expected):
    assert days(entry_of(name), page) == expected
    assert entry_of(name).tier == "draft"


def test_a_release_says_which_month_it_is_about_and_a_meeting_says_none():
    told = READERS["calendar"](SourceResponse(entry_of("cpi_calendar"), CPI.encode(), 0)).dates
    assert [row.get("period") for row in told["rows"]] == ["2025-12", "2026-01"]
    for name, page in (("fomc_calendar", FOMC), ("ecb_calendar", ECB)):
        rows = READERS["calendar"](SourceResponse(entry_of(name), page.encode(), 0)).dates["rows"]
        assert not any("period" in row for row in rows), name


@pytest.mark.parametrize(
    "page", ["<main>No dates are known.</main>", "<main>Room 12, May 2026, 45/45/2026</main>", "<p>x"]
)
def test_a_page_without_a_date_is_told_and_takes_nothing_away(page):
    entry = replace(BASE, kind="calendar", reads={"rows": "main", **SAID})
    with pytest.raises(TransientError):
        READERS["calendar"](SourceResponse(entry, page.encode(), 0))


def test_what_changes_in_a_calendar_is_news_as_well():
    entry = replace(BASE, kind="calendar", reads={"rows": "main", **SAID})
    first = READERS["calendar"](SourceResponse(entry, b"<main><p>5 May 2026</p></main>", 0))
    moved = SourceResponse(entry, b"<main><p>6 May 2026</p></main>", 0, memory=first.memory)
    (said,) = READERS["calendar"](moved).sightings
    assert said.text == "- 5 May 2026\n+ 6 May 2026"


def test_the_calendar_shows_what_was_read_and_says_what_was_written_by_hand(tmp_path):
    clock = StandingClock(parse_time("2026-11-20"))
    built = house(tmp_path, with_bars=False, clock=clock)
    rows = list_dates(OWNER, NoInput(), built.facts, built.clock, built.directory).rows
    assert rows
    assert {row["source"] for row in rows} == {""}
    fomc = entry_of("fomc_calendar")
    page = FOMC.replace("2026 FOMC", "2027 FOMC")
    parsed = READERS["calendar"](SourceResponse(fomc, page.encode(), 0))
    built.facts.put_document("fomc_calendar", "dates", clock.now, parsed.dates)
    told = list_dates(OWNER, NoInput(), built.facts, built.clock, built.directory)
    read = [row for row in told.rows if row["source"]]
    assert [row["what_en"] for row in read] == ["Federal Reserve: decision on rates"] * 4
    assert {row["ts_known"] for row in read} == {clock.now}
    by_hand = [row for row in told.rows if not row["source"]]
    assert not any("Federal Reserve" in row["what_en"] for row in by_hand), "what is read stands in its place"
    assert len(by_hand) == len(rows) - 1
    assert [row["ts"] for row in told.rows] == sorted(row["ts"] for row in told.rows)
    assert [one.source for one in told.origins] == ["Calendar of the FOMC"]


def test_the_simulated_world_serves_a_calendar_that_is_read():
    entry = next(one for one in feeds(SIMULATED) if one.id == "corvane_calendar")
    world = small_world()
    answered = str(get(Newsroom(world), world, *path_of(entry.url)).body)
    parsed = READERS["calendar"](SourceResponse(entry, answered.encode(), 0))
    stamps = [row["ts"] for row in parsed.dates["rows"]]
    assert len(stamps) >= 8
    assert {(later - earlier) // DAY_MS for earlier, later in pairwise(stamps)} == {42}
    assert {row["precision"] for row in parsed.dates["rows"]} == {"minute"}


def test_a_file_of_events_says_which_month_a_release_is_about():
    entry = entry_of("hicp_calendar")
    parsed = READERS["calendar"](SourceResponse(entry, HICP.encode(), 0))
    assert parsed.dates is not None
    assert [row["period"] for row in parsed.dates["rows"]] == ["2025-12", "2026-01"]
    assert {row["words"] for row in parsed.dates["rows"]} == {"Inflation (HICP)"}
    assert parsed.sightings == ()
    empty = HICP.replace("(HICP)", "(PPI)").encode()
    with pytest.raises(TransientError, match="no event is called"):
        READERS["calendar"](SourceResponse(entry, empty, 0))
