"""Which reader a file is for, and the drafts of its rows; a file that no reader knows is read by a map of columns."""

from __future__ import annotations

import pkgutil
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, tzinfo
from functools import cache
from importlib import import_module
from typing import Final, Literal

from vigie.domain.errors import UsageError
from vigie.domain.refusal import Refusal
from vigie.services.holdings.coin_choice import STATE_MONEY
from vigie.services.holdings.file_drafts import (
    FileAmount,
    FileDraft,
    FileFault,
    Label,
    Trade,
    refuse_elsewhere,
)
from vigie.services.holdings.file_marks import find_mark
from vigie.services.holdings.file_secrets import refuse_file_secrets
from vigie.services.holdings.file_table import (
    BadRow,
    FileRow,
    FileStyle,
    FileTable,
    LeftOut,
    Mark,
    heads,
    normal,
    read_table,
)
from vigie.services.holdings.kind_words import SIGNED, kind_of

FOLDER: Final = "vigie.services.holdings.readers"
OWN_COLUMNS: Final = "own_columns"
# As of a line that is typed.
_LONGEST_PLACE: Final = 60


@dataclass(frozen=True, slots=True)
class FileReader:
    """Reads the files of one venue or wallet.

    Attributes
    ----------
    name : str
    place : str
        Where its coins lie, if nobody says otherwise.
    signs : tuple of str
        Headers, lower case, that only its files have together.
    read : callable
        Rows that belong together to drafts.
    group : callable or None
        What rows that belong together have in common; None where each stands alone.
    apart : str
        What else tells rows apart that have one id: their place or their coin; empty where an id is of one row alone.
    is_utc : bool
        Whether its files are known to write times in UTC, whatever zone is said.
    """

    name: str
    place: str
    signs: tuple[str, ...]
    read: Callable[[Sequence[FileRow]], Iterator[FileDraft]]
    group: Callable[[FileRow], str] | None = None
    apart: Literal["", "place", "coin"] = ""
    is_utc: bool = False


@dataclass(slots=True)
class FileDrafts:
    """What a file says, and what of it cannot be read.

    Attributes
    ----------
    reader : FileReader
    headers : sequence of str
    drafts : list of FileDraft
    refused, left_out, noted : list of FileFault
        Rows that cannot be read; that are no events of coins; that may be read in two ways.
    zone : tzinfo or None
        The one that was said, where the reader knows better.
    mark : str
        Of decimals, as it was said or found; empty for a point.
    """

    reader: FileReader
    headers: Sequence[str] = ()
    drafts: list[FileDraft] = field(default_factory=list)
    refused: list[FileFault] = field(default_factory=list)
    left_out: list[FileFault] = field(default_factory=list)
    noted: list[FileFault] = field(default_factory=list)
    zone: tzinfo | None = None
    mark: Mark = ""


class NoReader(UsageError):
    """No reader knows the headers of a file."""


@cache
def file_readers() -> Mapping[str, FileReader]:
    """Return a reader for every file of the folder, by name."""
    package = import_module(FOLDER)
    names = sorted(entry.name for entry in pkgutil.iter_modules(package.__path__))
    return {name: import_module(f"{FOLDER}.{name}").READER for name in names}


def read_drafts(
    text: str,
    style: FileStyle,
    *,
    name: str = "",
    columns: Mapping[str, str],
    leave_out: Collection[int] = (),
) -> FileDrafts:
    """Read a file.

    Parameters
    ----------
    text : str
        CSV.
    style : FileStyle
        How it writes numbers and times.
    name : str
        Of its reader; empty: the one whose headers it has.
    columns : mapping of str to str
        By field, the header of its column, for a file of no reader.
    leave_out : collection of int
        Rows that are not to be read, with those that belong to them.

    Raises
    ------
    UsageError
        If no reader knows it, it is no table, or a cell holds a secret.
    """
    reader, head, separator = _find_reader(text, name, columns)
    table = read_table(text, head, separator)
    ids = {normal(header) for name, header in columns.items() if name == "id"}
    # First, because other refusals repeat what they refuse.
    refuse_file_secrets(
        table, head, ids=ids, kept={normal(header) for name, header in columns.items() if name != "id"}
    )
    found = FileDrafts(reader, table.headers)
    if reader.is_utc and style.zone is not UTC:
        found.zone, style = style.zone, replace(style, zone=UTC)
    if columns and not style.mark:
        style = replace(style, mark=find_mark(_number_cells(table, columns)))
    found.mark = style.mark
    for rows in _groups(reader, _rows(table, style, found.noted)):
        if any(row.line in leave_out for row in rows):
            continue
        try:
            found.drafts += reader.read(rows)
        except BadRow as fault:
            found.refused.append(FileFault(rows[0].line, fault.column, fault.message))
        except LeftOut as left:
            found.left_out += [FileFault(row.line, "", left.message) for row in rows]
    return found


def _find_reader(text: str, name: str, columns: Mapping[str, str]) -> tuple[FileReader, int, str]:
    readers = file_readers()
    if columns:
        wanted = [(_mapped(columns), {normal(header) for header in columns.values()})]
    elif name:
        wanted = [(readers[name], set(readers[name].signs))] if name in readers else []
    else:
        # Of two that fit, the one that asks for more headers.
        by_signs = sorted(readers.values(), key=lambda reader: -len(reader.signs))
        wanted = [(reader, set(reader.signs)) for reader in by_signs]
    rows = heads(text)
    for reader, signs in wanted:
        for line, separator, row in rows:
            if signs <= {normal(cell) for cell in row}:
                return reader, line, separator
    if columns:
        raise UsageError(
            "import_no_such_column",
            "the file has no row with the headers {headers}",
            headers=", ".join(sorted(columns.values())),
        )
    raise NoReader(
        "import_no_reader",
        "no reader knows the headers of this file; there are readers for {names}; for another file, say which "
        "column is which",
        names=", ".join(readers),
    )


def _rows(table: FileTable, style: FileStyle, noted: list[FileFault]) -> Iterator[FileRow]:
    columns = table.columns()
    for line, cells in table.rows:
        yield FileRow(line, cells, columns, style, noted)


def _number_cells(table: FileTable, columns: Mapping[str, str]) -> Iterator[str]:
    places = [
        place
        for name in NUMBERS
        if name in columns and (place := table.columns().get(normal(columns[name]))) is not None
    ]
    for _, cells in table.rows:
        yield from (cells[place] for place in places if place < len(cells))


def _groups(reader: FileReader, rows: Iterator[FileRow]) -> Iterator[Sequence[FileRow]]:
    if reader.group is None:
        for row in rows:
            yield (row,)
        return
    groups: dict[str, list[FileRow]] = {}
    for row in rows:
        groups.setdefault(reader.group(row), []).append(row)
    yield from groups.values()


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
    "time", "kind", "coin", "quantity", "amount", "currency", "fee", "fee_coin", "to_coin", "to_quantity",
    "id", "place",
)  # fmt: skip
NUMBERS: Final = ("quantity", "amount", "fee", "to_quantity")
NEEDED: Final = ("time", "kind", "coin", "quantity")


def _mapped(columns: Mapping[str, str]) -> FileReader:
    """Return the reader of a map of columns."""
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
        if kind.is_signed:
            coin = row.size(row.number(header["quantity"]), ticker, header["quantity"])
        else:
            coin = row.amount([header["quantity"]], ticker)
        money = row.amount([header["amount"]], row.text(header["currency"]))
        fee = row.amount([header["fee"]], row.text(header["fee_coin"]) or row.text(header["currency"]))
        if (taken := refuse_elsewhere(row.text(header["place"]))) is not None:
            raise BadRow(header["place"], taken)
        came = row.amount([header["to_quantity"]], row.text(header["to_coin"]))
        if kind.name == "fork" and coin is None and ticker:
            # What splits is all that lies there.
            coin = FileAmount("0", ticker.upper())
        gave, got, label, trade = _sides_of(kind.name, coin, money, came)
        yield FileDraft(
            row.line, row.time(header["time"]), gave, got, fee, None if money in (gave, got) else money, label,
            row.text(header["id"]), _place_of(row, header["place"]), trade,
        )  # fmt: skip

    return FileReader(OWN_COLUMNS, "", (), read, apart="place")


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


def ensure_sign(row: FileRow, header: str, ticker: str, sign: int) -> None:
    """Refuse a number of coins or of a fee that takes back an earlier one: booked by its size, it would count twice.

    Parameters
    ----------
    row : FileRow
    header : str
        Of the number.
    ticker : str
        Of what moved; state money is left out anyway.
    sign : int
        What the number has, 1 or -1; zero has every one.
    """
    number = row.number(header)
    if number and (number > 0) != (sign > 0) and ticker.lower() not in STATE_MONEY:
        raise taken_back(row, header)


def taken_back(row: FileRow, header: str) -> BadRow:
    """Return the refusal of a row whose sign says that it takes back another."""
    return BadRow(
        column=row.header(header),
        message=Refusal(
            "import_taken_back",
            "the sign says that the row takes back an earlier one; leave both out, or write by hand what is left",
        ),
    )


def unknown_word(row: FileRow, *headers: str) -> BadRow:
    """Return the refusal of a word for a kind of event that is not known."""
    return BadRow(
        column=row.header(*headers),
        message=Refusal(
            "import_unknown_kind",
            "{word!r} is no kind of event that is known here; leave the row out, or write it by hand",
            word=row.text(*headers)[:60],
        ),
    )
