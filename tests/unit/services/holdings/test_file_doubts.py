"""Cells of files that say two things, or more than is kept: told, and nothing of them is booked as something else."""

from __future__ import annotations

from typing import Any, Final

from tests.unit.services.holdings.test_file_faults import booked, codes, read

PAID: Final = {"time": "when", "kind": "what", "coin": "coin", "quantity": "n", "amount": "paid"}
HEAD: Final = "when,what,coin,n,paid\n"
KRAKEN: Final = '"txid","refid","time","type","subtype","aclass","asset","amount","fee","balance"\n'
LEDGER: Final = (
    "Operation Date,Status,Currency Ticker,Operation Type,Operation Amount,Operation Fees,Operation Hash,"
    "Account Name\n"
)
# As exact as the contract allows: 18 digits before the point and 18 behind it.
LONG: Final = "123456789012345678.123456789012345678"


def quantities(text: str, columns: dict[str, str] | None = None, **more: Any) -> list[object]:
    return [event["qty"] for event in booked(read(text, columns, **more)[1])]


def test_a_quantity_enters_with_all_its_digits_and_one_with_more_is_refused():
    assert quantities(f"{HEAD}2025-02-01,buy,BTC,{LONG},1\n", PAID) == [LONG]
    assert quantities(f"{KRAKEN}T1,R1,2025-02-01 10:00:00,deposit,,currency,XXBT,{LONG},0,1\n") == [LONG]
    # 29 digits, of which 19 are decimals: rounded to 28 it would fit.
    text = f"{HEAD}2025-02-01,buy,BTC,1234567890.1234567890123456789,1\n"
    assert codes(*read(text, PAID)) == [(2, "import_number_too_long")]


def test_what_left_a_wallet_is_less_its_fee_to_the_last_digit():
    row = "2025-02-01T10:00:00Z,Confirmed,BTC,OUT,123456789012345678.000000000000000003,0.000000000000000001,a,A\n"
    assert quantities(LEDGER + row) == ["123456789012345678.000000000000000002"]
