"""A venue in the test's own process, asked as wallets ask: hashed, signed, in JSON."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tests.unit.sandbox.exchange.stalls import MINUTE, START, Watch
from vigie.domain.bar import Bars
from vigie.domain.instrument import Instrument
from vigie.domain.money import GridStep
from vigie_sandbox.exchange.hyperliquid.keccak import keccak_256
from vigie_sandbox.exchange.hyperliquid.packing import pack
from vigie_sandbox.exchange.hyperliquid.signing import WalletKey, make_agent_digest, to_canonical
from vigie_sandbox.exchange.run import ExchangeConfig, OpenedExchange, open_venue
from vigie_sandbox.exchange.session import VenueSession
from vigie_sandbox.exchange.wire import VenueRequest

NAME = "btc-usdc-perp"
RULES = (Instrument("hyperliquid-perp", NAME, GridStep(1, 1), GridStep(1, 4), 0.0001, 10.0),)
CLOID = "0x" + "ab" * 16


def bars(prices: list[float]) -> Bars:
    first, last = np.array([prices[0], *prices[:-1]]), np.array(prices)
    ts = START + np.arange(len(prices), dtype=np.int64) * MINUTE
    many = np.full(len(prices), 2.0)
    return Bars(NAME, MINUTE, ts, first, np.maximum(first, last), np.minimum(first, last), last, many)


# Half an hour at 50,000, then ten minutes that lose 200 each, then calm.
FALL = bars([50_000.0] * 30 + [50_000.0 - 200.0 * (i + 1) for i in range(10)] + [48_000.0] * 160)


@dataclass(slots=True)
class Counter:
    """One venue and the wallet that asks it."""

    watch: Watch
    opened: OpenedExchange
    wallet: WalletKey
    nonce: int = 0
    sent: list[dict[str, Any]] = field(default_factory=list)

    def info(self, kind: str, **fields: Any) -> Any:
        return self.make_reply("/info", {"type": kind, **fields}).body

    def mine(self, kind: str, **fields: Any) -> Any:
        return self.info(kind, user=self.wallet.key, **fields)

    def act(self, action: dict[str, Any], **changed: Any) -> Any:
        """Return the whole answer to an action of the agent; `changed` overrides parts of the request."""
        return self.make_reply("/exchange", self.signed(action, **changed)).body

    def signed(self, action: dict[str, Any], *, secret: str = "", is_test: bool = True, **more: Any) -> Any:
        """Return a request as a wallet makes it."""
        from coincurve import PrivateKey

        self.nonce = max(self.nonce + 1, self.opened.venue.context.wall())
        body = {"action": action, "nonce": self.nonce, **more}
        data = pack(to_canonical(action)) + body["nonce"].to_bytes(8, "big") + b"\x00"
        if "expiresAfter" in more:
            data += b"\x00" + more["expiresAfter"].to_bytes(8, "big")
        digest = make_agent_digest(keccak_256(data), is_test=is_test)
        key = PrivateKey(bytes.fromhex((secret or self.wallet.secret)[2:]))
        made = key.sign_recoverable(digest, hasher=None)
        signature = {"r": "0x" + made[:32].hex(), "s": "0x" + made[32:64].hex(), "v": 27 + made[64]}
        return {**body, "signature": signature}

    def make_reply(self, path: str, body: Any) -> Any:
        return self.opened.venue.answer(self.question(path, body))

    def question(self, path: str, body: Any) -> VenueRequest:
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        return VenueRequest("POST", path, "", {}, raw, {}, "127.0.0.1")

    def place(self, *orders: Any, grouping: str = "na", **changed: Any) -> Any:
        """Return what is told of each order."""
        action = {"type": "order", "orders": list(orders), "grouping": grouping}
        answer = self.act(action, **changed)
        return answer["response"]["data"]["statuses"] if answer["status"] == "ok" else answer["response"]

    def go(self, minutes: float) -> None:
        """Let market time pass; the wall moves with it at speed 60."""
        self.watch.seconds += minutes
        self.opened.venue.tick()

    def stream(self, *kinds: Any) -> VenueSession:
        session = self.opened.venue.add_session("/ws")
        assert session is not None
        for wanted in kinds:
            asked = wanted if isinstance(wanted, dict) else {"type": wanted, "user": self.wallet.key}
            session.receive(json.dumps({"method": "subscribe", "subscription": asked}), self.watch.seconds)
        return session


def heard(session: VenueSession, channel: str = "") -> list[Any]:
    """Return what a client was sent since it last looked, of one channel or all."""
    found = []
    while not session.outbox.empty():
        found.append(json.loads(session.outbox.get_nowait() or "{}"))
        session.outbox.task_done()
    return [one for one in found if channel in ("", one.get("channel"))]


def limit(side: int, price: str, size: str = "0.01", tif: str = "Gtc", **more: Any) -> dict[str, Any]:
    """Return an order as an action writes it."""
    more = {"r": False, **more}
    return {
        "a": 0,
        "b": side > 0,
        "p": price,
        "s": size,
        "r": more.pop("r"),
        "t": {"limit": {"tif": tif}},
        **more,
    }


def level(side: int, price: str, kind: str, size: str = "0.01", **more: Any) -> dict[str, Any]:
    """Return a trigger that makes a position smaller, at the market."""
    row = limit(side, price, size, **{"r": True, **more})
    return {**row, "t": {"trigger": {"isMarket": True, "triggerPx": price, "tpsl": kind}}}


def market(side: int, size: str = "0.01", **more: Any) -> dict[str, Any]:
    """Return an order that trades at once, five percent beyond the price."""
    return limit(side, "52500" if side > 0 else "47500", size, "Ioc", **more)


def open_counter(prices: Bars = FALL, *, watch: Watch | None = None, **more: Any) -> Counter:
    """Open a venue, ten minutes after its first bar, sixty times as fast as the wall."""
    watch = watch or Watch()
    given = {"begins_ms": START + 10 * MINUTE, "speed": 60.0, "exchange": "hyperliquid", **more}
    opened = open_venue(ExchangeConfig("path", (prices,), RULES, 7, **given), watch, watch.wall)
    wallet = opened.keys[0]
    assert isinstance(wallet, WalletKey)
    return Counter(watch, opened, wallet)
