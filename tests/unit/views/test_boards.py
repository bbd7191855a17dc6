"""Boards as pictures: all is in them, nothing leaves them, nothing lies on something else, nothing gets out."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import pairwise

import pytest
from defusedxml import ElementTree
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.drawing.material import pixels
from tests.unit.views.board_material import (
    CREDITS,
    DAY,
    HOSTILE,
    NOW,
    board,
    chart,
    heat,
    line,
    marked,
    matrix,
    newsy,
    quote,
    table,
    words,
)
from vigie.drawing.text_metrics import fit_line, load_font, text_width, wrap_lines
from vigie.services.studio.board import SHAPES, Annotation, BoardLine, ChartPart
from vigie.services.studio.style import PLAIN
from vigie.views.boards.page import board_png, board_svg

SVG = "{http://www.w3.org/2000/svg}"
PARTS = [chart(), table(), words(), heat(), matrix(), quote()]
# Letters reach a little over the size of their line, and places are written in tenths.
SLACK = 0.6


@dataclass(frozen=True)
class Written:
    """A line of text and where it stands."""

    text: str
    left: float
    right: float
    top: float
    bottom: float

    def touches(self, other):
        return (
            self.left < other.right - SLACK
            and other.left < self.right - SLACK
            and self.top < other.bottom - SLACK
            and other.top < self.bottom - SLACK
        )


def read(drawn):
    root = ElementTree.fromstring(drawn)
    return root, float(root.get("width")), float(root.get("height"))


def written(root):
    found = []
    for one in root.iter(f"{SVG}text"):
        size, x, base = (float(one.get(name)) for name in ("font-size", "x", "y"))
        wide = text_width(one.text, size, bold=one.get("font-weight") == "600")
        left = x - wide * {"middle": 0.5, "end": 1.0}.get(one.get("text-anchor"), 0.0)
        # From the top of capital letters to the line they stand on.
        found.append(Written(one.text, left, left + wide, base - 0.73 * size, base))
    return found


def assert_orderly(drawn):
    root, wide, high = read(drawn)
    texts = written(root)
    for one in texts:
        assert -SLACK <= one.left <= one.right <= wide + SLACK, one
        assert 0 <= one.top <= one.bottom <= high, one
    for at, one in enumerate(texts):
        assert [other.text for other in texts[at + 1 :] if one.touches(other)] == [], one
    for one in root.iter(f"{SVG}rect"):
        x, y, w, h = (float(one.get(name) or 0) for name in ("x", "y", "width", "height"))
        assert 0 <= x <= x + w <= wide + 0.1
        assert 0 <= y <= y + h <= high + 0.1


@pytest.mark.parametrize(("shape", "size"), [("wide", (900, 1600)), ("square", (1200, 1200))])
def test_pictures_have_their_shape(shape, size):
    assert pixels(board_png(board(chart(), shape=shape), zoom=1)).shape[:2] == size


def test_a_column_is_as_tall_as_its_parts():
    heights = [read(board_svg(board(*PARTS[:count], shape="column")))[2] for count in range(7)]
    assert heights == sorted(set(heights))
    assert read(board_svg(board(*PARTS, shape="column")))[1] == 640


def test_a_picture_has_ink_where_its_title_and_its_sources_stand():
    made, bare = (
        pixels(board_png(board(chart(), title=title), zoom=1)) for title in ("Bitcoin and Ether", "")
    )
    dark = made[..., :3].max(axis=-1) < 128
    assert dark[44:100, 56:900].sum() > 1_000
    assert dark[790:890, 56:1500].sum() > 500
    assert (made[44:100, 56:900] != bare[44:100, 56:900]).any()


def all_words(drawn):
    return " ".join(one.text for one in written(read(drawn)[0]))


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", ["Source: Binance, CoinGecko", "as of 18 Nov 2026, 12:06 (Europe/Paris)",
                "Simulated market, invented prices"]),
        ("fr", ["Source\u00a0: Binance, CoinGecko", "au 18 nov. 2026, 12:06 (Europe/Paris)",
                "March\u00e9 simul\u00e9, prix invent\u00e9s"]),
    ],
)  # fmt: skip
def test_source_time_and_simulation_are_burnt_in_and_no_terms_are(shape, language, said):
    told = all_words(board_svg(board(chart(), shape=shape, language=language, is_simulated=True)))
    assert [text for text in said if text not in told] == []
    assert "CC BY-NC" not in told
    assert "commercial" not in told
    assert "Bitcoin and Ether over a month" in told


def test_numbers_are_written_in_the_language():
    french, english = (all_words(board_svg(board(table(), language=language))) for language in ("fr", "en"))
    assert "+1,2\u202f%" in french or "+1,2\u00a0%" in french
    assert "+1.2%" in english


def test_names_stand_at_the_ends_of_their_lines_with_their_last_value():
    root, _, _ = read(board_svg(board(chart(3))))
    labels = [one.text for one in root.iter(f"{SVG}text") if re.match(r"(BTC|ETH|SOL) [+\u2212]", one.text)]
    assert len(labels) == 3
    dashes = [
        one.get("stroke-dasharray") for one in root.iter(f"{SVG}path") if one.get("stroke-width") == "3"
    ]
    assert len(set(dashes)) == 3


def test_a_line_without_points_is_said_to_be_missing():
    part = ChartPart("One", "USD", True, (*chart(1).lines, BoardLine("GONE", ())))
    assert "GONE: no data" in all_words(board_svg(board(part)))


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_texts_stay_texts(shape, text):
    named = ChartPart(text, text, False, tuple(BoardLine(text, line.points) for line in chart(2).lines))
    parts = (named, marked(text), table(name=text), words(4, text), heat(4, text), quote(text, text))
    drawn = board_svg(board(*parts, shape=shape, title=text, subtitle=text, note=text, alt=text))
    root, _, _ = read(drawn)
    assert {one.tag.removeprefix(SVG) for one in root.iter()} <= {
        "svg",
        "title",
        "desc",
        "rect",
        "text",
        "path",
    }
    assert not [name for one in root.iter() for name in one.attrib if name.startswith("on") or "href" in name]
    assert "url(" not in drawn
    assert_orderly(drawn)


def dots(drawn):
    return [one for one in read(drawn)[0].iter(f"{SVG}g") if one.find(f"{SVG}circle") is not None]


@pytest.mark.parametrize("shape", SHAPES)
def test_news_are_dots_that_say_what_they_are_and_how_many(shape):
    titles = [f"Story {at}" for at in range(10)]
    drawn = board_svg(board(newsy(*titles), newsy("One", total=7), shape=shape))
    assert_orderly(drawn)
    said = "\n".join(one.findtext(f"{SVG}title") for one in dots(drawn))
    assert [title for title in titles if f"Bitcoin: {title} (A Journal, " not in said] == []
    assert "dots: news, when first seen (10)" in all_words(drawn)
    assert "(1 of 7)" in re.sub(r"\s+", " ", all_words(drawn))
    # Dots of a narrow chart do not lie on one another either.
    for place in (drawn, board_svg(board(*(newsy(*titles),) * 6, shape=shape))):
        rows = {}
        for one in read(place)[0].iter(f"{SVG}circle"):
            rows.setdefault(one.get("cy"), []).append(float(one.get("cx")))
        assert rows
        for row in rows.values():
            assert all(other - one >= 18 for one, other in pairwise(sorted(row)))


def test_dots_of_news_have_the_colours_of_the_house_style():
    style = replace(PLAIN, colours=("#8a3b00", *PLAIN.colours[1:]), ground="#fff1e5")
    drawn = board_svg(replace(board(newsy(*["One"] * 30), chart(), chart()), style=style))
    circles = [one for dot in dots(drawn) for one in dot.iter(f"{SVG}circle")]
    assert {(one.get("fill"), one.get("stroke")) for one in circles} == {("#8a3b00", "#fff1e5")}
    assert {one.get("fill") for dot in dots(drawn) for one in dot.iter(f"{SVG}text")} == {"#fff1e5"}


def test_a_chart_that_nobody_asked_news_of_is_drawn_as_ever_and_one_without_any_says_so():
    assert not dots(board_svg(board(chart())))
    assert "news" not in board_svg(board(chart()))
    bare = board_svg(board(newsy(), language="fr"))
    assert not dots(bare)
    assert "aucune actualit\u00e9" in all_words(bare)


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_titles_of_news_stay_texts(text):
    drawn = board_svg(board(newsy(text, text, publisher=text)))
    root, _, _ = read(drawn)
    assert {one.tag.removeprefix(SVG) for one in root.iter()} <= {
        "svg", "title", "desc", "rect", "text", "path", "g", "circle",
    }  # fmt: skip
    assert dots(drawn)
    assert not [name for one in root.iter() for name in one.attrib if name.startswith("on") or "href" in name]
    assert_orderly(drawn)


def test_nothing_in_a_picture_comes_from_elsewhere():
    drawn = board_svg(board(*PARTS))
    assert re.findall(r"https?://[^\"]+", drawn) == ["http://www.w3.org/2000/svg"]


@settings(max_examples=40, deadline=None)
@given(
    picked=st.lists(st.sampled_from(range(8)), max_size=6),
    shape=st.sampled_from(SHAPES),
    language=st.sampled_from(["en", "fr"]),
    title=st.text(max_size=300),
    note=st.text(max_size=600),
    count=st.integers(1, 40),
    lines=st.integers(1, 8),
    name=st.text(min_size=1, max_size=40),
)
def test_nothing_overlaps_and_nothing_leaves_the_picture(
    picked, shape, language, title, note, count, lines, name
):
    kinds = (
        lambda: chart(lines),
        lambda: table(count, min(count, 9) + 1, name),
        lambda: words(count, name),
        lambda: heat(count, name),
        lambda: matrix(min(count, 12), name),
        lambda: quote(note or "a"),
        lambda: chart(lines, title, tuple(Annotation(NOW - at * 7 * DAY, name) for at in range(count % 6))),
        lambda: newsy(*(name,) * (count - 1), lines=lines),
    )
    made = board(
        *(kinds[at]() for at in picked), shape=shape, language=language, title=title, note=note, subtitle=name
    )
    assert_orderly(board_svg(made))


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("step", [DAY // 96, DAY // 24, DAY // 6, DAY, 30 * DAY])
def test_times_never_touch_and_are_more_than_one_a_chart(step, shape):
    lines = tuple(line(name, 97, step) for name in ("BTC", "ETH"))
    drawn = board_svg(board(*(ChartPart("Span", "USD", True, lines),) * 2, shape=shape, language="fr"))
    assert_orderly(drawn)
    texts = sorted(written(read(drawn)[0]), key=lambda one: (one.bottom, one.left))
    near = [
        (one.text, other.text)
        for one, other in pairwise(texts)
        if one.bottom == other.bottom and other.left - one.right < 8
    ]
    assert near == []
    marks = [
        one
        for one in read(drawn)[0].iter(f"{SVG}path")
        if re.fullmatch(r"M[\d.]+,([\d.]+)V[\d.]+", one.get("d"))
    ]
    assert len(marks) >= 4


def test_a_long_credit_is_never_lost_in_a_column():
    from dataclasses import replace

    many = replace(
        board(chart(), shape="column"),
        credits=tuple(replace(CREDITS[0], source=f"Source {at}") for at in range(30)),
    )
    told = all_words(board_svg(many))
    assert [at for at in range(30) if not re.search(rf"Source\s+{at}\b", told)] == []


def test_widths_are_those_of_the_font():
    # Advances of Inter, in 2048ths of its size, read with another program: space, A, i, 5.
    assert text_width("\u00a0", 1.0) == pytest.approx(text_width(" ", 1.0))
    assert text_width("BTC", 20, bold=True) > text_width("BTC", 20)
    assert text_width("11", 10) == pytest.approx(2 * text_width("1", 10))
    assert len(load_font().widths) > 1_000


@given(text=st.text(max_size=80), room=st.floats(20, 400), most=st.integers(1, 5))
@settings(max_examples=100, deadline=None)
def test_wrapped_words_stay_in_their_room(text, room, most):
    lines = wrap_lines(text, 16.0, room, max_lines=most)
    assert len(lines) <= most
    assert all(text_width(line, 16.0) <= room + 1e-6 for line in lines)
    assert text_width(fit_line(text, 16.0, room), 16.0) <= room + 1e-6
