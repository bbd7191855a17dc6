"""What is read faster than it is written down says the same: models together, wordings by their words, plain texts."""

from __future__ import annotations

import math
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigie.intelligence.news.judging import ngrams, topic_rules, wording_signs
from vigie.intelligence.news.judging.gram_scorer import Block, GramScorer
from vigie.intelligence.news.judging.linear_model import GRAMS, SHIPPED, LinearModel, shipped_model
from vigie.intelligence.news.judging.phrase_matcher import PhraseMatcher
from vigie.intelligence.news.judging.rows import shipped_rows
from vigie.intelligence.news.reading import numbers, words
from vigie.intelligence.news.word_cache import WordCache

TITLES = [row.title for row in shipped_rows()[::9]]
HARD = ["", "?", "zzz qqq", "the the the bank bank sues", "Zürich: œuvre à 1,2 milliard €!", "£5 3% 10 usd 7"]
PIECES = st.sampled_from(
    ["SEC", "denies", "Q3", "3", "1,2", "milliard", "%", " ", " ", "-", "_", "é", "\u0301", "ſ1", "a1", "T4", "/", ".",
     "$", "6/20", "giveaway", "free", "not", "correction", "\n", "²", "bn", "'", "’", "x" * 70]
)  # fmt: skip
TEXTS = st.lists(PIECES, max_size=14).map("".join)
ALL_WORDINGS = (
    wording_signs._LURES,
    wording_signs._CONTRADICTS,
    wording_signs._URGENCY,
    wording_signs._WARNS,
    topic_rules._MARKS,
)


def plainly(model: LinearModel, text: str) -> np.ndarray:
    """What the grams of a text say, written as the card of the model says it."""
    total = np.zeros(len(model.labels))
    for block in model.blocks:
        places = {gram: place for place, gram in enumerate(block.grams)}
        known = {gram: often for gram, often in GRAMS[block.kind](text).items() if gram in places}
        rarity, weights = block.rarity.astype(np.float64), block.weights.astype(np.float64)
        values = {gram: (1.0 + math.log(often)) * rarity[places[gram]] for gram, often in known.items()}
        length = math.sqrt(math.fsum(value**2 for value in values.values()))
        for gram, value in values.items():
            total += value * weights[places[gram]] / length
    return total


@pytest.mark.parametrize("name", SHIPPED)
def test_models_that_read_together_say_what_each_says_alone(name: str):
    model = shipped_model(name)
    alone = GramScorer([model.blocks]).reader(0)
    for text in [*TITLES, *HARD]:
        expected = plainly(model, text)
        np.testing.assert_allclose(model.gram_logits(text), expected, rtol=1e-9, atol=1e-12)
        np.testing.assert_allclose(alone(text), expected, rtol=1e-9, atol=1e-12)


def test_a_shipped_model_takes_the_room_of_its_file_and_no_more():
    for block in (block for name in SHIPPED for block in shipped_model(name).blocks):
        assert (block.rarity.dtype, block.weights.dtype) == (np.float32, np.float16)
    scorer = GramScorer([shipped_model(name).blocks for name in SHIPPED])
    assert (scorer._rarity.dtype, scorer._weights.dtype) == (np.float32, np.float16)


def test_a_model_that_knows_nothing_of_a_text_says_nothing_beside_one_that_does():
    one = Block("words", {"bank": 0}, np.array([2.0]), np.array([[1.0, -1.0]]))
    other = Block("words", {"court": 0, "bank court": 1}, np.array([1.0, 3.0]), np.array([[0.5], [2.0]]))
    both = GramScorer([[one], [other]])
    assert both.reader(0)("bank").tolist() == [1.0, -1.0]
    assert both.reader(1)("bank").tolist() == [0.0]
    assert both.reader(1)("bank court")[0] == pytest.approx((0.5 + 3.0 * 2.0) / math.sqrt(10.0))
    both.cache_clear()
    assert both.logits("nothing known").tolist() == [0.0, 0.0, 0.0]


@given(TEXTS)
def test_wordings_are_found_as_by_searching_for_every_rule(text: str):
    said = wording_signs.normalise_text(text)
    for every in ALL_WORDINGS:
        hits = {name: pattern.search(said) for name, pattern in every.patterns.items()}
        expected = {name: hit.group() for name, hit in hits.items() if hit is not None}
        assert list(every.find(said).items()) == list(expected.items())


def test_wordings_of_real_headlines_are_found_as_by_searching_for_every_rule():
    found: set[str] = set()
    for title in (row.title for row in shipped_rows()):
        said = wording_signs.normalise_text(title)
        for every in ALL_WORDINGS:
            hits = {name: pattern.search(said) for name, pattern in every.patterns.items()}
            expected = {name: hit.group() for name, hit in hits.items() if hit is not None}
            assert list(every.find(said).items()) == list(expected.items())
            found.update(expected)
    assert {"denial", "regulation"} <= found


def test_a_rule_that_holds_twice_names_what_stands_first_and_nothing_inside_of_words():
    rules = PhraseMatcher({"one": (r"free \w+", "win"), "any": (r"\w+ing",)})
    assert rules.find("winner win free coins") == {"one": "win"}
    assert rules.find("free coins win staking") == {"one": "free coins", "any": "staking"}
    assert rules.find("carefree coins") == {}


@given(TEXTS)
def test_numbers_are_what_they_were_when_every_place_was_looked_at(text: str):
    before = re.compile(
        numbers._NUMBER.pattern.replace(r"\d(?<![^\W_]\d)\d{0,14}", r"(?<![^\W_])\d{1,15}", 1), re.IGNORECASE
    )
    assert before.pattern != numbers._NUMBER.pattern
    for old, new in (
        (before, numbers._NUMBER),
        (re.compile(r"\b[QHTS][1-4]\b", re.IGNORECASE), numbers._PERIOD),
    ):
        assert [hit.span() for hit in new.finditer(text)] == [hit.span() for hit in old.finditer(text)]
    if not any(map(str.isdigit, text)):
        assert numbers.numbers(text) == frozenset()


@given(TEXTS)
def test_words_of_plain_texts_are_those_of_any_text(text: str):
    plain = text.encode("ascii", "ignore").decode()
    spans = [hit.span() for hit in words._WORD.finditer(plain) if hit.end() - hit.start() <= 64]
    found = words.tokenize(plain)
    assert list(zip(found.starts, found.ends, strict=True)) == spans
    assert found.raw == [plain[start:end] for start, end in spans]
    assert found.folded == [words.fold(word) for word in found.raw]


@given(TEXTS)
def test_words_of_headlines_without_figures_are_those_of_any_headline(text: str):
    kinds = {"money": ngrams.MONEY, "share": ngrams.SHARE, "number": ngrams.NUMBER}
    expected = [
        kinds.get(hit.lastgroup, hit.group()) for hit in ngrams._PIECE.finditer(ngrams.fold_text(text))
    ]
    assert list(ngrams.split_words(text)) == expected


@given(TEXTS)
def test_who_shouts_is_heard(text: str):
    if wording_signs._SHOUTS.search(text):
        assert wording_signs._MAY_SHOUT.search(text)


def test_what_is_known_of_a_word_is_asked_once_and_forgotten_when_there_is_no_room():
    asked: list[str] = []

    def length(word: str) -> int:
        asked.append(word)
        return len(word)

    known = WordCache(length, max_words=2)
    assert [known[word] for word in ("a", "bb", "a", "bb")] == [1, 2, 1, 2]
    assert asked == ["a", "bb"]
    assert known["ccc"] == 3
    assert (list(known), known["a"], asked) == (["ccc"], 1, ["a", "bb", "ccc", "a"])
