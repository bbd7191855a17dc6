"""Key rates and consumer prices: known when they were published, not in the month they are about."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from importlib import import_module
from typing import Any

import httpx
import pytest

from tests.clocks import JumpingClock
from vigie.adapters.net.fetch import Fetcher
from vigie.adapters.sources.manifest import manifests
from vigie.adapters.sources.news.listing import SHIPPED, feeds
from vigie.adapters.sources.site import Site
from vigie.adapters.stores.facts.store import ParquetFacts
from vigie.domain.errors import TransientError
from vigie.ports.source import Batch

Stated = Callable[[], tuple[int, Mapping[str, Any]] | None]
MANIFESTS = {one.id: one for one in manifests()}


def ms(text: str) -> int:
    return round(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1_000)


def pulled(
    source: str, feed: str, body: str, now: str, bookmark: str = "", *, stated: Stated | None = None,
    clock: JumpingClock | None = None,
) -> Batch:  # fmt: skip
    """Return what a source makes of one answer at a time."""
    clock = clock or JumpingClock(ms(now))
    asked: list[httpx.URL] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url)
        return httpx.Response(200, stream=httpx.ByteStream(body.encode()))

    fetcher = Fetcher(clock, transport=httpx.MockTransport(answer))
    site = Site(MANIFESTS[source], fetcher, clock, url="http://127.0.0.1:1", stated=stated)
    module = import_module(f"vigie.adapters.sources.{source}.source")
    batch = asyncio.run(module.open_feeds(site)[feed].pull(bookmark))
    assert len(asked) == 1
    return batch


def known(batch: Batch, series: str = "") -> dict[str, tuple[str, float]]:
    """Return what a batch says of each time: when it was known, and the value."""
    return {
        day(one.ts_event): (day(one.ts_known), one.value)
        for one in batch.observations
        if not series or one.series == series
    }


def day(ts: int) -> str:
    return datetime.fromtimestamp(ts / 1_000, UTC).strftime("%Y-%m-%dT%H:%M")


def prices(*rows: tuple[str, str]) -> str:
    lines = [f"ICP.M.U2.N.000000.4.ANR,M,U2,{month},{value}" for month, value in rows]
    return "\r\n".join(["KEY,FREQ,REF_AREA,TIME_PERIOD,OBS_VALUE", *lines]) + "\r\n"


def rates(*rows: tuple[str, str]) -> str:
    lines = [f"FM.D.U2.EUR.4F.KR.DFR.LEV,{date},{value}" for date, value in rows]
    return "\n".join(["KEY,TIME_PERIOD,OBS_VALUE", *lines]) + "\n"


def cpi(*rows: tuple[str, str, str]) -> str:
    data = [
        {"year": year, "period": period, "periodName": "?", "value": value, "footnotes": [{}]}
        for year, period, value in rows
    ]
    series = [{"seriesID": "CUUR0000SA0", "data": data}]
    return json.dumps({"status": "REQUEST_SUCCEEDED", "message": [], "Results": {"series": series}})


def effr(*rows: tuple[str, float]) -> str:
    return json.dumps(
        {
            "refRates": [
                {
                    "effectiveDate": date, "type": "EFFR", "percentRate": rate, "targetRateFrom": 3.75,
                    "targetRateTo": 4.0, "revisionIndicator": "",
                }
                for date, rate in rows
            ]
        }
    )  # fmt: skip


def test_prices_of_the_past_count_from_the_end_of_the_month_after_theirs():
    batch = pulled("ecb_data", "prices", prices(("2026-08", "2.1"), ("2026-09", "1.9")), "2026-11-20T12:00")
    assert known(batch) == {
        "2026-08-01T00:00": ("2026-10-01T00:00", 0.021),
        "2026-09-01T00:00": ("2026-11-01T00:00", 0.019),
    }


def test_past_prices_of_the_euro_area_count_from_the_day_of_their_release_where_the_calendar_states_it():
    stated = releases(
        "2026-11-20T11:00",
        ("2026-08", "2026-09-17", "day"), ("2026-09", "2026-10-16", "day"), ("2026-10", "2026-11-19", "day"),
    )  # fmt: skip
    rows = [("2026-07", "2.0"), ("2026-08", "2.1"), ("2026-09", "1.9"), ("2026-10", "1.8")]
    batch = pulled("ecb_data", "prices", prices(*rows), "2026-11-20T12:00", stated=stated)
    assert {month: out for month, (out, _) in known(batch).items()} == {
        "2026-07-01T00:00": "2026-09-01T00:00",
        "2026-08-01T00:00": "2026-09-18T00:00",
        "2026-09-01T00:00": "2026-10-17T00:00",
        "2026-10-01T00:00": "2026-11-20T00:00",
    }
    later = pulled(
        "ecb_data", "prices", prices(*rows), "2026-11-20T12:00", str(ms("2026-08-01")), stated=stated
    )
    assert known(later)["2026-09-01T00:00"][0] == "2026-10-17T00:00"
    assert known(later)["2026-10-01T00:00"][0] == "2026-11-20T12:00"


def test_prices_that_are_seen_sooner_are_known_since_then():
    body = prices(("2026-09", "1.9"), ("2026-10", "2.0"))
    batch = pulled("ecb_data", "prices", body, "2026-11-18T12:00", str(ms("2026-09-01")))
    assert known(batch)["2026-10-01T00:00"] == ("2026-11-18T12:00", 0.02)


def test_a_first_estimate_that_is_revised_stays_what_was_known_before(tmp_path):
    facts = ParquetFacts(tmp_path)
    first = pulled("ecb_data", "prices", prices(("2026-10", "2.0")), "2026-11-03T12:00")
    facts.append(first.observations)
    revised = pulled("ecb_data", "prices", prices(("2026-10", "2.2")), "2026-12-20T12:00", first.bookmark)
    facts.append(revised.observations)
    series = ["macro/euro/hicp_year_fraction"]

    def at(text: str) -> list[float]:
        return facts.read(series, as_of=ms(text))["value"].to_list()

    assert at("2026-11-03T11:59") == []
    assert at("2026-11-03T12:00") == [0.02]
    assert at("2026-12-20T11:59") == [0.02], "a month that is long over, too, changes only when it was seen"
    assert at("2026-12-20T12:00") == [0.022]
    again = pulled("ecb_data", "prices", prices(("2026-10", "2.2")), "2026-12-21T12:00", revised.bookmark)
    assert facts.append(again.observations) == 0


def test_a_key_rate_of_a_day_is_known_at_its_end_and_never_before_it_came():
    body = rates(("2026-11-18", "2"), ("2026-11-19", "2"), ("2026-11-20", "1.75"), ("2026-11-21", "1.75"))
    batch = pulled("ecb_data", "rate", body, "2026-11-20T12:00")
    assert known(batch) == {
        "2026-11-18T00:00": ("2026-11-19T00:00", 0.02),
        "2026-11-19T00:00": ("2026-11-20T00:00", 0.02),
        "2026-11-20T00:00": ("2026-11-20T12:00", 0.0175),
    }
    assert batch.bookmark == str(ms("2026-11-20"))


def test_a_period_without_a_value_is_left_out_and_another_series_is_not_read():
    body = prices(("2026-08", "2.1"), ("2026-09", ""), ("2026-10", "NaN"))
    assert set(known(pulled("ecb_data", "prices", body, "2026-11-20T12:00"))) == {"2026-08-01T00:00"}
    with pytest.raises(TransientError, match="unknown form"):
        pulled("ecb_data", "prices", rates(("2026-11-18", "2")), "2026-11-20T12:00")


def test_a_federal_funds_rate_counts_from_the_next_working_day():
    body = effr(("2026-11-19", 3.87), ("2026-11-18", 3.88), ("2026-11-13", 3.89))
    batch = pulled("nyfed", "rates", body, "2026-11-20T15:00")
    assert known(batch, "macro/us/fed_funds_rate_fraction") == {
        "2026-11-13T00:00": ("2026-11-18T20:00", 0.0389),
        "2026-11-18T00:00": ("2026-11-19T20:00", 0.0388),
        "2026-11-19T00:00": ("2026-11-20T15:00", 0.0387),
    }
    assert {one.series for one in batch.observations} == {
        "macro/us/fed_funds_rate_fraction",
        "macro/us/fed_target_low_fraction",
        "macro/us/fed_target_high_fraction",
    }


def test_a_federal_funds_rate_that_is_corrected_is_known_since_the_correction():
    body = effr(("2026-11-19", 3.87), ("2026-11-18", 3.85))
    batch = pulled("nyfed", "rates", body, "2026-11-20T21:00", str(ms("2026-11-18")))
    told = known(batch, "macro/us/fed_funds_rate_fraction")
    assert told["2026-11-18T00:00"] == ("2026-11-20T21:00", 0.0385)


def test_the_change_over_a_year_is_computed_from_the_same_month_a_year_before():
    body = cpi(("2026", "M10", "309"), ("2026", "M09", "306"), ("2025", "M10", "300"), ("2025", "M13", "301"))
    batch = pulled("bls", "prices", body, "2026-11-20T12:00")
    assert known(batch, "macro/us/cpi_year_fraction") == {"2026-10-01T00:00": ("2026-11-20T12:00", 0.03)}
    assert known(batch, "macro/us/cpi_index")["2026-09-01T00:00"] == ("2026-11-01T00:00", 306.0)
    assert "2025-10-01T00:00" in known(batch, "macro/us/cpi_index"), "the mean of a year is no month"
    assert len(known(batch, "macro/us/cpi_index")) == 3


def releases(read: str, *rows: tuple[str, str, str]) -> Stated:
    """Return a calendar as it was read at a time: month, release and how exact it is."""
    table = {
        "rows": [
            {"period": month, "ts": ms(out), "precision": exact, "words": ""} for month, out, exact in rows
        ]
    }
    return lambda: (ms(read), table)


def test_past_months_count_from_their_release_where_the_calendar_states_it():
    stated = releases(
        "2026-11-20T11:00",
        ("2026-07", "2026-08-12T12:30", "minute"),
        ("2026-08", "2026-10-24T12:30", "minute"),
        ("2026-09", "2026-10-28", "day"),
        ("2026-10", "2026-11-24T13:30", "minute"),
    )
    rows = [("2026", f"M{month:02d}", "300") for month in (6, 7, 8, 9, 10)]
    batch = pulled("bls", "prices", cpi(*rows), "2026-11-20T12:00", stated=stated)
    assert {month: out for month, (out, _) in known(batch, "macro/us/cpi_index").items()} == {
        "2026-06-01T00:00": "2026-08-01T00:00",  # nobody states it: the end of the month after it
        "2026-07-01T00:00": "2026-08-12T12:30",
        "2026-08-01T00:00": "2026-10-24T12:30",  # put off, beyond the usual bound
        "2026-09-01T00:00": "2026-10-29T00:00",  # a day without a time of day is over
        "2026-10-01T00:00": "2026-11-20T12:00",  # it was to come after this look
    }


def test_a_release_that_was_still_to_come_when_the_calendar_was_read_is_not_believed():
    stated = releases("2026-08-01T00:00", ("2026-08", "2026-09-11T12:30", "minute"))
    batch = pulled("bls", "prices", cpi(("2026", "M08", "300")), "2026-11-20T12:00", stated=stated)
    assert known(batch, "macro/us/cpi_index") == {"2026-08-01T00:00": ("2026-10-01T00:00", 300.0)}


def test_the_newest_month_of_a_later_look_counts_from_this_look_and_one_that_was_missed_from_its_release():
    stated = releases(
        "2026-11-20T11:00",
        ("2026-09", "2026-10-14T12:30", "minute"),
        ("2026-10", "2026-11-13T13:30", "minute"),
    )
    body = cpi(("2026", "M08", "300"), ("2026", "M09", "301"), ("2026", "M10", "302"))
    batch = pulled("bls", "prices", body, "2026-11-20T12:00", str(ms("2026-08-01")), stated=stated)
    assert {month: out for month, (out, _) in known(batch, "macro/us/cpi_index").items()} == {
        "2026-08-01T00:00": "2026-11-20T12:00",
        "2026-09-01T00:00": "2026-10-14T12:30",
        "2026-10-01T00:00": "2026-11-20T12:00",
    }


def test_a_first_look_waits_for_the_calendar_that_is_read_at_the_same_time_and_not_for_ever():
    clock, body = JumpingClock(ms("2026-11-20T12:00")), cpi(("2026", "M09", "300"))
    told = releases("2026-11-20T12:00", ("2026-09", "2026-10-14T12:30", "minute"))
    late = pulled(
        "bls", "prices", body, "", stated=lambda: told() if len(clock.waits) > 2 else None, clock=clock
    )
    assert known(late, "macro/us/cpi_index")["2026-09-01T00:00"][0] == "2026-10-14T12:30"
    never = JumpingClock(ms("2026-11-20T12:00"))
    batch = pulled("bls", "prices", body, "", stated=lambda: None, clock=never)
    assert known(batch, "macro/us/cpi_index")["2026-09-01T00:00"][0] == "2026-11-01T00:00"
    assert sum(never.waits) == 60


def test_the_calendar_that_a_source_names_is_shipped_and_reads_months():
    calendars = {one.id: one for one in feeds(SHIPPED)}
    named = {one.calendar for one in MANIFESTS.values() if one.calendar}
    assert {calendars[name].kind for name in named} == {"calendar"}


def test_a_month_that_was_never_surveyed_has_no_value_and_gives_no_change():
    body = cpi(("2026", "M10", "309"), ("2025", "M10", "-"), ("2025", "M09", "299"))
    batch = pulled("bls", "prices", body, "2026-11-20T12:00")
    assert known(batch, "macro/us/cpi_year_fraction") == {}
    assert set(known(batch, "macro/us/cpi_index")) == {"2025-09-01T00:00", "2026-10-01T00:00"}


def test_a_refusal_under_200_is_told_in_the_words_of_the_bureau():
    body = json.dumps(
        {"status": "REQUEST_NOT_PROCESSED", "message": ["daily threshold reached"], "Results": {}}
    )
    with pytest.raises(TransientError, match="daily threshold reached"):
        pulled("bls", "prices", body, "2026-11-20T12:00")


def test_the_questions_of_a_day_without_a_key_are_never_used_up():
    bls = MANIFESTS["bls"]
    assert bls.requests_per_minute * 24 * 60 + bls.burst <= 25
    assert sum(86_400 / feed.every_s for feed in bls.feeds) <= 5
