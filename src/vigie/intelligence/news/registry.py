"""Which steps there are, and in which order they run: each after those whose findings it reads."""

from __future__ import annotations

import pkgutil
from collections.abc import Sequence
from functools import cache
from graphlib import CycleError, TopologicalSorter
from importlib import import_module
from typing import Final

from vigie.domain.errors import InvariantBroken
from vigie.intelligence.news.step import ReadingStep

FOLDER: Final = "vigie.intelligence.news.steps"


@cache
def steps() -> tuple[ReadingStep, ...]:
    """Return a step for every file of the folder, in order; made once, since some read long lists."""
    return make_steps()


def make_steps() -> tuple[ReadingStep, ...]:
    """Return new steps that remember nothing, for every file of the folder, in order."""
    package = import_module(FOLDER)
    names = sorted(entry.name for entry in pkgutil.iter_modules(package.__path__))
    return order_steps([import_module(f"{FOLDER}.{name}").make() for name in names])


def order_steps(steps: Sequence[ReadingStep]) -> tuple[ReadingStep, ...]:
    """Return steps so that each comes after those it needs; of those that could come next, by name.

    A need that nobody fulfils is no hindrance: the step finds nothing of it.

    Raises
    ------
    InvariantBroken
        If steps need one another in a circle.
    """
    by_name = {step.name: step for step in steps}
    sorter = TopologicalSorter(
        {name: [need for need in step.needs if need in by_name] for name, step in by_name.items()}
    )
    try:
        sorter.prepare()
    except CycleError as fault:
        raise InvariantBroken(f"steps need one another in a circle: {' '.join(fault.args[1])}") from fault
    in_order: list[ReadingStep] = []
    while sorter.is_active():
        ready = sorted(sorter.get_ready())
        in_order += [by_name[name] for name in ready]
        sorter.done(*ready)
    return tuple(in_order)


def fingerprint(steps: Sequence[ReadingStep]) -> str:
    """Return names and versions of steps: what was read by others is read anew."""
    return " ".join(f"{step.name}:{step.version}" for step in sorted(steps, key=lambda item: item.name))
