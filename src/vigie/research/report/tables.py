"""Rows of the report's tables: slots, strategies, assets, trades, ends, figures."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np

from vigie.domain.codes import REASONS
from vigie.domain.state import Records
from vigie.drawing.curves import sparkline
from vigie.engine.run import Run, SlotRun, trade_columns
from vigie.quant.metrics.costs import cost_waterfall
from vigie.quant.metrics.summary import Summary
from vigie.research.report.cells import CellFactory, TableCell, TableRow, direction
from vigie.research.report.numbers import DRAWDOWN_DIGITS, UNKNOWN, format_day, format_time
from vigie.research.report.payload import ListedTrades
from vigie.research.report.texts import ReportTexts

FIGURES: Final[dict[str, str]] = {
    "account": "capital:money final_equity:money total_return:gain cagr:gain years:number periods:count",
    "swings": "volatility:share sharpe:number sortino:number omega:number skew:number kurtosis:number "
    "var_95:share cvar_95:share tail_ratio:number",
    "falls": "max_drawdown:drawdown drawdown_start_ts:time drawdown_trough_ts:time drawdown_recovery_ts:time "
    "drawdown_ms:span longest_drawdown_ms:span ulcer_index:share calmar:number",
    "trades": "trades:count win_rate:share profit_factor:number payoff:number expectancy:amount best_trade:amount "
    "worst_trade:amount winning_streak:count losing_streak:count sqn:number kelly:share bars_held:number "
    "mae_pct:percent worst_mae_pct:percent mfe_pct:percent worst_mfe_pct:percent exposure:share",
    "costs": "fees:money funding:amount slippage:money turnover:number",
    "market": "buy_hold_return:gain alpha:gain beta:number",
}


def slot_rows(run: Run, words: ReportTexts) -> tuple[list[TableRow], TableRow]:
    """Return a row of every slot, and of the whole run.

    Parameters
    ----------
    run : Run
        Isolated or portfolio.

    Returns
    -------
    tuple of list of TableRow, TableRow
        In slot order; then the whole.
    """
    cells = CellFactory(words)
    is_shared = run.account.mode == "portfolio"
    rows = []
    for number, slot in enumerate(run.slots):
        net = (
            float(slot.trades["pnl"].sum()) if is_shared else slot.summary.final_equity - slot.summary.capital
        )
        spark = sparkline(slot.equity) if len(slot.equity) else ""
        rows.append(
            TableRow(str(slot.plan.slot), _slot_cells(cells, slot.summary, net, slot.trades), spark, number)
        )
    net = run.total.final_equity - run.total.capital
    trades = np.concatenate([slot.trades for slot in run.slots])
    total = TableRow(
        words.say("slots.total"), _slot_cells(cells, run.total, net, trades), sparkline(run.equity)
    )
    return rows, total


def _slot_cells(cells: CellFactory, summary: Summary, net: float, trades: Records) -> tuple[TableCell, ...]:
    return (
        cells.count(summary.trades),
        cells.share(summary.win_rate),
        cells.amount(net),
        cells.gain(summary.total_return),
        cells.gain(summary.buy_hold_return),
        cells.number(summary.sharpe),
        cells.share(summary.max_drawdown, DRAWDOWN_DIGITS),
        cells.number(summary.profit_factor),
        cells.share(summary.exposure),
        cells.number(summary.fees),
        cells.amount(summary.funding),
        cells.number(cost_waterfall(trade_columns(trades)).breakeven_bps, 1),
    )


def group_rows(run: Run, words: ReportTexts, key: Callable[[SlotRun], str]) -> list[TableRow]:
    """Return a row of every group of slots that share what `key` returns.

    Parameters
    ----------
    key : callable
        Slot in, name of its group out.

    Returns
    -------
    list of TableRow
        In the order in which groups first occur.
    """
    groups: dict[str, list[SlotRun]] = {}
    for slot in run.slots:
        groups.setdefault(key(slot), []).append(slot)
    cells = CellFactory(words)
    return [TableRow(name, _group_cells(cells, members)) for name, members in groups.items()]


def _group_cells(cells: CellFactory, members: Sequence[SlotRun]) -> tuple[TableCell, ...]:
    trades = np.concatenate([slot.trades for slot in members])
    wins, gains, losses = outcome(trades["pnl"])
    returns = [float(slot.trades["pnl"].sum()) / max(slot.summary.capital, 1e-12) for slot in members]
    costs = cost_waterfall(trade_columns(trades))
    return (
        cells.count(len(members)),
        cells.count(len(trades)),
        cells.share(wins),
        cells.amount(float(trades["pnl"].sum())),
        cells.gain(math.fsum(returns) / len(returns)),
        cells.gain(max(returns)),
        cells.gain(min(returns)),
        cells.number(gains / losses if losses else math.inf if gains else math.nan),
        cells.number(costs.fees),
        cells.amount(costs.funding),
        cells.number(costs.breakeven_bps, 1),
    )


def outcome(pnl: Any) -> tuple[float, float, float]:
    """Return the share of gains, their sum, and the size of the sum of losses.

    Parameters
    ----------
    pnl : float64 array
        Net results, quote currency.

    Returns
    -------
    tuple of float, float, float
        Share is NaN without trades; both sums >= 0.
    """
    share = float((pnl > 0).mean()) if len(pnl) else math.nan
    return share, float(pnl[pnl > 0].sum()), -float(pnl[pnl < 0].sum())


def trade_rows(run: Run, listed: ListedTrades, words: ReportTexts) -> list[tuple[Any, ...]]:
    """Return the trades as tuples of text: slot parts, side, times, prices, reason, bars, amounts.

    Plain tuples, since there are thousands: instrument, timeframe, strategy, side, entry time, entry price, exit
    time, exit price, reason, bars, fees, funding, net, return, and ``up`` or ``down``.

    Parameters
    ----------
    run : Run
        Names and decimals of its slots.
    listed : ListedTrades
        In the order shown.

    Returns
    -------
    list of tuple of any
        One tuple a trade.
    """
    style, trades = words.style, listed.trades
    sides = {1: words.say("side.long"), -1: words.say("side.short")}
    reasons = {code: words.say(f"reason.{name}") for code, name in REASONS.items()}
    digits = [slot.plan.versions[-1].tick.digits for slot in run.slots]
    columns = zip(
        listed.slot.tolist(),
        *(trades[name].tolist() for name in _TRADE),
        strict=True,
    )
    rows = []
    for number, side, begin, entry, end, exit_price, reason, bars_held, fees, funding, pnl, share in columns:
        slot = run.slots[number].plan.slot
        rows.append(
            (
                slot.instrument,
                slot.timeframe,
                slot.strategy if slot.number == 1 else f"{slot.strategy}#{slot.number}",
                sides[side],
                format_time(begin),
                style.number(entry, digits[number]),
                format_time(end),
                style.number(exit_price, digits[number]),
                reasons[reason],
                bars_held,
                style.number(fees),
                style.number(funding, sign=True),
                style.number(pnl, sign=True),
                style.number(share, sign=True),
                direction(pnl),
            )
        )
    return rows


_TRADE: Final = "side entry_ts entry exit_ts exit reason bars_held fees funding pnl return_pct".split()


def end_rows(trades: Records, words: ReportTexts) -> list[TableRow]:
    """Return a row of every reason by which trades ended.

    Parameters
    ----------
    trades : record array of `TRADE`
        Of all slots.

    Returns
    -------
    list of TableRow
        Count, win rate, sum and mean of net results; reasons that did not occur have no row.
    """
    say = CellFactory(words)
    rows = []
    for code, name in REASONS.items():
        pnl = trades["pnl"][trades["reason"] == code]
        if len(pnl):
            cells = (say.count(len(pnl)), say.share(outcome(pnl)[0]), say.amount(float(pnl.sum())))
            rows.append(TableRow(words.say(f"reason.{name}"), (*cells, say.amount(float(pnl.mean())))))
    return rows


def figure_groups(summary: Summary, words: ReportTexts) -> list[tuple[str, list[tuple[str, str, str, str]]]]:
    """Return groups of figures: title, then key, name, value and how it is computed.

    Parameters
    ----------
    summary : Summary
        Of the whole run.

    Returns
    -------
    list of tuple of str, list of tuple of str, str, str, str
        In the order of `FIGURES`; what is not known is a dash.
    """
    groups = []
    for group, spec in FIGURES.items():
        rows = []
        for part in spec.split():
            key, _, kind = part.partition(":")
            value = getattr(summary, key)
            text = UNKNOWN if value is None else _format_figure(kind, value, words)
            rows.append((key, words.say(f"metric.{key}"), text, words.say(f"metric.{key}.how")))
        groups.append((words.say(f"group.{group}"), rows))
    return groups


def _format_figure(kind: str, value: float, words: ReportTexts) -> str:
    style = words.style
    if kind == "time":
        return format_time(int(value))
    if kind == "span":
        return words.span(value)
    if kind == "percent":
        return style.percent(value / 100, 2)
    if kind in ("share", "gain", "drawdown"):
        return style.percent(value, DRAWDOWN_DIGITS if kind == "drawdown" else 2, sign=kind == "gain")
    return style.number(value, 0 if kind == "count" else 2, sign=kind == "amount")


def month_ends(ts: Any, columns: Sequence[Any], words: ReportTexts, limit: int = 60) -> list[tuple[str, ...]]:
    """Return the last value of every month as text, evenly thinned to at most `limit` rows.

    Parameters
    ----------
    ts : int64 array, shape (n,)
        Epoch milliseconds, ascending, at least one.
    columns : sequence of float64 arrays, shape (n,)
        One for each column of the table.
    limit : int
        Most rows; first and last month stay.

    Returns
    -------
    list of tuple of str
        UTC day of the month's last value, then the values.
    """
    month = ts.astype("datetime64[ms]").astype("datetime64[M]").astype(np.int64)
    ends = np.append(np.flatnonzero(np.diff(month)), len(month) - 1)
    if len(ends) > limit:
        ends = ends[np.unique(np.linspace(0, len(ends) - 1, limit).astype(int))]
    return [(format_day(int(ts[k])), *(words.style.number(float(c[k])) for c in columns)) for k in ends]
