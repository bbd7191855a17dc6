"""Binance's futures statistics: hourly open interest, long/short ratio and basis; the venue keeps 30 days.

https://developers.binance.com/docs/derivatives/usds-margined-futures/market-data/rest-api/Open-Interest-Statistics and
its neighbours, read in a copy of 2026. Values are final when they are published.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, Final

from vigie.adapters.sources.binance_futures.liquidations import ForcedOrders
from vigie.adapters.sources.site import Feed, Site, number, some
from vigie.domain.fact import Measure, Observation
from vigie.domain.time import DAY_MS, HOUR_MS
from vigie.ports.source import Batch, Source, Stream

_SERIES_PREFIX: Final = "derivatives/binance-perp:"
_MAX_ROWS: Final = 500
_HISTORY_MS: Final = 29 * DAY_MS
# Each statistic: its path, the name of the symbol's parameter, and which field is which measure.
_STATISTICS: Final[dict[str, tuple[str, str, dict[str, str]]]] = {
    "open_interest": (
        "/futures/data/openInterestHist",
        "symbol",
        {"open_interest_coins": "sumOpenInterest", "open_interest_usd": "sumOpenInterestValue"},
    ),
    "long_short": (
        "/futures/data/globalLongShortAccountRatio",
        "symbol",
        {"long_short_ratio": "longShortRatio"},
    ),
    "basis": ("/futures/data/basis", "pair", {"basis_fraction": "basisRate"}),
}


def open_feeds(site: Site) -> Mapping[str, Source]:
    """Return the feeds by name."""
    make_measure = partial(Measure, source=site.manifest.id)
    kinds = {
        "open_interest": (
            make_measure(
                f"{_SERIES_PREFIX}*/open_interest_coins",
                "Open interest",
                "coins",
                definition="Contracts that are open, in coins.",
            ),
            make_measure(
                f"{_SERIES_PREFIX}*/open_interest_usd",
                "Open interest",
                "usd",
                definition="Contracts that are open, at the mark price.",
            ),
        ),
        "long_short": (
            make_measure(
                f"{_SERIES_PREFIX}*/long_short_ratio",
                "Long/short ratio",
                "ratio",
                definition="Long accounts divided by short accounts, whatever their size.",
                formula="long accounts / short accounts",
            ),
        ),
        "basis": (
            make_measure(
                f"{_SERIES_PREFIX}*/basis_fraction",
                "Basis",
                "fraction",
                definition="How far the perpetual trades above the index.",
                formula="(price - index) / index",
            ),
        ),
    }
    return {
        name: Feed(site, name, partial(_pull_statistic, name=name), measures)
        for name, measures in kinds.items()
    }


def open_streams(site: Site) -> Mapping[str, Stream]:
    """Return the streams by name."""
    return {"liquidations": ForcedOrders(site, instruments_by_symbol(site))}


async def _pull_statistic(site: Site, bookmark: str, *, name: str) -> Batch:
    path, parameter, fields = _STATISTICS[name]
    now = site.now()
    facts: list[Observation] = []
    newest = []
    for symbol, instrument in instruments_by_symbol(site).items():
        since = max(int(bookmark or 0), now - _HISTORY_MS)
        rows = await _fetch_rows(site, path, {parameter: symbol}, since, now)
        # Months of hours: a text for each of them would be half of what they take.
        fields_by_series = {
            f"{_SERIES_PREFIX}{instrument}/{measure}": field for measure, field in fields.items()
        }
        for row in rows:
            ts = int(row["timestamp"])
            facts += [
                Observation(series, ts, ts, number(row[field]))
                for series, field in fields_by_series.items()
                if row.get(field) not in (None, "")
            ]
        newest.append(max(int(row["timestamp"]) for row in rows))
    return Batch(observations=some(facts, "values"), bookmark=str(min(newest) - HOUR_MS))


async def _fetch_rows(site: Site, path: str, query: dict[str, str], since: int, now: int) -> list[Any]:
    """Return the hours since a time; an answer holds 500, the newest of its span."""
    rows: list[Any] = []
    while since < now:
        end = min(since + _MAX_ROWS * HOUR_MS, now)
        params = {**query, "period": "1h", "limit": _MAX_ROWS, "startTime": since, "endTime": end}
        if "pair" in query:
            params["contractType"] = "PERPETUAL"
        rows += await site.json(path, list, params=params)
        since = end
    return list(some(rows, "hours"))


def instruments_by_symbol(site: Site) -> dict[str, str]:
    """Return our instruments of the watched assets by the venue's symbol; stablecoins have none."""
    tickers = {name for name in site.symbols.values() if name not in ("USDT", "USDC")}
    return {f"{ticker}USDT": f"{ticker.lower()}-usdt-perp" for ticker in sorted(tickers)}
