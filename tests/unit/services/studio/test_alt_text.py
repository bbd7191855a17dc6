"""Drafted alternative texts: their words are the board's numbers, in both languages."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.unit.views.board_material import (
    DAY,
    HOSTILE,
    NOW,
    board,
    chart,
    heat,
    marked,
    matrix,
    newsy,
    quote,
    table,
    words,
)
from vigie.services.studio.alt_text import MOST_LETTERS, alt_text, draft_alt_text
from vigie.services.studio.board import BoardLine, ChartPart

PRICES = ChartPart(
    "Bitcoin",
    "USD",
    False,
    (
        BoardLine(
            "BTC",
            ((NOW - 9 * DAY, 50_000.0), (NOW - 5 * DAY, 40_000.0), (NOW - DAY, 60_000.0), (NOW, 55_000.0)),
        ),
    ),
)
REBASED = ChartPart(
    "Since", "USD", True, (BoardLine("ETH", ((NOW - DAY, 0.0), (NOW, 0.025))), BoardLine("SOL", ()))
)


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        (
            "en",
            (
                "T. Chart: Bitcoin, from 9 November 2026 to 18 November 2026. BTC: from $50,000.00 to $55,000.00 "
                "(+10.0%); highest $60,000.00 on 17 November 2026, lowest $40,000.00 on "
                "13 November 2026. Simulated data."
            ),
        ),
        (
            "fr",
            (
                "T. Graphique : Bitcoin, du 9 novembre 2026 au 18 novembre 2026. BTC : de 50 000,00 $ à 55 000,00 $ "
                "(+10,0 %) ; plus haut 60 000,00 $ le 17 novembre 2026, plus bas 40 000,00 $ le 13 novembre 2026. "
                "Données simulées."
            ),
        ),
    ],
)
def test_a_price_is_told_with_its_span_ends_extremes_and_change(language, expected):
    made = draft_alt_text(board(PRICES, title="T", language=language, is_simulated=True))
    assert " ".join(made.split()) == expected


def test_a_short_span_is_told_with_its_hours_and_a_missing_line_is_said():
    made = draft_alt_text(board(REBASED, title=""))
    assert made.startswith("Chart: Since, from 17 November 2026, 12:06 to 18 November 2026, 12:06.")
    assert "ETH: +2.5%; highest +2.5% on 18 November 2026, 12:06, lowest 0.0%" in made
    assert "SOL: no data." in made


@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_kind_of_part_is_told(language):
    made = draft_alt_text(
        board(chart(), table(), words(), heat(), matrix(), quote(), marked("The day"), language=language)
    )
    for said in ("BTC", "stablecoin0 (100)", "The Regulator", "The day", "Asset, 1 d, 2 d", "BTC11"):
        assert said in made


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_a_draft_is_bounded_and_fills_in_no_placeholders_of_others(text):
    made = draft_alt_text(
        board(chart(title=text), marked(text), quote(text), words(3, "{title}" + text), title=text)
    )
    assert len(made) <= MOST_LETTERS
    assert "{title}" in draft_alt_text(board(words(3, "{title}")))


def test_what_a_person_wrote_is_told_in_place_of_the_draft():
    made = board(PRICES)
    assert alt_text(made) == draft_alt_text(made)
    assert alt_text(replace(made, alt="My words")) == "My words"


def test_a_quotation_ends_with_one_full_stop():
    made = draft_alt_text(board(quote("Firms must be authorised."), title=""))
    assert made == "Quotation, The Regulator, 18 November 2026: \u201cFirms must be authorised\u201d."


@pytest.mark.parametrize(
    ("part", "language", "said"),
    [
        (newsy("A", "B"), "en", "News marked when first seen here: 2."),
        (newsy("A", "B", total=9), "en", "2 of 9 stories"),
        (newsy("A", "B", total=9), "fr", "2 sujets sur 9"),
        (newsy("A", is_thinned=True), "en", "may be marked later than its first item."),
        (newsy(), "en", "No news about it was first seen here in this period."),
    ],
)
def test_how_many_news_are_marked_is_told(part, language, said):
    assert said in draft_alt_text(board(part, language=language))
    assert draft_alt_text(board(replace(part, news=None))) == draft_alt_text(board(chart()))
