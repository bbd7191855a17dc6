"""The ECB Data Portal: what banks get for money left at the ECB, and how prices of the euro area changed in a year.

https://data.ecb.europa.eu/help/api/data, read in a copy of 2026: one table of comma-separated values a series. It says
which day or month a value is about, not when it came out.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from typing import Final

from vigie.adapters.sources.releases import (
    add_months,
    known_from,
    latest_release_of_month,
    parse_day,
    parse_month,
    release_times,
)
from vigie.adapters.sources.site import Feed, Site, share, some
from vigie.domain.fact import Measure, Observation
from vigie.domain.refusal import Refusal
from vigie.domain.time import DAY_MS, iso
from vigie.ports.source import Batch, Source

RATE: Final = "macro/euro/deposit_rate_fraction"
PRICES: Final = "macro/euro/hicp_year_fraction"
_RATE_KEY: Final = "FM/D.U2.EUR.4F.KR.DFR.LEV"
_PRICES_KEY: Final = "ICP/M.U2.N.000000.4.ANR"
_RATE_FIRST: Final = "1999-01-01"
_PRICES_FIRST: Final = "1997-01"
# What is looked at again: a rate is never changed, prices of a year may be.
_RATE_REREAD_MS: Final = 10 * DAY_MS
_PRICES_REREAD_MONTHS: Final = -13
_EMPTY_VALUES: Final = ("", "NaN")


def open_feeds(site: Site) -> Mapping[str, Source]:
    """Return the feeds by name."""
    source = site.manifest.id
    rate = Measure(
        RATE,
        "Deposit facility rate",
        "fraction",
        source,
        "Annual rate banks get for money left overnight at the European Central Bank. Not what a saver "
        "gets or a borrower pays.",
        delay="daily; a decision applies some days after its announcement",
    )
    prices = Measure(
        PRICES,
        "CPI inflation (1 year)",
        "fraction",
        source,
        "Harmonised index of consumer prices of the euro area, compared with the same month a year "
        "earlier. Not the change since last month, and not what one household pays; the first estimate "
        "may be revised.",
        delay="the middle of the next month; past values count from their release if the release calendar "
        "gives it, otherwise from the end of that month",
    )
    return {
        "rate": Feed(site, "rate", _pull_rate, (rate,)),
        "prices": Feed(site, "prices", _pull_prices, (prices,)),
    }


async def _pull_rate(site: Site, bookmark: str) -> Batch:
    seen_until, now = int(bookmark or 0), site.now()
    since = iso(seen_until - _RATE_REREAD_MS)[:10] if seen_until else _RATE_FIRST
    rows = [(parse_day(text), value) for text, value in await _fetch_values(site, _RATE_KEY, since)]
    # A decision is announced days before; its days count from their end at the latest, and never before they came.
    facts = [
        Observation(RATE, ts, known_from(ts, out_by=ts + DAY_MS, seen_until=seen_until, now=now), value)
        for ts, value in rows
        if ts <= now
    ]
    return Batch(observations=some(facts, "days so far"), bookmark=str(max(fact.ts_event for fact in facts)))


async def _pull_prices(site: Site, bookmark: str) -> Batch:
    seen_until = int(bookmark or 0)
    released_ts_by_month = await release_times(site, is_first=not bookmark)
    now = site.now()
    since = iso(add_months(seen_until, _PRICES_REREAD_MONTHS))[:7] if seen_until else _PRICES_FIRST
    rows = [(parse_month(text), value) for text, value in await _fetch_values(site, _PRICES_KEY, since)]
    newest = max(ts for ts, _ in rows)
    facts = []
    for ts, value in rows:
        # What is the newest at a later look came since the last one: before this one nobody here could know it.
        bound, is_past = latest_release_of_month(ts), not seen_until or ts < newest
        out_by = released_ts_by_month.get(ts, bound) if is_past else bound
        facts.append(
            Observation(PRICES, ts, known_from(ts, out_by=out_by, seen_until=seen_until, now=now), value)
        )
    return Batch(observations=facts, bookmark=str(newest))


async def _fetch_values(site: Site, key: str, since: str) -> list[tuple[str, float]]:
    """Return days or months of a series with their values, per cent made fractions."""
    params = {"format": "csvdata", "detail": "dataonly", "startPeriod": since}
    answer = await site.fetch(f"/data/{key}", params=params)
    name = key.replace("/", ".")
    try:
        rows = list(csv.DictReader(io.StringIO(answer.body.decode("utf-8-sig"))))
    except csv.Error as error:
        raise ValueError(Refusal("no_table", "no table: {error}", error=error)) from error
    values = [
        (row["TIME_PERIOD"], share(row["OBS_VALUE"]))
        for row in rows
        if row["KEY"] == name and row["OBS_VALUE"] not in _EMPTY_VALUES
    ]
    some(values, "values")
    return values
