"""The public function of holdings: what it refuses, and that it changes nothing around it."""

from __future__ import annotations

from decimal import getcontext

import pytest

import vigie
from vigie.domain.errors import UsageError

BTC = {"place": "A", "asset": "BTC"}
EVENTS = [
    {**BTC, "id": "b1", "at": "2024-01-10T12:00:00Z", "kind": "buy", "qty": "3", "cost": "100"},
    {**BTC, "id": "s1", "at": "2024-02-10T12:00:00Z", "kind": "sell", "qty": "1", "proceeds": "50"},
]


@pytest.mark.parametrize(
    ("case", "words"),
    [
        ({"ask": {"taxes": True}}, "ask must be one of"),
        ({"ask": {"lots": True}, "settings": {"method": "best"}}, "method must be one of"),
        ({"ask": {"lots": True}, "settings": {"pool": "some"}}, "pool must be one of"),
        ({"ask": {"lots": True}, "settings": {"zone": "Europe/Atlantis"}}, "zone must be a zone"),
        ({"ask": {"lots": True}, "settings": {"now": "today"}}, "now must be a time"),
        ({"ask": {"worth": "31.1.2024"}}, "a day must be written"),
        ({"ask": {"twr": ["2024-01-02", "2024-01-01"]}}, "second day must not be before"),
        ({"ask": {"xirr": "2024-01-01"}}, "two days are wanted"),
        ({"ask": {"lots": True}, "events": "b1"}, "events must be a list"),
        (
            {"ask": {"lots": True}, "prices": [{"asset": "BTC", "day": "2024-01-01", "price": "1e5"}]},
            "price must be",
        ),
        (
            {"ask": {"lots": True}, "rates": [{"cur": "USD", "day": "2024-01-01", "rate": "0"}]},
            "rate must be above 0",
        ),
        ({"ask": {"fr": True}, "settings": {"fr": {"scale": "yes"}}}, "scale must be true or false"),
    ],
)
def test_what_cannot_be_read_is_refused_in_words(case, words):
    with pytest.raises(UsageError, match=words):
        vigie.holdings(case)


def test_only_what_is_asked_is_answered_and_the_threads_arithmetic_neither_counts_nor_changes():
    context = getcontext()
    before = context.prec
    context.prec = 3
    try:
        found = vigie.holdings({"events": EVENTS, "ask": {"realised": True, "lots": True, "gaps": False}})
        assert context.prec == 3
    finally:
        context.prec = before
    assert found == {
        "realised": "16.66666667",
        "lots": [["b1", "BTC", "A", "2024-01-10", "2", "66.66666667"]],
    }
