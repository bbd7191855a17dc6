"""Coin Metrics community: daily on-chain metrics and prices of the watched assets.

https://docs.coinmetrics.io/api/v4, read in a copy of 2026. Which metrics are free changes: the catalogue is read
first, and only what it lists is asked for. A day's values come on the next day and may be revised. The price of a day
is its last one, at midnight UTC.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, Final

from vigie.adapters.sources.backfill import next_piece
from vigie.adapters.sources.site import Feed, Site, moment, number, some
from vigie.domain.fact import Measure, Observation
from vigie.domain.refusal import Refusal
from vigie.domain.time import DAY_MS, iso
from vigie.ports.source import Batch, Source

# Metric: title, unit, definition, formula.
METRICS: Final[dict[str, tuple[str, str, str, str]]] = {
    "AdrActCnt": (
        "Active addresses",
        "count",
        "Addresses that sent or received coins in a day, each counted once.",
        "",
    ),
    "TxCnt": ("Transactions", "count", "Transactions in a day.", ""),
    "HashRate": ("Hash rate", "terahashes_s", "Computing power that secures the chain, daily average.", ""),
    "SplyCur": ("Supply", "coins", "Coins that exist.", ""),
    "CapMrktCurUSD": ("Market cap", "usd", "Value of all coins.", "price x supply"),
    "CapRealUSD": ("Realised cap", "usd", "Each coin valued at the price when it last moved.", ""),
    "CapMVRVCur": (
        "MVRV",
        "ratio",
        "Value of the coins divided by their value when they last moved.",
        "market cap / realised cap",
    ),
    "FeeTotUSD": ("Fees", "usd", "Fees paid in a day.", ""),
    "IssTotUSD": ("Issuance", "usd", "Value of the coins issued in a day.", ""),
    "FlowInExUSD": ("Exchange inflow", "usd", "Sent to exchanges in a day.", ""),
    "FlowOutExUSD": ("Exchange outflow", "usd", "Withdrawn from exchanges in a day.", ""),
    "ReferenceRateUSD": ("Reference price", "usd", "Price of one coin at the end of the day.", ""),
}
PRICE: Final = "PriceUSD"
# The first day with a price of Bitcoin, and so many days of each piece of the history.
_FIRST_PRICE_MS: Final = 1_279_411_200_000  # 2010-07-18
_PIECE_DAYS: Final = 3 * 365
_PAGE_SIZE: Final = 10_000
_MAX_PAGES: Final = 60
_HISTORY_MS: Final = 4 * 365 * DAY_MS
# What was published is looked at again for so long: it may be revised.
_REVISION_MS: Final = 7 * DAY_MS


def open_feeds(site: Site) -> Mapping[str, Source]:
    """Return the feeds by name."""
    kinds = tuple(
        Measure(
            f"onchain/*/{snake_case(metric)}",
            title,
            unit,
            site.manifest.id,
            text,
            formula,
            "a day; may be revised",
        )
        for metric, (title, unit, text, formula) in METRICS.items()
    )
    price = Measure(
        f"onchain/*/{snake_case(PRICE)}",
        "Daily close",
        "usd",
        site.manifest.id,
        "Price of one coin at the end of a UTC day, over several markets.",
        delay="the next day; may be revised",
    )
    return {
        "network": Feed(site, "network", _pull_network, kinds),
        "prices": Feed(site, "prices", _pull_prices, (price,)),
    }


async def _pull_network(site: Site, bookmark: str) -> Batch:
    tickers = {symbol.lower(): asset for asset, symbol in site.symbols.items()}
    free_metrics = await _find_free_metrics(site, tickers, tuple(METRICS))
    now = site.now()
    start = int(bookmark) - _REVISION_MS if bookmark else now - _HISTORY_MS
    facts: list[Observation] = []
    for metrics, names in free_metrics.items():
        # Years of days: a text for each of them would be half of what they take.
        series = {metric: _series_by_ticker(tickers, metric) for metric in metrics}
        async for row in _fetch_rows(site, names, metrics, start):
            ts = moment(row["time"][:19])
            facts += [
                Observation(series[metric][row["asset"]], ts, now, number(row[metric]))
                for metric in metrics
                if row.get(metric) is not None
            ]
    newest = max(some([fact.ts_event for fact in facts], "values"))
    assets_by_metric = {
        metric: sorted(names) for metrics, names in free_metrics.items() for metric in metrics
    }
    return Batch(
        observations=facts,
        documents=[("catalogue", {"metrics": json.loads(json.dumps(assets_by_metric))})],
        bookmark=str(newest),
    )


async def _pull_prices(site: Site, bookmark: str) -> Batch:
    tickers = {symbol.lower(): asset for asset, symbol in site.symbols.items()}
    names = (await _find_free_metrics(site, tickers, (PRICE,)))[PRICE,]
    now = site.now()
    piece = next_piece(
        bookmark,
        names,
        now,
        first_ms=_FIRST_PRICE_MS,
        days=_PIECE_DAYS,
        again_days=_REVISION_MS // DAY_MS,
    )
    series = _series_by_ticker(tickers, PRICE)
    facts = [
        Observation(series[row["asset"]], ts, now, number(row[PRICE]))
        async for row in _fetch_rows(site, names, (PRICE,), piece.start_ms, piece.end_ms - DAY_MS)
        if row.get(PRICE) is not None and (ts := moment(row["time"][:19])) + DAY_MS <= now
    ]
    if piece.is_newest:
        some(facts, "prices")
    return Batch(observations=facts, bookmark=piece.bookmark, has_more=piece.has_more)


def _series_by_ticker(tickers: Mapping[str, str], metric: str) -> dict[str, str]:
    return {ticker: f"onchain/{asset}/{snake_case(metric)}" for ticker, asset in tickers.items()}


async def _find_free_metrics(
    site: Site, tickers: Mapping[str, str], wanted: Sequence[str]
) -> dict[tuple[str, ...], list[str]]:
    """Return which assets have which of the wanted metrics, assets with the same ones together."""
    path = "/v4/catalog-v2/asset-metrics"
    answer = await site.json(path, dict, params={"assets": ",".join(sorted(tickers))})
    grouped: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for entry in some(answer["data"], "assets"):
        available = {
            listed["metric"]
            for listed in entry["metrics"]
            if any(
                frequency["frequency"] == "1d" and frequency.get("community", True)
                for frequency in listed["frequencies"]
            )
        }
        metrics = tuple(metric for metric in wanted if metric in available)
        if metrics and entry["asset"] in tickers:
            grouped[metrics].append(entry["asset"])
    if not grouped:
        raise ValueError(
            Refusal("catalogue_none_requested_metrics", "the catalogue has none of the requested metrics")
        )
    return dict(grouped)


async def _fetch_rows(
    site: Site, names: Sequence[str], metrics: Sequence[str], start: int, end: int | None = None
) -> AsyncIterator[dict[str, Any]]:
    """Yield rows as they come: those of all pages at once would take ten times what is kept of them."""
    params = {
        "assets": ",".join(names),
        "metrics": ",".join(metrics),
        "frequency": "1d",
        "start_time": iso(start // DAY_MS * DAY_MS)[:10],
        "page_size": str(_PAGE_SIZE),
    }
    if end is not None:
        params["end_time"] = iso(end)[:10]
    for _ in range(_MAX_PAGES):
        answer = await site.json("/v4/timeseries/asset-metrics", dict, params=params)
        for row in answer["data"]:
            yield row
        token = answer.get("next_page_token")
        if not token:
            return
        params["next_page_token"] = token  # never the address it gives: it could lead elsewhere
    raise ValueError(Refusal("more_pages", "more than {max_pages} pages", max_pages=_MAX_PAGES))


def snake_case(metric: str) -> str:
    """Return ``cap_mvrv_cur`` for ``CapMVRVCur``."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", metric).lower()
