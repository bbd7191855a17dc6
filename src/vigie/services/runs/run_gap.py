"""Why two runs came to other money, as plain values: every gap in parts that add up to it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from vigie.data.stores import DataStores
from vigie.domain.errors import UsageError
from vigie.domain.time import iso
from vigie.engine.backtest import unshown
from vigie.engine.booked_trades import BookedRun, BookedTrade, booked_run_from_records
from vigie.engine.differences import CAUSES, Difference, differences
from vigie.services.runs.identity import fingerprint
from vigie.services.runs.results import load_bars_fingerprint, load_request
from vigie.services.runs.simulated import run_again

CAUSE_TEXTS: Final = {
    "signal": "only one run opened it, or closed it on another decision",
    "timing": "same decision, executed in another bar",
    "price": "same bar, another price",
    "size": "another quantity",
    "fee": "another fee rate",
    "funding": "other funding settlements",
    "rejection": "a rule or the venue refused it in one run",
    "detail": "finer bars do not cover the full range of the bar, which a backtest uses",
}


def load_booked_run(data_stores: DataStores, runs: Path, folder: Path) -> BookedRun:
    """Return what the run of a folder came to; it is run again, which gives the same trades.

    Raises
    ------
    UsageError
        If it is not remembered, or its bars are not stored any more.
    """
    run = run_again(data_stores, replace(load_request(runs, str(folder)), check=False))
    if fingerprint(run) != load_bars_fingerprint(runs, str(folder)):
        raise UsageError(
            "bars_changed_since_ran",
            "the bars of {folder} have changed since it ran; run it again to compare its results",
            folder=folder,
        )
    slots = [(str(item.plan.slot), item.plan.bars.span_ms) for item in run.slots]
    booked = [
        booked_run_from_records(str(folder), _renumber_trades(item.trades, number), run.log, slots)
        for number, item in enumerate(run.slots)
    ]
    trades = tuple(trade for item in booked for trade in item.trades)
    unshown_times = (
        (str(item.plan.slot), unshown(item.plan.bars, item.plan.detail, item.plan.first))
        for item in run.slots
    )
    bars = frozenset((slot, ts) for slot, times in unshown_times for ts in times)
    return BookedRun(str(folder), trades, booked[0].refused, booked[0].decided, bars)


def _renumber_trades(trades: Any, number: int) -> Any:
    """Return trades of a slot under the slot's own number: alone, each is number 0."""
    numbered = trades.copy()
    numbered["slot"] = number
    return numbered


def gap_record(first: BookedRun, second: BookedRun) -> dict[str, Any]:
    """Return the difference of two runs as plain values, amounts in quote units as exact text.

    Parts add up to the gap to the last decimal: in all, by slot, and in each row.
    """
    difference = differences(first, second)
    return {
        "first": difference.first,
        "second": difference.second,
        "gap": f"{difference.gap:f}",
        "parts": {cause: f"{difference.parts[cause]:f}" for cause in CAUSES},
        "slots": {
            slot: {cause: f"{amount:f}" for cause, amount in parts.items() if amount}
            for slot, parts in difference.by_slot().items()
        },
        "rows": [_gap_row(row) for row in difference.rows if row.parts],
    }


def _gap_row(difference: Difference) -> dict[str, Any]:
    trade = difference.first or difference.second
    assert trade is not None
    return {
        "slot": difference.slot,
        "side": "long" if trade.side > 0 else "short",
        "decided": iso(trade.decided),
        "gap": f"{difference.gap:f}",
        "parts": {cause: f"{amount:f}" for cause, amount in difference.parts.items() if amount},
        "first": _trade_row(difference.first),
        "second": _trade_row(difference.second),
    }


def _trade_row(trade: BookedTrade | None) -> dict[str, Any] | None:
    if trade is None:
        return None
    return {
        "entry_bar": iso(trade.entry_bar),
        "exit_bar": iso(trade.exit_bar),
        "qty": f"{trade.qty:f}",
        "entry": float(trade.entry),
        "exit": float(trade.exit),
        "fees": f"{trade.fees:f}",
        "funding": f"{trade.funding:f}",
        "reason": trade.reason,
        "pnl": f"{trade.pnl:f}",
    }
