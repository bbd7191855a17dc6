"""What an account came to, beside its own backtest or any other run: in the words that differences are told in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from vigie.data.feature_names import find_feature_names
from vigie.data.features import add_features
from vigie.data.live_history import bars_until
from vigie.data.stores import DataStores
from vigie.domain import codes
from vigie.domain.account import AccountSettings
from vigie.domain.errors import UsageError
from vigie.domain.ids import SeriesId
from vigie.domain.instrument import Instrument
from vigie.domain.order import TradeRun
from vigie.domain.state import LOG_COLUMNS
from vigie.domain.time import MINUTE_MS
from vigie.engine.backtest import run_shared, unshown
from vigie.engine.booked_trades import BookedRun, booked_run_from_records
from vigie.engine.inputs import Settlements, SlotInput, settlements_of
from vigie.engine.live.fold import steps
from vigie.engine.live.fold.account import LiveAccount
from vigie.engine.live.fold.rule_changes import with_rules
from vigie.engine.run import PlannedSlot, prepare_slot
from vigie.ports.facts import FactStore
from vigie.ports.home import ResultsHome
from vigie.ports.tradebook import TradeBook
from vigie.quant import money
from vigie.services.trading.account_plans.account_plan import AccountPlan, load_plan
from vigie.services.trading.journal.compared_bars import build_detail_bars, collect_decision_bars
from vigie.trading import catalogue, execution, ledger

OWN_BACKTEST: Final = "backtest"


def load_account_run(results: ResultsHome, trades: TradeBook, run: TradeRun) -> BookedRun:
    """Return what an account came to until its last closed bar; what it holds there is ended at that close."""
    plan = load_plan(results, run.id)
    log_steps = _steps_until_last_close(trades, run)
    account = LiveAccount(plan.live_slots(), plan.protections, log_steps[0].ts)
    closes: dict[int, steps.ClosedBar] = {}
    rows = []
    for step in log_steps:
        rows += account.apply(step)
        closes |= {bar.slot: bar for bar in getattr(step, "bars", ())}
    _close_open_positions(account, closes, log_steps[-1].ts, plan)
    log = np.array(
        [(row.ts, row.slot, row.side, row.lots, row.stop_ticks, row.target_ticks, row.code) for row in rows],
        np.int64,
    ).reshape(-1, LOG_COLUMNS)
    return booked_run_from_records(f"account {run.account}, {run.mode}", account.trades, log, _spans(plan))


def run_own_backtest(
    data: DataStores, results: ResultsHome, facts: FactStore, trades: TradeBook, run: TradeRun
) -> BookedRun:
    """Return what the fill model makes of an account's plan on the bars it decided on, over the life of the account.

    What its venue told otherwise afterwards is no difference between the two (`count_corrected_bars`). Finer bars are
    those that the account's positions met.

    Raises
    ------
    UsageError
        If the account has seen no bar yet, or a strategy of its plan is another one now.
    """
    plan = load_plan(results, run.id)
    log_steps = _steps_until_last_close(trades, run)
    # A slot without a finished bar has decided nothing and holds nothing: nobody misses it.
    started = [number for number, _ in enumerate(plan.slots) if number in _started_slots(log_steps)]
    # Rules that the venue changed meanwhile hold for the model from the same instants on.
    slots = plan.live_slots()
    for step in log_steps:
        slots = with_rules(slots, step) if isinstance(step, steps.RulesChanged) else slots
    last = log_steps[-1].ts
    inputs = [
        replace(
            _slot_input(data, results, facts, plan, number, slots[number].versions, log_steps),
            detail=build_detail_bars(data.bars, plan, number, log_steps, last),
        )
        for number in started
    ]
    result = run_shared(inputs, protections=plan.protections)
    spans = [_spans(plan)[number] for number in started]
    booked_run = booked_run_from_records(f"backtest of {run.account}", result.trades, result.log, spans)
    pairs = zip(spans, inputs, strict=True)
    return replace(
        booked_run,
        unshown=frozenset(
            (name, ts)
            for (name, _), slot_input in pairs
            for ts in unshown(slot_input.bars, slot_input.detail, slot_input.first)
        ),
    )


def list_waiting_slots(results: ResultsHome, trades: TradeBook, run: TradeRun) -> list[str]:
    """Return the slots of an account that have seen no bar close yet: nothing of them is compared."""
    started = _started_slots(_steps_until_last_close(trades, run))
    slots = load_plan(results, run.id).slots
    return [str(plan_slot.slot) for number, plan_slot in enumerate(slots) if number not in started]


def count_corrected_bars(
    data: DataStores, results: ResultsHome, trades: TradeBook, run: TradeRun
) -> dict[str, int]:
    """Return by series how many bars of an account's decisions are stored otherwise now."""
    plan, log_steps = load_plan(results, run.id), _steps_until_last_close(trades, run)
    counts = {}
    for number, plan_slot in enumerate(plan.slots):
        series = SeriesId(plan.venue, plan_slot.slot.instrument, plan_slot.slot.timeframe)
        stored_bars = bars_until(data.bars, series, plan_slot.history_start, log_steps[-1].ts)
        if changed := collect_decision_bars(stored_bars, number, log_steps)[1]:
            counts[f"{plan_slot.slot.instrument}/{plan_slot.slot.timeframe}"] = len(changed)
    return counts


def _started_slots(log_steps: Sequence[steps.Step]) -> set[int]:
    return {bar.slot for step in log_steps for bar in getattr(step, "bars", ())}


def _steps_until_last_close(trades: TradeBook, run: TradeRun) -> list[steps.Step]:
    log_steps = [steps.decode_step(step) for step in trades.steps(run.id)]
    ends = [place for place, step in enumerate(log_steps) if isinstance(step, steps.BarsClosed) and step.bars]
    if not ends:
        raise UsageError(
            "account_not_seen_bar_close",
            "account {account} has not seen a bar close yet; compare it later",
            account=run.account,
        )
    return log_steps[: ends[-1] + 1]


def _close_open_positions(
    account: LiveAccount, closes: dict[int, steps.ClosedBar], ts: int, plan: AccountPlan
) -> None:
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


def _slot_input(
    data: DataStores,
    results: ResultsHome,
    facts: FactStore,
    plan: AccountPlan,
    number: int,
    versions: tuple[Instrument, ...],
    log_steps: Sequence[steps.Step],
) -> SlotInput:
    plan_slot, last = plan.slots[number], log_steps[-1].ts
    series = SeriesId(plan.venue, plan_slot.slot.instrument, plan_slot.slot.timeframe)
    stored_bars = bars_until(data.bars, series, plan_slot.history_start, last)
    bars = collect_decision_bars(stored_bars, number, log_steps)[0]
    strategy = catalogue.load(plan_slot.slot.strategy, results.strategies).requiring(plan_slot.require)
    account = AccountSettings("portfolio", plan_slot.effective_costs, plan_slot.sizing, plan.protections)
    planned = PlannedSlot(
        slot=plan_slot.slot,
        bars=add_features(bars, data.bars, facts, find_feature_names(strategy.path), plan.plan_key),
        strategy=strategy,
        params=strategy.with_params(plan_slot.params),
        versions=versions,
        account=account,
        funding=_settlements(facts, plan, plan_slot.slot.instrument, last),
        first=plan_slot.first_bar,
    )
    return prepare_slot(planned)[1]


def _settlements(facts: FactStore, plan: AccountPlan, instrument: str, last: int) -> Settlements:
    name = f"derivatives/{plan.venue}:{instrument}/funding_fraction"
    frame = facts.read([name], start_ms=plan.begun, end_ms=last)
    ts = frame["ts_event"].to_numpy() // MINUTE_MS * MINUTE_MS
    return settlements_of(ts, frame["value"].to_numpy())


def _spans(plan: AccountPlan) -> list[tuple[str, int]]:
    return [(str(slot.id), slot.span_ms) for slot in plan.live_slots()]
