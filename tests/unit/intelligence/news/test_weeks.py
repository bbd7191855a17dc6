"""Stories of whole weeks of public news against two readers: weeks that rules are made on keep what was reached."""

from __future__ import annotations

import pytest
from benchmarks.news import relevance_weeks, weeks

from tests.shared import shared_dir


def test_labels_name_headlines_by_hash_alone():
    rows = weeks.labels()
    assert len(rows) == 5_771
    assert {one.part for one in rows} == {"tune", "later", "report"}
    assert all(len(one.headline) == 16 and int(one.headline, 16) >= 0 for one in rows)


def test_pairs_are_scored_with_their_intervals():
    told = weeks.pairs_of({"a": "1", "b": "1", "c": "2", "d": "2"})
    expected = weeks.pairs_of({"a": "1", "b": "1", "c": "1", "d": "3"})
    found = weeks.scored("x", told, expected, set(), 4)
    assert (found.precision[0], found.recall[0]) == (0.5, pytest.approx(1 / 3))
    assert found.precision[1] <= 0.5 <= found.precision[2]


def test_stories_of_the_weeks_that_rules_are_made_on_keep_what_they_reached():
    shared_dir()
    both = weeks.measure(("tune",))[0]
    assert both.precision[0] >= 0.84
    assert both.recall[0] >= 0.5


def test_hardly_anything_plainly_relevant_is_hidden_and_general_outlets_are_as_precise():
    shared_dir()
    found = relevance_weeks.read_weeks("tune")
    assert found.relevant > 850
    assert found.hidden <= 0.005 * found.relevant
    general, before = relevance_weeks.read_general(), relevance_weeks.read_general(has_prior=False)
    assert (general.relevant, general.other) == (64, 9)
    assert general.shown <= before.shown
    assert general.hidden <= before.hidden
