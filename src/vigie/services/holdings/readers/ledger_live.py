"""Ledger Live's history of operations: a row an operation of an account.

``Operation Date, Status, Currency Ticker, Operation Type, Operation Amount, Operation Fees, Operation Hash, Account
Name, Account xpub, Countervalue Ticker, Countervalue at Operation Date, Countervalue at CSV Export``: seen alike in
ten public programs that read or write such files, looked up on 28 November 2026; before March 2024 without
*Status*. The amount of what goes out holds its fee. The extended public key of an account is not read. Times say
their zone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from vigie.domain.refusal import Refusal
from vigie.services.holdings.file_drafts import FileDraft
from vigie.services.holdings.file_reader import FileReader, unknown_word
from vigie.services.holdings.file_table import FileRow, LeftOut

_REWARDS: Final = ("reward", "reward_payout")
# They cost their fee alone.
_COST: Final = (
    "fees",
    "delegate",
    "undelegate",
    "bond",
    "unbond",
    "vote",
    "opt_in",
    "approve",
    "freeze",
    "unfreeze",
)


def _read_rows(rows: Sequence[FileRow]) -> Iterator[FileDraft]:
    (row,) = rows
    ticker, kind = row.text("currency ticker"), row.text("operation type").lower()
    amount, fee = row.number("operation amount"), row.number("operation fees")
    is_failed = row.text("status").lower() == "failed"
    paid = row.size(fee, ticker, "operation fees")
    at, key = (
        row.time("operation date"),
        " ".join((row.text("operation hash"), kind, row.text("account name"))),
    )
    if (is_failed or kind in _COST) and paid is None:
        raise LeftOut(Refusal("import_moved_nothing", "the operation moved no coins and cost no fee"))
    if is_failed or kind in _COST:
        yield FileDraft(row.line, at, paid, label="fee", key=key)
    elif kind == "in":
        yield FileDraft(row.line, at, None, row.amount(["operation amount"], ticker), key=key)
    elif kind in _REWARDS:
        reward = row.amount(["operation amount"], ticker)
        yield FileDraft(row.line, at, None, reward, label="staking", key=key)
    elif kind == "out" and amount is not None and abs(amount) > (fee or 0):
        sent = row.size(abs(amount) - (fee or 0), ticker, "operation amount")
        yield FileDraft(row.line, at, sent, None, paid, key=key)
    elif kind == "out" and paid is not None:
        yield FileDraft(row.line, at, paid, label="fee", key=key)
    else:
        raise unknown_word(row, "operation type")


READER: Final = FileReader(
    "ledger_live",
    "Ledger",
    ("operation date", "currency ticker", "operation type", "operation amount", "operation fees"),
    _read_rows,
    apart="coin",
)
