"""A run as tables: trades, refusals, summary by slot, strategy and asset, equity; the columns of the files.

Takes a `Run`; gives Polars frames whose columns never change order. Times are ISO UTC text in files and
`datetime[ms, UTC]` in frames.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

import numpy as np
import polars as pl

from vigie.domain.codes import REASONS, REFUSALS
from vigie.domain.state import Records
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
SIDES: Final = {1: "long", -1: "short", 0: ""}
_REASONS = np.array([REASONS.get(code, "") for code in range(max(REASONS) + 1)])


def names_of(run: Run) -> list[str]:
    """Return the slots' names in slot order."""
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
    number = records["slot"]

    def named(words: Iterable[str]) -> Any:
        return np.array(list(words) or [""], dtype=object)[number] if slots else np.full(len(records), "", object)

    slots = slots or ()
    data = {
        "slot": named(str(s.plan.slot) for s in slots),
        "instrument": named(s.plan.slot.instrument for s in slots),
        "timeframe": named(s.plan.slot.timeframe for s in slots),
        "strategy": named(s.plan.slot.strategy for s in slots),
        "side": np.where(records["side"] > 0, "long", "short").astype(object),
        "qty": records["qty"],
        "entry_ts": records["entry_ts"],
        "entry_price": records["entry"],
        "exit_ts": records["exit_ts"],
        "exit_price": records["exit"],
        "stop": records["stop"],
        "target": records["target"],
        "fees": records["fees"],
        "funding": records["funding"],
        "pnl": records["pnl"],
        "return_pct": records["return_pct"],
        "reason": _REASONS[records["reason"]].astype(object),
        "bars_held": records["bars_held"],
        "mae_pct": records["mae_pct"],
        "mfe_pct": records["mfe_pct"],
        "equity": records["equity"],
        "lots": records["lots"],
    }
    text = {"slot", "instrument", "timeframe", "strategy", "side", "reason"}
    columns = []
    for name, values in data.items():
        if name in text:
            columns.append(pl.Series(name, values.tolist(), dtype=pl.String))
        else:
            columns.append(pl.Series(name, np.ascontiguousarray(values)))
    return pl.DataFrame(columns).with_columns(pl.col("entry_ts", "exit_ts").cast(UTC_MS))


def all_trades(run: Run) -> pl.DataFrame:
    """Return every trade of a run, slot after slot (isolated) or in booking order (portfolio)."""
    records = np.concatenate([outcome.trades for outcome in run.outcomes])
    return trades_frame(records, run.slots)


def refusals_frame(log: Any, values: Any, names: Sequence[str] | None = None) -> pl.DataFrame:
    """Return the refusals of a decision log, in event order.

    Parameters
    ----------
    log, values : arrays
        As in `Outcome`.
    names : sequence of str, optional
        Names of slots.
    """
    rows = np.flatnonzero(log[:, 6] >= min(REFUSALS))
    return pl.DataFrame(
        {
            "timestamp": pl.Series(log[rows, 0], dtype=pl.Int64).cast(UTC_MS),
            "slot": pl.Series([names[int(k)] if names else "" for k in log[rows, 1]], dtype=pl.String),
            "side": pl.Series([SIDES[int(k)] for k in log[rows, 2]], dtype=pl.String),
            "code": pl.Series([REFUSALS[int(k)] for k in log[rows, 6]], dtype=pl.String),
            "limit": pl.Series(np.ascontiguousarray(values[rows, 0])),
            "value": pl.Series(np.ascontiguousarray(values[rows, 1])),
        }
    )


def _row(name: str, summary: Summary) -> dict[str, object]:
    return {
        "slot": name,
        "trades": summary.trades,
        "win_rate": summary.win_rate * 100.0,
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
    """Return one row a slot and a last row ``total``; win rate and drawdown in per cent, exposure a share."""
    rows = [_row(str(slot.plan.slot), slot.summary) for slot in run.slots]
    if run.account.mode == "portfolio":
        for row, slot in zip(rows, run.slots, strict=True):
            row["pnl"] = float(slot.trades["pnl"].sum())
    rows.append(_row("total", run.total))
    return pl.DataFrame(rows, schema_overrides={"sharpe": pl.Float64, "profit_factor": pl.Float64})


def grouped(run: Run, key: str) -> pl.DataFrame:
    """Return sums and shares by ``strategy`` or by ``asset``: trades, win rate, pnl, mean return, fees, funding."""
    groups: dict[str, list[SlotRun]] = {}
    for slot in run.slots:
        name = slot.plan.slot.strategy if key == "strategy" else slot.plan.slot.instrument
        groups.setdefault(name, []).append(slot)
    return pl.DataFrame([_group_row(key, name, members) for name, members in groups.items()])


def _group_row(key: str, name: str, members: list[SlotRun]) -> dict[str, object]:
    trades = np.concatenate([slot.trades for slot in members])
    wins = int((trades["pnl"] > 0).sum())
    gains = float(trades["pnl"][trades["pnl"] > 0].sum())
    losses = -float(trades["pnl"][trades["pnl"] < 0].sum())
    returns = [float(slot.trades["pnl"].sum()) / max(slot.plan.account.sizing.capital, 1e-12) for slot in members]
    return {
        key: name,
        "slots": len(members),
        "trades": len(trades),
        "win_rate": 100.0 * wins / len(trades) if len(trades) else float("nan"),
        "pnl": float(trades["pnl"].sum()),
        "mean_return_pct": 100.0 * sum(returns) / len(returns),
        "best_slot_return_pct": 100.0 * max(returns),
        "worst_slot_return_pct": 100.0 * min(returns),
        "profit_factor": gains / losses if losses else float("inf") if gains else float("nan"),
        "fees": float(trades["fees"].sum()),
        "funding": float(trades["funding"].sum()),
    }


def equity_frame(run: Run) -> pl.DataFrame:
    """Return equity samples, long: ``timestamp, slot, equity`` (portfolio: one series, ``account``)."""
    if run.account.mode == "portfolio":
        names, times, curves = ["account"], [run.equity_ts], [run.equity]
    else:
        names = names_of(run)
        times = [slot.plan.bars.ts[slot.plan.first :] + slot.plan.bars.span_ms for slot in run.slots]
        curves = [slot.equity for slot in run.slots]
    label = np.repeat(np.arange(len(names)), [len(curve) for curve in curves])
    return pl.DataFrame(
        {
            "timestamp": pl.Series(np.concatenate(times), dtype=pl.Int64).cast(UTC_MS),
            "slot": pl.Series([names[int(k)] for k in label], dtype=pl.String),
            "equity": pl.Series(np.concatenate(curves)),
        }
    )
