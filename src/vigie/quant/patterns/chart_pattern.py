"""What a chart pattern is: its kind, the swings and lines that make it, and the levels that decide it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, get_args

PatternKind = Literal[
    "double_top", "double_bottom",
    "head_and_shoulders", "inverse_head_and_shoulders",
    "ascending_triangle", "descending_triangle", "symmetrical_triangle",
    "rising_wedge", "falling_wedge",
    "channel", "flag",
]  # fmt: skip
KINDS: Final[tuple[PatternKind, ...]] = get_args(PatternKind)
PatternSide = Literal["long", "short"]


@dataclass(frozen=True, slots=True)
class PatternRules:
    """What counts as level, high enough and near enough; one set for all kinds.

    Distances in prices are multiples of the average true range at the bar where a pattern is known, so that neither
    the price nor the volatility of a market matters.

    Attributes
    ----------
    swing_bars : int
        Bars on each side that a swing's bar stands out from; a swing is known so many bars later.
    atr_window : int
        Bars of the average true range.
    tolerance_atr : float
        Two prices no farther apart are level; a line that rises or falls no more over the pattern is flat; bars may
        stand out of the lines by no more.
    least_height_atr : float
        Least height of a pattern where it is highest; of a flag's pole, twice of it.
    max_bars : int
        From the first swing to the last; of a flag and of its pole a quarter of it each.
    narrowing : float
        Lines of triangles and wedges end at most at this share of their first distance.
    parallel : float
        Lines of channels and flags keep at least this share of their distance, and at most its inverse.
    """

    swing_bars: int = 3
    atr_window: int = 14
    tolerance_atr: float = 1.0
    least_height_atr: float = 3.0
    max_bars: int = 120
    narrowing: float = 0.6
    parallel: float = 0.75


@dataclass(frozen=True, slots=True)
class PatternSwing:
    """A swing that a pattern is made of.

    Attributes
    ----------
    bar : int
        Index of its bar.
    price : float
        The bar's high or low.
    """

    bar: int
    price: float


@dataclass(frozen=True, slots=True)
class PatternLine:
    """A boundary of a pattern, from its first swing to the bar where the pattern is known.

    Attributes
    ----------
    first, last : PatternSwing
        Its ends; the price of the last is that of the line at that bar.
    """

    first: PatternSwing
    last: PatternSwing


@dataclass(frozen=True, slots=True)
class ChartPattern:
    """A pattern as it is known at one bar; what comes later changes nothing in it.

    Attributes
    ----------
    kind : str
        One of `KINDS`.
    side : str
        Where it points: ``long`` or ``short``.
    swings : tuple of PatternSwing
        Ascending in time.
    upper, lower : PatternLine
        Its boundaries; of double tops, double bottoms, and head and shoulders one of them is the neckline.
    confirmation : float
        A price beyond it confirms the pattern: the neckline or the boundary at the bar where it is known.
    target : float
        Measured move.
    invalidation : float
        A price there ends the pattern: the newest swing on the other side; of double tops and bottoms the farther one.
    known : int
        The bar at whose close it is known: `swing_bars` after its last swing.
    """

    kind: PatternKind
    side: PatternSide
    swings: tuple[PatternSwing, ...]
    upper: PatternLine
    lower: PatternLine
    confirmation: float
    target: float
    invalidation: float
    known: int
