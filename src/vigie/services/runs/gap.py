"""Why two runs came to other money, as plain values: every gap in parts that add up to it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from vigie.data.stores import DataStores
from vigie.domain.errors import UsageError
from vigie.domain.time import iso
from vigie.engine.backtest import unshown
from vigie.engine.booked_trades import BookedRun, BookedTrade, of_records
from vigie.engine.differences import CAUSES, Difference, differences
from vigie.services.demo import run_again
from vigie.services.runs.identity import fingerprint
from vigie.services.runs.results import remembered, remembered_bars

WORDS: Final = {
    "signal": "only one run decided it, or left it by another decision",
    "timing": "the same decision, carried out in another bar",
    "price": "in the same bar, at another price",
    "size": "another quantity",
    "fee": "another rate of fees",
    "funding": "other settlements",
    "rejection": "a rule or the venue refused it in one run",
    "detail": "finer bars do not show the range of the bar, which a backtest walks itself",
}


def of_folder(desk: DataStores, runs: Path, folder: Path) -> BookedRun:
    """Return what the run of a folder came to; it is run again, which gives the same trades.

    Raises
    ------
    UsageError
        If it is not remembered, or its bars are not stored any more.
    """
    run = run_again(desk, replace(remembered(runs, str(folder)), check=False))
    if fingerprint(run) != remembered_bars(runs, str(folder)):
        raise UsageError(f"the bars of {folder} have changed since it ran; run it again to compare its money")
    slots = [(str(one.plan.slot), one.plan.bars.span_ms) for one in run.slots]
    found = [
        of_records(str(folder), _numbered(one.trades, number), run.log, slots)
        for number, one in enumerate(run.slots)
    ]
    trades = tuple(trade for one in found for trade in one.trades)
    hidden = (
        (str(one.plan.slot), unshown(one.plan.bars, one.plan.detail, one.plan.first)) for one in run.slots
    )
    bars = frozenset((slot, ts) for slot, times in hidden for ts in times)
    return BookedRun(str(folder), trades, found[0].refused, found[0].decided, bars)


def _numbered(trades: Any, number: int) -> Any:
    """Return trades of a slot under the slot's own number: alone, each is number 0."""
    numbered = trades.copy()
    numbered["slot"] = number
    return numbered


def gap(first: BookedRun, second: BookedRun) -> dict[str, Any]:
    """Return the difference of two runs as plain values, amounts in quote units as exact text.

    Parts add up to the gap to the last decimal: in all, by slot, and in each row.
    """
    found = differences(first, second)
    return {
        "first": found.first,
        "second": found.second,
        "gap": f"{found.gap:f}",
        "parts": {cause: f"{found.parts[cause]:f}" for cause in CAUSES},
        "slots": {
            slot: {cause: f"{amount:f}" for cause, amount in parts.items() if amount}
            for slot, parts in found.by_slot().items()
        },
        "rows": [_row(one) for one in found.rows if one.parts],
    }


def _row(one: Difference) -> dict[str, Any]:
    trade = one.first or one.second
    assert trade is not None
    return {
        "slot": one.slot,
        "side": "long" if trade.side > 0 else "short",
        "decided": iso(trade.decided),
        "gap": f"{one.gap:f}",
        "parts": {cause: f"{amount:f}" for cause, amount in one.parts.items() if amount},
        "first": _told(one.first),
        "second": _told(one.second),
    }


def _told(trade: BookedTrade | None) -> dict[str, Any] | None:
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
