"""Capitalised names that no list has: told by capitals where other words have none, never a hostile or long one."""

from __future__ import annotations

import pytest

from tests.unit.intelligence.news.material import item, read
from vigie.intelligence.news.gazetteer.unlisted_names import MOST, find_unlisted_names, sentence_with
from vigie.intelligence.news.steps import entities


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Swedish broker Zorvex raises money from Kelda Ventures and others", ["Zorvex", "Kelda Ventures"]),
        ("Le courtier Zorvex lève des fonds auprès de Kelda & Fils", ["Zorvex", "Kelda & Fils"]),
        ("Zorvex raises money for a wallet", []),  # the first word has a capital anyway
        ("ZorVex raises money for a wallet", ["ZorVex"]),
        ("The bridge deZorv lost all of it today", ["deZorv"]),
        ("Zorvex Raises Money As Crypto Markets Keep Falling", []),  # every word has one
        ("On Monday the CEO spoke about NFTs and DeFi in March", []),
        ("we met Al and Bo in a bar today", []),  # too short
        ("", []),
    ],
)
def test_names_are_told_by_their_capitals(text, names):
    assert [one.text for one in find_unlisted_names(text, ())] == names


def test_listed_names_and_what_touches_them_are_nobody_elses():
    text = "they say that the product Kraken Zorvex is still rather unknown but Melvo sells well"
    start = text.index("Kraken")
    assert [one.text for one in find_unlisted_names(text, [(start, start + 6)])] == ["Melvo"]


def test_a_hostile_text_gives_few_short_names():
    text = " and ".join(f"Zor{'x' * at}vex" for at in range(200)) + " of " + " ".join(["Abcd"] * 400)
    found = find_unlisted_names(text, ())
    assert len(found) <= MOST
    assert all(len(one.text) <= 60 for one in found)
    assert find_unlisted_names("met \u202eZorvex\u200b here", ()) == [] or all(
        one.text.isprintable() for one in find_unlisted_names("met \u202eZorvex\u200b here", ())
    )


def test_a_sentence_holds_the_whole_name():
    text = "Zorvexa is one. A firm called Zorvex is another. Zorvex again."
    assert sentence_with(text, "Zorvex") == "A firm called Zorvex is another."
    assert sentence_with(text, "Orvex") == ""


def test_the_step_tells_them_beside_the_listed_ones():
    said = item("Broker Zorvex sues Kraken", "The lawyers of Zorvex speak for Kelda as well.")
    body = read([entities.make()], [said])[0]["entities"].body
    assert [one["id"] for one in body["found"]] == ["org:kraken"]
    assert body["unlisted"] == ["Zorvex", "Kelda"]
