"""Deribit's DVOL: what options say of the volatility of the next 30 days, in per cent a year.

https://docs.deribit.com/#public-get_volatility_index_data; shapes read in public code. A candle's close is known when
it closes: the time of a value is the close, never the open.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from vigie.adapters.sources.site import Feed, Site, number, some
from vigie.domain.fact import Measure, Observation
from vigie.domain.time import DAY_MS, HOUR_MS, SECOND_MS
from vigie.ports.source import Batch, Source

_CURRENCIES: Final = {"BTC": "bitcoin", "ETH": "ethereum"}
_HOURLY_SPAN: Final = 960
_DAILY_SPAN: Final = 1_000


def open_feeds(site: Site) -> Mapping[str, Source]:
    """Return the feeds by name."""
    kinds = (
        Measure(
            "volatility/*/dvol_index",
            "DVOL",
            "percent_year",
            site.manifest.id,
            "Volatility of the next 30 days that option prices imply, in per cent a year.",
        ),
    )
    return {"dvol": Feed(site, "dvol", _pull_dvol, kinds)}


async def _pull_dvol(site: Site, bookmark: str) -> Batch:
    now = site.now()
    since = int(bookmark or 0)
    facts: dict[tuple[str, int], Observation] = {}
    newest = []
    for currency, asset in _CURRENCIES.items():
        spans = [(HOUR_MS, max(since, now - _HOURLY_SPAN * HOUR_MS))]
        if since < now - _HOURLY_SPAN * HOUR_MS:
            spans.insert(0, (DAY_MS, max(since, now - _DAILY_SPAN * DAY_MS)))
        for span, start in spans:
            for row in some(await _fetch_candles(site, currency, start, now, span), "candles"):
                ts = int(row[0]) + span
                if ts <= now:
                    series = f"volatility/{asset}/dvol_index"
                    facts[series, ts] = Observation(series, ts, ts, number(row[4]))
        newest.append(max(ts for series, ts in facts if f"/{asset}/" in series))
    # From a candle before the newest on: an answer without any candle is a broken one.
    return Batch(observations=list(facts.values()), bookmark=str(min(newest) - 2 * HOUR_MS))


async def _fetch_candles(site: Site, currency: str, start: int, end: int, span: int) -> Any:
    answer = await site.json(
        "/public/get_volatility_index_data",
        dict,
        params={
            "currency": currency,
            "start_timestamp": start,
            "end_timestamp": end,
            "resolution": span // SECOND_MS,
        },
    )
    return answer["result"]["data"]
