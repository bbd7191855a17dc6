"""Holdings from files: each reader's fixture, what is refused with row and column, dry run, undo, choices kept."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.services.holdings.material import ANN, BOB, TODAY, ask, holding_house
from vigie.domain.errors import Conflict, UsageError
from vigie.domain.holding import holding_event
from vigie.intelligence.holdings.events import read_events
from vigie.services.holdings.file_readers import file_readers

FILES = Path(__file__).parents[3] / "data" / "holdings"
HEAD = "Date,Sent Amount,Sent Currency,Received Amount,Received Currency,Fee Amount,Fee Currency,Label\n"
EXPECTED = {
    "kraken": (
        [("buy", "bitcoin", "0.025"), ("swap", "bitcoin", "0.005"), ("transfer", "bitcoin", "0.01"),
         ("income", "ethereum", "0.001")],
        3,
    ),
    "binance": (
        [("buy", "bitcoin", "0.015"), ("income", "bitcoin", "0.0000001"), ("transfer", "bitcoin", "0.002")],
        2,
    ),
    "coinbase": (
        [("buy", "bitcoin", "0.01"), ("swap", "bitcoin", "0.005"), ("income", "ethereum", "0.0004"),
         ("transfer", "ethereum", "0.05"), ("sell", "bitcoin", "0.002")],
        1,
    ),
    "bitpanda": (
        [("buy", "bitcoin", "0.008"), ("transfer", "bitcoin", "0.003"), ("income", "ethereum", "0.0008"),
         ("sell", "bitcoin", "0.002")],
        2,
    ),
    "ledger_live": (
        [("transfer", "bitcoin", "0.01"), ("transfer", "bitcoin", "0.004"), ("fee", "ethereum", "0.002"),
         ("income", "solana", "0.02")],
        1,
    ),
    "revolut": (
        [("buy", "bitcoin", "0.01"), ("sell", "bitcoin", "0.001"), ("income", "ethereum", "0.0005"),
         ("transfer", "bitcoin", "0.002"), ("sell", "bitcoin", "0.003")],
        1,
    ),
    "koinly": (
        [("buy", "bitcoin", "0.016"), ("swap", "bitcoin", "0.004"), ("income", "ethereum", "0.001"),
         ("gift", "ethereum", "0.01"), ("transfer", "bitcoin", "0.002")],
        1,
    ),
}  # fmt: skip


@pytest.fixture
def built(tmp_path):
    return holding_house(tmp_path / "home")


def load(built, text, caller=ANN, **more):
    return ask(built, "import", caller, text=text, **more)


def told(built, owner="u-ann"):
    return [holding_event(record) for record in built.holdings.records(owner)]


def test_every_reader_has_a_fixture_and_says_where_its_columns_were_seen():
    assert set(file_readers()) == set(EXPECTED) == {file.stem for file in FILES.glob("*.csv")}
    for name in file_readers():
        module = __import__(f"vigie.services.holdings.readers.{name}", fromlist=["READER"])
        assert "seen" in module.__doc__


@pytest.mark.parametrize("name", list(EXPECTED))
def test_a_file_enters_with_every_event_the_contract_takes_and_again_changes_nothing(built, name):
    text = (FILES / f"{name}.csv").read_text()
    coins = {"BNB": "binancecoin"} if name == "binance" else {}
    dry = load(built, text, coins=coins)
    assert (dry.reader, dry.is_done, dry.refused, told(built)) == (name, False, [], [])
    done = load(built, text, coins=coins, dry_run=False)
    rows = sorted(told(built), key=lambda event: event["at"])
    assert [(row["kind"], row["asset"], row["qty"]) for row in rows] == EXPECTED[name][0]
    assert done.left_out_count == EXPECTED[name][1]
    assert read_events(rows)[1] == []
    again = load(built, text, coins=coins, dry_run=False)
    assert (again.new, again.known, again.batch) == (0, len(rows), "")
    assert ask(built, "undo", holding_batch=done.batch).undone == len(rows)
    assert told(built) == []


def test_money_and_fees_are_those_of_the_file(built):
    load(built, (FILES / "kraken.csv").read_text(), dry_run=False)
    buy, swap, out, reward = sorted(told(built), key=lambda event: event["at"])
    assert (buy["cost"], buy["fee"]) == ({"amount": "1000", "cur": "EUR"}, {"amount": "1.6", "cur": "EUR"})
    assert (swap["to_asset"], swap["to_qty"], swap["fee"]) == (
        "ethereum", "0.15", {"asset": "ethereum", "qty": "0.0003"},
    )  # fmt: skip
    assert (out["place"], out["to_place"], out["fee"]["qty"]) == ("Kraken", "elsewhere", "0.0001")
    assert reward["sort"] == "staking"


def test_what_left_one_place_and_came_to_another_keeps_its_cost_and_day(built):
    load(built, (FILES / "kraken.csv").read_text(), dry_run=False)
    load(built, (FILES / "ledger_live.csv").read_text(), dry_run=False)
    places = next(row.places for row in ask(built, "positions").rows if row.asset == "bitcoin")
    assert places == "Kraken, Ledger, elsewhere"
    notes = {note.code for note in ask(built, "worth").notes if note.asset == "bitcoin"}
    assert "gap" not in notes, "the ledger's coins are those that left Kraken"


@pytest.mark.parametrize(
    ("row", "column", "said"),
    [
        ("2025-02-01 10:00:00,1,EUR,NaN,BTC,,,", "received amount", "must be a number such as 1234.5"),
        ("2025-02-01 10:00:00,1,EUR,1e30,BTC,,,", "received amount", "below 1e18"),
        ("2025-02-01 10:00:00,1,EUR,-1,BTC,,,", "received amount", "must not be negative"),
        ("2025-02-01 10:00:00,1,EUR,=1+1,BTC,,,", "received amount", "is a formula"),
        ('2025-02-01 10:00:00,1,EUR,1,"=HYPERLINK(""x"")",,,', "received amount", "is a formula"),
        ('2025-02-01 10:00:00,1,EUR,"1,5",BTC,,,', "received amount", "with a decimal point"),
        ('2025-02-01 10:00:00,1,EUR,"1,500",BTC,,,', "received amount", "may mark thousands or decimals"),
        ("2035-02-01 10:00:00,1,EUR,1,BTC,,,", "date", "between 2009 and now"),
        ("31-12-2024,1,EUR,1,BTC,,,", "date", "time must look like"),
        ("2025-02-01 10:00:00,1,EUR,1,,,,", "received amount", "but no coin"),
        ("2025-02-01 10:00:00,,,1,BTC,,,fork", "", "leave it out and write it by hand"),
        ("2025-02-01 10:00:00,,,1,BTC,,,magic", "label", "no kind of event that is known"),
        ("2025-02-01 10:00:00,1,EUR,0.0000000000000000001,BTC,,,", "received amount", "at most 18 decimals"),
    ],
)
def test_what_cannot_be_read_is_told_with_its_row_and_column_and_nothing_enters(built, row, column, said):
    text = f"{HEAD}2025-02-01 09:00:00,100,EUR,1,BTC,,,\n{row}\n"
    (fault,) = load(built, text).refused
    assert (fault.row, fault.column) == (3, column)
    assert said in fault.message
    with pytest.raises(UsageError, match="nothing was added"):
        load(built, text, dry_run=False)
    assert told(built) == []
    assert load(built, text, leave_out=[3], dry_run=False).new == 1


def test_the_hour_that_october_has_twice_is_noted_and_the_one_that_march_leaves_out_is_refused(built):
    head = "Symbol,Type,Quantity,Price,Value,Fees,Date\n"
    twice = load(built, f"{head}BTC,Buy,1,,€1.00,,2024-10-27 02:30:00\n", zone="Europe/Paris")
    assert "came twice" in twice.noted[0].message
    assert twice.new_lines[0].at == "2024-10-27T00:30:00Z"
    never = load(built, f"{head}BTC,Buy,1,,€1.00,,2025-03-30 02:30:00\n", zone="Europe/Paris")
    assert "left out by the clocks" in never.refused[0].message


def test_a_decimal_comma_and_dates_with_slashes_are_of_the_file(built):
    text = HEAD.replace(",", ";") + "01/02/2025 10:00:00;1.500,50;EUR;0,5;BTC;;;\n"
    load(built, text, mark="comma", dates="day_first", dry_run=False)
    (row,) = told(built)
    assert (row["at"], row["qty"], row["cost"]["amount"]) == ("2025-02-01T10:00:00Z", "0.5", "1500.5")


def test_equal_rows_are_two_events_and_one_with_another_fee_is_noted(built):
    row = "2025-02-01 10:00:00,100,EUR,1,BTC,{},EUR,\n"
    found = load(built, HEAD + row.format(1) + row.format(1) + row.format(2), dry_run=False)
    assert (found.new, [fault.row for fault in found.noted if "another fee" in fault.message]) == (3, [4])


def test_a_row_that_changed_holds_the_file_back_until_the_kept_one_is_to_stay(built):
    text = (FILES / "coinbase.csv").read_text()
    load(built, text, dry_run=False)
    other = text.replace("€9.00,Bought", "€8.00,Bought") + (
        "c9,2025-02-07 10:00:00 UTC,Buy,BTC,0.01,EUR,€60000.00,€600.00,€609.00,€9.00,\n"
    )
    dry = load(built, other)
    assert (dry.new, dry.known, dry.changed, dry.changed_lines[0].row) == (1, 4, 1, 5)
    with pytest.raises(Conflict, match="nothing was added"):
        load(built, other, dry_run=False)
    assert len(told(built)) == 5
    assert load(built, other, keep_changed=True, dry_run=False).batch
    assert [row["fee"]["amount"] for row in told(built) if row["qty"] == "0.01"] == ["9", "9"]


def test_a_shared_ticker_and_an_unknown_one_are_asked_and_the_choice_is_kept(built):
    rows = [{"id": name, "symbol": "twin", "name": f"Twin {name}"} for name in ("twin-one", "twin-two")]
    built.facts.put_document("coingecko", "markets", built.clock.market_now(), {"rows": rows})
    text = f"{HEAD}2025-02-01 10:00:00,1,EUR,1,TWIN,,,\n2025-02-02 10:00:00,1,EUR,1,NOPE,,,\n"
    asked = {one.ticker: [coin.asset for coin in one.candidates] for one in load(built, text).questions}
    assert asked == {"NOPE": [], "TWIN": ["twin-one", "twin-two"]}
    with pytest.raises(UsageError, match="say which coin is meant by NOPE, TWIN"):
        load(built, text, dry_run=False)
    load(built, text, coins={"twin": "twin-two", "NOPE": "solana"}, dry_run=False)
    assert {row["asset"] for row in told(built)} == {"twin-two", "solana"}
    later = load(built, text + "2025-02-03 10:00:00,1,EUR,1,TWIN,,,\n", dry_run=False)
    assert (later.questions, later.known, later.new_lines[0].asset) == ([], 2, "twin-two")
    assert [one.ticker for one in load(built, text, BOB).questions] == ["NOPE", "TWIN"], (
        "choices are one's own"
    )


def test_a_line_without_a_cost_says_so_and_it_is_not_zero(built):
    text = "when;what;coin;how many\n2025-02-01;buy;BTC;1\n2025-02-02;staking;BTC;1\n"
    columns = {"time": "when", "kind": "what", "coin": "coin", "quantity": "how many"}
    found = load(built, text, columns=columns, place="Safe", dry_run=False)
    assert (found.reader, found.without_cost) == ("own_columns", 2)
    assert [row.amount for row in ask(built, "list").rows] == [None, None]
    assert ask(built, "worth").cost is None


@pytest.mark.parametrize(
    ("text", "more", "said"),
    [
        ("a,b\n1,2\n", {}, "no reader knows the headers"),
        ("", {}, "no reader knows the headers"),
        (HEAD, {"reader": "nobody"}, "no reader knows the headers"),
        ("a,b\n1,2\n", {"columns": {"time": "a"}}, "a map of columns needs time, kind, coin, quantity"),
        ("a,b\n", {"columns": {"time": "t", "kind": "k", "coin": "c", "quantity": "q"}}, "no row with the headers"),
        (HEAD + '2025-02-01,"open\n', {}, "cannot be read as CSV"),
        (HEAD + "x" * 5_000, {}, "a cell of more than 4000 characters"),
        (HEAD, {"zone": "Nowhere"}, "time zone must be a name"),
    ],
)  # fmt: skip
def test_what_is_no_such_file_is_refused_in_a_sentence(built, text, more, said):
    with pytest.raises(UsageError, match=said):
        load(built, text, **more)


def test_a_file_is_of_one_person_and_of_today_at_most(built):
    load(built, (FILES / "koinly.csv").read_text(), dry_run=False)
    assert told(built, "u-bob") == []
    assert load(built, (FILES / "koinly.csv").read_text(), BOB).new == 5
    assert max(row.day for row in ask(built, "list").rows) <= TODAY


def test_a_line_that_was_corrected_is_still_known_and_another_place_may_have_its_id(built):
    columns = {"time": "when", "kind": "what", "coin": "coin", "quantity": "n", "id": "id", "place": "at"}
    head, first, second = (
        "when,what,coin,n,id,at\n",
        "2025-02-01,buy,BTC,1,1,A\n",
        "2025-02-02,buy,BTC,2,1,B\n",
    )
    load(built, head + first, columns=columns, dry_run=False)
    (row,) = ask(built, "list").rows
    ask(built, "change", holding=row.entry, coin="bitcoin", quantity="1", place="Another", day="2025-02-01")
    again = load(built, head + first, columns=columns, dry_run=False)
    assert (again.new, again.known, again.changed) == (0, 1, 0)
    other = load(built, head + second, columns=columns, dry_run=False)
    assert (other.new, other.changed) == (1, 0)
    assert load(built, head + first + second, columns=columns, dry_run=False).known == 2


def test_a_file_is_not_imported_to_the_place_that_files_do_not_name(built):
    with pytest.raises(UsageError, match="give this one another name"):
        load(built, (FILES / "koinly.csv").read_text(), place="Elsewhere ")
