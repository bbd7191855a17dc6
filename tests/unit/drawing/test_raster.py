"""Pictures have their text: read from their pixels, with the font that is shipped."""

from __future__ import annotations

import base64
import struct
import zlib
from dataclasses import replace

import numpy as np
import pytest

from tests.unit.drawing.material import candles, export, page, pixels, shipped_fonts
from vigie.domain.errors import ConfigError, UsageError
from vigie.drawing.candles import candles_chart
from vigie.drawing.frame import COLOURS, wrap_chart
from vigie.drawing.raster import font_files, render_png

SMALL = {"width": 400, "height": 240}


@pytest.fixture(scope="module")
def fonts():
    """Return the folder of the fonts that are built with the pages."""
    folder = shipped_fonts()
    if not list(folder.glob("*.ttf")):
        pytest.fail("the pages' assets must be built before their pictures are tested: make assets")
    return folder


def inked(picture, colour):
    """Return how many pixels of a part are nearer to a colour than to white."""
    wanted = np.array([int(colour[k : k + 2], 16) for k in (1, 3, 5)])
    flat = picture[..., :3].astype(int)
    return int(np.count_nonzero(np.abs(flat - wanted).sum(axis=-1) < np.abs(flat - 255).sum(axis=-1)))


def test_title_source_and_time_are_there_as_pixels(fonts):
    picture = pixels(render_png(wrap_chart(export(**SMALL), ""), zoom=1, folder=fonts))
    assert picture.shape == (240, 400, 4)
    assert inked(picture[20:50], COLOURS["light"]["text"]) > 100
    assert inked(picture[205:232], COLOURS["light"]["muted"]) > 200
    assert inked(picture[60:200], COLOURS["light"]["text"]) == 0


def test_another_title_makes_other_pixels_there_and_nowhere_else(fonts):
    one, other = (
        pixels(render_png(wrap_chart(replace(export(**SMALL), title=title), ""), zoom=1, folder=fonts))
        for title in ("Bitcoin", "\u00c9ther")
    )
    assert (one[20:50] != other[20:50]).any()
    assert (one[60:] == other[60:]).all()


def test_accents_have_a_glyph_of_their_own(fonts):
    plain, accented = (
        pixels(render_png(wrap_chart(replace(export(**SMALL), title=title), ""), zoom=1, folder=fonts))
        for title in ("Ether", "\u00c9ther")
    )
    assert (plain[:50] != accented[:50]).any()
    assert inked(accented[:50], COLOURS["light"]["text"]) >= inked(plain[:50], COLOURS["light"]["text"])


def test_values_of_the_axis_are_there_as_pixels(fonts):
    svg = candles_chart(candles(60), frame=export())
    picture = pixels(render_png(svg, zoom=1, folder=fonts))
    assert inked(picture[84:560, 1112:], COLOURS["light"]["muted"]) > 150


def test_the_dark_theme_has_a_dark_ground(fonts):
    picture = pixels(render_png(wrap_chart(export(theme="dark", **SMALL), ""), zoom=1, folder=fonts))
    assert picture[5, 5, :3].tolist() == [0x12, 0x16, 0x1D]


def test_zoom_makes_more_pixels(fonts):
    assert pixels(render_png(wrap_chart(export(**SMALL), ""), zoom=2, folder=fonts)).shape == (480, 800, 4)


def test_without_a_font_nothing_is_drawn(tmp_path):
    with pytest.raises(ConfigError, match="has no fonts for images: build the pages' assets"):
        render_png(wrap_chart(export(), ""), folder=tmp_path)
    with pytest.raises(ConfigError):
        font_files(tmp_path)


@pytest.mark.parametrize(
    ("svg", "zoom", "words"),
    [("<svg xmlns=", 1, "must be drawn from SVG"), ("", 1, "must be drawn"), ("x", 9, "zoom must be 0.5..4")],
)
def test_what_cannot_be_drawn_is_refused(fonts, svg, zoom, words):
    with pytest.raises(UsageError, match=words):
        render_png(svg, zoom=zoom, folder=fonts)


def test_a_picture_that_ends_the_rasteriser_is_refused_in_words(fonts):
    def piece(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    broken = b"\x89PNG\r\n\x1a\n" + b"".join((
        piece(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 3, 0, 0, 0)), piece(b"PLTE", b"\0" * 4),
        piece(b"IDAT", zlib.compress(b"\0\0")), piece(b"IEND", b""),
    ))  # fmt: skip
    image = f'<image width="9" height="9" href="data:image/png;base64,{base64.b64encode(broken).decode()}"/>'
    with pytest.raises(UsageError, match="a picture must be drawn from SVG"):
        render_png(
            f'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9">{image}</svg>', folder=fonts
        )


def test_a_chart_of_a_page_is_not_a_picture(fonts):
    with pytest.raises(UsageError, match="must be drawn from an export"):
        render_png(wrap_chart(page(), ""), folder=fonts)
