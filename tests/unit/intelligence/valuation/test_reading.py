"""The valuation at the newest close: word, components, what is missing, what would change it, in sentences."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from benchmarks.valuation import random_walk

from vigie.intelligence.market.words import load_texts
from vigie.intelligence.valuation.daily_history import daily_history
from vigie.intelligence.valuation.reading import valuation_of
from vigie.intelligence.valuation.sentences import what_would_change, why_buy, why_sell
from vigie.intelligence.valuation.states import moves_in_ranges, states_of
from vigie.intelligence.valuation.votes import votes_of

WALK = random_walk(0)
STATES = states_of(votes_of(WALK).score)
SOURCES = dict.fromkeys(
    ("weekly_rsi", "mean_distance", "drawdown", "mvrv", "funding", "fear_greed"), "Source"
)


def _at(state: int):
    """The walk until a quiet day well inside a state."""
    is_quiet = np.abs(moves_in_ranges(WALK)) < 1
    runs = np.flatnonzero(np.convolve((state == STATES) & is_quiet, np.ones(5), "valid") == 5)
    return WALK.cut(int(runs[-1]) + 4)


@pytest.mark.parametrize(("state", "word"), [(1, "stretched"), (0, "normal"), (-1, "depressed")])
def test_valuation_when_in_a_state_then_its_word_and_since_when(state, word):
    history = _at(state)
    found = valuation_of(history)
    assert (found.word, found.state, found.day) == (word, word, len(history) - 1)
    assert STATES[found.since_day] == state
    assert STATES[found.since_day - 1] != state
    assert set(STATES[found.since_day : found.day + 1]) == {state}
    assert found.price == history.close[-1]
    assert [entry.missing for entry in found.components] == ["", "", "", "none", "none", "none"]


def test_valuation_when_a_day_moves_beyond_two_ranges_then_that_is_the_word():
    history = _at(1)
    close = history.close.copy()
    close[-1] = close[-2] * 0.8
    fallen = valuation_of(replace(history, close=close))
    assert fallen.word == "sharp_fall"
    assert fallen.state is not None
    assert fallen.move == pytest.approx(-0.2)
    assert fallen.move_ranges < -2
    close[-1] = close[-2] * 1.3
    assert valuation_of(replace(history, close=close)).word == "sharp_rise"


def test_valuation_when_the_past_is_short_then_unknown_and_says_what_is_missing():
    found = valuation_of(WALK.cut(900))
    assert (found.word, found.state, found.score, found.level) == ("unknown", None, None, None)
    missing = {entry.name: (entry.missing, entry.earlier) for entry in found.components}
    assert missing["mean_distance"] == ("short", 700)
    assert missing["drawdown"] == ("", 899)
    assert missing["mvrv"] == ("none", 0)
    assert valuation_of(daily_history(np.zeros(0, np.int64), np.zeros(0))) is None
    first = valuation_of(WALK.cut(1))
    assert (first.move, first.move_ranges, first.days) == (None, None, 1)


def test_valuation_when_a_component_ends_then_it_is_old_and_votes_no_more():
    mvrv = np.linspace(3.0, 1.0, len(WALK))
    known = valuation_of(replace(WALK, others={"mvrv": mvrv}))
    ended = mvrv.copy()
    ended[-2:] = np.nan
    old = valuation_of(replace(WALK, others={"mvrv": ended}))
    assert known.components[3].rank == -1.0
    assert (old.components[3].value, old.components[3].missing) == (None, "old")
    assert old.score == old.price_vote
    assert known.score == (known.price_vote - 1.0) / 2.0


@pytest.mark.parametrize("state", [1, 0, -1])
def test_level_when_the_next_close_is_there_then_the_score_is_at_it(state):
    history = _at(state)
    # On a Saturday the weekly index would change with the next close.
    while history.days[-1] % 7 == 2:
        history = history.cut(len(history) - 1)
    level = valuation_of(history).level
    assert level.price is not None
    days = np.append(history.days, history.days[-1] + 1)
    for factor in (0.999, 1.001):
        after = daily_history(days, np.append(history.close, level.price * factor))
        score = votes_of(after).score[-1]
        assert (score >= level.score) == (factor > 1)
        assert abs(score - level.score) < 0.02


@pytest.mark.parametrize("state", [1, 0, -1])
@pytest.mark.parametrize("language", ["en", "fr"])
def test_sentences_when_there_is_a_valuation_then_one_each_with_figures_and_source(state, language):
    found = valuation_of(_at(state))
    buy, sell = why_buy(found, SOURCES), why_sell(found, SOURCES)
    change = what_would_change(found)
    for sentence in (buy, sell):
        text = sentence.render(language)
        assert "Source" in text
        assert "%" in text
        assert not any(word in text.lower() for word in ("should", "must", "devriez", "devez", "{", "}"))
    assert change.key.startswith("enter" if state == 0 else "leave")
    assert "$" in change.render(language)
    assert "€" in change.render(language, 0.9)


def test_sentences_when_all_is_high_then_nothing_speaks_for_buying():
    close = 100.0 * np.exp(0.001 * np.arange(2_000) + np.maximum(0, np.arange(2_000) - 1_900) * 0.01)
    found = valuation_of(daily_history(np.arange(2_000), close))
    assert why_buy(found, SOURCES).key in ("why_buy", "why_not_buy")
    assert why_sell(found, SOURCES).key == "why_sell"
    assert [why_buy(valuation_of(WALK.cut(5)), {}), what_would_change(valuation_of(WALK.cut(5)))] == [
        None,
        None,
    ]


@pytest.mark.parametrize(
    ("language", "cheap", "expensive"),
    [
        ("en", "the price is cheaper than on", "the price is more expensive than on"),
        ("fr", "le prix est moins cher que pendant", "le prix est plus cher que pendant"),
    ],
)
def test_reasons_say_which_way_is_cheap(language, cheap, expensive):
    texts = load_texts(language)
    assert cheap in texts("valuation.why_buy")
    assert expensive in texts("valuation.why_sell")
