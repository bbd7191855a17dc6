"""The colours of boards, and whether the lines of one can be told apart by all eyes.

What a person with one kind of cone missing sees is simulated for every two lines of a chart, and the
distance of the two colours measured. Colours that are too near are named: their dashes and the names
at their ends tell them apart.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import Final, Literal

import numpy as np

from vigie.domain.bar import FloatArray
from vigie.services.studio.board import Board, ChartPart
from vigie.services.studio.style import GROUND, SERIES

Vision = Literal["usual", "protanopia", "deuteranopia", "tritanopia"]

LEAST_DISTANCE: Final = 20.0
"""CIELAB units. About 2.3 is just seen side by side; thin lines apart from each other need far more."""
LEAST_CONTRAST: Final = 4.5
"""WCAG 2.2, 1.4.3: names are written in the colour of their line."""

# Machado, Oliveira, Fernandes (2009), A physiologically-based model for simulation of color vision
# deficiency, IEEE TVCG 15(6), table of severity 1.0; applied to linear RGB.
MATRICES: Final[dict[Vision, tuple[tuple[float, float, float], ...]]] = {
    "usual": ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)),
    "protanopia": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "deuteranopia": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "tritanopia": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ),
}
# IEC 61966-2-1: linear sRGB to XYZ under D65, and that white.
_XYZ: Final = (
    (0.4124564, 0.3575761, 0.1804375),
    (0.2126729, 0.7151522, 0.0721750),
    (0.0193339, 0.1191920, 0.9503041),
)
_WHITE: Final = (0.95047, 1.0, 1.08883)


@dataclass(frozen=True, slots=True)
class LinePair:
    """Two lines of a chart as one kind of eyes sees them.

    Attributes
    ----------
    part : str
        Title of the chart.
    first, second : str
        Names of the lines.
    vision : str
        ``usual``, ``protanopia``, ``deuteranopia`` or ``tritanopia``.
    distance : float
        Of their colours, in CIELAB units.
    is_clear : bool
        Whether that is `LEAST_DISTANCE` or more.
    """

    part: str
    first: str
    second: str
    vision: Vision
    distance: float
    is_clear: bool


@dataclass(frozen=True, slots=True)
class Contrast:
    """The contrast of a line and its name against the ground, and whether it is enough."""

    part: str
    name: str
    ratio: float
    is_enough: bool


@dataclass(frozen=True, slots=True)
class ColourCheck:
    """What was found; where a board has no chart of lines there is nothing to find."""

    pairs: tuple[LinePair, ...]
    contrasts: tuple[Contrast, ...]

    @property
    def nearest(self) -> LinePair | None:
        """Return the two lines that are hardest to tell apart."""
        return min(self.pairs, key=lambda pair: pair.distance, default=None)

    @property
    def unclear(self) -> tuple[LinePair, ...]:
        """Return pairs that colour alone does not tell apart: dashes and names at the lines' ends do."""
        return tuple(pair for pair in self.pairs if not pair.is_clear)

    @property
    def is_clear(self) -> bool:
        """Return whether colour alone tells all lines apart and every name can be read."""
        return not self.unclear and all(line_contrast.is_enough for line_contrast in self.contrasts)


def check_line_colours(board: Board, colours: tuple[str, ...] = ()) -> ColourCheck:
    """Return how well the lines of a board's charts can be told apart, in its own colours or in others."""
    colours = colours or board.style.colours
    pairs: list[LinePair] = []
    contrasts: list[Contrast] = []
    for part in board.parts:
        if not isinstance(part, ChartPart):
            continue
        named_colours = list(zip((line.name for line in part.lines), colours, strict=False))
        for name, colour in named_colours:
            ratio = contrast(colour, board.style.ground)
            contrasts.append(Contrast(part.title, name, ratio, ratio >= LEAST_CONTRAST))
        for vision in MATRICES:
            for (first, first_colour), (second, second_colour) in combinations(named_colours, 2):
                difference = distance(
                    simulate_vision(first_colour, vision), simulate_vision(second_colour, vision)
                )
                pairs.append(
                    LinePair(part.title, first, second, vision, difference, difference >= LEAST_DISTANCE)
                )
    return ColourCheck(tuple(pairs), tuple(contrasts))


def linear(colour: str) -> FloatArray:
    """Return a colour such as ``#1155cc`` as linear red, green and blue in [0, 1]."""
    values = np.array([int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)])
    return np.asarray(np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4))


def simulate_vision(colour: str, vision: Vision) -> FloatArray:
    """Return a colour, linear, as one kind of eyes sees it."""
    return np.asarray(np.clip(np.array(MATRICES[vision]) @ linear(colour), 0.0, 1.0))


def lab(values: FloatArray) -> FloatArray:
    """Return linear red, green and blue as CIELAB under D65.

    References
    ----------
    CIE 15:2004, 8.2.1.
    """
    ratio = np.array(_XYZ) @ values / np.array(_WHITE)
    f = np.where(ratio > 216 / 24389, np.cbrt(ratio), (24389 / 27 * ratio + 16) / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def distance(first: FloatArray, second: FloatArray) -> float:
    """Return the CIE 1976 distance of two linear colours."""
    return float(np.linalg.norm(lab(first) - lab(second)))


def contrast(first: str, second: str) -> float:
    """Return the contrast of two colours, 1 to 21 (WCAG 2.2)."""
    light = sorted(float(np.array(_XYZ[1]) @ linear(colour)) + 0.05 for colour in (first, second))
    return light[1] / light[0]


__all__ = [
    "GROUND",
    "LEAST_CONTRAST",
    "LEAST_DISTANCE",
    "MATRICES",
    "SERIES",
    "ColourCheck",
    "Contrast",
    "LinePair",
    "Vision",
    "check_line_colours",
    "contrast",
    "distance",
    "lab",
    "linear",
    "simulate_vision",
]
