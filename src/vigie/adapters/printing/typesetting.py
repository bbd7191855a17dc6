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
PAGE_WIDTH: Final = 595.28
PAGE_HEIGHT: Final = 841.89
MARGIN: Final = 56.0
MAX_BLOCKS: Final = 1_000
MAX_PAGES: Final = 100
MAX_SPANS: Final = 5_000
# More than the pages hold at the least distance between two.
_MAX_LINES: Final = MAX_PAGES * 100
_MAX_LETTERS: Final = 2_000
# What turns, hides or ends text, or is not known to anybody: controls, overrides of direction, private letters.
_DROPPED_CATEGORIES: Final = frozenset({"Cc", "Cf", "Co", "Cs", "Cn"})


@dataclass(frozen=True, slots=True)
class BlockStyle:
    """How a kind of piece is set; lengths in points."""

    tag: str
    face: str
    size: float
    leading: float
    space_before: float
    indent: float = 0.0
    grey: float = 0.0


STYLES: Final[Mapping[PieceKind, BlockStyle]] = {
    "h1": BlockStyle("H1", "bold", 20, 26, 0),
    "h2": BlockStyle("H2", "bold", 14, 20, 16),
    "h3": BlockStyle("H3", "bold", 11, 15, 9),
    "text": BlockStyle("P", "plain", 10.5, 15, 5),
    "small": BlockStyle("P", "plain", 8.5, 12, 2, grey=0.33),
    "quote": BlockStyle("BlockQuote", "plain", 10, 14, 4, indent=14.0),
    "picture": BlockStyle("Figure", "plain", 8, 11, 6),
}
# Of a picture: with the names of its lines above it and its times below it.
PICTURE_HEIGHT: Final = 190.0


@dataclass(frozen=True, slots=True)
class TextRun:
    """Letters of one span on one line; `x` and `y` of its beginning, from the page's lower left corner."""

    block: int
    span: int
    text: str
    x: float
    y: float
    width: float


@dataclass(frozen=True, slots=True)
class PlacedPicture:
    """A picture on a page: its lower left corner and its size."""

    block: int
    x: float
    y: float
    width: float
    height: float


@dataclass(slots=True)
class PageLayout:
    """One page."""

    runs: list[TextRun] = field(default_factory=list)
    pictures: list[PlacedPicture] = field(default_factory=list)


def clean_text(text: str) -> str:
    """Return a text on one line, without what is no letter, and no longer than a page holds."""
    spaced = "".join(" " if letter.isspace() else letter for letter in text[: 2 * _MAX_LETTERS])
    printable = "".join(
        letter for letter in spaced if unicodedata.category(letter) not in _DROPPED_CATEGORIES
    )
    line = " ".join(printable.split())
    return line if len(line) <= _MAX_LETTERS else f"{line[: _MAX_LETTERS - 1]}…"


def text_width(font: Font, text: str, size: float) -> float:
    """Return how wide a text is, in points."""
    return sum(font.width(font.glyph(letter)) for letter in text) * size / 1_000


def layout_pages(blocks: Sequence[DocumentBlock], fonts: Mapping[str, Font]) -> list[PageLayout]:
    """Return pieces on pages; a heading stays with what follows it.

    Raises
    ------
    UsageError
        If there is more than is printed.
    """
    if len(blocks) > MAX_BLOCKS:
        raise UsageError(
            "most_paragraphs_printed",
            "at most {max_blocks} paragraphs are printed, were {blocks_count}",
            max_blocks=MAX_BLOCKS,
            blocks_count=len(blocks),
        )
    spans = sum(len(block.spans) for block in blocks)
    if spans > MAX_SPANS:
        raise UsageError(
            "most_parts_paragraphs_printed",
            "at most {max_spans} parts of paragraphs are printed, were {spans}",
            max_spans=MAX_SPANS,
            spans=spans,
        )
    layouts, y = [PageLayout()], PAGE_HEIGHT - MARGIN
    for index, block in enumerate(blocks):
        style = STYLES[block.kind]
        if block.chart is not None:
            y -= style.space_before
            y = (_start_page(layouts) if y - PICTURE_HEIGHT < MARGIN else y) - PICTURE_HEIGHT
            layouts[-1].pictures.append(
                PlacedPicture(index, MARGIN, y, PAGE_WIDTH - 2 * MARGIN, PICTURE_HEIGHT)
            )
            continue
        lines = list(islice(_break_lines(block, style, fonts[style.face]), _MAX_LINES))
        room_below = _room_below_heading(blocks, index)
        y -= style.space_before
        if (
            y - len(lines) * style.leading - room_below < MARGIN
            and y < PAGE_HEIGHT - 2 * MARGIN
            and room_below
        ):
            y = _start_page(layouts)
        for line in lines:
            if y - style.leading < MARGIN:
                y = _start_page(layouts)
            y -= style.leading
            x = MARGIN + style.indent
            for span, text, run_width in line:
                layouts[-1].runs.append(TextRun(index, span, text, x, y, run_width))
                x += run_width
    return layouts


def _room_below_heading(blocks: Sequence[DocumentBlock], index: int) -> float:
    """Return the room that must be left below a heading, so that it stays with what follows it."""
    if blocks[index].kind not in ("h1", "h2", "h3"):
        return 0.0
    is_picture = index + 1 < len(blocks) and blocks[index + 1].chart is not None
    return (
        PICTURE_HEIGHT + STYLES["picture"].space_before
        if is_picture
        else 3 * STYLES[blocks[index].kind].leading
    )


def _start_page(layouts: list[PageLayout]) -> float:
    if len(layouts) >= MAX_PAGES:
        raise UsageError("most_pages_printed", "at most {max_pages} pages are printed", max_pages=MAX_PAGES)
    layouts.append(PageLayout())
    return PAGE_HEIGHT - MARGIN


def _break_lines(
    block: DocumentBlock, style: BlockStyle, font: Font
) -> Iterator[list[tuple[int, str, float]]]:
    """Yield lines: of each the span, its text and its width, side by side."""
    room = PAGE_WIDTH - 2 * MARGIN - style.indent
    line: list[tuple[int, str]] = []
    used = 0.0
    for span, word in _split_words(block.spans, font, style.size, room):
        word_width = text_width(font, word, style.size)
        # The space behind a word may hang over the edge.
        if line and used + text_width(font, word.rstrip(), style.size) > room:
            yield _join_spans(line, font, style.size)
            line, used = [], 0.0
        line.append((span, word))
        used += word_width
    if line:
        yield _join_spans(line, font, style.size)


def _join_spans(line: Sequence[tuple[int, str]], font: Font, size: float) -> list[tuple[int, str, float]]:
    joined: list[tuple[int, str]] = []
    for span, word in line:
        if joined and joined[-1][0] == span:
            joined[-1] = (span, joined[-1][1] + word)
        else:
            joined.append((span, word))
    return [(span, text, text_width(font, text, size)) for span, text in joined]


def _split_words(
    spans: Sequence[TextSpan], font: Font, size: float, room: float
) -> Iterator[tuple[int, str]]:
    for index, span in enumerate(spans):
        for word in clean_text(span.text).split(" "):
            parts = list(_split_long_word(word, font, size, room)) if word else []
            for number, part in enumerate(parts, 1):
                yield index, f"{part} " if number == len(parts) else part


def _split_long_word(word: str, font: Font, size: float, room: float) -> Iterator[str]:
    """Yield a word, in parts where no line holds it."""
    part, used = "", 0.0
    for letter in word:
        letter_width = text_width(font, letter, size)
        if part and used + letter_width > room:
            yield part
            part, used = "", 0.0
        part, used = part + letter, used + letter_width
    yield part
