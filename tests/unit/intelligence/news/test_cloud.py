"""Words of a period: what stands out is what was not there before, and longer terms stand for their words."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from vigie.intelligence.news.cloud import NamingHeadline, build_cloud
from vigie.intelligence.news.filler import word_kind
from vigie.intelligence.news.gazetteer.linking import link_entities
from vigie.intelligence.news.gazetteer.lookup import packaged_gazetteer


def naming(*titles):
    """Return headlines with whom they name."""
    return [
        NamingHeadline(
            title, [(name.start, name.end) for name in link_entities(packaged_gazetteer(), title, "")]
        )
        for title in titles
    ]


USUAL = (
    naming("Bitcoin price analysis for the week", "Bitcoin miners report revenue", "Ether price steady") * 20
)


def shown_words(*titles, **more):
    """Return the words that are shown of some headlines."""
    return [word.text for word in build_cloud(naming(*titles), USUAL, **more)]


def test_what_is_new_stands_out_and_what_is_always_there_does_not():
    titles = [
        "Zorro peg breaks as Bitcoin slides",
        "Zorro peg not restored",
        "Bitcoin holds while Zorro peg fails",
    ]
    titles += ["Who holds the Zorro peg", "Zorro peg, a chronicle", "Zorro peg at a third", "A Zorro peg"]
    found = {word.text: word for word in build_cloud(naming(*titles), USUAL)}
    assert found["Zorro peg"].is_emerging
    assert (found["Zorro peg"].count, found["Zorro peg"].before) == (7, 0)
    assert "Zorro" not in found, "a pair stands for words that stand nowhere else"
    assert not found["Bitcoin"].is_emerging
    assert "restored" not in found, "one headline is no trend"


def test_readers_of_the_same_weeks_judged_the_same_words():
    by_weeks = {}
    for file in sorted((Path(__file__).parents[3] / "data" / "mood_words").glob("reader-*.jsonl")):
        answers = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
        assert all(set(answer) == {"names", "week", "word"} for answer in answers)
        words = {(answer["week"], answer["word"]) for answer in answers}
        assert len(words) == len(answers) > 0
        by_weeks.setdefault(frozenset(week for week, _ in words), []).append(words)
    assert [len(readers) for readers in by_weeks.values()] == [2, 2]
    assert all(readers[0] == readers[1] for readers in by_weeks.values())


def test_nothing_said_is_nothing():
    assert build_cloud([], USUAL) == []


def test_words_that_stand_in_headlines_of_anything_are_nobodys_trend():
    titles = [f"Simulated {name} must rise in an hour, dit {name}" for name in ("Luna", "Sol", "Tron")] * 3
    titles += ["Marché simulé : Luna gagne un million en une heure"] * 3
    shown = " ".join(shown_words(*titles)).casefold().split()
    assert not {"simulated", "simulé", "must", "hour", "heure", "dit", "million"} & set(shown)
    assert "luna" in shown


def test_who_tells_something_is_not_what_is_told():
    titles = [f"Zorro breaks, Coinpost reports {name}" for name in ("Sol", "Tron", "Ada")]
    shown = " ".join(shown_words(*titles, outlets=frozenset({"coinpost"})))
    assert "Zorro" in shown
    assert "Coinpost" not in shown


def test_a_name_is_shown_whole_and_never_a_part_of_it():
    titles = [
        "Cathie Wood buys",
        "Why Cathie Wood sells",
        "World Bank warns Cathie Wood",
        "The World Bank on Chad",
    ]
    assert shown_words(*titles) == ["Cathie Wood", "World Bank"]


def test_a_listed_name_that_is_an_ordinary_word_is_shown_where_it_is_the_name():
    assert word_kind("stellar") == "vague"
    assert shown_words("Stellar joins a pilot", "Why Stellar pauses") == ["Stellar"]
    assert shown_words("A stellar year begins", "Not a stellar month") == []


def test_a_ticker_behind_its_sign_is_a_name():
    assert shown_words("$NEAR jumps again", "Why $NEAR falls") == ["NEAR"]


def test_a_word_that_leads_names_something_only_before_another():
    assert "Canadian" in shown_words("Canadian crypto dealer", "A Canadian crypto fund")
    assert "Canadian crypto" not in shown_words("Canadian crypto dealer", "A Canadian crypto fund")
    assert "crypto mining" in shown_words("A ban on crypto mining", "Why crypto mining")


@pytest.mark.parametrize(
    ("term", "kind"),
    [
        ("reportedly", "filler"), ("latest", "filler"), ("desormais", "filler"), ("aujourd", "filler"),
        ("january", "filler"), ("price", "filler"), ("efforts", "filler"), ("xa0", "filler"), ("bank", "vague"),
        ("crypto", "leading"), ("bear market", "notion"), ("banque centrale", "notion"), ("luna", ""),
        ("sanctions", ""), ("inflation", ""),
    ],
)  # fmt: skip
def test_what_names_nothing_is_listed_and_a_subject_is_not(term, kind):
    assert word_kind(term) == kind
