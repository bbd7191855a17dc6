"""What a worker can do: a file here with `KIND`, a pydantic ask and `run` is one kind of job more:
the folder is the registry.

    KIND = "backtest"
    ASK = BacktestOrder
    def run(order, report, home, ...) -> dict: ...

`run` reports how far it is and gives plain values: ``message`` for people, ``run`` where a result was kept.
"""

from __future__ import annotations

import ast
import pkgutil
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final, get_type_hints

from vigie.services.app_context import AppContext
from vigie.services.needs import Resolver, resolvers
from vigie.services.operation import OperationInput

# Told how far it is, what it does now, and lines for the job's log.
ReportCallback = Callable[[float, str, tuple[str, ...]], None]


# Stages of the engine in words for people.
STAGES: Final = {"strategies": "reading signals", "kernel": "trading"}
# Said by the first job of a kind after an installation, until it has done two parts of a stage or judges.
COMPILING: Final = "compiling its code, which takes up to a minute"
_COUNTED: Final = re.compile(r".+ (\d+) of \d+")
_JUDGED_FROM: Final = 0.9


@dataclass(frozen=True, slots=True)
class Report:
    """Whose job it is, and the way to say how far it is.

    Attributes
    ----------
    job, owner : str
        Ids of the job and of the user who ordered it.
    """

    job: str
    owner: str
    tell: ReportCallback

    def __call__(self, progress: float, message: str, *lines: str) -> None:
        """Say how far the job is, in [0, 1], what it does now, and lines for its log."""
        self.tell(progress, message, lines)

    def share(self, low: float, high: float, *, stages: int = 1) -> Callable[[str, int, int], None]:
        """Return a ticker for stages that take equal parts of a share of the whole: told a stage, done, of."""
        stages_seen: list[str] = []
        part = (high - low) / stages

        def tick(stage: str, done: int, of: int) -> None:
            if stage not in stages_seen:
                stages_seen.append(stage)
            start = low + part * min(stages_seen.index(stage), stages - 1)
            self.tell(start + part * done / max(of, 1), f"{STAGES.get(stage, stage)} {done} of {of}", ())

        return tick


def say_compiling(tell: ReportCallback) -> ReportCallback:
    """Return a teller that says a job compiles for as long as that is what takes its time."""

    def told(progress: float, message: str, lines: tuple[str, ...]) -> None:
        counted = _COUNTED.fullmatch(message)
        is_past = progress >= _JUDGED_FROM or (counted is not None and int(counted[1]) > 1)
        tell(progress, message if is_past else COMPILING, lines)

    return told


@dataclass(frozen=True, slots=True)
class JobKind:
    """One kind of job."""

    name: str
    input_type: type[OperationInput]
    run: Callable[..., Mapping[str, Any]]
    needs: tuple[Resolver, ...]

    def do(self, app_context: AppContext, order: OperationInput, report: Report) -> Mapping[str, Any]:
        """Do a job with what its kind needs of a home."""
        return self.run(order, report, *(find(app_context) for find in self.needs))


@cache
def kind_of_work(name: str) -> JobKind:
    """Return a kind by its name; what the others need is not loaded."""
    module = import_module(f"{__name__}.{_modules()[name]}")
    needs = resolvers(f"job {name}", module.run, get_type_hints(module.run), given=2)
    return JobKind(name, module.ASK, module.run, needs)


def kinds() -> dict[str, JobKind]:
    """Return every kind by name; the folder is the registry."""
    return {name: kind_of_work(name) for name in names()}


def names() -> list[str]:
    """Return the names of the kinds, without loading what they need to be done."""
    return sorted(_modules())


@cache
def _modules() -> dict[str, str]:
    entries = pkgutil.iter_modules(__path__)
    return {name: entry.name for entry in entries for name in _kind_names(entry)}


def _kind_names(entry: pkgutil.ModuleInfo) -> list[str]:
    spec = find_spec(f"{__name__}.{entry.name}")
    assert spec is not None
    assert spec.origin is not None
    tree = ast.parse(Path(spec.origin).read_text("utf-8"))
    return [
        str(node.value.value)
        for node in tree.body
        if isinstance(node, ast.AnnAssign | ast.Assign)
        and isinstance(node.value, ast.Constant)
        and "KIND" in {getattr(child, "id", "") for child in ast.walk(node)}
    ]
