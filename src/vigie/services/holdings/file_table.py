"""A CSV file as rows with their line and their cells by header; numbers and times as one file writes them."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from decimal import Decimal
from typing import Final, Literal

from vigie.domain.errors import UsageError
from vigie.domain.refusal import Refusal
from vigie.intelligence.holdings.amounts import PLAIN, parse_plain, plain
from vigie.services.holdings.file_cells import bare_number, is_dotted_day, is_unsure_day, written_moment
from vigie.services.holdings.file_drafts import FileAmount, FileFault
from vigie.services.outside import cells

Mark = Literal["", "point", "comma"]
MAX_ROWS: Final = 200_000
_MAX_CELL: Final = 4_000
_MAX_COLUMNS: Final = 200
_SHORT: Final = 18
_MAX_TICKER: Final = 80
_SEPARATORS: Final = ",;\t"
# Exports put names and dates above their columns.
_HEAD_LINES: Final = 20
_NUMBER: Final = re.compile(r"([+-]?)(\d+(?:\.\d+)?)(?:[eE]([+-]?\d{1,2}))?", re.ASCII)
# A leading 0 never marks thousands.
_GROUPED: Final = re.compile(r"[+-]?[1-9]\d{0,2}(?:,\d{3})+(?:\.\d+)?", re.ASCII)
_UNSURE: Final = re.compile(r"[+-]?\d{1,3},\d{3}", re.ASCII)
_FORMULA: Final = re.compile(r"[=@|].*|[+\-][^\d.,].*", re.DOTALL)
_MARK_WORDS: Final[Mapping[Mark, Refusal]] = {
    "": Refusal("import_word_point", "point"),
    "point": Refusal("import_word_point", "point"),
    "comma": Refusal("import_word_comma", "comma"),
}
SWAP: Final = str.maketrans(",.", ".,")
_POINT_AS_COMMA: Final = str.maketrans(".", ",")
_NOTHING: Final = ("", "-", "\u2013")


class LeftOut(Exception):
    """A row that is no event of coins: it is told, and nothing of it is kept.

    Parameters
    ----------
    message : str
        A refusal.
    """

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class BadRow(Exception):
    """A row that cannot be read.

    Parameters
    ----------
    column : str
        The header of the cell; empty for the whole row.
    message : str
        A refusal.
    """

    def __init__(self, column: str, message: str) -> None:
        super().__init__(message)
        self.column = column
        self.message = message


@dataclass(frozen=True, slots=True)
class FileStyle:
    """How a file writes numbers and times.

    Attributes
    ----------
    now : int
        Epoch milliseconds; nothing of a file is of later.
    zone : tzinfo
        Of times that do not say theirs.
    dates : str
        Order of days such as 06/01/2026; empty where the file does not show it.
    mark : str
        Of decimals; empty: a point, and what may mark thousands or decimals is refused.
    is_point_sure : bool
        Whether a point cannot mark thousands, where no mark was said.
    """

    now: int
    zone: tzinfo = UTC
    dates: cells.DateOrder = ""
    mark: Mark = ""
    is_point_sure: bool = True


@dataclass(slots=True)
class FileRow:
    """A row: its line, and its cells by header.

    Attributes
    ----------
    line : int
    cells : list of str
    columns : mapping of str to int
        Place of each header, lower case.
    style : FileStyle
    noted : list of FileFault
        What is to be known of rows that are taken.
    """

    line: int
    cells: list[str]
    columns: dict[str, int]
    style: FileStyle
    noted: list[FileFault]

    def text(self, *headers: str) -> str:
        """Return the cell of the first header that the file has; empty where it has none."""
        for header in headers:
            place = self.columns.get(header)
            if place is not None:
                found = self.cells[place].strip() if place < len(self.cells) else ""
                return "" if found in _NOTHING else found.removeprefix("'")
        return ""

    def header(self, *headers: str) -> str:
        """Return the first of these headers that the file has."""
        first = headers[0]
        return (
            first if first in self.columns else next((one for one in headers if one in self.columns), first)
        )

    def word(self, headers: Sequence[str], most: int) -> str:
        """Return the cell of a name; a formula of a spreadsheet is refused, and so is a name longer than `most`."""
        text, header = self.text(*headers), self.header(*headers)
        if _FORMULA.fullmatch(text) or not text.isprintable():
            raise BadRow(header, _formula(text))
        if len(text) > most:
            raise BadRow(
                header,
                Refusal("import_name_too_long", "a name may have at most {most} characters", most=most),
            )
        return text

    def number(self, *headers: str) -> Decimal | None:
        """Return the number of a cell with its sign, without what stands for its currency; None where it is empty."""
        text = self.text(*headers)
        if not text:
            return None
        # Most numbers are short and plain.
        is_plain = self.style.mark == "point" or (not self.style.mark and self.style.is_point_sure)
        if len(text) <= _SHORT and is_plain and PLAIN.fullmatch(text):
            return Decimal(text)
        return self.parse(bare_number(text), self.header(*headers))

    def amount(self, quantity: Sequence[str], ticker: str) -> FileAmount | None:
        """Return an amount that must not be negative; None where it is empty or zero."""
        number = self.number(*quantity)
        if number is not None and number < 0:
            raise BadRow(
                column=self.header(*quantity),
                message=Refusal(
                    "import_negative",
                    "a quantity must not be negative here, was {text!r}",
                    text=cells.shorten(self.text(*quantity)),
                ),
            )
        return self.size(number, ticker, self.header(*quantity))

    def size(self, number: Decimal | None, ticker: str, header: str) -> FileAmount | None:
        """Return an amount without its sign; None where it is empty or zero."""
        if not number:
            return None
        text = plain(abs(number)) or ""
        if not ticker:
            raise BadRow(
                column=header,
                message=Refusal(
                    "import_no_ticker", "the row gives a quantity, {text}, but no coin", text=text
                ),
            )
        if len(ticker) > _MAX_TICKER or (not ticker.isalnum() and _FORMULA.fullmatch(ticker)):
            raise BadRow(column=header, message=_formula(ticker))
        if len(text) > _SHORT and parse_plain(text) is None:
            raise BadRow(column=header, message=_unfit(text))
        return FileAmount(text, ticker.upper())

    def time(self, *headers: str) -> int:
        """Return a time in epoch milliseconds; one that the clocks showed twice is noted."""
        text, header = self.text(*headers), self.header(*headers)
        written = written_moment(text)
        # No country writes the month first with dots.
        dates = "day_first" if is_dotted_day(text) else self.style.dates
        if not dates and is_unsure_day(written):
            raise BadRow(
                header,
                Refusal(
                    "import_unsure_day",
                    "{text!r} may have the day or the month first, and no other day of the file shows which; choose "
                    "the order of days",
                    text=cells.shorten(text),
                ),
            )
        try:
            found = cells.parse_moment(written, self.style.zone, dates, now=self.style.now)
        except UsageError as fault:
            raise BadRow(column=header, message=_refusal_of(fault)) from fault
        if self.style.zone is not UTC and (note := cells.note_twice(written, self.style.zone, dates)):
            self.noted.append(FileFault(self.line, header, note))
        return found

    def parse(self, text: str, header: str) -> Decimal:
        """Read a number of this column."""
        if _FORMULA.fullmatch(text):
            raise BadRow(column=header, message=_formula(text))
        written = text.translate(SWAP) if self.style.mark == "comma" else text
        unsure = written if self.style.is_point_sure else written.translate(_POINT_AS_COMMA)
        if not self.style.mark and _UNSURE.fullmatch(unsure):
            raise BadRow(
                column=header,
                message=Refusal(
                    "import_unsure_number",
                    "{text!r} may mark thousands or decimals; choose the decimal mark of the file, or write it without "
                    "thousands marks",
                    text=cells.shorten(text),
                ),
            )
        if _GROUPED.fullmatch(written):
            written = written.replace(",", "")
        match = _NUMBER.fullmatch(written)
        if match is None:
            raise BadRow(
                column=header,
                message=Refusal(
                    "import_must_number",
                    "must be a number such as 1234.5, was {text!r}; the file is read with a decimal {mark}",
                    text=cells.shorten(text),
                    mark=_MARK_WORDS[self.style.mark],
                ),
            )
        number = Decimal(written)
        if parse_plain(plain(abs(number))) is None:
            raise BadRow(column=header, message=_unfit(text))
        return number


@dataclass(frozen=True, slots=True)
class FileTable:
    """A file: its headers as they are written, and its rows.

    Attributes
    ----------
    headers : list of str
    rows : list of (int, list of str)
        Each with its line.
    """

    headers: list[str]
    rows: list[tuple[int, list[str]]] = field(default_factory=list)

    def columns(self) -> dict[str, int]:
        """Return the place of each header, lower case."""
        found: dict[str, int] = {}
        for place, header in enumerate(self.headers):
            # A column without a header is no field's.
            if normal(header):
                found.setdefault(normal(header), place)
        return found


def normal(header: str) -> str:
    """Return a header as headers are compared."""
    return " ".join(header.replace("\ufeff", "").split()).lower()


def heads(text: str) -> list[tuple[int, str, list[str]]]:
    """Return the rows that may be that of the headers: line, separator and cells of each."""
    found = []
    for number, line in enumerate(text.replace("\r\n", "\n").split("\n", _HEAD_LINES)[:_HEAD_LINES], 1):
        separator = max(_SEPARATORS, key=line.count)
        try:
            row = next(csv.reader([line], delimiter=separator), [])
        except csv.Error:
            continue
        if any(cell.strip() for cell in row) and len(row) <= _MAX_COLUMNS:
            found.append((number, separator, row))
    return found


def read_table(text: str, head: int, separator: str) -> FileTable:
    """Read the rows below the headers.

    Parameters
    ----------
    text : str
        The file.
    head : int
        The line of its headers.
    separator : str
        Between its cells.

    Raises
    ------
    UsageError
        If it is no table, or larger than what is taken.
    """
    source = io.StringIO(text.replace("\r\n", "\n"), newline="")
    for _ in range(head - 1):
        source.readline()
    table: FileTable | None = None
    for line, row in _rows(source, separator):
        if table is None:
            table = FileTable(row)
            continue
        if not any(cell.strip() for cell in row):
            continue
        if len(table.rows) >= MAX_ROWS:
            raise UsageError("import_most_rows", "a file may have at most {most} rows", most=MAX_ROWS)
        table.rows.append((head - 1 + line, row))
    return table or FileTable([])


def _rows(source: io.StringIO, separator: str) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(source, delimiter=separator, strict=True)
    while True:
        line = reader.line_num + 1
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as fault:
            raise UsageError(
                "import_no_table",
                "line {line} cannot be read as CSV: {fault}",
                line=line,
                fault=str(fault),
            ) from fault
        if any(len(cell) > _MAX_CELL for cell in row):
            raise UsageError(
                "import_cell_too_long",
                "line {line} has a cell of more than {most} characters",
                line=line,
                most=_MAX_CELL,
            )
        yield line, row


def _refusal_of(fault: UsageError) -> str:
    said: str = fault.args[0]
    return said


def _formula(text: str) -> Refusal:
    return Refusal(
        "import_formula", "{text!r} is a formula of a spreadsheet, not a value", text=cells.shorten(text)
    )


def _unfit(text: str) -> Refusal:
    return Refusal(
        "import_number_too_long",
        "a number must be below 1e18 and have at most 18 decimals, was {text!r}",
        text=cells.shorten(text),
    )


def at_of(ts: int) -> str:
    """Return a time as the contract writes it."""
    return datetime.fromtimestamp(ts / 1000, UTC).isoformat().replace("+00:00", "Z")
