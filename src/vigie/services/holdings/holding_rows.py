"""Rows and answers of holdings; quantities and booked money are text, digit by digit."""

from __future__ import annotations

from typing import Final, Literal

from pydantic import BaseModel, Field

from vigie.services.operation import OperationResult, Table
from vigie.services.refusal_text import RefusalText
from vigie.services.rows import Row, shown

# A person says so: nothing is proven.
SOURCE: Final = "not proven"
ENGINE: Final = "contract of holdings"
ShareKind = Literal["coin", "place", "issuer", "chain"]


class HoldingEntryRow(Row):
    """One line as a person gave it."""

    entry: str = shown("Entry", definition="Id of the line.", source=SOURCE)
    version: str = shown("Version", definition="Changes with every correction.", source=SOURCE)
    batch: str = shown("Batch", definition="What brought it, and can be undone.", source=SOURCE)
    day: str = shown("Day", definition="UTC.", source=SOURCE)
    is_dated: bool = shown(
        "Day given", definition="Otherwise it counts from the day it was added.", source=SOURCE
    )
    kind: str = shown("Kind", source=SOURCE)
    asset: str = shown("Asset", definition="Catalogue id of the coin.", source=SOURCE)
    name: str = shown("Name")
    quantity: str = shown("Quantity", unit="base units", source=SOURCE)
    amount: str | None = shown(
        "Amount",
        definition="Money paid or received before the fee, or worth; empty where it is not known.",
        source=SOURCE,
    )
    fee: str | None = shown("Fee", source=SOURCE)
    currency: str = shown("Currency", definition="Of amount and fee.", source=SOURCE)
    place: str = shown("Place", source=SOURCE)
    fee_coin: str = shown(
        "Fee in", definition="The coin in which the fee was paid; empty for money.", source=SOURCE
    )
    to_asset: str = shown("Coin received", definition="Of a swap or a fork: its catalogue id.", source=SOURCE)
    to_quantity: str = shown("Quantity received", unit="base units", source=SOURCE)
    to_place: str = shown("To", definition="Where a transfer arrived.", source=SOURCE)
    sort: str = shown(
        "Sort", definition="Of an income: staking, mining, interest, service, airdrop.", source=SOURCE
    )
    way: str = shown("Way", definition="Of a gift: in or out.", source=SOURCE)
    typed: str = shown(
        "To resolve", definition="A name of several coins; the line counts once one is chosen.", source=SOURCE
    )
    product: str = shown("Product", definition="Of a bank; empty for the coin itself.", source=SOURCE)
    product_form: str = shown("Form of product", definition="digital or security.", source=SOURCE)
    yearly_fee: float | None = shown("Yearly fee", unit="fraction", source=SOURCE)
    spread: float | None = shown(
        "Spread", unit="fraction", definition="Between the prices to buy and to sell.", source=SOURCE
    )
    codes: str = shown("Notes", definition="Codes of the contract, such as missing_cost.", source=ENGINE)


class HoldingVersionRow(Row):
    """What a line was."""

    batch: str = shown("Batch", definition="What brought this version.", source=SOURCE)
    is_removed: bool = shown("Removed", source=SOURCE)
    quantity: str = shown("Quantity", unit="base units", source=SOURCE)
    day: str = shown("Day", definition="UTC.", source=SOURCE)
    amount: str | None = shown("Amount", source=SOURCE)


class HoldingBatchRow(Row):
    """Lines that came together."""

    batch: str = shown("Batch", source=SOURCE)
    kind: str = shown(
        "Kind", definition="form, file, account, address, correction, transfer or refusal.", source=SOURCE
    )
    name: str = shown(
        "Name", definition="Of the file, account or place; empty where it has none.", source=SOURCE
    )
    ts_added: int = shown("Added", unit="ms", source=SOURCE)
    entries: int = shown("Lines", unit="count", source=SOURCE)
    ts_undone: int | None = shown("Undone", unit="ms", source=SOURCE)


class HoldingPositionRow(Row):
    """One coin that is held."""

    asset: str = shown("Asset", definition="Catalogue id of the coin, or of a product.", source=SOURCE)
    underlying: str = shown(
        "Underlying", definition="Catalogue id of the coin whose price counts.", source=SOURCE
    )
    name: str = shown("Name")
    symbol: str = shown("Symbol")
    is_stablecoin: bool = shown("Stablecoin", definition="Its price is meant to stand.")
    product_form: str = shown(
        "Form of product", definition="digital or security; empty for the coin itself.", source=SOURCE
    )
    yearly_fee: float | None = shown("Yearly fee", unit="fraction", source=SOURCE)
    spread: float | None = shown(
        "Spread", unit="fraction", definition="Between the prices to buy and to sell.", source=SOURCE
    )
    quantity: str = shown(
        "Quantity", unit="base units", definition="Of a product: the coins it stands for.", source=ENGINE
    )
    places: str = shown("Places", source=SOURCE)
    unplaced: str = shown(
        "Without a place",
        unit="base units",
        definition="Part of the quantity without a named place; empty where there is none.",
        source=ENGINE,
    )
    price: float | None = shown("Price", unit="base", definition="Close of the last day that has ended.")
    price_day: str | None = shown("Price of", definition="The day of that close.")
    price_source: str = shown("Source", definition="Who says that close.")
    worth: float | None = shown("Worth", unit="base", source=ENGINE)
    share: float | None = shown(
        "Part of worth", unit="fraction", definition="Of the worth of all coins with a price."
    )
    cost: float | None = shown(
        "Cost",
        unit="base",
        definition="What the lots that are left cost; empty where one is not known.",
        source=ENGINE,
    )
    unrealised: float | None = shown(
        "Gain if sold", unit="base", definition="Worth less cost.", source=ENGINE
    )
    days_to_sell: float | None = shown(
        "Days to sell",
        unit="days",
        definition="At a tenth of what is traded on a usual day: the median of the last 30 on its market.",
    )


class HoldingDayRow(Row):
    """The worth of one day."""

    day: str = shown("Day", definition="UTC.")
    worth: float | None = shown(
        "Worth",
        unit="base",
        definition="At the closes of the day; empty where a coin has no price.",
        source=ENGINE,
    )
    put_in: float | None = shown(
        "Put in", unit="base", definition="Money put in less money taken out, until that day.", source=ENGINE
    )
    in_bitcoin: float | None = shown(
        "All in Bitcoin", unit="base", definition="The same money, had all of it bought Bitcoin on its day."
    )


class HoldingGainRow(Row):
    """One part of a disposal, as the contract writes it."""

    event: str = shown("Entry", source=SOURCE)
    day: str = shown("Day", definition="UTC.", source=SOURCE)
    kind: str = shown("Kind", source=ENGINE)
    asset: str = shown("Asset", definition="Catalogue id of the coin.", source=SOURCE)
    quantity: str = shown("Quantity", unit="base units", source=ENGINE)
    proceeds: str | None = shown("Proceeds", unit="base", source=ENGINE)
    cost: str | None = shown("Cost", unit="base", source=ENGINE)
    gain: str | None = shown(
        "Gain", unit="base", definition="Empty where a part is not known.", source=ENGINE
    )


class HoldingShare(BaseModel):
    """How much of the worth is of one coin, place, issuer or chain; `name` is empty where that is not known."""

    kind: ShareKind
    name: str
    share: float
    worth: float
    is_above: bool = Field(False, description="Whether it has a name and is above your limit.")


class HoldingReturn(BaseModel):
    """A return, or the code of the contract that says why there is none.

    `value` is over all days; `annual` is told from 365 days on; `rates` are all that solve the equation.
    """

    value: float | None
    annual: float | None
    code: str | None
    day: str | None
    rates: list[float] = []


class HoldingGainParts(BaseModel):
    """What `gain` is made of: `unrealised` + `realised` + `income` - `fees` + `rest`."""

    unrealised: float = Field(description="Of the coins whose cost is known.")
    realised: float = Field(description="The sum of the known gains.")
    income: float = Field(description="Coins received for something, at their value.")
    fees: float = Field(description="Money paid as fees that belong to no trade.")
    rest: float = Field(description="Of coins without a known cost and of gifts made, at the price of a day.")


class HoldingNote(BaseModel):
    """What to know of a line: a code of the contract."""

    entry: str
    asset: str
    code: str


class HoldingWorthResult(OperationResult):
    """What is held, what it is worth, and what it brought; null is not known, never zero."""

    currency: str
    day: str
    first_day: str | None
    price_day: str | None = Field(description="The last close among the prices.")
    lines: int
    open_lines: int = Field(description="Lines whose coin is to be chosen; they count nothing until then.")
    worth: float | None = Field(description="Of the coins that have a price; null where none has.")
    no_price: list[str] = Field(description="Coins without a price of the last seven days.")
    days_without_price: int = Field(description="Days of the history on which a coin has no price.")
    cost: float | None
    unrealised: float | None
    realised: float
    put_in: float | None = Field(description="Money put in less money taken out.")
    is_assumed: bool = Field(
        description="Whether a part of `put_in` is the price of its day: no amount was given."
    )
    gain: float | None = Field(description="Worth less what was put in.")
    parts: HoldingGainParts | None = Field(description="What `gain` is made of; null where it is not known.")
    in_bitcoin: float | None = Field(description="The same money, had all of it bought Bitcoin on its day.")
    time_weighted: HoldingReturn | None
    money_weighted: HoldingReturn | None
    share_limit: float = Field(description="Yours, `share_limit` of the settings, as a fraction.")
    shares: list[HoldingShare]
    notes: list[HoldingNote]


class HoldingPositionTable(Table[HoldingPositionRow]):
    """What is held, and in which currency."""

    currency: str


class HoldingHistoryTable(Table[HoldingDayRow]):
    """The worth day by day, and in which currency."""

    currency: str


class HoldingGainTable(Table[HoldingGainRow]):
    """Gains by part, their sum, and how they were worked out."""

    currency: str
    method: str
    queue: str = Field(description="`place`: of each place alone; `all`: over all.")
    realised: str = Field(description="The sum of the known gains.")


class AddHoldingResult(OperationResult):
    """What became of a line: `added` is 0 where it was kept already, `batch` undoes it, `noted` is to be known."""

    entry: str
    batch: str
    added: int
    asset: str
    name: str
    is_done: bool
    noted: RefusalText = ""


class ChangeHoldingResult(OperationResult):
    """The correction; undoing `batch` brings back what it was, and `noted` is to be known of the line."""

    entry: str
    batch: str
    noted: RefusalText = ""


class UndoHoldingsResult(OperationResult):
    """How many lines a batch had brought or changed; 0 where it was undone before."""

    undone: int


class HoldingCoinRow(Row):
    """A coin that a typed name may mean."""

    asset: str = shown("Asset", definition="Catalogue id of the coin.")
    symbol: str = shown("Symbol")
    name: str = shown("Name")
    price_usd: float | None = shown("Price", unit="usd", definition="Close of the last day that has ended.")
    chain: str = shown("Chain", definition="Empty where it is not known, or where there are several.")
    price_then_usd: float | None = shown(
        "Price of the day",
        unit="usd",
        definition="Close of the day that was asked for; empty where it is not known.",
    )


class TransferProposalRow(Row):
    """What left one place and what arrived at another, and may be one transfer."""

    entry: str = shown("Entry", definition="The line of what left.", source=SOURCE)
    arrival: str = shown("Arrival", definition="The line of what arrived.", source=SOURCE)
    asset: str = shown("Asset", definition="Catalogue id of the coin.", source=SOURCE)
    name: str = shown("Name")
    kind: str = shown(
        "Kept as", definition="transfer, or sell or loss where its file says so.", source=SOURCE
    )
    place: str = shown("Place", source=SOURCE)
    to_place: str = shown("To", definition="Where a transfer arrived.", source=SOURCE)
    left_at: str = shown("Left", definition="UTC.", source=SOURCE)
    arrived_at: str = shown("Arrived", definition="UTC.", source=SOURCE)
    quantity: str = shown("Quantity", unit="base units", source=SOURCE)
    arrived_quantity: str = shown("Quantity received", unit="base units", source=SOURCE)
    fee: str = shown("Network fee", unit="base units", definition="Quantity sent minus quantity received.")
    choices: int = shown(
        "Choices", unit="count", definition="Proposals that name one of both lines, this one counted."
    )
    is_clear: bool = shown(
        "Clear", definition="It is the only one for both lines, and what left is no sale or loss."
    )


class JoinedTransferRow(Row):
    """A transfer that was joined from what left and what arrived."""

    entry: str = shown("Entry", definition="Id of the line.", source=SOURCE)
    batch: str = shown("Batch", definition="Undoing it brings both lines back.", source=SOURCE)
    together: int = shown("Joined together", unit="count", definition="Transfers that its batch joined.")
    at: str = shown("Time", definition="UTC.", source=SOURCE)
    asset: str = shown("Asset", definition="Catalogue id of the coin.", source=SOURCE)
    name: str = shown("Name")
    quantity: str = shown("Quantity", unit="base units", source=SOURCE)
    place: str = shown("From", source=SOURCE)
    to_place: str = shown("To", definition="Where a transfer arrived.", source=SOURCE)
    ts_joined: int = shown("Time of joining", unit="ms", source=SOURCE)


class JoinTransfersResult(OperationResult):
    """What was joined; undoing `batch` brings back all lines."""

    batch: str
    joined: int
    left: int = Field(description="Proposals that are left.")


class RefuseTransferResult(OperationResult):
    """Undoing `batch` proposes the two again."""

    batch: str
