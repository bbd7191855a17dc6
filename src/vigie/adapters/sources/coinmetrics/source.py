"""Coin Metrics community: daily on-chain metrics of the watched assets.

https://docs.coinmetrics.io/api/v4, read in a copy of 2026. Which metrics are free changes: the catalogue is read
first, and only what it lists is asked for. A day's values come on the next day and may be revised.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, Final

from vigie.adapters.sources.site import Feed, Site, moment, number, some
from vigie.domain.fact import Measure, Observation
from vigie.domain.time import DAY_MS, iso
from vigie.ports.source import Batch, Source

# Metric: title, unit, definition, formula.
WANTED: Final[dict[str, tuple[str, str, str, str]]] = {
    "AdrActCnt": ("Active addresses", "count", "Addresses that sent or received on a day, each once.", ""),
    "TxCnt": ("Transactions", "count", "Transactions on a day.", ""),
    "HashRate": ("Hash rate", "terahashes_s", "Computing power that secures the chain, mean of a day.", ""),
    "SplyCur": ("Supply", "coins", "Coins that exist.", ""),
    "CapMrktCurUSD": ("Market capitalisation", "usd", "What all coins are worth.", "price x supply"),
    "CapRealUSD": ("Realised capitalisation", "usd", "Each coin at the price when it last moved.", ""),
    "CapMVRVCur": (
        "MVRV",
        "ratio",
        "What the coins are worth over what they were worth when they last moved.",
        "market capitalisation / realised capitalisation",
    ),
    "FeeTotUSD": ("Fees", "usd", "Fees paid on a day.", ""),
    "IssTotUSD": ("Issuance", "usd", "Worth of the new coins of a day.", ""),
    "FlowInExUSD": ("Flow to exchanges", "usd", "Sent to exchanges on a day.", ""),
    "FlowOutExUSD": ("Flow from exchanges", "usd", "Withdrawn from exchanges on a day.", ""),
    "ReferenceRateUSD": ("Reference rate", "usd", "Price of one coin at the end of a day.", ""),
}
_PAGE: Final = 10_000
_MOST_PAGES: Final = 60
_FIRST: Final = 4 * 365 * DAY_MS
# What was published is looked at again for so long: it may be revised.
_REVISED: Final = 7 * DAY_MS


def open_feeds(site: Site) -> Mapping[str, Source]:
    """Return the feeds by name."""
    kinds = tuple(
        Measure(
            f"onchain/*/{snake(metric)}",
            title,
            unit,
            site.manifest.id,
            text,
            formula,
            "a day; may be revised",
        )
        for metric, (title, unit, text, formula) in WANTED.items()
    )
    return {"network": Feed(site, "network", _network, kinds)}


async def _network(site: Site, bookmark: str) -> Batch:
    tickers = {symbol.lower(): asset for asset, symbol in site.symbols.items()}
    free = await _free(site, tickers)
    now = site.now()
    start = int(bookmark) - _REVISED if bookmark else now - _FIRST
    facts: list[Observation] = []
    for metrics, names in free.items():
        rows = await _rows(site, names, metrics, start)
        for row in rows:
            ts = moment(row["time"][:19])
            asset = tickers[row["asset"]]
            facts += [
                Observation(f"onchain/{asset}/{snake(metric)}", ts, now, number(row[metric]))
                for metric in metrics
                if row.get(metric) is not None
            ]
    newest = max(some([fact.ts_event for fact in facts], "values"))
    listed = {metric: sorted(names) for metrics, names in free.items() for metric in metrics}
    return Batch(
        observations=facts,
        documents=[("catalogue", {"metrics": json.loads(json.dumps(listed))})],
        bookmark=str(newest),
    )


async def _free(site: Site, tickers: Mapping[str, str]) -> dict[tuple[str, ...], list[str]]:
    """Return which assets have which of the wanted metrics, assets with the same ones together."""
    path = "/v4/catalog-v2/asset-metrics"
    answer = await site.json(path, dict, params={"assets": ",".join(sorted(tickers))})
    grouped: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for entry in some(answer["data"], "assets"):
        there = {
            listed["metric"]
            for listed in entry["metrics"]
            if any(one["frequency"] == "1d" and one.get("community", True) for one in listed["frequencies"])
        }
        metrics = tuple(metric for metric in WANTED if metric in there)
        if metrics and entry["asset"] in tickers:
            grouped[metrics].append(entry["asset"])
    if not grouped:
        raise ValueError("the catalogue lists none of the wanted metrics")
    return dict(grouped)


async def _rows(site: Site, names: Sequence[str], metrics: Sequence[str], start: int) -> list[dict[str, Any]]:
    params = {
        "assets": ",".join(names),
        "metrics": ",".join(metrics),
        "frequency": "1d",
        "start_time": iso(start // DAY_MS * DAY_MS)[:10],
        "page_size": str(_PAGE),
    }
    rows: list[dict[str, Any]] = []
    for _ in range(_MOST_PAGES):
        answer = await site.json("/v4/timeseries/asset-metrics", dict, params=params)
        rows += answer["data"]
        token = answer.get("next_page_token")
        if not token:
            return rows
        params["next_page_token"] = token  # never the address it gives: it could lead elsewhere
    raise ValueError(f"more than {_MOST_PAGES} pages")


def snake(metric: str) -> str:
    """Return ``cap_mvrv_cur`` for ``CapMVRVCur``."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", metric).lower()
