"""Words of a cloud have their places: no two boxes touch, and none leaves the picture."""

from __future__ import annotations

import itertools

import pytest

from tests.unit.drawing.material import export, page, parsed
from vigie.drawing.cloud import DrawnWord, cloud_chart
from vigie.drawing.text_metrics import text_width

WIDE = [
    DrawnWord("WWWWWWWW", 90, True),
    DrawnWord("TRON", 60, True),
    DrawnWord("Brisk", 60, False),
    DrawnWord("MiCA", 50, True),
]
WORDS = [
    *WIDE,
    *(DrawnWord(f"MMW{at} OMG", 40 - at, at % 2 == 0) for at in range(30)),
    DrawnWord("X" * 80, 1, True),
]


def boxes(svg):
    """Return left, top, right, bottom of each word in the shipped font, and the length that it is held to."""
    found = []
    for one in parsed(svg).iter("text"):
        if one.text not in {word.text for word in WORDS}:
            continue
        x, base, size = (float(one.get(name)) for name in ("x", "y", "font-size"))
        is_bold = one.get("class") == "plot-title" or one.get("font-weight") == "600"
        wide = text_width(one.text, size, bold=is_bold)
        held = float(one.get("textLength", wide))
        assert held == pytest.approx(wide, rel=0.01)
        found.append((x, base - 0.76 * size, x + held, base + 0.25 * size))
    assert len(found) == len(WORDS)
    return found


@pytest.mark.parametrize("frame", [page, export], ids=["page", "file"])
def test_no_two_words_touch(frame):
    for one, other in itertools.combinations(boxes(cloud_chart(WORDS, frame=frame())), 2):
        is_apart = one[2] + 4 < other[0] or other[2] + 4 < one[0] or one[3] < other[1] or other[3] < one[1]
        assert is_apart, (one, other)


def test_words_on_a_page_keep_their_length_in_the_letters_of_any_system():
    assert 'lengthAdjust="spacingAndGlyphs"' in cloud_chart(WORDS, frame=page())
