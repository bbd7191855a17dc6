"""The house style of a person's boards: colours, font, name and logo, and how numbers are written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, get_args

from vigie.drawing.raster import FontChoice
from vigie.services.languages import LanguageOrNone

NumberStyle = LanguageOrNone
FONT_CHOICES: tuple[FontChoice, ...] = get_args(FontChoice)
"""Inter, Arimo (as wide as Arial) or Tinos (as wide as Times): each travels with pictures and embeds."""

GROUND: Final = "#ffffff"
INK: Final = "#16202c"
# Chosen so that every two keep their distance in all four visions, and each 4.5:1 on the ground.
SERIES: Final = ("#1155cc", "#d43300", "#551133", "#886699", "#bb5555", "#331166", "#770000", "#7700ff")


@dataclass(frozen=True, slots=True)
class HouseStyle:
    """How boards of one person look.

    Attributes
    ----------
    colours : tuple of str
        Of lines 1 to 8, ``#1155cc``.
    ground, ink : str
        Of the sheet and of what is written on it.
    muted, rule, axis : str
        Of what is written beside, of lines of the grid and of axes.
    font : FontChoice
        Of what is written.
    name : str
        Who publishes the board; stands at its head.
    logo : str
        A PNG as base64, checked before it was kept; empty for none.
    logo_width, logo_height : int
        In pixels.
    numbers : NumberStyle
        Whose decimal marks and thousands are used; empty for those of the board's language.
    language : str
        Of new boards; empty for that of the pages.
    """

    colours: tuple[str, ...] = SERIES
    ground: str = GROUND
    ink: str = INK
    muted: str = "#4a5565"
    rule: str = "#d5dae1"
    axis: str = "#8792a1"
    font: FontChoice = "inter"
    name: str = ""
    logo: str = ""
    logo_width: int = 0
    logo_height: int = 0
    numbers: NumberStyle = ""
    language: NumberStyle = ""


PLAIN: Final = HouseStyle()

__all__ = ["FONT_CHOICES", "GROUND", "INK", "PLAIN", "SERIES", "FontChoice", "HouseStyle", "NumberStyle"]
