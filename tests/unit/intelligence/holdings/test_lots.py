"""Lots, disposals and fees beyond the cases of the contract, small enough for a calculator."""

from __future__ import annotations

from tests.unit.intelligence.holdings.stories import ask, closes, row

BOUGHT = [row("b1", "2024-01-10", "buy", "1", cost="1000"), row("b2", "2024-01-20", "buy", "1", cost="2000")]


def test_a_lot_moved_in_two_parts_is_one_lot_again():
    moved = [row(f"t{at}", f"2024-02-0{at}", "transfer", "0.5", to_place="B") for at in (1, 2)]
    assert ask([BOUGHT[0], *moved], "lots") == [["b1", "BTC", "B", "2024-01-10", "1", "1000"]]


def test_lifo_takes_the_youngest_by_age_and_not_by_arrival():
    moved = row("t1", "2024-02-01", "transfer", "1", to_place="B")
    events = [*BOUGHT, row("b3", "2024-01-25", "buy", "1", place="B", cost="3000"), moved]
    sale = row("s1", "2024-03-01", "sell", "1", place="B", proceeds="1")
    assert ask([*events, sale], "lots", method="lifo") == [
        ["b1", "BTC", "A", "2024-01-10", "1", "1000"],
        ["b2", "BTC", "B", "2024-01-20", "1", "2000"],
    ]


def test_hifo_goes_on_with_the_dearest_after_a_part_of_a_lot_was_taken():
    sales = [row(f"s{at}", f"2024-02-0{at}", "sell", "0.5", proceeds="1000") for at in (1, 2, 3)]
    assert ask([*BOUGHT, *sales], "lots", method="hifo") == [["b1", "BTC", "A", "2024-01-10", "0.5", "500"]]


def test_a_named_lot_that_is_smaller_gives_what_it_has_and_is_noted():
    sale = row("s1", "2024-03-01", "sell", "1.5", proceeds="3000", lots=[{"lot": "b2", "qty": "1.2"}])
    found = ask([*BOUGHT, sale], "notes", "lots", method="specific")
    assert found == {
        "notes": [["s1", "lot_not_held"]],
        "lots": [["b1", "BTC", "A", "2024-01-10", "0.5", "500"]],
    }


def test_names_count_only_where_lots_are_named():
    sale = row("s1", "2024-03-01", "sell", "1", proceeds="3000", lots=[{"lot": "b2", "qty": "1"}])
    assert ask([*BOUGHT, sale], "realised", "notes") == {"realised": "2000", "notes": []}


def test_an_average_moves_with_its_coins():
    events = [*BOUGHT, row("t1", "2024-02-01", "transfer", "1", to_place="B")]
    assert ask(events, "lots", method="average") == [
        ["pool", "BTC", "A", None, "1", "1500"],
        ["pool", "BTC", "B", None, "1", "1500"],
    ]


def test_over_all_places_a_transfer_moves_nothing_but_its_fee():
    moved = row("t1", "2024-02-01", "transfer", "5", to_place="B", fee={"asset": "BTC", "qty": "0.5"})
    found = ask([*BOUGHT, moved], "lots", "gaps", "gains", pool="all")
    assert found["gaps"] == []
    assert found["gains"] == [["t1", "fee", "BTC", "0.5", "0", "500", "-500"]]
    assert [lot[2] for lot in found["lots"]] == ["", ""]


def test_an_unknown_lot_and_a_gap_are_one_row_and_known_parts_another():
    events = [
        BOUGHT[0],
        row("b2", "2024-01-20", "buy", "1"),
        row("s1", "2024-03-01", "sell", "4", proceeds="400"),
    ]
    assert ask(events, "gains", "gaps") == {
        "gains": [
            ["s1", "sell", "BTC", "1", "100", "1000", "-900"],
            ["s1", "sell", "BTC", "3", "300", None, None],
        ],
        "gaps": [["s1", "BTC", "A", "2"]],
    }


def test_the_last_part_takes_the_rest_of_the_proceeds():
    events = [*BOUGHT, row("s1", "2024-03-01", "sell", "3", proceeds="100")]
    rows = ask(events, "gains")
    assert [one[4] for one in rows] == ["66.66666666", "33.33333334"]


def test_a_fee_in_the_coin_received_by_a_swap_counts_at_the_days_price():
    swap = row("x1", "2024-02-01", "swap", "1", to_asset="ETH", to_qty="10", value="1500",
               fee={"asset": "ETH", "qty": "1"})  # fmt: skip
    assert ask([BOUGHT[0], swap], "gains", prices=closes(ETH_2024_02_01="140")) == [
        ["x1", "swap", "BTC", "1", "1360", "1000", "360"],
        ["x1", "fee", "ETH", "1", "140", "150", "-10"],
    ]


def test_a_fee_without_a_value_makes_cost_and_gain_unknown():
    bought = row("b3", "2024-02-01", "buy", "1", asset="ETH", cost="10", fee={"asset": "BTC", "qty": "0.5"})
    found = ask([BOUGHT[0], bought], "gains", "notes", "lots")
    assert found["gains"] == [["b3", "fee", "BTC", "0.5", None, "500", None]]
    assert found["notes"] == [["b3", "missing_cost"]]
    assert found["lots"][1] == ["b3", "ETH", "A", "2024-02-01", "1", None]


def test_fees_of_other_events_are_expenses_and_one_without_a_rate_makes_them_unknown():
    events = [
        row("i1", "2024-02-01", "income", "1", sort="mining", value="5", fee={"amount": "2", "cur": "EUR"}),
        row("l1", "2024-02-02", "loss", "1", fee={"amount": "3", "cur": "EUR"}),
    ]
    assert ask(events, "expenses") == "5"
    events.append(row("f1", "2024-02-03", "fee", "1", fee={"amount": "1", "cur": "USD"}))
    assert ask(events, "expenses") is None


def test_a_fork_shares_coins_by_quantity_and_the_last_lot_takes_the_rest():
    events = [*BOUGHT, row("b3", "2024-01-21", "buy", "1", cost="0.00000003"),
              row("k1", "2024-02-01", "fork", to_asset="BCH", to_qty="1")]  # fmt: skip
    found = ask(events, "lots", prices=closes(BTC_2024_02_01="1", BCH_2024_02_01="3"))
    assert [lot[4:] for lot in found[:3]] == [
        ["0.333333333333333333", "500"],
        ["0.333333333333333333", "1000"],
        ["0.333333333333333334", "0.00000002"],
    ]
    assert [lot[5] for lot in found[3:]] == ["500", "1000", "0.00000001"]


def test_a_fork_of_coins_that_nobody_holds_and_one_where_the_old_coin_has_no_price():
    fork = row("k1", "2024-02-01", "fork", to_asset="BCH", to_qty="1")
    assert ask([fork], "lots", "notes") == {
        "lots": [["k1", "BCH", "A", "2024-02-01", "1", None]],
        "notes": [["k1", "fork_without_holding"]],
    }
    found = ask([BOUGHT[0], fork], "lots", "notes", prices=closes(BCH_2024_02_01="3"))
    assert [lot[5] for lot in found["lots"]] == [None, None]
    assert found["notes"] == [], "the note is for a new coin without a price"


def test_days_are_those_of_the_zone():
    late = row("b1", "2024-01-10T23:30:00Z", "buy", "1", cost="1")
    assert ask([late], "lots", zone="Europe/Paris")[0][3] == "2024-01-11"
