"""The simulated exchange's core, without a wire, as a venue and a feed: the fill model's second implementation."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from decimal import Decimal

import numpy as np

from tests.parity.material import Inputs
from vigie.domain.errors import OrderRejected
from vigie.domain.order import Balance, Fill, FundingPayment, VenueOrder, VenuePosition
from vigie.engine.inputs import SlotInput
from vigie.ports.feed import FeedBar, MarketInstant
from vigie.ports.trading import Hint, Levels, NewOrder
from vigie_sandbox.exchange.core.entities import Contract, ExchangeRefusal, OrderRequest
from vigie_sandbox.exchange.core.exchange import Exchange
from vigie_sandbox.exchange.matchers.lockstep import LockStep
from vigie_sandbox.exchange.matchers.model import ModelMarket
from vigie_sandbox.exchange.matchers.tracks import Track

ACCOUNT = "one"
CAUSES = {"pos_stop": "stop", "pos_target": "target", "person": "other", "trigger": "other"}


def symbol_of(instrument: str) -> str:
    return instrument.upper()


def contract_of(given: SlotInput) -> Contract:
    rule = given.versions[0]
    return Contract(
        symbol_of(given.bars.instrument),
        "A",
        "USDT",
        tick=Decimal(str(rule.tick)),
        lot=Decimal(str(rule.lot)),
        min_qty=Decimal(repr(rule.min_qty)),
        min_notional=Decimal(repr(rule.min_notional)),
        maintenance_rate=Decimal(repr(rule.maintenance_rate)),
        taker=Decimal(repr(given.costs.taker)),
        maker=Decimal(repr(given.costs.maker)),
    )


class CoreVenue:
    """One account at an exchange in lock-step; a `TradingVenue` and a `LiveFeed` in one."""

    venue = "core"
    attaches_levels = True

    def __init__(self, inputs: Inputs) -> None:
        by_series = {f"{name.instrument}/{name.timeframe}": one for name, one in inputs}
        tracks, fundings, contracts, self._series = [], {}, {}, {}
        for series, one in by_series.items():
            symbol = symbol_of(one.bars.instrument)
            track = Track(symbol, one.bars)
            tracks.append(track)
            self._series[track.name] = series
            contracts.setdefault(symbol, contract_of(one))
            rates = zip(one.funding.ts.tolist(), one.funding.rate.tolist(), strict=True)
            fundings[symbol] = [(ts, Decimal(repr(rate))) for ts, rate in rates]
        self._tracks = {series: name for name, series in self._series.items()}
        self._rates = {one.bars.instrument: one.funding for one in by_series.values()}
        first = inputs[0][1]
        slippage = Decimal(repr(first.costs.slippage_bps)) / 10_000
        market = ModelMarket(tracks, fundings=fundings, slippage=slippage)
        self.exchange = Exchange(list(contracts.values()), market)
        self.exchange.open_account(ACCOUNT, Decimal(repr(first.sizing.capital)))
        for name, one in inputs:
            leverage = Decimal(repr(one.sizing.leverage))
            self.exchange.set_leverage(ACCOUNT, symbol_of(name.instrument), leverage)
        self._steps = LockStep(self.exchange, market)
        self._instants = [-(2**60), *market.instants]

    async def after(self, number: int) -> MarketInstant | None:
        current = self._steps.current()
        if current is not None and current.is_last and current.number <= number:
            return None
        # What was acknowledged as a whole is over: then the present instant is the one after it.
        found = self._steps.step(max(number + 1, 0 if current is None else current.number))
        closed = tuple(
            FeedBar(
                self._series[name], bar.ts, *map(float, (bar.open, bar.high, bar.low, bar.close, bar.volume))
            )
            for name, bar in found.closed
        )
        opened = tuple((self._series[name], float(price)) for name, price in found.opened)
        rates = []
        for instrument, funding in self._rates.items():
            first, end = np.searchsorted(
                funding.ts, [self._instants[found.number - 1], found.ts], side="right"
            )
            rows = range(int(first), int(end))
            rates += [(instrument, int(funding.ts[row]), float(funding.rate[row])) for row in rows]
        return MarketInstant(found.number, found.ts, closed, opened, tuple(rates), is_last=found.is_last)

    async def exits_placed(self, instant: MarketInstant) -> None:
        self._steps.ack(instant.number, 1)

    async def entries_placed(self, instant: MarketInstant, series: Mapping[str, str]) -> None:
        self._steps.ack(instant.number, 2, {id_: self._tracks[name] for id_, name in series.items()})

    async def place(self, order: NewOrder) -> str:
        ask = OrderRequest(
            order.client_id,
            symbol_of(order.instrument),
            order.side,
            "market" if order.limit is None else "limit",
            order.qty,
            order.limit,
            reduce_only=order.is_reduce_only,
            stop=order.stop,
            target=order.target,
        )
        known = self.exchange.order(ACCOUNT, client_id=order.client_id)
        try:
            return known.id if known is not None else self.exchange.place(ACCOUNT, ask).id
        except ExchangeRefusal as fault:
            raise OrderRejected(f"{fault.code}: {fault}") from fault

    async def order(self, instrument: str, client_id: str) -> VenueOrder | None:
        found = self.exchange.order(ACCOUNT, client_id=client_id)
        if found is None:
            return None
        return VenueOrder(
            instrument,
            found.id,
            client_id,
            found.side,
            found.kind,
            found.qty,
            found.filled,
            found.state,
            found.reduce_only,
            found.ts,
            found.ts_updated,
            found.price,
        )

    async def fills(self, since_ms: int) -> list[Fill]:
        return [
            Fill(
                one.symbol.lower(),
                one.id,
                one.order_id,
                one.client_id,
                one.side,
                one.qty,
                one.price,
                one.fee,
                one.ts,
                one.is_maker,
                CAUSES.get(one.cause, one.cause),
            )
            for one in self.exchange.trades(ACCOUNT)
            if one.ts >= since_ms
        ]

    async def fundings(self, since_ms: int) -> list[FundingPayment]:
        return [
            FundingPayment(one.symbol.lower(), one.id, one.amount, one.ts)
            for one in self.exchange.bills(ACCOUNT, "funding")
            if one.ts >= since_ms
        ]

    async def positions(self) -> list[VenuePosition]:
        plans = self.exchange.open_plans(ACCOUNT)
        return [
            VenuePosition(
                one.symbol.lower(),
                one.side,
                one.qty,
                one.entry,
                one.leverage,
                one.ts_updated,
                **{
                    name: next((p.trigger for p in plans if p.symbol == one.symbol and name in p.kind), None)
                    for name in ("stop", "target")
                },
            )
            for one in self.exchange.positions(ACCOUNT)
            if one.qty
        ]

    async def balance(self) -> Balance:
        money = self.exchange.money(ACCOUNT)
        return Balance("USDT", money.cash, money.equity, money.available, 0)

    async def cancel(self, instrument: str, client_id: str, ts: int | None = None) -> bool:
        order = await self.order(instrument, client_id)
        assert order is not None, "in lock-step nothing else stays unfilled"
        assert order.kind == "limit", "in lock-step nothing else stays unfilled"
        try:
            self.exchange.cancel(ACCOUNT, client_id=client_id)
        except ExchangeRefusal:
            return False
        return True

    async def protect(self, levels: Levels, ts: int | None = None) -> None:
        raise AssertionError("every position has its stop from the beginning")

    async def flash_close(self, instrument: str, ts: int | None = None) -> None:
        raise AssertionError("every position has its stop from the beginning")

    async def hints(self) -> AsyncIterator[Hint]:
        await asyncio.Event().wait()
        yield Hint("connected")
