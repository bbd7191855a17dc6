"""A board as it is drawn and exported: its words, its parts with their numbers, where they are from.

A board is complete: whoever draws it asks nothing more. A plan (what a person asked for) is filled
into a board by reading what other operations answer.

Times are UTC, integer milliseconds. Shares are parts of one: a change of +2.5 % is 0.025. A value
that is missing is None, never zero. Texts may be hostile and of any length: whoever draws them
escapes and fits them. A board may have no part; it is drawn with its words alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from vigie.services.languages import Language
from vigie.services.studio.style import PLAIN, HouseStyle

Shape = Literal["wide", "square", "column"]
SHAPES: tuple[Shape, ...] = get_args(Shape)
"""16:9 of 1600 x 900, 1:1 of 1200 x 1200, a newspaper's column of 640 and as tall as needed."""
MOST_PARTS = 6
"""Parts of one board, at most."""
MOST_LINES = 8
"""Lines of one chart, at most: more cannot be told apart."""

TableCell = str | float | None
"""What a table holds: words, a number, or nothing."""
ColumnKind = Literal["text", "number", "count", "ratio", "money", "share", "time"]
"""How a column is written: as it is; a number of its `unit`; a whole number; two decimals; money; per cent; a time."""


@dataclass(frozen=True, slots=True)
class BoardLine:
    """One line of a chart: points ascending in time.

    Attributes
    ----------
    name : str
        What is written at the line's end, such as ``BTC``.
    points : tuple of (int, float)
        Time and value; for a rebased chart the change since the first point, a part of one.
    """

    name: str
    points: tuple[tuple[int, float], ...]


@dataclass(frozen=True, slots=True)
class Annotation:
    """Words at a date of a chart."""

    at: int
    text: str


@dataclass(frozen=True, slots=True)
class NewsMark:
    """A story about an asset of a chart, at the time it was first seen here; its title may be in any language."""

    ts: int
    asset: str
    title: str
    publisher: str
    story: str
    language: str = ""


@dataclass(frozen=True, slots=True)
class NewsMarks:
    """What is marked on a chart: of all `total` stories those that most items tell, ascending in time.

    `is_thinned` where the span has more items than are read: a story may then stand at a later item than its first.
    """

    marks: tuple[NewsMark, ...]
    total: int
    is_thinned: bool = False


@dataclass(frozen=True, slots=True)
class ChartPart:
    """Lines over one span of time.

    Attributes
    ----------
    title : str
        What it shows, in the board's language.
    unit : str
        The unit of values, such as ``USD``; unused where `rebased`.
    rebased : bool
        Whether values are changes since the first point.
    lines : tuple of BoardLine
        1 to `MOST_LINES`; a line without points is said to be missing.
    annotations : tuple of Annotation
        Those outside the span are not drawn.
    news : NewsMarks or None
        Marked at the foot of the plot; None where nobody asked for it.
    """

    title: str
    unit: str
    rebased: bool
    lines: tuple[BoardLine, ...]
    annotations: tuple[Annotation, ...] = ()
    news: NewsMarks | None = None


@dataclass(frozen=True, slots=True)
class BoardColumn:
    """One column of a table: its heading, and how its cells are written.

    `unit` is the money of a ``money`` column, and ``rate`` of a share that is small, such as funding; a ``time`` cell
    holds milliseconds.
    """

    name: str
    kind: ColumnKind = "text"
    unit: str = ""


@dataclass(frozen=True, slots=True)
class TablePart:
    """Rows of cells, each as long as `columns`."""

    title: str
    columns: tuple[BoardColumn, ...]
    rows: tuple[tuple[TableCell, ...], ...]


@dataclass(frozen=True, slots=True)
class WeightedWord:
    """One word of a cloud: what was written, and how many items wrote it."""

    text: str
    weight: int


@dataclass(frozen=True, slots=True)
class WordsPart:
    """A cloud of words, heaviest first."""

    title: str
    words: tuple[WeightedWord, ...]


@dataclass(frozen=True, slots=True)
class HeatCell:
    """One rectangle of a heat map: its area is `size`, its colour `change` (a part of one)."""

    name: str
    size: float
    change: float | None


@dataclass(frozen=True, slots=True)
class HeatPart:
    """A heat map of cells, or a square matrix of names by names.

    Exactly one of `cells` and `matrix` is filled. A matrix (such as correlations, -1 to 1) has
    one row a name, each as long as `names`; None is unknown.
    """

    title: str
    cells: tuple[HeatCell, ...] = ()
    names: tuple[str, ...] = ()
    matrix: tuple[tuple[float | None, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class QuotePart:
    """A short quote or an own summary of a news item, and who published it where and when.

    Never the whole text of the item: whoever fills it cuts.
    """

    title: str
    text: str
    publisher: str
    link: str
    at: int


BoardPart = ChartPart | TablePart | WordsPart | HeatPart | QuotePart


@dataclass(frozen=True, slots=True)
class Credit:
    """Who publishes numbers, and beside it what the line under a picture never says: terms and series.

    Attributes
    ----------
    source : str
        The publisher, or several with commas between them.
    licence : str
        Under which terms.
    non_commercial : bool
        Whether these forbid selling what is made of them.
    series : str
        Which of the publisher's numbers: instruments with commas between them.
    """

    source: str
    licence: str
    non_commercial: bool = False
    series: str = ""


@dataclass(frozen=True, slots=True)
class Board:
    """What is drawn and exported.

    Attributes
    ----------
    title, subtitle, note : str
        In the board's language; each may be empty. The note stands under the parts.
    alt : str
        What the picture shows, for who cannot see it. Empty: it is drafted from the numbers.
    shape : Shape
        Proportions of the picture.
    language : Language
        Of numbers, dates and the words that the drawing adds.
    parts : tuple of BoardPart
        Up to `MOST_PARTS`, in order of reading.
    credits : tuple of Credit
        At least one where there is a part.
    as_of : int
        The time of the newest number.
    simulated : bool
        Whether any number is of the simulated world; the picture says so.
    zone : str
        The IANA zone that times are written in; the picture names it.
    is_fixed : bool
        Whether it shows what was known at `as_of`, whenever it is drawn; the picture says so.
    part_credits : tuple of tuple of Credit
        Of each part in order; empty where parts are not told apart.
    style : HouseStyle
        How it looks, and whose number format it has.
    """

    title: str
    subtitle: str
    note: str
    alt: str
    shape: Shape
    language: Language
    parts: tuple[BoardPart, ...]
    credits: tuple[Credit, ...]
    as_of: int
    simulated: bool
    zone: str = "UTC"
    is_fixed: bool = False
    part_credits: tuple[tuple[Credit, ...], ...] = ()
    style: HouseStyle = PLAIN


__all__ = [
    "MOST_LINES",
    "MOST_PARTS",
    "SHAPES",
    "Annotation",
    "Board",
    "BoardColumn",
    "BoardLine",
    "BoardPart",
    "ChartPart",
    "ColumnKind",
    "Credit",
    "HeatCell",
    "HeatPart",
    "NewsMark",
    "NewsMarks",
    "QuotePart",
    "Shape",
    "TableCell",
    "TablePart",
    "WeightedWord",
    "WordsPart",
]
