"""What every chart has: title and description, grid and marks, and in exports the source and the time.

A chart in a page fits any width: places are per cent, curves lie in an inner drawing that is stretched, and colours
are classes of the page's theme. A chart on its own has pixels, literal colours, and says where its numbers come from.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Final, Literal

from vigie.catalogue import NamedTexts
from vigie.domain.errors import UsageError
from vigie.drawing.scale import ValueScale, moment_text, tick_texts, time_ticks, value_ticks

Theme = Literal["light", "dark"]
Anchor = Literal["start", "middle", "end"]
Role = Literal["img", "group"]

FONT: Final = "Inter, sans-serif"
BOX: Final = 1000
MOST_LINES: Final = 8

# Literal colours of exports; a page takes them from its theme.
COLOURS: Final[dict[Theme, dict[str, str]]] = {
    "light": {
        "ground": "#ffffff", "text": "#16202c", "muted": "#525e6e", "grid": "#eceff3", "axis": "#ccd3dc",
        "up": "#12845f", "down": "#cf3f3a", "volume": "#c3cbd6",
        "series-1": "#1f5ed6", "series-2": "#b04a00", "series-3": "#0a756d", "series-4": "#8a3ab9",
        "series-5": "#a8326b", "series-6": "#6b6a00", "series-7": "#3f6b1f", "series-8": "#5d6675",
    },
    "dark": {
        "ground": "#12161d", "text": "#e5e9ef", "muted": "#9ba7b6", "grid": "#1e2530", "axis": "#364151",
        "up": "#2fb886", "down": "#f0625b", "volume": "#333d4b",
        "series-1": "#7fb0ff", "series-2": "#f2a65a", "series-3": "#4fd0c4", "series-4": "#c99bf2",
        "series-5": "#f38bb5", "series-6": "#d3cf55", "series-7": "#9bd36f", "series-8": "#b4bfcd",
    },
}  # fmt: skip
# White text stands on each of these at 4.5:1 or more, in both themes.
HEAT: Final[dict[str, str]] = {
    "down-3": "#b0302f", "down-2": "#984a49", "down-1": "#7d5c5c", "flat": "#5d6673", "up-1": "#476f60",
    "up-2": "#2c7655", "up-3": "#0c6b45", "none": "#333a45",
}  # fmt: skip
# Lines are told apart by their dashes too.
DASHES: Final = ("", "7 3", "2 3", "9 3 2 3", "12 4", "4 2", "1 3", "9 3 2 3 2 3")
TEXTS: Final = NamedTexts("frame", {
    "source": "Source: ", "as_of": "as of ", "simulated": "simulated market, invented prices",
    "simulated_title": "simulated market",
})  # fmt: skip
_FORBIDDEN: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_NAME: Final = re.compile(r"[A-Za-z][\w-]{0,60}")


@dataclass(frozen=True, slots=True)
class Frame:
    """What is said about a chart, and where it will stand.

    Attributes
    ----------
    name : str
        Letters, digits and ``-``; ids in the chart begin with it, so it must be the only one on its page.
    title, description : str
        For people; the description says what the chart shows to those who do not see it.
    language, zone : str
        ``fr``; ``Europe/Paris``.
    standalone : bool
        An export with literal colours, title, source and time, else a part of a page.
    width, height : int
        Pixels of an export.
    theme : str
        Of an export.
    source : str
        Where the numbers come from; an export must say it.
    ts : int or None
        When the newest number was known; an export must say it.
    """

    name: str
    title: str
    description: str
    language: str = "en"
    zone: str = "UTC"
    standalone: bool = False
    width: int = 1200
    height: int = 630
    theme: Theme = "light"
    source: str = ""
    ts: int | None = None

    def __post_init__(self) -> None:
        """Refuse an export that does not say where its numbers come from, and names that are no ids."""
        if not _NAME.fullmatch(self.name):
            raise UsageError(f"name of a chart must be letters, digits and -, was {self.name[:40]!r}")
        if not self.title:
            raise UsageError("a chart must have a title")
        if self.language not in TEXTS:
            raise UsageError(f"language must be one of {' '.join(TEXTS)}, was {self.language!r}")
        if self.standalone and (not self.source or self.ts is None):
            raise UsageError("an exported chart must name its source and its time")
        if not (200 <= self.width <= 4000 and 120 <= self.height <= 4000):
            raise UsageError(f"size must be 200..4000 x 120..4000, was {self.width} x {self.height}")

    @property
    def footer(self) -> str:
        """Source and time, as they stand under an export."""
        texts = TEXTS[self.language]
        when = (
            ""
            if self.ts is None
            else f" \u00b7 {texts['as_of']}{moment_text(self.ts, zone=self.zone, language=self.language)}"
        )
        return f"{texts['source']}{self.source}{when}"

    def style_attributes(self, kind: str, *, line: int = 0) -> str:
        """Return the attributes that give a shape its looks.

        Parameters
        ----------
        kind : str
            ``grid``, ``axis``, ``up``, ``down``, ``volume``, ``line``, ``area`` or ``heat-<shade>``.
        line : int
            Number of a line, 1 to 8.
        """
        dash = f' stroke-dasharray="{DASHES[line - 1]}"' if kind == "line" and line > 1 else ""
        if not self.standalone:
            name = f"{kind} series-{line}" if kind == "line" else kind
            stretched = ' vector-effect="non-scaling-stroke"' if kind in ("line", "up", "down") else ""
            return f'class="{name}"{stretched}{dash}'
        colours = COLOURS[self.theme]
        if kind == "line":
            return f'fill="none" stroke="{colours[f"series-{line}"]}" stroke-width="2" stroke-linejoin="round"{dash}'
        if kind == "area":
            return f'fill="{colours[f"series-{line or 1}"]}" fill-opacity="0.12"'
        if kind in ("grid", "axis"):
            return f'stroke="{colours[kind]}" stroke-width="1"'
        if kind.startswith("heat-"):
            return f'fill="{HEAT[kind.removeprefix("heat-")]}"'
        edge = "" if kind == "volume" else f' stroke="{colours[kind]}"'
        return f'fill="{colours[kind]}"{edge}'


@dataclass(frozen=True, slots=True)
class PlotArea:
    """Where the plot lies in its chart; shares run from its upper left corner.

    Attributes
    ----------
    left, top, width, height : float
        Per cent of the chart in a page, pixels in an export.
    unit : str
        ``%`` or nothing.
    box_width, box_height : float
        Units of the inner drawing.
    digits : int
        Decimals of places in the inner drawing.
    """

    left: float
    top: float
    width: float
    height: float
    unit: str
    box_width: float
    box_height: float
    digits: int

    def x(self, share: float) -> str:
        """Return a place from the left."""
        return f"{short_number(self.left + share * self.width, 2)}{self.unit}"

    def y(self, share: float) -> str:
        """Return a place from the top."""
        return f"{short_number(self.top + share * self.height, 2)}{self.unit}"


def plot_area(frame: Frame, *, box_width: float = BOX) -> PlotArea:
    """Return where the plot lies; the inner drawing of a page is `box_width` units wide and is stretched."""
    if not frame.standalone:
        return PlotArea(0.0, 5.0, 91.0, 86.0, "%", box_width, BOX, 0)
    plot_width, plot_height = frame.width - 120.0, frame.height - 150.0
    return PlotArea(28.0, 84.0, plot_width, plot_height, "", plot_width, plot_height, 1)


class Pen:
    """Writes paths in steps from point to point, which is shorter than places; steps are exact, so nothing drifts.

    Parameters
    ----------
    digits : int
        Decimals of places.
    """

    __slots__ = ("_at", "_grid", "parts")

    def __init__(self, digits: int) -> None:
        self.parts: list[str] = []
        self._grid = 10**digits
        self._at = (0, 0)

    def move(self, x: float, y: float) -> None:
        """Lift the pen and set it down elsewhere."""
        self.parts.append(f"m{self._step(x, y)}")

    def line(self, x: float, y: float) -> None:
        """Draw to a place."""
        self.parts.append(f"l{self._step(x, y)}")

    def vertical_to(self, y: float) -> None:
        """Draw straight down or up to a height, and end there."""
        to = round(y * self._grid)
        self.parts.append(f"v{self._text(to - self._at[1])}")
        self._at = (self._at[0], to)

    def box(self, width: float, y: float) -> None:
        """Draw a rectangle to the right and to a height, and end where it began; never thinner than one unit."""
        wide, high = max(1, round(width * self._grid)), round(y * self._grid) - self._at[1] or 1
        self.parts.append(f"h{self._text(wide)}v{self._text(high)}h{self._text(-wide)}z")

    def path(self) -> str:
        """Return what was drawn."""
        return "".join(self.parts)

    def _step(self, x: float, y: float) -> str:
        to = (round(x * self._grid), round(y * self._grid))
        dx, dy = to[0] - self._at[0], to[1] - self._at[1]
        self._at = to
        across, along = self._text(dx), self._text(dy)
        return f"{across}{along}" if along.startswith("-") else f"{across},{along}"

    def _text(self, units: int) -> str:
        if self._grid == 1:
            return str(units)
        text = short_number(units / self._grid, 6)
        return text.replace("0.", ".", 1) if text.startswith(("0.", "-0.")) else text


def short_number(value: float, digits: int = 1) -> str:
    """Return a number as short as it can be in an SVG."""
    text = f"{value:.{digits}f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def escape_text(text: str) -> str:
    """Return text that is safe in an SVG."""
    return escape(_FORBIDDEN.sub("", text))


def text_element(
    frame: Frame, x: str, y: str, content: str, *, anchor: Anchor = "start", dy: float = 0, kind: str = ""
) -> str:
    """Return a line of text; `kind` is ``plot-title``, ``between`` or nothing."""
    attributes = f'x="{x}" y="{y}"' + (f' dy="{short_number(dy)}"' if dy else "")
    attributes += f' text-anchor="{anchor}"' if anchor != "start" else ""
    if frame.standalone:
        colours = COLOURS[frame.theme]
        style = (
            f' font-size="22" font-weight="600" fill="{colours["text"]}"'
            if kind
            else f' fill="{colours["muted"]}"'
        )
    else:
        style = f' class="{kind}"' if kind else ""
    return f"<text {attributes}{style}>{escape_text(content)}</text>"


def value_axis(frame: Frame, area: PlotArea, scale: ValueScale, unit: str, *, count: int = 5) -> str:
    """Return grid lines with their values."""
    ticks = value_ticks(scale, count)
    # A page may be narrow: 64k in place of 64,000.
    labels = tick_texts(ticks, unit, frame.language, short_from=1e5 if frame.standalone else 1e4)
    parts = []
    for value, words in zip(ticks, labels, strict=True):
        y = area.y(scale.share(value))
        parts.append(
            f'<line {frame.style_attributes("grid")} x1="{area.x(0)}" x2="{area.x(1)}" y1="{y}" y2="{y}"/>'
        )
        gap, dy = (8, 5) if frame.standalone else (6, 4)
        label = text_element(frame, area.x(1), y, words, dy=dy)
        parts.append(label.replace("<text x=", f'<text dx="{gap}" x=', 1))
    return "".join(parts)


def time_axis(frame: Frame, area: PlotArea, start: int, end: int) -> str:
    """Return times under the plot; those too near an edge are left out."""
    marks = time_ticks(
        start, end, zone=frame.zone, language=frame.language, count=12 if frame.standalone else 6
    )
    shares = [((ts - start) / max(end - start, 1), words) for ts, words in marks]
    first = _first_full_mark([words for _, words in marks])
    below = area.y(1)
    line = f'<line {frame.style_attributes("axis")} x1="{area.x(0)}" x2="{area.x(1)}" y1="{below}" y2="{below}"/>'
    texts = [
        text_element(
            frame,
            area.x(share),
            below,
            words,
            anchor="middle",
            dy=22 if frame.standalone else 15,
            # Where a page is narrow every second one is left out, never one that others are read from.
            kind="between" if (index - first) % 2 and not frame.standalone else "",
        )
        for index, (share, words) in enumerate(shares)
        if 0.04 <= share <= 0.96
    ]
    return line + "".join(texts)


def _first_full_mark(words: Sequence[str]) -> int:
    """Return the place of the first mark that says of which day hours are, or of which year months are; else 0."""
    is_full = [":" not in label for label in words] if any(":" in label for label in words) else []
    is_full = is_full or [label.isdecimal() for label in words]
    return is_full.index(True) if True in is_full else 0


def inner_svg(area: PlotArea, content: str) -> str:
    """Return the inner drawing that holds curves, stretched to the plot."""
    size = (
        f'width="{short_number(area.width, 2)}{area.unit}" height="{short_number(area.height, 2)}{area.unit}"'
    )
    box = f"0 0 {short_number(area.box_width)} {short_number(area.box_height)}"
    fit = ' preserveAspectRatio="none"' if area.unit else ""
    return f'<svg x="{area.x(0)}" y="{area.y(0)}" {size} viewBox="{box}"{fit}>{content}</svg>'


def wrap_chart(
    frame: Frame,
    content: str,
    *,
    legend: Sequence[str] = (),
    root: str = "plot",
    box: str = "",
    role: Role = "img",
    is_natural: bool = False,
    height: int | str = "100%",
) -> str:
    """Return a whole chart: content with its title, description and, in an export, legend, source and time.

    Parameters
    ----------
    frame : Frame
        What is said about it.
    content : str
        SVG, every text in it already cleaned.
    legend : sequence of str
        Names of lines 1, 2, ... in an export.
    root : str
        Classes of the chart in a page.
    box : str
        Its `viewBox` in a page where the whole chart keeps its proportions, such as ``0 0 960 540``.
    role : str
        ``img``, or ``group`` in a page where the chart holds links.
    is_natural : bool
        Whether the box is also its size in pixels, where there is room; else it fills what it stands in.
    height : int or str
        In a page, of a chart without a box: pixels, or a share of what it stands in.
    """
    ids = f"{frame.name}-t {frame.name}-d"
    title_elements = (
        f'<title id="{frame.name}-t">{escape_text(frame.title)}</title>'
        f'<desc id="{frame.name}-d">{escape_text(frame.description)}</desc>'
    )
    if not frame.standalone:
        size = f'viewBox="{box}"' if box else f'width="100%" height="{height}"'
        if box and is_natural:
            size = 'width="{2}" height="{3}" '.format(*box.split()) + size
        return f'<svg class="{root}" {size} role="{role}" aria-labelledby="{ids}">{title_elements}{content}</svg>'
    size = f'width="{frame.width}" height="{frame.height}"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} viewBox="0 0 {frame.width} {frame.height}" '
        f'role="img" aria-labelledby="{ids}" font-family="{FONT}" font-size="14">{title_elements}'
        f'<rect {size} fill="{COLOURS[frame.theme]["ground"]}"/>'
        f"{text_element(frame, '28', '42', frame.title, kind='plot-title')}{_legend(frame, legend)}{content}"
        f"{text_element(frame, '28', str(frame.height - 20), frame.footer)}</svg>"
    )


def legend_key(line: int) -> str:
    """Return the sample of a line for a legend in a page; `line` is 1 to 8."""
    dash = f' stroke-dasharray="{DASHES[line - 1]}"' if line > 1 else ""
    return f'<svg viewBox="0 0 16 8" aria-hidden="true"><path class="line series-{line}" d="M0,4H16"{dash}/></svg>'


def _legend(frame: Frame, names: Sequence[str]) -> str:
    parts = []
    for place, name in enumerate(names):
        key, x = frame.style_attributes("line", line=place + 1), legend_end(names[:place])
        path = f'<path {key} d="M{short_number(x)},62h26"/>'
        parts += [path, text_element(frame, short_number(x + 34), "67", name)]
    return "".join(parts)


def legend_end(names: Sequence[str]) -> float:
    """Return where an export's names of lines end, from the left."""
    return 28.0 + sum(58 + 7.8 * len(name) for name in names)
