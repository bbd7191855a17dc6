"""Names in public headlines: how told and marked names are compared, and the floor of what is found."""

from __future__ import annotations

import pytest
from benchmarks.news import names
from benchmarks.news.names import Name


def test_a_name_counts_where_both_readers_marked_it():
    first = [Name(0, 7, "coin"), Name(10, 15, "place"), Name(20, 30, "company")]
    second = [Name(0, 7, "protocol"), Name(22, 30, "company"), Name(40, 45, "person")]
    assert names.agreed(first, second) == [first[0], first[2]]


def test_what_is_told_is_right_wrong_or_without_weight():
    known = [Name(0, 7, "coin"), Name(20, 30, "company"), Name(40, 45, "person"), Name(50, 55, "other")]
    expected = known[:2]
    told = [
        Name(0, 7, "coin"),  # right
        Name(20, 30, "person"),  # another kind than any reader's
        Name(40, 45, "person"),  # one reader alone
        Name(50, 55, "org"),  # a name that does not count
        Name(60, 65, "org"),  # nobody marked it
    ]
    assert names.counts(told, expected, known) == (2, 1, 3, 2)


@pytest.mark.shared
def test_names_of_public_headlines_are_found():
    both = names.measure().scores[0]
    assert both.expected > 400
    assert both.recall[0] >= 0.85
    assert both.precision[0] >= 0.97
