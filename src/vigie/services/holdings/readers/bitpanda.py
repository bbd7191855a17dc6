"""Bitpanda's trade history: a row an event, below a few lines with a name.

``"Transaction ID",Timestamp,"Transaction Type",In/Out,"Amount Fiat",Fiat,"Amount Asset",Asset,"Asset market
price","Asset market price currency","Asset class","Product ID",Fee,"Fee asset",Spread,"Spread Currency"``, newer
ones with *Tax Fiat*: seen alike in ten public programs that read such files, looked up on 28 November 2026. A cell
without a value is ``-``. That *Amount Fiat* of a purchase holds its fee, one of them supposes and none proves: it
is taken as before the fee. What is no cryptocurrency (metals, shares) is left out and told.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from vigie.domain.refusal import Refusal
from vigie.services.holdings.file_drafts import FileDraft
from vigie.services.holdings.file_reader import FileReader, unknown_word
from vigie.services.holdings.file_table import FileRow, LeftOut


def _read_rows(rows: Sequence[FileRow]) -> Iterator[FileDraft]:
    (row,) = rows
    kind, way = row.text("transaction type").lower(), row.text("in/out").lower()
    group = row.text("asset class").lower()
    if group and group not in ("cryptocurrency", "fiat"):
        raise LeftOut(
            Refusal("import_no_coin", "{group} is no cryptocurrency and is not kept here", group=group[:40])
        )
    coin = row.amount(["amount asset"], row.text("asset")) if group != "fiat" else None
    money = row.amount(["amount fiat"], row.text("fiat"))
    fee = row.amount(["fee"], row.text("fee asset") or row.text("asset"))
    at, key = row.time("timestamp"), row.text("transaction id")
    if kind == "buy":
        yield FileDraft(row.line, at, money, coin, fee, key=key, trade="buy")
    elif kind == "sell":
        yield FileDraft(row.line, at, coin, money, fee, key=key, trade="sell")
    elif kind in ("deposit", "withdrawal", "transfer"):
        moved = coin or money
        is_reward = kind == "transfer" and way == "incoming"
        into, out = (moved, None) if way == "incoming" else (None, moved)
        yield FileDraft(row.line, at, out, into, fee, label="staking" if is_reward else "", key=key)
    else:
        raise unknown_word(row, "transaction type")


READER: Final = FileReader(
    "bitpanda",
    "Bitpanda",
    ("transaction id", "timestamp", "transaction type", "in/out", "amount fiat", "amount asset"),
    _read_rows,
)
