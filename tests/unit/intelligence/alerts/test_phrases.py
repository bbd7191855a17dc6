"""Searching with words, phrases and operators, in both languages."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigie.domain.errors import UsageError
from vigie.intelligence.alerts.phrases import MOST_CHARACTERS, compile_query

TEXT = "The SEC approves a spot Bitcoin ETF; l'Autorité des marchés financiers s'inquiète"


@pytest.mark.parametrize(
    ("query", "is_found"),
    [
        ("bitcoin", True),
        ("bit", False),
        ("bit*", True),
        ("BITCOIN etf", True),
        ("bitcoin ether", False),
        ("bitcoin OR ether", True),
        ("ether OU bitcoin", True),
        ("bitcoin AND NOT futures", True),
        ("bitcoin SAUF etf", False),
        ("NOT ether", True),
        ('"spot bitcoin"', True),
        ('"bitcoin spot"', False),
        ("autorite", True),
        ("MARCHÉS", True),
        ("(ether OR bitcoin) (sec OR amf)", True),
        ("ether OR bitcoin futures", False),
        ("(ether OR bitcoin) futures", False),
        ("or", False),
        ("l'autorité", True),
    ],
)
def test_a_query_finds_what_it_says(query, is_found):
    assert compile_query(query)(TEXT) is is_found


@pytest.mark.parametrize(
    "query",
    ["", "   ", '"spot', "(bitcoin", "bitcoin)", "bitcoin OR", "AND", "NOT", "()", '""', "!!!", "a" * 501],
)
def test_what_cannot_be_read_is_refused_with_the_query(query):
    with pytest.raises(UsageError):
        compile_query(query)


@given(st.text(max_size=MOST_CHARACTERS), st.text(max_size=200))
def test_any_text_is_a_search_or_is_refused(query, text):
    try:
        found = compile_query(query)(text)
    except UsageError:
        return
    assert found in (True, False)


@given(st.text(alphabet="abc é", min_size=1, max_size=20), st.text(alphabet='abcé ("', max_size=40))
def test_not_is_the_opposite(word, text):
    try:
        test, opposite = compile_query(f"({word})"), compile_query(f"NOT ({word})")
    except UsageError:
        return
    assert test(text) is not opposite(text)


def test_signs_between_the_words_of_a_phrase_do_not_count():
    assert compile_query('"profit & loss"')("Profit and loss") is False
    assert compile_query('"profit & loss"')("Profit & loss")
    assert compile_query('"profit & loss"')("Profit, loss")
    assert compile_query("$")("a $ b")


def test_row_of_signs_is_not_tried_in_every_way():
    # Tried in every way this is 10 ** 20 steps: it would not come back.
    assert compile_query('"' + "- " * 30 + 'x"')("-" * 400) is False
    assert compile_query('"' + ".* " * 30 + 'x"')("." * 400) is False


@pytest.mark.parametrize("deep", ["(" * 499 + "a", "NOT " * 120 + "a", "(NOT " * 99 + "a"])
def test_search_within_searches_without_end_is_refused(deep):
    with pytest.raises(UsageError, match="a search can nest at most"):
        compile_query(deep)


def test_brackets_beside_each_other_are_not_within_each_other():
    assert compile_query(" OR ".join(["(NOT a)"] * 40))("b")
