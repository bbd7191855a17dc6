"""Fills made elsewhere from a file: what it would add, what is known, what cannot be read; it enters whole or not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Final, Literal

from pydantic import BaseModel, Field

from vigie.data.catalog import BarCatalog
from vigie.domain.person import Caller
from vigie.ports.accounts import UserStore
from vigie.ports.audit import AuditLog
from vigie.ports.clock import Clock
from vigie.ports.outside import OutsideStore
from vigie.services.operation import OperationInput, OperationResult, operation
from vigie.services.operations.outside import MAX_FILLS, note_added
from vigie.services.outside.fill_files import FileReading, ReadFile, RefusedRow, read_file, refuse_unread
from vigie.services.outside.markets import SymbolReader
from vigie.services.outside.outside_rows import OutsideFillRow, fill_row
from vigie.services.people.ownership import owner_of
from vigie.services.refusal_text import RefusalText

MAX_CHARACTERS: Final = 800_000
SHOWN_ROWS: Final = 20
_Name = Annotated[str, Field(max_length=120)]


class ImportOutsideInput(OperationInput):
    """A file of fills, and how it is meant."""

    text: str = Field(
        max_length=MAX_CHARACTERS, description="The file, CSV; its first row names the columns."
    )
    venue: str = Field("", max_length=60, description="Of rows that name none, such as bitget-perp.")
    zone: str = Field("UTC", max_length=60, description="Time zone of times that do not say theirs.")
    dates: Literal["", "day_first", "month_first"] = Field(
        "", description="Order of dates such as 06/01/2026; empty: as the file shows it."
    )
    has_comma: bool = Field(False, description="Amounts are written with a decimal comma.")
    columns: dict[_Name, _Name] = Field(
        {}, max_length=20,
        description="By time, venue, instrument, side, price, quantity, fee, fee_currency and id: the header of the "
        "column, for a file of no known form.",
    )  # fmt: skip
    assets: dict[_Name, _Name] = Field(
        {}, max_length=200, description="By ticker, the catalogue id of the coin, where several have it."
    )
    dry_run: bool = Field(True, description="Only say what would be added.")


class RefusedRowResult(BaseModel):
    """A row that cannot be read or is noted; the header is row 1."""

    row: int
    message: RefusalText


class CoinChoice(BaseModel):
    """A coin that a ticker may mean."""

    asset: str
    name: str


class SharedTickerResult(BaseModel):
    """A ticker that several coins have."""

    ticker: str
    coins: list[CoinChoice]


class ImportOutsideResult(OperationResult):
    """What a file adds."""

    form: str = Field(description="`vigie`, `binance`, `hyperliquid`, or `own_columns`.")
    added: int
    known: int = Field(description="Rows whose fill is kept already.")
    refused: list[RefusedRowResult] = Field(description="The first 100 rows that cannot be read.")
    refused_count: int
    noted: list[RefusedRowResult] = Field(
        description="The first 100 rows that may be read in two ways, with what is taken."
    )
    noted_count: int
    shared: list[SharedTickerResult] = Field(description="Tickers to choose a coin for.")
    rows: list[OutsideFillRow] = Field(description="The first fills that are new.")
    is_done: bool


_MAX_REFUSED: Final = 100


@operation(
    "outside.import",
    scope="write",
    example={
        "text": "time,venue,instrument,side,price,quantity\n2026-05-29 18:25:01,binance-perp,BTCUSDT,buy,60000,1\n"
    },
)
def import_outside(
    caller: Caller,
    params: ImportOutsideInput,
    accounts: UserStore,
    outside: OutsideStore,
    catalog: BarCatalog,
    audit: AuditLog,
    clock: Clock,
) -> ImportOutsideResult:
    """Say what a file of fills would add, or add it, whole or not at all; the same file twice changes nothing."""
    reading = FileReading(params.venue, params.zone, params.dates, params.has_comma, params.columns)
    markets = SymbolReader(catalog.assets(), params.assets)
    found = read_file(params.text, reading, markets, now=max(clock.wall_now(), clock.market_now()))
    if not params.dry_run:
        refuse_unread(found)
    owner = owner_of(accounts, caller)
    new_fills = outside.add(owner, found.fills, most=MAX_FILLS, dry_run=params.dry_run)
    if new_fills and not params.dry_run:
        note_added(audit, caller, len(new_fills))
    return ImportOutsideResult(
        form=found.form,
        added=len(new_fills),
        known=len(found.fills) - len(new_fills),
        refused=_rows_of(found.refused),
        refused_count=len(found.refused),
        noted=_rows_of(found.noted),
        noted_count=len(found.noted),
        shared=_shared_tickers(found),
        rows=[fill_row(fill) for fill in new_fills[:SHOWN_ROWS]],
        is_done=not params.dry_run,
    )


def _rows_of(rows: Sequence[RefusedRow]) -> list[RefusedRowResult]:
    return [RefusedRowResult(row=item.row, message=item.message) for item in rows[:_MAX_REFUSED]]


def _shared_tickers(found: ReadFile) -> list[SharedTickerResult]:
    return [
        SharedTickerResult(
            ticker=ticker, coins=[CoinChoice(asset=asset.id, name=asset.name) for asset in assets]
        )
        for ticker, assets in sorted(found.shared.items())
    ]
