"""A platform's yearly statement as CSV or XML: its rows, or a sentence for each that cannot be read."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Final

from vigie.domain.asset import Asset
from vigie.domain.errors import UsageError
from vigie.domain.refusal import Refusal
from vigie.domain.reported import ReportedCategory, ReportedRow, place_key
from vigie.services.holdings.coin_choice import STATE_MONEY, find_coin
from vigie.services.holdings.file_drafts import FileFault
from vigie.services.holdings.file_secrets import refuse_file_secrets
from vigie.services.holdings.file_table import (
    BadRow,
    FileRow,
    FileStyle,
    FileTable,
    heads,
    normal,
    read_table,
)
from vigie.services.holdings.reported_xml import is_xml, read_carf

# Each field with the headers that a file may give it, the plain form's first.
HEADERS: Final[Mapping[str, tuple[str, ...]]] = {
    "platform": ("platform", "place"),
    "year": ("year", "reporting year"),
    "asset": ("asset", "asset_name", "coin"),
    "category": ("category", "transaction_type"),
    "type": ("type", "transaction_subtype"),
    "units": ("units", "number_of_units"),
    "amount": ("amount", "fiat_value"),
    "currency": ("currency", "currency_code"),
    "transactions": ("transactions", "number_of_transactions"),
}
NEEDED: Final = ("asset", "category", "units")
MOST_ROWS: Final = 5_000
# A figure of XML has at most seven elements, and two around it: each begins and ends.
_MOST_TAGS: Final = 20 * MOST_ROWS
_MOST_TRANSACTIONS: Final = 1_000_000_000
_LONGEST: Final = 60
_CURRENCY: Final = re.compile(r"[A-Z]{3}", re.ASCII)
_NOT_LETTERS: Final = re.compile(r"[^a-z]")
# Elements of the CARF schema and their usual English names, letters alone.
_WORDS: Final[Mapping[str, ReportedCategory]] = {
    **dict.fromkeys(("fiatin", "cryptofiatin", "acquisitionsagainstfiat"), "fiat_in"),
    **dict.fromkeys(("fiatout", "cryptofiatout", "disposalsagainstfiat"), "fiat_out"),
    **dict.fromkeys(("cryptoin", "cryptotocryptoin", "acquisitionsagainstcrypto"), "crypto_in"),
    **dict.fromkeys(("cryptoout", "cryptotocryptoout", "disposalsagainstcrypto"), "crypto_out"),
    **dict.fromkeys(("transferin", "cryptotransferin", "transfersin"), "transfer_in"),
    **dict.fromkeys(("transferout", "cryptotransferout", "transfersout"), "transfer_out"),
    **dict.fromkeys(("transferwallet", "transferstowallets"), "transfer_wallet"),
    **dict.fromkeys(
        ("rrpt", "retailpayment", "retailpayments", "reportableretailpaymenttransactions"), "retail_payment"
    ),
}


@dataclass(slots=True)
class ReportedFile:
    """A statement that was read.

    Attributes
    ----------
    rows : list of (int, ReportedRow)
        Each with its line.
    refused : list of FileFault
        Rows that cannot be read.
    tickers : set of str
        Those that mean no coin, or several: a person must say which.
    """

    rows: list[tuple[int, ReportedRow]] = field(default_factory=list)
    refused: list[FileFault] = field(default_factory=list)
    tickers: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class ReportedForm:
    """How a file is meant.

    Attributes
    ----------
    year : int
        The only year that it may hold.
    place : str
        The platform of rows that name none.
    assets : sequence of Asset
        The catalogue.
    coins : mapping of str to str
        By ticker, the coin that is meant.
    columns : mapping of str to str
        By field, the header of its column; a field that is left out has its usual headers.
    style : FileStyle
        How it writes numbers.
    """

    year: int
    place: str
    assets: Sequence[Asset]
    coins: Mapping[str, str]
    columns: Mapping[str, str]
    style: FileStyle


def read_reported(text: str, form: ReportedForm) -> ReportedFile:
    """Read a statement.

    Parameters
    ----------
    text : str
        CSV, or XML in the CARF schema: its rows are its figures, numbered from 1.
    form : ReportedForm
        How it is meant.

    Returns
    -------
    ReportedFile
        Rows that say the same figure twice are refused, the first stays.

    Raises
    ------
    UsageError
        If it is neither, has not the columns that are needed, is too large, or a cell holds a secret.
    """
    is_carf = is_xml(text)
    headers = _headers({} if is_carf else form.columns)
    head, table = (0, _carf_table(text, form.place)) if is_carf else _csv_table(text, headers)
    # First, because other refusals repeat what they refuse.
    refuse_file_secrets(table, head, ids=(), kept=())
    # XML has a point; a comma of a form that strays from it is asked about, not taken for thousands.
    style = replace(form.style, mark="") if is_carf else form.style
    if len(table.rows) > MOST_ROWS:
        raise _too_many()
    columns, found = table.columns(), ReportedFile()
    seen: dict[tuple[object, ...], int] = {}
    money: dict[tuple[str, int], str] = {}
    for line, cells in table.rows:
        try:
            row = _row(FileRow(line, cells, columns, style, []), headers, form, found.tickers)
            _check_alone(row, line, seen)
            _check_currency(row, money, headers["currency"][0])
        except BadRow as fault:
            found.refused.append(FileFault(line, fault.column, fault.message))
        else:
            found.rows.append((line, row))
    return found


def _headers(columns: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    if unknown := [name for name in columns if name not in HEADERS]:
        raise UsageError(
            "reported_columns",
            "a map of columns may have {fields}; was {given}",
            fields=", ".join(HEADERS),
            given=", ".join(unknown)[:_LONGEST],
        )
    return {name: (normal(columns[name]),) if name in columns else usual for name, usual in HEADERS.items()}


def _carf_table(text: str, place: str) -> FileTable:
    # First, because elements without end would take a hundred times the memory of their text.
    if text.count("<") > _MOST_TAGS:
        raise _too_many()
    return read_carf(text, place)


def _csv_table(text: str, headers: Mapping[str, tuple[str, ...]]) -> tuple[int, FileTable]:
    """Return the line of the headers, and the table."""
    head, separator = _head(text, headers)
    return head, read_table(text, head, separator)


def _too_many() -> UsageError:
    return UsageError("import_most_rows", "a file may have at most {most} rows", most=MOST_ROWS)


def _head(text: str, headers: Mapping[str, tuple[str, ...]]) -> tuple[int, str]:
    for line, separator, row in heads(text):
        cells = {normal(cell) for cell in row}
        if all(cells & set(headers[name]) for name in NEEDED):
            return line, separator
    raise UsageError(
        "reported_no_headers",
        "the file has no row with the headers {headers}; they are needed, or say which column is which",
        headers=", ".join(headers[name][0] for name in NEEDED),
    )


def _row(
    row: FileRow, headers: Mapping[str, tuple[str, ...]], form: ReportedForm, tickers: set[str]
) -> ReportedRow:
    year = _year(row, headers["year"], form.year)
    place = row.word(headers["platform"], _LONGEST) or form.place
    if not place:
        raise BadRow(
            headers["platform"][0],
            Refusal("reported_no_place", "the row names no platform: say which one reported it"),
        )
    category = _category(row, headers["category"])
    units = _number(row, headers["units"])
    if units is None:
        raise BadRow(
            row.header(*headers["units"]), Refusal("reported_no_units", "the row says no number of units")
        )
    amount, currency = _number(row, headers["amount"]), row.text(*headers["currency"]).upper()
    if amount is not None and not _CURRENCY.fullmatch(currency):
        raise BadRow(
            row.header(*headers["currency"]),
            Refusal("reported_currency", "an amount needs its currency as three letters, such as EUR"),
        )
    return ReportedRow(
        place=" ".join(place.split()),
        year=year,
        asset=_asset(row, headers["asset"], form, tickers),
        category=category,
        sort=" ".join(row.word(headers["type"], _LONGEST).split()),
        units=units,
        amount=amount,
        currency="" if amount is None else currency,
        transactions=_count(row, headers["transactions"]),
    )


def _year(row: FileRow, headers: tuple[str, ...], year: int) -> int:
    text = row.text(*headers)
    if text and text != str(year):
        raise BadRow(
            row.header(*headers),
            Refusal(
                "reported_year", "the row is of {text}, not of the year {year}", text=text[:20], year=year
            ),
        )
    return year


def _category(row: FileRow, headers: tuple[str, ...]) -> ReportedCategory:
    text = row.text(*headers)
    found = _WORDS.get(_NOT_LETTERS.sub("", text.lower()))
    if found is None:
        raise BadRow(
            row.header(*headers),
            Refusal(
                "reported_category",
                "{text!r} is no category that is known here; known are fiat_in, fiat_out, crypto_in, crypto_out, "
                "transfer_in, transfer_out, transfer_wallet and retail_payment",
                text=text[:_LONGEST],
            ),
        )
    return found


def _asset(row: FileRow, headers: tuple[str, ...], form: ReportedForm, tickers: set[str]) -> str:
    typed, header = row.word(headers, _LONGEST), row.header(*headers)
    if not typed:
        raise BadRow(header, Refusal("reported_no_asset", "the row names no asset"))
    chosen = form.coins.get(typed.upper(), typed)
    try:
        return find_coin(form.assets, chosen).id
    except UsageError as fault:
        if typed.lower() not in STATE_MONEY:
            tickers.add(typed.upper())
        said: str = fault.args[0]
        raise BadRow(header, said) from fault


def _number(row: FileRow, headers: tuple[str, ...]) -> Decimal | None:
    number = row.number(*headers)
    if number is not None and number < 0:
        raise BadRow(
            row.header(*headers),
            Refusal("reported_negative", "a statement has no negative figures, was {text!r}",
                    text=row.text(*headers)[:_LONGEST]),
        )  # fmt: skip
    return number


def _count(row: FileRow, headers: tuple[str, ...]) -> int | None:
    number = _number(row, headers)
    if number is not None and (number != number.to_integral_value() or number > _MOST_TRANSACTIONS):
        raise BadRow(
            row.header(*headers),
            Refusal("reported_count", "the number of transactions must be a whole number, was {text!r}",
                    text=row.text(*headers)[:_LONGEST]),
        )  # fmt: skip
    return None if number is None else int(number)


def _check_alone(row: ReportedRow, line: int, seen: dict[tuple[object, ...], int]) -> None:
    first = seen.setdefault((place_key(row.place), row.year, row.key), line)
    if first != line:
        raise BadRow(
            column="",
            message=Refusal(
                "reported_twice",
                "row {line} gives the same platform, asset, category and type already",
                line=first,
            ),
        )


def _check_currency(row: ReportedRow, money: dict[tuple[str, int], str], header: str) -> None:
    """Refuse a second currency of one statement: its amounts would not add up."""
    if not row.currency:
        return
    first = money.setdefault((place_key(row.place), row.year), row.currency)
    if first != row.currency:
        raise BadRow(
            header,
            Refusal(
                "reported_currencies",
                "the amounts above are in {first}, this one in {second}; a statement has one currency",
                first=first,
                second=row.currency,
            ),
        )
