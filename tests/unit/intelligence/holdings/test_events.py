"""Rows that are refused, in the order of their codes; the same row twice; which event comes first."""

from __future__ import annotations

import pytest

from tests.unit.intelligence.holdings.stories import ask, row

GOOD = row("e", "2024-01-10", "buy", "1", cost="5")


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"at": "soon", "kind": "steal"}, "bad_time"),
        ({"at": None}, "bad_time"),
        ({"at": "2024-01-10"}, "bad_time"),
        ({"at": "9999-12-31T23:59:00-12:00"}, "bad_time"),
        ({"at": "2026-01-01T00:00:01Z", "kind": "steal"}, "future"),
        ({"kind": "steal", "qty": "x"}, "unknown_kind"),
        ({"kind": "gift", "way": "over"}, "unknown_kind"),
        ({"kind": "income", "sort": "luck"}, "unknown_kind"),
        ({"kind": "sell", "qty": "x"}, "bad_number"),
        ({"qty": None}, "bad_number"),
        ({"qty": 1}, "bad_number"),
        ({"qty": "-1"}, "bad_number"),
        ({"qty": "+1"}, "bad_number"),
        ({"qty": "1e3"}, "bad_number"),
        ({"qty": "1,5"}, "bad_number"),
        ({"qty": "Infinity"}, "bad_number"),
        ({"qty": "٣"}, "bad_number"),
        ({"qty": "1.0000000000000000001"}, "bad_number"),
        ({"qty": "1000000000000000000"}, "bad_number"),
        ({"qty": "0.000"}, "bad_number"),
        ({"cost": "-5"}, "bad_number"),
        ({"cost": {"amount": "NaN", "cur": "USD"}}, "bad_number"),
        ({"fee": {"asset": "BNB", "qty": "0"}}, "bad_number"),
        ({"fee": {"amount": "=1+1", "cur": "EUR"}}, "bad_number"),
        ({"kind": "swap", "to_asset": "ETH"}, "bad_number"),
        ({"kind": "sell"}, "no_proceeds"),
        ({"kind": "transfer", "to_place": "A"}, "same_place"),
        ({"kind": "transfer"}, "same_place"),
    ],
)
def test_a_bad_row_has_the_first_code_that_holds(changed, code):
    found = ask([{**GOOD, **changed}], "refused", "lots", now="2026-01-01T00:00:00Z")
    assert found == {"refused": [["e", code]], "lots": []}


@pytest.mark.parametrize("qty", ["999999999999999999.999999999999999999", "0.000000000000000001", "007"])
def test_the_largest_and_the_smallest_quantity_are_booked(qty):
    assert ask([{**GOOD, "qty": qty}], "refused") == []


def test_what_happens_now_is_not_in_the_future_and_without_a_now_nothing_is():
    assert ask([GOOD], "refused", now="2024-01-10T12:00:00Z") == []
    assert ask([{**GOOD, "at": "2100-01-01T00:00:00Z"}], "refused") == []


def test_the_same_content_is_one_event_however_it_is_written():
    again = {**GOOD, "qty": "1.0", "at": "2024-01-10T13:00:00+01:00"}
    assert ask([GOOD, again, GOOD], "refused", "lots") == {
        "refused": [],
        "lots": [["e", "BTC", "A", "2024-01-10", "1", "5"]],
    }


def test_a_duplicate_and_a_refused_row_are_told_once_and_a_refused_row_takes_no_id():
    other, bad = {**GOOD, "cost": "6"}, {**GOOD, "qty": "-1"}
    assert ask([GOOD, other, GOOD, other], "refused") == [["e", "duplicate_id"]]
    assert ask([bad, bad, GOOD], "refused", "lots") == {
        "refused": [["e", "bad_number"]],
        "lots": [["e", "BTC", "A", "2024-01-10", "1", "5"]],
    }


def test_inside_one_time_coins_come_in_move_are_swapped_and_go_out():
    day = "2024-01-10"
    events = [
        row("a", day, "sell", "10", place="B", asset="ETH", proceeds="300"),
        row("b", day, "swap", "1", place="B", to_asset="ETH", to_qty="10", value="200"),
        row("c", day, "transfer", "1", to_place="B"),
        row("d", day, "gift", "1", way="in", value="100"),
    ]
    assert ask(events, "gaps", "realised") == {"gaps": [], "realised": "200"}


def test_the_venues_sequence_goes_before_the_kind():
    day = "2024-01-10"
    events = [row("a", day, "buy", "1", cost="5", seq=2), row("b", day, "sell", "1", proceeds="5", seq="1")]
    assert ask(events, "gaps") == [["b", "BTC", "A", "1"]]
