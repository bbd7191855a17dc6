"""Trading USDT-margined perpetuals of Bitget's classic account: REST is the truth, the stream a hint.

https://www.bitget.com/api-doc/contract/trade/Place-Order and its neighbours, read in copies of late 2025. One-way
mode, isolated margin, levels on the last price and filled at the market.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final

from vigie.adapters.venues.adopted import read_back
from vigie.adapters.venues.bitget import listing, rows
from vigie.adapters.venues.bitget.codes import FLAT, NO_RIGHT, NO_SUCH_ORDER, UNCHANGED
from vigie.adapters.venues.bitget.levels import BitgetPositionLevels
from vigie.adapters.venues.bitget.stream import BitgetStream, private_address
from vigie.adapters.venues.bitget.wire import (
    COIN,
    PRODUCT,
    TITLE,
    BitgetWire,
    check_parts,
    contract_fields,
    symbol_of,
    understood,
)
from vigie.adapters.venues.decimals import format_plain, parse_amount
from vigie.adapters.venues.envelope import RefusedAnswer
from vigie.adapters.venues.manifest import Manifest
from vigie.adapters.venues.rank_queue import Rank
from vigie.adapters.venues.setup_check import check_setup
from vigie.adapters.venues.signed import Row, check_address, said_under
from vigie.domain.errors import (
    AuthError,
    ConnectorError,
    OrderRejected,
    OutcomeUnknown,
    TransientError,
)
from vigie.domain.order import Balance, Fill, FundingPayment, VenueOrder, VenuePosition
from vigie.domain.time import DAY_MS
from vigie.ports.clock import PatientClock
from vigie.ports.listed_venue import FeeLevel, InstrumentState, LedgerEntry
from vigie.ports.trading import Hint, InstrumentSetup, KeyRights, Levels, NewOrder

_ORDER: Final = "v2/mix/order/"
_ACCOUNT: Final = "v2/mix/account/"
# The venue serves three months; older times are not named, and what it has is read.
_MAX_HISTORY_MS: Final = 89 * DAY_MS
_MAX_REMEMBERED: Final = 10_000
# An order may be shown later than its fill.
_LATE_MS: Final = 60_000


def open_trading(
    manifest: Manifest,
    *,
    market: str,
    key: str,
    secret: str,
    passphrase: str,
    demo: bool,
    clock: PatientClock,
    url: str | None = None,
    ws_url: str | None = None,
    interval_ms: float = 50.0,
    renamed: Mapping[str, str] = MappingProxyType({}),
    ours: Collection[str] = (),
) -> BitgetTrading:
    """Return an account of ``bitget-perp``; nothing is asked until it is used.

    Parameters
    ----------
    demo : bool
        Whether the key is one of demo trading; the venue refuses it where this is wrong.
    url, ws_url : str, optional
        Addresses of REST and the private stream to use in place of the venue's own; the stream is looked for
        beside `url`.
    interval_ms : float
        An endpoint takes a request of weight one so often; 0 lets them go as they come.
    renamed : mapping of str to str
        By instrument, what the venue calls its contract now, where that is not the usual name.
    ours : collection of str
        Instruments that the account trades; more are when they are prepared or ordered.

    Raises
    ------
    UsageError
        If an address would carry the key in clear text to another machine.
    """
    for address in (url, ws_url):
        check_address(address)
    wire = BitgetWire(
        clock, url=url, key=key, secret=secret, passphrase=passphrase, demo=demo, interval_ms=interval_ms,
        renamed=renamed,
    )  # fmt: skip
    wire.names.add_ours(map(symbol_of, ours))
    stream_address = ws_url or private_address(url, demo=demo)
    stream = BitgetStream(
        address=stream_address, key=key, secret=secret, passphrase=passphrase, now=wire.venue_now, clock=clock
    )
    return BitgetTrading(f"{manifest.id}-{market}", wire, stream)


class BitgetTrading:
    """One account; fulfils `vigie.ports.listed_venue.ListedVenue`."""

    attaches_levels = True

    def __init__(self, venue: str, wire: BitgetWire, stream: BitgetStream) -> None:
        self._venue = venue
        self._wire = wire
        self._stream = stream
        self._levels = BitgetPositionLevels(wire)
        self._orders: OrderedDict[str, Row] = OrderedDict()

    @property
    def venue(self) -> str:
        """The venue's id."""
        return self._venue

    async def now(self) -> int:
        """Return the venue's time."""
        return await self._wire.measure()

    async def rights(self) -> KeyRights:
        """Return what the key may do."""
        try:
            data = await self._wire.ask("v2/spot/account/info", {}, api=("private", "spot"))
        except AuthError as error:
            if said_under(error).code != NO_RIGHT:
                raise
            raise AuthError(
                "shows_key_permissions_only_keys",
                "{error}; {title} shows a key's permissions only to keys that can read spot: add that permission",
                error=error, title=TITLE,
            ) from error  # fmt: skip
        with understood():
            return rows.rights(data["authorities"])

    async def prepare(self, instrument: str, leverage: Decimal) -> InstrumentSetup:
        """Set one-way mode, isolated margin and leverage, and return what was read back.

        Where the venue keeps another leverage, that is what is returned.
        """
        self._wire.names.add_ours([symbol_of(instrument)])
        setup = await self._read_setup(instrument)
        if not setup.is_one_way:
            mode = {"productType": PRODUCT, "posMode": "one_way_mode"}
            await self._change_setting("set-position-mode", mode)
        if not setup.is_isolated:
            await self._change_setting(
                "set-margin-mode", {**contract_fields(instrument), "marginMode": "isolated"}
            )
        if setup.leverage != leverage:
            await self._change_setting(
                "set-leverage", {**contract_fields(instrument), "leverage": format_plain(leverage)}
            )
        setup = await self._read_setup(instrument)
        check_setup(setup, instrument, TITLE)
        return setup

    async def place(self, order: NewOrder) -> str:
        """Send an order once and return the venue's id of it; a duplicate of our own id is read back, not resent."""
        self._wire.names.add_ours([symbol_of(order.instrument)])
        body = {
            **contract_fields(order.instrument),
            "marginMode": "isolated",
            "clientOid": order.client_id,
            "side": rows.side_word(order.side),
            "size": format_plain(order.qty),
            "orderType": "market" if order.limit is None else "limit",
            "force": "gtc",
            "reduceOnly": "YES" if order.is_reduce_only else "NO",
            "price": rows.format_level(order.limit),
            "presetStopLossPrice": rows.format_level(order.stop),
            "presetStopSurplusPrice": rows.format_level(order.target),
        }
        fields = {name: value for name, value in body.items() if value}
        try:
            data = await self._wire.order(
                _ORDER + "place-order",
                fields,
                signed_ts=order.ts,
                rank=Rank.EXIT if order.is_reduce_only else Rank.ENTRY,
                withheld=order.withheld,
            )
        except RefusedAnswer as refused:
            # Whatever the order was: it may be there, and then something may be held.
            lookup = self._find_order(order.instrument, order.client_id, rank=Rank.EXIT)
            return await read_back(order, refused.said, TITLE, lookup)
        with understood(OutcomeUnknown):
            order_id = data["orderId"]
        if not order_id:
            raise OutcomeUnknown(
                "accepted_but_returned_no_id", "{title} accepted {client_id} but returned no id",
                title=TITLE, client_id=order.client_id,
            )  # fmt: skip
        self._remember({"orderId": order_id, "clientOid": order.client_id, "enterPointSource": "API"})
        return str(order_id)

    async def cancel(self, instrument: str, client_id: str, ts: int | None = None) -> bool:
        """Cancel an order; False where there is nothing to cancel any more."""
        try:
            query = {**contract_fields(instrument), "clientOid": client_id}
            await self._wire.order(_ORDER + "cancel-order", query, signed_ts=ts)
        except OrderRejected as error:
            if self._wire.meaning_under(error) == "absent":
                return False
            raise
        return True

    async def order(self, instrument: str, client_id: str) -> VenueOrder | None:
        """Return an order of ours; None only where the venue says there is no such order."""
        return await self._find_order(instrument, client_id, rank=Rank.LOOK)

    async def open_orders(self) -> Sequence[VenueOrder]:
        """Return every open order of the account, trigger orders among them."""
        waiting = await self._wire.rows(_ORDER + "orders-pending", "entrustedList", "orderId", {})
        plans = await self._levels.list_waiting("profit_loss") + await self._levels.list_waiting(
            "normal_plan"
        )
        with understood():
            return [*map(rows.order, waiting), *map(rows.plan, plans)]

    async def fills(self, since_ms: int) -> Sequence[Fill]:
        """Return every fill from a time on, oldest first."""
        fill_rows = await self._list_since(
            _ORDER + "fills", "fillList", "tradeId", {}, since_ms, rank=Rank.LOOK
        )
        await self._check_names(fill_rows)
        fills = []
        for row in fill_rows:
            order_row = await self._order_of_fill(row)
            with understood():
                fills.append(rows.fill(row, order_row))
                self._wire.tell_fee_coin(rows.fee_coin(row))
        self._stream.compare_fills(fills)
        return sorted(fills, key=lambda fill: (fill.ts, rows.id_sort_key(fill.id)))

    async def fundings(self, since_ms: int) -> Sequence[FundingPayment]:
        """Return every funding payment from a time on, oldest first."""
        query = {"businessType": "contract_settle_fee"}
        bills = await self._list_since(_ACCOUNT + "bill", "bills", "billId", query, since_ms)
        await self._check_names(bills)
        with understood():
            payments = [rows.funding(row) for row in bills]
        return sorted(payments, key=lambda payment: (payment.ts, rows.id_sort_key(payment.id)))

    async def ledger(self, since_ms: int) -> Sequence[LedgerEntry]:
        """Return every booked change of the account's cash from a time on, oldest first."""
        bills = await self._list_since(_ACCOUNT + "bill", "bills", "billId", {}, since_ms)
        with understood():
            entries = [rows.ledger_entry(row) for row in bills if rows.is_cash(row)]
        return sorted(entries, key=lambda entry: entry.ts)

    async def positions(self) -> Sequence[VenuePosition]:
        """Return every open position with the levels that protect it."""
        query = {"productType": PRODUCT, "marginCoin": COIN}
        position_rows = await self._wire.ask("v2/mix/position/all-position", query, rank=Rank.LOOK)
        with understood():
            open_rows = [row for row in position_rows if parse_amount(row["total"]) > 0]
            has_levels = all(row.get("stopLoss") and row.get("takeProfit") for row in open_rows)
        await self._check_names(open_rows)
        plans = [] if has_levels else await self._levels.list_waiting("profit_loss", rank=Rank.LOOK)
        with understood():
            return [
                rows.position(row, [plan for plan in plans if plan["symbol"] == row["symbol"]])
                for row in open_rows
            ]

    async def balance(self) -> Balance:
        """Return the money of the account."""
        accounts = await self._wire.ask(_ACCOUNT + "accounts", {"productType": PRODUCT})
        with understood():
            return rows.balance(accounts, self._wire.venue_now())

    async def protect(self, levels: Levels, ts: int | None = None) -> None:
        """Put levels on a whole position; what they replace is taken away."""
        await self._levels.protect(levels, ts)

    async def flash_close(self, instrument: str, ts: int | None = None) -> None:
        """Close a position whatever its size; for dust and for emergencies."""
        try:
            data = await self._wire.order(
                _ORDER + "close-positions", contract_fields(instrument), signed_ts=ts
            )
        except OrderRejected as error:
            if said_under(error).code in FLAT:
                return
            raise
        check_parts(data, FLAT)

    async def states(self, instruments: Sequence[str]) -> Sequence[InstrumentState]:
        """Return how contracts are traded, in their order."""
        return await listing.states(self._wire, instruments)

    async def fee_level(self, instrument: str) -> FeeLevel:
        """Return what the account pays for a contract."""
        return await listing.fee_level(self._wire, instrument)

    def hints(self) -> AsyncIterator[Hint]:
        """Yield what the private stream tells, connecting again for ever."""
        return self._stream.hints()

    async def close(self) -> None:
        """Let go of connections."""
        await self._wire.close()

    # Set-up ----------------------------------------------------------------------------------------------------

    async def _read_setup(self, instrument: str) -> InstrumentSetup:
        data = await self._wire.ask(_ACCOUNT + "account", contract_fields(instrument))
        with understood():
            return InstrumentSetup(
                instrument,
                # Where the two sides differ, no position may be larger than the smaller allows.
                min(parse_amount(data[name]) for name in ("isolatedLongLever", "isolatedShortLever")),
                is_isolated=data["marginMode"] == "isolated",
                is_one_way=data["posMode"] == "one_way_mode",
            )

    async def _change_setting(self, setting: str, body: Row) -> None:
        """Change a setting; what came of it is read afterwards, whatever the answer."""
        try:
            with self._wire.setting():
                await self._wire.order(_ACCOUNT + setting, body, rank=Rank.READ)
        except (OrderRejected, OutcomeUnknown) as error:
            if not isinstance(error, OutcomeUnknown) and said_under(error).code in UNCHANGED:
                return

    async def _check_names(self, listed_rows: Sequence[Row]) -> None:
        """See that no row is of a contract that may be one of ours under a new name."""
        with understood():
            symbols = {str(row["symbol"]) for row in listed_rows}
        await self._wire.names.check(symbols, lambda: listing.contracts(self._wire))

    # Lists -----------------------------------------------------------------------------------------------------

    async def _list_since(
        self, path: str, field: str, number: str, query: Row, since_ms: int, *, rank: Rank = Rank.READ
    ) -> list[Row]:
        is_near = self._wire.venue_now() - since_ms < _MAX_HISTORY_MS
        bounds = {"startTime": str(since_ms)} if is_near else {}

        def is_older(row: Row) -> bool:
            return int(row["cTime"]) < since_ms

        listed_rows = await self._wire.rows(path, field, number, {**query, **bounds}, is_older, rank=rank)
        with understood():
            return [row for row in listed_rows if not is_older(row)]

    async def _order_of_fill(self, row: Row) -> Row:
        """Return the order of a fill, remembered."""
        order_id = str(row["orderId"])
        if order_id not in self._orders:
            query = {"productType": PRODUCT, "symbol": row["symbol"], "orderId": order_id}
            order_row = await self._order_detail(query, rank=Rank.LOOK)
            if order_row is None:
                if self._wire.venue_now() - int(row["cTime"]) < _LATE_MS:
                    raise TransientError(
                        "shows_fill_order_but", "{title} shows a fill of order {order_id} but not the order yet",
                        title=TITLE, order_id=order_id,
                    )  # fmt: skip
                order_row = {"orderId": order_id}
            self._remember(order_row)
        self._orders.move_to_end(order_id)
        return self._orders[order_id]

    def _remember(self, row: Row) -> None:
        kept_fields = ("orderId", "clientOid", "orderSource", "enterPointSource")
        self._orders[str(row["orderId"])] = {name: row[name] for name in kept_fields if name in row}
        while len(self._orders) > _MAX_REMEMBERED:
            self._orders.popitem(last=False)

    async def _find_order(self, instrument: str, client_id: str, *, rank: Rank) -> VenueOrder | None:
        row = await self._order_detail({**contract_fields(instrument), "clientOid": client_id}, rank=rank)
        with understood():
            return None if row is None else rows.order(row)

    async def _order_detail(self, query: Row, *, rank: Rank) -> Any:
        try:
            return await self._wire.ask(_ORDER + "detail", query, rank=rank)
        except ConnectorError as error:
            if said_under(error).code in NO_SUCH_ORDER:
                return None
            raise
