"""Dates written into a strategy: no cut of the history can show that somebody knew what came after them.

Takes a file; gives one line for each instant that is plain to see in a file that reads the times of its bars.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from vigie.domain.time import iso, parse_time
from vigie.services.judging.strategy_contract.findings import CheckedStrategy, ContractFinding

SHOWN: Final = 3
# What can be a time of bars: whole numbers between these years, in seconds, milli-, micro- and nanoseconds.
FIRST_MS: Final = parse_time("2009-01-01")
LAST_MS: Final = parse_time("2035-01-01")
UNITS_PER_MS: Final = (0.001, 1, 1_000, 1_000_000)
DATE: Final = re.compile(r"(?:19|20)\d\d-\d\d(?:-\d\d(?:[T ][\d:.]+(?:Z|[+-]\d\d:?\d\d)?)?)?")
DATED_CALLS: Final = ("date", "datetime", "datetime64", "Timestamp")
CURE: Final = (
    "dates that were chosen by looking at the past know what came after them, and no check can prove it: derive the "
    "rule from the bars, or believe results on bars behind the last date only"
)


def check_hindsight(subject: CheckedStrategy) -> ContractFinding:
    """The file holds no dates beside the times of its bars; a table of past moves would be one."""
    path = Path(subject.strategy.path)
    instants = literal_instants(path.read_text(encoding="utf-8")) if path.is_file() else []
    if not instants:
        return ContractFinding("hindsight", "pass", "no dates are written beside the times of bars")
    rest = f" and {len(instants) - SHOWN} more" if len(instants) > SHOWN else ""
    detail = f"reads the times of bars and names instants: {'; '.join(instants[:SHOWN])}{rest}"
    return ContractFinding("hindsight", "warn", detail, CURE)


def literal_instants(source: str) -> list[str]:
    """Return the instants that a source names, one line each; none where it does not read ``ts``."""
    nodes = list(ast.walk(ast.parse(source)))
    if not any(_reads_times(node) for node in nodes):
        return []
    instants = sorted({(node.lineno, text) for node in nodes for text in _instants(node)})  # type: ignore[attr-defined]  # what `_instants` yields of has a place
    return [f"line {line}: {text}" for line, text in instants]


def _reads_times(node: ast.AST) -> bool:
    if isinstance(node, ast.Attribute):
        return node.attr == "ts"
    return isinstance(node, ast.Constant) and node.value == "ts"


def _instants(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Constant):
        text = _constant_text(node.value)
        if text:
            yield text
    elif isinstance(node, ast.Call) and _called_name(node.func) in DATED_CALLS:
        values = [arg.value for arg in node.args if isinstance(arg, ast.Constant)]
        if len(values) >= 3 and all(isinstance(value, int) for value in values):
            yield f"{_called_name(node.func)}({', '.join(map(str, values))})"


def _constant_text(value: object) -> str:
    if isinstance(value, str):
        return repr(value) if DATE.fullmatch(value.strip()) else ""
    if isinstance(value, bool) or not isinstance(value, int | float) or value % 1:
        return ""
    for units in UNITS_PER_MS:
        if FIRST_MS <= value / units < LAST_MS:
            return f"{value!r} ({iso(int(value / units))})"
    return ""


def _called_name(called: ast.expr) -> str:
    if isinstance(called, ast.Attribute):
        return called.attr
    return called.id if isinstance(called, ast.Name) else ""
