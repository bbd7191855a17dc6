"""What happened at one account: fills and settlements, which the venue lists by contract and by the week."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Collection, Iterable, Sequence
from typing import Any, Final

from vigie.adapters.venues.binance import rows
from vigie.adapters.venues.binance.codes import NO_SUCH_ORDER
from vigie.adapters.venues.binance.listing import contracts
from vigie.adapters.venues.binance.wire import TITLE, BinanceWire, check_rows, understood
from vigie.adapters.venues.rank_queue import Rank
from vigie.adapters.venues.signed import Row, said_under
from vigie.domain.errors import ConnectorError, TransientError
from vigie.domain.order import Fill, FillCause, FundingPayment
from vigie.domain.time import DAY_MS, WEEK_MS
from vigie.ports.listed_venue import LedgerEntry

# The venue keeps three months; older times are not named, and what it has is read.
_MAX_HISTORY_MS: Final = 89 * DAY_MS
_PAGE_SIZE: Final = 1_000
_MAX_REMEMBERED: Final = 10_000
# What others trade on the account in contracts of their own is looked for this often: the list of income is dear.
_SCAN_EVERY_MS: Final = 60_000
# An order may be shown later than its fill.
_LATE_MS: Final = 60_000


class AccountHistory:
    """What happened at one account.

    Parameters
    ----------
    wire : BinanceWire
        To the account.
    page : int
        Most rows that are asked for at once.
    """

    def __init__(self, wire: BinanceWire, page: int = _PAGE_SIZE) -> None:
        self._wire = wire
        self._page_size = page
        self._symbols: set[str] = set()
        self._scanned_ms = 0
        self._scanned_since_ms = 2**62
        self._order_owners: OrderedDict[str, tuple[str, FillCause]] = OrderedDict()

    def touch(self, symbol: str) -> None:
        """Remember a contract that this process has to do with."""
        self._symbols.add(symbol)
        self._wire.names.add_ours([symbol])

    def remember(self, order_id: str, client_id: str, cause: FillCause) -> None:
        """Remember whose an order is."""
        self._order_owners[order_id] = client_id, cause
        self._order_owners.move_to_end(order_id)
        while len(self._order_owners) > _MAX_REMEMBERED:
            self._order_owners.popitem(last=False)

    async def fills(self, since_ms: int) -> list[Fill]:
        """Return every fill from a time on, oldest first."""
        await self._scan_symbols(since_ms)
        await self._check_names(self._symbols)
        fills: list[Fill] = []
        symbols = sorted(self._symbols)
        # At once: an entry waits for all of them.
        for trade_rows in await asyncio.gather(*(self._list_trades(item, since_ms) for item in symbols)):
            for row in trade_rows:
                client_id, cause = await self._order_of_fill(row)
                with understood():
                    fills.append(rows.fill(row, client_id, cause))
                    self._wire.tell_fee_coin(rows.fee_coin(row))
        return sorted(fills, key=lambda item: (item.ts, int(item.id)))

    async def fundings(self, since_ms: int) -> list[FundingPayment]:
        """Return every settlement from a time on, oldest first."""
        income_rows = await self._list_income(since_ms, {"incomeType": "FUNDING_FEE"})
        with understood():
            symbols = {str(row["symbol"]) for row in income_rows}
        await self._check_names(symbols)
        with understood():
            payments = [rows.funding(row) for row in income_rows]
        return sorted(payments, key=lambda payment: (payment.ts, payment.id))

    async def ledger(self, since_ms: int) -> list[LedgerEntry]:
        """Return every booked change of the margin coin from a time on, oldest first."""
        income_rows = await self._list_income(since_ms)
        with understood():
            entries = [rows.ledger_entry(row) for row in income_rows if rows.is_cash(row)]
        return sorted(entries, key=lambda entry: entry.ts)

    async def _check_names(self, symbols: Collection[str]) -> None:
        """See that none is a contract that may be one of ours under a new name."""
        await self._wire.names.check(symbols, lambda: contracts(self._wire))

    async def _scan_symbols(self, since_ms: int) -> None:
        """Find the contracts that were traded since a time, by whomever."""
        now = self._wire.venue_now()
        is_fresh = now - self._scanned_ms < _SCAN_EVERY_MS and since_ms >= self._scanned_since_ms
        if self._symbols and is_fresh:
            return
        income_rows = await self._list_income(since_ms)
        with understood():
            self._symbols |= {str(row["symbol"]) for row in income_rows if row["symbol"]}
        self._scanned_ms, self._scanned_since_ms = now, since_ms

    async def _list_income(self, since_ms: int, query: Row | None = None) -> list[Row]:
        collected: list[Row] = []
        page_number = 0
        while True:
            page_number += 1
            bounds = {
                "startTime": str(max(since_ms, 1)),
                "limit": str(self._page_size),
                "page": str(page_number),
            }
            page = check_rows(await self._wire.ask("income", {**(query or {}), **bounds}))
            collected += page
            if len(page) < self._page_size:
                return collected

    async def _list_trades(self, symbol: str, since_ms: int) -> list[Row]:
        """Return the trades of a contract: by weeks until there is one, then by their ids."""
        collected: list[Row] = []
        start = since_ms
        if self._wire.venue_now() - since_ms < _MAX_HISTORY_MS:
            while not collected:
                query = {"symbol": symbol, "startTime": str(start), "limit": str(self._page_size)}
                collected = check_rows(await self._wire.ask("userTrades", query))
                start += WEEK_MS
                if not collected and start > self._wire.venue_now():
                    return []
        page: Sequence[Row] = collected
        while not collected or len(page) == self._page_size:
            with understood():
                first = int(page[-1]["id"]) + 1 if page else 0
            query = {"symbol": symbol, "fromId": str(first), "limit": str(self._page_size)}
            page = check_rows(await self._wire.ask("userTrades", query))
            if not page:
                break
            collected += page
        with understood():
            return [row for row in collected if int(row["time"]) >= since_ms]

    async def _order_of_fill(self, row: Row) -> tuple[str, FillCause]:
        """Return the client's id of a fill's order, and why it traded."""
        with understood():
            order_id, symbol, ts = str(row["orderId"]), str(row["symbol"]), int(row["time"])
        if order_id not in self._order_owners:
            order_row = await self.order_row({"symbol": symbol, "orderId": order_id})
            if order_row is None:
                if self._wire.venue_now() - ts < _LATE_MS:
                    raise TransientError(
                        "shows_fill_order_but",
                        "{title} shows a fill of order {order_id} but not the order yet",
                        title=TITLE,
                        order_id=order_id,
                    )
                order_row = {"clientOrderId": "", "origType": ""}
            with understood():
                client_id = str(order_row["clientOrderId"])
                cause = rows.cause_of(client_id, str(order_row.get("origType", "")))
            self.remember(order_id, client_id, cause or await self._cause_of_order(symbol, order_id, ts))
        self._order_owners.move_to_end(order_id)
        return self._order_owners[order_id]

    async def order_row(self, query: Row, *, rank: Rank = Rank.READ) -> Any:
        """Return an order; None where the venue says there is none."""
        try:
            return await self._wire.ask("order", query, rank=rank)
        except ConnectorError as error:
            if said_under(error).code == NO_SUCH_ORDER:
                return None
            raise

    async def _cause_of_order(self, symbol: str, order_id: str, ts: int) -> FillCause:
        """Return what made an order that does not say so: its conditional order, else somebody else."""
        for end in range(ts, ts - _MAX_HISTORY_MS, -WEEK_MS):
            query = {"symbol": symbol, "startTime": str(end - WEEK_MS), "endTime": str(end)}
            algos = await self._list_algos(query)
            with understood():
                matching = [row for row in algos if str(row.get("actualOrderId") or "") == order_id]
                if matching:
                    return rows.level_cause(matching[0])
        return "other"

    async def _list_algos(self, query: Row) -> Iterable[Row]:
        collected: list[Row] = []
        page_number = 0
        while True:
            page_number += 1
            bounds = {"limit": str(self._page_size), "page": str(page_number)}
            page = check_rows(await self._wire.ask("allAlgoOrders", {**query, **bounds}))
            collected += page
            if len(page) < self._page_size:
                return collected
