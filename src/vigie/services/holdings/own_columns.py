"""The reader of a file of one's own: which of its columns is which says a map."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from vigie.domain.asset import WATCHED
from vigie.domain.errors import UsageError
from vigie.domain.refusal import Refusal
from vigie.intelligence.holdings.amounts import book, plain
from vigie.services.holdings.file_cells import currency_of, may_be_in, named_currency
from vigie.services.holdings.file_drafts import (
    FileAmount,
    FileDraft,
    FileFault,
    Label,
    Trade,
    refuse_elsewhere,
)
from vigie.services.holdings.file_reader import FileReader, unknown_word
from vigie.services.holdings.file_table import BadRow, FileRow, normal
from vigie.services.holdings.kind_words import SIGNED, kind_of
from vigie.services.outside.cells import SHORT_YEAR, shorten

OWN_COLUMNS: Final = "own_columns"
# Between an amount and quantity by price; a fee in one of them and rounded prices explain less.
_MOST_APART: Final = Decimal("0.1")
# As of a line that is typed.
_LONGEST_PLACE: Final = 60
_INCOMING: Final[Mapping[str, Label]] = {
    "income": "service",
    "staking": "staking",
    "reward": "staking",
    "mining": "mining",
    "interest": "interest",
    "service": "service",
    "airdrop": "airdrop",
    "gift": "gift",
    "deposit": "",
    "receive": "",
}
_OUTGOING: Final[Mapping[str, Label]] = {
    "withdrawal": "",
    "send": "",
    "gift_out": "gift",
    "loss": "loss",
    "fee": "fee",
    "payment": "payment",
}
FIELDS: Final = (
    "time", "kind", "coin", "quantity", "amount", "unit_price", "currency", "fee", "fee_coin", "to_coin", "to_quantity",
    "id", "place",
)  # fmt: skip
NUMBERS: Final = ("quantity", "amount", "unit_price", "fee", "to_quantity")
NEEDED: Final = ("time", "kind", "coin", "quantity")


def own_reader(columns: Mapping[str, str], currency: str = "") -> FileReader:
    """Return the reader of a map of columns.

    Parameters
    ----------
    columns : mapping of str to str
        By field, the header of its column.
    currency : str
        Of amounts for which the file names none.

    Raises
    ------
    UsageError
        If a field is unknown, or one that is needed is missing.
    """
    unknown = [name for name in columns if name not in FIELDS]
    missing = [name for name in NEEDED if name not in columns]
    if unknown or missing:
        raise UsageError(
            "import_map_fields",
            "a map of columns needs {needed} and may have {fields}; was {given}",
            needed=", ".join(NEEDED),
            fields=", ".join(FIELDS),
            given=", ".join(columns),
        )
    header = {name: normal(columns[name]) if name in columns else "" for name in FIELDS}

    def read(rows: Sequence[FileRow]) -> Iterator[FileDraft]:
        (row,) = rows
        kind = _kind_of(row, header)
        ticker = row.text(header["coin"])
        for number, name in (("quantity", "coin"), ("to_quantity", "to_coin")):
            _ensure_in(row.text(header[number]), row.text(header[name]).upper(), header[number])
        if kind.is_signed:
            coin = row.size(row.number(header["quantity"]), ticker, header["quantity"])
        else:
            coin = row.amount([header["quantity"]], ticker)
        money = _money_of(row, header, coin, currency)
        fee = _priced(
            row, header["fee"], row.text(header["fee_coin"]), row.text(header["currency"]) or currency
        )
        if (taken := refuse_elsewhere(row.text(header["place"]))) is not None:
            raise BadRow(header["place"], taken)
        came = row.amount([header["to_quantity"]], row.text(header["to_coin"]))
        if kind.name == "fork" and coin is None and ticker:
            # What splits is all that lies there.
            coin = FileAmount("0", ticker.upper())
        gave, got, label, trade = _sides_of(kind.name, coin, money, came)
        yield FileDraft(
            row.line, _time_of(row, header["time"]), gave, got, fee, None if money in (gave, got) else money, label,
            row.text(header["id"]), _place_of(row, header["place"]), trade,
        )  # fmt: skip

    return FileReader(OWN_COLUMNS, "", (), read, apart="place")


def _time_of(row: FileRow, header: str) -> int:
    """Return the time of a row; a year of two digits may be a day as well, and nobody says which."""
    text = row.text(header)
    if SHORT_YEAR.fullmatch(text):
        raise BadRow(
            header,
            Refusal(
                "import_short_year",
                "{text!r} may begin with its year or its day; write the year with four digits",
                text=shorten(text),
            ),
        )
    return row.time(header)


def _priced(row: FileRow, header: str, named: str, usual: str) -> FileAmount | None:
    """Return an amount in the currency that a column names, else that beside its number, else that of the file."""
    text = row.text(header)
    if not text:
        return None
    ticker = named_currency(named) or currency_of(text) or named_currency(usual)
    if ticker:
        _ensure_in(text, ticker, header)
    elif row.number(header):
        raise BadRow(
            header,
            Refusal(
                "import_no_currency",
                "the row gives an amount, {text!r}, but no currency; choose its column, or say that all amounts are in "
                "EUR or USD",
                text=shorten(text),
            ),
        )
    return row.amount([header], ticker)


def _ensure_in(text: str, ticker: str, header: str) -> None:
    """Refuse a number beside which another currency or coin stands than its row says."""
    if may_be_in(text, ticker):
        return
    beside = currency_of(text)
    if _coin_of(beside) != _coin_of(ticker) or not may_be_in(text, beside):
        raise BadRow(
            header,
            Refusal(
                "import_two_currencies",
                "{text!r} is not in {currency}, as another column of the row or the choice for all amounts says; "
                "correct one of them",
                text=shorten(text),
                currency=ticker,
            ),
        )


def _coin_of(name: str) -> str:
    """Return the id of a coin of the watch, as which a row may name it once by ticker and once by name."""
    word = name.lower()
    return next(
        (coin.id for coin in WATCHED if word in (coin.id, coin.symbol.lower(), coin.name.lower())), word
    )


def _money_of(
    row: FileRow, header: Mapping[str, str], coin: FileAmount | None, usual: str
) -> FileAmount | None:
    """Return the money of the whole row: as it says, else the quantity by the price of one coin, booked."""
    currency = row.text(header["currency"])
    money = _priced(row, header["amount"], currency, usual)
    price = _priced(row, header["unit_price"], currency, usual)
    if price is None or coin is None:
        return money
    worked_out = book(Decimal(coin.quantity) * Decimal(price.quantity))
    if money is None:
        return row.size(worked_out, price.ticker, header["unit_price"])
    if money.ticker == price.ticker and abs(Decimal(money.quantity) - worked_out) > worked_out * _MOST_APART:
        note = Refusal(
            "import_amount_apart",
            "the amount, {amount} {currency}, is not the quantity by the price of one coin, {worked_out} {currency}; "
            "the amount is kept: check both",
            amount=money.quantity,
            worked_out=plain(worked_out) or "",
            currency=money.ticker,
        )
        row.noted.append(FileFault(row.line, header["amount"], note))
    return money


def _place_of(row: FileRow, header: str) -> str:
    """Return the name of a place, as short as a person may type it; line ends are spaces."""
    place = " ".join(row.text(header).split()) if header else ""
    if len(place) > _LONGEST_PLACE:
        raise BadRow(
            header,
            Refusal("import_name_too_long", "a name may have at most {most} characters", most=_LONGEST_PLACE),
        )
    return place


_WAYS: Final[Mapping[str, Refusal]] = {
    "deposit": Refusal("import_word_deposit", "deposit"),
    "withdrawal": Refusal("import_word_withdrawal", "withdrawal"),
    "gift": Refusal("import_word_gift", "gift"),
    "gift_out": Refusal("import_word_gift_out", "gift out"),
}


@dataclass(frozen=True, slots=True)
class _RowKind:
    """The kind of a row, and whether the sign of its quantity said so."""

    name: str
    is_signed: bool = False


def _kind_of(row: FileRow, header: Mapping[str, str]) -> _RowKind:
    """Return the kind of a row; of what may go either way the sign of the quantity says which."""
    kind = kind_of(row.text(header["kind"]))
    if kind not in SIGNED:
        if not kind:
            raise unknown_word(row, header["kind"])
        return _RowKind(kind)
    came, left = SIGNED[kind]
    sign = row.text(header["quantity"])[:1]
    if sign not in ("+", "-"):
        raise BadRow(
            column=row.header(header["kind"]),
            message=Refusal(
                "import_which_way",
                "{word!r} does not say whether the coins came or left: write {came} or {left}, or give the quantity a "
                "sign, + or -",
                word=row.text(header["kind"])[:60],
                came=_WAYS[came],
                left=_WAYS[left],
            ),
        )
    return _RowKind(came if sign == "+" else left, is_signed=True)


def _sides_of(
    kind: str, coin: FileAmount | None, money: FileAmount | None, came: FileAmount | None
) -> tuple[FileAmount | None, FileAmount | None, Label, Trade]:
    """Return what was given and received, by the kind of a row."""
    if kind == "buy":
        return money, coin, "" if money else "bought", "buy"
    if kind == "sell":
        return coin, money, "", "sell"
    if kind == "swap":
        return coin, came, "", "swap"
    if kind == "fork":
        return coin, came, "fork", "fork"
    if kind in _INCOMING:
        return None, coin, _INCOMING[kind], ""
    return coin, None, _OUTGOING[kind], ""
