"""Statements of platforms as operations: read whole or not at all, reconciled with own lines, removed."""

from __future__ import annotations

import pytest

from tests.unit.services.holdings.material import ANN, BOB, ask, holding_house
from vigie.domain.errors import Conflict, NotFound, UsageError

HEAD = "asset,category,type,units,amount,currency,transactions\n"
BOUGHT = "BTC,fiat_in,,0.5,20000,EUR,1\n"


@pytest.fixture(scope="module")
def market(tmp_path_factory):
    return holding_house(tmp_path_factory.mktemp("reported") / "home")


@pytest.fixture
def built(market):
    yield market
    for caller in (ANN, BOB):
        market.reported.forget(caller.user)
        market.holdings.forget(caller.user)


def bring(built, text: str, *, caller=ANN, year=2025, place="Kraken", dry_run=False, **more):
    return ask(built, "import_reported", caller, text=text, year=year, place=place, dry_run=dry_run, **more)


def test_a_statement_is_seen_first_kept_once_and_set_beside_own_lines(built):
    entry = ask(
        built, "add", coin="BTC", quantity="0.5", day="2025-02-01", amount="20000", currency="EUR", place="Kraken"
    ).entry  # fmt: skip
    ask(built, "add", coin="ETH", quantity="2", day="2025-03-01", amount="4000", place="kraken")
    ask(built, "add", coin="ETH", quantity="2", day="2025-03-01", amount="4000", place="Bitpanda")
    seen = bring(built, HEAD + BOUGHT, dry_run=True)
    assert (seen.new, seen.is_done, seen.new_lines[0].asset) == (1, False, "bitcoin")
    assert ask(built, "reported", year=2025).rows == []
    bring(built, HEAD + BOUGHT)
    assert bring(built, HEAD + BOUGHT).known == 1
    told = ask(built, "reported")
    assert (told.year, told.unreported, len(told.statements)) == (2025, ["Bitpanda"], 1)
    found = {row.asset: row for row in told.rows}
    assert (found["bitcoin"].status, found["bitcoin"].units_difference) == ("equal", "0")
    assert [line.entry for line in found["bitcoin"].lines] == [entry]
    assert (found["ethereum"].status, found["ethereum"].codes) == ("only_own", ["only_own"])
    french = ask(built, "reported", year=2025, language="fr")
    assert french.rows[0].why != told.rows[0].why
    assert ask(built, "reported", BOB, year=2025).rows == []


def test_a_changed_statement_is_refused_until_it_may_take_the_place_of_the_kept_one(built):
    bring(built, HEAD + BOUGHT)
    changed = HEAD + BOUGHT.replace("0.5", "0.6") + "ETH,RRPT,,1,100000,EUR,1\n"
    with pytest.raises(Conflict):
        bring(built, changed)
    assert [row.reported_units for row in ask(built, "reported").rows] == ["0.5"]
    assert bring(built, changed, replace_changed=True).changed == 1
    assert sorted(row.reported_units for row in ask(built, "reported").rows) == ["0.6", "1"]
    (statement,) = ask(built, "reported").statements
    with pytest.raises(NotFound):
        ask(built, "remove_reported", BOB, reported_statement=statement.reported_statement)
    removed = ask(built, "remove_reported", reported_statement=statement.reported_statement)
    assert (removed.statements, ask(built, "reported", year=2025).rows) == (0, [])


@pytest.mark.parametrize(
    ("row", "word"),
    [
        ("BTC,fiat_in,,=1+1,1,EUR,1", "formula"),
        ("BTC,fiat_in,,NaN,1,EUR,1", "must be a number"),
        ("BTC,fiat_in,,1e30,1,EUR,1", "below 1e18"),
        ("BTC,fiat_in,,-1,1,EUR,1", "no negative figures"),
        ("BTC,sold,,1,1,EUR,1", "no category"),
        ("BTC,fiat_in,,,1,EUR,1", "no number of units"),
        ("BTC,fiat_in,,1,1,,1", "three letters"),
        ("BTC,fiat_in,,1,1,EUR,1.5", "whole number"),
        ("BTC,transfer_in,=HYPERLINK(),1,1,EUR,1", "formula"),
        (",fiat_in,,1,1,EUR,1", "no asset"),
        ("NOSUCHCOIN,fiat_in,,1,1,EUR,1", "no coin that Vigie knows"),
        ("EUR,fiat_in,,1,1,EUR,1", "state money"),
        ("BTC,fiat_in,,0.5,20000,EUR,1", "row 2 gives the same"),
        ("ETH,fiat_in,,1,1,USD,1", "one currency"),
    ],
)
def test_a_row_that_cannot_be_read_holds_the_whole_file_back_with_its_number(built, row, word):
    text = f"{HEAD}{BOUGHT}{row}\n"
    seen = bring(built, text, dry_run=True)
    assert [(fault.row, word in fault.message) for fault in seen.refused] == [(3, True)]
    with pytest.raises(UsageError, match="row 3"):
        bring(built, text)
    assert ask(built, "reported", year=2025).statements == []


def test_years_headers_and_tickers_are_asked_for(built):
    dated = "platform,year,asset,category,units\nKraken,2024,BTC,fiat_in,1\n"
    assert "2024" in bring(built, dated, dry_run=True).refused[0].message
    assert bring(built, dated, year=2024, dry_run=True).new == 1
    with pytest.raises(UsageError, match="still to come"):
        bring(built, HEAD + BOUGHT, year=2026)
    with pytest.raises(UsageError, match="headers"):
        bring(built, "a,b\n1,2\n")
    with pytest.raises(UsageError, match="no figures"):
        bring(built, HEAD)
    named = "Coin;What;How many\nXXBT9;Crypto-Fiat-In;1,5\n"
    columns = {"asset": "Coin", "category": "What", "units": "How many"}
    seen = bring(built, named, columns=columns, mark="comma", dry_run=True)
    assert seen.tickers == ["XXBT9"]
    answered = bring(built, named, columns=columns, mark="comma", coins={"xxbt9": "bitcoin"}, dry_run=True)
    assert (answered.new_lines[0].asset, answered.new_lines[0].units) == ("bitcoin", "1.5")
    assert "names no platform" in bring(built, HEAD + BOUGHT, place="", dry_run=True).refused[0].message
