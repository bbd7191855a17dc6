"""What the file carries for drawing, filtering and explaining: trades, criteria, bars and curves, compactly.

Takes a run; gives plain lists and numbers that JSON can hold. Nothing here is needed to read the page without
scripts.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from vigie.domain.bar import Bars, FloatArray, IntArray
from vigie.domain.codes import REASONS
from vigie.domain.signal import Criterion
from vigie.domain.state import Records
from vigie.engine.run import Run, SlotRun
from vigie.research.report.curves import AccountCurve, slot_curve
from vigie.research.report.excerpts import bars_to_draw, pack_bars, price_digits, shorten_numbers

MAX_TRADES: Final = 8_000
MAX_BARS: Final = 150_000
SLOT_POINTS: Final = 240
MAX_SLOT_CURVES: Final = 250
_SHOWN: Final = (
    "entry exit stop target qty fees funding slippage gross pnl return_pct decision_equity planned_risk mae_pct "
    "mfe_pct"
).split()
_FIGURES: Final = 8


@dataclass(frozen=True, slots=True, eq=False)
class ListedTrades:
    """The trades that the report lists, in the order of their entries.

    Attributes
    ----------
    slot : int64 array, shape (n,)
        Index of each trade's slot.
    trades : record array of `TRADE`, shape (n,)
        The newest ones where there are too many.
    of : int
        How many there are in the run.
    """

    slot: IntArray
    trades: Records
    of: int


def listed_trades(run: Run, limit: int = MAX_TRADES) -> ListedTrades:
    """Return the trades to list.

    Parameters
    ----------
    run : Run
        Trades of all its slots.
    limit : int
        Most trades; 0 lists none.

    Returns
    -------
    ListedTrades
        Of trades that began together, the slot that comes first is first.
    """
    trades = np.concatenate([slot.trades for slot in run.slots])
    number = np.repeat(np.arange(len(run.slots)), [len(slot.trades) for slot in run.slots])
    order = np.lexsort((number, trades["entry_ts"]))[-limit:] if limit else np.zeros(0, np.int64)
    return ListedTrades(number[order], trades[order], len(trades))


def build_payload(
    run: Run, listed: ListedTrades, total: AccountCurve, words: dict[str, Any]
) -> dict[str, Any]:
    """Return everything that scripts of the page read.

    Parameters
    ----------
    run : Run
        What to show.
    listed : ListedTrades
        Its trades.
    total : AccountCurve
        The account's curve, already thinned.
    words : dict of str to str
        What scripts say.

    Returns
    -------
    dict
        Plain JSON values without NaN.
    """
    distinct: dict[int, int] = {}
    histories: list[Bars] = []
    for slot in run.slots:
        if id(slot.plan.bars) not in distinct:
            distinct[id(slot.plan.bars)] = len(histories)
            histories.append(slot.plan.bars)
    series = np.array([distinct[id(slot.plan.bars)] for slot in run.slots])
    with_curves = len(run.slots) <= MAX_SLOT_CURVES
    return {
        "words": words,
        "reasons": {str(code): name for code, name in REASONS.items()},
        "total": pack_curve(total),
        "slots": [_slot(slot, int(series[k]), with_curves) for k, slot in enumerate(run.slots)],
        "bars": _pack_histories(histories, series, listed),
        "trades": _trades(run, listed),
    }


def _slot(slot: SlotRun, series: int, with_curve: bool) -> dict[str, Any]:
    step = slot.plan.versions[-1].tick
    return {
        "name": str(slot.plan.slot),
        "bars": series,
        "digits": min(12, max(step.digits, 0)),
        "lot": min(12, max(slot.plan.versions[-1].lot.digits, 0)),
        "curve": pack_curve(slot_curve(slot).thin(SLOT_POINTS)) if with_curve else None,
        "long": [_criterion_values(criterion) for criterion in slot.criteria.long],
        "short": [_criterion_values(criterion) for criterion in slot.criteria.short],
    }


def _criterion_values(criterion: Criterion) -> list[Any]:
    return [criterion.name, int(criterion.required), criterion.weight, criterion.sense]


def pack_curve(curve: AccountCurve) -> dict[str, Any]:
    """Return a curve as differences of integers, and its months in millionths.

    Parameters
    ----------
    curve : AccountCurve
        Thinned; times in whole milliseconds.

    Returns
    -------
    dict
        Times ``t`` in units of ``unit`` ms, equity ``e`` and hold ``h`` in ``10**-digits``, drawdown ``d`` in
        ``1e-4``; unknown months are None.
    """
    top = float(np.max(np.abs(curve.equity), initial=abs(curve.capital)))
    digits = min(8, price_digits(top) + 2)
    unit = 60_000 if not (curve.ts % 60_000).any() else 1
    months = curve.months
    return {
        "unit": unit,
        "digits": digits,
        "capital": curve.capital,
        "t": _differences(curve.ts // unit),
        "e": _differences(np.rint(np.nan_to_num(curve.equity) * 10.0**digits)),
        "h": _differences(np.rint(np.nan_to_num(curve.hold) * 10.0**digits)),
        "d": _differences(np.rint(curve.drawdown * 1e4)),
        "years": list(months.years),
        "months": [[_millionths(cell) for cell in row] for row in months.months.tolist()],
        "sums": [_millionths(cell) for cell in months.totals.tolist()],
    }


def _millionths(fraction: float) -> int | None:
    return None if fraction != fraction else round(fraction * 1e6)


def _differences(values: Any) -> list[int]:
    whole = np.asarray(values).astype(np.int64)
    return np.diff(whole, prepend=0).tolist()  # type: ignore[no-any-return]  # an array of whole numbers gives a list of them


def _pack_histories(
    histories: Sequence[Bars], series: IntArray, listed: ListedTrades
) -> list[dict[str, Any]]:
    budget = MAX_BARS // max(1, len(histories))
    of_trade = series[listed.slot]
    return [
        pack_bars(bars, bars_to_draw(listed.trades[of_trade == k], len(bars), budget))
        for k, bars in enumerate(histories)
    ]


def _trades(run: Run, listed: ListedTrades) -> dict[str, Any]:
    trades = listed.trades
    columns: dict[str, Any] = {
        "slot": listed.slot.tolist(),
        "side": trades["side"].tolist(),
        "entry_bar": trades["entry_bar"].tolist(),
        "exit_bar": trades["exit_bar"].tolist(),
        "entry_ts": _differences(trades["entry_ts"] // 1000),
        "held_s": ((trades["exit_ts"] - trades["entry_ts"]) // 1000).tolist(),
        "reason": trades["reason"].tolist(),
        "bars_held": trades["bars_held"].tolist(),
    }
    for name in _SHOWN:
        columns[name] = shorten_numbers(trades[name].tolist(), _FIGURES)
    columns["criteria"], columns["holds"], columns["score"] = _explain_trades(run, listed)
    return columns


def _explain_trades(
    run: Run, listed: ListedTrades
) -> tuple[list[list[float | None]], list[int], list[float]]:
    """Return of each trade: value and threshold of every criterion, which hold (bits), and the score."""
    n = len(listed.trades)
    values: list[list[float | None]] = [[] for _ in range(n)]
    holds = [0] * n
    scores = [0.0] * n
    for number, slot in enumerate(run.slots):
        for side, criteria in ((1, slot.criteria.long), (-1, slot.criteria.short)):
            rows = np.flatnonzero((listed.slot == number) & (listed.trades["side"] == side))
            if len(rows) == 0:
                continue
            bars_before = listed.trades["entry_bar"][rows] - 1
            for position, criterion in enumerate(criteria):
                _add_criterion(criterion, bars_before, rows, position, values, holds, scores)
            weight = sum(criterion.weight for criterion in criteria)
            for row in rows:
                scores[row] = round(scores[row] / weight, 4) if weight else 0.0
    return values, holds, scores


def _add_criterion(
    criterion: Criterion,
    bars_before: IntArray,
    rows: IntArray,
    position: int,
    values: list[list[float | None]],
    holds: list[int],
    scores: list[float],
) -> None:
    reading = criterion.read()
    values_text = shorten_numbers(reading.value[bars_before].tolist(), 6)
    limits: FloatArray = np.broadcast_to(np.asarray(reading.threshold, np.float64), reading.value.shape)
    bounds = shorten_numbers(limits[bars_before].tolist(), 6)
    for k, row in enumerate(rows.tolist()):
        values[row] += [values_text[k], bounds[k]]
        if reading.holds[bars_before[k]]:
            holds[row] |= 1 << position
            scores[row] += criterion.weight


def script_json(data: dict[str, Any]) -> str:
    """Return JSON that can stand inside a script element whatever the names in it are.

    Parameters
    ----------
    data : dict
        Plain JSON values; NaN is refused.

    Returns
    -------
    str
        Compact JSON with ``<``, ``>``, ``&`` and line separators escaped.
    """
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text
