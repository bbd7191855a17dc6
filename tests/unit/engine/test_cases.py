"""The published cases and our own, on the twin, on the kernel, and on the kernel with compilation off."""

from __future__ import annotations

import ast
import json
import math
import operator
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import vigie
from tests.shared import shared_dir
from tests.twin.cases import SIDES, Case, differences, own_cases
from tests.twin.compare import unequal
from tests.twin.kernel_adapter import KERNEL_DIFFERS, account_run, kernel_run
from tests.twin.records import REASONS, REFUSALS, TwinResult
from tests.twin.shared_cases import shared_case, shared_cases, shared_differences
from tests.twin.twin import run

ROOT = Path(__file__).resolve().parents[3]
OWN = {case.name: case for case in own_cases()}
SHARED = {case["name"]: case for case in shared_cases()}
NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
SUM = re.compile(r"((?<![\d.)])-?[\d(][\d.+\-*/() ]*) = (-?\d+(?:\.\d+)?)")
OPERATORS = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}


LOOPS = {"one slot": kernel_run, "shared account": account_run}
DIFFERS = [
    pytest.param(name, marks=pytest.mark.xfail(strict=True, reason=KERNEL_DIFFERS[name]))
    if name in KERNEL_DIFFERS
    else name
    for name in OWN
]


@pytest.fixture(scope="module")
def uncompiled() -> dict[str, dict[str, list[str]]]:
    """What differs with compilation off, in a process of its own: it is switched off before the first import."""
    answer = subprocess.run(
        [sys.executable, "-m", "tests.twin.uncompiled"],
        cwd=ROOT,
        env={**os.environ, "NUMBA_DISABLE_JIT": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert answer.returncode == 0, answer.stderr
    return json.loads(answer.stdout)


@pytest.mark.parametrize("name", SHARED)
def test_shared_case_on_the_twin(name: str):
    case = shared_case(SHARED[name])
    assert shared_differences(SHARED[name], run(case.slots, case.settings, None)) == []


@pytest.mark.parametrize("loop", LOOPS)
@pytest.mark.parametrize("name", SHARED)
def test_shared_case_on_the_kernel(name: str, loop: str):
    case = shared_case(SHARED[name])
    assert shared_differences(SHARED[name], LOOPS[loop](case.slots, case.settings, None)) == []


@pytest.mark.parametrize("name", SHARED)
def test_shared_case_through_the_public_door(name: str):
    raw = SHARED[name]
    given = (
        "bar_ts",
        "timeframe_ms",
        "atr",
        "funding",
        "long_entry",
        "short_entry",
        "long_exit",
        "short_exit",
    )
    answer = vigie.simulate(raw["bars"], **{key: raw[key] for key in given}, **raw["settings"])
    result = TwinResult()
    for row in answer.trades.to_dicts():
        times = {key: int(row[key].timestamp() * 1000) for key in ("entry_ts", "exit_ts")}
        prices = {"entry": row["entry_price"], "exit": row["exit_price"], "side": SIDES[row["side"]]}
        result.trades.append({**row, **times, **prices})
    for row in answer.refusals.to_dicts():
        code = next(number for number, word in REFUSALS.items() if word == row["code"])
        result.refusals.append(
            (int(row["timestamp"].timestamp() * 1000), 0, 0, code, row["limit"], row["value"])
        )
    assert shared_differences(raw, result) == []


@pytest.mark.parametrize("name", SHARED)
def test_shared_case_with_compilation_off(name: str, uncompiled: dict[str, dict[str, list[str]]]):
    assert uncompiled["shared"][name] == []


@pytest.mark.parametrize("name", OWN)
def test_own_case_on_the_twin(name: str):
    case = OWN[name]
    assert differences(case, run(case.slots, case.settings, case.protections)) == []


@pytest.mark.parametrize("loop", LOOPS)
@pytest.mark.parametrize("name", DIFFERS)
def test_own_case_on_the_kernel(name: str, loop: str):
    case = OWN[name]
    kernel = LOOPS[loop](case.slots, case.settings, case.protections)
    assert differences(case, kernel) == []
    assert unequal(run(case.slots, case.settings, case.protections), kernel) == []


@pytest.mark.parametrize("name", DIFFERS)
def test_own_case_with_compilation_off(name: str, uncompiled: dict[str, dict[str, list[str]]]):
    assert uncompiled["own"][name] == []


@pytest.mark.shared
def test_copy_of_the_shared_cases_is_the_published_file():
    published = shared_dir("cases", "fill_model.json").read_text(encoding="utf-8")
    assert json.loads(published) == shared_cases()


def value_of(text: str) -> float:
    """Compute a sum of a `why` column, without names and calls."""

    def walk(node: ast.AST) -> float:
        if isinstance(node, ast.BinOp):
            return OPERATORS[type(node.op)](walk(node.left), walk(node.right))
        if isinstance(node, ast.UnaryOp):
            return -walk(node.operand)
        assert isinstance(node, ast.Constant)
        return float(node.value)

    while text.count("(") > text.count(")"):
        text = text[text.index("(") + 1 :]
    return walk(ast.parse(text.strip(), mode="eval").body)


def test_every_sum_in_a_why_column_is_right():
    wrong, sums = [], 0
    for case in OWN.values():
        for left, right in SUM.findall(case.why):
            sums += 1
            digits = len(right.partition(".")[2])
            if not math.isclose(value_of(left), float(right), rel_tol=0, abs_tol=0.5 * 10**-digits + 1e-12):
                wrong.append((case.name, left, right))
    assert wrong == []
    assert sums > 250


def test_every_pnl_is_explained_in_its_why_column():
    missing = []
    for case in OWN.values():
        stated = {abs(float(number)) for number in NUMBER.findall(case.why)}
        missing += [
            (case.name, row["pnl"])
            for row in case.trades
            if float(row["pnl"]) and abs(float(row["pnl"])) not in stated
        ]
    assert missing == []


def test_every_reason_and_refusal_has_an_own_case():
    def ends(case: Case) -> set[str]:
        return {row["reason"] for row in case.trades} | {row["code"] for row in case.refusals}

    seen = set().union(*(ends(case) for case in OWN.values()))
    assert seen == set(REASONS.values()) | set(REFUSALS.values())


def test_the_twin_imports_nothing_of_vigie():
    folder = ROOT / "tests" / "twin"
    own = [path for path in folder.glob("*.py") if path.name not in ("kernel_adapter.py", "uncompiled.py")]
    imported = {
        name.partition(".")[0]
        for path in own
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    assert imported <= set(sys.stdlib_module_names) | {"tests"}
    assert len(own) > 10
