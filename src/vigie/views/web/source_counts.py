"""How many sources answer, counted in one way on every page."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

# What does not deliver at all.
BROKEN: Final = ("failing", "stale")
# Nobody expects these to answer.
NOT_ASKED: Final = ("paused", "off", "unknown")


@dataclass(frozen=True, slots=True)
class SourceCounts:
    """How many sources are asked, and how many of those answer.

    Attributes
    ----------
    asked : int
        All but those that are paused, off or never reported.
    waiting : int
        Asked, and not answered yet.
    answering : int
        What delivers, also by a slower way than it should.
    """

    asked: int
    waiting: int
    answering: int


def count_sources(states: Iterable[str]) -> SourceCounts:
    """Count sources by their states."""
    asked = [state for state in states if state not in NOT_ASKED]
    waiting = asked.count("waiting")
    return SourceCounts(len(asked), waiting, len(asked) - waiting - sum(state in BROKEN for state in asked))
