"""Operations of holdings: lines by hand, corrections, undo, worth, returns, gains; each person's own."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from tests import houses
from tests.unit.services.holdings.material import (
    ANN,
    BOB,
    DOLLARS_PER_EURO,
    TODAY,
    ask,
    close_of,
    holding_house,
)
from vigie.api_holdings import holdings
from vigie.domain.errors import Conflict, NotFound, UsageError
from vigie.services.operation_calls import run_operation
from vigie.views.api.exports import export

FIRST = date.fromisoformat(houses.START)
LAST = houses.DAYS - 1
METHODS = ("fifo", "lifo", "hifo", "specific", "average")


@pytest.fixture
def built(tmp_path):
    return holding_house(tmp_path / "home")


def day(number: int) -> str:
    return (FIRST + timedelta(number)).isoformat()


def test_a_name_and_a_quantity_suffice_and_what_is_missing_is_told_and_never_zero(built):
    added = ask(built, "add", coin="Bitcoin", quantity="0.5")
    assert (added.asset, added.name, added.added, added.is_done) == ("bitcoin", "Bitcoin", 1, True)
    (row,) = ask(built, "list").rows
    assert (row.day, row.is_dated, row.quantity, row.amount, row.fee) == (TODAY, False, "0.5", None, None)
    assert row.codes == "missing_cost flow_at_market"
    told = ask(built, "worth")
    assert told.worth == pytest.approx(0.5 * close_of(LAST))
    assert (told.currency, told.cost, told.unrealised) == ("usd", None, None)
    assert (told.put_in, told.gain) == (pytest.approx(told.worth), pytest.approx(0.0, abs=1e-6))
    assert (told.time_weighted.value, told.money_weighted.code) == (0.0, "too_short")
    assert [(note.asset, note.code) for note in told.notes] == [("bitcoin", "missing_cost")]


def test_worth_put_in_and_returns_are_what_the_engine_says_of_the_same_events_and_closes(built):
    ask(
        built,
        "add",
        coin="BTC",
        quantity="0.5",
        day=day(10),
        amount="20000",
        fee="15",
        currency="USD",
        place="Kraken",
    )
    ask(built, "add", coin="ETH", quantity="2", day=day(40), amount="4000", currency="EUR")
    ask(
        built,
        "add",
        coin="BTC",
        quantity="0.2",
        day=day(90),
        amount="9000",
        currency="USD",
        kind="sell",
        place="Kraken",
    )
    coins = {"bitcoin": "BTC", "ethereum": "ETH"}
    case = {
        "settings": {"base": "USD"},
        "events": [
            {"id": "a", "at": f"{day(10)}T00:00:00Z", "kind": "buy", "place": "Kraken", "asset": "bitcoin",
             "qty": "0.5", "cost": "20000", "fee": {"amount": "15"}},
            {"id": "b", "at": f"{day(40)}T00:00:00Z", "kind": "buy", "place": "", "asset": "ethereum", "qty": "2",
             "cost": {"amount": "4000", "cur": "EUR"}},
            {"id": "c", "at": f"{day(90)}T00:00:00Z", "kind": "sell", "place": "Kraken", "asset": "bitcoin",
             "qty": "0.2", "proceeds": "9000"},
        ],
        "prices": [
            {"asset": asset, "day": day(number), "price": format(Decimal(repr(close_of(number, ticker))), "f"),
             "cur": "USD"}
            for asset, ticker in coins.items()
            for number in range(houses.DAYS)
        ],
        "rates": [{"cur": "USD", "day": day(number), "rate": "1.25"} for number in range(houses.DAYS)],
        "ask": {"worth": TODAY, "twr": [day(10), TODAY], "xirr": [day(10), TODAY], "gains": True, "realised": True},
    }  # fmt: skip
    expected, told = holdings(case), ask(built, "worth", currency="usd")
    assert told.worth == float(expected["worth"]["total"])
    assert told.unrealised == float(expected["worth"]["unrealised"])
    assert told.time_weighted.value == pytest.approx(float(expected["twr"]["return"]), abs=1e-12)
    assert told.money_weighted.annual == pytest.approx(float(expected["xirr"]["rate"]), abs=1e-9)
    assert told.realised == float(expected["realised"])
    assert told.put_in == pytest.approx(20015 + 4000 * DOLLARS_PER_EURO - 9000)
    gains = ask(built, "gains", currency="usd")
    rows = [[row.kind, row.asset, row.quantity, row.proceeds, row.cost, row.gain] for row in gains.rows]
    assert rows == [row[1:] for row in expected["gains"]]
    assert gains.realised == expected["realised"]


def test_every_method_answers_and_they_differ_where_lots_do(built):
    ask(built, "add", coin="BTC", quantity="1", day=day(1), amount="10000", currency="USD")
    ask(built, "add", coin="BTC", quantity="1", day=day(2), amount="30000", currency="USD")
    ask(built, "add", coin="BTC", quantity="1", day=day(3), amount="20000", currency="USD")
    ask(built, "add", coin="BTC", quantity="1", day=day(9), amount="25000", currency="USD", kind="sell")
    found = {name: ask(built, "gains", method=name, currency="usd").realised for name in METHODS}
    assert found == {"fifo": "15000", "lifo": "5000", "hifo": "-5000", "specific": "15000", "average": "5000"}


def test_money_is_told_in_the_currency_that_the_person_counts_in_by_the_rate_of_the_day(built):
    ask(built, "add", coin="BTC", quantity="1", day=day(10), amount="40000", currency="EUR")
    # Where none was chosen, that of all lines.
    euros = ask(built, "worth")
    built.accounts.put_settings(ANN.user, {"currency": "usd"})
    dollars = ask(built, "worth")
    assert (dollars.currency, euros.currency) == ("usd", "eur")
    assert euros.worth * DOLLARS_PER_EURO == pytest.approx(dollars.worth)
    assert (dollars.put_in, euros.put_in) == (50000.0, 40000.0)
    assert ask(built, "worth", currency="eur") == euros
    built.accounts.put_settings(ANN.user, {"currency": "eur"})
    assert ask(built, "worth") == euros
    columns = {column.name: column.unit for column in ask(built, "positions").columns}
    assert (columns["worth"], columns["quantity"]) == ("eur", "base units")
    for currency in ("EUR", "USD"):
        ask(built, "add", BOB, coin="BTC", quantity="1", day=day(10), amount="40000", currency=currency)
    assert ask(built, "worth", BOB).currency == "usd", "lines of two currencies"


def test_a_coin_without_a_price_is_named_and_leaves_what_depends_on_it_unknown(built):
    ask(built, "add", coin="BTC", quantity="1", day=day(10), amount="100", currency="USD")
    ask(built, "add", coin="dogecoin", quantity="1000", day=day(10))
    told = ask(built, "worth")
    assert (told.no_price, told.gain, told.unrealised) == (["dogecoin"], None, None)
    assert told.worth == pytest.approx(close_of(LAST))
    assert (told.time_weighted.value, told.time_weighted.code, told.time_weighted.day) == (
        None,
        "no_price",
        day(10),
    )
    assert told.days_without_price == houses.DAYS - 9
    assert all(row.worth is None for row in ask(built, "history").rows)
    rows = {row.asset: row for row in ask(built, "positions").rows}
    assert (rows["dogecoin"].worth, rows["dogecoin"].share, rows["dogecoin"].days_to_sell) == (
        None,
        None,
        None,
    )


def test_history_stands_beside_the_money_put_in_and_the_same_money_in_bitcoin(built):
    ask(built, "add", coin="ETH", quantity="2", day=day(100), amount="5000", currency="USD")
    ask(built, "add", coin="ETH", quantity="1", day=day(120), amount="3000", currency="USD", kind="sell")
    rows = ask(built, "history", currency="usd").rows
    assert (rows[0].day, rows[-1].day, len(rows)) == (day(100), TODAY, houses.DAYS - 99)
    assert [rows[at].put_in for at in (0, 19, 20, -1)] == [5000.0, 5000.0, 2000.0, 2000.0]
    assert rows[19].worth == pytest.approx(2 * close_of(119, "ETH"))
    coins = 5000 / close_of(100) - 3000 / close_of(120)
    assert rows[-1].in_bitcoin == pytest.approx(coins * close_of(LAST))
    assert ask(built, "worth", currency="usd").in_bitcoin == rows[-1].in_bitcoin


def test_more_taken_out_than_the_same_money_in_bitcoin_is_worth_is_not_told(built):
    ask(built, "add", coin="ETH", quantity="1", day=day(1), amount="10", currency="USD")
    ask(built, "add", coin="ETH", quantity="1", day=day(5), amount="9000", currency="USD", kind="sell")
    assert [row.in_bitcoin is None for row in ask(built, "history").rows[:5]] == [
        False,
        False,
        False,
        False,
        True,
    ]


def test_shares_and_days_to_sell(built):
    ask(built, "add", coin="BTC", quantity="1", place="Kraken")
    ask(built, "add", coin="BTC", quantity="1", place="Ledger")
    ask(built, "add", coin="ETH", quantity="1", place="Kraken")
    told, (bitcoin, ether) = ask(built, "worth"), ask(built, "positions").rows
    shares = {(one.kind, one.name): one.share for one in told.shares}
    whole = 2 * close_of(LAST) + close_of(LAST, "ETH")
    assert shares["coin", "Bitcoin"] == pytest.approx(2 * close_of(LAST) / whole)
    assert shares["place", "Ledger"] == pytest.approx(close_of(LAST) / whole)
    assert (shares["chain", "Bitcoin"], shares["chain", "Ethereum"]) == (bitcoin.share, ether.share)
    assert shares["issuer", ""] == pytest.approx(1.0)
    bars = houses.market().bars("BTC", "1d")
    volumes = sorted((bars.close * bars.volume)[-30:].tolist())
    usual = (volumes[14] + volumes[15]) / 2
    assert bitcoin.days_to_sell == pytest.approx(2 * close_of(LAST) / (0.1 * usual))
    assert (bitcoin.places, bitcoin.price_day) == ("Kraken, Ledger", day(LAST))


def test_what_has_a_name_and_is_above_the_own_limit_is_marked(built):
    ask(built, "add", coin="BTC", quantity="1", place="Kraken")
    ask(built, "add", coin="ETH", quantity="1")

    def above(caller):
        told = ask(built, "worth", caller)
        return told.share_limit, {(one.kind, one.name) for one in told.shares if one.is_above}

    usual = {("coin", "Bitcoin"), ("place", "Kraken"), ("chain", "Bitcoin")}
    assert above(ANN) == (0.4, usual)
    run_operation(built, ANN, "settings.change", {"share_limit": "1"})
    limit, low = above(ANN)
    assert limit == 0.01
    assert low > usual
    assert all(name for _, name in low), "what is not known is no dependence"
    run_operation(built, ANN, "settings.change", {"share_limit": "100"})
    assert above(ANN) == (1.0, set())
    assert above(BOB) == (0.4, set()), "each person's own"
    with pytest.raises(UsageError):
        run_operation(built, ANN, "settings.change", {"share_limit": "101"})


def test_gains_and_costs_follow_the_persons_own_lots_and_places_stay_told(built):
    for number, amount, place in ((1, "10000", "Kraken"), (2, "20000", "Ledger")):
        ask(
            built,
            "add",
            coin="BTC",
            quantity="1",
            day=day(number),
            amount=amount,
            currency="USD",
            place=place,
        )
    sold = {
        "coin": "BTC",
        "quantity": "1",
        "day": day(100),
        "amount": "30000",
        "currency": "USD",
        "kind": "sell",
    }
    ask(built, "add", **sold, place="Ledger")

    def costs(caller=ANN, **asked):
        gains, told = ask(built, "gains", caller, **asked), ask(built, "worth", caller)
        return [row.cost for row in gains.rows], gains.method, gains.queue, told.cost

    assert costs() == (["20000"], "fifo", "place", 10000.0)
    run_operation(built, ANN, "settings.change", {"lot_queue": "all"})
    assert costs() == (["10000"], "fifo", "all", 20000.0)
    assert [row.places for row in ask(built, "positions").rows] == ["Kraken"]
    run_operation(built, ANN, "settings.change", {"lot_method": "average"})
    assert costs() == (["15000"], "average", "all", 15000.0)
    assert costs(method="lifo", queue="place")[:3] == (["20000"], "lifo", "place"), (
        "what is asked comes first"
    )
    assert costs(BOB) == ([], "fifo", "place", 0.0), "each person's own"
    # A sale where nothing lay: the places no longer add up to what the one queue has.
    ask(built, "add", **{**sold, "quantity": "0.5"}, place="Bank")
    assert [(row.quantity, row.places) for row in ask(built, "positions").rows] == [("0.5", "")]
    with pytest.raises(UsageError):
        run_operation(built, ANN, "settings.change", {"lot_method": "cheapest"})


def test_a_sale_of_more_than_is_held_is_a_gap_that_is_told(built):
    ask(built, "add", coin="BTC", quantity="1", day=day(3), amount="100", currency="USD")
    ask(built, "add", coin="BTC", quantity="3", day=day(4), amount="900", currency="USD", kind="sell")
    assert [note.code for note in ask(built, "worth").notes] == ["gap"]
    assert [row.gain for row in ask(built, "gains", currency="usd").rows] == ["200", None]
    assert ask(built, "worth").worth == 0.0


def test_the_same_line_sent_twice_is_one_and_another_under_its_id_is_a_conflict(built):
    line = {"coin": "BTC", "quantity": "1", "day": day(1), "new_id": "e" + "a" * 16}
    assert [ask(built, "add", **line).added for _ in range(2)] == [1, 0]
    assert ask(built, "add", **{**line, "new_id": ""}, dry_run=True).is_done is False
    with pytest.raises(Conflict, match="that of another line"):
        ask(built, "add", **{**line, "quantity": "2"})
    assert [row.quantity for row in ask(built, "list").rows] == ["1"]
    # Each reads and writes their own, whatever id they choose.
    assert ask(built, "add", BOB, **line).added == 1


def test_a_correction_keeps_what_was_and_undoing_brings_it_back(built):
    added = ask(built, "add", coin="BTC", quantity="1", day=day(1), amount="100", currency="USD")
    (row,) = ask(built, "list").rows
    changed = ask(
        built, "change", holding=added.entry, version=row.version, coin="BTC", quantity="2", day=day(1)
    )
    assert [one.quantity for one in ask(built, "list").rows] == ["2"]
    versions = ask(built, "versions", holding=added.entry).rows
    assert [(one.quantity, one.amount) for one in versions] == [("1", "100 USD"), ("2", None)]
    with pytest.raises(Conflict, match="changed meanwhile"):
        ask(built, "remove", holding=added.entry, version=row.version)
    assert ask(built, "undo", holding_batch=changed.batch).undone == 1
    assert ask(built, "undo", holding_batch=changed.batch).undone == 0
    assert [(one.quantity, one.amount) for one in ask(built, "list").rows] == [("1", "100")]
    removed = ask(built, "remove", holding=added.entry)
    assert (ask(built, "list").rows, ask(built, "worth").lines) == ([], 0)
    assert ask(built, "versions", holding=added.entry).rows[-1].is_removed
    with pytest.raises(NotFound):
        ask(built, "remove", holding=added.entry)
    ask(built, "undo", holding_batch=removed.batch)
    ask(built, "undo", holding_batch=added.batch)
    assert ask(built, "list").rows == []
    kinds = [(batch.kind, batch.ts_undone is not None) for batch in ask(built, "batches").rows]
    assert sorted(kinds) == [("correction", True), ("correction", True), ("form", True)]


def test_nothing_of_what_is_owned_stands_in_the_chain(built):
    ask(
        built,
        "add",
        coin="BTC",
        quantity="0.123456",
        day=day(1),
        # Longer than what a digest or a time shows by chance.
        amount="98765.4321",
        currency="USD",
        place="Ledger",
    )
    kept = [event for event in built.audit.after(0) if event.kind == "holdings.add"]
    assert len(kept) == 1
    assert all(word not in repr(kept) for word in ("0.123456", "98765.4321", "Ledger", "bitcoin"))


def test_others_neither_see_nor_change_it(built):
    added = ask(built, "add", coin="BTC", quantity="1")
    assert (ask(built, "list", BOB).rows, ask(built, "worth", BOB).worth) == ([], 0.0)
    for name, values in (
        ("versions", {"holding": added.entry}), ("remove", {"holding": added.entry}),
        ("change", {"holding": added.entry, "coin": "BTC", "quantity": "2"}), ("undo", {"holding_batch": added.batch}),
    ):  # fmt: skip
        with pytest.raises(NotFound):
            ask(built, name, BOB, **values)
    assert [row.quantity for row in ask(built, "list").rows] == ["1"]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"coin": "euro"}, "euro is state money"),
        ({"coin": "\u20ac"}, "state money"),
        ({"coin": "bitcoim"}, "bitcoim is no coin that Vigie knows; .* such as bitcoin"),
        ({"quantity": "0"}, "above 0 with at most 18 decimals, such as 0.25, was '0'"),
        ({"quantity": "-1"}, "was '-1'"),
        ({"quantity": "1e30"}, "was '1e30'"),
        ({"quantity": "NaN"}, "was 'NaN'"),
        ({"quantity": "=1+1"}, "was '=1\\+1'"),
        ({"quantity": "1,5"}, "was '1,5'"),
        ({"quantity": "0." + "0" * 18 + "1"}, "at most 18 decimals"),
        ({"day": "2050-01-01"}, f"between 2009-01-03 and today, {TODAY}, was 2050-01-01"),
        ({"day": "2008-12-31"}, "was 2008-12-31"),
        ({"day": "31/12/2024"}, "a date such as 2024-12-31, was '31/12/2024'"),
        ({"amount": "-5"}, "a number in EUR such as 250.00, not negative"),
        ({"fee": "5 EUR"}, "was '5 EUR'"),
        ({"kind": "sell"}, "a sale needs the money that was received"),
    ],
)  # fmt: skip
def test_bad_lines_are_refused_with_what_was_given_and_what_is_accepted(built, given, said):
    with pytest.raises(UsageError, match=said):
        ask(built, "add", **{"coin": "BTC", "quantity": "1", **given})
    assert ask(built, "list").rows == []


def test_a_shared_ticker_is_asked_with_price_and_chain_and_its_id_is_taken(built):
    rows = [{"id": name, "symbol": "twin", "name": f"Twin {name}"} for name in ("twin-one", "twin-two")]
    built.facts.put_document("coingecko", "markets", built.clock.market_now(), {"rows": rows})
    with pytest.raises(
        UsageError, match=r"TWIN is the name or ticker of several coins .*Twin twin-one: twin-one"
    ):
        ask(built, "add", coin="TWIN", quantity="1")
    assert [row.asset for row in ask(built, "coins", coin="twin").rows] == ["twin-one", "twin-two"]
    (bitcoin,) = ask(built, "coins", coin="btc").rows
    assert (bitcoin.asset, bitcoin.chain, bitcoin.price_usd) == ("bitcoin", "Bitcoin", close_of(LAST))
    assert ask(built, "add", coin="twin-two", quantity="1").asset == "twin-two"


def test_a_book_is_made_once_until_events_or_prices_change(built, monkeypatch):
    from vigie.services.holdings import holding_book

    made = []
    real = holding_book.make_book
    monkeypatch.setattr(holding_book, "make_book", lambda *args: made.append(1) or real(*args))
    ask(built, "add", coin="BTC", quantity="1", day=day(1))
    for name in ("worth", "positions", "history", "list", "worth"):
        ask(built, name)
    assert len(made) == 1
    ask(built, "add", coin="BTC", quantity="1", day=day(2))
    ask(built, "worth")
    assert len(made) == 2
    assert ask(built, "worth").worth == pytest.approx(2 * close_of(LAST))


def test_tables_are_files_too(built):
    ask(built, "add", coin="BTC", quantity="1", day=day(1), amount="100", currency="USD", place="Kraken")
    ask(
        built,
        "add",
        coin="BTC",
        quantity="1",
        day=day(2),
        amount="150",
        currency="USD",
        place="Kraken",
        kind="sell",
    )
    for name, cell in (("list", "Kraken"), ("history", day(2)), ("gains", "150")):
        assert cell in export(ask(built, name), "csv", is_simulated=False).decode()
