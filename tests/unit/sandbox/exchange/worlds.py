"""Small exchanges for tests: bars typed by hand, one contract or a few, one account with money."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path

import numpy as np

from vigie.domain.bar import Bars
from vigie.domain.time import HOUR_MS
from vigie_sandbox.exchange.core.entities import Contract, ExchangeTrade, Order, OrderRequest, Position
from vigie_sandbox.exchange.core.exchange import Exchange
from vigie_sandbox.exchange.core.journal import ExchangeJournal
from vigie_sandbox.exchange.matchers.lockstep import LockStep, LockStepInstant
from vigie_sandbox.exchange.matchers.model import ModelMarket
from vigie_sandbox.exchange.matchers.path import PathMarket
from vigie_sandbox.exchange.matchers.tracks import Track

ME = "me"
D = Decimal
BTC = Contract("BTCUSDT", "BTC", "USDT", tick=D("0.1"), lot=D("0.01"))
Row = tuple[float, float, float, float]


def bars(
    rows: Sequence[Sequence[float]],
    span_ms: int = HOUR_MS,
    ts: Sequence[int] | None = None,
    *,
    name: str = "btc",
) -> Bars:
    """Return bars of open, high, low, close; they follow one another from 0 unless times are given."""
    table = np.array(rows, float)
    times = np.array(ts if ts is not None else [i * span_ms for i in range(len(rows))], np.int64)
    first, high, low, last = table.T.copy()
    return Bars(f"{name}-usdt-perp", span_ms, times, first, high, low, last, np.ones(len(rows)))


class Desk:
    """One account in lock-step."""

    def __init__(
        self,
        tracks: Sequence[Track],
        *,
        contracts: Sequence[Contract] = (BTC,),
        capital: str = "10000",
        leverage: str = "5",
        fundings: Mapping[str, Sequence[tuple[int, Decimal]]] | None = None,
        marks: Mapping[str, Mapping[int, Decimal]] | None = None,
        memory: Path | None = None,
    ) -> None:
        self.market = ModelMarket(tracks, fundings=fundings, marks=marks)
        self.exchange = Exchange(contracts, self.market, ExchangeJournal(memory))
        self.hands = LockStep(self.exchange, self.market)
        is_new = ME not in self.exchange.accounts()
        self.exchange.open_account(ME, D(capital))
        if is_new:
            for contract in contracts:
                self.exchange.set_leverage(ME, contract.symbol, D(leverage))
        self.count = 0

    def buy(self, qty: str, symbol: str = "BTCUSDT", **more: object) -> Order:
        return self.order(1, qty, symbol, **more)

    def sell(self, qty: str, symbol: str = "BTCUSDT", **more: object) -> Order:
        return self.order(-1, qty, symbol, **more)

    def order(self, side: int, qty: str, symbol: str = "BTCUSDT", **more: object) -> Order:
        self.count += 1
        client_id = str(more.pop("client_id", f"c{self.count}-{len(self.exchange.order_history(ME))}"))
        kind = "limit" if "price" in more else "market"
        return self.exchange.place(ME, OrderRequest(client_id, symbol, side, kind, D(qty), **more))  # type: ignore[arg-type]

    def pass_by(self, instant: LockStepInstant | None = None) -> int:
        """Acknowledge both phases without doing anything."""
        number = self.market.number if instant is None else instant.number
        self.hands.ack(number, 1)
        return self.hands.ack(number, 2)

    def go(self, steps: int = 1) -> LockStepInstant:
        """Take steps, acknowledging the one before each; the last one waits."""
        instant = None
        for _ in range(steps):
            if self.market.number and self.market.phase < 2:
                for phase in range(self.market.phase + 1, 3):
                    self.hands.ack(self.market.number, phase)
            instant = self.hands.step()
        assert instant is not None
        return instant

    @property
    def cash(self) -> Decimal:
        return self.exchange.money(ME).cash

    @property
    def trades(self) -> Sequence[ExchangeTrade]:
        return self.exchange.trades(ME)

    @property
    def position(self) -> Position | None:
        held = self.exchange.positions(ME)
        return held[0] if held else None


def hourly(*rows: Row, **more: object) -> Desk:
    """Return a desk over hourly bars of one contract."""
    return Desk([Track("BTCUSDT", bars(rows))], **more)  # type: ignore[arg-type]


class Wander:
    """One account on a path whose clock the test moves."""

    def __init__(
        self,
        rows: Sequence[Row],
        *,
        span_ms: int = 60_000,
        seed: int = 1,
        capital: str = "10000",
        fundings: Mapping[str, Sequence[tuple[int, Decimal]]] | None = None,
        contracts: Sequence[Contract] = (BTC,),
        memory: Path | None = None,
        ts: int = 0,
    ) -> None:
        self.ts = ts
        self.market = PathMarket(
            contracts, {"BTCUSDT": bars(rows, span_ms)}, now=lambda: self.ts, seed=seed, fundings=fundings
        )
        self.exchange = Exchange(contracts, self.market, ExchangeJournal(memory))
        if ME not in self.exchange.accounts():
            self.exchange.open_account(ME, D(capital))
            self.exchange.set_leverage(ME, "BTCUSDT", D(5))
        self.count = len(self.exchange.order_history(ME))

    def order(self, side: int, qty: str, **more: object) -> Order:
        self.count += 1
        client_id = str(more.pop("client_id", f"c{self.count}"))
        kind = "limit" if "price" in more else "market"
        return self.exchange.place(ME, OrderRequest(client_id, "BTCUSDT", side, kind, D(qty), **more))  # type: ignore[arg-type]

    def at(self, ts: int) -> None:
        """Let the time come."""
        self.ts = ts
        self.exchange.tick()
