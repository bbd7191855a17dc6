"""What holdings are worth and what they brought, as the engine of holdings says it; what is not known is null."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Literal

from pydantic import Field

from vigie.domain.person import Caller
from vigie.intelligence.holdings import answers
from vigie.intelligence.holdings.amounts import plain
from vigie.intelligence.holdings.bank_products import is_open
from vigie.intelligence.holdings.gain_parts import is_partly_assumed
from vigie.intelligence.holdings.returns import MoneyWeighted, TimeWeighted
from vigie.services.caches.holding_books import HoldingBook
from vigie.services.holdings.holding_book import HoldingSources, base_for, read_book
from vigie.services.holdings.holding_rows import (
    ENGINE,
    HoldingDayRow,
    HoldingGainRow,
    HoldingGainTable,
    HoldingHistoryTable,
    HoldingNote,
    HoldingPositionRow,
    HoldingPositionTable,
    HoldingReturn,
    HoldingWorthResult,
)
from vigie.services.holdings.holding_sums import parts_of, positions_of, shares_of
from vigie.services.holdings.money_columns import holding_columns
from vigie.services.holdings.own_limits import share_limit_in
from vigie.services.holdings.own_lots import LotQueue, Method, lots_in
from vigie.services.operation import OperationInput, Origin, operation
from vigie.services.people.ownership import owner_of


class HoldingWorthInput(OperationInput):
    """In which currency."""

    currency: Literal["", "usd", "eur"] = Field(
        "", description="Of all amounts, at the rate of each day; empty: your currency."
    )


class HoldingHistoryInput(HoldingWorthInput):
    """In which currency, and how fine."""

    points: int = Field(
        0, ge=0, le=10_000, description="Maximum number of days, the last one included; 0 gives all."
    )


class HoldingGainsInput(HoldingWorthInput):
    """In which currency, and which lots leave first."""

    method: Method | Literal[""] = Field(
        "", description="Which lots leave first; empty: `lot_method` of the settings."
    )
    queue: LotQueue | Literal[""] = Field(
        "", description="Of each place alone, or over all; empty: `lot_queue` of the settings."
    )


@operation("holdings.worth", example={})
def read_holding_worth(
    caller: Caller, params: HoldingWorthInput, sources: HoldingSources
) -> HoldingWorthResult:
    """Read what you own: its worth, what was put in, returns, shares, and what is not known."""
    base = base_for(sources, caller, params.currency)
    book = read_book(sources, caller, base)
    assets = {asset.id: asset for asset in sources.catalog.assets()}
    total, put_in = book.worth.total, book.put_in[-1] if book.put_in else None
    gain = None if put_in is None or book.worth.no_price else total - put_in
    limit = share_limit_in(sources.accounts.settings(owner_of(sources.accounts, caller))[1])
    # The sum of no price at all is not known, never zero.
    is_priced = len(book.worth.no_price) < max(1, len(book.costs))
    in_bitcoin = book.in_bitcoin[-1] if book.in_bitcoin else None
    return HoldingWorthResult(
        currency=base.lower(),
        day=book.today.isoformat(),
        first_day=book.worths[0][0].isoformat() if book.worths else None,
        price_day=book.price_day.isoformat() if book.price_day else None,
        lines=len(book.lines.lines),
        open_lines=sum(is_open(event) for _, event in book.lines.lines),
        worth=float(total) if is_priced else None,
        no_price=[_coin_name(book, coin) for coin in book.worth.no_price],
        days_without_price=sum(worth is None for _, worth in book.worths),
        cost=_float(book.worth.cost),
        unrealised=_float(book.worth.unrealised),
        realised=float(answers.realised(book.booked)),
        put_in=_float(put_in),
        is_assumed=is_partly_assumed(book.booked, book.events),
        gain=None if gain is None else float(gain),
        parts=parts_of(book, gain),
        in_bitcoin=_float(in_bitcoin),
        time_weighted=_time_weighted(book.time_weighted),
        money_weighted=_money_weighted(book.money_weighted),
        share_limit=limit,
        shares=shares_of(book, assets, limit),
        notes=_notes(book),
    )


def _coin_name(book: HoldingBook, coin: str) -> str:
    product = book.lines.products.get(coin)
    return coin if product is None else product.name


def _notes(book: HoldingBook) -> list[HoldingNote]:
    """Return what to know of lines, each once; a missing cost says already that its flow is at the market's price."""
    assets = (
        {record.event: str(event.get("asset", "")) for record, event in book.lines.lines}
        if book.codes
        else {}
    )
    return [
        HoldingNote(entry=event, asset=assets[event], code=code)
        for event, codes in book.codes.items()
        for code in codes
        if code != "flow_at_market"
    ]


def _float(amount: Decimal | None) -> float | None:
    return None if amount is None else float(amount)


def _time_weighted(found: TimeWeighted | None) -> HoldingReturn | None:
    if found is None:
        return None
    day = None if found.day is None else found.day.isoformat()
    return HoldingReturn(value=_float(found.total), annual=_float(found.annual), code=found.code, day=day)


def _money_weighted(found: MoneyWeighted | None) -> HoldingReturn | None:
    if found is None:
        return None
    day = None if found.day is None else found.day.isoformat()
    rates = list(found.roots)
    return HoldingReturn(value=found.period, annual=found.rate, code=found.code, day=day, rates=rates)


@operation("holdings.positions", example={})
def list_holding_positions(
    caller: Caller, params: HoldingWorthInput, sources: HoldingSources
) -> HoldingPositionTable:
    """List what is held by coin: quantity, worth, cost, share, and how long a sale takes."""
    base = base_for(sources, caller, params.currency)
    rows = positions_of(
        read_book(sources, caller, base), {asset.id: asset for asset in sources.catalog.assets()}
    )
    columns, origins = holding_columns(HoldingPositionRow, base), [Origin(source=ENGINE)]
    return HoldingPositionTable(
        columns=columns, rows=rows, total=len(rows), currency=base.lower(), origins=origins
    )


@operation("holdings.history", example={})
def list_holding_history(
    caller: Caller, params: HoldingHistoryInput, sources: HoldingSources
) -> HoldingHistoryTable:
    """List the worth by day, beside the money put in and the same money in Bitcoin."""
    base = base_for(sources, caller, params.currency)
    book = read_book(sources, caller, base)
    count = len(book.worths)
    step = max(1, -(-count // params.points)) if params.points else 1
    rows = [
        HoldingDayRow(
            day=book.worths[at][0].isoformat(),
            worth=_float(book.worths[at][1]),
            put_in=_float(book.put_in[at]),
            in_bitcoin=_float(book.in_bitcoin[at]),
        )
        for at in range((count - 1) % step, count, step)
    ]
    columns, origins = holding_columns(HoldingDayRow, base), [Origin(source=ENGINE)]
    return HoldingHistoryTable(
        columns=columns, rows=rows, total=len(rows), currency=base.lower(), origins=origins
    )


@operation("holdings.gains", example={})
def list_holding_gains(
    caller: Caller, params: HoldingGainsInput, sources: HoldingSources
) -> HoldingGainTable:
    """List gains by part, by one of five methods; what is not known is empty, never zero."""
    base = base_for(sources, caller, params.currency)
    kept = sources.accounts.settings(owner_of(sources.accounts, caller))[1]
    own = lots_in(kept, params.method, params.queue)
    book = read_book(sources, caller, base, own)
    days = {event.id: event.at.date().isoformat() for event in book.events}
    rows = [_gain_row(row, days) for row in answers.gain_rows(book.booked) if isinstance(row, list)]
    return HoldingGainTable(
        columns=holding_columns(HoldingGainRow, base),
        rows=rows,
        total=len(rows),
        currency=base.lower(),
        method=own.method,
        queue=own.queue,
        realised=plain(answers.realised(book.booked)) or "0",
        origins=[Origin(source=ENGINE)],
    )


def _gain_row(row: list[answers.Answer], days: Mapping[str, str]) -> HoldingGainRow:
    texts = [cell if isinstance(cell, str) else None for cell in row]
    event, kind, asset, quantity = (text or "" for text in texts[:4])
    proceeds, cost, gain = texts[4:]
    return HoldingGainRow(
        event=event,
        day=days[event],
        kind=kind,
        asset=asset,
        quantity=quantity,
        proceeds=proceeds,
        cost=cost,
        gain=gain,
    )
