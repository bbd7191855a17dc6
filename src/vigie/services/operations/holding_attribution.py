"""What moved the worth of what a person owns, by coin, over a day, a week, a month, or since the first line."""

from __future__ import annotations

from datetime import timedelta
from typing import Final, Literal

from pydantic import Field

from vigie.domain.person import Caller
from vigie.intelligence.holdings.attribution import attribute
from vigie.services.holdings.holding_book import HoldingSources, base_for, read_book
from vigie.services.holdings.holding_rows import ENGINE
from vigie.services.holdings.money_columns import holding_columns
from vigie.services.operation import Origin, Table, operation
from vigie.services.operations.holding_worth import HoldingWorthInput
from vigie.services.rows import Row, shown

Span = Literal["day", "week", "month", "all"]
_DAYS: Final = {"day": 1, "week": 7, "month": 30}


class HoldingAttributionInput(HoldingWorthInput):
    """Over which time."""

    span: Span = Field("week", description="`day`, `week`, `month`, or `all` since the first line.")


class HoldingMoveRow(Row):
    """What one coin did to the worth."""

    asset: str = shown(
        "Asset", definition="Catalogue id, or of a product; empty for the rest.", source=ENGINE
    )
    name: str = shown("Name")
    change: float = shown(
        "Change",
        unit="base",
        definition="What the price did to what was held; of the rest: trades beside the close, fees and income.",
        source=ENGINE,
    )


class HoldingMoveTable(Table[HoldingMoveRow]):
    """What moved the worth; `change` is the sum of the rows, and null where a price or a flow is not known."""

    currency: str
    first: str | None = Field(description="The day at whose end it begins.")
    last: str
    change: float | None


@operation("holdings.attribution", example={"span": "week"})
def list_holding_moves(
    caller: Caller, params: HoldingAttributionInput, sources: HoldingSources
) -> HoldingMoveTable:
    """List what moved the worth, the largest first: each coin by its price, and the rest."""
    base = base_for(sources, caller, params.currency)
    book = read_book(sources, caller, base)
    columns, origins = holding_columns(HoldingMoveRow, base), [Origin(source=ENGINE)]
    if not book.events:
        return HoldingMoveTable(
            columns=columns, rows=[], total=0, currency=base.lower(), origins=origins, first=None,
            last=book.today.isoformat(), change=None,
        )  # fmt: skip
    earliest = book.events[0].at.date() - timedelta(1)
    newest = book.price_day or book.today
    start = earliest if params.span == "all" else max(earliest, newest - timedelta(_DAYS[params.span]))
    found = attribute(book.booked, book.worth_prices, start, book.today)
    names = {asset.id: asset.name for asset in sources.catalog.assets()}
    names |= {key: product.name for key, product in book.lines.products.items()}
    rows = []
    if found is not None:
        rows = [
            HoldingMoveRow(asset=coin, name=names.get(coin, coin), change=float(change))
            for coin, change in found.by_coin.items()
        ]
        if found.rest:
            rows.append(HoldingMoveRow(asset="", name="", change=float(found.rest)))
        rows.sort(key=lambda row: (-abs(row.change), row.asset))
    return HoldingMoveTable(
        columns=columns, rows=rows, total=len(rows), currency=base.lower(), origins=origins,
        first=start.isoformat(), last=newest.isoformat(), change=None if found is None else float(found.change),
    )  # fmt: skip
