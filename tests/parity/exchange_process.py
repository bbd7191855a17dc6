"""The simulated exchange in lock-step as a process of its own; and what both sides know beforehand: the market."""

from __future__ import annotations

import json
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from http.client import HTTPConnection, HTTPResponse, RemoteDisconnected
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from vigie.domain.account import AccountSettings, Costs, Sizing
from vigie.domain.bar import Bars
from vigie.domain.ids import SlotId, parse_instrument
from vigie.engine.inputs import Settlements, SlotInput, settlements_of
from vigie.engine.run import PlannedSlot, prepare_slot
from vigie.ports.feed import FeedBar, MarketInstant
from vigie.trading import catalogue
from vigie_sandbox.exchange.run import ExchangeConfig, run_exchange
from vigie_sandbox.market import SimulatedMarket, simulate_market
from vigie_sandbox.market.resampling import resample

SEED, START = 11, 1_735_689_600_000
COINS = ("BTC", "ETH", "SOL")
STRATEGIES = ("macd_cross", "rsi_reversion", "ema_cross", "bollinger_squeeze", "adx_trend")
COSTS = Costs()


@cache
def made_market(count: int) -> SimulatedMarket:
    return simulate_market(SEED, COINS, start_ms=START, bars=count, timeframe="1h")


def market(count: int) -> dict[str, tuple[Bars, Settlements]]:
    """Hourly bars of three coins on their grids, and their funding."""
    made = made_market(count)
    found = {}
    for coin in COINS:
        bars, rates = made.bars(coin), made.funding(coin)
        inside = (rates.ts >= bars.ts[0]) & (rates.ts < bars.ts[-1])
        found[coin] = bars, settlements_of(rates.ts[inside], rates.value[inside])
    return found


def rates(count: int) -> dict[str, Settlements]:
    """Funding by instrument."""
    return {bars.instrument: settled for bars, settled in market(count).values()}


def series(count: int, timeframes: Sequence[str] = ("1h",)) -> Iterator[tuple[str, Bars, Settlements]]:
    """Every coin's bars in every timeframe, in the order of an instant."""
    for coin, (bars, settled) in market(count).items():
        for timeframe in timeframes:
            yield coin, bars if timeframe == "1h" else resample(bars, timeframe), settled


def slots(count: int, timeframes: Sequence[str] = ("1h",)) -> list[tuple[SlotId, SlotInput]]:
    """Every strategy on every coin in every timeframe, as a backtest prepares them."""
    found = []
    for coin, bars, settled in series(count, timeframes):
        for name in STRATEGIES:
            strategy = catalogue.load(name)
            id_ = SlotId(bars.instrument, bars.timeframe, name)
            account = AccountSettings("portfolio", COSTS, Sizing())
            rules = made_market(count).asset(coin).rules
            plan = PlannedSlot(id_, bars, strategy, strategy.params(), (rules,), account, settled)
            found.append((id_, prepare_slot(plan)[1]))
    return found


@dataclass(frozen=True, slots=True)
class Child:
    """An exchange in another process."""

    url: str
    key: str
    secret: str
    passphrase: str
    control: str

    def ask(self, method: str, where: str, body: Mapping[str, Any] | None = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.control}/control/{where}", data, method=method)
        request.add_header("Content-Type", "application/json")
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.loads(answer.read())


def child(count: int, home: Path, timeframes: Sequence[str] = ("1h",)) -> AbstractContextManager[Child]:
    """Start an exchange with this file's market; it ends with the block."""
    words = [sys.executable, "-m", "tests.parity.exchange_process", str(count), str(home), *timeframes]
    return child_of(words)


@contextmanager
def child_of(words: Sequence[str]) -> Iterator[Child]:
    """Start an exchange by its command; it ends with the block."""
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2]) as process:
        assert process.stdout is not None
        told = [process.stdout.readline().strip() for _ in range(5)]
        # Not every venue's keys have a passphrase.
        assert told[-1], "the exchange did not begin"
        try:
            yield Child(*told)
        finally:
            process.kill()


class Asked(Protocol):
    """An exchange whose control answers."""

    def ask(self, method: str, where: str, body: Mapping[str, Any] | None = None) -> Any: ...


class Line:
    """One connection to an exchange's control, for who asks it thousands of times."""

    def __init__(self, exchange: Child) -> None:
        self._connection = HTTPConnection(exchange.control.removeprefix("http://"), timeout=60)

    def ask(self, method: str, where: str, body: Mapping[str, Any] | None = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        try:
            answer = self._answer(method, where, data)
        except RemoteDisconnected:
            # Idle for seconds on a busy machine, the connection was closed before it was asked: nothing was done.
            self._connection.close()
            answer = self._answer(method, where, data)
        assert answer.status == 200, answer.read()
        return json.loads(answer.read())

    def _answer(self, method: str, where: str, data: bytes | None) -> HTTPResponse:
        self._connection.request(method, f"/control/{where}", data, {"Content-Type": "application/json"})
        return self._connection.getresponse()

    def close(self) -> None:
        self._connection.close()


class ControlFeed:
    """A `LiveFeed` over the control port of an exchange in lock-step."""

    def __init__(self, exchange: Asked, rates: Mapping[str, Settlements]) -> None:
        self._exchange = exchange
        self._rates = rates
        self._times: dict[int, int] = {0: -(2**60)}

    async def after(self, number: int) -> MarketInstant | None:
        found = self._exchange.ask("GET", "step")
        if found and found["number"] > number + 1:
            number = found["number"] - 1
        elif found and found["is_last"] and found["number"] <= number:
            return None
        if not found or found["number"] != number + 1:
            found = self._exchange.ask("POST", "step", {"number": number + 1})
        self._times[found["number"]] = found["ts"]
        return self._instant(found)

    def _instant(self, found: Mapping[str, Any]) -> MarketInstant:
        before = self._times.get(found["number"] - 1, found["ts"] - 3_600_000)
        rates = []
        for name, settled in self._rates.items():
            first, end = np.searchsorted(settled.ts, [before, found["ts"]], side="right")
            for row in range(int(first), int(end)):
                rates.append((name, int(settled.ts[row]), float(settled.rate[row])))
        closed = tuple(
            FeedBar(ours(one["series"]), one["bar"][0], *map(float, one["bar"][1:]))
            for one in found["closed"]
        )
        opened = tuple((ours(one["series"]), float(one["price"])) for one in found["opened"])
        return MarketInstant(
            found["number"], found["ts"], closed, opened, tuple(rates), is_last=found["is_last"]
        )

    async def exits_placed(self, instant: MarketInstant) -> None:
        self._exchange.ask("POST", "ack", {"number": instant.number, "phase": 1})

    async def entries_placed(self, instant: MarketInstant, series: Mapping[str, str]) -> None:
        names = {id_: theirs(name) for id_, name in series.items()}
        self._exchange.ask("POST", "ack", {"number": instant.number, "phase": 2, "series": names})


def ours(series: str) -> str:
    symbol, _, timeframe = series.partition("/")
    return f"{parse_instrument(symbol)}/{timeframe}"


def theirs(series: str) -> str:
    name, _, timeframe = series.partition("/")
    return f"{parse_instrument(name).symbol}/{timeframe}"


def main() -> None:
    count, home, timeframes = int(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:] or ["1h"]
    made = market(count)
    fundings = {
        f"{coin}USDT": [
            (ts, Decimal(repr(rate)))
            for ts, rate in zip(settled.ts.tolist(), settled.rate.tolist(), strict=True)
        ]
        for coin, (_, settled) in made.items()
    }
    opening = ExchangeConfig(
        "model",
        tuple(bars for _, bars, _ in series(count, timeframes)),
        tuple(made_market(count).asset(coin).rules for coin in COINS),
        SEED,
        fundings=fundings,
        home=home,
        slippage=Decimal(repr(COSTS.slippage_bps)) / 10_000,
    )
    run_exchange(opening, lambda: time.time_ns() // 1_000_000, lambda line: print(line, flush=True))


if __name__ == "__main__":
    main()
