"""Text in lines and lines on pages: broken between words, within a word only where it is longer than a line."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Final

from vigie.adapters.printing.truetype import Font
from vigie.domain.errors import UsageError
from vigie.ports.printing import DocumentBlock, PieceKind, TextSpan

# ISO 216 A4 in points.
WIDTH: Final = 595.28
HEIGHT: Final = 841.89
MARGIN: Final = 56.0
MOST_PIECES: Final = 1_000
MOST_PAGES: Final = 100
MOST_SPANS: Final = 5_000
# More than the pages hold at the least distance between two.
_MOST_LINES: Final = MOST_PAGES * 100
_MOST_LETTERS: Final = 2_000
# What turns, hides or ends text, or is not known to anybody: controls, overrides of direction, private letters.
_UNSAID: Final = frozenset({"Cc", "Cf", "Co", "Cs", "Cn"})


@dataclass(frozen=True, slots=True)
class Style:
    """How a kind of piece is set; lengths in points."""

    tag: str
    face: str
    size: float
    leading: float
    before: float
    indent: float = 0.0
    grey: float = 0.0


STYLES: Final[Mapping[PieceKind, Style]] = {
    "h1": Style("H1", "bold", 20, 26, 0),
    "h2": Style("H2", "bold", 14, 20, 16),
    "h3": Style("H3", "bold", 11, 15, 9),
    "text": Style("P", "plain", 10.5, 15, 5),
    "small": Style("P", "plain", 8.5, 12, 2, grey=0.33),
    "quote": Style("BlockQuote", "plain", 10, 14, 4, indent=14.0),
    "picture": Style("Figure", "plain", 8, 11, 6),
}
# Of a picture: with the names of its lines above it and its times below it.
PICTURE_HEIGHT: Final = 190.0


@dataclass(frozen=True, slots=True)
class Run:
    """Letters of one span on one line; `x` and `y` of its beginning, from the page's lower left corner."""

    piece: int
    span: int
    text: str
    x: float
    y: float
    wide: float


@dataclass(frozen=True, slots=True)
class Placed:
    """A picture on a page: its lower left corner and its size."""

    piece: int
    x: float
    y: float
    wide: float
    high: float


@dataclass(slots=True)
class Leaf:
    """One page."""

    runs: list[Run] = field(default_factory=list)
    pictures: list[Placed] = field(default_factory=list)


def clean(text: str) -> str:
    """Return a text on one line, without what is no letter, and no longer than a page holds."""
    seen = "".join(" " if one.isspace() else one for one in text[: 2 * _MOST_LETTERS])
    said = "".join(one for one in seen if unicodedata.category(one) not in _UNSAID)
    whole = " ".join(said.split())
    return whole if len(whole) <= _MOST_LETTERS else f"{whole[: _MOST_LETTERS - 1]}…"


def width(font: Font, text: str, size: float) -> float:
    """Return how wide a text is, in points."""
    return sum(font.width(font.glyph(one)) for one in text) * size / 1_000


def pages(pieces: Sequence[DocumentBlock], fonts: Mapping[str, Font]) -> list[Leaf]:
    """Return pieces on pages; a heading stays with what follows it.

    Raises
    ------
    UsageError
        If there is more than is printed.
    """
    if len(pieces) > MOST_PIECES:
        raise UsageError(f"at most {MOST_PIECES} paragraphs are printed, were {len(pieces)}")
    spans = sum(len(piece.spans) for piece in pieces)
    if spans > MOST_SPANS:
        raise UsageError(f"at most {MOST_SPANS} parts of paragraphs are printed, were {spans}")
    found, y = [Leaf()], HEIGHT - MARGIN
    for place, piece in enumerate(pieces):
        style = STYLES[piece.kind]
        if piece.chart is not None:
            y -= style.before
            y = (_turn(found) if y - PICTURE_HEIGHT < MARGIN else y) - PICTURE_HEIGHT
            found[-1].pictures.append(Placed(place, MARGIN, y, WIDTH - 2 * MARGIN, PICTURE_HEIGHT))
            continue
        lines = list(islice(_lines(piece, style, fonts[style.face]), _MOST_LINES))
        follows = _follows(pieces, place)
        y -= style.before
        if y - len(lines) * style.leading - follows < MARGIN and y < HEIGHT - 2 * MARGIN and follows:
            y = _turn(found)
        for line in lines:
            if y - style.leading < MARGIN:
                y = _turn(found)
            y -= style.leading
            x = MARGIN + style.indent
            for span, text, wide in line:
                found[-1].runs.append(Run(place, span, text, x, y, wide))
                x += wide
    return found


def _follows(pieces: Sequence[DocumentBlock], place: int) -> float:
    """Return the room that must be left below a heading, so that it stays with what follows it."""
    if pieces[place].kind not in ("h1", "h2", "h3"):
        return 0.0
    is_picture = place + 1 < len(pieces) and pieces[place + 1].chart is not None
    return PICTURE_HEIGHT + STYLES["picture"].before if is_picture else 3 * STYLES[pieces[place].kind].leading


def _turn(found: list[Leaf]) -> float:
    if len(found) >= MOST_PAGES:
        raise UsageError(f"at most {MOST_PAGES} pages are printed")
    found.append(Leaf())
    return HEIGHT - MARGIN


def _lines(piece: DocumentBlock, style: Style, font: Font) -> Iterator[list[tuple[int, str, float]]]:
    """Yield lines: of each the span, its text and its width, side by side."""
    room = WIDTH - 2 * MARGIN - style.indent
    line: list[tuple[int, str]] = []
    used = 0.0
    for span, word in _words(piece.spans, font, style.size, room):
        wide = width(font, word, style.size)
        # The space behind a word may hang over the edge.
        if line and used + width(font, word.rstrip(), style.size) > room:
            yield _joined(line, font, style.size)
            line, used = [], 0.0
        line.append((span, word))
        used += wide
    if line:
        yield _joined(line, font, style.size)


def _joined(line: Sequence[tuple[int, str]], font: Font, size: float) -> list[tuple[int, str, float]]:
    found: list[tuple[int, str]] = []
    for span, word in line:
        if found and found[-1][0] == span:
            found[-1] = (span, found[-1][1] + word)
        else:
            found.append((span, word))
    return [(span, text, width(font, text, size)) for span, text in found]


def _words(spans: Sequence[TextSpan], font: Font, size: float, room: float) -> Iterator[tuple[int, str]]:
    for place, span in enumerate(spans):
        for word in clean(span.text).split(" "):
            parts = list(_broken(word, font, size, room)) if word else []
            for number, part in enumerate(parts, 1):
                yield place, f"{part} " if number == len(parts) else part


def _broken(word: str, font: Font, size: float, room: float) -> Iterator[str]:
    """Yield a word, in parts where no line holds it."""
    part, used = "", 0.0
    for letter in word:
        wide = width(font, letter, size)
        if part and used + wide > room:
            yield part
            part, used = "", 0.0
        part, used = part + letter, used + wide
    yield part
