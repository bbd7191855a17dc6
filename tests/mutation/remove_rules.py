"""Removes one rule of the kernel after the other and runs the cases that are for it; prints what they said.

Run with compilation off: ``NUMBA_DISABLE_JIT=1 python -m tests.mutation.remove_rules``. A rule is removed by
compiling the changed text of a function and giving its code to the function that everybody already holds.
"""

from __future__ import annotations

import ast
import importlib
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import CodeType, FunctionType, ModuleType

from tests.mutation.deciding import DECIDING, Edit
from tests.mutation.filling import FILLING
from tests.mutation.portfolio import PORTFOLIO
from tests.twin.cases import Case, differences, own_cases
from tests.twin.kernel_adapter import account_run, kernel_run

MUTATIONS = {**DECIDING, **FILLING, **PORTFOLIO}
MODULES = {
    "kernel": "vigie.engine.kernel",
    "portfolio": "vigie.engine.portfolio",
    "inside": "vigie.engine.inside",
    "isolated": "vigie.engine.isolated",
    "backtest": "vigie.engine.backtest",
    "inputs": "vigie.engine.inputs",
    "sizing": "vigie.trading.sizing",
    "exits": "vigie.trading.exits",
    "execution": "vigie.trading.execution",
    "ledger": "vigie.trading.ledger",
    "bookings": "vigie.trading.risk.bookings",
    "correlation": "vigie.trading.risk.correlation",
    "exposure": "vigie.trading.risk.exposure",
    "locks": "vigie.trading.risk.locks",
    "samples": "vigie.trading.risk.samples",
    "grid": "vigie.quant.grid",
}


def source_of(module: ModuleType, function: str) -> str:
    """The text of a function without its decorators."""
    text = Path(module.__file__).read_text(encoding="utf-8")
    for node in ast.parse(text).body:
        if isinstance(node, ast.FunctionDef) and node.name == function:
            return "\n".join(text.splitlines()[node.lineno - 1 : node.end_lineno])
    raise LookupError(f"{module.__name__} has no function {function}")


def changed_text(edits: list[Edit]) -> dict[tuple[str, str], str]:
    """The new text of every function that a mutation touches.

    Raises
    ------
    LookupError
        If a text to replace is not there: the kernel has changed, and the mutation must follow it.
    """
    texts: dict[tuple[str, str], str] = {}
    for file, function, old, new in edits:
        key = (file, function)
        text = texts.get(key) or source_of(importlib.import_module(MODULES[file]), function)
        if old not in text:
            raise LookupError(f"{file}.{function} has no text {old!r}")
        texts[key] = text.replace(old, new)
    return texts


def code_of(module: ModuleType, function: str, text: str) -> CodeType:
    """Compile the text of one function."""
    scope = dict(vars(module))
    exec(compile("from __future__ import annotations\n" + text, module.__file__, "exec"), scope)
    return scope[function].__code__


@contextmanager
def without(rule: str) -> Iterator[None]:
    """Remove a rule for a while."""
    kept: list[tuple[FunctionType, CodeType]] = []
    try:
        for (file, name), text in changed_text(MUTATIONS[rule]).items():
            module = importlib.import_module(MODULES[file])
            function = getattr(module, name)
            kept.append((function, function.__code__))
            function.__code__ = code_of(module, name, text)
        yield
    finally:
        for function, code in kept:
            function.__code__ = code


def verdict(case: Case) -> list[str]:
    """What a case says, on both loops where both can run it; an exception is an answer too."""
    found = []
    for run in (kernel_run, account_run):
        try:
            found += differences(case, run(case.slots, case.settings, case.protections))
        except (ArithmeticError, LookupError, ValueError) as fault:
            found.append(repr(fault))
    return found


def main() -> None:
    """Print, as JSON, what every case says with all rules and without each rule that it is for."""
    cases = own_cases()
    said = {"": {case.name: verdict(case) for case in cases}}
    for rule in MUTATIONS:
        try:
            with without(rule):
                said[rule] = {case.name: verdict(case) for case in cases if rule in case.rules}
        except LookupError as missing:
            said[rule] = {"": [str(missing)]}
    json.dump(said, sys.stdout)


if __name__ == "__main__":
    main()
