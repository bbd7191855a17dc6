"""Trading USDT-margined perpetuals of Binance: REST is the truth, the stream a hint.

https://developers.binance.com/docs/derivatives/usds-margined-futures/trade/rest-api and its neighbours, read in
copies of 2026. One-way mode, isolated margin, levels on the last price and filled at the market.

An entry carries no levels here: stop and target are orders of their own, placed as soon as it is filled; where that
fails it is for the caller to see that the position has none. A client id is unique among open orders only, so that an
id is always read back before it is sent.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import suppress
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final

from vigie.adapters.venues.adopted import adopted, read_back
from vigie.adapters.venues.binance import listing, rows
from vigie.adapters.venues.binance.account_history import AccountHistory
from vigie.adapters.venues.binance.codes import FLAT, MULTI_ASSETS_CURE
from vigie.adapters.venues.binance.levels import BinancePositionLevels
from vigie.adapters.venues.binance.stream import BinanceStream, private_address
from vigie.adapters.venues.binance.wire import (
    PRIVATE_V3,
    TITLE,
    WALLET,
    BinanceWire,
    check_rows,
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
from vigie.ports.clock import PatientClock
from vigie.ports.listed_venue import FeeLevel, InstrumentState, LedgerEntry
from vigie.ports.trading import Hint, InstrumentSetup, KeyRights, Levels, NewOrder

_MARKET_LOTS: Final = "MARKET_LOT_SIZE"
_RECHECK_MS: Final = 60_000
_FILLED_STATES: Final = ("FILLED", "PARTIALLY_FILLED")


def open_trading(
    manifest: Manifest,
    *,
    market: str,
    key: str,
    secret: str,
    passphrase: str = "",
    demo: bool,
    clock: PatientClock,
    url: str | None = None,
    ws_url: str | None = None,
    interval_ms: float = 25.0,
    renamed: Mapping[str, str] = MappingProxyType({}),
    ours: Collection[str] = (),
) -> BinanceTrading:
    """Return an account of ``binance-perp``; nothing is asked until it is used.

    Parameters
    ----------
    passphrase : str
        Keys of this venue have none.
    demo : bool
        Whether the key is one of demo trading, which has addresses of its own.
    url, ws_url : str, optional
        Addresses of REST and the streams to use in place of the venue's own; streams are looked for beside `url`.
    interval_ms : float
        The venue counts weight by the minute: reads wait where it is used up; 0 lets them go as they come.
    renamed : mapping of str to str
        By instrument, what the venue calls its contract now, where that is not the usual name.
    ours : collection of str
        Instruments that the account trades; more are when they are prepared or ordered.

    Raises
    ------
    UsageError
        If an address would carry the key in clear text to another machine.
    """
    del passphrase
    for address in (url, ws_url):
        check_address(address)
    is_paced = interval_ms > 0
    wire = BinanceWire(clock, url=url, key=key, secret=secret, demo=demo, is_paced=is_paced, renamed=renamed)
    wire.names.add_ours(map(symbol_of, ours))
    stream = BinanceStream(address=ws_url or private_address(url, demo=demo), wire=wire, clock=clock)
    return BinanceTrading(f"{manifest.id}-{market}", wire, stream)


class BinanceTrading:
    """One account; fulfils `vigie.ports.listed_venue.ListedVenue`."""

    attaches_levels = False

    def __init__(self, venue: str, wire: BinanceWire, stream: BinanceStream) -> None:
        self._venue = venue
        self._wire = wire
        self._stream = stream
        self._levels = BinancePositionLevels(wire)
        self._history = AccountHistory(wire)
        self._leverage: dict[str, Decimal] = {}
        self._checked_ms = self._leverage_read_ms = 0

    @property
    def venue(self) -> str:
        """The venue's id."""
        return self._venue

    async def now(self) -> int:
        """Return the venue's time."""
        return await self._wire.measure()

    async def rights(self) -> KeyRights:
        """Return what the key may do; a key of the venue's demo trading has no wallet that it could move."""
        if self._wire.has_wallet:
            answer = await self._wire.ask("account/apiRestrictions", api=WALLET)
            with understood():
                return rows.rights(answer)
        answer = await self._wire.ask("accountConfig")
        with understood():
            return KeyRights(can_read=True, can_trade=answer["canTrade"] is True, can_withdraw=False)

    async def prepare(self, instrument: str, leverage: Decimal) -> InstrumentSetup:
        """Set one-way mode, isolated margin and leverage, and return what was read back.

        Where the venue keeps another leverage, that is what is returned.
        """
        symbol = symbol_of(instrument)
        self._history.touch(symbol)
        await self._check_account()
        setup = await self._read_setup(instrument)
        if not setup.is_one_way:
            await self._change_setting("positionSide/dual", {"dualSidePosition": "false"})
        if not setup.is_isolated:
            await self._change_setting("marginType", {"symbol": symbol, "marginType": "ISOLATED"})
        if setup.leverage != leverage:
            await self._change_setting("leverage", {"symbol": symbol, "leverage": format_plain(leverage)})
        setup = await self._read_setup(instrument)
        check_setup(setup, instrument, TITLE)
        return setup

    async def place(self, order: NewOrder) -> str:
        """Send an order once and return the venue's id of it; an id that was used is read back, not resent.

        The levels of an entry follow it where it is filled at once; nothing that hinders them is told here.
        """
        symbol = symbol_of(order.instrument)
        self._history.touch(symbol)
        rank = Rank.EXIT if order.is_reduce_only else Rank.ENTRY
        existing = await self._before(order, rank)
        if existing is not None:
            return adopted(order, existing, TITLE)
        body = {
            "symbol": symbol,
            "side": rows.side_word(order.side),
            "type": "MARKET" if order.limit is None else "LIMIT",
            "quantity": format_plain(order.qty),
            "newClientOrderId": order.client_id,
            "newOrderRespType": "RESULT",
        }
        if order.limit is not None:
            body |= {"price": format_plain(order.limit), "timeInForce": "GTC"}
        if order.is_reduce_only:
            body["reduceOnly"] = "true"
        try:
            answer = await self._wire.order(
                "order", body, signed_ts=order.ts, rank=rank, withheld=order.withheld
            )
        except RefusedAnswer as refused:
            lookup = self._find_order(order.instrument, order.client_id, rank=Rank.EXIT)
            return await read_back(order, refused.said, TITLE, lookup)
        with understood(OutcomeUnknown):
            order_id, is_filled = str(answer["orderId"]), answer.get("status") in _FILLED_STATES
        self._history.remember(order_id, order.client_id, "order")
        if is_filled and (order.stop or order.target) and not order.is_reduce_only:
            await self._place_levels(order)
        return order_id

    async def cancel(self, instrument: str, client_id: str, ts: int | None = None) -> bool:
        """Cancel an order; False where there is nothing to cancel any more."""
        query = {"symbol": symbol_of(instrument), "origClientOrderId": client_id}
        try:
            await self._wire.order("order", query, method="DELETE", signed_ts=ts)
        except OrderRejected as error:
            if self._wire.meaning_under(error) == "absent":
                return False
            raise
        return True

    async def order(self, instrument: str, client_id: str) -> VenueOrder | None:
        """Return an order of ours; None only where the venue says there is no such order."""
        return await self._find_order(instrument, client_id, rank=Rank.LOOK)

    async def open_orders(self) -> Sequence[VenueOrder]:
        """Return every open order of the account, conditional orders among them."""
        waiting = check_rows(await self._wire.ask("openOrders"))
        algos = await self._levels.list_waiting()
        with understood():
            return [*map(rows.order, waiting), *map(rows.algo, algos)]

    async def fills(self, since_ms: int) -> Sequence[Fill]:
        """Return every fill from a time on, oldest first."""
        fills = await self._history.fills(since_ms)
        self._stream.compare_fills(fills)
        return fills

    async def fundings(self, since_ms: int) -> Sequence[FundingPayment]:
        """Return every funding payment from a time on, oldest first."""
        return await self._history.fundings(since_ms)

    async def ledger(self, since_ms: int) -> Sequence[LedgerEntry]:
        """Return every booked change of the account's cash from a time on, oldest first."""
        return await self._history.ledger(since_ms)

    async def positions(self) -> Sequence[VenuePosition]:
        """Return every open position with the levels that protect it."""
        held_rows = await self._list_held(rank=Rank.LOOK)
        if not held_rows:
            return []
        with understood():
            symbols = [str(row["symbol"]) for row in held_rows]
        await self._wire.names.check(symbols, lambda: listing.contracts(self._wire))
        is_old = self._wire.venue_now() - self._leverage_read_ms >= _RECHECK_MS
        if is_old or not self._leverage.keys() >= set(symbols):
            await self._read_leverage()
        positions = []
        for symbol, row in zip(symbols, held_rows, strict=True):
            algos = await self._levels.list_waiting(symbol, rank=Rank.LOOK)
            with understood():
                positions.append(rows.position(row, self._leverage[symbol], algos))
        return positions

    async def balance(self) -> Balance:
        """Return the money of the account."""
        answer = await self._wire.ask("account", api=PRIVATE_V3)
        with understood():
            return rows.balance(answer, self._wire.venue_now())

    async def protect(self, levels: Levels, ts: int | None = None) -> None:
        """Put levels on a whole position; what they replace is taken away."""
        await self._levels.protect(levels, ts)

    async def flash_close(self, instrument: str, ts: int | None = None) -> None:
        """Close a position whatever its size, in as many orders as it takes; for dust and for emergencies."""
        symbol = symbol_of(instrument)
        held_rows = await self._list_held(symbol, rank=Rank.EXIT)
        with understood():
            remaining = sum((parse_amount(row["positionAmt"]) for row in held_rows), Decimal(0))
        max_qty, number = await self._max_market_qty(symbol) if remaining else Decimal(0), 0
        while remaining:
            part_qty, number = min(abs(remaining), max_qty), number + 1
            body = {
                "symbol": symbol,
                "side": rows.side_word(-1 if remaining > 0 else 1),
                "type": "MARKET",
                "quantity": format_plain(part_qty),
                "reduceOnly": "true",
                "newClientOrderId": f"{rows.CLOSING_PREFIX}{self._wire.venue_now()}-{number}",
            }
            try:
                await self._wire.order("order", body, signed_ts=ts)
            except OrderRejected as error:
                if said_under(error).code == FLAT:
                    return
                raise
            remaining -= part_qty if remaining > 0 else -part_qty

    async def states(self, instruments: Sequence[str]) -> Sequence[InstrumentState]:
        """Return how contracts are traded, in their order."""
        return await listing.states(self._wire, instruments)

    async def fee_level(self, instrument: str) -> FeeLevel:
        """Return what the account pays for a contract."""
        return await listing.fee_level(self._wire, instrument)

    def hints(self) -> AsyncIterator[Hint]:
        """Yield what the user data stream tells, connecting again for ever."""
        return self._stream.hints()

    async def close(self) -> None:
        """Let go of connections."""
        await self._wire.close()

    async def _find_order(self, instrument: str, client_id: str, *, rank: Rank) -> VenueOrder | None:
        query = {"symbol": symbol_of(instrument), "origClientOrderId": client_id}
        row = await self._history.order_row(query, rank=rank)
        with understood():
            return None if row is None else rows.order(row)

    async def _place_levels(self, order: NewOrder) -> None:
        """Place the levels of an entry: the entry stands, whatever becomes of them."""
        with suppress(AuthError, ConnectorError, OrderRejected, OutcomeUnknown, TransientError):
            await self.protect(Levels(order.instrument, order.side, order.stop, order.target), order.ts)

    # An id that was used -----------------------------------------------------------------------------------------

    async def _before(self, order: NewOrder, rank: Rank) -> VenueOrder | None:
        """Return the order that has our id already; what hinders the question hinders the order."""
        try:
            return await self._find_order(order.instrument, order.client_id, rank=rank)
        except TransientError as error:
            if self._wire.meaning_under(error) == "halted":
                raise ConnectorError(str(error)) from error
            raise

    # Set-up ----------------------------------------------------------------------------------------------------

    async def _check_account(self) -> None:
        """See that margin is of one coin and fees are paid in it; what was seen holds for a minute."""
        now = self._wire.venue_now()
        if now - self._checked_ms < _RECHECK_MS:
            return
        multi = await self._wire.ask("multiAssetsMargin")
        with understood():
            if multi["multiAssetsMargin"]:
                raise ConnectorError("about", "{subject}: {reason}", subject=TITLE, reason=MULTI_ASSETS_CURE)
        if await self._pays_fees_in_bnb():
            await self._change_setting("feeBurn", {"feeBurn": "false"})
            if await self._pays_fees_in_bnb():
                raise ConnectorError(
                    "charges_fees_bnb",
                    "{title} charges fees in BNB, which Vigie cannot book; turn off BNB fees in "
                    "Binance's futures settings",
                    title=TITLE,
                )
        self._checked_ms = now

    async def _pays_fees_in_bnb(self) -> bool:
        answer = await self._wire.ask("feeBurn")
        with understood():
            return answer["feeBurn"] is True

    async def _read_leverage(self) -> None:
        """Read the leverage of every contract; it can be changed with a position, also by a person."""
        configs = check_rows(await self._wire.ask("symbolConfig", rank=Rank.LOOK))
        with understood():
            self._leverage = {str(row["symbol"]): parse_amount(row["leverage"]) for row in configs}
        self._leverage_read_ms = self._wire.venue_now()

    async def _read_setup(self, instrument: str) -> InstrumentSetup:
        symbol = symbol_of(instrument)
        mode: Any = await self._wire.ask("positionSide/dual")
        configs = check_rows(await self._wire.ask("symbolConfig", {"symbol": symbol}))
        with understood():
            self._leverage[symbol] = leverage = parse_amount(configs[0]["leverage"])
            return InstrumentSetup(
                instrument,
                leverage,
                is_isolated=configs[0]["marginType"] == "ISOLATED",
                is_one_way=mode["dualSidePosition"] is False,
            )

    async def _change_setting(self, setting: str, body: Row) -> None:
        """Change a setting; what came of it is read afterwards, whatever the answer."""
        try:
            with self._wire.setting():
                await self._wire.order(setting, body)
        except (OrderRejected, OutcomeUnknown):
            return

    # Positions -------------------------------------------------------------------------------------------------

    async def _list_held(self, symbol: str = "", *, rank: Rank = Rank.READ) -> list[Row]:
        query = {"symbol": symbol} if symbol else {}
        positions = check_rows(await self._wire.ask("positionRisk", query, api=PRIVATE_V3, rank=rank))
        with understood():
            return [row for row in positions if parse_amount(row["positionAmt"])]

    async def _max_market_qty(self, symbol: str) -> Decimal:
        """Return the largest market order that a contract takes."""
        contracts = await listing.contracts(self._wire, rank=Rank.EXIT)
        with understood():
            lot_filter = next(
                filter_row
                for filter_row in contracts[symbol]["filters"]
                if filter_row["filterType"] == _MARKET_LOTS
            )
            return parse_amount(lot_filter["maxQty"])
