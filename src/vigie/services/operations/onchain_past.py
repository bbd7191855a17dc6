"""What chains and the whole market show now against their own last year."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from pydantic import Field

from vigie.data.catalog import BarCatalog
from vigie.domain.person import Caller
from vigie.domain.time import DAY_MS
from vigie.intelligence.market.formulas import parse_formula, render_formula, series_of
from vigie.intelligence.market.historical_range import OwnPast
from vigie.ports.clock import Clock
from vigie.ports.connectors import ConnectorDirectory
from vigie.ports.facts import FactStore
from vigie.services.caches.own_pasts import OwnPastCache
from vigie.services.market_data.onchain import evaluate_formula
from vigie.services.market_data.own_past import (
    PastRow,
    own_past,
    surprise_of,
    weekly_changes,
    whole_bounds,
)
from vigie.services.market_data.series import Values, describe_series, values_of
from vigie.services.operation import CurrencyInput, Origin, Table, operation
from vigie.services.operations.onchain import DERIVED_METRICS, GLOBAL, AsOf, asset_series
from vigie.services.rows import table_of

PAST_MS: Final = 365 * DAY_MS
# What mostly grows: its level is always near its highest, its change over a week is not.
STOCKS: Final = frozenset(
    {"supply_usd", "cap_usd", "cap_real_usd", "tvl_usd", "hashrate_hs", "hash_rate", "difficulty"}
)
# Coins come by a schedule: that there are more than ever, and that they grow by a smaller share, is always so.
SCHEDULED: Final = "/sply_cur"


class OnchainPastInput(CurrencyInput):
    """Of which assets, as of when."""

    assets: str = Field(
        "",
        max_length=2_000,
        description="Catalogue ids or tickers, comma-separated; empty: all, and the whole market.",
    )
    as_of: int | None = AsOf


@operation("onchain.past", example={"assets": "bitcoin"})
def list_onchain_past(
    caller: Caller,
    params: OnchainPastInput,
    catalog: BarCatalog,
    facts: FactStore,
    clock: Clock,
    directory: ConnectorDirectory,
    own_pasts: OwnPastCache,
) -> Table[PastRow]:
    """List each metric of chains and of the market with its value now and the range of its own last year."""
    now = params.as_of or clock.market_now()
    known = facts.list_series()
    all_chains = sorted({series.split("/")[1] for series in known if series.startswith("onchain/")})
    wanted = {catalog.find(word).id for word in params.assets.split(",") if word.strip()}
    chains = [chain for chain in all_chains if not wanted or chain in wanted]
    subjects = _subjects(chains, known, with_market=not wanted)
    described = describe_series(directory, list(subjects))

    def find(of: Sequence[str], *, with_market: bool) -> Mapping[str, OwnPast]:
        names = list(_subjects(of, known, with_market=with_market))
        scales = {series: entry.scale for series, entry in describe_series(directory, names).items()}
        values = values_of(
            facts, names, start_ms=now - PAST_MS, end_ms=now + 1, as_of=params.as_of, scales=scales
        )
        found = {
            series: own_past(weekly_changes(entry) if is_stock(series) else entry)
            for series, entry in values.items()
        }
        for asset in of:
            found |= _derived_pasts(facts, directory, asset, now, params.as_of, known)
        return {series: past for series, past in found.items() if past is not None}

    if params.as_of is None:
        pasts = own_pasts.read("onchain", clock.wall_now(), lambda: find(all_chains, with_market=True))
    else:
        pasts = find(chains, with_market=not wanted)
    names = {asset.id: asset.name for asset in catalog.assets(as_of=params.as_of)}
    rows = [
        _row(series, subject, described[series].title, "change" if is_stock(series) else described[series].unit,
             described[series].source_title, names, pasts[series], now)
        for series, subject in subjects.items()
        if series in pasts
    ]  # fmt: skip
    for asset in chains:
        for metric in DERIVED_METRICS:
            series = render_formula(parse_formula(metric.formula.replace("*", asset)))
            if series in pasts:
                rows.append(
                    _row(series, asset, metric.title, metric.unit, "vigie", names, pasts[series], now)
                )
    sources = dict.fromkeys(row.source for row in rows)
    return table_of(
        PastRow,
        rows,
        origins=[Origin(source=source or "unknown") for source in sources],
        total=len(rows),
        as_of=params.as_of,
    )


def _subjects(chains: Sequence[str], known: Sequence[str], *, with_market: bool) -> dict[str, str]:
    """Return what each series is about: the whole market first, then these chains."""
    subjects = {series: "all" for series in GLOBAL if series in known} if with_market else {}
    for asset in chains:
        own = [series for series in asset_series(asset, known) if not series.endswith(SCHEDULED)]
        subjects |= dict.fromkeys(own, asset)
    return subjects


def is_stock(series: str) -> bool:
    """Tell whether a series mostly grows, so that its change over a week is what may be unusual."""
    return series.rpartition("/")[2] in STOCKS


def _derived_pasts(
    facts: FactStore,
    directory: ConnectorDirectory,
    asset: str,
    now: int,
    as_of: int | None,
    known: Sequence[str],
) -> dict[str, OwnPast | None]:
    found: dict[str, OwnPast | None] = {}
    for metric in DERIVED_METRICS:
        formula = parse_formula(metric.formula.replace("*", asset))
        parts = series_of(formula)
        if not set(known).issuperset(parts):
            continue
        line = evaluate_formula(
            facts, formula, describe_series(directory, parts), start=now - PAST_MS, end=now + 1, as_of=as_of
        )
        newest = facts.latest(parts, as_of=as_of)
        oldest = min((newest[name].ts_event for name in parts if name in newest), default=0)
        # As old as the oldest of its parts.
        is_usable = ~np.isnan(line.values) & (line.ts <= oldest)
        ts = line.ts[is_usable]
        found[render_formula(formula)] = own_past(Values(ts, ts, line.values[is_usable]))
    return found


def _row(
    series: str,
    subject: str,
    title: str,
    unit: str,
    source: str,
    names: Mapping[str, str],
    past: OwnPast,
    now: int,
) -> PastRow:
    is_stale = now - past.ts > past.stale_after_ms
    # What is old says nothing of now.
    outlier, surprise = ("", 0.0) if is_stale else surprise_of(past.last, past)
    low, high = whole_bounds(past, unit)
    return PastRow(
        kind=series.rpartition("/")[2], series=series, asset="" if subject == "all" else subject,
        name=names.get(subject, "" if subject == "all" else subject.replace("-", " ").title()),
        venue="", title=title, value=past.last, unit=unit, low=low, high=high,
        outlier=outlier, surprise=surprise, days=past.days, is_change=is_stock(series),
        spark=list(past.spark), source=source, ts_event=past.ts, is_stale=is_stale,
    )  # fmt: skip
