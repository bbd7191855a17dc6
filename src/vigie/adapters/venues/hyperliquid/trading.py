"""Trading Hyperliquid's perpetuals: one netting position a contract, isolated margin, an agent wallet that signs.

https://hyperliquid.gitbook.io/hyperliquid-docs/for-developers/api/exchange-endpoint and its neighbours, read in
copies of late 2025. A market order is a limit five percent beyond the price that must trade at once. Stop and target
ride with their entry; they trigger on the mark price, not on the last. Agents trade and cannot withdraw.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import suppress
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final

from vigie.adapters.venues.adopted import adopted, read_back
from vigie.adapters.venues.envelope import RefusedAnswer
from vigie.adapters.venues.hyperliquid import rows
from vigie.adapters.venues.hyperliquid.error_texts import FLAT
from vigie.adapters.venues.hyperliquid.levels import HyperliquidPositionLevels, trigger_order
from vigie.adapters.venues.hyperliquid.listing import fee_level, listed_coins, states
from vigie.adapters.venues.hyperliquid.lookups import HyperliquidLookups
from vigie.adapters.venues.hyperliquid.rows import HyperliquidContract
from vigie.adapters.venues.hyperliquid.stream import HyperliquidStream
from vigie.adapters.venues.hyperliquid.wire import TITLE, HyperliquidWire, coin_of, understood
from vigie.adapters.venues.manifest import Manifest
from vigie.adapters.venues.rank_queue import Rank
from vigie.adapters.venues.signed import Row, check_address, said_under
from vigie.domain.errors import (
    ConnectorError,
    OrderRejected,
    OutcomeUnknown,
)
from vigie.domain.order import Balance, Fill, FundingPayment, VenueOrder, VenuePosition
from vigie.ports.clock import PatientClock
from vigie.ports.listed_venue import FeeLevel, InstrumentState, LedgerEntry
from vigie.ports.trading import Hint, InstrumentSetup, KeyRights, Levels, NewOrder

_MARKET_TOLERANCE: Final = Decimal("0.05")
_FILLS_PAGE, _FUNDINGS_PAGE = 2_000, 500
_SHARED_MARGIN_MODES: Final = ("unifiedAccount", "portfolioMargin")


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
    interval_ms: float = 50.0,
    renamed: Mapping[str, str] = MappingProxyType({}),
    ours: Collection[str] = (),
) -> HyperliquidTrading:
    """Return an account of ``hyperliquid-perp``; nothing is asked until it is used.

    Parameters
    ----------
    key, secret : str
        Address of the account, and private key of an agent wallet of it. There is no passphrase.
    demo : bool
        Whether the account is one of the test network: it is part of every signature.
    url, ws_url : str, optional
        Addresses to use in place of the network's own; the stream is looked for beside `url`.
    interval_ms : float
        0 lets requests go as they come; else the venue's weight of a minute is kept.
    renamed : mapping of str to str
        By instrument, what the venue calls its coin now, where that is not the usual name.
    ours : collection of str
        Instruments that the account trades; more are when they are prepared or ordered.

    Raises
    ------
    UsageError
        If an address would carry orders in clear text to another machine.
    AuthError
        If address or key cannot be one.
    """
    for address in (url, ws_url):
        check_address(address)
    base = (url or (manifest.test_url if demo else manifest.live_url)).rstrip("/")
    is_paced = interval_ms > 0
    wire = HyperliquidWire(
        clock, url=base, account=key, secret=secret, demo=demo, is_paced=is_paced, renamed=renamed
    )
    wire.names.add_ours(map(coin_of, ours))
    return HyperliquidTrading(
        f"{manifest.id}-{market}", wire, ws_url or f"ws{base.removeprefix('http')}/ws", clock
    )


class HyperliquidTrading:
    """One account; fulfils `vigie.ports.listed_venue.ListedVenue`."""

    attaches_levels = True

    def __init__(self, venue: str, wire: HyperliquidWire, stream_address: str, clock: PatientClock) -> None:
        self._venue = venue
        self._wire = wire
        self._lookups = HyperliquidLookups(wire)
        self._stream = HyperliquidStream(
            clock=clock, address=stream_address, user=wire.account, find_order=self._lookups.remembered_order
        )
        self._levels = HyperliquidPositionLevels(wire, self._lookups.remember)
        self._mid_requests: dict[Rank, asyncio.Future[Any]] = {}

    @property
    def venue(self) -> str:
        """The venue's id."""
        return self._venue

    async def now(self) -> int:
        """Return the venue's time."""
        return await self._wire.measure()

    async def rights(self) -> KeyRights:
        """Return what the key may do: an agent trades, the account's own wallet withdraws too."""
        await self._wire.know_the_signer()
        role, _ = await self._wire.role()
        return KeyRights(can_read=True, can_trade=True, can_withdraw=role != "agent")

    async def prepare(self, instrument: str, leverage: Decimal) -> InstrumentSetup:
        """Set isolated margin and leverage, and return what was read back; positions always net.

        Where the venue keeps another leverage, that is what is returned.
        """
        await self._wire.know_the_signer()
        account_mode = str(await self._wire.ask_cached("userAbstraction", self._wire.account)).strip('"')
        if account_mode in _SHARED_MARGIN_MODES:
            raise ConnectorError(
                "account_shares_margin_spot",
                "{title}: the account shares its margin with spot ({account_mode}); turn off unified "
                "account mode in Hyperliquid's settings, or trade from a sub-account without it",
                title=TITLE,
                account_mode=account_mode,
            )
        contract, setup = await self._lookups.contract(instrument), await self._read_setup(instrument)
        if not setup.is_isolated or setup.leverage != leverage:
            action = {
                "type": "updateLeverage",
                "asset": contract.asset,
                "isCross": False,
                "leverage": int(leverage),
            }
            # What came of it is read, whatever the answer.
            with suppress(OrderRejected, OutcomeUnknown), self._wire.setting():
                await self._wire.act(action, rank=Rank.READ)
            setup = await self._read_setup(instrument)
        if not setup.is_isolated:
            raise ConnectorError(
                "keeps_cross_margin_while_positions",
                "{title} keeps {instrument} in cross margin while positions or orders are open; close them, or "
                "switch to isolated margin in Hyperliquid's settings",
                title=TITLE,
                instrument=instrument,
            )
        return setup

    async def place(self, order: NewOrder) -> str:
        """Send an order once and return the venue's id of it.

        The venue does not promise to refuse an id that was used: whether there is such an order is asked first.
        """
        contract = await self._lookups.contract(order.instrument)
        rank = Rank.EXIT if order.is_reduce_only else Rank.ENTRY
        lookup = self._lookups.order_status(rows.cloid(order.client_id), rank=rank)
        existing, mids = await asyncio.gather(lookup, self._mid_prices(order, rank))
        if existing is not None:
            with understood():
                return adopted(order, rows.order(existing), TITLE)
        orders = [self._entry_action(order, contract, mids), *self._level_actions(order, contract)]
        action = {"type": "order", "orders": orders, "grouping": "normalTpsl" if len(orders) > 1 else "na"}
        try:
            statuses = await self._wire.act(action, signed_ts=order.ts, rank=rank, withheld=order.withheld)
        except RefusedAnswer as refused:
            return await read_back(order, refused.said, TITLE, self.order(order.instrument, order.client_id))
        except OrderRejected as error:
            self._lookups.forget_contracts(error)
            raise
        return self._parse_placed(statuses)

    async def cancel(self, instrument: str, client_id: str, ts: int | None = None) -> bool:
        """Cancel an order; False where there is nothing to cancel any more."""
        cancels = [
            {"asset": (await self._lookups.contract(instrument)).asset, "cloid": rows.cloid(client_id)}
        ]
        try:
            await self._wire.act({"type": "cancelByCloid", "cancels": cancels}, signed_ts=ts)
        except OrderRejected as error:
            if self._wire.meaning_under(error) == "absent":
                return False
            raise
        return True

    async def order(self, instrument: str, client_id: str) -> VenueOrder | None:
        """Return an order of ours; None only where the venue says there is no such order."""
        status = await self._lookups.order_status(rows.cloid(client_id))
        with understood():
            return None if status is None else rows.order(status)

    async def open_orders(self) -> Sequence[VenueOrder]:
        """Return every open order of the account, trigger orders among them."""
        open_rows = await self._wire.ask_account("frontendOpenOrders")
        with understood():
            return [rows.open_order(row) for row in open_rows]

    async def fills(self, since_ms: int) -> Sequence[Fill]:
        """Return every fill from a time on, oldest first."""
        fills = []
        fill_rows = await self._lookups.list_since("userFillsByTime", since_ms, _FILLS_PAGE, "tid", Rank.LOOK)
        with understood():
            fill_rows = [row for row in fill_rows if rows.is_perpetual(row)]
            coins = {str(row["coin"]) for row in fill_rows}
        await self._check_names(coins)
        for row in fill_rows:
            order_row = await self._lookups.order_of_fill(row)
            with understood():
                fills.append(rows.fill(row, rows.cause_of(row, order_row, self._wire.account)))
        self._stream.compare_fills(fills)
        return sorted(fills, key=lambda fill: (fill.ts, int(fill.id)))

    async def fundings(self, since_ms: int) -> Sequence[FundingPayment]:
        """Return every funding payment from a time on, oldest first."""
        funding_rows = await self._lookups.list_since("userFunding", since_ms, _FUNDINGS_PAGE, "", Rank.LOOK)
        with understood():
            paid_rows = [row for row in funding_rows if row["delta"]["type"] == "funding"]
            coins = {str(row["delta"]["coin"]) for row in paid_rows}
        await self._check_names(coins)
        with understood():
            payments = [rows.funding(row) for row in paid_rows]
        return sorted(payments, key=lambda payment: (payment.ts, payment.id))

    async def ledger(self, since_ms: int) -> Sequence[LedgerEntry]:
        """Return every booked change of the account's cash from a time on, oldest first."""
        fill_rows = await self._lookups.list_since("userFillsByTime", since_ms, _FILLS_PAGE, "tid")
        payments = await self.fundings(since_ms)
        transfer_rows = await self._lookups.list_since(
            "userNonFundingLedgerUpdates", since_ms, _FUNDINGS_PAGE, "hash"
        )
        with understood():
            entries = [rows.ledger_entry(row) for row in fill_rows if rows.is_perpetual(row)]
            entries += [LedgerEntry(item.ts, item.amount) for item in payments]
            entries += [
                item
                for row in transfer_rows
                if (item := rows.transfer_entry(row, self._wire.account)) is not None
            ]
        return sorted(entries, key=lambda item: item.ts)

    async def positions(self) -> Sequence[VenuePosition]:
        """Return every open position with the levels that protect it."""
        held_rows, ts = await self._list_held(Rank.LOOK)
        with understood():
            coins = {str(row["coin"]) for row in held_rows}
        await self._check_names(coins)
        waiting = await self._levels.list_waiting() if held_rows else []
        with understood():
            return [
                rows.position(row, [level for level in waiting if level["coin"] == row["coin"]], ts)
                for row in held_rows
            ]

    async def balance(self) -> Balance:
        """Return the money of the account."""
        state = await self._wire.ask_account("clearinghouseState")
        with understood():
            return rows.balance(state)

    async def protect(self, levels: Levels, ts: int | None = None) -> None:
        """Put levels on a whole position; what they replace is taken away."""
        await self._levels.protect(levels, await self._lookups.contract(levels.instrument), ts)

    async def flash_close(self, instrument: str, ts: int | None = None) -> None:
        """Close a position whatever its size."""
        held_rows, held_ts = await self._list_held(Rank.EXIT)
        with understood():
            positions = [rows.position(row, [], held_ts) for row in held_rows]
        position = next((candidate for candidate in positions if candidate.instrument == instrument), None)
        if position is None:
            return
        order = NewOrder(instrument, "", -position.side, position.qty, is_reduce_only=True, ts=0)
        entry = self._entry_action(
            order, await self._lookups.contract(instrument), await self._mid_prices(order, Rank.EXIT)
        )
        try:
            action = {"type": "order", "orders": [entry], "grouping": "na"}
            statuses = await self._wire.act(action, signed_ts=ts)
        except OrderRejected as error:
            if FLAT in said_under(error).words.lower():
                return
            raise
        self._parse_placed(statuses)

    async def states(self, instruments: Sequence[str]) -> Sequence[InstrumentState]:
        """Return how contracts are traded, in their order."""
        return await states(self._wire, instruments)

    async def fee_level(self, instrument: str) -> FeeLevel:
        """Return what the account pays for a contract; it is the same for all."""
        del instrument
        return await fee_level(self._wire)

    def hints(self) -> AsyncIterator[Hint]:
        """Yield what the stream tells, connecting again for ever."""
        return self._stream.hints()

    async def close(self) -> None:
        """Let go of connections."""
        await self._wire.close()

    async def _check_names(self, coins: Collection[str]) -> None:
        """See that none is a coin that may be one of ours under a new name."""
        await self._wire.names.check(coins, lambda: listed_coins(self._wire))

    # An order as it is sent ------------------------------------------------------------------------------------

    def _entry_action(self, order: NewOrder, contract: HyperliquidContract, mids: Row) -> Row:
        with understood():
            if order.limit is None:
                mid = rows.parse_number(mids[contract.coin])
                price = contract.price(mid * (1 + order.side * _MARKET_TOLERANCE), up=order.side > 0)
            else:
                price = order.limit
        row: dict[str, Any] = {
            "a": contract.asset,
            "b": order.side > 0,
            "p": rows.format_plain(price),
            "s": rows.format_plain(order.qty),
            "r": order.is_reduce_only,
            "t": {"limit": {"tif": "Ioc" if order.limit is None else "Gtc"}},
        }
        return row | ({"c": rows.cloid(order.client_id)} if order.client_id else {})

    def _level_actions(self, order: NewOrder, contract: HyperliquidContract) -> list[Row]:
        return [
            trigger_order(contract, -order.side, order.qty, level, kind, "")
            for level, kind in ((order.target, "tp"), (order.stop, "sl"))
            if level is not None
        ]

    async def _mid_prices(self, order: NewOrder, rank: Rank) -> Any:
        """Return the prices in the middle; all orders of one moment share one question, sent after all have asked."""
        if order.limit is not None:
            return {}
        if rank not in self._mid_requests:
            self._mid_requests[rank] = request = asyncio.ensure_future(self._fetch_mid_prices(rank))
            # Of a failure nobody may be left to hear, where an instant broke off the others.
            request.add_done_callback(lambda done: done.cancelled() or done.exception())
        return await asyncio.shield(self._mid_requests[rank])

    async def _fetch_mid_prices(self, rank: Rank) -> Any:
        await asyncio.sleep(0)
        del self._mid_requests[rank]
        return await self._wire.ask("allMids", rank=rank)

    async def _list_held(self, rank: Rank) -> tuple[list[Row], int]:
        state = await self._wire.ask_account("clearinghouseState", rank=rank)
        with understood():
            position_rows = [
                item["position"]
                for item in state["assetPositions"]
                if rows.parse_number(item["position"]["szi"])
            ]
            return position_rows, int(state["time"])

    def _parse_placed(self, statuses: Sequence[Any]) -> str:
        """Return the venue's id of an order that was taken; levels that were not are missed by who looks for them."""
        with understood(OutcomeUnknown):
            row = statuses[0].get("resting") or statuses[0]["filled"]
            oid = row["oid"]
        if isinstance(oid, bool) or not isinstance(oid, int):
            raise OutcomeUnknown(
                "accepted_order_but_returned", "{title} accepted an order but returned no id", title=TITLE
            )
        self._lookups.remember({"oid": oid, "isTrigger": False, "is_ours": True})
        return str(oid)

    async def _read_setup(self, instrument: str) -> InstrumentSetup:
        data = await self._wire.ask_account("activeAssetData", coin=coin_of(instrument))
        with understood():
            margin = data["leverage"]
            return InstrumentSetup(
                instrument,
                rows.parse_number(margin["value"]),
                is_isolated=margin["type"] == "isolated",
                is_one_way=True,
            )
