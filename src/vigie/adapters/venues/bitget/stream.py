"""Bitget's private stream: what it tells is a hint, and its silence is watched.

https://www.bitget.com/api-doc/contract/websocket/private, read in copies of late 2025. The venue ends a connection
without a ping for two minutes, and does not say again what a lost connection missed.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any, Final

from vigie.adapters.venues.bitget import rows
from vigie.adapters.venues.bitget.wire import COIN, PRODUCT, TITLE, Row, understood
from vigie.domain.errors import TransientError
from vigie.domain.order import Fill
from vigie.ports.clock import PatientClock
from vigie.ports.trading import Hint

_ADDRESS: Final = "wss://ws.bitget.com/v2/ws/private"
_DEMO_ADDRESS: Final = "wss://wspap.bitget.com/v2/ws/private"
_CHANNELS: Final = ("orders", "orders-algo", "fill", "positions", "account")
_KINDS: Final[dict[str, Any]] = {
    "orders": "order", "orders-algo": "order", "fill": "fill", "positions": "position", "account": "balance",
}  # fmt: skip
_OPENING_S: Final = 10.0
_LONGEST_MESSAGE: Final = 4 * 1024 * 1024
_LONGEST_PAUSE_S: Final = 30.0
# A fill that REST knows for so long and the stream did not tell: its channel is dead, whatever its pong says.
_UNTOLD_MS: Final = 5_000
_MOST_TOLD: Final = 10_000


def private_address(url: str | None, *, demo: bool) -> str:
    """Return where the private stream is, beside a REST address or at the venue's own."""
    if url is None:
        return _DEMO_ADDRESS if demo else _ADDRESS
    return "ws" + url.rstrip("/").removeprefix("http") + "/v2/ws/private"


@dataclass(slots=True)
class PrivateStream:
    """The private stream of one account, connected again for ever.

    Attributes
    ----------
    now : callable
        The venue's time, for the login.
    ping_s : float
        Between two pings; three times as long without a word ends the connection.
    """

    address: str
    key: str = field(repr=False)
    secret: str = field(repr=False)
    passphrase: str = field(repr=False)
    now: Callable[[], int]
    clock: PatientClock
    ping_s: float = 20.0
    _told: set[str] = field(default_factory=set)
    _untold: dict[str, int] = field(default_factory=dict)
    _known: set[str] | None = None
    _is_dead: asyncio.Event = field(default_factory=asyncio.Event)

    async def hints(self) -> AsyncIterator[Hint]:
        """Yield what is told; ``connected`` and ``lost`` say where something may be missing."""
        failures = 0
        while True:
            try:
                async with aclosing(self._listen()) as told:
                    async for hint in told:
                        failures = 0
                        yield hint
            except TransientError:
                failures += 1
                yield Hint("lost")
            await self.clock.pause(min(0.5 * 2 ** min(failures, 10), _LONGEST_PAUSE_S))

    def compare(self, fills: Iterable[Fill]) -> None:
        """Hold fills that REST tells against what was pushed since the connection; end one that keeps silent."""
        ids, now = {one.id for one in fills}, self.clock.wall_now()
        if self._known is None:
            self._known = ids
        self._untold = {id_: self._untold.get(id_, now) for id_ in ids - self._known - self._told}
        if len(self._told) > _MOST_TOLD:
            self._told &= ids
        if any(now - since > _UNTOLD_MS for since in self._untold.values()):
            self._is_dead.set()

    async def _listen(self) -> AsyncGenerator[Hint]:
        from websockets.asyncio.client import connect
        from websockets.exceptions import WebSocketException

        try:
            async with connect(
                self.address,
                open_timeout=_OPENING_S,
                max_size=_LONGEST_MESSAGE,
                ping_interval=None,
                # At DEBUG the library logs what it sends, the login among it: this logger has no parent.
                logger=logging.Logger("websockets", logging.WARNING),
            ) as line:
                async with asyncio.timeout(_OPENING_S):
                    await self._enter(line)
                self._told, self._untold, self._known = set(), {}, None
                self._is_dead.clear()
                yield Hint("connected")
                async with aclosing(self._messages(line)) as messages:
                    async for message in messages:
                        with understood():
                            hints = list(self._hints_of(message))
                        for hint in hints:
                            yield hint
        except (OSError, TimeoutError, WebSocketException) as error:
            raise TransientError(f"{TITLE}'s private stream: {error or type(error).__name__}") from error
        except (ValueError, RecursionError) as error:
            raise TransientError(f"{TITLE}'s private stream sent no JSON: {error}") from error

    async def _enter(self, line: Any) -> None:
        """Log in and subscribe; returns once every channel has answered."""
        told = str(self.now() // 1_000)
        sign = hmac.new(self.secret.encode(), f"{told}GET/user/verify".encode(), hashlib.sha256).digest()
        login = {
            "apiKey": self.key, "passphrase": self.passphrase, "timestamp": told,
            "sign": base64.b64encode(sign).decode(),
        }  # fmt: skip
        await line.send(json.dumps({"op": "login", "args": [login]}))
        await self._answered(line, "login", 1)
        args = [
            {"instType": PRODUCT, "channel": name, "coin" if name == "account" else "instId": "default"}
            for name in _CHANNELS
        ]
        await line.send(json.dumps({"op": "subscribe", "args": args}))
        await self._answered(line, "subscribe", len(args))

    async def _answered(self, line: Any, event: str, times: int) -> None:
        while times:
            told = json.loads(await line.recv())
            if told.get("event") == "error":
                raise TransientError(f"{TITLE}'s private stream: {told.get('code')} {told.get('msg')}")
            times -= told.get("event") == event

    async def _messages(self, line: Any) -> AsyncGenerator[Row]:
        """Yield pushes; ping where nothing is heard, and end a line that does not answer."""
        silent = 0
        while True:
            heard, dead = asyncio.ensure_future(line.recv()), asyncio.ensure_future(self._is_dead.wait())
            try:
                await asyncio.wait({heard, dead}, timeout=self.ping_s, return_when=asyncio.FIRST_COMPLETED)
                text = heard.result() if heard.done() else ""
            finally:
                heard.cancel()
                dead.cancel()
                await asyncio.gather(heard, dead, return_exceptions=True)
            if self._is_dead.is_set():
                raise TransientError(f"{TITLE}'s private stream did not tell what REST knows")
            if not text:
                silent += 1
                if silent == 3:
                    raise TransientError(f"{TITLE}'s private stream is silent")
                await line.send("ping")
                continue
            silent = 0
            if text != "pong":
                yield json.loads(text)

    def _hints_of(self, told: Row) -> Iterable[Hint]:
        if told.get("event") == "error":
            raise TransientError(f"{TITLE}'s private stream: {told.get('code')} {told.get('msg')}")
        kind = _KINDS.get((told.get("arg") or {}).get("channel", ""))
        if kind is None or "data" not in told:
            return
        for row in told["data"]:
            if kind == "fill":
                fill = pushed_fill(row)
                self._told.add(fill.id)
                yield Hint("fill", fill.instrument, fill)
            elif row.get("coin", row.get("marginCoin")) == COIN and kind == "balance":
                yield Hint("balance")
            else:
                yield Hint(kind, rows.instrument(row["instId"]))
        if not told["data"]:
            yield Hint(kind)


def pushed_fill(row: Row) -> Fill:
    """Read a push of a fill; of a level's it does not say so, and REST does."""
    return rows.fill(row, {"clientOid": row.get("clientOid"), "enterPointSource": "api"})
