"""Trades made of fills elsewhere, against examples worked by hand."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.services.outside.fills import fill
from vigie.services.outside.round_trips import round_trips


def test_one_entry_and_one_exit_are_a_trade():
    (trip,) = round_trips([fill("buy", "0.5", "60000", 0), fill("sell", "0.5", "61000", 5)])
    assert (trip.state, trip.side, trip.qty, trip.entry, trip.exit) == (
        "closed", "long", Decimal("0.5"), Decimal(60_000), Decimal(61_000)
    )  # fmt: skip
    # 0.5 * (61,000 - 60,000)
    assert trip.pnl == 500
    assert (trip.ts_closed - trip.ts_opened, trip.left) == (300_000, 0)


def test_entries_are_averaged_and_the_result_of_a_closed_trade_is_exact():
    fills = [fill("buy", "1", "100", 0), fill("buy", "2", "101", 1), fill("sell", "3", "102", 2)]
    (trip,) = round_trips(fills)
    # (100 + 202) / 3 = 100.666...; 306 - 302 = 4, whatever the average is rounded to.
    assert trip.entry == Decimal("100.666666666667")
    assert trip.pnl == 4


def test_an_open_trade_tells_what_its_closed_part_made_at_the_average_entry():
    fills = [fill("sell", "1", "100", 0), fill("sell", "3", "104", 1), fill("buy", "2", "99", 2)]
    (trip,) = round_trips(fills)
    # Average entry (100 + 312) / 4 = 103; first in, first out would say 1 + 5 = 6 instead of 2 * 4 = 8.
    assert (trip.state, trip.side, trip.left, trip.entry, trip.pnl) == ("open", "short", 2, 103, 8)
    assert trip.ts_closed is None


def test_after_a_part_was_closed_further_entries_change_the_average_of_the_rest_only():
    fills = [fill("buy", "2", "100", 0), fill("sell", "1", "110", 1), fill("buy", "1", "120", 2),
             fill("sell", "1", "130", 3)]  # fmt: skip
    (trip,) = round_trips(fills)
    # 10 at the average of 100; the rest (100 + 120) / 2 = 110, so 20 more.
    assert trip.pnl == 30


def test_a_fill_that_turns_a_position_round_ends_one_trade_and_begins_another():
    fills = [
        fill("buy", "1", "100", 0),
        fill("sell", "3", "110", 1, fee=Decimal("0.3")),
        fill("buy", "2", "100", 2),
    ]
    second, first = round_trips(fills)
    assert (first.side, first.qty, first.pnl, first.fees) == ("long", 1, 10, {"USDT": Decimal("0.1")})
    assert (second.side, second.qty, second.pnl, second.fees) == ("short", 2, 20, {"USDT": Decimal("0.2")})
    assert set(first.fills) & set(second.fills) == {fills[1].key}


def test_fees_are_told_by_currency_and_stay_out_of_the_result():
    fills = [fill("buy", "1", "100", 0, fee=Decimal("0.001"), fee_currency="BNB"),
             fill("sell", "1", "100", 1, fee=Decimal("0.05"))]  # fmt: skip
    (trip,) = round_trips(fills)
    assert (trip.pnl, trip.fees) == (0, {"BNB": Decimal("0.001"), "USDT": Decimal("0.05")})


@pytest.mark.parametrize("tells_positions", [False, True])
def test_a_fee_in_the_coin_that_was_bought_is_no_part_of_the_position(tells_positions):
    """Spot venues take it so: what is left is sold, and the trade is over."""
    spot = {"venue": "hyperliquid-spot", "instrument": "hype-usdc-spot", "fee_currency": "USDC"}
    rows = [
        fill("buy", "1", "100", 0, **spot),
        fill("buy", "3", "104", 1, **spot),
        fill("sell", "3.996", "110", 2, **spot, fee=Decimal("0.5")),
    ]
    for number, fee, before in ((0, "0.001", "0"), (1, "0.003", "0.999"), (2, "0.5", "3.996")):
        told = {"position_before": Decimal(before)} if tells_positions else {}
        currency = "USDC" if number == 2 else "HYPE"
        rows[number] = replace(rows[number], fee=Decimal(fee), fee_currency=currency, **told)
    (trip,) = round_trips(rows)
    assert (trip.state, trip.left, trip.entry) == ("closed", 0, Decimal(103))
    # 412 were paid in all and 439.56 received: the coins that the venue kept are in it.
    assert (trip.pnl, trip.fees) == (Decimal("27.56"), {"USDC": Decimal("0.5")})
    (part,) = round_trips([rows[0], replace(rows[2], qty=Decimal("0.333"), position_before=None)])
    assert (part.state, part.left, part.pnl) == ("open", Decimal("0.666"), Decimal("3.296666666667"))


def test_a_fee_in_another_coin_or_of_a_contract_stays_out_of_the_position():
    for changes in ({"fee_currency": "BNB", "instrument": "btc-usdt-spot"}, {"fee_currency": "BTC"}):
        rows = [
            fill("buy", "1", "100", 0, fee=Decimal("0.001"), **changes),
            fill("sell", "1", "110", 1, **changes),
        ]
        (trip,) = round_trips(rows)
        assert (trip.state, trip.pnl) == ("closed", Decimal(10))
        assert trip.fees == {changes["fee_currency"]: Decimal("0.001")}


def test_markets_and_venues_are_counted_apart():
    fills = [fill("buy", "1", "100", 0), fill("sell", "1", "110", 1, venue="bitget-perp")]
    assert {(trip.venue, trip.side, trip.state) for trip in round_trips(fills)} == {
        ("binance-perp", "long", "open"), ("bitget-perp", "short", "open"),
    }  # fmt: skip


def test_a_trade_whose_begin_is_missing_has_no_result():
    fills = [
        fill("sell", "1", "110", 0, position_before=Decimal(3)),
        fill("sell", "2", "111", 1, position_before=Decimal(2)),
        fill("buy", "1", "100", 2, position_before=Decimal(0)),
        fill("sell", "1", "101", 3, position_before=Decimal(1)),
    ]
    whole, part = round_trips(fills)
    assert (part.state, part.side, part.pnl, part.entry) == ("incomplete", "long", None, None)
    assert (whole.state, whole.pnl) == ("closed", 1)


def test_a_hole_between_fills_ends_what_is_known():
    fills = [fill("buy", "1", "100", 0, position_before=Decimal(0)),
             fill("sell", "2", "120", 9, position_before=Decimal(2))]  # fmt: skip
    assert [(trip.state, trip.pnl) for trip in round_trips(fills)] == [("incomplete", None)] * 2


def test_fills_of_one_time_are_ordered_by_the_positions_that_they_tell():
    fills = [
        fill("buy", "1", "101", 0, position_before=Decimal(1), key="b" * 16),
        fill("buy", "1", "100", 0, position_before=Decimal(0), key="a" * 16),
        fill("sell", "2", "103", 1, position_before=Decimal(2)),
    ]
    # Nothing is known before the first: what it tells first is a position of which fills are missing.
    trips = round_trips([fill("buy", "1", "90", -2, position_before=Decimal(0)),
                         fill("sell", "1", "91", -1, position_before=Decimal(1)), *fills])  # fmt: skip
    assert [(trip.state, trip.pnl) for trip in trips] == [("closed", 5), ("closed", 1)]


def test_an_entry_that_only_a_file_holds_joins_the_exit_that_an_address_tells():
    entry = fill("buy", "1", "100", 0)
    leaving = fill("sell", "1", "110", 5, position_before=Decimal(1), address="a1")
    (trip,) = round_trips([entry, leaving])
    assert (trip.state, trip.pnl) == ("closed", 10)
    # Of another account: its position does not follow from the file's.
    elsewhere = fill("sell", "1", "110", 5, position_before=Decimal(7), address="a1")
    assert [one.state for one in round_trips([entry, elsewhere])] == ["incomplete", "open"]


def test_a_grid_that_is_never_flat_costs_as_much_per_fill_as_any():
    """The cost of what is left has as many digits after thousands of fills as after some."""
    fills = [
        fill(
            "buy" if number % 2 == 0 else "sell",
            f"{1 + (number % 2 == 0)}.{number * 7919 % 10**8:08d}",
            f"60000.{number % 97}",
            number,
        )
        for number in range(400)
    ]
    (trip,) = round_trips(fills)
    exact, cost, left = Fraction(0), Fraction(0), Fraction(0)
    for one in fills:
        value, qty = Fraction(one.qty * one.price), Fraction(one.qty)
        if one.side == "buy":
            cost, left = cost + value, left + qty
        else:
            exact, cost, left = exact + value - cost * qty / left, cost * (1 - qty / left), left - qty
    assert abs(Fraction(trip.pnl) - exact) <= Fraction(1, 2 * 10**12)


AMOUNTS = st.integers(1, 10**16).map(lambda units: Decimal(units).scaleb(-8))


@given(st.lists(st.tuples(st.sampled_from(["buy", "sell"]), AMOUNTS, AMOUNTS, AMOUNTS), max_size=12))
def test_nothing_is_lost_or_made(rows):
    """What all trades made, and the cost of what is left, is what was bought and sold; so with fees and quantities."""
    fills = [
        fill(side, str(qty), str(price), minute, fee=fee)
        for minute, (side, qty, price, fee) in enumerate(rows)
    ]
    trips = round_trips(fills)
    paid = sum((Fraction(fee) for _, _, _, fee in rows), Fraction(0))
    assert sum((Fraction(fee) for trip in trips for fee in trip.fees.values()), Fraction(0)) == paid
    left = sum((trip.left if trip.side == "long" else -trip.left for trip in trips), Decimal(0))
    assert left == sum((one.signed_qty for one in fills), Decimal(0))
    if not left:
        cash = sum((Fraction(one.signed_qty) * -Fraction(one.price) for one in fills), Fraction(0))
        assert sum((Fraction(trip.pnl) for trip in trips), Fraction(0)) == cash
