"""A venue in the test's own process, asked as a client asks: signed, by path, in JSON."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

import numpy as np

from vigie.domain.bar import Bars
from vigie.domain.instrument import Instrument
from vigie.domain.money import GridStep
from vigie_sandbox.exchange.bitget.signing import make_signature
from vigie_sandbox.exchange.keys import Key
from vigie_sandbox.exchange.run import ExchangeConfig, OpenedExchange, open_venue
from vigie_sandbox.exchange.session import END, VenueSession
from vigie_sandbox.exchange.wire import VenueRequest

MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000
START = 1_767_225_600_000
MIX = "/api/v2/mix/"
USDT = {"productType": "USDT-FUTURES"}
BTC = {"symbol": "BTCUSDT", "marginCoin": "USDT", **USDT}
RULES = (
    Instrument("bitget-perp", "btc-usdt-perp", GridStep(1, 1), GridStep(1, 4), 0.0001, 5.0),
    Instrument("bitget-perp", "eth-usdt-perp", GridStep(5, 2), GridStep(1, 2), 0.01, 5.0),
)


class Watch:
    """Seconds and the wall's milliseconds, both moved by the test."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds

    def wall(self) -> int:
        return START + 400 * DAY + int(self.seconds * 1_000)


def bars_of(
    prices: list[float], name: str = "btc-usdt-perp", span: int = MINUTE, volume: float = 2.0
) -> Bars:
    """Return bars that go straight from price to price."""
    first = np.array([prices[0], *prices[:-1]])
    last = np.array(prices)
    ts = START + np.arange(len(prices), dtype=np.int64) * span
    amounts = np.full(len(prices), volume)
    return Bars(name, span, ts, first, np.maximum(first, last), np.minimum(first, last), last, amounts)


QUIET = bars_of([50_000.0] * 200)
# Half an hour at 50,000, then ten minutes that lose 200 each, then calm.
FALL = bars_of([50_000.0] * 30 + [50_000.0 - 200.0 * (i + 1) for i in range(10)] + [48_000.0] * 160)


@dataclass(slots=True)
class Stall:
    """One venue and the key that asks it."""

    watch: Watch
    opened: OpenedExchange
    key: Key
    heard: list[dict[str, Any]] = field(default_factory=list)

    def ask(self, method: str, path: str, fields: Any = None, *, signed: bool = True, **changed: str) -> Any:
        """Return the whole answer; `changed` overrides headers."""
        return self.make_reply(self.question(method, path, fields, signed=signed, **changed)).body

    def make_reply(self, asked: VenueRequest) -> Any:
        return self.opened.venue.answer(asked)

    def question(
        self, method: str, path: str, fields: Any = None, *, signed: bool = True, **changed: str
    ) -> VenueRequest:
        """Return a request as a client makes it."""
        path = path if path.startswith("/api") else MIX + path
        raw = urlencode(sorted((fields or {}).items())) if method == "GET" else ""
        body = json.dumps(fields or {}).encode() if method == "POST" else b""
        headers = {}
        if signed:
            told = changed.pop("told", str(self.opened.venue.context.wall()))
            text = f"{told}{method}{path}" + (f"?{raw}" if raw else "") + body.decode()
            headers = {
                "access-key": self.key.key,
                "access-sign": make_signature(self.key.secret, text),
                "access-timestamp": told,
                "access-passphrase": self.key.passphrase,
                "paptrading": "1",
            } | {name.replace("_", "-"): value for name, value in changed.items()}
        query = {} if method == "POST" else {name: str(value) for name, value in (fields or {}).items()}
        return VenueRequest(method, path, raw, query, body, headers, "127.0.0.1")

    def get(self, path: str, **query: Any) -> Any:
        """Return the data of a signed read; a refusal fails the test."""
        return self.data(self.ask("GET", path, {**USDT, **query}))

    def post(self, path: str, **body: Any) -> Any:
        """Return the data of a signed order; a refusal fails the test."""
        return self.data(self.ask("POST", path, {**BTC, **body}))

    def code(self, method: str, path: str, **fields: Any) -> str:
        """Return the code of an answer."""
        return self.ask(method, path, {**BTC, **fields})["code"]

    def place(self, side: str = "buy", size: str = "0.01", **more: Any) -> Any:
        """Place a market order in isolated margin."""
        wanted = {"side": side, "size": size, "orderType": "market", "marginMode": "isolated", **more}
        return self.post("order/place-order", **wanted)

    def go(self, minutes: float) -> None:
        """Let market time pass; the wall moves with it at speed 60."""
        self.watch.seconds += minutes
        self.opened.venue.tick()

    def control(self, method: str, where: str, /, **body: Any) -> Any:
        """Return what the control answers."""
        return self.opened.control.answer(method, "/control/" + where, body)

    def stream(self, *channels: str, is_private: bool = True) -> VenueSession:
        """Return a client of a stream that is logged in and has subscribed."""
        session = self.opened.venue.add_session("/v2/ws/" + ("private" if is_private else "public"))
        assert session is not None
        if is_private:
            told = str(self.watch.wall() // 1_000)
            sign = make_signature(self.key.secret, f"{told}GET/user/verify")
            login = {
                "apiKey": self.key.key,
                "passphrase": self.key.passphrase,
                "timestamp": told,
                "sign": sign,
            }
            self.say(session, "login", login)
        for channel in channels:
            place = {"coin": "default"} if channel == "account" else {"instId": "default"}
            named = place if is_private else {"instId": "BTCUSDT"}
            self.say(session, "subscribe", {"instType": "USDT-FUTURES", "channel": channel, **named})
        return session

    def say(self, session: VenueSession, op: str, *args: dict[str, str]) -> None:
        self.watch.seconds += 0.2
        session.receive(json.dumps({"op": op, "args": list(args)}), self.watch.seconds)

    @staticmethod
    def data(answer: Any) -> Any:
        assert answer["code"] == "00000", answer
        return answer["data"]


def sent(session: VenueSession, channel: str = "") -> list[Any]:
    """Return and take away what waits to be sent, of one channel or all of it."""
    found: list[Any] = []
    while not session.outbox.empty():
        text = session.outbox.get_nowait()
        session.outbox.task_done()
        found.append(json.loads(text) if text.startswith("{") else text or END)
    if not channel:
        return found
    return [one for one in found if isinstance(one, dict) and one.get("arg", {}).get("channel") == channel]


def pushed(session: VenueSession, channel: str) -> list[dict[str, Any]]:
    """Return the rows that a channel pushed."""
    return [row for one in sent(session, channel) for row in one.get("data", [])]


def open_stall(*bars: Bars, minutes: float = 10.0, **wanted: Any) -> Stall:
    """Return a venue that walks through bars at sixty times the wall's pace, some minutes after their start."""
    watch = Watch()
    opening = ExchangeConfig(
        "path",
        bars or (QUIET,),
        RULES,
        7,
        begins_ms=START + int(minutes * MINUTE),
        speed=60.0,
        capital=Decimal(10_000),
        limits=1_000.0,
    )
    opened = open_venue(replace(opening, **wanted), watch, watch.wall)
    return Stall(watch, opened, opened.keys[0])
