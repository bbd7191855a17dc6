"""Trades made elsewhere: what a person traded at venues without Vigie, apart from the results of their accounts.

Nothing here is proven to be theirs: a form, a file or an address says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from pydantic import Field

from vigie.data.catalog import BarCatalog
from vigie.domain.errors import NotFound, UsageError
from vigie.domain.ids import parse_instrument
from vigie.domain.outside import OutsideFill
from vigie.domain.person import Caller
from vigie.ports.accounts import UserStore
from vigie.ports.audit import AuditLog
from vigie.ports.clock import Clock
from vigie.ports.outside import OutsideStore
from vigie.services.operation import OperationInput, OperationResult, Origin, Table, operation
from vigie.services.outside import cells
from vigie.services.outside.markets import SymbolReader
from vigie.services.outside.outside_rows import SOURCE, OutsideFillRow, OutsideTradeRow, fill_row, trade_row
from vigie.services.outside.round_trips import RoundTrip, round_trips
from vigie.services.people.ownership import owner_of
from vigie.services.refusal_text import RefusalText
from vigie.services.rows import table_of

KEY: Final = r"^[0-9a-f]{16}$"
# For so many of the newest trades setups and plans are proposed.
MAX_MATCHED: Final = 500
# Each look folds them all.
MAX_FILLS: Final = 50_000


class OutsideListInput(OperationInput):
    """Which rows."""

    cursor: str = Field("", pattern=r"^\d{0,6}$", description="`next_cursor` of the page before.")
    limit: int = Field(0, ge=0, le=10_000, description="Maximum number of rows; 0 gives all.")


class AddOutsideFillInput(OperationInput):
    """One fill, as a person writes it."""

    venue: str = Field(max_length=60, description="Where it was made.", examples=["binance-perp"])
    instrument: str = Field(max_length=80, description="BTCUSDT, BTC or btc-usdt-perp.", examples=["BTCUSDT"])
    side: str = Field(max_length=40, description="buy or sell.")
    price: str = Field(max_length=80, description="In the quote currency.")
    quantity: str = Field(max_length=80, description="In base units.")
    time: str = Field(max_length=80, description="2026-05-29 18:25:01, in `zone` unless it says its own.")
    zone: str = Field("UTC", max_length=60, description="Name of a time zone, such as Europe/Paris.")
    fee: str = Field("", max_length=80, description="What was paid; a rebate is negative.")
    fee_currency: str = Field("", max_length=40, description="Empty: the quote currency.")
    asset: str = Field(
        "", max_length=120, description="Catalogue id of the coin, where several have its ticker."
    )
    dry_run: bool = Field(False, description="Only say whether it would be added.")


class AddOutsideFillResult(OperationResult):
    """What became of a fill; `fill` is its id, empty where it was known already.

    `unknown_coin` is its ticker where Vigie knows no such coin, or not which of several is meant; `note` says which of
    two times was taken where clocks that went back showed it twice.
    """

    added: int
    known: int
    fill: str = ""
    unknown_coin: str = ""
    note: RefusalText = ""
    is_done: bool


class RemoveOutsideInput(OperationInput):
    """Trades or fills to remove."""

    outside_trade: str = Field("", pattern=rf"{KEY}|^$", description="All fills of this trade.")
    outside_fill: str = Field("", pattern=rf"{KEY}|^$", description="This fill.")


class RemoveOutsideResult(OperationResult):
    """How many fills were removed."""

    removed: int


@operation("outside.list", example={})
def list_outside_trades(
    caller: Caller, params: OutsideListInput, accounts: UserStore, outside: OutsideStore
) -> Table[OutsideTradeRow]:
    """List the trades you made elsewhere, the newest first; never part of an account's results."""
    owner = owner_of(accounts, caller)
    accepted = {
        (match.trade, match.kind): match.target
        for match in outside.matches(owner)
        if match.verdict == "accepted"
    }
    trips = round_trips(outside.fills(owner))
    page, next_cursor = _page_of(len(trips), params)
    rows = [
        trade_row(trip, accepted.get((trip.id, "setup"), ""), accepted.get((trip.id, "plan"), ""))
        for trip in trips[page]
    ]
    return table_of(
        OutsideTradeRow, rows, origins=[Origin(source=SOURCE)], total=len(trips), next_cursor=next_cursor
    )


@operation("outside.fills", example={})
def list_outside_fills(
    caller: Caller, params: OutsideListInput, accounts: UserStore, outside: OutsideStore
) -> Table[OutsideFillRow]:
    """List the fills you made elsewhere, the newest first."""
    fills = list(outside.fills(owner_of(accounts, caller)))[::-1]
    page, next_cursor = _page_of(len(fills), params)
    rows = [fill_row(fill) for fill in fills[page]]
    return table_of(
        OutsideFillRow, rows, origins=[Origin(source=SOURCE)], total=len(fills), next_cursor=next_cursor
    )


def _page_of(count: int, params: OutsideListInput) -> tuple[slice, str | None]:
    begin = int(params.cursor or 0)
    end = begin + params.limit if params.limit else count
    return slice(begin, end), str(end) if end < count else None


@operation(
    "outside.add",
    scope="write",
    example={
        "venue": "binance-perp", "instrument": "BTCUSDT", "side": "buy", "price": "60000", "quantity": "0.1",
        "time": "2026-05-29 18:25:01",
    },
)  # fmt: skip
def add_outside_fill(
    caller: Caller,
    params: AddOutsideFillInput,
    accounts: UserStore,
    outside: OutsideStore,
    catalog: BarCatalog,
    audit: AuditLog,
    clock: Clock,
) -> AddOutsideFillResult:
    """Add one fill that you made elsewhere; the same twice changes nothing."""
    reader = SymbolReader(catalog.assets())
    fill = _parse_fill(params, reader, max(clock.wall_now(), clock.market_now()))
    owner = owner_of(accounts, caller)
    new_fills = outside.add(owner, [fill], most=MAX_FILLS, dry_run=params.dry_run)
    if new_fills and not params.dry_run:
        note_added(audit, caller, len(new_fills))
    return AddOutsideFillResult(
        added=len(new_fills),
        known=1 - len(new_fills),
        fill=new_fills[0].key if new_fills else "",
        unknown_coin="" if fill.asset else parse_instrument(fill.instrument).coin,
        note=_note_on_time(params),
        is_done=not params.dry_run,
    )


def _parse_fill(params: AddOutsideFillInput, reader: SymbolReader, now: int) -> OutsideFill:
    text = {name: str(value).strip() for name, value in params.model_dump().items()}
    order = cells.find_date_order([text["time"]]) or ""
    market = reader.choosing(text["instrument"], text["asset"]).read(text["venue"], text["instrument"])
    fee, currency = cells.parse_fee(text["fee"], text["fee_currency"] or market.quote)
    return OutsideFill(
        venue=market.venue,
        instrument=market.instrument,
        asset=market.asset,
        side=cells.parse_side(text["side"]),
        price=cells.parse_amount(text["price"], "price"),
        qty=cells.parse_amount(text["quantity"], "quantity"),
        fee=fee,
        fee_currency=currency,
        ts=cells.parse_moment(text["time"], cells.find_zone(text["zone"]), order, now=now),
        origin="form",
    )


def _note_on_time(params: AddOutsideFillInput) -> str:
    time = params.time.strip()
    return cells.note_twice(time, cells.find_zone(params.zone.strip()), cells.find_date_order([time]) or "")


def note_added(audit: AuditLog, caller: Caller, count: int) -> None:
    """Note that fills were added: how many, and nothing of them."""
    audit.append("outside.add", actor=caller.user, subject=caller.user, text={"fills": count})


@operation("outside.remove", scope="write", example={"outside_trade": "0123456789abcdef"})
def remove_outside(
    caller: Caller, params: RemoveOutsideInput, accounts: UserStore, outside: OutsideStore, audit: AuditLog
) -> RemoveOutsideResult:
    """Remove a trade made elsewhere with its fills, or one fill."""
    owner = owner_of(accounts, caller)
    if not params.outside_trade and not params.outside_fill:
        raise UsageError("outside_trade_or_fill", "name a trade or a fill")
    keys = [params.outside_fill] if params.outside_fill else []
    if params.outside_trade:
        keys += find_trip(outside, owner, params.outside_trade).fills
    removed = outside.remove(owner, keys)
    if not removed:
        raise NotFound("no_outside_fill", "there is no fill {fill!r}", fill=params.outside_fill)
    audit.append("outside.remove", actor=caller.user, subject=caller.user, text={"fills": removed})
    return RemoveOutsideResult(removed=removed)


def find_trip(outside: OutsideStore, owner: str, trade: str) -> RoundTrip:
    """Return a trade of a person by its id.

    Raises
    ------
    NotFound
        If they have none such.
    """
    for trip in round_trips(outside.fills(owner)):
        if trip.id == trade:
            return trip
    raise NotFound("no_outside_trade", "there is no trade {trade!r}", trade=trade)


def trips_to_match(outside: OutsideStore, owner: str, trade: str) -> Sequence[RoundTrip]:
    """Return the trades of a person that something is proposed for: one by its id, or the newest where none is named.

    Raises
    ------
    NotFound
        If they have none such.
    """
    return [find_trip(outside, owner, trade)] if trade else round_trips(outside.fills(owner))[:MAX_MATCHED]
