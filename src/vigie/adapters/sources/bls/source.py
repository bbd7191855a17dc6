"""The Bureau of Labor Statistics: consumer prices of the United States, and their change over a year computed here.

https://www.bls.gov/developers/api_signature.htm, version 1, which asks for no key; shapes read in public code. It says
which month a value is about, not when it came out. A month that was never surveyed is a dash, ``-``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from vigie.adapters.sources.releases import (
    add_months,
    known_from,
    latest_release_of_month,
    parse_month,
    release_times,
)
from vigie.adapters.sources.site import Feed, Site, number, some
from vigie.domain.errors import TransientError
from vigie.domain.fact import Measure, Observation
from vigie.domain.refusal import Refusal
from vigie.ports.source import Batch, Source

INDEX: Final = "macro/us/cpi_index"
YEAR: Final = "macro/us/cpi_year_fraction"
_SERIES: Final = "CUUR0000SA0"
_SUCCEEDED: Final = "REQUEST_SUCCEEDED"
_NEVER_SURVEYED: Final = "-"


def open_feeds(site: Site) -> Mapping[str, Source]:
    """Return the feeds by name."""
    source = site.manifest.id
    delay = (
        "the middle of the next month; past values count from their release if the release calendar gives "
        "it, otherwise from the end of that month"
    )
    index = Measure(
        INDEX,
        "Consumer price index",
        "index",
        source,
        "Prices paid by urban households in the United States, all items, not seasonally adjusted; "
        "1982–1984 = 100. A level, not inflation.",
        delay=delay,
    )
    year = Measure(
        YEAR,
        "CPI inflation (1 year)",
        "fraction",
        source,
        "Consumer price index of the United States compared with the same month a year earlier, computed "
        "here and not rounded. Not the change since last month; empty if one of the two months was never "
        "surveyed.",
        formula="index / index twelve months before - 1",
        delay=delay,
    )
    return {"prices": Feed(site, "prices", _pull_prices, (index, year))}


async def _pull_prices(site: Site, bookmark: str) -> Batch:
    seen_until = int(bookmark or 0)
    released_ts_by_month = await release_times(site, is_first=not bookmark)
    now = site.now()
    answer = await site.json(f"/publicAPI/v1/timeseries/data/{_SERIES}", dict)
    if answer["status"] != _SUCCEEDED:
        # It refuses under 200, such as when the questions of a day are used up.
        raise TransientError(
            "refused_request",
            "{title} refused the request: {message}",
            title=site.manifest.title,
            message="; ".join(map(str, answer["message"]))[:200],
        )
    levels = _read_levels(answer)
    facts, newest = [], max(levels)
    for ts, level in levels.items():
        # What is the newest at a later look came since the last one: before this one nobody here could know it.
        is_past = not seen_until or ts < newest
        bound = latest_release_of_month(ts)
        out_by = released_ts_by_month.get(ts, bound) if is_past else bound
        ts_known = known_from(ts, out_by=out_by, seen_until=seen_until, now=now)
        facts.append(Observation(INDEX, ts, ts_known, level))
        year_before = levels.get(add_months(ts, -12))
        if year_before is not None:
            facts.append(Observation(YEAR, ts, ts_known, round(level / year_before - 1.0, 6)))
    return Batch(observations=facts, bookmark=str(newest))


def _read_levels(answer: Mapping[str, Any]) -> dict[int, float]:
    """Return the index by month, without means of years and months that were never surveyed."""
    [series] = [candidate for candidate in answer["Results"]["series"] if candidate["seriesID"] == _SERIES]
    levels = {
        parse_month(f"{row['year']}-{row['period'][1:]}"): number(row["value"])
        for row in series["data"]
        if row["period"] in _MONTHS and row["value"] != _NEVER_SURVEYED
    }
    if any(level <= 0.0 for level in levels.values()):
        raise ValueError(Refusal("index_must_above", "an index must be above 0"))
    some(list(levels), "months")
    return levels


_MONTHS: Final = frozenset(f"M{number:02d}" for number in range(1, 13))
