"""The first run compiles the loop that trades in a second process; later runs start none."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.compilation import needs_compilation
from tests.unit.research.material import history
from vigie.compiled import cache_folder
from vigie.domain.account import AccountSettings
from vigie.domain.ids import SlotId
from vigie.domain.instrument import Instrument
from vigie.domain.money import parse_step
from vigie.engine.isolated import run_isolated
from vigie.engine.run import PlannedSlot, execute
from vigie.quant.patterns import finding, swings
from vigie.quant.stats import first_passage
from vigie.services.running import compile_portions, first_run
from vigie.services.running.compiling import GOES_ON, compile_pages_apart, run_compiler
from vigie.services.setups import chart_patterns
from vigie.services.setups.compiling import compile_setups
from vigie.trading import catalogue

STRATEGY = catalogue.load("ema_cross")
RULES = (Instrument("", "made-up", parse_step("0.1"), parse_step("0.001")),)


def test_an_empty_cache_is_a_first_run_and_a_kept_function_ends_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    monkeypatch.setenv("VIGIE_CACHE_DIR", str(tmp_path))
    assert first_run.is_first_run()
    kept = cache_folder() / "quant" / "some.nbi"
    kept.parent.mkdir(parents=True)
    kept.touch()
    assert not first_run.is_first_run()


def test_nothing_is_started_when_functions_are_kept(monkeypatch: pytest.MonkeyPatch):
    def started(*words: object, **more: object) -> None:
        raise AssertionError("a process was started")

    monkeypatch.setattr(first_run, "is_first_run", lambda: False)
    monkeypatch.setattr(subprocess, "Popen", started)
    with first_run.compile_in_parallel():
        pass


def test_the_second_process_is_gone_when_the_run_ends_however_it_ends(monkeypatch: pytest.MonkeyPatch):
    begun: list[subprocess.Popen[bytes]] = []
    popen = subprocess.Popen

    def kept(*words: object, **more: object) -> subprocess.Popen[bytes]:
        begun.append(popen(*words, **more))
        return begun[-1]

    monkeypatch.setattr(first_run, "is_first_run", lambda: True)
    monkeypatch.setattr(subprocess, "Popen", kept)
    with pytest.raises(ValueError, match="stop"), first_run.compile_in_parallel():
        raise ValueError("stop")
    assert [one.returncode is not None for one in begun] == [True]


def test_the_body_begins_when_the_second_process_has_ended(monkeypatch: pytest.MonkeyPatch):
    begun: list[subprocess.Popen[bytes]] = []
    popen = subprocess.Popen

    def quick(words: list[str], **more: object) -> subprocess.Popen[bytes]:
        begun.append(popen([words[0], "-c", ""], **more))  # type: ignore[call-overload]
        return begun[-1]

    monkeypatch.setattr(first_run, "is_first_run", lambda: True)
    monkeypatch.setattr(subprocess, "Popen", quick)
    with first_run.compile_in_parallel():
        assert [one.returncode for one in begun] == [0]


def test_what_it_compiles_can_be_asked_for():
    for compile_part in first_run.PARTS.values():
        compile_part()
    compile_setups()


COMPILED = """
import sys
import vigie.services.running.first_run as first_run
from vigie.quant.indicators.earlier_rank import earlier_rank
from vigie.quant.indicators.rsi import _rsi
from vigie.quant.indicators.sma import _sma
from vigie.quant.stats import first_passage
from vigie.services.running import compile_portions, job_process

close = first_run.made_up_history().close
out = close.copy()
first_run.PARTS = {"two": lambda: (_sma(close, 5, out), _rsi(close, 5, out)), "one": lambda: earlier_rank(close)}
compile_portions.compile_in_portions(int(sys.argv[1]))
job_process.warm()
"""


def warmed(cache: Path, portion: int) -> tuple[int, set[str]]:
    """Load in a fresh process what every job needs; return how it ended, and what is kept by then."""
    environ = {**os.environ, "VIGIE_CACHE_DIR": str(cache)}
    words = [sys.executable, "-c", COMPILED, str(portion)]
    code = subprocess.run(words, env=environ, check=False, timeout=300).returncode
    return code, {path.name for path in cache.rglob("*.nbc")}


@needs_compilation
def test_a_process_of_jobs_that_compiled_a_portion_ends_and_the_next_goes_on(tmp_path: Path):
    code, few = warmed(tmp_path, 1)
    assert (code, not few) == (GOES_ON, False)
    assert not list(tmp_path.rglob("*.compiled")), "in the middle of a part"
    code, more = warmed(tmp_path, 1 << 40)
    assert code == GOES_ON, "what has compiled loads no next part, and serves no jobs"
    assert few < more
    assert [path.stem for path in tmp_path.rglob("*.compiled")] == ["two"]
    code, everything = warmed(tmp_path, 1 << 40)
    assert code == GOES_ON
    assert more < everything
    assert warmed(tmp_path, 1) == (0, everything), "nothing is left to compile"


def test_where_nothing_is_kept_a_process_goes_on_compiling(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """A folder that is missing, one in which what was compiled cannot be kept, and one in which it is."""
    ended: list[int] = []
    monkeypatch.setattr(os, "_exit", ended.append)
    compiled = SimpleNamespace(data={"dispatcher": SimpleNamespace(stats=SimpleNamespace(cache_path="kept"))})
    (tmp_path / "of-before.nbc").touch()
    for folder, kept in ((tmp_path / "missing", False), (tmp_path, False), (tmp_path, True)):
        monkeypatch.setattr(compile_portions, "cache_folder", lambda folder=folder: folder)
        portion = compile_portions._Portion()
        portion.bytes = -1 << 60
        portion.end_if_kept()
        portion.on_start(compiled)
        portion.on_end(compiled)
        if kept:
            (folder / "quant").mkdir()
            (folder / "quant" / "some.nbc").touch()
        assert ended == []
        portion.on_start(compiled)
    assert ended == [GOES_ON]


def test_a_module_that_compiles_is_started_again_until_all_is_compiled(monkeypatch: pytest.MonkeyPatch):
    codes = [GOES_ON, GOES_ON, 1, GOES_ON]
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: SimpleNamespace(returncode=codes.pop(0)))
    run_compiler("some.module")
    assert codes == [GOES_ON]


def test_chart_patterns_of_a_setup_are_those_that_were_compiled():
    compile_setups()
    functions = (finding._find, swings._events, first_passage._pass)
    compiled = [list(function.signatures) for function in functions]
    assert isinstance(chart_patterns.patterns_at_end(history(400)), list)
    assert [list(function.signatures) for function in functions] == compiled
    assert all(compiled)


@needs_compilation
def test_pages_find_compiled_what_they_compute_first(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("VIGIE_CACHE_DIR", str(tmp_path))
    compile_pages_apart()
    kept = {path.name.partition("-")[0] for path in cache_folder().rglob("*.nbi")}
    assert {"atr._atr", "rsi._rsi", "sma._sma", "earlier_rank._count_earlier"} <= kept
    started: list[object] = []
    monkeypatch.setattr(subprocess, "run", lambda *words, **more: started.append(words))
    compile_pages_apart()
    assert not started, "once for the same sources"


@needs_compilation
def test_the_second_process_compiles_the_loop_as_a_backtest_calls_it():
    first_run.compile_loop()
    known = set(run_isolated.signatures)
    plan = PlannedSlot(
        SlotId("made-up", "1d", "ema_cross"),
        history(300),
        STRATEGY,
        STRATEGY.defaults(),
        RULES,
        AccountSettings(),
    )
    execute([plan], plan.account, check=False)
    assert set(run_isolated.signatures) == known


def what_says(program: str, cache: Path) -> list[str]:
    """Run a program in a process whose compiled code is kept in a folder; return the lines it prints."""
    environ = {**os.environ, "VIGIE_CACHE_DIR": str(cache)}
    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, env=environ
    )
    return ran.stdout.splitlines()


AVERAGE = """
import sys
import numpy as np
import vigie.services.running.first_run as first_run
from vigie.quant.indicators.ema import ema

first_run.is_first_run = lambda: False
with first_run.compile_in_parallel():
    print(ema(np.arange(50.0), 5)[-1])
print("numba.np.arraymath" in sys.modules)
"""


@needs_compilation
def test_kept_code_is_loaded_without_what_compiling_needs_and_says_the_same(tmp_path: Path):
    assert what_says(AVERAGE, tmp_path) == ["47.0", "True"]
    assert what_says(AVERAGE, tmp_path) == ["47.0", "False"]


@needs_compilation
def test_kept_indicators_of_pages_and_strategies_load_no_arrays_of_the_compiler(tmp_path: Path):
    program = f"""{AVERAGE}
from vigie.quant.indicators.deviation import standard_deviation
from vigie.quant.indicators.earlier_rank import earlier_rank
from vigie.quant.indicators.extremes import highest, lowest
values = np.arange(50.0)
answers = standard_deviation(values, 3), highest(values), lowest(values), earlier_rank(values)
print(*(answer[-1] for answer in answers))
print("numba.np.arrayobj" in sys.modules)
"""
    first, again = what_says(program, tmp_path), what_says(program, tmp_path)
    assert first[:-1] == ["47.0", "True", first[2]]
    assert again == ["47.0", "False", first[2], "False"]


@needs_compilation
def test_what_is_not_kept_is_compiled_after_kept_code_was_loaded(tmp_path: Path):
    what_says(AVERAGE, tmp_path)
    program = f"""{AVERAGE}
from numba import njit
print(njit(lambda values: np.sort(values)[-1] + len({{1: 2.0}}))(np.arange(3.0)))
"""
    assert what_says(program, tmp_path) == ["47.0", "False", "3.0"]


@needs_compilation
def test_kept_code_that_hashes_words_finds_the_secret_of_this_process(tmp_path: Path):
    lines = ("from numba import njit", "@njit(cache=True)", "def hashed(text):", "    return hash(text)")
    (tmp_path / "words.py").write_text("\n".join(lines) + "\n", encoding="utf-8")
    program = f"""{AVERAGE}
sys.path.insert(0, {str(tmp_path)!r})
from words import hashed
print(hashed("words") == hash("words"), len(hashed.stats.cache_hits))
"""
    assert what_says(program, tmp_path) == ["47.0", "True", "True 0"]
    assert what_says(program, tmp_path) == ["47.0", "False", "True 1"]


def test_a_command_loads_no_linear_algebra_to_learn_that_there_is_some(tmp_path: Path):
    program = """
import sys
import numpy as np
from vigie.services.running.first_run import compile_in_parallel
from vigie.quant.indicators.ema import ema
import vigie.services.running.first_run as first_run

first_run.is_first_run = lambda: False
with compile_in_parallel():
    ema(np.arange(50.0), 5)
print("numba.np.arraymath" in sys.modules, "scipy.linalg" in sys.modules)
import scipy.linalg.cython_blas
print(scipy.linalg.cython_blas.__name__)
"""
    assert what_says(program, tmp_path) == ["True False", "scipy.linalg.cython_blas"]


def test_a_command_loads_no_parser_of_c_and_whoever_wants_it_gets_it(tmp_path: Path):
    program = """
import sys
import numpy as np
import vigie.services.running.first_run as first_run
from vigie.quant.indicators.ema import ema

first_run.is_first_run = lambda: False
with first_run.compile_in_parallel():
    ema(np.arange(50.0), 5)
    print("numba.core.typing.cffi_utils" in sys.modules, "cffi" in sys.modules)
print(sys.modules.get("cffi", "not hidden"))
"""
    assert what_says(program, tmp_path) == ["True False", "not hidden"]


def test_a_command_over_bars_loads_nothing_of_a_house_or_a_backup():
    program = """
import sys
import vigie.wiring.data, vigie.wiring.results
import vigie.services.running.first_run, vigie.services.runs.results, vigie.services.runs.shortfalls
print([name for name in ("vigie.services.app_context", "vigie.services.backups.backup") if name in sys.modules])
"""
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ran.stdout == "[]\n"
