"""What strategies may do to what they share, what they may keep, and what becomes of what they raise."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.unit.engine.material import criterion, momentum, plan, strategy, walk
from vigie.domain.bar import Bars
from vigie.domain.errors import UsageError
from vigie.domain.signal import Criteria, Criterion, Reading
from vigie.engine import judgement
from vigie.engine.causality import check_causality, first_leak
from vigie.engine.judgement import judge, prove, stop_and_target_units
from vigie.engine.run import execute
from vigie.engine.strategy_process import StrategyProcess
from vigie.quant.arrays import floats
from vigie.trading import catalogue
from vigie.trading.strategy import atr_of, optional

BARS = walk(300)

FILE = '''"""Own: a file of one's own.

Source: a test.
"""

from dataclasses import dataclass

import numpy as np

from vigie.domain.bar import Bars
from vigie.domain.signal import Criteria
from vigie.trading.strategy import is_above, param

TIMEFRAME = "1h"
{top}


@dataclass(frozen=True, slots=True)
class Params:
    window: int = param(3, low=1, high=9)


def warmup(params):
    return {warmup}


def criteria(bars, params):
    {body}
    return Criteria(long=(is_above("Up", bars.close, value),), short=())
'''


def own(tmp_path: Path, body: str, *, top: str = "", warmup: str = "0") -> catalogue.Strategy:
    path = tmp_path / "own.py"
    path.write_text(FILE.format(body=body, top=top, warmup=warmup), encoding="utf-8")
    return catalogue.load_file(path)


def proven(one: catalogue.Strategy, bars: Bars = BARS, *, seed: int = 0) -> None:
    params = one.defaults()
    prove(one, params, bars, judge(one, bars, params), np.random.default_rng(seed))


# Shared arrays


@pytest.mark.parametrize(
    "spoil",
    [
        lambda bars: np.copyto(bars.open, 1.0),
        lambda bars: np.multiply(atr_of(bars), 0.2, out=atr_of(bars)),
        lambda bars: bars.feature("funding_rate").fill(0.0),
    ],
)
def test_a_strategy_that_writes_to_what_it_shares_is_refused_by_its_name(spoil):
    def spoiling(bars: Bars, params: object) -> Criteria:
        spoil(bars)
        return momentum(bars, params)

    before = BARS.open.copy(), atr_of(BARS).copy()
    with pytest.raises(UsageError, match=r"strategy made_up raised ValueError: .*read-only"):
        execute([plan(BARS, of=strategy(spoiling))], plan(BARS).account)
    assert np.array_equal(BARS.open, before[0])
    assert np.array_equal(atr_of(BARS), before[1], equal_nan=True)


# Run in a process of its own: other tests give compiled functions whatever they like.
LEARNT = """
import sys
from dataclasses import replace

from numba.core.dispatcher import Dispatcher

from tests.unit.engine.material import plan, walk
from vigie.engine.isolated import run_isolated
from vigie.engine.run import execute
from vigie.trading import catalogue

bars = walk(300)
chosen = [catalogue.load(name) for name in catalogue.available()]
plans = [replace(plan(bars, of=one), params=one.defaults()) for one in chosen]
execute(plans, plans[0].account)
compiled = {
    value
    for name, module in list(sys.modules.items())
    if name.startswith("vigie.")
    for value in vars(module).values()
    if isinstance(value, Dispatcher)
}
print(len(run_isolated.signatures))
for one in compiled:
    if any(getattr(k, "mutable", True) is False and hasattr(k, "layout") for s in one.signatures for k in s):
        print(one.py_func.__qualname__)
"""


def test_no_compiled_function_learns_read_only_arrays():
    root = Path(__file__).resolve().parents[3]
    environ = {name: value for name, value in os.environ.items() if name != "NUMBA_DISABLE_JIT"}
    done = subprocess.run(
        [sys.executable, "-c", LEARNT], cwd=root, env=environ, capture_output=True, text=True, check=False
    )
    assert (done.stdout.split(), done.stderr) == (["1"], "")


def test_distances_of_a_strategy_reach_the_kernel_writable_and_a_shared_one_stays_one():
    sealed = BARS.sealed()
    answer = Criteria(
        (criterion("c", BARS.close > 0),), (), stop_distance=atr_of(sealed), target_distance=atr_of(sealed)
    )
    stop, target = stop_and_target_units(answer, BARS)
    assert stop is target
    assert stop.flags.writeable
    unit = stop_and_target_units(momentum(BARS, strategy(momentum).defaults()), BARS)[0]
    assert unit.flags.writeable
    assert np.shares_memory(unit, atr_of(sealed))


# What is given is copied


def test_an_answer_does_not_change_when_the_strategy_writes_to_its_buffers_later():
    buffer, held = np.zeros(300), np.zeros(300, np.bool_)

    def lazily() -> Reading:
        return Reading(buffer, 0.5, held)

    def filling(bars: Bars, params: object) -> Criteria:
        buffer[:] = len(bars)
        first = Criterion("now", Reading(buffer, buffer, held, scale=buffer, known=held))
        return Criteria((first, optional("later", lazily, sense="above")), (), stop_distance=buffer)

    answer = judge(strategy(filling), BARS, None)
    later = answer.long[1].read()
    buffer[:], held[:] = -1.0, True
    first = answer.long[0].read()
    for values in (first.value, first.threshold, first.scale, later.value, answer.stop_distance):
        assert (values == 300).all()
    for values in (first.holds, first.known, later.holds):
        assert not values.any()
    assert first.value is first.threshold


def test_shared_buffers_do_not_hide_a_leak():
    later, up = np.zeros(300), np.zeros(300, np.bool_)

    def ahead(bars: Bars, params: object) -> Criteria:
        n = len(bars)
        later[:n] = np.append(bars.close[1:], bars.close[-1])
        np.greater(later[:n], bars.close, out=up[:n])
        return Criteria((Criterion("next", Reading(later[:n], bars.close, up[:n])),), ())

    with pytest.raises(UsageError, match="looks ahead or repaints"):
        proven(strategy(ahead))


# What a file keeps

MEMORY = """
    start = int(bars.ts[0])
    SEEN[start] = max(SEEN.get(start, bars.close), bars.close, key=len)
    value = np.append(SEEN[start][1:], np.inf)[: len(bars)]"""


@pytest.mark.parametrize("seed", range(4))
def test_what_a_file_remembers_does_not_hide_a_leak(tmp_path: Path, monkeypatch, seed: int):
    remembering = own(tmp_path, MEMORY, top="SEEN = {}")
    with pytest.raises(
        UsageError, match="reads or keeps something it must not: line 30: keeps SEEN between calls"
    ):
        proven(remembering)
    monkeypatch.setattr(catalogue, "outside_uses", lambda path: [])
    with pytest.raises(UsageError, match="looks ahead or repaints"):
        proven(remembering, seed=seed)


def test_a_file_that_reads_files_is_refused_with_the_line_and_the_cure(tmp_path: Path):
    reading = own(tmp_path, "value = bars.close.mean() * 0 + len(open(__file__).read()) * 0")
    with pytest.raises(
        UsageError, match=r"line 28: calls open\(\) \(a strategy reads its bars and parameters only"
    ):
        proven(reading)


def test_an_own_file_that_keeps_the_contract_is_proven_and_stays_loaded(tmp_path: Path):
    honest = own(tmp_path, "value = bars.close.cumsum() / (1.0 + np.arange(len(bars)))")
    loaded = sys.modules[honest.criteria.__module__]
    proven(honest)
    assert sys.modules[honest.criteria.__module__] is loaded
    fresh, params = catalogue.reload_strategy(honest, honest.with_params({"window": 7}))
    assert fresh.criteria is not honest.criteria
    assert params == fresh.with_params({"window": 7})


def test_shipped_and_made_strategies_are_not_loaded_anew():
    for one in (catalogue.load("ema_cross"), strategy(momentum)):
        assert catalogue.reload_strategy(one, one.defaults())[0] is one


ELSEWHERE = """
    whole = getattr(np, "_whole", bars)
    if len(whole) <= len(bars):
        np._whole = whole = bars
    at = np.minimum(np.searchsorted(whole.ts, bars.ts) + 1, len(whole) - 1)
    value = whole.close[at]"""


@pytest.fixture
def _numpy_forgets():
    yield
    vars(np).pop("_whole", None)


@pytest.mark.usefixtures("_numpy_forgets")
def test_what_is_remembered_outside_the_file_does_not_hide_a_leak(tmp_path: Path, monkeypatch):
    remembering = own(tmp_path, ELSEWHERE)
    with pytest.raises(UsageError, match="keeps np between calls"):
        proven(remembering)
    monkeypatch.setattr(catalogue, "outside_uses", lambda path: [])
    fresh, params = catalogue.reload_strategy(remembering, remembering.defaults())
    whole = judge(remembering, BARS, params)
    alike = check_causality(lambda cut: judge(fresh, cut, params), BARS, whole, np.random.default_rng(0))
    assert alike is None, "in one process it agrees with itself"
    with pytest.raises(UsageError, match="looks ahead or repaints"):
        proven(remembering)


FORGED = {
    "behind": "value = bars.close; np.copyto(getattr(value, 'ba' + 'se'), 1.0)",
    "lent": "value = floats(bars.close); value[:] = np.arange(len(value))",
    "put in place": "value = np.arange(float(len(bars))); object.__setattr__(bars, 'close', value)",
}


@pytest.mark.parametrize("body", FORGED.values(), ids=FORGED)
def test_a_file_that_forges_the_prices_it_trades_at_is_refused_and_they_stay(tmp_path: Path, body: str):
    bars = walk(300)
    before = bars.close.copy()
    forging = own(tmp_path, body, top="from vigie.quant.arrays import floats")
    with pytest.raises(UsageError, match=r"strategy own (raised TypeError|changed close of its input bars)"):
        execute([plan(bars, of=forging, params=forging.defaults())], plan(bars).account, check=False)
    assert np.array_equal(bars.close, before)


def test_a_file_that_forges_prices_when_a_criterion_is_read_is_refused(tmp_path: Path):
    def forging() -> Reading:
        given = floats(bars.apart().close)
        given[0] += 1.0
        return Reading(given, 0.0, given > 0)

    def lazily(seen: Bars, params: object) -> Criteria:
        return Criteria((criterion("c", seen.close > 0), optional("later", forging, sense="above")), ())

    bars = walk(300)
    answer = judge(strategy(lazily), bars, None)
    with pytest.raises(UsageError, match="changed close"):
        answer.long[1].read()


def test_a_file_that_takes_the_name_of_a_shipped_module_is_no_shipped_one(tmp_path: Path):
    # Its dataclass looks for the module of that name.
    catalogue.load("ema_cross")
    posing = own(tmp_path, "value = bars.close", top='__name__ = "vigie.trading.strategies.ema_cross"')
    assert not catalogue.is_shipped(posing)
    assert catalogue.is_own_file(posing)
    assert catalogue.is_shipped(catalogue.load("ema_cross"))
    assert not catalogue.is_own_file(catalogue.load("ema_cross"))


def test_a_witness_answers_as_this_process_does(tmp_path: Path):
    one = own(tmp_path, "value = bars.close.cumsum() / (params.window + np.arange(len(bars)))")
    params = one.with_params({"window": 7})
    here = judge(one, BARS, params)
    with StrategyProcess(one, params) as witness:
        for _ in range(2):
            assert first_leak(here, witness.evaluate(BARS.slice(0, 300)), BARS, 300) is None


@pytest.mark.parametrize(
    ("statement", "shown"),
    [
        ("raise RuntimeError('no')", "strategy own raised RuntimeError: no"),
        ("import os; os._exit(3)", r"strategy own ended the process it was checked in \(code 3\)"),
    ],
)
def test_a_witness_that_raises_or_ends_is_told(tmp_path: Path, statement: str, shown: str):
    one = own(tmp_path, statement)
    with StrategyProcess(one, one.defaults()) as witness, pytest.raises(UsageError, match=shown):
        witness.evaluate(BARS.slice(0, 10))


TRIES = {
    "file": ("open(str(bars.instrument) + '.csv')", r"opened .*\.csv"),
    "swallowed": (
        "\n    try: open('closes.bin')\n    except Exception: pass\n    value = bars.close",
        r"opened .*closes\.bin",
    ),
    "database": ("import sqlite3; sqlite3.connect(':memory:')", "opened a database"),
    "network": ("import socket; socket.socket()", "used the network"),
    "program": ("import os; os.system('true')", "started a program"),
    "store": ("import vigie; vigie.bars('BTC', '4h')", r"loaded vigie\."),
    "made up": ("__import__('vigie.' + 'wiring')", r"loaded vigie\.wiring"),
}


@pytest.mark.parametrize(("statement", "shown"), TRIES.values(), ids=TRIES)
def test_a_file_that_opens_what_it_may_not_is_refused_where_it_is_judged_alone(
    tmp_path: Path, monkeypatch, statement: str, shown: str
):
    monkeypatch.setattr(catalogue, "outside_uses", lambda path: [])
    one = own(tmp_path, statement)
    with (
        StrategyProcess(one, one.defaults()) as witness,
        pytest.raises(UsageError, match=f"strategy own {shown}"),
    ):
        witness.evaluate(BARS.slice(0, 10))


def test_a_file_that_calculates_with_libraries_may_load_their_parts_late(tmp_path: Path):
    body = """
    import numba, polars as pl, zoneinfo
    from numpy.polynomial import Polynomial
    step = numba.njit(cache=True)(lambda x: x + params.window)
    zone = zoneinfo.ZoneInfo("Europe/Paris")
    value = pl.Series(bars.close).rolling_mean(3).to_numpy()"""
    one = own(tmp_path, body)
    with StrategyProcess(one, one.defaults()) as witness:
        assert len(witness.evaluate(BARS.slice(0, 10)).long) == 1


# What it raises, where it leaves, what it prints


@pytest.mark.parametrize("statement", ["raise SystemExit(0)", "exit(0)", "raise RuntimeError('no')"])
def test_a_strategy_that_leaves_or_raises_is_refused_by_its_name(tmp_path: Path, statement: str):
    with pytest.raises(UsageError, match=r"strategy own raised (SystemExit|RuntimeError)"):
        proven(own(tmp_path, statement))


def test_an_interrupt_is_not_swallowed():
    def interrupted(bars: Bars, params: object) -> Criteria:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        judge(strategy(interrupted), BARS, None)


def test_an_optional_criterion_that_leaves_is_refused_by_its_name():
    def leaves() -> Reading:
        raise SystemExit(0)

    def leaving(bars: Bars, params: object) -> Criteria:
        return Criteria((criterion("c", bars.close > 0), optional("off", leaves, sense="above")), ())

    with pytest.raises(UsageError, match="criterion 'off' raised SystemExit: 0"):
        proven(strategy(leaving))


@pytest.mark.parametrize(
    ("said", "shown"),
    [("1 // 0", "raised ZeroDivisionError"), ("-1", "must be a whole number >= 0"), ("2.5", "was 2.5")],
)
def test_a_warm_up_that_raises_or_is_no_number_of_bars_is_refused(tmp_path: Path, said: str, shown: str):
    with pytest.raises(UsageError, match=f"warmup of own .*{shown}"):
        proven(own(tmp_path, "value = bars.open", warmup=said))


def test_what_a_strategy_prints_does_not_reach_standard_output(tmp_path: Path, capsys):
    proven(
        own(
            tmp_path,
            "print('I was here', json.dumps([1])); value = bars.open",
            top="import json\nprint('loading')",
        )
    )
    out, err = capsys.readouterr()
    assert out == ""
    assert "loading" in err
    assert f"I was here {json.dumps([1])}" in err


# One check for what is the same


def test_slots_with_the_same_strategy_parameters_and_bars_are_proven_once(monkeypatch):
    asked = []
    monkeypatch.setattr("vigie.engine.run.prove", lambda *given: asked.append(given[1]))
    one = strategy(momentum)
    other = one.with_params({"span": 5})
    plans = [
        plan(BARS, of=one),
        plan(BARS, of=one),
        plan(BARS, of=one, params=other),
        plan(walk(300), of=one),
    ]
    execute(plans, plans[0].account)
    assert asked == [one.defaults(), other, one.defaults()]
    assert judgement.prove is prove
