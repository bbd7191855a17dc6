"""What must be true before the first order: history and rules, money, the account set up, everything compiled."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

import numpy as np

from vigie.data.instruments.refresh import refresh_rules
from vigie.data.instruments.versions import stated_fees
from vigie.data.live_feed_venue import VenueMarket
from vigie.data.stores import DataStores
from vigie.domain import state
from vigie.domain.bar import Bars, ByteArray, FloatArray
from vigie.domain.errors import AuthError, ConnectorError, TransientError, UsageError
from vigie.domain.ids import SeriesId, SlotId
from vigie.domain.instrument import FEES
from vigie.engine import kernel
from vigie.engine.inputs import SlotInput
from vigie.engine.live.fold.evaluation import StrategyEvaluator
from vigie.engine.live.paper.paper import trade_on_paper
from vigie.engine.live.waiting import Deadline, wait_for_event
from vigie.ports.clock import PatientClock
from vigie.ports.listed_venue import FeeLevel, ListedVenue
from vigie.ports.trading import TradingVenue
from vigie.quant.grid import grid_price
from vigie.research.fingerprints import strategy_source
from vigie.services.runs.backtest_request import BacktestRequest
from vigie.services.trading.account_plans.account_plan import AccountPlan
from vigie.services.trading.account_plans.trading_stores import TradingStores
from vigie.services.trading.process.decided_histories import DecidedHistories
from vigie.services.venues.keys import check_rights
from vigie.trading import catalogue, execution, exits, ledger, sizing
from vigie.trading.loaded_strategy import Strategy

_REHEARSED: Final = 64
_EVERY_KIND: Final = (
    state.LONG_ENTRY, 0, 0, 0, state.LONG_EXIT, state.SHORT_ENTRY, 0, 0, 0, state.SHORT_EXIT,
)  # fmt: skip
# What a trial or another trade has cost before is no reason not to begin.
_ENOUGH: Final = Decimal("0.99")
# An account is being set up for so long, in seconds, before that is said; and how often it is tried.
_PREPARED_S: Final = 20.0
_LOOK_S: Final = 0.5
_LONGEST_LOOK_S: Final = 10.0


def load_judge(
    stores: TradingStores, plan: AccountPlan, histories: DecidedHistories | None = None
) -> StrategyEvaluator:
    """Return what the strategies of a plan say on its history, as decisions saw it.

    Parameters
    ----------
    histories : DecidedHistories, optional
        Of the run that goes on; without them nothing was decided yet.

    Raises
    ------
    UsageError
        If a strategy is gone, or its parameters do not fit it any more.
    """
    return make_judge(load_strategies(stores, plan), plan, histories or DecidedHistories(stores, plan))


def make_judge(
    strategies: Sequence[Strategy], plan: AccountPlan, histories: DecidedHistories
) -> StrategyEvaluator:
    """Return what loaded strategies, one a slot of a plan, say on histories.

    Raises
    ------
    UsageError
        If the parameters of a slot do not fit its strategy any more.
    """
    with_params = [
        (strategy, strategy.with_params(plan_slot.params))
        for strategy, plan_slot in zip(strategies, plan.slots, strict=True)
    ]
    return StrategyEvaluator(with_params, histories.bars_until, histories.fingerprint)


def load_strategies(stores: TradingStores, plan: AccountPlan) -> list[Strategy]:
    """Return the strategies of a plan, one a slot.

    Raises
    ------
    UsageError
        If one is gone.
    """
    return [
        catalogue.load(plan_slot.slot.strategy, stores.results.strategies).requiring(plan_slot.require)
        for plan_slot in plan.slots
    ]


def load_pinned_strategies(stores: TradingStores, plan: AccountPlan) -> list[Strategy]:
    """Return the strategies of a plan, one a slot, from the very files that the plan pins.

    Raises
    ------
    UsageError
        If one is gone, or its file is another one than when the plan was compared with it.
    """
    strategies = load_strategies(stores, plan)
    for strategy, plan_slot in zip(strategies, plan.slots, strict=True):
        if strategy_source(strategy) != plan_slot.source:
            raise UsageError(
                "strategy_changed_while_checked",
                "strategy {name} changed while it was checked; run it again",
                name=plan_slot.slot.strategy,
            )
    return strategies


def warm_up(judge: StrategyEvaluator, plan: AccountPlan) -> None:
    """Judge every slot and trade once, so that nothing is compiled while the right to trade is running."""
    warm_up_trading(judge, plan)
    for number, plan_slot in enumerate(plan.slots):
        span = SeriesId(plan.venue, plan_slot.slot.instrument, plan_slot.slot.timeframe).span_ms
        newest = judge.history(number, (plan.begun // span - 1) * span)
        judge.evaluate_at(number, int(newest.ts[-1]))


def warm_up_trading(judge: StrategyEvaluator, plan: AccountPlan) -> None:
    """Trade once; what slots read of their bars is left out."""
    trade_on_paper([make_rehearsal(judge, plan)], plan.protections)
    compile_position_results()


def compile_position_results() -> None:
    """Ask for what venue, account and pages ask for from outside the kernel.

    Who compiles one keeps what the compiler took until it ends: the process that serves pages some 80 MB.
    """
    sizing.liquidation_price(1, 100.0, 5.0, 0.005)
    kernel.open_result(np.zeros(1, state.SLOT)[0], 100.0)
    ledger.funding(1, 1.0, 100.0, 0.0001)
    exits.beyond_liquidation(1, 90.0, 100.0)
    grid_price(sizing.stop_ticks(1, 100.0, 1.0, 1, 10.0, 0), 1, 10.0)
    execution.market_price(100.0, 1, 0.0, 1, 10.0, 0)
    exits.touched(1, 90.0, 110.0, 80.0, 100.0, 101.0, 99.0)
    exits.touch_price(1, 90.0, 100.0, True)
    ledger.gross_result(1, 1.0, 100.0, 101.0)
    ledger.fee(1.0, 100.0, 0.001)


def make_rehearsal(judge: StrategyEvaluator, plan: AccountPlan) -> tuple[SlotId, SlotInput]:
    """Return the first slot's newest bars with decisions of every kind, for a trade that nobody means."""
    plan_slot = plan.slots[0]
    span = SeriesId(plan.venue, plan_slot.slot.instrument, plan_slot.slot.timeframe).span_ms
    history = judge.history(0, (plan.begun // span - 1) * span)
    bars = history.slice(max(0, len(history) - _REHEARSED), len(history))
    flags, unit = every_decision(bars)
    return plan_slot.slot, SlotInput(
        bars, flags, unit, unit, plan_slot.versions, plan_slot.sizing, plan_slot.effective_costs
    )


def every_decision(bars: Bars) -> tuple[ByteArray, FloatArray]:
    """Return decisions of every kind in turn, and a distance at which some levels are met and some are not."""
    return np.resize(np.array(_EVERY_KIND, np.uint8), len(bars)), bars.close * 0.003


async def fetch_market_data(data: DataStores, market: VenueMarket) -> None:
    """Fetch from the venue what a plan is made of: the history of its series and the rules of its instruments.

    Raises
    ------
    TransientError, ConnectorError, UsageError
        If the venue does not give it.
    """
    names = list(dict.fromkeys(series_id.instrument for series_id in market.series))
    await asyncio.to_thread(refresh_rules, data, market.series[0].venue, names)
    await market.fill()


async def read_fee_levels(venue: ListedVenue, plan: AccountPlan) -> dict[str, FeeLevel]:
    """Ask what the account pays for each instrument of a plan."""
    names = dict.fromkeys(plan_slot.slot.instrument for plan_slot in plan.slots)
    return {name: await venue.fee_level(name) for name in names}


def with_account_fees(
    plan: AccountPlan, request: BacktestRequest, levels: Mapping[str, FeeLevel]
) -> AccountPlan:
    """Return a plan that counts with the account's own fees wherever neither its run nor the settings state any."""
    slots = []
    for plan_slot in plan.slots:
        name = plan_slot.slot.instrument
        stated = {*request.said_fees, *stated_fees(request.stated, plan.venue, name)}
        fees = {kind: float(getattr(levels[name], kind)) for kind in FEES if kind not in stated}
        slots.append(replace(plan_slot, charged=fees))
    return replace(plan, slots=tuple(slots))


def describe_other_fees(plan: AccountPlan, levels: Mapping[str, FeeLevel]) -> list[str]:
    """Say where the venue takes other fees than are counted with; what is booked is what the venue takes."""
    messages = {
        plan_slot.slot.instrument: f"{plan_slot.slot.instrument}: the venue takes {taker:g} of each fill, the run file "
        f"or the "
        f"settings count with {plan_slot.effective_costs.taker:g}; leave taker out there, or set it so that sizes and "
        f"backtests fit"
        for plan_slot in plan.slots
        if (taker := float(levels[plan_slot.slot.instrument].taker)) != plan_slot.effective_costs.taker
    }
    return list(messages.values())


async def check_funds(venue: TradingVenue, plan: AccountPlan) -> None:
    """Refuse to begin with more capital than the account has.

    Raises
    ------
    UsageError
        With what it has.
    """
    balance = await venue.balance()
    if balance.equity < Decimal(repr(plan.capital)) * _ENOUGH:
        raise UsageError(
            "run_file_capital",
            "the run file's capital is {capital:g}, the account at {venue} has {equity:f} "
            "{currency}; set capital in [account] to what it has, or less",
            capital=plan.capital,
            venue=venue.venue,
            equity=balance.equity,
            currency=balance.currency,
        )


async def set_up_account(venue: ListedVenue, plan: AccountPlan) -> None:
    """Set the account up at the venue before the first order; what the venue does not trade any more needs nothing.

    Raises
    ------
    ConnectorError
        If the venue keeps another leverage, or the account cannot be traded as Vigie does.
    """
    check_rights(await venue.rights(), venue.venue)
    for name, leverage in {
        plan_slot.slot.instrument: plan_slot.sizing.leverage for plan_slot in plan.slots
    }.items():
        try:
            setup = await venue.prepare(name, Decimal(repr(leverage)))
        except AuthError:
            raise
        except (ConnectorError, TransientError) as fault:
            # Of one that is being settled a setting is answered as in a maintenance, which would be waited for.
            is_told_to_rest = isinstance(fault, TransientError) and fault.after_s is not None
            if is_told_to_rest or not await _is_gone(venue, name):
                raise
            continue
        if setup.leverage != Decimal(repr(leverage)):
            raise ConnectorError(
                "keeps_leverage_instead",
                "{venue} keeps leverage {leverage:f} for {name} instead of {leverage_2:g}; set "
                "leverage = {leverage:f} in [account] and start with --new-run",
                venue=venue.venue,
                leverage=setup.leverage,
                name=name,
                leverage_2=leverage,
            )


async def _is_gone(venue: ListedVenue, instrument: str) -> bool:
    """Tell whether the venue has taken an instrument away: the others of an account are traded on."""
    return any(
        instrument_state.instrument == instrument and instrument_state.phase == "ended"
        for instrument_state in await venue.states([instrument])
    )


@dataclass(frozen=True, slots=True)
class WaitCallbacks:
    """What is done while a venue that is busy, or in maintenance, lets nobody begin.

    Attributes
    ----------
    keep : callable
        Keeps the right to trade.
    keep_s : float
        Between two times.
    tell : callable
        Told once, where it takes long.
    """

    keep: Callable[[], object]
    keep_s: float
    tell: Callable[[TransientError], None]


async def wait_until_set_up(
    venue: ListedVenue,
    plan: AccountPlan,
    clock: PatientClock,
    stop: asyncio.Event,
    callbacks: WaitCallbacks | None,
) -> None:
    """Set the account up at the venue; one that is busy for a moment ends nothing.

    Parameters
    ----------
    callbacks : WaitCallbacks or None
        None ends it where the venue is busy for longer: somebody else guards what is held, and tries again.

    Raises
    ------
    TransientError
        If it does end, or trading is to stop.
    """
    deadline, rest_s, is_told = Deadline(clock, _PREPARED_S), _LOOK_S, False
    while True:
        try:
            await set_up_account(venue, plan)
            return
        except TransientError as fault:
            after_s = fault.after_s or 0.0
            is_long = deadline.is_over() or deadline.left_s() < after_s
            if stop.is_set() or (is_long and callbacks is None):
                raise
            if is_long and callbacks is not None and not is_told:
                is_told = True
                callbacks.tell(fault)
            await _wait(clock, stop, max(after_s, rest_s), callbacks)
            # A maintenance takes hours.
            rest_s = min(2 * rest_s, _LONGEST_LOOK_S) if is_long else rest_s


async def _wait(
    clock: PatientClock, stop: asyncio.Event, seconds: float, callbacks: WaitCallbacks | None
) -> None:
    deadline = Deadline(clock, seconds)
    while not deadline.is_over() and not stop.is_set():
        if callbacks is not None:
            callbacks.keep()
        left_s = deadline.left_s()
        await wait_for_event(clock, left_s if callbacks is None else min(left_s, callbacks.keep_s), stop)
