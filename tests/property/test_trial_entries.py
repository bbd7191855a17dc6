"""What an account is said to make of an entry is what it makes of it: random accounts, positions and plans."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from functools import cached_property
from random import Random

import numpy as np
import pytest

from tests.parity.material import Inputs, random_portfolio
from vigie.domain import codes
from vigie.domain.account import Protections, Sizing
from vigie.domain.bar import Bars
from vigie.domain.ids import SlotId
from vigie.domain.instrument import Instrument
from vigie.domain.money import parse_step
from vigie.domain.state import LONG_ENTRY, SHORT_ENTRY
from vigie.engine.inputs import SlotInput
from vigie.engine.live.fold import steps
from vigie.engine.live.fold.account import LiveAccount
from vigie.engine.live.fold.empty_account import LiveSlot
from vigie.engine.live.paper.paper import PaperRun, trade_on_paper
from vigie.engine.live.trial_account import TrialAccount, TriedEntry, WantedEntry

SEEDS = range(150)
# `make test` has so many of them; all others are left to `make chaos`.
ALWAYS = 50
# Bars after the last that moved: one at whose close the plan is decided, one that reaches a level, and a last one.
ADDED = 3
# Rules that refuse for a while are off: sizes are decided by what is held.
LENIENT = Protections(
    stop_guard_instrument_stops=0, stop_guard_account_stops=0, window_drawdown_fraction=0.0, low_profit_trades=0,
    cooldown_bars=0, cooldown_stop_bars=0, loss_streak_trades=0, slot_drawdown_fraction=0.0,
    global_drawdown_fraction=0.0, daily_loss_readings=1_000,
)  # fmt: skip


@dataclass(frozen=True)
class Case:
    """An account with its past, and a plan of one of its slots."""

    inputs: Inputs
    protections: Protections
    wanted: WantedEntry

    def told(self) -> TriedEntry:
        """What is said before the close: from the account's log up to then."""
        account = self.account_before()
        before = account.decision_hash, account.equity, account.record.tobytes()
        told = TrialAccount(account).try_entry(self.wanted)
        assert (account.decision_hash, account.equity, account.record.tobytes()) == before
        return told

    def account_before(self) -> LiveAccount:
        """The account just before the close of the plan, folded from its log."""
        slots = [
            LiveSlot(name, one.bars.span_ms, one.versions, one.sizing, one.costs, one.first)
            for name, one in self.inputs
        ]
        taken = self.stopped.log_steps
        account = LiveAccount(slots, self.protections, taken[0].ts)
        for step in taken:
            if isinstance(step, steps.BarsClosed) and step.ts == self.wanted.ts:
                return account
            account.apply(step)
        raise AssertionError("the plan has no close")

    @cached_property
    def stopped(self) -> PaperRun:
        """What the account makes of its plan when the stop is reached."""
        return self.traded("stop")

    def traded(self, level: str) -> PaperRun:
        """What the account makes of its plan when a level is reached."""
        own, made = self.inputs[self.wanted.number][0].instrument, []
        for name, one in self.inputs:
            bars = one.bars
            if name.instrument == own:
                price = getattr(self.wanted, level)
                high, low = bars.high.copy(), bars.low.copy()
                high[-2], low[-2] = max(high[-2], price), min(low[-2], price)
                bars = Bars(
                    bars.instrument, bars.span_ms, bars.ts, bars.open, high, low, bars.close, bars.volume
                )
            made.append((name, replace(one, bars=bars)))
        return trade_on_paper(made, self.protections)


def hourly(seed: int) -> tuple[Inputs, Protections]:
    """A random portfolio, each slot on bars of an hour that begin and end together."""
    inputs, protections = random_portfolio(seed)
    count = min(len(one.bars) for _, one in inputs)
    ts = (
        np.arange(count, dtype=np.int64) * 3_600_000
        + 19_700 * 86_400_000
        + Random(seed).randrange(24) * 3_600_000
    )
    made, prices = [], {}
    for number, (name, one) in enumerate(inputs):
        bars = prices.setdefault(name.instrument, one.bars)
        columns = (getattr(bars, key)[:count] for key in ("open", "high", "low", "close", "volume"))
        cut = replace(
            one, bars=Bars(name.instrument, 3_600_000, ts, *columns), flags=one.flags[:count],
            stop_unit=one.stop_unit[:count], target_unit=one.target_unit[:count], first=0,
            funding=replace(one.funding, ts=one.funding.ts[:0], rate=one.funding.rate[:0], mark=one.funding.mark[:0]),
        )  # fmt: skip
        made.append((SlotId(name.instrument, "1h", f"s{number}"), cut))
    return made, protections


def standing(given: SlotInput, until: int) -> SlotInput:
    """The history up to a bar, then bars that stand still and say nothing."""

    def longer(values: np.ndarray, last: float) -> np.ndarray:
        return np.concatenate((values[:until], np.full(ADDED, last, values.dtype)))

    bars, close = given.bars, float(given.bars.close[until - 1])
    ts = np.concatenate((bars.ts[:until], bars.ts[until - 1] + bars.span_ms * np.arange(1, ADDED + 1)))
    prices = (longer(getattr(bars, name), close) for name in ("open", "high", "low", "close", "volume"))
    return replace(
        given, bars=Bars(bars.instrument, bars.span_ms, ts, *prices), flags=longer(given.flags, 0),
        stop_unit=longer(given.stop_unit, np.nan), target_unit=longer(given.target_unit, np.nan),
    )  # fmt: skip


def case_of(seed: int) -> Case:
    random = Random(seed)
    inputs, protections = hourly(seed)
    if seed % 3:
        # Rules under which most is traded: positions stand beside each other, and caps decide sizes.
        inputs = [
            (name, replace(one, sizing=Sizing(), versions=(fine(name.instrument),))) for name, one in inputs
        ]
        protections = LENIENT
    until = random.randrange(1, len(inputs[0][1].bars) + 1)
    inputs = [(name, standing(one, until)) for name, one in inputs]
    # The plan's slot has said nothing before: as one of plans, on any instrument of the account or on one of its own.
    model = random.choice(inputs)[1]
    name = random.choice([model.bars.instrument, "plan-usdt-perp"])
    bars = replace_name(model.bars, name)
    price, side = float(bars.close[until - 1]), random.choice((1, -1))
    near, far = random.choice((0.0, 0.003, 0.01, 0.02, 0.05, 0.3)), random.choice((0.003, 0.02, 0.2))
    stop, target = price * (1 - side * near), price * (1 + side * far)
    settings = model.sizing
    flags = np.zeros(len(bars), np.uint8)
    flags[until] = LONG_ENTRY if side > 0 else SHORT_ENTRY
    own = replace(
        model, bars=bars, flags=flags, versions=tuple(replace(one, name=name) for one in model.versions),
        stop_unit=np.full(len(bars), abs(price - stop) / settings.stop_atr * (1 - 1e-12)),
        target_unit=np.full(len(bars), abs(target - price) / settings.target_atr * (1 + 1e-12)),
    )  # fmt: skip
    number = random.randrange(len(inputs) + 1)
    inputs.insert(number, (SlotId(name, "1h", "plan"), own))
    wanted = WantedEntry(number, side, price, stop, target, int(bars.ts[until]) + bars.span_ms)
    return Case(inputs, protections, wanted)


def fine(name: str) -> Instrument:
    """Rules so fine that hardly anything is too small or too near."""
    return Instrument("", name, tick=parse_step("0.0001"), lot=parse_step("0.0001", name="lot"))


def replace_name(bars: Bars, name: str) -> Bars:
    return Bars(name, bars.span_ms, bars.ts, bars.open, bars.high, bars.low, bars.close, bars.volume)


def own_rows(case: Case, run: PaperRun) -> list:
    return [row for row in run.log if row.slot == case.wanted.number]


@pytest.mark.parametrize(
    "seed", [seed if seed < ALWAYS else pytest.param(seed, marks=pytest.mark.chaos) for seed in SEEDS]
)
def test_the_account_trades_what_was_said_or_refuses_as_was_said(seed: int) -> None:
    case = case_of(seed)
    told, run = case.told(), case.stopped
    rows = own_rows(case, run)
    if told.results.refusal:
        refused = rows[-1]
        assert codes.refusal_name(refused.code) == told.results.refusal
        assert (refused.limit, refused.value) == (told.results.limit, told.results.value)
        assert not len(run.account.trades[run.account.trades["slot"] == case.wanted.number])
        return
    assert [row.code for row in rows[:2]] == [codes.ENTRY_DECIDED, codes.ENTRY_INTENT]
    for level, made in (("stop", told.results.loss), ("target", told.results.gain)):
        trades = (run if level == "stop" else case.traded(level)).account.trades
        (trade,) = trades[trades["slot"] == case.wanted.number]
        assert (float(trade["qty"]), float(trade["decision_equity"])) == (told.results.qty, told.equity)
        # A level between two ticks is met at the next one: the bar that reaches it need not.
        if trade["reason"] == (codes.STOP if level == "stop" else codes.TARGET):
            assert float(trade["pnl"]) == made
    planned = abs(case.wanted.price - case.wanted.stop) * told.results.qty
    assert planned <= 0.02 * told.equity * (1 + 1e-9)


@pytest.mark.parametrize("count", [ALWAYS, pytest.param(len(SEEDS), marks=pytest.mark.chaos)])
def test_the_random_accounts_hold_positions_and_meet_many_refusals(count: int) -> None:
    met: Counter[str] = Counter()
    for seed in SEEDS[:count]:
        case = case_of(seed)
        account, told = case.account_before(), case.told()
        held = sum(account.slot(k)["side"] != 0 for k in range(len(account.slots)))
        met[told.results.refusal or "entered"] += 1
        met["entered beside others"] += bool(held and not told.results.refusal)
        # The same entry in an account that holds nothing and lost nothing is another.
        fresh = LiveAccount(account.slots, case.protections, case.wanted.ts)
        alone = TrialAccount(fresh).try_entry(case.wanted)
        met["another than first"] += alone.results != told.results
    assert met["entered beside others"] >= count / 15
    assert met["another than first"] >= count / 5
    assert {"instrument_taken", "max_positions", "too_small"} <= set(met)
