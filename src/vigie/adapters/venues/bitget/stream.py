"""Bitget's private stream.

https://www.bitget.com/api-doc/contract/websocket/private, read in copies of late 2025. The venue ends a connection
without a ping for two minutes, and does not say again what a lost connection missed.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Final

from vigie.adapters.venues.bitget import rows
from vigie.adapters.venues.bitget.wire import COIN, PRODUCT, TITLE
from vigie.adapters.venues.private_stream import PrivateStream
from vigie.adapters.venues.signed import Row
from vigie.domain.errors import TransientError
from vigie.domain.order import Fill
from vigie.ports.trading import Hint

_ADDRESS: Final = "wss://ws.bitget.com/v2/ws/private"
_DEMO_ADDRESS: Final = "wss://wspap.bitget.com/v2/ws/private"
_CHANNELS: Final = ("orders", "orders-algo", "fill", "positions", "account")
_KINDS: Final[dict[str, Any]] = {
    "orders": "order", "orders-algo": "order", "fill": "fill", "positions": "position", "account": "balance",
}  # fmt: skip


def private_address(url: str | None, *, demo: bool) -> str:
    """Return where the private stream is, beside a REST address or at the venue's own."""
    if url is None:
        return _DEMO_ADDRESS if demo else _ADDRESS
    return "ws" + url.rstrip("/").removeprefix("http") + "/v2/ws/private"


@dataclass(slots=True, kw_only=True)
class BitgetStream(PrivateStream):
    """The private stream of one account.

    Attributes
    ----------
    now : callable
        The venue's time, for the login.
    """

    title = TITLE
    address: str
    key: str = field(repr=False)
    secret: str = field(repr=False)
    passphrase: str = field(repr=False)
    now: Callable[[], int]

    async def stream_url(self) -> str:
        """Return the address of the stream."""
        return self.address

    def ping(self) -> str:
        """Return the venue's own word."""
        return "ping"

    async def log_in(self, connection: Any) -> None:
        """Log in and subscribe; returns once every channel has answered."""
        timestamp = str(self.now() // 1_000)
        signature = hmac.new(
            self.secret.encode(), f"{timestamp}GET/user/verify".encode(), hashlib.sha256
        ).digest()
        login = {
            "apiKey": self.key, "passphrase": self.passphrase, "timestamp": timestamp,
            "sign": base64.b64encode(signature).decode(),
        }  # fmt: skip
        await connection.send(json.dumps({"op": "login", "args": [login]}))
        await self._wait_for_answers(connection, "login", 1)
        args = [
            {"instType": PRODUCT, "channel": name, "coin" if name == "account" else "instId": "default"}
            for name in _CHANNELS
        ]
        await connection.send(json.dumps({"op": "subscribe", "args": args}))
        await self._wait_for_answers(connection, "subscribe", len(args))

    async def _wait_for_answers(self, connection: Any, event: str, times: int) -> None:
        while times:
            message = json.loads(await connection.recv())
            if message.get("event") == "error":
                raise TransientError(
                    "private_stream_said",
                    "{title}'s private stream: {value} {value_2}",
                    title=TITLE,
                    value=message.get("code"),
                    value_2=message.get("msg"),
                )
            times -= message.get("event") == event

    def parse_hints(self, message: Row) -> Iterable[Hint]:
        """Read one push."""
        if message.get("event") == "error":
            raise TransientError(
                "private_stream_said",
                "{title}'s private stream: {value} {value_2}",
                title=TITLE,
                value=message.get("code"),
                value_2=message.get("msg"),
            )
        kind = _KINDS.get((message.get("arg") or {}).get("channel", ""))
        if kind is None or "data" not in message:
            return
        for row in message["data"]:
            if kind == "fill":
                yield self.fill_hint(pushed_fill(row))
            elif row.get("coin", row.get("marginCoin")) == COIN and kind == "balance":
                yield Hint("balance")
            else:
                yield Hint(kind, rows.instrument(row["instId"]))
        if not message["data"]:
            yield Hint(kind)


def pushed_fill(row: Row) -> Fill:
    """Read a push of a fill; of a level's it does not say so, and REST does."""
    return rows.fill(row, {"clientOid": row.get("clientOid"), "enterPointSource": "api"})
