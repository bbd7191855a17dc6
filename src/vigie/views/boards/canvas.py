"""The sheet that a board is drawn on: boxes, words that fit them, colours that print."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from vigie.drawing.frame import Anchor, escape_text, short_number
from vigie.drawing.text_metrics import wrap_lines
from vigie.intelligence.market.words import NumberFormatter, numbers_of
from vigie.services.languages import Language
from vigie.services.studio.style import PLAIN, FontChoice, HouseStyle

WARNING: Final = "#8a3b00"
# Programs without the shipped font take one that is no wider; words are placed by the widths of Inter, the widest.
FONT: Final = "Inter, Helvetica, Arial, sans-serif"
FONTS: Final[dict[FontChoice, str]] = {
    "inter": FONT, "sans": "Arial, Arimo, Helvetica, sans-serif", "serif": "'Times New Roman', Tinos, Times, serif",
}  # fmt: skip
LEADING: Final = 1.3
# Of the size: from a line's upper edge to where its letters stand.
ASCENT: Final = 0.97
LEAST_SIZE: Final = 11.0


@dataclass(frozen=True, slots=True)
class Box:
    """A place on the sheet, in its units."""

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """Return where it ends."""
        return self.x + self.width

    @property
    def bottom(self) -> float:
        """Return where it ends below."""
        return self.y + self.height

    def below(self, taken: float) -> Box:
        """Return what is left of it under its first `taken` units."""
        return Box(self.x, self.y + taken, self.width, max(0.0, self.height - taken))


@dataclass(slots=True)
class Canvas:
    """What was drawn so far.

    Attributes
    ----------
    language, zone : str
        Of numbers and times.
    size : float
        Of ordinary text.
    style : HouseStyle
        Its colours, and whose number format is used.
    """

    language: Language
    zone: str
    size: float
    style: HouseStyle = PLAIN
    elements: list[str] = field(default_factory=list)

    @property
    def number_language(self) -> Language:
        """Return whose number format is used."""
        return self.style.numbers or self.language

    @property
    def numbers(self) -> NumberFormatter:
        """Return how numbers are written."""
        return numbers_of(self.number_language)

    def text(
        self,
        x: float,
        top: float,
        words: str,
        *,
        size: float = 0.0,
        bold: bool = False,
        colour: str = "",
        anchor: Anchor = "start",
    ) -> None:
        """Write one line; `top` is its upper edge."""
        if not words:
            return
        size = size or self.size
        looks = ' font-weight="600"' if bold else ""
        looks += f' text-anchor="{anchor}"' if anchor != "start" else ""
        self.elements.append(
            f'<text x="{short_number(x)}" y="{short_number(top + ASCENT * size)}" font-size="{short_number(size)}" '
            f'fill="{colour or self.style.ink}"{looks}>{escape_text(words)}</text>'
        )

    def lines(
        self,
        box: Box,
        words: str,
        *,
        max_lines: int,
        size: float = 0.0,
        bold: bool = False,
        colour: str = "",
    ) -> float:
        """Write words on as many lines as they need, at most `max_lines`; return the height taken."""
        size = size or self.size
        room = min(max_lines, int((box.height + 0.01) / (size * LEADING)))
        wrapped_lines = wrap_lines(words, size, box.width, max_lines=room, bold=bold) if room else []
        for index, line in enumerate(wrapped_lines):
            self.text(box.x, box.y + index * size * LEADING, line, size=size, bold=bold, colour=colour)
        return len(wrapped_lines) * size * LEADING

    def rect(self, box: Box, fill: str, *, edge: str = "", radius: float = 0.0) -> None:
        """Draw a filled rectangle."""
        more = f' stroke="{edge}"' if edge else ""
        more += f' rx="{short_number(radius)}"' if radius else ""
        self.elements.append(
            f'<rect x="{short_number(box.x)}" y="{short_number(box.y)}" width="{short_number(box.width)}" '
            f'height="{short_number(box.height)}" fill="{fill}"{more}/>'
        )

    def picture(self, box: Box, data: str) -> None:
        """Draw a PNG, given as base64, whole and as large as it fits, from the left."""
        self.elements.append(
            f'<image x="{short_number(box.x)}" y="{short_number(box.y)}" width="{short_number(box.width)}" '
            f'height="{short_number(box.height)}" preserveAspectRatio="xMinYMid meet" '
            f'href="data:image/png;base64,{data}"/>'
        )

    def path(self, d: str, colour: str, *, thick: float = 1.0, dash: str = "") -> None:
        """Draw a line."""
        more = f' stroke-dasharray="{dash}"' if dash else ""
        self.elements.append(
            f'<path d="{d}" fill="none" stroke="{colour}" stroke-width="{short_number(thick)}" '
            f'stroke-linejoin="round"{more}/>'
        )

    def horizontal_line(self, x: float, right: float, y: float, colour: str, *, thick: float = 1.0) -> None:
        """Draw a level line."""
        self.path(f"M{short_number(x)},{short_number(y)}H{short_number(right)}", colour, thick=thick)

    def vertical_line(self, x: float, y: float, bottom: float, colour: str, *, dash: str = "") -> None:
        """Draw an upright line."""
        self.path(f"M{short_number(x)},{short_number(y)}V{short_number(bottom)}", colour, dash=dash)


__all__ = [
    "ASCENT",
    "FONT",
    "FONTS",
    "LEADING",
    "LEAST_SIZE",
    "WARNING",
    "Box",
    "Canvas",
]
