"""Every chart says what it is; an export says where its numbers come from; nothing a person typed is markup."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.drawing.material import START, export, page, parsed, points, texts
from vigie.domain.errors import UsageError
from vigie.domain.time import HOUR_MS
from vigie.drawing.frame import (
    COLOURS,
    HEAT,
    Frame,
    Pen,
    legend_key,
    plot_area,
    short_number,
    time_axis,
    wrap_chart,
)

HOSTILE = "<script>alert(1)</script>\"'&\x00\ud800]]>"


def contrast(one, other):
    """Return the ratio of contrast of two colours, as WCAG computes it."""

    def light(colour):
        parts = [int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    high, low = sorted((light(one), light(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_a_chart_in_a_page_is_an_image_with_title_and_description():
    tree = parsed(wrap_chart(page(), ""))
    assert tree.get("role") == "img"
    ids = tree.get("aria-labelledby").split()
    told = {node.get("id"): node.text for node in tree}
    assert [told[name] for name in ids] == ["Bitcoin", "Price in US dollars over a week"]


@pytest.mark.parametrize("hours", [26, 30, 40, 50, 60, 71])
@pytest.mark.parametrize("later", [0, 5, 11, 17])
def test_between_two_marks_of_one_hour_a_narrow_page_shows_the_day(hours, later):
    frame, start = page(), START + later * HOUR_MS
    axis = time_axis(frame, plot_area(frame), start, start + hours * HOUR_MS)
    shown = [
        words for kind, words in re.findall(r"<text ([^>]*)>([^<]+)</text>", axis) if "between" not in kind
    ]
    days = [at for at, words in enumerate(shown) if ":" not in words]
    for at, words in enumerate(shown):
        again = shown.index(words, at + 1) if words in shown[at + 1 :] else None
        assert again is None or any(at < day < again for day in days), shown


def test_a_page_gives_the_colours_and_an_export_has_its_own():
    inline, alone = (
        wrap_chart(page(), f"<path {page().style_attributes('up')}/>"),
        wrap_chart(export(), f"<path {export().style_attributes('up')}/>"),
    )
    assert not re.search(r"#[0-9a-f]{6}|style=|fill=|xmlns", inline)
    assert 'class="up"' in inline
    assert "class=" not in alone
    assert COLOURS["light"]["up"] in alone
    assert 'xmlns="http://www.w3.org/2000/svg"' in alone


def test_an_export_says_title_source_time_and_zone():
    found = texts(wrap_chart(export(language="fr", zone="Europe/Paris"), ""))
    assert found == ["Bitcoin", "Source\u00a0: Example venue \u00b7 au 1er janv. 2024, 01:00 (Europe/Paris)"]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"standalone": True, "ts": 1}, "must name its source and its time"),
        ({"standalone": True, "source": "x"}, "must name its source and its time"),
        ({"name": "a b"}, "name of a chart must be letters"),
        ({"name": '"><script>'}, "name of a chart must be letters"),
        ({"title": ""}, "a chart must have a title"),
        ({"language": "de"}, "language must be one of en es fr"),
        ({"width": 100_000}, "size must be 200..4000 x 120..4000"),
    ],
)
def test_what_cannot_be_is_refused(given, words):
    with pytest.raises(UsageError, match=words):
        Frame(**{"name": "a", "title": "b", "description": "c", **given})


@pytest.mark.parametrize("frame", [page(), export()])
def test_hostile_text_stays_text(frame):
    svg = wrap_chart(
        replace(frame, title=HOSTILE, description=HOSTILE, source=HOSTILE), "", legend=[HOSTILE, HOSTILE]
    )
    tree = parsed(svg)
    assert "script" not in {node.tag for node in tree.iter()}
    assert next(tree.iter("title")).text == "<script>alert(1)</script>\"'&]]>"


@settings(derandomize=True, deadline=None)
@given(st.text(min_size=1, max_size=40))
def test_any_title_makes_a_well_formed_chart(title):
    parsed(wrap_chart(replace(export(), title=title), ""))


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_texts_and_lines_stand_out_from_the_ground(theme):
    colours = COLOURS[theme]
    for name in ("text", "muted"):
        assert contrast(colours[name], colours["ground"]) >= 4.5, name
    for name in ("up", "down", *(f"series-{k}" for k in range(1, 9))):
        assert contrast(colours[name], colours["ground"]) >= 3, name


def test_white_stands_out_from_every_shade():
    assert {
        name: round(contrast("#ffffff", shade), 2)
        for name, shade in HEAT.items()
        if contrast("#ffffff", shade) < 4.5
    } == {}


def test_lines_differ_by_more_than_colour():
    dashes = [re.search(r'stroke-dasharray="([^"]*)"', legend_key(k)) for k in range(1, 9)]
    assert dashes[0] is None
    assert len({match[1] for match in dashes[1:]}) == 7


@settings(derandomize=True, deadline=None)
@given(
    st.lists(st.tuples(st.floats(-1e4, 1e4), st.floats(-1e4, 1e4)), min_size=1, max_size=300),
    st.sampled_from([0, 1]),
)
def test_steps_of_a_pen_never_drift(places, digits):
    pen = Pen(digits)
    for x, y in places:
        pen.line(x, y)
    found = points(pen.path())
    for (x, y), (_, px, py) in zip(places, found, strict=True):
        assert px == pytest.approx(x, abs=0.51 / 10**digits)
        assert py == pytest.approx(y, abs=0.51 / 10**digits)


def test_numbers_are_short():
    assert [short_number(v) for v in (1.0, -0.04, 12.34, -7.0)] == ["1", "0", "12.3", "-7"]


def test_colours_of_exports_are_those_of_the_pages():
    css = (Path(__file__).resolve().parents[3] / "frontend" / "styles" / "tokens.css").read_text()
    # The first of each name: what follows is for people who ask for more contrast.
    found = re.findall(r"--([\w-]+): light-dark\((#\w{6}), (#\w{6})\)", css)
    held = {name: pair for name, *pair in reversed(found)}
    named = {
        "ground": "card",
        "up": "candle-up",
        "down": "candle-down",
        "axis": "line-strong",
    }
    for name, light in COLOURS["light"].items():
        assert [light, COLOURS["dark"][name]] == held[named.get(name, name)], name
