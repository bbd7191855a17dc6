"""Koinly's universal form, which many tools write: what was sent, what was received, a fee and a label.

``Date, Sent Amount, Sent Currency, Received Amount, Received Currency, Fee Amount, Fee Currency, Net Worth Amount,
Net Worth Currency, Label, Description, TxHash``: seen alike in many public programs that write it, looked up on 28
November 2026; some write *Tag* for *Label*. Which words *Label* may hold is from memory of their help page, not
from a file: a word that is not listed here is refused. Times are UTC.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from vigie.services.holdings.file_drafts import FileDraft, Label, Trade
from vigie.services.holdings.file_reader import FileReader, unknown_word
from vigie.services.holdings.file_table import FileRow

_LABELS: Final[Mapping[str, Label]] = {
    "": "",
    "trade": "",
    "swap": "",
    "buy": "",
    "sell": "",
    "transfer": "",
    "reward": "staking",
    "staking": "staking",
    "mining": "mining",
    "interest": "interest",
    "lending interest": "interest",
    "loan interest": "interest",
    "income": "service",
    "other income": "service",
    "salary": "service",
    "airdrop": "airdrop",
    "fork": "fork",
    "gift": "gift",
    "donation": "gift",
    "lost": "loss",
    "stolen": "loss",
    "cost": "fee",
    "fee": "fee",
    "payment": "payment",
    "spend": "payment",
}


# Such a row with one side would be a transfer.
_TRADES: Final[Mapping[str, Trade]] = {"trade": "swap", "swap": "swap", "buy": "buy", "sell": "sell"}


def _read_rows(rows: Sequence[FileRow]) -> Iterator[FileDraft]:
    (row,) = rows
    word = row.text("label", "tag").lower()
    if word not in _LABELS:
        raise unknown_word(row, "label", "tag")
    yield FileDraft(
        row.line,
        row.time("date"),
        row.amount(["sent amount"], row.text("sent currency")),
        row.amount(["received amount"], row.text("received currency")),
        row.amount(["fee amount"], row.text("fee currency")),
        row.amount(["net worth amount"], row.text("net worth currency")),
        _LABELS[word],
        trade=_TRADES.get(word, ""),
    )


READER: Final = FileReader(
    "koinly",
    "",
    ("date", "sent amount", "sent currency", "received amount", "received currency", "fee amount"),
    _read_rows,
    is_utc=True,
)
