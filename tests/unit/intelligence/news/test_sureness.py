"""What rules find in copies of releases is shown where it is sure, and else keeps a copy from being confirmed."""

from __future__ import annotations

import pytest

from tests.unit.intelligence.news.material import differences_found
from vigie.intelligence.news.facts.comparison import compare_statements
from vigie.intelligence.news.facts.confidence import confidence_features, is_confident
from vigie.intelligence.news.facts.fitted_weights import FittedWeights, load_weights
from vigie.intelligence.news.facts.statement import NewsStatement, parse_statement

RELEASE = NewsStatement(
    "Authority fines Larkhill Brokers and warns about Ostrava Yield",
    "The authority has fined Larkhill Brokers Ltd 6.4 million euros for reports that reached it months late. Between "
    "May 2021 and June 2023 the firm failed to report 1,730 transactions of its clients. In a separate matter, Ostrava "
    "Yield SA keeps 52,000 bitcoin in custody; its founder, Pavel Dvorak, was sentenced to nine years in prison. "
    "Victims lost at least 87 million euros, of which 12 million have been recovered. The actual net assets of "
    "funds stood at 6 214 million euros on 30 September.",
    "2026-07-01",
)


def _said(text: str) -> NewsStatement:
    return NewsStatement("Larkhill Brokers fined", text, "2026-07-02")


def test_what_is_sure_is_named():
    found = compare_statements(_said("The firm failed to report 1,370 transactions of its clients."), RELEASE)
    assert found.outcome == "differs"
    assert any("1,370" in one.copy_says for one in found.differences)


def test_what_is_not_sure_is_held_against_nobody_and_confirms_nothing():
    copy = _said("Victims lost at least 12 million euros.")
    assert differences_found(copy, RELEASE)
    found = compare_statements(copy, RELEASE)
    assert (found.outcome, found.differences) == ("unproven", ())
    assert any("12 million" in said for said in found.unproven)


@pytest.mark.parametrize("rule", ["direction", "turned", "told"])
def test_rules_that_accuse_as_much_as_they_find_need_a_second_one(rule):
    model = FittedWeights(5.0, {}, 0.9)
    assert not is_confident({f"rule {rule}": 1.0, "seconded": 0.0}, model)
    assert is_confident({f"rule {rule}": 1.0, "seconded": 1.0}, model)


def test_what_is_shipped_weighs_features_that_are_told():
    copy = _said("The firm failed to report 1,370 transactions. Victims lost 78 million euros by 12 October.")
    found = differences_found(copy, RELEASE)
    told = confidence_features(found, parse_statement(copy), parse_statement(RELEASE))
    assert found
    assert {name for features in told for name in features} <= set(load_weights("sure").weights)
    assert 0.0 < load_weights("sure").least < 1.0


@pytest.mark.parametrize(
    "text",
    [
        # No day of a month, and one letter more is no other name.
        "Les fonds géraient fin septembre 6 214 millions d'euros.",
        "Larkhill Broker was fined 6.4 million euros.",
    ],
)
def test_amounts_after_months_and_plurals_differ_from_nothing(text):
    assert not [one for one in differences_found(_said(text), RELEASE) if one.kind in ("date", "name")]
