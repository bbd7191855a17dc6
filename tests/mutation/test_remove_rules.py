"""A case must fail when its rule is removed; a rule and a code must have such a case."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.mutation.remove_rules import MUTATIONS, changed_text
from tests.twin.cases import own_cases
from tests.twin.kernel_adapter import KERNEL_DIFFERS
from tests.twin.records import REASONS, REFUSALS

ROOT = Path(__file__).resolve().parents[2]
CASES = {case.name: case for case in own_cases()}
# Rules whose only cases are those the kernel does not pass yet: nothing can be said about them.
OPEN_RULES = {
    rule
    for rule in MUTATIONS
    if all(name in KERNEL_DIFFERS for name, case in CASES.items() if rule in case.rules)
}


@pytest.fixture(scope="module")
def said() -> dict[str, dict[str, list[str]]]:
    """What every case says with all rules, and without each of its own."""
    answer = subprocess.run(
        [sys.executable, "-m", "tests.mutation.remove_rules"],
        cwd=ROOT,
        env={**os.environ, "NUMBA_DISABLE_JIT": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert answer.returncode == 0, answer.stderr
    return json.loads(answer.stdout)


def test_every_rule_of_a_case_has_a_mutation_and_every_mutation_a_case():
    named = {rule for case in CASES.values() for rule in case.rules}
    assert named == set(MUTATIONS)


@pytest.mark.parametrize("rule", [rule for rule in MUTATIONS if rule not in OPEN_RULES])
def test_the_text_of_a_mutation_is_in_the_kernel(rule: str):
    assert changed_text(MUTATIONS[rule])


def test_every_case_passes_with_all_rules(said: dict[str, dict[str, list[str]]]):
    assert {name for name, found in said[""].items() if found} == set(KERNEL_DIFFERS)


@pytest.mark.parametrize("rule", [rule for rule in MUTATIONS if rule not in OPEN_RULES])
def test_every_case_fails_without_its_rule(rule: str, said: dict[str, dict[str, list[str]]]):
    survivors = [name for name, found in said[rule].items() if not found and name not in KERNEL_DIFFERS]
    assert survivors == []


def test_every_code_has_a_case_that_fails_without_its_rule(said: dict[str, dict[str, list[str]]]):
    guarded = set()
    for rule in set(MUTATIONS) - OPEN_RULES:
        for name, found in said[rule].items():
            if found and name in CASES:
                guarded |= {row["reason"] for row in CASES[name].trades}
                guarded |= {row["code"] for row in CASES[name].refusals}
    assert guarded == set(REASONS.values()) | set(REFUSALS.values())
