"""What is said of a file before it enters and after."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field

from vigie.services.holdings.file_table import Mark
from vigie.services.operation import OperationResult
from vigie.services.refusal_text import RefusalText


class ImportFault(BaseModel):
    """A row that cannot be read, is left out, or is noted; rows are counted as spreadsheets do."""

    row: int
    column: str = Field(description="Its header; empty for the whole row.")
    message: RefusalText
    entry: str = Field(default="", description="The kept line that it is about; empty for none.")


class ImportCandidate(BaseModel):
    """A coin that a ticker may mean."""

    asset: str
    name: str
    price_usd: float | None
    chain: str = Field(description="Empty where it is not known, or where there are several.")
    price_then_usd: float | None = Field(
        description="Close of the first day on which a row names it; null if not known."
    )


class ImportQuestion(BaseModel):
    """A ticker that needs an answer."""

    ticker: str
    rows: int = Field(description="How many rows name it.")
    day: str = Field(description="The first day on which a row does, UTC.")
    candidates: list[ImportCandidate] = Field(description="None where no coin has it: give a catalogue id.")


class ImportedLine(BaseModel):
    """A line of a file."""

    row: int
    entry: str
    at: str
    kind: str
    way: str = Field(description="Of a gift: `in` or `out`.")
    asset: str
    quantity: str
    amount: str = Field(
        description="Money of the whole row: paid, received or worth; empty where it says none."
    )
    currency: str = Field(description="Of the amount.")
    fee: str
    fee_currency: str = Field(description="Of the fee: a currency, or the id of a coin.")
    has_cost: bool = Field(description="Whether it says what was paid, or what it was worth.")


class ImportHoldingsResult(OperationResult):
    """What a file adds."""

    reader: str
    place: str
    batch: str = Field(description="It undoes the file; empty for a dry run, or where nothing is new.")
    new: int
    known: int = Field(description="Lines that are there already.")
    changed: int = Field(description="Lines that say something else than a kept one of the same id.")
    without_cost: int = Field(description="New lines whose cost is not known; it is not zero.")
    refused: list[ImportFault] = Field(description="The first 100 rows that cannot be read.")
    refused_count: int
    left_out: list[ImportFault] = Field(description="The first 100 rows that are no events of coins.")
    left_out_count: int
    noted: list[ImportFault] = Field(
        description="The first 100 rows that may be read in two ways, or whose amount is far from the price of the day."
    )
    noted_count: int
    questions: list[ImportQuestion]
    new_lines: list[ImportedLine] = Field(description="The first 100.")
    changed_lines: list[ImportedLine] = Field(description="The first 100.")
    columns: dict[str, str] = Field(description="By field, the header it was read by; none for a known form.")
    mark: Mark = Field(description="Decimal mark it was read with; empty: a point.")
    dates: Literal["", "day_first", "month_first"]
    zone: str = Field(description="Of times that do not say theirs.")
    currency: str = Field(description="Of all amounts, as it was chosen; empty: as the file says.")
    is_remembered: bool = Field(
        description="Whether it was read as the last file with the same headers, because nothing else was said."
    )
    is_done: bool
