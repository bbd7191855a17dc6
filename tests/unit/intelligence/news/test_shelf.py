"""The shelf: groups of a window that moves, and how like its items are."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.unit.intelligence.news.material import item
from vigie.domain.item import Finding
from vigie.intelligence.news.reading.shelf import Shelf
from vigie.intelligence.news.step import Seen


def told(at, title, group):
    found = Finding("group", 1, {"group": group}, "")
    return Seen(item(title, hours=at, key=str(at)), {"group": found})


def group_of(seen):
    return seen.found["group"].body["group"]


def shelf():
    return Shelf(lambda seen: tuple(seen.item.said.title.split()), grouped=group_of)


WINDOW = [told(0, "a b", "x"), told(1, "b c", "x"), told(2, "c d", "y"), told(3, "d e", "")]


def test_groups_follow_a_window_that_moves():
    held = shelf()
    held.hold(WINDOW[:3])
    assert held.members("x") == WINDOW[:2]
    held.hold(WINDOW[1:])
    assert held.members("x") == WINDOW[1:2]
    assert held.members("y") == WINDOW[2:3]
    assert held.members("") == []
    held.hold(WINDOW[3:])
    assert held.members("x") == held.members("y") == []


def test_an_item_that_changed_its_group_is_found_in_the_new_one():
    held = shelf()
    held.hold(WINDOW)
    moved = replace(WINDOW[0], found=told(0, "a b", "y").found)
    held.hold([moved, *WINDOW[1:]])
    assert held.members("y") == [moved, WINDOW[2]]
    assert held.members("x") == WINDOW[1:2]


def test_how_like_an_item_is_does_not_depend_on_how_it_was_asked():
    held = shelf()
    held.hold(WINDOW)
    terms = ("b", "c", "z")
    near = {one.seen.item.id: one.likeness for one in held.nearest(terms, 0.0)}
    for one in held.likenesses(terms, WINDOW[:3]):
        assert one.likeness == pytest.approx(near[one.seen.item.id])
    assert held.likenesses(terms, WINDOW[3:])[0].likeness == 0.0
