"""Numbers of a text: one form for each, however a language writes it."""

from __future__ import annotations

import pytest

from vigie.intelligence.news.reading.numbers import numbers


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("up 4.5% to $1.2 billion, 20K users", {"4.5%", "1200000000", "20000"}),
        ("4,5 % de hausse, 1,2 milliard d'euros, 20\u202f000 clients", {"4.5%", "1200000000", "20000"}),
        ("Price analysis 6/20 2024", {"6/20", "2024"}),
        ("at 12:30, block 800,000", {"12:30", "800000"}),
        ("Q3 results of a Web3 firm on layer-2", {"Q3", "2"}),
        ("version 1.2.3", {"1.2.3"}),
        ("USD 30k, 30 000 dollars, $30,000", {"30000"}),
        ("no figure here", set()),
    ],
)
def test_numbers_are_read(text, found):
    assert numbers(text) == found


def test_a_text_of_figures_only_is_cut_short():
    assert len(numbers(" ".join(f"{at}/1" for at in range(500)))) == 64
