"""What happened at one account: fills and settlements, which the venue lists by contract and by the week."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Collection, Iterable, Sequence
from typing import Any, Final

from vigie.adapters.venues.binance import rows
from vigie.adapters.venues.binance.codes import NO_SUCH_ORDER
from vigie.adapters.venues.binance.listing import contracts
from vigie.adapters.venues.binance.wire import TITLE, Wire, listed, understood
from vigie.adapters.venues.signed import Row, said_under
from vigie.adapters.venues.turns import Rank
from vigie.domain.errors import ConnectorError, TransientError
from vigie.domain.order import Fill, FillCause, FundingPayment
from vigie.domain.time import DAY_MS
from vigie.ports.trading import LedgerEntry

_WEEK_MS: Final = 7 * DAY_MS
# The venue keeps three months; older times are not named, and what it has is read.
_LONGEST_MS: Final = 89 * DAY_MS
_PAGE: Final = 1_000
_MOST_REMEMBERED: Final = 10_000
# What others trade on the account in contracts of their own is looked for this often: the list of income is dear.
_LOOK_MS: Final = 60_000
# An order may be shown later than its fill.
_LATE_MS: Final = 60_000


class Past:
    """What happened at one account.

    Parameters
    ----------
    wire : Wire
        To the account.
    page : int
        Most rows that are asked for at once.
    """

    def __init__(self, wire: Wire, page: int = _PAGE) -> None:
        self._wire = wire
        self._size = page
        self._symbols: set[str] = set()
        self._looked_ms = 0
        self._since_ms = 2**62
        self._whose: OrderedDict[str, tuple[str, FillCause]] = OrderedDict()

    def touch(self, symbol: str) -> None:
        """Remember a contract that this process has to do with."""
        self._symbols.add(symbol)
        self._wire.names.touch([symbol])

    def remember(self, order_id: str, client_id: str, cause: FillCause) -> None:
        """Remember whose an order is."""
        self._whose[order_id] = client_id, cause
        self._whose.move_to_end(order_id)
        while len(self._whose) > _MOST_REMEMBERED:
            self._whose.popitem(last=False)

    async def fills(self, since_ms: int) -> list[Fill]:
        """Return every fill from a time on, oldest first."""
        await self._look(since_ms)
        await self._check_names(self._symbols)
        found: list[Fill] = []
        symbols = sorted(self._symbols)
        # At once: an entry waits for all of them.
        for rows_of in await asyncio.gather(*(self._trades(one, since_ms) for one in symbols)):
            for row in rows_of:
                client_id, cause = await self._order_of(row)
                with understood():
                    found.append(rows.fill(row, client_id, cause))
                    self._wire.tell_fee_coin(rows.fee_coin(row))
        return sorted(found, key=lambda one: (one.ts, int(one.id)))

    async def fundings(self, since_ms: int) -> list[FundingPayment]:
        """Return every settlement from a time on, oldest first."""
        found = await self._income(since_ms, {"incomeType": "FUNDING_FEE"})
        with understood():
            symbols = {str(row["symbol"]) for row in found}
        await self._check_names(symbols)
        with understood():
            told = [rows.funding(row) for row in found]
        return sorted(told, key=lambda one: (one.ts, one.id))

    async def ledger(self, since_ms: int) -> list[LedgerEntry]:
        """Return every booked change of the margin coin from a time on, oldest first."""
        found = await self._income(since_ms)
        with understood():
            told = [rows.booked(row) for row in found if rows.is_cash(row)]
        return sorted(told, key=lambda one: one.ts)

    async def _check_names(self, symbols: Collection[str]) -> None:
        """See that none is a contract that may be one of ours under a new name."""
        await self._wire.names.check(symbols, lambda: contracts(self._wire))

    async def _look(self, since_ms: int) -> None:
        """Find the contracts that were traded since a time, by whomever."""
        now = self._wire.venue_now()
        is_fresh = now - self._looked_ms < _LOOK_MS and since_ms >= self._since_ms
        if self._symbols and is_fresh:
            return
        found = await self._income(since_ms)
        with understood():
            self._symbols |= {str(row["symbol"]) for row in found if row["symbol"]}
        self._looked_ms, self._since_ms = now, since_ms

    async def _income(self, since_ms: int, asked: Row | None = None) -> list[Row]:
        found: list[Row] = []
        number = 0
        while True:
            number += 1
            bounds = {"startTime": str(max(since_ms, 1)), "limit": str(self._size), "page": str(number)}
            page = listed(await self._wire.ask("income", {**(asked or {}), **bounds}))
            found += page
            if len(page) < self._size:
                return found

    async def _trades(self, symbol: str, since_ms: int) -> list[Row]:
        """Return the trades of a contract: by weeks until there is one, then by their ids."""
        found: list[Row] = []
        start = since_ms
        if self._wire.venue_now() - since_ms < _LONGEST_MS:
            while not found:
                asked = {"symbol": symbol, "startTime": str(start), "limit": str(self._size)}
                found = listed(await self._wire.ask("userTrades", asked))
                start += _WEEK_MS
                if not found and start > self._wire.venue_now():
                    return []
        page: Sequence[Row] = found
        while not found or len(page) == self._size:
            with understood():
                first = int(page[-1]["id"]) + 1 if page else 0
            asked = {"symbol": symbol, "fromId": str(first), "limit": str(self._size)}
            page = listed(await self._wire.ask("userTrades", asked))
            if not page:
                break
            found += page
        with understood():
            return [row for row in found if int(row["time"]) >= since_ms]

    async def _order_of(self, row: Row) -> tuple[str, FillCause]:
        """Return the client's id of a fill's order, and why it traded."""
        with understood():
            order_id, symbol, ts = str(row["orderId"]), str(row["symbol"]), int(row["time"])
        if order_id not in self._whose:
            found = await self.order_row({"symbol": symbol, "orderId": order_id})
            if found is None:
                if self._wire.venue_now() - ts < _LATE_MS:
                    raise TransientError(f"{TITLE} shows a fill of order {order_id} and not yet the order")
                found = {"clientOrderId": "", "origType": ""}
            with understood():
                client_id = str(found["clientOrderId"])
                cause = rows.cause_of(client_id, str(found.get("origType", "")))
            self.remember(order_id, client_id, cause or await self._made_by(symbol, order_id, ts))
        self._whose.move_to_end(order_id)
        return self._whose[order_id]

    async def order_row(self, asked: Row, *, rank: Rank = Rank.READ) -> Any:
        """Return an order; None where the venue says there is none."""
        try:
            return await self._wire.ask("order", asked, rank=rank)
        except ConnectorError as error:
            if said_under(error).code == NO_SUCH_ORDER:
                return None
            raise

    async def _made_by(self, symbol: str, order_id: str, ts: int) -> FillCause:
        """Return what made an order that does not say so: its conditional order, else somebody else."""
        for end in range(ts, ts - _LONGEST_MS, -_WEEK_MS):
            asked = {"symbol": symbol, "startTime": str(end - _WEEK_MS), "endTime": str(end)}
            found = await self._algos(asked)
            with understood():
                made = [row for row in found if str(row.get("actualOrderId") or "") == order_id]
                if made:
                    return rows.caused_by(made[0])
        return "other"

    async def _algos(self, asked: Row) -> Iterable[Row]:
        found: list[Row] = []
        number = 0
        while True:
            number += 1
            bounds = {"limit": str(self._size), "page": str(number)}
            page = listed(await self._wire.ask("allAlgoOrders", {**asked, **bounds}))
            found += page
            if len(page) < self._size:
                return found
