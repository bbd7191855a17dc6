"""What a plan comes to: size, loss, gain, costs, and how often prices went such distances before."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from typing import Final

import numpy as np

from vigie.data.instruments.versions import find_versions
from vigie.data.live_history import bars_until
from vigie.domain.account import Costs, Sizing
from vigie.domain.errors import UsageError
from vigie.domain.ids import SeriesId
from vigie.domain.time import timeframe_ms
from vigie.domain.trade_plan import TradePlan
from vigie.engine.level_results import LevelResults, level_results
from vigie.engine.live.trial_account import TriedEntry
from vigie.quant.stats.first_passage import FirstPassage, first_passage
from vigie.quant.stats.proportion import wilson_interval
from vigie.services.plans.plan_funding import FundingTerms
from vigie.services.plans.plan_markets import is_spot
from vigie.services.plans.plan_sources import PlanSources, slot_number
from vigie.services.plans.worst_entries import worst_entries
from vigie.services.setups.outcomes import LEAST
from vigie.services.trading.accounts.present_account import PresentAccount

# Bars over which costs and frequencies are counted, as of a setup whose signal names none.
HORIZON: Final = 30
# Bars of the past in which such distances are looked for.
HISTORY: Final = 10_000


@dataclass(frozen=True, slots=True)
class PlanMoney:
    """What a plan makes, sized with some capital and leverage.

    Attributes
    ----------
    capital : float
        What it is sized with, quote units.
    leverage : float or None
        None: without borrowed money.
    entry : float
        Price that is counted with: the end of the zone farthest from the stop, or the present price.
    funding : float
        Expected over the horizon at the last settled rate; what is paid is below 0.
    results : LevelResults
        By the fill model, without funding.
    worst_loss : float
        Result at the stop from the close in the zone at which most would be lost, with funding that is paid; a gap
        through the stop loses more.
    """

    capital: float
    risk_fraction: float
    leverage: float | None
    entry: float
    funding: float
    results: LevelResults
    worst_loss: float = 0.0


@dataclass(frozen=True, slots=True)
class Stake:
    """What an entry is sized with: capital, the share of it that is risked, and leverage.

    Attributes
    ----------
    leverage : float or None
        None: without borrowed money, so without funding and liquidation.
    """

    capital: float
    risk_fraction: float
    leverage: float | None


@dataclass(frozen=True, slots=True)
class Frequency:
    """How often one of three ends came first; the rate has a 95 % interval, and stands from 30 starts on.

    Attributes
    ----------
    kind : str
        ``target``, ``stop`` or ``neither``.
    result : float or None
        What it makes here, with costs, quote units; None where the entry is refused.
    """

    kind: str
    count: int
    of: int
    rate: float | None
    low: float | None
    high: float | None
    result: float | None


@dataclass(frozen=True, slots=True)
class PlanOdds:
    """How often such distances were reached first on the plan's own bars.

    Attributes
    ----------
    ts_first, ts_last : int
        Span of the bars, epoch milliseconds; 0 where there are none.
    expected : float or None
        Mean result at these frequencies, with costs, quote units; None for fewer than 30 starts.
    """

    horizon: int
    ts_first: int
    ts_last: int
    lines: tuple[Frequency, ...]
    expected: float | None


def reference_price(plan: TradePlan, price: float | None, *, is_armed: bool = False) -> float:
    """Return the price that a plan's entry is counted with.

    Parameters
    ----------
    is_armed : bool
        Whether it waits for its entry, as it is: then no other form of it is a cure.

    Raises
    ------
    UsageError
        If it enters at once and no price between stop and target is known.
    """
    low, high = plan.zone
    if not plan.is_at_once:
        return high if plan.side == "long" else low
    if price is None and is_armed:
        raise UsageError(
            "armed_plan_without_price",
            "no present price is known of {instrument} at {venue}: what this plan comes to is counted once there is "
            "one",
            instrument=plan.instrument,
            venue=plan.venue,
        )
    if price is None:
        raise UsageError(
            "plan_at_once_without_price",
            "a plan that enters at once needs a present price, and none is known of {instrument} at {venue}; give a "
            "zone instead",
            instrument=plan.instrument,
            venue=plan.venue,
        )
    if is_armed and not low < price < high:
        raise UsageError(
            "plan_price_left",
            "the price {price:g} is not between the stop ({stop:g}) and the target ({target:g}) of this plan: no close "
            "enters until it is, and only then does it come to anything",
            price=price,
            stop=plan.stop,
            target=plan.target,
        )
    if not low < price < high:
        raise UsageError(
            "plan_price_outside",
            "a plan that enters at once needs a present price between its stop ({stop:g}) and its target "
            "({target:g}); it is {price:g}; give a zone instead",
            stop=plan.stop,
            target=plan.target,
            price=price,
        )
    return price


def own_money(
    sources: PlanSources, plan: TradePlan, capital: float, entry: float, terms: FundingTerms | None
) -> PlanMoney:
    """Return what a plan makes for a person who acts on it by hand, with the leverage that it names.

    Parameters
    ----------
    terms : FundingTerms or None
        Of its market; None where no rate is known.
    """
    # Earlier versions kept a leverage of 1 with plans on spot markets.
    leverage = None if is_spot(plan.instrument) else plan.leverage
    sizing = Sizing(capital=capital, leverage=1.0 if leverage is None else leverage)
    versions = tuple(find_versions(sources.data.instruments, plan.venue, plan.instrument))
    if not versions:
        raise UsageError(
            "plan_unknown_rules",
            "no rules of {instrument} on {venue} are known; fetch its bars first: `vigie data fetch`",
            instrument=plan.instrument,
            venue=plan.venue,
        )

    def at(price: float) -> LevelResults:
        return level_results(
            versions, sizing, Costs(), side=plan.side, entry=price, stop=plan.stop, target=plan.target,
            ts=plan.ts_made,
        )  # fmt: skip

    return plan_money(plan, at, Stake(capital, sizing.risk_fraction, leverage), entry, terms)


def account_money(
    present: PresentAccount,
    plan: TradePlan,
    entry: float,
    terms: FundingTerms | None,
    *,
    is_instead: bool = False,
) -> PlanMoney | None:
    """Return what a plan makes in its account, with everything that it holds now; None without a slot.

    Parameters
    ----------
    is_instead : bool
        Whether what its slot holds or waits for is left out: it is the plan's own.
    """
    number = slot_number(present.plan, plan.instrument)
    if number is None:
        return None

    @cache
    def tried(price: float) -> TriedEntry:
        return present.try_entry(number, plan.sign, price, plan.stop, plan.target, is_instead=is_instead)

    first = tried(entry)
    leverage = None if is_spot(plan.instrument) else present.plan.slots[number].sizing.leverage
    stake = Stake(first.equity, first.risk_fraction, leverage)
    return plan_money(plan, lambda price: tried(price).results, stake, entry, terms)


def plan_money(
    plan: TradePlan,
    at: Callable[[float], LevelResults],
    stake: Stake,
    entry: float,
    terms: FundingTerms | None,
) -> PlanMoney:
    """Return what a plan makes, entered at a price.

    Parameters
    ----------
    at : callable
        Gives what it makes, entered at a price, without funding.
    stake : Stake
        What that is sized with.
    """
    results = at(entry)
    if stake.leverage is None:
        results = replace(results, liquidation=0.0)
    money = PlanMoney(stake.capital, stake.risk_fraction, stake.leverage, entry, 0.0, results)
    held_ms = HORIZON * timeframe_ms(plan.timeframe)
    funding = funding_over(plan, money, terms, terms.count(held_ms) if terms else 0)
    most = terms.most(held_ms) if terms else 0
    worst = results.loss + min(funding_over(plan, money, terms, most), 0.0)
    risk, cap = stake.capital * stake.risk_fraction, stake.capital * (stake.leverage or 1.0)
    for one in () if results.refusal else worst_entries(plan, risk, cap, at):
        # Entered at another close, one settlement more may fall into the horizon.
        paid = funding_over(plan, replace(money, results=one), terms, most)
        worst = min(worst, one.loss + min(paid, 0.0))
    return replace(money, funding=funding, worst_loss=worst)


def funding_over(plan: TradePlan, money: PlanMoney, terms: FundingTerms | None, settlements: float) -> float:
    """Return the funding that is expected of a position, quote units; what is paid is below 0.

    Parameters
    ----------
    settlements : float
        How many it meets; parts of one count as parts: of many positions so many pay it.
    """
    if money.leverage is None or terms is None:
        return 0.0
    return -plan.sign * money.results.notional * terms.rate * settlements


def odds_of(sources: PlanSources, plan: TradePlan, money: PlanMoney) -> PlanOdds:
    """Return how often a plan's distances were reached first in its recent past.

    From one bar a horizon: starts that overlap would count the same move again and again.
    """
    now = sources.data.clock.market_now()
    series = SeriesId(plan.venue, plan.instrument, plan.timeframe)
    bars = bars_until(sources.data.bars, series, now - HISTORY * series.span_ms, now)
    if not len(bars):
        return PlanOdds(HORIZON, 0, 0, _lines(FirstPassage(0, 0, 0, 0, None), money), None)
    passage = first_passage(
        bars.open, bars.high, bars.low, bars.close, np.arange(0, len(bars), HORIZON), side=plan.side,
        target=abs(plan.target / money.entry - 1.0), stop=abs(plan.stop / money.entry - 1.0),
        horizon=HORIZON, gaps=bars.gaps,
    )  # fmt: skip
    lines = _lines(passage, money)
    shares = [(line.rate, line.result) for line in lines if line.count]
    is_known = passage.counted >= LEAST and all(None not in share for share in shares)
    expected = sum(rate * result for rate, result in shares if rate is not None and result is not None)
    return PlanOdds(HORIZON, int(bars.ts[0]), int(bars.ts[-1]), lines, expected if is_known else None)


def _lines(passage: FirstPassage, money: PlanMoney) -> tuple[Frequency, ...]:
    results = money.results
    is_refused = bool(results.refusal)
    later = None
    if passage.mean_neither is not None and not is_refused:
        # Costs as at the stop: what leaves at the market pays about as much.
        later = results.notional * passage.mean_neither - results.costs_at_stop + money.funding
    made = {
        "target": None if is_refused else results.gain + money.funding,
        "stop": None if is_refused else results.loss + money.funding,
        "neither": later,
    }
    return tuple(frequency(kind, getattr(passage, kind), passage.counted, made[kind]) for kind in made)


def frequency(kind: str, count: int, of: int, result: float | None) -> Frequency:
    """Return how often an end came first, with a rate from thirty starts on."""
    if of < LEAST:
        return Frequency(kind, count, of, None, None, None, result)
    low, high = wilson_interval(count, of)
    return Frequency(kind, count, of, count / of, low, high, result)
