"""Files in a house style: every file has its colours, its name, its logo and its numbers, and is as safe as before."""

from __future__ import annotations

import base64
import io
import re
import zipfile
from dataclasses import replace

import pytest
from defusedxml import ElementTree
from fontTools.ttLib import TTFont

from tests.unit.drawing.material import pixels
from tests.unit.services.studio.test_house_style import png
from tests.unit.views.board_material import HOSTILE, board, chart, heat, matrix, newsy, quote, table, words
from tests.unit.views.test_boards import assert_orderly
from vigie.drawing import raster
from vigie.drawing.raster import FACES, FONTS
from vigie.drawing.text_metrics import load_font, text_width
from vigie.services.studio.readability import derived_colours, line_colours
from vigie.services.studio.style import PLAIN, HouseStyle
from vigie.views.boards.canvas import FONTS as NAMES
from vigie.views.publishing.forms import FORMS, export

LOGO = base64.b64encode(png(40, 20)).decode()
DARK, LIGHT = "#10151c", "#f2f4f7"
MUTED, RULE, AXIS = derived_colours(DARK, LIGHT)
STYLE = HouseStyle(
    colours=line_colours(["#66ccff", "#ffaa33"], DARK, LIGHT), ground=DARK, ink=LIGHT, muted=MUTED, rule=RULE,
    axis=AXIS,
    name="The Newsroom", logo=LOGO, logo_width=40, logo_height=20, numbers="fr",
)  # fmt: skip
ALL = (chart(), table(), words(), heat(), matrix(), quote())


def styled(*parts, style=STYLE, **more):
    return replace(board(*parts, **more), style=style)


@pytest.mark.parametrize("shape", ["wide", "square", "column"])
@pytest.mark.parametrize("part", [*ALL, newsy("A story")], ids=lambda part: part.title)
def test_pictures_hold_the_colours_of_the_style_and_none_of_the_shipped_sheet(part, shape):
    drawn = export(styled(part, shape=shape), "svg").decode()
    colours = set(re.findall(r'(?:fill|stroke)="(#[0-9a-f]{6})"', drawn))
    assert {DARK, LIGHT} <= colours
    assert colours & {PLAIN.ink, PLAIN.muted, PLAIN.rule, PLAIN.axis, *PLAIN.colours} == set()
    assert "The Newsroom" in drawn
    assert f'href="data:image/png;base64,{LOGO}"' in drawn


@pytest.mark.parametrize("shape", ["wide", "square", "column"])
@pytest.mark.parametrize("name", ["The Newsroom", "W" * 60])
def test_a_name_and_a_logo_stand_on_nothing_else(shape, name):
    style = replace(STYLE, name=name)
    made = styled(*ALL[:3], shape=shape, is_simulated=True, style=style)
    assert_orderly(re.sub(r"<style>.*?</style>", "", export(made, "svg").decode()))


def test_a_png_has_the_ground_and_the_logo():
    made = pixels(export(styled(chart()), "png"))
    assert tuple(made[4, 4][:3]) == (0x10, 0x15, 0x1C)
    bare = pixels(export(styled(chart(), style=replace(STYLE, logo="")), "png"))
    assert (made[95:175, 115:180] != bare[95:175, 115:180]).any()


def test_numbers_have_the_format_of_the_style_in_a_board_of_another_language():
    drawn = export(styled(table()), "svg").decode()
    assert re.search(r"\+1,2\s?%", drawn)
    with zipfile.ZipFile(io.BytesIO(export(styled(table()), "zip"))) as held:
        assert "Bitcoin;1,23;2,46;" in held.read("01-changes.csv").decode("utf-8-sig")


def test_charts_of_a_workbook_have_its_colours_and_its_sources_the_name_and_logo():
    with zipfile.ZipFile(io.BytesIO(export(styled(chart(2)), "xlsx"))) as held:
        drawn = held.read("xl/charts/chart1.xml").decode()
        assert [colour for colour in ("66CCFF", "FFAA33", "10151C", "F2F4F7") if colour not in drawn] == []
        assert any(name.startswith("xl/media/") for name in held.namelist())
        assert "The Newsroom" in held.read("xl/sharedStrings.xml").decode()


@pytest.mark.parametrize(
    ("font", "family", "name"),
    [("sans", "Arial", "Arial"), ("serif", "'Times New Roman'", "Times New Roman")],
)
def test_a_font_of_the_house_holds_in_every_file(font, family, name):
    made, plain = styled(chart(), style=replace(PLAIN, font=font)), board(chart())
    shipped = [TTFont(FONTS / file) for file in FACES[font]]
    for form in ("svg", "embed", "html"):
        page = export(made, form).decode()
        assert f"{family}, " in page
        brought = [base64.b64decode(one) for one in re.findall(r"data:font/woff;base64,([^)]*)\)", page)]
        for one, own in zip(map(TTFont, map(io.BytesIO, brought)), shipped, strict=True):
            assert one["name"].getDebugName(6) == own["name"].getDebugName(6)
            assert "SIL Open Font License" in str(one["name"].getDebugName(13))
    own, inter = pixels(export(made, "png")), pixels(export(plain, "png"))
    assert own.shape == inter.shape
    assert (own != inter).any(axis=2).mean() > 0.001
    with zipfile.ZipFile(io.BytesIO(export(made, "xlsx"))) as held:
        assert f'val="{name}"' in held.read("xl/styles.xml").decode()


@pytest.mark.parametrize("font", ["sans", "serif"])
def test_a_picture_is_in_the_font_of_the_house_and_not_in_one_that_stands_in(font):
    words = '<text x="10" y="40" font-size="30" fill="#000">Rgaf 0123</text>'
    frame = '<svg xmlns="http://www.w3.org/2000/svg" width="300" height="60" font-family="{}">{}</svg>'
    family = TTFont(FONTS / FACES[font][0])["name"].getBestFamilyName()
    own = raster.render_png(frame.format(NAMES[font], words))
    assert own == raster.render_png(frame.format(family, words))
    assert own != raster.render_png(frame.format("Inter", words))


@pytest.mark.parametrize("font", ["sans", "serif"])
@pytest.mark.parametrize("bold", [False, True])
def test_words_placed_by_the_widths_of_inter_have_room_in_the_other_fonts(font, bold):
    other = load_font(bold=bold, name=FACES[font][bold])
    for text in (
        "Bitcoin et Ether depuis un mois",
        "$64,321.99 +5.1%",
        "La plupart des actifs",
        "MMWW 1 234 567,89",
    ):
        assert other.width(text, 20.0) <= text_width(text, 20.0, bold=bold)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_name_stays_text(form, text):
    body = export(styled(chart(), style=replace(STYLE, name=text)), form)
    assert form in ("zip", "xlsx", "png") or b"<script" not in body
    if form == "svg":
        ElementTree.fromstring(body)


def test_an_embed_in_a_style_loads_nothing_from_elsewhere():
    page = export(styled(chart()), "html").decode()
    assert set(re.findall(r'(?:href|src)="([a-z]+:[^;"]*)', page)) == {"data:image/png"}
    assert "img-src data:" in page
    assert f"background:{DARK}" in page
