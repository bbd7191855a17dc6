"""Kraken's *Ledgers*: a row for each balance that changes; rows of one trade share their `refid`.

``"txid","refid","time","type","subtype","aclass","asset","amount","fee","balance"``, newer ones with *subclass* and
*wallet*: seen alike in a dozen public programs that read such files, looked up on 28 November 2026. That an amount
is before its fee, and that a deposit comes twice, once without `txid` while it waits, is told by several of them;
no file of our own was at hand. Times are UTC.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from vigie.domain.refusal import Refusal
from vigie.services.holdings.file_drafts import FileAmount, FileDraft
from vigie.services.holdings.file_reader import FileReader, ensure_sign, taken_back, unknown_word
from vigie.services.holdings.file_table import BadRow, FileRow, LeftOut

_NAMES: Final = {
    "XXBT": "BTC", "XBT": "BTC", "XETH": "ETH", "XXRP": "XRP", "XLTC": "LTC", "XXLM": "XLM", "XXMR": "XMR",
    "XZEC": "ZEC", "XETC": "ETC", "XXDG": "DOGE", "XDG": "DOGE", "ETH2": "ETH", "ZEUR": "EUR", "ZUSD": "USD",
    "ZGBP": "GBP", "ZCAD": "CAD", "ZJPY": "JPY", "ZAUD": "AUD",
}  # fmt: skip
_TRADES: Final = ("trade", "spend", "receive")
_INSIDE: Final = ("allocation", "deallocation", "autoallocation", "migration")
_REWARDS: Final = ("reward", "", "bonus")


def _group(row: FileRow) -> str:
    is_trade = row.text("txid") and row.text("type").lower() in _TRADES
    return row.text("refid") if is_trade and row.text("refid") else f"line {row.line}"


def _ticker(row: FileRow) -> str:
    # Staked and rewarded balances have an ending of their own.
    name = row.text("asset").split(".")[0].upper()
    return _NAMES.get(name, name)


def _size(row: FileRow, header: str) -> FileAmount | None:
    return row.size(row.number(header), _ticker(row), header)


def _read_rows(rows: Sequence[FileRow]) -> Iterator[FileDraft]:
    if not rows[0].text("txid"):
        raise LeftOut(Refusal("import_waiting", "the row waits to be booked; a later one books it"))
    if all(row.text("type").lower() in _TRADES for row in rows):
        yield from _trade(rows)
        return
    for row in rows:
        yield _single(row)


def _trade(rows: Sequence[FileRow]) -> Iterator[FileDraft]:
    signed = [(row, row.number("amount") or 0) for row in rows]
    gave = [row for row, amount in signed if amount < 0]
    got = [row for row, amount in signed if amount > 0]
    if len(gave) != 1 or len(got) != 1:
        raise BadRow(
            column="refid",
            message=Refusal(
                "import_unclear_trade",
                "a trade must have one row with what leaves and one with what comes, has {out} and {into}",
                out=len(gave),
                into=len(got),
            ),
        )
    for row in rows:
        if (row.number("fee") or 0) < 0:
            raise taken_back(row, "fee")
    fees = [fee for row in rows if (fee := _size(row, "fee"))]
    first, key = rows[0], rows[0].text("refid")
    yield FileDraft(
        first.line,
        first.time("time"),
        _size(gave[0], "amount"),
        _size(got[0], "amount"),
        fees[0] if fees else None,
        key=key,
    )
    for number, fee in enumerate(fees[1:], 1):
        yield FileDraft(first.line, first.time("time"), fee, label="fee", key=f"{key} fee {number}")


def _single(row: FileRow) -> FileDraft:
    kind, subtype = row.text("type").lower(), row.text("subtype").lower()
    amount, key = _size(row, "amount"), row.text("txid")
    fee = _size(row, "fee")
    ensure_sign(row, "fee", _ticker(row), 1)
    if kind == "deposit":
        ensure_sign(row, "amount", _ticker(row), 1)
        return FileDraft(row.line, row.time("time"), None, amount, fee, key=key)
    if kind == "withdrawal" and (row.number("amount") or 0) > 0:
        # One that failed comes back.
        return FileDraft(row.line, row.time("time"), None, amount, fee, key=key)
    if kind == "withdrawal":
        return FileDraft(row.line, row.time("time"), amount, None, fee, key=key)
    if kind == "staking" or (kind == "earn" and subtype in _REWARDS):
        ensure_sign(row, "amount", _ticker(row), 1)
        return FileDraft(row.line, row.time("time"), None, amount, fee, label="staking", key=key)
    if (kind == "earn" and subtype in _INSIDE) or (kind == "transfer" and subtype):
        raise LeftOut(Refusal("import_same_owner", "coins moved inside the venue; nothing came or left"))
    raise unknown_word(row, "type")


READER: Final = FileReader(
    "kraken",
    "Kraken",
    ("txid", "refid", "time", "type", "asset", "amount", "fee"),
    _read_rows,
    _group,
    is_utc=True,
)
