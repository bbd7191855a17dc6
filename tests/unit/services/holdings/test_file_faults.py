"""Rows of files that say less than their kind needs, or something else: told, never booked as another event."""

from __future__ import annotations

import hashlib
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from typing import Any, Final
from zoneinfo import ZoneInfo

import pytest

from vigie.domain.asset import WATCHED
from vigie.domain.holding import holding_event, sort_records
from vigie.domain.time import parse_time
from vigie.services.holdings.file_events import FileEvents, TickerBook, to_events
from vigie.services.holdings.file_readers import FileDrafts, read_drafts
from vigie.services.holdings.file_table import FileStyle

NOW: Final = parse_time("2026-05-29")
OWN: Final = {
    "time": "when", "kind": "what", "coin": "coin", "quantity": "n", "amount": "paid", "currency": "cur",
    "to_coin": "to", "to_quantity": "m", "id": "id", "place": "at",
}  # fmt: skip
PAID: Final = {name: OWN[name] for name in ("time", "kind", "coin", "quantity", "amount")}
OWN_HEAD: Final = "when,what,coin,n,paid,cur,to,m,id,at\n"
KOINLY: Final = (
    "Date,Sent Amount,Sent Currency,Received Amount,Received Currency,Fee Amount,Fee Currency,Label\n"
)
REVOLUT: Final = "Symbol,Type,Quantity,Price,Value,Fees,Date\n"
COINBASE: Final = (
    "ID,Timestamp,Transaction Type,Asset,Quantity Transacted,Price Currency,Price at Transaction,Subtotal,Total,"
    "Fees and/or Spread,Notes\n"
)
BITPANDA: Final = (
    "Transaction ID,Timestamp,Transaction Type,In/Out,Amount Fiat,Fiat,Amount Asset,Asset,Asset class,"
    "Fee,Fee asset\n"
)


def read(
    text: str, columns: Mapping[str, str] | None = None, *, currency: str = "EUR", **style: Any
) -> tuple[FileDrafts, FileEvents]:
    drafts = read_drafts(text, FileStyle(NOW, **style), columns=columns or {}, currency=currency)
    return drafts, to_events(drafts, TickerBook(WATCHED, {}), "Safe")


def codes(drafts: FileDrafts, events: FileEvents) -> list[tuple[int, str]]:
    """Return row and code of what was refused."""
    return [(fault.line, fault.message.code) for fault in (*drafts.refused, *events.refused)]


def booked(events: FileEvents) -> list[dict[str, object]]:
    return [holding_event(record) for _, record in events.records]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (OWN_HEAD + "2025-02-01,sell,BTC,1,,,,,,\n", "import_no_proceeds"),
        (OWN_HEAD + "2025-02-01,sell,BTC,,100,EUR,,,,\n", "import_no_quantity"),
        (OWN_HEAD + "2025-02-01,buy,BTC,,100,EUR,,,,\n", "import_no_quantity"),
        (OWN_HEAD + "2025-02-01,swap,BTC,1,,,,,,\n", "import_half_swap"),
        (OWN_HEAD + "2025-02-01,swap,BTC,,,,ETH,2,,\n", "import_half_swap"),
        (KOINLY + "2025-02-01 10:00:00,1,BTC,,,,,sell\n", "import_no_proceeds"),
        (KOINLY + "2025-02-01 10:00:00,1,BTC,,,,,trade\n", "import_half_swap"),
        (KOINLY + "2025-02-01 10:00:00,100,EUR,,,,,buy\n", "import_no_quantity"),
        (REVOLUT + "BTC,Sell,1,,,,2025-02-01 10:00:00\n", "import_no_proceeds"),
        (REVOLUT + "BTC,Buy,,,€100.00,,2025-02-01 10:00:00\n", "import_no_quantity"),
        (COINBASE + "c1,2025-02-01 10:00:00 UTC,Sell,BTC,1,EUR,100,,,,\n", "import_no_proceeds"),
        (COINBASE + "c1,2025-02-01 10:00:00 UTC,Buy,BTC,,EUR,100,100,,,\n", "import_no_quantity"),
        (COINBASE + "c1,2025-02-01 10:00:00 UTC,Convert,BTC,,EUR,1,1,,,Converted 1 BTC to 2 ETH\n", "import_half_swap"),
        (BITPANDA + "b1,2025-02-01T10:00:00Z,sell,incoming,-,EUR,1,BTC,Cryptocurrency,-,-\n", "import_no_proceeds"),
    ],
)  # fmt: skip
def test_a_trade_of_which_a_side_is_missing_is_refused_and_is_no_transfer(text, code):
    drafts, events = read(text, OWN if text.startswith(OWN_HEAD) else None)
    assert (codes(drafts, events), booked(events)) == ([(2, code)], [])


def test_a_purchase_without_money_is_one_of_unknown_cost():
    (bought,) = booked(read(OWN_HEAD + "2025-02-01,buy,BTC,1,,,,,,\n", OWN)[1])
    assert (bought["kind"], "cost" in bought) == ("buy", False)


KRAKEN: Final = '"txid","refid","time","type","subtype","aclass","asset","amount","fee","balance"\n'
BINANCE: Final = '"User_ID","UTC_Time","Account","Operation","Coin","Change","Remark"\n'


def kraken(
    kind: str, amount: str, fee: str = "0", *, asset: str = "XXBT", name: str = "T1", ref: str = ""
) -> str:
    return f"{name},{ref or name},2025-02-01 10:00:00,{kind},,currency,{asset},{amount},{fee},\n"


def binance(word: str, change: str, coin: str = "BTC") -> str:
    return f"1,2025-02-01 10:00:00,Spot,{word},{coin},{change},\n"


@pytest.mark.parametrize(
    ("text", "column"),
    [
        (KRAKEN + kraken("deposit", "-1"), "amount"),
        (KRAKEN + kraken("staking", "-0.5", asset="ETH.S"), "amount"),
        (KRAKEN + kraken("withdrawal", "1", "-0.0005"), "fee"),
        (
            KRAKEN + kraken("trade", "-1", "-2", asset="ZEUR") + kraken("trade", "1", name="T2", ref="T1"),
            "fee",
        ),
        (BINANCE + binance("Deposit", "-2"), "change"),
        (
            BINANCE + binance("Buy", "1") + binance("Buy", "-900", "EUR") + binance("Fee", "0.1", "BNB"),
            "change",
        ),
    ],
)
def test_a_row_that_takes_back_another_is_refused_and_not_booked_by_its_size(text, column):
    drafts, events = read(text)
    assert (codes(drafts, events), booked(events)) == ([(2, "import_taken_back")], [])
    assert drafts.refused[0].column == column


@pytest.mark.parametrize(
    "text",
    [
        KRAKEN + kraken("withdrawal", "-1", "0.0005") + kraken("withdrawal", "1", name="T2", ref="T1"),
        BINANCE + binance("Withdraw", "-1") + binance("Withdraw", "1"),
    ],
)
def test_a_withdrawal_that_failed_comes_back(text):
    place = "Safe"
    assert [(row["qty"], row["place"], row["to_place"]) for row in booked(read(text)[1])] == [
        ("1", place, "elsewhere"),
        ("1", "elsewhere", place),
    ]


def test_money_that_is_taken_back_is_left_out_as_all_money_alone():
    drafts, events = read(BINANCE + binance("Deposit", "-100", "EUR"))
    assert (drafts.refused, [fault.message.code for fault in events.left_out]) == ([], ["import_only_money"])


@pytest.mark.parametrize(
    ("number", "mark", "code"),
    [
        ("0,123", "", "import_unsure_number"),
        ("0,050", "", "import_unsure_number"),
        ("00,123", "", "import_unsure_number"),
        ("1,234", "", "import_unsure_number"),
        ("0,123", "point", "import_must_number"),
        ("0,123,456", "", "import_must_number"),
        ("0.123", "comma", "import_must_number"),
    ],
)
def test_a_leading_zero_never_marks_thousands(number, mark, code):
    drafts, events = read(f'{KOINLY}2025-02-01 10:00:00,100,EUR,"{number}",BTC,,,\n', mark=mark)
    assert codes(drafts, events) == [(2, code)]


@pytest.mark.parametrize(
    ("number", "mark", "read_as"),
    [
        ("0,123", "comma", "0.123"),
        ("1,234", "point", "1234"),
        ("1.234", "comma", "1234"),
        ("1,234,567.5", "", "1234567.5"),
    ],
)
def test_a_mark_that_is_said_is_taken(number, mark, read_as):
    (bought,) = booked(read(f'{KOINLY}2025-02-01 10:00:00,100,EUR,"{number}",BTC,,,\n', mark=mark)[1])
    assert bought["qty"] == read_as


def old_id(reader: str, key: str) -> str:
    """Return the id of a row as it was kept when the venue's id alone made it."""
    digest = hashlib.sha256(f"{reader}\0{key}\0{0}".encode()).digest()
    return "e" + urlsafe_b64encode(digest[:12]).decode()


def own(kind: str, number: str, name: str, at: str, *, coin: str = "BTC") -> str:
    return f"2025-02-01,{kind},{coin},{number},100,EUR,,,{name},{at}\n"


def ledger(coin: str, amount: str) -> str:
    return f"2025-02-01T10:00:00.000Z,Confirmed,{coin},IN,{amount},0,0xab,Main\n"


LEDGER: Final = (
    "Operation Date,Status,Currency Ticker,Operation Type,Operation Amount,Operation Fees,Operation Hash,"
    "Account Name\n"
)


class Kept(dict[str, str]):
    """What is kept, by id; a file is taken as the store takes it."""

    def take(self, text: str, columns: Mapping[str, str] | None = None, **style: Any) -> tuple[int, int, int]:
        drafts = read_drafts(text, FileStyle(NOW, **style), columns=columns or {})
        events = to_events(
            drafts, TickerBook(WATCHED, {}), "Safe", lambda name: [self[name]] if name in self else []
        )
        records = [record for _, record in events.records]
        found = sort_records({name: {content} for name, content in self.items()}, records)
        self.update({record.event: record.content for record in found.new})
        return len(found.new), len(found.known), len(found.conflicting)


def test_the_same_id_at_two_places_is_two_rows_and_each_file_again_changes_nothing():
    kept = Kept()
    first, second = OWN_HEAD + own("buy", "1", "1", "A"), OWN_HEAD + own("buy", "2", "1", "B")
    assert [kept.take(text, OWN) for text in (first, second, first, second, first + own("buy", "2", "1", "B"))] == [
        (1, 0, 0), (1, 0, 0), (0, 1, 0), (0, 1, 0), (0, 2, 0),
    ]  # fmt: skip
    assert kept.take(OWN_HEAD + own("buy", "7", "1", "B"), OWN) == (0, 0, 1), "a changed row is told"
    assert kept.take(OWN_HEAD + own("buy", "2", "1", "C"), OWN)[0] == 1


def test_a_row_with_an_id_whose_place_was_renamed_is_told_as_changed():
    kept = Kept()
    kept.take(OWN_HEAD + own("buy", "1", "a", "Ledger"), OWN)
    assert kept.take(OWN_HEAD + own("buy", "1", "a", "Ledger Nano"), OWN) == (0, 0, 1)


def test_equal_rows_of_one_id_are_one_event_and_noted():
    text = OWN_HEAD + own("buy", "0.1", "order", "A") * 2
    kept = Kept()
    assert [kept.take(text, OWN), kept.take(text, OWN)] == [(1, 1, 0), (0, 2, 0)]
    assert [(note.line, note.message.code) for note in read(text, OWN)[1].noted] == [(3, "import_one_id")]


def test_rows_of_one_transaction_are_apart_by_coin_and_equal_ones_are_counted():
    text = LEDGER + ledger("ETH", "1") * 2 + ledger("SOL", "5")
    kept = Kept()
    assert [kept.take(text), kept.take(text), kept.take(LEDGER + ledger("SOL", "5"))] == [
        (3, 0, 0), (0, 3, 0), (0, 1, 0),
    ]  # fmt: skip


def test_rows_that_were_kept_by_the_id_alone_are_still_known():
    kept = Kept()
    for reader, key, text, columns in (
        ("own_columns", "1", OWN_HEAD + own("buy", "1", "1", "A"), OWN),
        ("ledger_live", "0xab in Main", LEDGER + ledger("ETH", "1"), None),
    ):
        (record,) = [record for _, record in read(text, columns)[1].records]
        kept[old_id(reader, key)] = record.content
        assert kept.take(text, columns) == (0, 1, 0)
    assert kept.take(OWN_HEAD + own("withdrawal", "2", "1", "B"), OWN) == (1, 0, 0)


def test_ids_of_a_venue_are_of_one_row():
    row = "c1,2025-02-01 10:00:00 UTC,Buy,BTC,1,EUR,100,100,100,,\n"
    assert Kept().take(COINBASE + row + row) == (1, 1, 0)


PARIS: Final = ZoneInfo("Europe/Paris")


@pytest.mark.parametrize(
    "text",
    [
        KRAKEN + kraken("deposit", "1"),
        BINANCE + binance("Deposit", "1"),
        KOINLY + "2025-02-01 10:00:00,,,1,BTC,,,\n",
        COINBASE + "c1,2025-02-01 10:00:00,Receive,BTC,1,EUR,100,,,,\n",
    ],
)
def test_a_file_that_is_known_to_write_utc_has_no_other_zone(text):
    assert booked(read(text, zone=PARIS)[1])[0]["at"] == "2025-02-01T10:00:00Z"


def test_what_was_kept_with_another_zone_is_told_as_changed_and_does_not_double():
    text = BINANCE + binance("Deposit", "1")
    before = "\0".join(
        ("binance", str(parse_time("2025-02-01") + 9 * 3_600_000), "", "1 BTC", "", "", "", "")
    )
    digest = hashlib.sha256(f"{before}\0{1}\0{0}".encode()).digest()
    kept = Kept({"e" + urlsafe_b64encode(digest[:12]).decode(): '{"at":"2025-02-01T09:00:00Z"}'})
    assert kept.take(text, zone=PARIS) == (0, 0, 1)
    assert Kept().take(text, zone=PARIS) == (1, 0, 0)


@pytest.mark.parametrize("left", [2, 3])
@pytest.mark.parametrize(
    "text",
    [
        KRAKEN + kraken("trade", "-900", asset="ZEUR") + kraken("trade", "3", name="T2", ref="T1"),
        BINANCE + binance("Buy", "1") + binance("Buy", "-900", "EUR"),
        BINANCE + binance("Buy", "1") + binance("Buy", "1", "ETH"),
    ],
)
def test_a_trade_is_left_out_by_each_of_its_rows(text, left):
    found = read_drafts(text, FileStyle(NOW), columns={}, leave_out=[left])
    assert (found.drafts, found.refused) == ([], [])


def test_a_withdrawal_that_came_back_stays_where_its_other_row_is_left_out():
    text = KRAKEN + kraken("withdrawal", "-1") + kraken("withdrawal", "1", name="T2", ref="T1")
    found = read_drafts(text, FileStyle(NOW), columns={}, leave_out=[3])
    assert [draft.line for draft in found.drafts] == [2]


def test_a_row_that_cannot_be_read_hides_no_other_of_its_reference():
    text = KRAKEN + kraken("deposit", "-1", ref="R") + kraken("deposit", "2", name="T2", ref="R")
    found = read_drafts(text, FileStyle(NOW), columns={})
    assert ([fault.line for fault in found.refused], [draft.line for draft in found.drafts]) == ([2], [3])


@pytest.mark.parametrize("at", ["elsewhere", " Elsewhere"])
def test_no_place_of_a_file_is_the_one_that_files_do_not_name(at):
    drafts, events = read(OWN_HEAD + own("deposit", "1", "a", at), OWN)
    assert (codes(drafts, events), drafts.refused[0].column) == ([(2, "import_place_taken")], "at")


@pytest.mark.parametrize(
    ("day", "dates"), [("2025-03-12", ""), ("12/03/2025", "day_first"), ("03/12/2025", "month_first")]
)
def test_a_day_without_a_time_is_its_beginning(day, dates):
    text = OWN_HEAD + own("buy", "1", "1", "A").replace("2025-02-01", day)
    assert day in text
    _, found = read(text, OWN, dates=dates)
    assert [holding_event(record)["at"] for _, record in found.records] == ["2025-03-12T00:00:00Z"]


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("when,what,coin,n,paid\n2025-02-01,buy,BTC,1,5,30000\n", PAID),
        ("when,what,coin,n,paid\n2025-02-01,buy,BTC,1,1,234.50\n", PAID),
        (BITPANDA + "b1,2025-02-01T10:00:00Z,buy,incoming,1,234.50,EUR,1,BTC,Cryptocurrency,-,-\n", None),
    ],
)  # fmt: skip
def test_a_row_that_a_comma_of_a_number_has_moved_is_refused(text, columns):
    assert codes(*read(text, columns)) == [(2, "import_more_cells")]


def test_empty_cells_behind_the_last_header_are_nothing():
    assert codes(*read(OWN_HEAD + "2025-02-01,buy,BTC,1,100,EUR,,,,,,, \n", OWN)) == []
