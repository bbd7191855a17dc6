"""Revolut's statement of crypto: a row an event, with the sign or code of its money beside each number.

``Symbol,Type,Quantity,Price,Value,Fees,Date``: seen in ten public programs that read such files, looked up on 28
November 2026; the value is quantity x price, so its fee comes on top. Dates are written in several ways (*Jun 12,
2018, 4:16:32 PM*, *13 Apr 2021, 09:54:54*, ISO); those that do not say their zone are of the zone of the file. The
file has no ids. Words of *Type* are from the same programs and not complete: one that is not listed here is
refused.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from vigie.domain.refusal import Refusal
from vigie.services.holdings.file_cells import currency_of
from vigie.services.holdings.file_drafts import FileDraft
from vigie.services.holdings.file_reader import FileReader, unknown_word
from vigie.services.holdings.file_table import FileRow, LeftOut


def _read_rows(rows: Sequence[FileRow]) -> Iterator[FileDraft]:
    (row,) = rows
    kind, coin = row.text("type").lower(), row.amount(["quantity"], row.text("symbol"))
    money = row.amount(["value"], currency_of(row.text("value")))
    fee = row.amount(["fees"], currency_of(row.text("fees")))
    at = row.time("date")
    if kind == "buy":
        yield FileDraft(row.line, at, money, coin, fee, trade="buy")
    elif kind == "sell":
        yield FileDraft(row.line, at, coin, money, fee, trade="sell")
    elif kind == "payment":
        yield FileDraft(row.line, at, coin, None, fee, money, "payment")
    elif kind in ("staking reward", "reward"):
        yield FileDraft(row.line, at, None, coin, fee, money, "staking")
    elif kind == "learn reward":
        yield FileDraft(row.line, at, None, coin, fee, money, "service")
    elif kind in ("receive", "deposit"):
        yield FileDraft(row.line, at, None, coin, fee)
    elif kind in ("send", "withdrawal"):
        yield FileDraft(row.line, at, coin, None, fee)
    elif kind in ("stake", "unstake"):
        raise LeftOut(Refusal("import_same_owner", "coins moved inside the venue; nothing came or left"))
    else:
        raise unknown_word(row, "type")


READER: Final = FileReader(
    "revolut", "Revolut", ("symbol", "type", "quantity", "price", "value", "fees", "date"), _read_rows
)
