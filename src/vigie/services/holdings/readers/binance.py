"""Binance's *Transaction History*: a row for each balance that changes; those of one trade share their second.

``"User_ID","UTC_Time","Account","Operation","Coin","Change","Remark"``, newer ones with ``User ID`` and ``Time``:
seen alike in many public programs that read such files, looked up on 28 November 2026. Which words *Operation* may
hold is from the same programs and not complete: a word that is not listed here is refused. The file has no ids: two
trades of different coins in one second cannot be told apart, and such rows are refused. Times are UTC.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Final

from vigie.domain.refusal import Refusal
from vigie.services.holdings.file_drafts import FileDraft, Label
from vigie.services.holdings.file_reader import FileReader, ensure_sign, taken_back, unknown_word
from vigie.services.holdings.file_table import BadRow, FileRow, LeftOut

_TRADES: Final = (
    "buy", "sell", "fee", "transaction buy", "transaction sold", "transaction spend", "transaction revenue",
    "transaction fee", "transaction related", "binance convert", "small assets exchange bnb", "buy crypto",
    "buy crypto with fiat", "large otc trading",
)  # fmt: skip
_FEES: Final = ("fee", "transaction fee")
_INCOMES: Final[Mapping[str, Label]] = {
    "simple earn flexible interest": "interest",
    "simple earn locked rewards": "interest",
    "simple earn flexible airdrop": "interest",
    "savings interest": "interest",
    "staking rewards": "staking",
    "eth 2.0 staking rewards": "staking",
    "pos savings interest": "staking",
    "distribution": "airdrop",
    "airdrop assets": "airdrop",
    "commission history": "service",
    "referral kickback": "service",
    "commission rebate": "service",
    "cashback voucher": "service",
}
_INSIDE: Final = (
    "transfer between main and funding wallet", "transfer between spot account and um futures account",
    "simple earn flexible subscription", "simple earn flexible redemption", "simple earn locked subscription",
    "simple earn locked redemption", "staking purchase", "staking redemption", "savings purchase",
    "savings principal redemption", "transfer between main account/futures and margin account",
)  # fmt: skip
_TIME: Final = ("utc_time", "time", "utc time")
_USER: Final = ("user_id", "user id")


def _group(row: FileRow) -> str:
    if row.text("operation").lower() in _TRADES:
        return " ".join((row.text(*_USER), row.text(*_TIME), row.text("account")))
    return f"line {row.line}"


def _read_rows(rows: Sequence[FileRow]) -> Iterator[FileDraft]:
    if rows[0].text("operation").lower() in _TRADES:
        yield from _trade(rows)
        return
    row = rows[0]
    word, change, ticker = row.text("operation").lower(), row.number("change"), row.text("coin")
    if word in _INSIDE:
        raise LeftOut(Refusal("import_same_owner", "coins moved inside the venue; nothing came or left"))
    size = row.size(change, ticker, "change")
    if word in ("deposit", "fiat deposit"):
        ensure_sign(row, "change", ticker, 1)
        yield FileDraft(row.line, row.time(*_TIME), None, size)
    elif word == "withdraw" and (change or 0) > 0:
        # One that failed comes back.
        yield FileDraft(row.line, row.time(*_TIME), None, size)
    elif word in ("withdraw", "fiat withdraw", "fiat withdrawal"):
        yield FileDraft(row.line, row.time(*_TIME), size)
    elif word in _INCOMES and (change or 0) > 0:
        yield FileDraft(row.line, row.time(*_TIME), None, size, label=_INCOMES[word])
    else:
        raise unknown_word(row, "operation")


def _trade(rows: Sequence[FileRow]) -> Iterator[FileDraft]:
    sums: dict[str, Decimal] = {}
    fees: dict[str, Decimal] = {}
    for row in rows:
        into = fees if row.text("operation").lower() in _FEES else sums
        ticker = row.text("coin").upper()
        into[ticker] = into.get(ticker, Decimal(0)) + (row.number("change") or Decimal(0))
    gave = [(ticker, amount) for ticker, amount in sums.items() if amount < 0]
    got = [(ticker, amount) for ticker, amount in sums.items() if amount > 0]
    row = rows[0]
    if len(gave) != 1 or len(got) != 1:
        raise BadRow(
            column=row.header(*_TIME),
            message=Refusal(
                "import_unclear_second",
                "trades of one second must give one coin and receive one, give {out} and receive {into}",
                out=", ".join(ticker for ticker, _ in gave) or "0",
                into=", ".join(ticker for ticker, _ in got) or "0",
            ),
        )
    if any(amount > 0 for amount in fees.values()):
        raise taken_back(row, "change")
    paid = [row.size(amount, ticker, "change") for ticker, amount in fees.items()]
    yield FileDraft(
        row.line,
        row.time(*_TIME),
        row.size(gave[0][1], gave[0][0], "change"),
        row.size(got[0][1], got[0][0], "change"),
        paid[0] if paid else None,
    )
    for fee in paid[1:]:
        yield FileDraft(row.line, row.time(*_TIME), fee, label="fee")


READER: Final = FileReader(
    "binance",
    "Binance",
    ("account", "operation", "coin", "change", "remark"),
    _read_rows,
    _group,
    is_utc=True,
)
