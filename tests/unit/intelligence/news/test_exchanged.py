"""Facts of a release that a copy tells where the release tells others, by the words beside them."""

from __future__ import annotations

import pytest
from benchmarks.news import fit_copies

from tests.unit.intelligence.news.material import differences_found
from vigie.intelligence.news.facts.contradictions import contradiction_candidates
from vigie.intelligence.news.facts.fitted_weights import load_weights
from vigie.intelligence.news.facts.lexicon import find_hits
from vigie.intelligence.news.facts.statement import NewsStatement, parse_statement
from vigie.intelligence.news.facts.swapped_facts import swap_candidates

RELEASE = NewsStatement(
    "Authority fines Larkhill Brokers and warns about Ostrava Yield",
    "The authority has fined Larkhill Brokers Ltd 6.4 million euros for reports that reached it months late. Between "
    "May 2021 and June 2023 the firm failed to report 1,730 transactions of its clients. Its head of compliance, "
    "Marit Solberg, may not work in the sector for four years. Comments on the draft guidance close on 30 September "
    "2026, and the new rules take effect on 1 March 2027. In a separate matter, Ostrava Yield SA keeps 52,000 bitcoin "
    "in custody and has not been authorised; its founder, Pavel Dvorak, was sentenced to nine years in prison. "
    "Victims lost at least 87 million euros, of which 12 million have been recovered.",
    "2026-07-01",
)


def _differences(text: str, title: str = "Larkhill Brokers fined") -> list[tuple[str, str, str]]:
    found = differences_found(NewsStatement(title, text, "2026-07-02"), RELEASE)
    return [(one.kind, one.copy_says, one.release_says) for one in found]


@pytest.mark.parametrize(
    ("kind", "text", "words"),
    [
        ("name", "Marit Solberg was sentenced to nine years in prison.", ("Solberg", "Dvorak")),
        ("name", "La fondatrice Marit Solberg a été condamnée à neuf ans de prison.", ("Solberg", "Dvorak")),
        ("amount", "The firm failed to report 1,370 transactions of its clients.", ("1,370", "1,730")),
        ("amount", "Les victimes ont perdu au moins 78 millions d'euros.", ("78", "87")),
        ("amount", "Victims lost at least 12 million euros.", ("12 million", "87 million")),
        ("date", "Comments on the draft close on 30 October.", ("30 October", "30 September")),
        ("date", "The draft guidance is open for comments until 1 March 2027.", ("1 March", "30 September")),
    ],
)
def test_what_a_copy_tells_in_the_place_of_another_fact_is_named(kind, text, words):
    assert any(
        one == kind and words[0] in ours and words[1] in theirs for one, ours, theirs in _differences(text)
    )


@pytest.mark.parametrize(
    "text",
    [
        "The firm's 310 employees manage 4.2 billion euros from its office in Lille.",
        "Its shares lost 3.1 % on Thursday. A rival paid 9.5 million euros in February 2024.",
        "More than 1,700 transactions of clients went unreported.",
        "Comments close at the end of September; the rules take effect next March.",
        # What leaves out its unit has that of the figure before.
        "Of 87 million euros, some 12 have been recovered.",
        "Ostrava Yield keeps 52,000 coins for others.",
    ],
)
def test_context_roundings_and_figures_without_their_unit_differ_from_nothing(text):
    assert _differences(f"Larkhill Brokers must pay 6.4 million euros. {text}") == []


@pytest.mark.parametrize(
    ("words", "family"),
    [
        ("holds digital assets in custody for its clients", "custody"),
        ("cash deposits and withdrawals at the machines", "suspend"),
        ("retirer des billets aux automates", "suspend"),
        ("traders who lifted the price fourfold", "suspend"),
    ],
)
def test_words_with_several_meanings_tell_nothing_of_standing_beside_coins_and_prices(words, family):
    assert family not in {one.family for one in find_hits(words.split())}


@pytest.mark.parametrize(
    ("words", "family"),
    [
        ("he was taken into custody at the airport", "custody"),
        ("withdrew the licence of the firm", "suspend"),
        ("lifted the suspension of trading", "suspend"),
    ],
)
def test_the_same_words_tell_of_standing_beside_licences_and_orders(words, family):
    assert family in {one.family for one in find_hits(words.split())}


def test_what_is_shipped_weighs_features_that_are_told():
    text = (
        "Victims lost 78 million euros and Marit Solberg was not authorised. Comments close on 30 October. "
        "The firm has paid 6.4 million euros and reported 1,730 transactions."
    )
    copy, release = (
        parse_statement(NewsStatement("Larkhill Brokers", text, "2026-07-02")),
        parse_statement(RELEASE),
    )
    told: dict[str, set[str]] = {}
    for one in swap_candidates(copy, release):
        told.setdefault(one.model, set()).update(one.features)
    told["contradicted"] = {name for one in contradiction_candidates(copy, release) for name in one.features}
    assert set(told) == set(fit_copies.LEAST)
    for model, names in told.items():
        assert set(load_weights(model).weights) == names
        assert 0.0 < load_weights(model).least < 1.0


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Ostrava Yield, which keeps 52,000 bitcoin, has been authorised.", "authorised"),
        ("Its founder, Pavel Dvorak, was not sentenced to prison.", "sentenced"),
    ],
)
def test_parts_that_say_the_contrary_are_weighed_with_what_they_contradict(text, words):
    copy, release = (
        parse_statement(NewsStatement("Ostrava Yield", text, "2026-07-02")),
        parse_statement(RELEASE),
    )
    found = list(contradiction_candidates(copy, release))
    assert any(words in one.part.sentence.tokens.text for one in found)
    assert all(0.0 <= load_weights("contradicted").probability(one.features) <= 1.0 for one in found)


def test_a_part_that_tells_what_the_release_denies_is_named():
    kinds = {kind for kind, *_ in _differences("Ostrava Yield has been authorised and keeps 52,000 bitcoin.")}
    assert "negation" in kinds
