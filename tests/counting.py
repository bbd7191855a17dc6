"""Count the lines of trading and engine that tests reach; loaded before Vigie is: `-p tests.counting`.

Slipcover puts a mark into each line and takes it out once the line ran: tests take a tenth more. A tracer, which
is asked at each call and each line, takes two thirds more. What was reached is added to the file of coverage.py
(`COVERAGE_FILE`), which says what a statement is and how many there are.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from types import CodeType, FunctionType
from typing import Final

import coverage
import numba
import slipcover

ROOT: Final = Path(__file__).resolve().parent.parent
SOURCES: Final = tuple(str(ROOT / "src" / "vigie" / name) for name in ("trading", "engine"))


class LineCounter(slipcover.Slipcover):
    """Puts marks into code and remembers what it was without them."""

    def __init__(self) -> None:
        super().__init__(source=list(SOURCES))
        self.plain: dict[CodeType, CodeType] = {}

    def instrument(self, code: CodeType, parent: CodeType | None = None) -> CodeType:
        """Return the code with marks, and that of the functions inside it."""
        marked: CodeType = super().instrument(code, parent)
        self.plain[marked] = code
        return marked

    def take_out(self, function: FunctionType) -> FunctionType:
        """Give a function that is compiled its own code back: numba reads it."""
        function.__code__ = self.plain.get(function.__code__, function.__code__)
        return function

    def reached(self) -> dict[str, list[int]]:
        """Return the lines that ran, by file."""
        files = self.get_coverage()["files"]
        return {str(ROOT / name): found["executed_lines"] for name, found in files.items()}


def compile_without_marks(counter: LineCounter) -> None:
    """Let `numba.njit` see each function as it is written, so that what is compiled is kept for later runs too."""
    compile_function = numba.njit

    def njit(*given: object, **options: object) -> Callable[..., object]:
        if given and isinstance(given[0], FunctionType):
            return compile_function(counter.take_out(given[0]), *given[1:], **options)
        decorate = compile_function(*given, **options)
        return lambda function: decorate(counter.take_out(function))

    numba.njit = njit


COUNTER: Final = LineCounter()
MANAGER: Final = slipcover.ImportManager(COUNTER, slipcover.FileMatcher(sources=list(SOURCES)))
if not numba.config.DISABLE_JIT:
    compile_without_marks(COUNTER)
MANAGER.__enter__()


def pytest_sessionfinish() -> None:
    """Add what was reached to what earlier runs reached."""
    MANAGER.__exit__()
    data = coverage.CoverageData(os.environ["COVERAGE_FILE"])
    data.read()
    data.add_lines(COUNTER.reached())
    data.write()
