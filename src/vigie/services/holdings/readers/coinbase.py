"""Coinbase's *Transactions*: a row an event, below a few lines with a name.

``ID, Timestamp, Transaction Type, Asset, Quantity Transacted, Price Currency, Price at Transaction, Subtotal, Total
(inclusive of fees and/or spread), Fees and/or Spread, Notes``: seen alike in a dozen public programs that read such
files, looked up on 28 November 2026; older files have no *ID* and *Spot Price Currency*. What a *Convert* brought
stands in its notes alone (*Converted 0.01 BTC to 0.2 ETH*). Words of *Transaction Type* are from the same programs
and not complete: one that is not listed here is refused. Times are UTC.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from vigie.domain.refusal import Refusal
from vigie.services.holdings.file_drafts import FileAmount, FileDraft, Label, Trade
from vigie.services.holdings.file_reader import FileReader, unknown_word
from vigie.services.holdings.file_table import BadRow, FileRow, LeftOut

_INCOMES: Final[Mapping[str, Label]] = {
    "staking income": "staking",
    "inflation reward": "staking",
    "reward income": "interest",
    "rewards income": "interest",
    "interest payout": "interest",
    "learning reward": "service",
    "coinbase earn": "service",
    "incentives rewards payout": "airdrop",
    "airdrop": "airdrop",
}
_INSIDE: Final = (
    "pro deposit", "pro withdrawal", "exchange deposit", "exchange withdrawal", "retail staking transfer",
    "retail unstaking transfer", "vault withdrawal",
)  # fmt: skip
_BUYS: Final = ("buy", "advanced trade buy", "advance trade buy")
_SELLS: Final = ("sell", "advanced trade sell", "advance trade sell")
_TRADES: Final[Mapping[str, Trade]] = {
    **dict.fromkeys(_BUYS, "buy"),
    **dict.fromkeys(_SELLS, "sell"),
    "convert": "swap",
}
_CONVERTED: Final = re.compile(r"Converted [\d.,]+ \S+ to ([\d.,]+) (\S+)", re.ASCII)


def _read_rows(rows: Sequence[FileRow]) -> Iterator[FileDraft]:
    (row,) = rows
    kind, currency = row.text("transaction type").lower(), row.text("price currency", "spot price currency")
    if kind in _INSIDE:
        raise LeftOut(Refusal("import_same_owner", "coins moved inside the venue; nothing came or left"))
    coin = _coin(row, is_signed=kind in ("send", "withdrawal", "convert", *_SELLS))
    money = row.size(row.number("subtotal"), currency, "subtotal")
    fee = row.size(row.number("fees and/or spread", "fees"), currency, "fees and/or spread")
    gave, got, worth, label = _sides(row, kind, coin, money)
    trade = _TRADES.get(kind, "")
    yield FileDraft(
        row.line, row.time("timestamp"), gave, got, fee, worth, label, row.text("id"), trade=trade
    )


def _coin(row: FileRow, *, is_signed: bool) -> FileAmount | None:
    if is_signed:
        return row.size(row.number("quantity transacted"), row.text("asset"), "quantity transacted")
    return row.amount(["quantity transacted"], row.text("asset"))


def _sides(
    row: FileRow, kind: str, coin: FileAmount | None, money: FileAmount | None
) -> tuple[FileAmount | None, FileAmount | None, FileAmount | None, Label]:
    if kind in _BUYS:
        return money, coin, None, ""
    if kind in _SELLS:
        return coin, money, None, ""
    if kind == "convert":
        return coin, _came(row), money, ""
    if kind in _INCOMES:
        return None, coin, money, _INCOMES[kind]
    if kind in ("receive", "deposit"):
        return None, coin, None, ""
    if kind in ("send", "withdrawal"):
        return coin, None, None, ""
    raise unknown_word(row, "transaction type")


def _came(row: FileRow) -> FileAmount | None:
    match = _CONVERTED.search(row.text("notes"))
    if match is None:
        raise BadRow(
            column="notes",
            message=Refusal(
                "import_no_converted", "the notes of a conversion must say what came, such as to 0.2 ETH"
            ),
        )
    return row.size(row.parse(match[1], "notes"), match[2], "notes")


READER: Final = FileReader(
    "coinbase",
    "Coinbase",
    ("timestamp", "transaction type", "asset", "quantity transacted", "subtotal"),
    _read_rows,
    is_utc=True,
)
