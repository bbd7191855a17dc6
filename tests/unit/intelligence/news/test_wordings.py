"""Many rules asked of one text: what is found is what each of them finds alone."""

from __future__ import annotations

import re
import tomllib
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigie.intelligence.news.judging.phrase_matcher import PhraseMatcher, first_words

DATA = files("vigie.intelligence.news.judging").joinpath("data")
SUBJECTS = tomllib.loads(DATA.joinpath("subjects.toml").read_text(encoding="utf-8"))
WRITTEN = tomllib.loads(DATA.joinpath("wordings.toml").read_text(encoding="utf-8"))
RULES = {
    **SUBJECTS["topics"],
    **SUBJECTS["telling"],
    **WRITTEN["signs"],
    **WRITTEN["urgency"],
    **{f"{name} rule": every for name, every in WRITTEN["warning"].items()},
}
ALL = PhraseMatcher(RULES)
BORDERED = PhraseMatcher(RULES, edges=(r"\b", r"\b"))
# Words, and beginnings and ends of words, that the rules are written of, and what may stand between them.
WORDS = sorted(
    {word for every in RULES.values() for wording in every for word in re.findall("[a-z0-9]+", wording)}
)
PIECES = st.one_of(st.sampled_from(WORDS), st.sampled_from(["s", "ed", "up", "7", "٣", "_", "é", "x"]))
TEXTS = st.lists(
    st.tuples(PIECES, st.sampled_from([" ", " ", " ", "", "-", ". ", "%", " [", "] "])), max_size=12
).map(lambda pairs: "".join(word + gap for word, gap in pairs))


def alone(rules, said):
    hits = ((name, pattern.search(said)) for name, pattern in rules.patterns.items())
    return {name: hit.group() for name, hit in hits if hit is not None}


@given(TEXTS)
def test_what_is_found_together_is_what_each_rule_finds_alone(said):
    assert list(ALL.find(said).items()) == list(alone(ALL, said).items())
    assert BORDERED.find(said) == alone(BORDERED, said)


def test_every_rule_that_begins_with_letters_waits_for_them():
    asked = {
        name for name, every in RULES.items() if "" in {head for one in every for head in first_words(one)}
    }
    assert asked == set()


def test_a_rule_that_begins_with_a_sign_waits_for_it():
    assert first_words(r"\[?corrected\]") == {""}
    rules = PhraseMatcher({"one": [r"\[corrected\]", "sic"], "other": ["corrected"]})
    assert rules.find("a [corrected] story") == {"one": "[corrected]", "other": "corrected"}
    assert rules.find("a corrected story, sic") == {"one": "sic", "other": "corrected"}


@pytest.mark.parametrize(
    ("wording", "found"),
    [
        ("fake news", {r"fake\Z"}),
        ("etfs?", {"etf"}),
        ("hash ?rate", {"hash"}),
        ("giv(?:e|ing) ?away", {"giv"}),
        (r"(?:de)?list\w*", {"de", "list"}),
        ("(?:is|are) (?:false|fake)", {"is", "are"}),
        ("^(?:update|erratum)", {"update", "erratum"}),
        (r"\d+ ?%", {r"\d"}),
        ("bull|bear market", {r"bull\Z", r"bear\Z"}),
        (r"mt\.? gox", {"mt"}),
        (r"\[corrected\]", {r"\["}),
        (r"\w+ tokens", {""}),
        ("a?bc", {""}),
    ],
)
def test_a_wording_is_known_by_its_beginning(wording, found):
    assert first_words(wording) == found
