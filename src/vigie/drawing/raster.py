"""SVG to PNG without a browser, with the fonts that are shipped beside the pages.

A rasteriser that has no font drops every text without a word; so without the font nothing is drawn at all.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Final, Literal

from vigie.domain.errors import ConfigError, UsageError

FontChoice = Literal["inter", "sans", "serif"]
FONTS: Final = Path(__file__).resolve().parent.parent / "views" / "web" / "static" / "fonts"
FAMILY: Final = "Inter"
# The files of each font that a board may be written in, in two weights. Arimo is as wide as Arial, Tinos as Times.
FACES: Final[dict[FontChoice, tuple[str, str]]] = {
    "inter": ("Inter-Regular.ttf", "Inter-SemiBold.ttf"),
    "sans": ("Arimo-Regular.ttf", "Arimo-SemiBold.ttf"),
    "serif": ("Tinos-Regular.ttf", "Tinos-Bold.ttf"),
}
MOST_LETTERS: Final = 4_000_000
# What the rasteriser raises on a broken picture: no Exception, and no class to import.
PANIC: Final = "PanicException"


@cache
def font_files(folder: Path = FONTS) -> tuple[str, ...]:
    """Return the shipped fonts.

    Raises
    ------
    ConfigError
        If there are none: pictures would have no text.
    """
    files = tuple(sorted(str(path) for path in folder.glob("*.ttf")))
    if not files:
        raise ConfigError(f"{folder} has no fonts for images: build the pages' assets")
    return files


def render_png(svg: str, *, zoom: float = 2.0, folder: Path = FONTS) -> bytes:
    """Return a standalone chart as PNG.

    Parameters
    ----------
    svg : str
        As from a chart with ``standalone=True``.
    zoom : float
        Pixels for each unit, in [0.5, 4].
    folder : Path
        Where the fonts lie.

    Raises
    ------
    ConfigError
        If there is no font.
    UsageError
        If the SVG or the zoom cannot be drawn.
    """
    import resvg_py

    if not 0.5 <= zoom <= 4:
        raise UsageError(f"zoom must be 0.5..4, was {zoom}")
    if len(svg) > MOST_LETTERS:
        raise UsageError(f"a picture must have at most {MOST_LETTERS} characters, had {len(svg)}")
    if "xmlns=" not in svg[:200]:
        raise UsageError(
            "a picture must be drawn from an export: a chart of a page has no colours of its own"
        )
    fonts = list(font_files(folder))
    try:
        image: bytes = resvg_py.svg_to_bytes(
            svg_string=svg,
            zoom=zoom,
            skip_system_fonts=True,
            font_files=fonts,
            font_family=FAMILY,
            sans_serif_family=FAMILY,
        )
    except ValueError as error:
        raise UsageError(f"a picture must be drawn from SVG: {error}") from None
    except BaseException as fault:  # of a panic, which is no Exception and has no class to import
        if type(fault).__name__ != PANIC:
            raise
        raise UsageError(f"a picture must be drawn from SVG: {fault}") from None
    return bytes(image)
