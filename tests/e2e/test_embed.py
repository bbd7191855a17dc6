"""Boards embedded in articles, in Chromium: which picture is shown, how large its letters are, what is asked for."""

from __future__ import annotations

import pytest

from tests.e2e.houses import faults_of, room
from tests.unit.views.board_material import board, chart, heat, quote, table, words
from vigie.views.publishing.forms import export

pytestmark = pytest.mark.browser
STRICT = "default-src 'self'; style-src 'self'; img-src 'self'"
SHOWN = """[...document.querySelectorAll('figure > svg')]
    .filter(one => one.getClientRects().length).map(one => one.className.baseVal)"""
# Of the letters that are shown, the smallest in pixels of the screen.
SMALLEST = """Math.min(...[...document.querySelectorAll('figure > svg text')]
    .filter(one => one.getClientRects().length)
    .map(one => parseFloat(one.getAttribute('font-size')) * one.getScreenCTM().a))"""
SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
FONTS = "document.fonts.ready.then(all => [...all].map(one => one.family + ' ' + one.status))"


def article(*boards, policy=""):
    held = f'<meta http-equiv="Content-Security-Policy" content="{policy}">' if policy else ""
    figures = "".join(f"<h2>Component</h2>{export(one, 'embed').decode()}" for one in boards)
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8">{held}<title>An article</title></head>'
        f"<body><main><h1>An article</h1>{figures}</main></body></html>"
    )


BOARDS = (board(chart(3), chart(2), chart(), table()), board(words(), heat(), quote(), note="Second."))


@pytest.mark.parametrize(("width", "shown"), [(296, "s"), (616, "m"), (1216, "l")])
def test_the_column_decides_which_picture_is_shown_and_its_letters_can_be_read(browser, width, shown):
    page = room(browser, viewport={"width": width, "height": 900}).new_page()
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.set_content(article(*BOARDS))
    assert page.evaluate(SHOWN) == [shown, shown]
    assert page.evaluate(SIDEWAYS) <= 0
    assert page.evaluate(SMALLEST) >= 8.5
    assert {one.rpartition(" ")[2] for one in page.evaluate(FONTS)} == {"loaded"}
    assert [one for one in asked if not one.startswith("data:font/woff")] == []
    assert faults_of(page) == []
    page.context.close()


def test_columns_of_one_page_are_each_fitted(browser):
    page = room(browser, viewport={"width": 1400, "height": 900}).new_page()
    page.set_content(article(*BOARDS))
    page.add_style_tag(content="figure:first-of-type{width:300px !important}")
    assert page.evaluate(SHOWN) == ["s", "l"]
    page.context.close()


def test_under_a_policy_without_inline_styles_one_picture_is_shown_and_nothing_runs(browser):
    page = room(browser, viewport={"width": 616, "height": 900}).new_page()
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.set_content(article(*BOARDS, policy=STRICT))
    assert page.evaluate(SHOWN) == ["l", "l"]
    assert page.evaluate(SIDEWAYS) <= 0
    assert asked == []
    page.context.close()


def test_a_page_for_a_frame_breaks_none_of_its_own_rules(browser):
    page = room(browser, viewport={"width": 616, "height": 900}).new_page()
    said = []
    page.on("console", lambda one: said.append(one.text))
    page.set_content(export(BOARDS[0], "html").decode())
    assert page.evaluate(SHOWN) == ["m"]
    assert {one.rpartition(" ")[2] for one in page.evaluate(FONTS)} == {"loaded"}
    assert said == []
    page.context.close()
