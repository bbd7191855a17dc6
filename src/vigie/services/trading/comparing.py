"""What an account came to, beside its own backtest or any other run: in the words that differences are told in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from vigie.data.feature_names import find_feature_names
from vigie.data.features import add_facts
from vigie.data.live_history import bars_until
from vigie.domain import codes
from vigie.domain.account import AccountSettings
from vigie.domain.errors import UsageError
from vigie.domain.ids import SeriesId
from vigie.domain.instrument import Instrument
from vigie.domain.order import TradeRun
from vigie.domain.state import LOG_COLUMNS
from vigie.domain.time import MINUTE_MS
from vigie.engine.backtest import run_shared, unshown
from vigie.engine.booked_trades import BookedRun, of_records
from vigie.engine.inputs import Settlements, SlotInput, settlements_of
from vigie.engine.live import steps
from vigie.engine.live.account import LiveAccount
from vigie.engine.live.rule_changes import with_rules
from vigie.engine.run import PlannedSlot, prepare_slot
from vigie.quant import money
from vigie.services.house import House
from vigie.services.trading.met_bars import met_bars
from vigie.services.trading.plan import TradePlan, kept_plan
from vigie.services.trading.seen_bars import seen_bars
from vigie.trading import catalogue, execution, ledger

OWN_BACKTEST: Final = "backtest"


def of_account(house: House, run: TradeRun) -> BookedRun:
    """Return what an account came to until its last closed bar; what it holds there is ended at that close."""
    plan = kept_plan(house, run.id)
    taken = _until_last_close(house, run)
    account = LiveAccount(plan.live_slots(), plan.protections, taken[0].ts)
    closes: dict[int, steps.ClosedBar] = {}
    rows = []
    for step in taken:
        rows += account.apply(step)
        closes |= {bar.slot: bar for bar in getattr(step, "bars", ())}
    _end(account, closes, taken[-1].ts, plan)
    log = np.array(
        [(row.ts, row.slot, row.side, row.lots, row.stop_ticks, row.target_ticks, row.code) for row in rows],
        np.int64,
    ).reshape(-1, LOG_COLUMNS)
    return of_records(f"account {run.account}, {run.mode}", account.trades, log, _spans(plan))


def of_own_backtest(house: House, run: TradeRun) -> BookedRun:
    """Return what the fill model makes of an account's plan on the bars it decided on, over the life of the account.

    What its venue told otherwise afterwards is no difference between the two (`corrected`). Finer bars are those that
    the account's positions met.

    Raises
    ------
    UsageError
        If the account has seen no bar yet, or a strategy of its plan is another one now.
    """
    plan = kept_plan(house, run.id)
    taken = _until_last_close(house, run)
    # A slot without a finished bar has decided nothing and holds nothing: nobody misses it.
    begun = [number for number, _ in enumerate(plan.slots) if number in _begun(taken)]
    # Rules that the venue changed meanwhile hold for the model from the same instants on.
    slots = plan.live_slots()
    for step in taken:
        slots = with_rules(slots, step) if isinstance(step, steps.RulesChanged) else slots
    last = taken[-1].ts
    inputs = [
        replace(
            _input(house, plan, number, slots[number].versions, taken),
            detail=met_bars(house.data.bars, plan, number, taken, last),
        )
        for number in begun
    ]
    made = run_shared(inputs, protections=plan.protections)
    spans = [_spans(plan)[number] for number in begun]
    found = of_records(f"backtest of {run.account}", made.trades, made.log, spans)
    hidden = zip(spans, inputs, strict=True)
    return replace(
        found,
        unshown=frozenset(
            (name, ts) for (name, _), one in hidden for ts in unshown(one.bars, one.detail, one.first)
        ),
    )


def waiting(house: House, run: TradeRun) -> list[str]:
    """Return the slots of an account that have seen no bar close yet: nothing of them is compared."""
    begun = _begun(_until_last_close(house, run))
    slots = kept_plan(house, run.id).slots
    return [str(one.slot) for number, one in enumerate(slots) if number not in begun]


def corrected(house: House, run: TradeRun) -> dict[str, int]:
    """Return by series how many bars of an account's decisions are stored otherwise now."""
    plan, taken = kept_plan(house, run.id), _until_last_close(house, run)
    found = {}
    for number, one in enumerate(plan.slots):
        series = SeriesId(plan.venue, one.slot.instrument, one.slot.timeframe)
        stored = bars_until(house.data.bars, series, one.history_start, taken[-1].ts)
        if others := seen_bars(stored, number, taken)[1]:
            found[f"{one.slot.instrument}/{one.slot.timeframe}"] = len(others)
    return found


def _begun(taken: Sequence[steps.Step]) -> set[int]:
    return {bar.slot for step in taken for bar in getattr(step, "bars", ())}


def _until_last_close(house: House, run: TradeRun) -> list[steps.Step]:
    taken = [steps.read(step) for step in house.trades.steps(run.id)]
    ends = [place for place, step in enumerate(taken) if isinstance(step, steps.BarsClosed) and step.bars]
    if not ends:
        raise UsageError(f"account {run.account} has seen no bar close yet; compare it when it has")
    return taken[: ends[-1] + 1]


def _end(account: LiveAccount, closes: dict[int, steps.ClosedBar], ts: int, plan: TradePlan) -> None:
    """End what is open at the last close of its bars, as a backtest ends it."""
    leaves = []
    for number, _ in enumerate(plan.slots):
        slot = account.slot(number)
        if slot["side"] == 0 or number not in closes:
            continue
        rule, settings = account.rule(number, ts), account.settings(number)
        grid = rule["tick_multiple"], rule["tick_scale"], rule["figures"]
        close, side = closes[number].close, -int(slot["side"])
        price = float(execution.market_price(close, side, settings["slip"], *grid))
        fee = float(money.amount_of(ledger.fee(slot["qty"], price, rule["taker"])))
        leaves.append(steps.PositionExit(number, codes.END_OF_DATA, price, fee, ts))
    if leaves:
        account.apply(steps.ExitsFilled(0, ts, tuple(leaves)))


def _input(
    house: House,
    plan: TradePlan,
    number: int,
    versions: tuple[Instrument, ...],
    taken: Sequence[steps.Step],
) -> SlotInput:
    one, last = plan.slots[number], taken[-1].ts
    series = SeriesId(plan.venue, one.slot.instrument, one.slot.timeframe)
    stored = bars_until(house.data.bars, series, one.history_start, last)
    bars = seen_bars(stored, number, taken)[0]
    strategy = catalogue.load(one.slot.strategy, house.results.strategies).requiring(one.require)
    account = AccountSettings("portfolio", one.counted, one.sizing, plan.protections)
    planned = PlannedSlot(
        slot=one.slot,
        bars=add_facts(bars, house.facts, find_feature_names(strategy.path)),
        strategy=strategy,
        params=strategy.with_params(one.params),
        versions=versions,
        account=account,
        funding=_settlements(house, plan, one.slot.instrument, last),
        first=one.first_bar,
    )
    return prepare_slot(planned)[1]


def _settlements(house: House, plan: TradePlan, instrument: str, last: int) -> Settlements:
    name = f"derivatives/{plan.venue}:{instrument}/funding_fraction"
    frame = house.facts.read([name], start_ms=plan.begun, end_ms=last)
    ts = frame["ts_event"].to_numpy() // MINUTE_MS * MINUTE_MS
    return settlements_of(ts, frame["value"].to_numpy())


def _spans(plan: TradePlan) -> list[tuple[str, int]]:
    return [(str(slot.id), slot.span_ms) for slot in plan.live_slots()]
