"""A Binance in the test's own process, asked as a client asks: signed, by path, in a form."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl, urlencode

from tests.unit.sandbox.exchange.stalls import MINUTE, QUIET, RULES, START, Watch
from vigie.domain.bar import Bars
from vigie_sandbox.exchange.binance.signing import make_signature
from vigie_sandbox.exchange.keys import Key
from vigie_sandbox.exchange.run import ExchangeConfig, OpenedExchange, open_venue
from vigie_sandbox.exchange.session import VenueSession
from vigie_sandbox.exchange.wire import VenueRequest

V1 = "/fapi/v1/"
BTC = {"symbol": "BTCUSDT"}


@dataclass(slots=True)
class Booth:
    """One venue and the key that asks it."""

    watch: Watch
    opened: OpenedExchange
    key: Key

    def make_reply(
        self, method: str, path: str, fields: Any = None, *, signed: bool = True, told: int | None = None,
        headers: Any = None,
    ) -> Any:  # fmt: skip
        """Return the whole reply; of a POST the parameters are a form."""
        path = path if path.startswith("/") else V1 + path
        given = {name: str(value) for name, value in (fields or {}).items()}
        if signed:
            given.setdefault("timestamp", str(self.watch.wall() if told is None else told))
        text = urlencode(given)
        if signed:
            text += ("&" if text else "") + f"signature={make_signature(self.key.secret, text)}"
        named = {"x-mbx-apikey": self.key.key} if headers is None else headers
        return self.opened.venue.answer(self.question(method, path, text, named))

    @staticmethod
    def question(method: str, path: str, text: str, headers: Any) -> VenueRequest:
        query = dict(parse_qsl(text, keep_blank_values=True))
        if method == "POST":
            return VenueRequest(method, path, "", {}, text.encode(), headers, "127.0.0.1")
        return VenueRequest(method, path, text, query, b"", headers, "127.0.0.1")

    def get(self, path: str, **fields: Any) -> Any:
        """Return what a signed read is answered; a refusal fails the test."""
        return self._well(self.make_reply("GET", path, fields))

    def post(self, path: str, **fields: Any) -> Any:
        """Return what something done is answered; a refusal fails the test."""
        return self._well(self.make_reply("POST", path, fields))

    def code(self, method: str, path: str, fields: Any = None, **more: Any) -> int:
        """Return the code of a refusal."""
        told = self.make_reply(method, path, fields, **more)
        assert told.status >= 400, told.body
        return int(told.body["code"])

    def place(self, side: str = "BUY", quantity: str = "0.01", **more: Any) -> Any:
        """Place a market order."""
        return self.post("order", **BTC, **{"side": side, "type": "MARKET", "quantity": quantity, **more})

    def stop(self, price: str, **more: Any) -> dict[str, Any]:
        """Return the parameters of a stop that closes a long."""
        wanted = {"algoType": "CONDITIONAL", "side": "SELL", "type": "STOP_MARKET", "closePosition": "true"}
        return {**BTC, **wanted, "triggerPrice": price, **more}

    def control(self, method: str, where: str, /, **body: Any) -> Any:
        told = self.opened.control.answer(method, "/control/" + where, body)
        self.opened.venue.publish()
        return told

    def stream(self) -> VenueSession:
        """Return a client of the account's stream."""
        key = self._well(self.make_reply("POST", "listenKey", signed=False))["listenKey"]
        session = self.opened.venue.add_session("/private/ws", {"listenKey": key})
        assert session is not None
        return session

    @staticmethod
    def _well(told: Any) -> Any:
        assert told.status == 200, told.body
        return told.body


def heard(session: VenueSession) -> list[Any]:
    """Return and take away what waits to be sent."""
    found: list[Any] = []
    while not session.outbox.empty():
        found.append(json.loads(session.outbox.get_nowait()))
        session.outbox.task_done()
    return found


def open_booth(*bars: Bars, minutes: float = 10.0, **wanted: Any) -> Booth:
    """Return a venue that walks through bars at sixty times the wall's pace, some minutes after their start."""
    watch = Watch()
    opening = ExchangeConfig(
        "path", bars or (QUIET,), RULES, 7, begins_ms=START + int(minutes * MINUTE), speed=60.0,
        capital=Decimal(10_000), limits=1_000.0, exchange="binance",
    )  # fmt: skip
    opened = open_venue(replace(opening, **wanted), watch, watch.wall)
    return Booth(watch, opened, opened.keys[0])
