"""Every figure of one account in one record, from a few compiled passes."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from vigie.domain.bar import FloatArray, IntArray
from vigie.domain.errors import UsageError
from vigie.quant.metrics.benchmark import market_figures
from vigie.quant.metrics.returns import growth, return_figures
from vigie.quant.metrics.risk import drawdown_figures, tail_figures, ulcer_index
from vigie.quant.metrics.sampling import YEAR_MS, period_ends, period_returns, periods_per_year
from vigie.quant.metrics.trades import (
    NO_TRADES,
    UNKNOWN,
    TradeColumns,
    column_figures,
    outcome_figures,
    quality_figures,
)


@dataclass(frozen=True, slots=True)
class Summary:
    """The figures of one account; fractions, quote currency and milliseconds as each says, NaN for undefined.

    Ratios come from one value a UTC day (or a bar, above a day) and are annualised with 365 days; drawdown
    looks at every bar. Each formula with its source stands at the function named in parentheses.

    Attributes
    ----------
    capital, final_equity : float
        Account value before the first and after the last bar, quote currency.
    total_return : float
        Final over capital minus one, fraction of the whole span.
    cagr : float
        Compound growth, fraction a year (`growth`).
    volatility : float
        Fraction a year (`return_figures`).
    sharpe, sortino : float
        Annualised, riskless rate zero (`return_figures`).
    omega, skew, kurtosis : float
        Gains over losses; shape of the returns of a period, excess kurtosis (`return_figures`).
    var_95, cvar_95 : float
        Return of a period in the worst 5 %: its border and its mean, fractions, negative for losses
        (`tail_figures`).
    tail_ratio : float
        95 % quantile over 5 % quantile, sizes (`tail_figures`).
    ulcer_index : float
        Root mean square drawdown, fraction (`ulcer_index`).
    max_drawdown : float
        Fraction <= 0 (`drawdown_figures`).
    drawdown_start_ts, drawdown_trough_ts, drawdown_recovery_ts : int or None
        Epoch milliseconds UTC; no recovery is None.
    drawdown_ms, longest_drawdown_ms : float
        Duration of the deepest and of the longest fall, milliseconds.
    calmar : float
        CAGR over the size of the maximum drawdown, over the whole span. NaN without a drawdown.
    trades : int
        Closed trades.
    win_rate : float
        Share with a gain, fraction (`outcome_figures`, like the next five).
    profit_factor, payoff : float
        Ratios; a profit factor is infinite with gains and no losses.
    expectancy, best_trade, worst_trade : float
        Quote currency a trade.
    winning_streak, losing_streak : int
        Trades in a row.
    sqn, kelly : float
        System quality number; Kelly fraction (`quality_figures`).
    fees, funding, slippage : float
        Sums in quote currency: paid, received, lost to slippage (`column_figures`).
    turnover : float
        Traded value (both sides) over the mean sampled equity, times a year.
    bars_held : float
        Mean of a trade, bars, entry and exit bar included.
    mae_pct, worst_mae_pct, mfe_pct, worst_mfe_pct : float
        Mean and smallest of the worst and best move while held, per cent of the entry price.
    exposure : float
        Share of the bars with a position, fraction.
    buy_hold_return : float
        Return of the buy-and-hold curve given, fraction of the whole span.
    alpha, beta : float
        To the market given; alpha a fraction a year (`market_figures`).
    periods : int
        Sampled returns behind the ratios.
    years : float
        From the open of the first to the close of the last bar, years of 365 days.
    """

    capital: float
    final_equity: float
    total_return: float
    cagr: float
    volatility: float
    sharpe: float
    sortino: float
    omega: float
    skew: float
    kurtosis: float
    var_95: float
    cvar_95: float
    tail_ratio: float
    ulcer_index: float
    max_drawdown: float
    drawdown_start_ts: int | None
    drawdown_trough_ts: int | None
    drawdown_recovery_ts: int | None
    drawdown_ms: float
    longest_drawdown_ms: float
    calmar: float
    trades: int
    win_rate: float
    profit_factor: float
    expectancy: float
    payoff: float
    winning_streak: int
    losing_streak: int
    best_trade: float
    worst_trade: float
    sqn: float
    kelly: float
    fees: float
    funding: float
    slippage: float
    turnover: float
    bars_held: float
    mae_pct: float
    worst_mae_pct: float
    mfe_pct: float
    worst_mfe_pct: float
    exposure: float
    buy_hold_return: float
    alpha: float
    beta: float
    periods: int
    years: float


def _floats(values: FloatArray) -> FloatArray:
    # One array type, so that the passes are compiled once: contiguous, float64, writable.
    array = np.ascontiguousarray(values, dtype=np.float64)
    return array if array.flags.writeable else array.copy()


def _stamps(values: IntArray) -> IntArray:
    array = np.ascontiguousarray(values, dtype=np.int64)
    return array if array.flags.writeable else array.copy()


def summarise(
    equity: FloatArray,
    ts: IntArray,
    capital: float,
    trades: TradeColumns = NO_TRADES,
    *,
    span_ms: int,
    market: FloatArray = UNKNOWN,
    hold: FloatArray = UNKNOWN,
    bars_in_position: int | None = None,
) -> Summary:
    """Return every figure of one account.

    Parameters
    ----------
    equity : float64 array, shape (n_bars,)
        Account value at the close of every bar, quote currency.
    ts : int64 array, shape (n_bars,)
        Open times of these bars, epoch milliseconds UTC, ascending.
    capital : float
        Account value before the first bar, > 0.
    trades : TradeColumns
        Closed trades in the order of their exits.
    span_ms : int
        Length of a bar.
    market : float64 array, shape (n_bars,), optional
        Price of the market (BTC) at the close of every bar, NaN where not known; for alpha and beta.
    hold : float64 array, shape (n_bars,), optional
        Equity of `buy_and_hold` from the same capital.
    bars_in_position : int, optional
        Bars with a position at any moment. Without it the bars held of all trades are added up, capped at 1
        of all bars: a bar of an exit and a new entry then counts twice.

    Returns
    -------
    Summary
        NaN wherever a figure is not defined.

    Raises
    ------
    UsageError
        If the capital is not positive or `equity`, `ts` and `market` differ in length.
    """
    n = len(equity)
    if len(ts) != n or len(market) not in (0, n):
        raise UsageError(f"equity, ts and market must be of one length, were {n}, {len(ts)}, {len(market)}")
    if not capital > 0:
        raise UsageError(f"capital must be > 0, was {capital}")
    curve, stamps = _floats(equity), _stamps(ts)
    final = float(curve[-1]) if n else float(capital)
    elapsed = float(stamps[-1] - stamps[0] + span_ms) if n else 0.0
    cagr = growth(capital, final, elapsed_ms=elapsed)
    ends = period_ends(stamps, span_ms)
    returns = period_returns(curve, ends, capital)
    per_year = periods_per_year(span_ms)
    depth, *dates, duration, longest = drawdown_figures(curve, stamps, capital, span_ms)
    mean_equity = column_figures(curve[ends], len(ends))[1]
    trade_figures, bars_held_total = _trade_figures(trades, mean_equity * elapsed / YEAR_MS)
    in_position = bars_held_total if bars_in_position is None else float(bars_in_position)
    figures: list[Any] = [
        float(capital),
        final,
        final / capital - 1.0,
        cagr,
        *return_figures(returns, per_year),
        *tail_figures(returns),
        ulcer_index(returns),
        depth,
        *[None if math.isnan(date) else int(date) for date in dates],
        duration,
        longest,
        cagr / -depth if depth < 0 else math.nan,
        *trade_figures,
        min(in_position / n, 1.0) if n else math.nan,
        float(hold[-1]) / capital - 1.0 if len(hold) else math.nan,
        *market_figures(returns, _floats(market), ends, per_year),
        len(returns),
        elapsed / YEAR_MS,
    ]
    return Summary(*figures)


def _trade_figures(trades: TradeColumns, equity_years: float) -> tuple[list[Any], float]:
    # The figures in the order of Summary from `trades` to `worst_mfe_pct`, and the bars held by all trades.
    pnl, return_pct, fees, funding, slippage, bars_held, mae, mfe, notional = map(_floats, trades.columns())
    n = len(pnl)
    count, win_rate, factor, expectancy, payoff, wins, losses, best, worst = outcome_figures(pnl)
    traded = column_figures(notional, n)[0]
    bars, mean_bars, _, _ = column_figures(bars_held, n)
    figures = [
        int(count),
        win_rate,
        factor,
        expectancy,
        payoff,
        int(wins),
        int(losses),
        best,
        worst,
        *quality_figures(return_pct),
        column_figures(fees, n)[0],
        column_figures(funding, n)[0],
        column_figures(slippage, n)[0],
        traded / equity_years if equity_years > 0 else math.nan,
        mean_bars,
        *column_figures(mae, n)[1:3],
        *column_figures(mfe, n)[1:3],
    ]
    return figures, bars
