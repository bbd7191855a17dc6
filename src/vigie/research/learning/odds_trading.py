"""What trading a model's log-odds comes to: entries and exits for the fill model, never returns times positions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from vigie.domain.account import Costs, Sizing
from vigie.domain.bar import Bars, BoolArray, FloatArray, IntArray
from vigie.domain.errors import UsageError
from vigie.domain.instrument import Instrument
from vigie.domain.state import LONG_ENTRY, LONG_EXIT, SHORT_ENTRY, SHORT_EXIT, Records
from vigie.domain.time import DAY_MS
from vigie.domain.trials import TrialCount
from vigie.engine.backtest import Outcome, run_slot
from vigie.engine.inputs import SlotInput, check_input
from vigie.quant.indicators.atr import atr
from vigie.quant.metrics.benchmark import buy_and_hold
from vigie.quant.metrics.sampling import period_ends, period_returns
from vigie.quant.stats.verdict import Verdict, verdict
from vigie.research.learning.learning_rows import LearningRows
from vigie.research.learning.walking import Walked


def trade_terms(horizon: int) -> Sizing:
    """Return how log-odds of a horizon are traded: a small risk, levels far away, out when the horizon is over.

    Parameters
    ----------
    horizon : int
        Bars that the outcome is about.

    Returns
    -------
    Sizing
    """
    return Sizing(risk_fraction=0.01, leverage=1.0, stop_atr=4.0, target_atr=12.0, max_bars=horizon)


def odds_slot(bars: Bars, versions: Sequence[Instrument], horizon: int, costs: Costs) -> SlotInput:
    """Return what the fill model reads of an asset; its entries and exits come with the log-odds.

    Parameters
    ----------
    bars : Bars
    versions : sequence of Instrument
        Rules of the instrument.
    horizon : int
        Bars that the outcome is about.
    costs : Costs

    Returns
    -------
    SlotInput
    """
    unit = atr(bars.high, bars.low, bars.close)
    return SlotInput(
        bars, np.zeros(len(bars), np.uint8), unit, unit, tuple(versions), trade_terms(horizon), costs
    )


@dataclass(frozen=True, slots=True, eq=False)
class TradedOdds:
    """An account that followed a model, the same money on each asset.

    Attributes
    ----------
    outcomes : tuple of Outcome
        One an asset, over the bars that were judged.
    days : int64 array, shape (n_days,)
        Since 1970-01-01 UTC.
    returns : float64 array, shape (n_days,)
        Of all assets together.
    held : float64 array, shape (n_days,)
        The same of buying all assets at the first open and selling them at the last close, with costs.
    verdict : Verdict
        Whether they can be told from luck.
    """

    outcomes: tuple[Outcome, ...]
    days: IntArray
    returns: FloatArray
    held: FloatArray
    verdict: Verdict

    @property
    def trades(self) -> Records:
        """All trades, asset by asset."""
        return np.concatenate([outcome.trades for outcome in self.outcomes])


def trade_odds(
    rows: LearningRows,
    walked: Walked,
    slots: Sequence[SlotInput],
    *,
    trials: int | TrialCount,
    seed: int,
    periods_per_year: float = 365.0,
    is_filter: bool = False,
) -> TradedOdds:
    """Trade where log-odds reach what their fold trades from; leave by its levels, its time stop or the other side.

    Parameters
    ----------
    rows : LearningRows
    walked : Walked
    slots : sequence of SlotInput
        One an asset, by its number; their flags are replaced, unless they are a rule's.
    trials : int or TrialCount
        How often the histories were tried, this time included.
    seed : int
        Of the verdict's draws.
    periods_per_year : float
        To annualise.
    is_filter : bool
        The slots have a rule's flags: its entries are let through where log-odds reach, its exits stay.

    Returns
    -------
    TradedOdds

    Raises
    ------
    UsageError
        If an asset has no slot.
    """
    if int(rows.assets.max()) >= len(slots):
        raise UsageError("asset_without_slot", "every asset needs bars to trade on")
    outcomes, days, held = [], [], []
    for number, slot in enumerate(slots):
        own = (rows.assets == number) & ~np.isnan(walked.log_odds)
        if not own.any():
            continue
        outcome = _trade(rows, walked, slot, own, is_filter=is_filter)
        outcomes.append(outcome)
        days.append(_daily(outcome.equity, outcome.samples_ts, slot))
        held.append(_daily(_held(outcome, slot), outcome.samples_ts, slot))
    joined_days, returns = _joined(days)
    told = verdict(
        returns[:, None], 0, trials=max(trials, 1) if isinstance(trials, int) else trials, seed=seed,
        periods_per_year=periods_per_year,
    )  # fmt: skip
    return TradedOdds(tuple(outcomes), joined_days, returns, _joined(held)[1], told)


@dataclass(frozen=True, slots=True)
class YearResult:
    """What one calendar year came to.

    Attributes
    ----------
    year, days, trades : int
        Trades count in the year in which they end.
    earned : float
        Of what the year began with.
    """

    year: int
    days: int
    trades: int
    earned: float


def results_by_year(traded: TradedOdds) -> tuple[YearResult, ...]:
    """Return what each calendar year (UTC) came to.

    Parameters
    ----------
    traded : TradedOdds

    Returns
    -------
    tuple of YearResult
        In the order of time; years without a day that was judged are left out.
    """
    years = _years(traded.days * DAY_MS)
    ended = _years(traded.trades["exit_ts"])
    return tuple(
        YearResult(
            int(year), int((years == year).sum()), int((ended == year).sum()),
            float(np.prod(1.0 + traded.returns[years == year]) - 1.0),
        )
        for year in np.unique(np.concatenate([years, ended]))
    )  # fmt: skip


def _years(ms: IntArray) -> IntArray:
    return ms.astype("datetime64[ms]").astype("datetime64[Y]").astype(np.int64) + 1970


def _trade(
    rows: LearningRows, walked: Walked, slot: SlotInput, own: BoolArray, *, is_filter: bool
) -> Outcome:
    bars = rows.bars[own]
    if is_filter:
        entries = np.uint8(LONG_ENTRY | SHORT_ENTRY)
        flags = slot.flags & ~entries
        let_through = bars[walked.is_long[own]]
        flags[let_through] |= slot.flags[let_through] & entries
    else:
        flags = np.zeros(len(slot.bars), np.uint8)
        flags[bars] = (
            np.where(walked.is_long[own], LONG_ENTRY, 0)
            | np.where(walked.is_short[own], SHORT_ENTRY, 0)
            | np.where(walked.is_short[own], LONG_EXIT, 0)
            | np.where(walked.is_long[own], SHORT_EXIT, 0)
        ).astype(np.uint8)
    # Nothing is traded before the first bar that was judged, nor held beyond the last.
    first, last = int(bars[0]), int(bars[-1])
    flags[last] = LONG_EXIT | SHORT_EXIT
    # What is held leaves at the next open: days after it would only make the result look steadier.
    stop = min(last + 2, len(slot.bars))
    used = replace(
        slot, bars=slot.bars.slice(0, stop), flags=flags[:stop], stop_unit=slot.stop_unit[:stop].copy(),
        target_unit=slot.target_unit[:stop].copy(), first=max(first, slot.first), detail=None,
    )  # fmt: skip
    check_input(used)
    return run_slot(used)


def _held(outcome: Outcome, slot: SlotInput) -> FloatArray:
    """Return the equity of buy-and-hold at the closes at which the account was looked at."""
    first = int(np.searchsorted(slot.bars.ts, outcome.samples_ts[0]))
    bars = slot.bars.slice(first, first + len(outcome.samples_ts))
    return buy_and_hold(
        bars.open, bars.close, capital=slot.sizing.capital, taker=slot.costs.taker,
        slippage_bps=slot.costs.slippage_bps,
    )  # fmt: skip


def _daily(equity: FloatArray, samples_ts: IntArray, slot: SlotInput) -> dict[int, float]:
    """Return the return of each day, by its number."""
    ends = period_ends(samples_ts, slot.bars.span_ms)
    returns = period_returns(equity, ends, slot.sizing.capital)
    days = samples_ts[ends] // DAY_MS
    return dict(zip(days[: len(returns)].tolist(), returns.tolist(), strict=True))


def _joined(parts: Sequence[dict[int, float]]) -> tuple[IntArray, FloatArray]:
    """Return the mean of all assets for each day; an asset without that day holds its money."""
    days = sorted({day for part in parts for day in part})
    return np.array(days, np.int64), np.array(
        [sum(part.get(day, 0.0) for part in parts) / len(parts) for day in days]
    )
