"""What the closed trades of an account look like together: results by day, the spread of R, the best and the worst."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from pydantic import BaseModel, Field

from vigie.domain.person import Caller
from vigie.domain.time import DAY_MS
from vigie.services.operation import OperationResult, operation
from vigie.services.operations.journal import JournalInput
from vigie.services.people.ownership import owner_of
from vigie.services.plans.closed_trades import journal_rows
from vigie.services.trading.journal.journal_rows import JournalTradeRow
from vigie.services.trading.journal.narrowing import FILTERS, filter_rows, row_tags
from vigie.services.trading.journal.trade_details import JournalSources

# Width of a bar of the spread, in R, and where its last bars end: what lies beyond is counted in them.
BIN: Final = 0.5
LOWEST, HIGHEST = -4.0, 6.0


class JournalDay(BaseModel):
    """The trades that were closed on one day, UTC."""

    ts: int = Field(description="Begin of the day.")
    trades: int
    replayed: int = Field(description="Of these, those decided afterwards.")
    pnl: float
    r: float = Field(description="Sum of R of the trades that have one.")


class JournalBin(BaseModel):
    """Trades with an R from `low` up to `high`; None where it is open at that end."""

    low: float | None
    high: float | None
    trades: int


class JournalExtreme(BaseModel):
    """One trade, the best or the worst by R or by money; `r` is None where the trade has none."""

    id: str
    instrument: str
    timeframe: str
    strategy: str
    side: str
    reason: str
    exit_ts: int
    pnl: float
    r: float | None
    is_replayed: bool


class JournalOverview(OperationResult):
    """The closed trades of an account together."""

    trades: int
    replayed: int = Field(description="Of these, those decided afterwards.")
    days: list[JournalDay]
    bins: list[JournalBin]
    mean_r: float | None
    best: JournalExtreme | None
    worst: JournalExtreme | None
    best_pnl: JournalExtreme | None = Field(description="The best by money.")
    worst_pnl: JournalExtreme | None = Field(description="The worst by money.")
    strategies: list[str] = Field(
        description="Of all trades, whatever they are narrowed to; the next lists too."
    )
    instruments: list[str]
    reasons: list[str]
    tags: list[str]


@operation("journal.overview", example={"account": "main"})
def read_journal_overview(caller: Caller, params: JournalInput, sources: JournalSources) -> JournalOverview:
    """Say what the closed trades of an account made on each day, how R is spread, and which did best and worst.

    A day, an order and a page narrow nothing here.
    """
    everything = journal_rows(sources, owner_of(sources.accounts, caller), params.account, params.replayed)
    rows = filter_rows(everything, params.model_copy(update={"day": ""}))
    values = [row.r for row in rows if row.r is not None]
    best, worst = extremes_of([(row.r, row) for row in rows if row.r is not None])
    best_pnl, worst_pnl = extremes_of([(row.pnl, row) for row in rows])
    options = {name: sorted({str(row[name]) for row in everything if row[name]}) for name in FILTERS}
    return JournalOverview(
        trades=len(rows),
        replayed=sum(row.is_replayed for row in rows),
        days=_sum_days(rows),
        bins=bins_of(values),
        mean_r=math.fsum(values) / len(values) if values else None,
        best=best,
        worst=worst,
        best_pnl=best_pnl,
        worst_pnl=worst_pnl,
        strategies=options["strategy"],
        instruments=options["instrument"],
        reasons=options["reason"],
        tags=sorted({tag for row in everything for tag in row_tags(row)}),
    )


def _sum_days(rows: Sequence[JournalTradeRow]) -> list[JournalDay]:
    days: dict[int, list[JournalTradeRow]] = {}
    for row in rows:
        days.setdefault(row.exit_ts // DAY_MS * DAY_MS, []).append(row)
    return [
        JournalDay(
            ts=ts,
            trades=len(group),
            replayed=sum(row.is_replayed for row in group),
            pnl=math.fsum(row.pnl for row in group),
            r=math.fsum(row.r for row in group if row.r is not None),
        )
        for ts, group in sorted(days.items())
    ]


def bins_of(values: Sequence[float]) -> list[JournalBin]:
    """Return how many values lie in each bar of the spread, from the lowest with any to the highest, no gaps."""
    if not values:
        return []
    places = [math.floor(min(max(value, LOWEST), HIGHEST - BIN) / BIN) for value in values]
    first, last = int(LOWEST / BIN), int(HIGHEST / BIN) - 1
    return [
        JournalBin(
            low=None if place == first else place * BIN,
            high=None if place == last else (place + 1) * BIN,
            trades=places.count(place),
        )
        for place in range(min(places), max(places) + 1)
    ]


def extremes_of(
    ranked: Sequence[tuple[float, JournalTradeRow]],
) -> tuple[JournalExtreme | None, JournalExtreme | None]:
    """Return the trades with the highest and the lowest value; of a single trade the highest alone."""
    if not ranked:
        return None, None
    _, best = max(ranked, key=lambda pair: pair[0])
    _, worst = min(ranked, key=lambda pair: pair[0])
    return _extreme(best), _extreme(worst) if worst is not best else None


def _extreme(row: JournalTradeRow) -> JournalExtreme:
    return JournalExtreme(**{name: row[name] for name in JournalExtreme.model_fields})
