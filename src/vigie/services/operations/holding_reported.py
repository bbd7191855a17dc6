"""What a platform reported of a year (DAC8, CARF): import, reconciliation with own lines, removal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Final

from pydantic import BaseModel, Field

from vigie.domain.errors import Conflict, UsageError
from vigie.domain.pasted_secrets import refuse_secrets
from vigie.domain.person import Caller
from vigie.domain.reported import ReportedRow, ReportedStatement, SortedReported, place_key
from vigie.intelligence.holdings.amounts import plain
from vigie.intelligence.holdings.reconciliation import reconcile
from vigie.intelligence.holdings.records import HoldingEvent
from vigie.ports.reported import ReportedStore
from vigie.services.holdings.day_prices import Base
from vigie.services.holdings.file_rows import ImportFault
from vigie.services.holdings.file_table import FileStyle, Mark
from vigie.services.holdings.holding_book import HoldingSources, base_for, read_book
from vigie.services.holdings.holding_rows import ENGINE
from vigie.services.holdings.reported_file import ReportedFile, ReportedForm, read_reported
from vigie.services.holdings.reported_rows import (
    ReportedDifferenceRow,
    ReportedStatementInfo,
    ReportedTable,
    difference_row,
)
from vigie.services.holdings.reported_words import TEXTS
from vigie.services.languages import Language
from vigie.services.operation import OperationInput, OperationResult, Origin, operation
from vigie.services.operations.alerts import require_owner
from vigie.services.people.ownership import owner_of
from vigie.services.rows import row_columns

MAX_CHARACTERS: Final = 2_000_000
MOST: Final = 20_000
SHOWN: Final = 100
STATEMENT: Final = r"^r[0-9a-f]{16}$"
_ORDER: Final = ("different", "only_reported", "only_own", "unchecked", "rounded", "equal")
_Name = Annotated[str, Field(max_length=120)]
_EXAMPLE: Final = {
    "year": 2026,
    "place": "Kraken",
    "text": "asset,category,units,amount,currency,transactions\nBTC,fiat_in,0.25,10000,EUR,1\n",
}


class ImportReportedInput(OperationInput):
    """A platform's statement of a year, and how it is meant."""

    year: int = Field(ge=2009, le=2100, description="Calendar year of the statement.")
    text: str = Field(max_length=MAX_CHARACTERS, description="The file: CSV, or XML in the CARF schema.")
    place: str = Field("", max_length=60, description="The platform of rows that name none.")
    columns: dict[_Name, _Name] = Field(
        {}, max_length=9,
        description="Where headers are others: by platform, year, asset, category, type, units, amount, currency and "
        "transactions, the header of its column.",
    )  # fmt: skip
    mark: Mark = Field("", description="Of decimals; empty: a point, and numbers such as 1,234 are refused.")
    coins: dict[_Name, _Name] = Field(
        {}, max_length=200, description="By ticker, the catalogue id of the coin that is meant."
    )
    replace_changed: bool = Field(
        False,
        description="Rows that say something else than kept ones take their place, as a corrected statement does.",
    )
    dry_run: bool = Field(True, description="Only say what would be kept.")


class ReportedLine(BaseModel):
    """A row of a statement."""

    row: int
    place: str
    asset: str
    category: str
    units: str
    amount: str | None
    currency: str


class ImportReportedResult(OperationResult):
    """What a statement adds."""

    year: int
    new: int
    known: int = Field(description="Rows that are there already.")
    changed: int = Field(description="Rows that say something else than a kept one.")
    refused: list[ImportFault] = Field(description="The first 100 rows that cannot be read.")
    refused_count: int
    tickers: list[str] = Field(
        description="Names of which nobody knows which coin is meant; answer in `coins`."
    )
    new_lines: list[ReportedLine] = Field(description="The first 100.")
    changed_lines: list[ReportedLine] = Field(description="The first 100.")
    is_done: bool


class ReportedInput(OperationInput):
    """Which year."""

    year: int = Field(0, ge=0, le=2100, description="Calendar year; 0: the newest that has a statement.")
    language: Language = Field("en", description="Of the sentences.")


class ReportedStatementInput(OperationInput):
    """One statement."""

    reported_statement: str = Field(
        pattern=STATEMENT,
        description="Its id, as `holdings.reported` names it.",
        examples=["r0123456789abcdef"],
    )


class RemoveReportedResult(OperationResult):
    """What is left."""

    statements: int = Field(description="How many statements are kept.")


@operation("holdings.import_reported", scope="write", example=_EXAMPLE)
def import_reported(
    caller: Caller, params: ImportReportedInput, sources: HoldingSources, reported: ReportedStore
) -> ImportReportedResult:
    """Say what a platform's statement of a year would add, or keep it, whole or not at all; a file twice is one."""
    owner = owner_of(sources.accounts, caller)
    if params.year > sources.today.year:
        raise UsageError("reported_future", "the year {year} is still to come", year=params.year)
    # First, because other refusals repeat what they refuse.
    refuse_secrets(
        (params.place, *params.columns, *params.columns.values(), *params.coins, *params.coins.values())
    )
    place = " ".join(params.place.split())
    now = max(sources.clock.wall_now(), sources.clock.market_now())
    form = ReportedForm(
        params.year, place, sources.catalog.assets(),
        {ticker.upper(): coin for ticker, coin in params.coins.items()}, params.columns,
        FileStyle(now, mark=params.mark),
    )  # fmt: skip
    file = read_reported(params.text, form)
    rows = [row for _, row in file.rows]
    if not params.dry_run:
        _refuse_open(file)
    found = reported.add(owner, rows, most=MOST, replaces=params.replace_changed, dry_run=params.dry_run)
    if not params.dry_run:
        if found.changed and not params.replace_changed:
            raise Conflict(
                "reported_changed",
                "{count} rows say something else than kept rows of this platform and year; nothing was kept; if the "
                "platform has corrected its statement, let these rows take their place",
                count=len(found.changed),
            )
        if found.new or found.changed:
            sources.audit.append("holdings.import_reported", actor=caller.user, subject=caller.user, text={})
    return _result(params, file, found)


def _refuse_open(file: ReportedFile) -> None:
    if file.refused:
        raise UsageError(
            "import_rows_refused",
            "{count} rows cannot be read, the first is row {row}: {message}; nothing was added",
            count=len(file.refused),
            row=file.refused[0].line,
            message=file.refused[0].message,
        )
    if not file.rows:
        raise UsageError("reported_empty", "the file holds no figures")


def _result(params: ImportReportedInput, file: ReportedFile, found: SortedReported) -> ImportReportedResult:
    lines = {id(row): line for line, row in file.rows}

    def shown(rows: Sequence[ReportedRow]) -> list[ReportedLine]:
        return [_line(row, lines[id(row)]) for row in rows[:SHOWN]]

    return ImportReportedResult(
        year=params.year,
        new=len(found.new),
        known=len(found.known),
        changed=len(found.changed),
        refused=[
            ImportFault(row=fault.line, column=fault.column, message=fault.message)
            for fault in file.refused[:SHOWN]
        ],
        refused_count=len(file.refused),
        tickers=sorted(file.tickers),
        new_lines=shown(found.new),
        changed_lines=shown(found.changed),
        is_done=not params.dry_run,
    )


def _line(row: ReportedRow, line: int) -> ReportedLine:
    return ReportedLine(
        row=line, place=row.place, asset=row.asset, category=row.category, units=plain(row.units) or "0",
        amount=plain(row.amount), currency=row.currency,
    )  # fmt: skip


@operation("holdings.reported", example={"year": 2026})
def read_reported_year(
    caller: Caller, params: ReportedInput, sources: HoldingSources, reported: ReportedStore
) -> ReportedTable:
    """Set what platforms reported of a year beside your lines, by asset and category; not advice."""
    statements = reported.statements(owner_of(sources.accounts, caller))
    year = params.year or max((statement.year for statement in statements), default=sources.today.year - 1)
    names = {asset.id: asset.name for asset in sources.catalog.assets()}
    asked = [statement for statement in statements if statement.year == year]
    rows = [row for one in asked for row in _rows(caller, sources, one, names, params.language)]
    rows.sort(key=lambda row: _ORDER.index(row.status))
    return ReportedTable(
        columns=row_columns(ReportedDifferenceRow),
        rows=rows,
        total=len(rows),
        origins=[Origin(source=ENGINE)],
        remarks=[TEXTS[params.language]["remark"]],
        year=year,
        statements=[
            ReportedStatementInfo(
                reported_statement=statement.id, place=statement.place, year=statement.year, rows=len(statement.rows),
                ts_added=statement.ts_added,
            )
            for statement in statements
        ],
        unreported=_unreported(caller, sources, asked, year),
    )  # fmt: skip


def _rows(
    caller: Caller,
    sources: HoldingSources,
    statement: ReportedStatement,
    names: Mapping[str, str],
    language: str,
) -> list[ReportedDifferenceRow]:
    currency = next((row.currency for row in statement.rows if row.currency), "EUR")
    base: Base = "USD" if currency == "USD" else "EUR"
    events = _coin_events(caller, sources, base)
    prices = read_book(sources, caller, base).prices
    return [difference_row(found, names, language) for found in reconcile(statement, events, prices)]


def _coin_events(caller: Caller, sources: HoldingSources, base: Base) -> list[HoldingEvent]:
    """Return events of coins: products of a bank are no coins that a platform reports."""
    book = read_book(sources, caller, base)
    return [event for event in book.events if event.asset not in book.lines.products]


def _unreported(
    caller: Caller, sources: HoldingSources, asked: Sequence[ReportedStatement], year: int
) -> list[str]:
    told = {place_key(one.place) for one in asked}
    events = _coin_events(caller, sources, base_for(sources, caller))
    places = {event.place for event in events if event.at.year == year and event.place}
    return sorted(place for place in places if place_key(place) not in told)


@operation("holdings.remove_reported", scope="write", example={"reported_statement": "r0123456789abcdef"})
def remove_reported(
    caller: Caller, params: ReportedStatementInput, sources: HoldingSources, reported: ReportedStore
) -> RemoveReportedResult:
    """Remove what a platform reported of a year; your own lines stay."""
    owner = require_owner(caller)
    reported.remove(owner, params.reported_statement)
    sources.audit.append("holdings.remove_reported", actor=caller.user, subject=caller.user, text={})
    return RemoveReportedResult(statements=len(reported.statements(owner_of(sources.accounts, caller))))
