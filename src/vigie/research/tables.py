"""A run as tables: trades, refusals, summary by slot, strategy and asset, equity; the columns of the files.

Takes a `Run`; gives Polars frames whose columns never change order. Times are ISO UTC text in files and
`datetime[ms, UTC]` in frames.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import polars as pl

from vigie.domain.codes import REASONS, REFUSALS, refusal_name
from vigie.domain.state import Records, joined
from vigie.engine.run import Run, SlotRun
from vigie.quant.metrics.summary import Summary

UTC_MS: Final = pl.Datetime("ms", "UTC")
TRADE_COLUMNS: Final = (
    "slot instrument timeframe strategy side qty entry_ts entry_price exit_ts exit_price stop target fees funding "
    "pnl return_pct reason bars_held mae_pct mfe_pct"
).split()
SUMMARY_COLUMNS: Final = (
    "slot trades win_rate pnl return_pct sharpe max_drawdown_pct profit_factor exposure fees funding"
).split()
REFUSAL_COLUMNS: Final = "timestamp slot side code limit value".split()
_REASONS: Final = tuple(REASONS.get(code, "") for code in range(max(REASONS) + 1))
_SIDES: Final = ("short", "", "long")


def slot_names(run: Run) -> list[str]:
    """Return the slots' names in slot order.

    Parameters
    ----------
    run : Run
        Isolated or portfolio.

    Returns
    -------
    list of str
        ``btc-usdt-perp/1d/macd_cross``.
    """
    return [str(slot.plan.slot) for slot in run.slots]


def trades_frame(records: Records, slots: Sequence[SlotRun] | None = None) -> pl.DataFrame:
    """Return trades as a frame.

    Parameters
    ----------
    records : record array of `TRADE`
        In the order wanted.
    slots : sequence of SlotRun, optional
        Names of slots; without them slot, instrument, timeframe and strategy are empty.

    Returns
    -------
    polars.DataFrame
        `TRADE_COLUMNS`, then ``equity`` (cash after the exit) and ``lots``.
    """
    ids = [run.plan.slot for run in slots or ()]
    number = records["slot"] if ids else np.zeros(len(records), np.int64)
    return pl.DataFrame(
        [
            _text_column("slot", [str(slot_id) for slot_id in ids], number),
            _text_column("instrument", [slot_id.instrument for slot_id in ids], number),
            _text_column("timeframe", [slot_id.timeframe for slot_id in ids], number),
            _text_column("strategy", [slot_id.strategy for slot_id in ids], number),
            _text_column("side", ("short", "long"), records["side"] > 0),
            _number_column("qty", records),
            _time_column("entry_ts", records["entry_ts"]),
            _number_column("entry", records, "entry_price"),
            _time_column("exit_ts", records["exit_ts"]),
            _number_column("exit", records, "exit_price"),
            *(
                _number_column(name, records)
                for name in ("stop", "target", "fees", "funding", "pnl", "return_pct")
            ),
            _text_column("reason", _REASONS, records["reason"]),
            *(
                _number_column(name, records)
                for name in ("bars_held", "mae_pct", "mfe_pct", "equity", "lots")
            ),
        ]
    )


def _text_column(name: str, words: Sequence[str], places: Any) -> pl.Series:
    # Each place's word, gathered by the frame library: no Python string a row.
    column = pl.Series(name, words or [""], dtype=pl.String)
    if len(column) == 1:
        return column.new_from_index(0, len(places))
    return column[np.ascontiguousarray(places, np.uint32)]


def _number_column(field: str, records: Records, name: str = "") -> pl.Series:
    return pl.Series(name or field, np.ascontiguousarray(records[field]))


def _time_column(name: str, stamps: Any) -> pl.Series:
    return pl.Series(name, np.ascontiguousarray(stamps, np.int64)).cast(UTC_MS)


def all_trades(run: Run) -> pl.DataFrame:
    """Return every trade of a run, slot after slot (isolated) or in booking order (portfolio).

    Parameters
    ----------
    run : Run
        Isolated or portfolio.

    Returns
    -------
    polars.DataFrame
        Columns as in `trades_frame`.
    """
    return trades_frame(joined([outcome.trades for outcome in run.outcomes]), run.slots)


def refusals_frame(log: Any, values: Any, names: Sequence[str] | None = None) -> pl.DataFrame:
    """Return the refusals of a decision log, in event order.

    Parameters
    ----------
    log, values : arrays
        As in `Outcome`.
    names : sequence of str, optional
        Names of slots.

    Returns
    -------
    polars.DataFrame
        `REFUSAL_COLUMNS`; the timestamp is that of the event, the slot is empty without names.
    """
    rows = np.flatnonzero(log[:, 6] >= min(REFUSALS))
    codes, places = np.unique(log[rows, 6], return_inverse=True)
    return pl.DataFrame(
        [
            _time_column("timestamp", log[rows, 0]),
            _text_column("slot", names or (), log[rows, 1]),
            _text_column("side", _SIDES, log[rows, 2] + 1),
            _text_column("code", [refusal_name(code) for code in codes.tolist()], places),
            pl.Series("limit", values[rows, 0]),
            pl.Series("value", values[rows, 1]),
        ]
    )


def _row(name: str, summary: Summary) -> dict[str, object]:
    return {
        "slot": name,
        "trades": summary.trades,
        "win_rate": summary.win_rate,
        "pnl": summary.final_equity - summary.capital,
        "return_pct": summary.total_return * 100.0,
        "sharpe": summary.sharpe,
        "max_drawdown_pct": summary.max_drawdown * 100.0,
        "profit_factor": summary.profit_factor,
        "exposure": summary.exposure,
        "fees": summary.fees,
        "funding": summary.funding,
    }


def summary_frame(run: Run) -> pl.DataFrame:
    """Return one row a slot and a last row ``total``; names in ``_pct`` are per cent, win rate and exposure shares.

    Parameters
    ----------
    run : Run
        Isolated or portfolio.

    Returns
    -------
    polars.DataFrame
        `SUMMARY_COLUMNS`; money in quote currency.
    """
    rows = [_row(str(slot.plan.slot), slot.summary) for slot in run.slots]
    if run.account.mode == "portfolio":
        for row, slot in zip(rows, run.slots, strict=True):
            row["pnl"] = float(slot.trades["pnl"].sum())
    rows.append(_row("total", run.total))
    return pl.DataFrame(rows, schema_overrides={"sharpe": pl.Float64, "profit_factor": pl.Float64})


def group_frame(run: Run, key: str) -> pl.DataFrame:
    """Return sums and shares by ``strategy`` or by ``asset``: trades, win rate, pnl, mean return, fees, funding.

    Parameters
    ----------
    run : Run
        Isolated or portfolio.
    key : str
        ``strategy``, or ``asset`` for the instrument; also the first column's name.

    Returns
    -------
    polars.DataFrame
        In the order in which groups first occur; returns in per cent of a slot's capital.
    """
    groups: dict[str, list[SlotRun]] = {}
    for slot in run.slots:
        name = slot.plan.slot.strategy if key == "strategy" else slot.plan.slot.instrument
        groups.setdefault(name, []).append(slot)
    return pl.DataFrame([_group_row(key, name, members) for name, members in groups.items()])


def _group_row(key: str, name: str, members: list[SlotRun]) -> dict[str, object]:
    trades = joined([slot.trades for slot in members])
    wins = int((trades["pnl"] > 0).sum())
    gains = float(trades["pnl"][trades["pnl"] > 0].sum())
    losses = -float(trades["pnl"][trades["pnl"] < 0].sum())
    returns = [
        float(slot.trades["pnl"].sum()) / max(slot.plan.account.sizing.capital, 1e-12) for slot in members
    ]
    return {
        key: name,
        "slots": len(members),
        "trades": len(trades),
        "win_rate": wins / len(trades) if len(trades) else float("nan"),
        "pnl": float(trades["pnl"].sum()),
        "mean_return_pct": 100.0 * math.fsum(returns) / len(returns),
        "best_slot_return_pct": 100.0 * max(returns),
        "worst_slot_return_pct": 100.0 * min(returns),
        "profit_factor": gains / losses if losses else float("inf") if gains else float("nan"),
        "fees": float(trades["fees"].sum()),
        "funding": float(trades["funding"].sum()),
    }


def equity_frame(run: Run) -> pl.DataFrame:
    """Return equity samples, long: ``timestamp, slot, equity`` (portfolio: one series, ``account``).

    Parameters
    ----------
    run : Run
        Isolated or portfolio.

    Returns
    -------
    polars.DataFrame
        Times are closes, ascending within a slot; equity in quote currency.
    """
    if run.account.mode == "portfolio":
        names, times, curves = ["account"], [run.equity_ts], [run.equity]
    else:
        names = slot_names(run)
        times = [slot.plan.bars.ts[slot.plan.first :] + slot.plan.bars.span_ms for slot in run.slots]
        curves = [slot.equity for slot in run.slots]
    labels = [_text_column("slot", [name], curve) for name, curve in zip(names, curves, strict=True)]
    return pl.DataFrame(
        [
            _time_column("timestamp", _concatenate(times)),
            labels[0] if len(labels) == 1 else pl.concat(labels),
            pl.Series("equity", _concatenate(curves)),
        ]
    )


def _concatenate(parts: Sequence[Any]) -> Any:
    return parts[0] if len(parts) == 1 else np.concatenate(parts)
