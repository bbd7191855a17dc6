"""No speed without equality: kernel, plain-Python twin and yardstick trade alike, or no figure is printed.

Five situations made by hand, in which programs like to differ, then a prefix of every workload: both loops of the
kernel against the twin, trade by trade, refusal by refusal, sample by sample; and the yardstick against the kernel.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from tests.twin.cases import PROTECTIONS
from tests.twin.compare import unequal
from tests.twin.kernel_adapter import written
from tests.twin.records import TwinSlot
from tests.twin.twin import run as twin_run

from benchmarks import market, ours, yardstick
from vigie.domain.account import AccountSettings, Protections
from vigie.domain.bar import Bars
from vigie.domain.codes import GAP_THROUGH_LEVEL, SIGNAL, STOP, TARGET
from vigie.domain.instrument import Instrument
from vigie.domain.money import parse_step
from vigie.domain.state import LONG_ENTRY, LONG_EXIT, SHORT_ENTRY, SHORT_EXIT
from vigie.engine.backtest import Outcome, run_shared, run_slot
from vigie.engine.inputs import SlotInput
from vigie.engine.run import prepare_slot

MONEY = 1e-7
PREFIX = {"W1": 4_000, "W3": 400, "W4": 4_000, "W5": 240}
PAIRS_COMPARED = 40


class Situation(NamedTuple):
    """Bars as (open, high, low, close), crosses as {bar: side}, and what must come of it."""

    bars: Sequence[tuple[float, float, float, float]]
    crosses: dict[int, int]
    reasons: Sequence[int]
    refusals: Sequence[int] = ()


# ATR is 1 throughout: a long decided at 100 has its stop at 98 and its target at 103. No costs but the defaults.
CALM = (100.0, 100.4, 99.6, 100.0)
SITUATIONS = {
    "stop on the entry bar": Situation(
        (CALM, CALM, CALM, (100.0, 100.4, 97.0, 99.0), CALM, CALM), {2: 1}, (STOP,)
    ),
    "stop and target in one bar": Situation(
        (CALM, CALM, CALM, CALM, (100.0, 104.0, 97.0, 100.0), CALM), {2: 1}, (STOP,)
    ),
    "target, then nothing": Situation(
        (CALM, CALM, CALM, CALM, (100.0, 103.0, 99.0, 102.0), CALM), {2: 1}, (TARGET,)
    ),
    "stop and planned exit in one bar": Situation(
        (CALM, CALM, CALM, CALM, CALM, (99.0, 99.5, 97.0, 97.5), CALM, CALM), {2: 1, 4: -1}, (SIGNAL, TARGET)
    ),
    "re-entry right after a stop": Situation(
        (
            CALM,
            CALM,
            CALM,
            CALM,
            (100.0, 100.4, 97.0, 98.0),
            (98.0, 98.5, 97.5, 98.0),
            (98.0, 99.0, 97.9, 98.0),
        ),
        {2: 1, 4: -1},
        (STOP, 6),
    ),
    "gap through the stop of a position": Situation(
        (CALM, CALM, CALM, CALM, (95.0, 95.5, 94.0, 95.0), (95.0, 95.5, 94.5, 95.0)), {2: 1}, (STOP,)
    ),
    "gap through the stop of an entry": Situation(
        (CALM, CALM, CALM, (97.5, 98.5, 97.0, 98.0), CALM, CALM), {2: 1}, (), (GAP_THROUGH_LEVEL,)
    ),
    "gap through the target of an entry": Situation(
        (CALM, CALM, CALM, (103.5, 104.0, 103.0, 103.5), CALM, CALM), {2: 1}, (), (GAP_THROUGH_LEVEL,)
    ),
}


def differences() -> Iterator[str]:
    """Yield everything that differs, in words; nothing when all agree."""
    for name, situation in SITUATIONS.items():
        for mirror in (1, -1):
            yield from _situation(name if mirror > 0 else f"{name}, mirrored", situation, mirror)
    for name, walk, terms in _single_walks():
        yield from _walk(name, walk, terms)
    yield from _pairs()
    yield from _table()
    yield from _account()


def _situation(name: str, situation: Situation, mirror: int) -> Iterator[str]:
    rows = [tuple(200.0 - price for price in row) for row in situation.bars] if mirror < 0 else situation.bars
    open_, high, low, close = (np.array(column, np.float64) for column in zip(*rows, strict=True))
    if mirror < 0:
        high, low = low, high
    n = len(close)
    ts = market.START_MS + market.HOUR_MS * np.arange(n, dtype=np.int64)
    bars = Bars("a-usdt-perp", market.HOUR_MS, ts, open_, high, low, close, np.ones(n))
    flags = np.zeros(n, np.uint8)
    fast, slow, state = np.empty(n), np.full(n, 100.0), -mirror * next(iter(situation.crosses.values()))
    for at in range(n):
        side = mirror * situation.crosses.get(at, 0)
        if side:
            state = side
            flags[at] = LONG_ENTRY if side > 0 else SHORT_ENTRY
        fast[at] = 100.0 + state
    unit = np.ones(n)
    rules = (Instrument("", bars.instrument, parse_step(ours.TICK), parse_step(ours.LOT)),)
    given = SlotInput(bars, flags, unit, unit, rules)
    outcome = run_slot(given)
    yield from _against_twin(name, [given], {}, None)
    found = tuple(outcome.trades["reason"].tolist())
    if found != tuple(situation.reasons):
        yield f"{name}: must end by {tuple(situation.reasons)}, the kernel's trades end by {found}"
    refused = tuple(outcome.log[outcome.refusals, 6].tolist())
    if refused != tuple(situation.refusals):
        yield f"{name}: must be refused by {tuple(situation.refusals)}, the kernel refused by {refused}"
    curve, whole, part = np.empty(n), np.empty((n, 5), np.int64), np.empty((n, 6))
    count = yardstick.trade(
        open_, high, low, close, fast, slow, unit, 1, yardstick.MARKET, curve, whole, part
    )
    yield from _against_yardstick(name, outcome, curve, whole[:count], part[:count])


def _single_walks() -> Iterator[tuple[str, market.Walk, dict[str, float]]]:
    yield "W1", market.single(), {}
    yield "W4", market.minutes(), ours.PATIENT


def _walk(name: str, walk: market.Walk, terms: dict[str, float]) -> Iterator[str]:
    prefix = _cut(walk, PREFIX[name])
    yield from _against_twin(name, [_prepared(prefix, terms)], terms, None)
    outcome = run_slot(_prepared(walk, terms))
    yield from _against_yardstick(
        name, outcome, *yardstick.run(walk, market.FAST, market.SLOW, _terms(terms))
    )


def _pairs() -> Iterator[str]:
    walk = market.sweep()
    for at in range(0, len(market.PAIRS), len(market.PAIRS) // PAIRS_COMPARED):
        fast, slow = market.PAIRS[at]
        outcome = run_slot(_prepared(walk, {}, {"fast": fast, "slow": slow}))
        yield from _against_yardstick(f"W2 {fast}/{slow}", outcome, *yardstick.run(walk, fast, slow))


def _table() -> Iterator[str]:
    walks = {key: _cut(walk, PREFIX["W3"]) for key, walk in list(market.table().items())[:3]}
    for plan in ours.plans_of(walks, AccountSettings()):
        yield from _against_twin(f"W3 {plan.slot}", [prepare_slot(plan)[1]], {}, None)


def _account() -> Iterator[str]:
    walks = {(asset, "1h"): _cut(walk, PREFIX["W5"]) for asset, walk in market.account().items()}
    plans = ours.plans_of(walks, AccountSettings(mode="portfolio"))
    yield from _against_twin("W5", [prepare_slot(plan)[1] for plan in plans], {}, Protections())


def _cut(walk: market.Walk, bars: int) -> market.Walk:
    return market.Walk(*(column[:bars] for column in walk[:6]), walk.span_ms)


def _prepared(walk: market.Walk, terms: dict[str, float], params: dict[str, int] | None = None) -> SlotInput:
    plan = ours.plan_of(ours.bars_of(walk), terms, params)
    return prepare_slot(plan)[1]


def _terms(terms: dict[str, float]) -> yardstick.Market:
    named = {"capital": "capital", "risk_fraction": "risk"}
    return yardstick.Market(**{named[name]: value for name, value in terms.items()})


def _against_twin(
    name: str, inputs: list[SlotInput], settings: dict[str, float], protections: Protections | None
) -> Iterator[str]:
    slots = [_twin_slot(given) for given in inputs]
    rules = None if protections is None else {key: getattr(protections, key) for key in PROTECTIONS}
    twin = twin_run(slots, {"slippage_bps": 5.0, **settings}, rules)
    loops = {"account loop": run_shared(inputs, protections=protections)}
    if len(inputs) == 1:
        loops["fast loop"] = run_slot(inputs[0])
    for loop, outcome in loops.items():
        yield from (f"{name}, {loop}: {text}" for text in unequal(twin, written(outcome)))


def _twin_slot(given: SlotInput) -> TwinSlot:
    bars, rules = given.bars, given.versions[0]
    holds = {
        bit: ((given.flags & bit) != 0).tolist() for bit in (LONG_ENTRY, SHORT_ENTRY, LONG_EXIT, SHORT_EXIT)
    }
    return TwinSlot(
        instrument=bars.instrument,
        timeframe_ms=bars.span_ms,
        ts=bars.ts.tolist(),
        open=bars.open.tolist(),
        high=bars.high.tolist(),
        low=bars.low.tolist(),
        close=bars.close.tolist(),
        long_entry=holds[LONG_ENTRY],
        short_entry=holds[SHORT_ENTRY],
        long_exit=holds[LONG_EXIT],
        short_exit=holds[SHORT_EXIT],
        stop_unit=given.stop_unit.tolist(),
        target_unit=given.target_unit.tolist(),
        versions=[
            {
                "tick": str(rules.tick),
                "lot": str(rules.lot),
                "min_qty": rules.min_qty,
                "max_qty": rules.max_qty,
                "min_notional": rules.min_notional,
                "maintenance_rate": rules.maintenance_rate,
                "significant_figures": rules.significant_figures,
                "leverage_cap": rules.leverage_cap,
                "valid_from": rules.valid_from,
            }
        ],
    )


def _against_yardstick(
    name: str, outcome: Outcome, curve: np.ndarray, whole: np.ndarray, part: np.ndarray
) -> Iterator[str]:
    trades = outcome.trades
    if len(trades) != len(whole):
        yield f"{name}: {len(trades)} trades in the kernel, {len(whole)} in the yardstick"
        return
    for column, field in enumerate(("side", "lots", "entry_bar", "exit_bar", "reason")):
        if not np.array_equal(trades[field], whole[:, column]):
            yield f"{name}: {field} differs from the yardstick's"
    for column, field in enumerate(("entry", "exit", "stop", "target")):
        if not np.array_equal(trades[field], part[:, column]):
            yield f"{name}: {field} differs from the yardstick's"
    for column, field in ((4, "fees"), (5, "pnl")):
        if not np.allclose(trades[field], part[:, column], rtol=0.0, atol=MONEY):
            yield f"{name}: {field} differs from the yardstick's"
    if not np.allclose(outcome.equity, curve, rtol=0.0, atol=MONEY):
        yield f"{name}: the curve differs from the yardstick's"
