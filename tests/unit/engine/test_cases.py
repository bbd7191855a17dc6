"""The published cases and our own, on the twin, on the kernel, and on the kernel with compilation off."""

from __future__ import annotations

import ast
import json
import math
import operator
import re

import pytest

from tests.shared import shared_dir
from tests.twin.cases import Case, differences, own_cases
from tests.twin.records import REASONS, REFUSALS
from tests.twin.shared_cases import shared_case, shared_cases, shared_differences
from tests.twin.twin import run

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


@pytest.mark.parametrize("name", SHARED)
def test_shared_case_on_the_twin(name: str):
    case = shared_case(SHARED[name])
    assert shared_differences(SHARED[name], run(case.slots, case.settings, None)) == []


@pytest.mark.parametrize("name", OWN)
def test_own_case_on_the_twin(name: str):
    case = OWN[name]
    assert differences(case, run(case.slots, case.settings, case.protections)) == []


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
