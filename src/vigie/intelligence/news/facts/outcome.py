"""What comes of comparing two statements."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

DifferenceKind = Literal["amount", "unit", "currency", "date", "name", "negation"]
Outcome = Literal["agrees", "differs", "unproven"]


@dataclass(frozen=True, slots=True)
class FactDifference:
    """One fact that two statements tell differently, in the words of each.

    Attributes
    ----------
    rule : str
        What found it; no part of what it is.
    likelihood : float
        How likely it is by the figures that found it, 0 where a rule did.
    """

    kind: DifferenceKind
    copy_says: str
    release_says: str
    rule: str = field(default="", compare=False)
    likelihood: float = field(default=0.0, compare=False)


@dataclass(frozen=True, slots=True)
class FactFindings:
    """What the comparison of one kind of fact found.

    Attributes
    ----------
    unproven : tuple of str
        What the copy states and the release neither states nor contradicts, in the copy's words.
    """

    differences: tuple[FactDifference, ...] = ()
    unproven: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FactComparison:
    """How a copy stands to the release that it tells of.

    Attributes
    ----------
    outcome : str
        ``agrees``: every figure, date, name and verb that can be told is the release's; ``differs``: at least one is
        another; ``unproven``: none is another, but the release does not bear out all.
    """

    outcome: Outcome
    differences: tuple[FactDifference, ...] = ()
    unproven: tuple[str, ...] = ()
