"""The shelf: groups of a window that moves, and how like its items are."""

from __future__ import annotations

import math
import random
from dataclasses import replace

import pytest

from tests.unit.intelligence.news.material import item
from vigie.domain.item import ItemFinding
from vigie.intelligence.news.reading.tfidf_index import TfIdfIndex, even_weights
from vigie.intelligence.news.step import AnalysedItem


def told(at, title, group):
    found = ItemFinding("group", 1, {"group": group}, "")
    return AnalysedItem(item(title, hours=at, key=str(at)), {"group": found})


def group_of(seen):
    return seen.findings["group"].body["group"]


def shelf():
    return TfIdfIndex(lambda seen: tuple(seen.item.content.title.split()), grouped=group_of)


WINDOW = [told(0, "a b", "x"), told(1, "b c", "x"), told(2, "c d", "y"), told(3, "d e", "")]


def test_groups_follow_a_window_that_moves():
    held = shelf()
    held.set_window(WINDOW[:3])
    assert held.members("x") == WINDOW[:2]
    held.set_window(WINDOW[1:])
    assert held.members("x") == WINDOW[1:2]
    assert held.members("y") == WINDOW[2:3]
    assert held.members("") == []
    held.set_window(WINDOW[3:])
    assert held.members("x") == held.members("y") == []


def test_an_item_that_changed_its_group_is_found_in_the_new_one():
    held = shelf()
    held.set_window(WINDOW)
    moved = replace(WINDOW[0], findings=told(0, "a b", "y").findings)
    held.set_window([moved, *WINDOW[1:]])
    assert held.members("y") == [moved, WINDOW[2]]
    assert held.members("x") == WINDOW[1:2]


def test_how_like_an_item_is_does_not_depend_on_how_it_was_asked():
    held = shelf()
    held.set_window(WINDOW)
    terms = ("b", "c", "z")
    near = {one.entry.item.id: one.likeness for one in held.nearest(terms, 0.0)}
    for one in held.likenesses(terms, WINDOW[:3]):
        assert one.likeness == pytest.approx(near[one.entry.item.id])
    assert held.likenesses(terms, WINDOW[3:])[0].likeness == 0.0


def likeness(ours, theirs, window, weigh):
    """Return the cosine of two lists of terms, rarities from the window and the item together."""
    held = {term: sum(term in one.item.content.title.split() for one in window) for term in {*ours, *theirs}}
    squares = {
        term: weigh((term,))[0] * (math.log((len(window) + 2) / (held[term] + 2)) + 1.0) ** 2 for term in held
    }
    lengths = [sum(squares[term] for term in terms) for terms in (ours, theirs)]
    shared = sum(squares[term] for term in {*ours} & {*theirs})
    return shared / math.sqrt(lengths[0] * lengths[1])


@pytest.mark.parametrize("seed", range(4))
def test_a_window_that_moves_finds_what_one_that_was_just_filled_finds(seed):
    source = random.Random(seed)
    weigh = [even_weights, lambda terms: tuple(1.0 + len(term) / 4 for term in terms)][seed % 2]
    # Some words are in nearly every item, most in one or two, as in headlines.
    vocabulary = [f"w{at}" * (1 + at % 3) for at in range(400)]
    every = []
    for at in range(90):
        drawn = [vocabulary[min(399, int(source.paretovariate(0.6)))] for _ in range(source.randint(3, 12))]
        every.append(told(at / 10, " ".join(dict.fromkeys(drawn)), ""))
    moved = TfIdfIndex(lambda seen: tuple(seen.item.content.title.split()), weigh=weigh)
    for at, this in enumerate(every):
        window = every[max(0, at - 40) : at]
        moved.set_window(window)
        terms = moved.describe_next(this)
        likenesses = {
            one.item.id: likeness(terms, one.item.content.title.split(), window, weigh) for one in window
        }
        for least in (0.2, 0.5):
            found = {one.entry.item.id: one.likeness for one in moved.nearest(terms, least)}
            wanted = {key: much for key, much in likenesses.items() if much >= least}
            assert found == pytest.approx(wanted), (at, least)
