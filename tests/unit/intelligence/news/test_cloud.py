"""Words of a period: what stands out is what was not there before, and pairs stand for their words."""

from __future__ import annotations

import pytest

from vigie.intelligence.news.cloud import build_cloud
from vigie.intelligence.news.filler import is_filler

USUAL = ["Bitcoin price analysis for the week", "Bitcoin miners report revenue", "Ether price steady"] * 20


def test_what_is_new_stands_out_and_what_is_always_there_does_not():
    titles = [
        "Luna peg breaks as Bitcoin slides",
        "Luna peg not restored",
        "Bitcoin holds while Luna peg fails",
    ]
    titles += ["Who holds the Luna peg", "Luna peg, a chronicle", "Luna peg at a third"]
    found = {one.text: one for one in build_cloud(titles, USUAL)}
    assert found["Luna peg"].is_emerging
    assert (found["Luna peg"].count, found["Luna peg"].before) == (6, 0)
    assert "Luna" not in found, "a pair stands for words that stand nowhere else"
    assert not found["Bitcoin"].is_emerging
    assert "restored" not in found, "one headline is no trend"


def test_nothing_said_is_nothing():
    assert build_cloud([], USUAL) == []


def test_words_that_stand_in_headlines_of_anything_are_nobodys_trend():
    titles = [f"Simulated {name} must rise in an hour, dit {name}" for name in ("Luna", "Sol", "Tron")] * 3
    titles += ["Marché simulé : Luna gagne un million en une heure"] * 3
    shown = " ".join(one.text.casefold() for one in build_cloud(titles, USUAL)).split()
    assert not {"simulated", "simulé", "must", "hour", "heure", "dit", "million"} & set(shown)
    assert "luna" in shown


def test_who_tells_something_is_not_what_is_told():
    titles = [f"Luna peg breaks, Coinpost reports {name}" for name in ("Sol", "Tron", "Ada")]
    shown = " ".join(one.text for one in build_cloud(titles, USUAL, outlets=frozenset({"coinpost"})))
    assert "Luna" in shown
    assert "Coinpost" not in shown


@pytest.mark.parametrize(
    ("term", "expected"),
    [
        ("reportedly", True), ("latest", True), ("desormais", True), ("aujourd", True), ("january", True),
        ("price", True), ("crypto market", True), ("bear market", True), ("bitcoin price", False),
        ("first time", True), ("xa0", True), ("luna", False), ("sanctions", False), ("gouvernement", False),
    ],
)  # fmt: skip
def test_what_names_nothing_is_filler_and_a_subject_is_not(term, expected):
    assert is_filler(term) is expected
