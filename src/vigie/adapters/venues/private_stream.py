"""A private stream of any venue: what it tells is a hint, and its silence is watched."""

from __future__ import annotations

import asyncio
import json
import logging
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, AsyncIterator, Iterable
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any, ClassVar, Final

from vigie.adapters.venues.signed import Row, understood_of
from vigie.domain.errors import TransientError
from vigie.domain.order import Fill
from vigie.ports.clock import PatientClock
from vigie.ports.trading import Hint

OPEN_TIMEOUT_S: Final = 10.0
_MAX_MESSAGE_BYTES: Final = 4 * 1024 * 1024
_MAX_PAUSE_S: Final = 30.0
# A fill that REST knows for so long and the stream did not tell: its channel is dead, whatever its pong says.
_MAX_UNPUSHED_MS: Final = 5_000
_MAX_PUSHED: Final = 10_000


@dataclass(slots=True, kw_only=True)
class PrivateStream(ABC):
    """The private stream of one account, connected again for ever.

    Attributes
    ----------
    ping_s : float
        Between two pings; three times as long without a word ends the connection.
    """

    title: ClassVar[str]
    clock: PatientClock
    ping_s: float = 20.0
    _pushed_ids: set[str] = field(default_factory=set)
    _unpushed_since: dict[str, int] = field(default_factory=dict)
    _known_ids: set[str] | None = None
    _is_dead: asyncio.Event = field(default_factory=asyncio.Event)

    async def hints(self) -> AsyncIterator[Hint]:
        """Yield what is told; ``connected`` and ``lost`` say where something may be missing."""
        failures = 0
        while True:
            try:
                async with aclosing(self._listen()) as pushed_hints:
                    async for hint in pushed_hints:
                        failures = 0
                        yield hint
            except TransientError:
                failures += 1
                yield Hint("lost")
            await self.clock.pause(min(0.5 * 2 ** min(failures, 10), _MAX_PAUSE_S))

    def compare_fills(self, fills: Iterable[Fill]) -> None:
        """Hold fills that REST tells against what was pushed since the connection; end one that keeps silent."""
        ids, now = {fill.id for fill in fills}, self.clock.wall_now()
        if self._known_ids is None:
            self._known_ids = ids
        self._unpushed_since = {
            id_: self._unpushed_since.get(id_, now) for id_ in ids - self._known_ids - self._pushed_ids
        }
        if len(self._pushed_ids) > _MAX_PUSHED:
            self._pushed_ids &= ids
        if any(now - since > _MAX_UNPUSHED_MS for since in self._unpushed_since.values()):
            self._is_dead.set()

    @abstractmethod
    async def stream_url(self) -> str:
        """Return the address to connect to."""

    @abstractmethod
    async def log_in(self, connection: Any) -> None:
        """Log in and subscribe; returns once every channel has answered."""

    @abstractmethod
    def ping(self) -> str:
        """Return what is said to a silent line, which has to be answered; empty where its silence says nothing."""

    @abstractmethod
    def parse_hints(self, message: Row) -> Iterable[Hint]:
        """Read one message; fills go through `fill_hint`."""

    def is_pong(self, text: str) -> bool:
        """Whether a message answers a ping and says nothing else."""
        return text == "pong"

    async def keep_alive(self) -> None:
        """Do what has to be done now and then while the line stands."""
        return

    def fill_hint(self, fill: Fill) -> Hint:
        """Return the hint of a fill that was told."""
        self._pushed_ids.add(fill.id)
        return Hint("fill", fill.instrument, fill)

    async def _listen(self) -> AsyncGenerator[Hint]:
        from websockets.asyncio.client import connect
        from websockets.exceptions import WebSocketException

        try:
            async with connect(
                await self.stream_url(),
                open_timeout=OPEN_TIMEOUT_S,
                max_size=_MAX_MESSAGE_BYTES,
                ping_interval=None,
                # At DEBUG the library logs what it sends, the login among it: this logger has no parent.
                logger=logging.Logger("websockets", logging.WARNING),
            ) as connection:
                async with asyncio.timeout(OPEN_TIMEOUT_S):
                    await self.log_in(connection)
                self._pushed_ids, self._unpushed_since, self._known_ids = set(), {}, None
                self._is_dead.clear()
                yield Hint("connected")
                async with aclosing(self._messages(connection)) as messages:
                    async for message in messages:
                        with understood_of(self.title):
                            hints = list(self.parse_hints(message))
                        for hint in hints:
                            yield hint
        except (OSError, TimeoutError, WebSocketException) as error:
            description = error or type(error).__name__
            raise TransientError(
                "private_stream_failed",
                "{title}'s private stream: {error}",
                title=self.title,
                error=description,
            ) from error
        except (ValueError, RecursionError) as error:
            raise TransientError(
                "private_stream_did_not_send",
                "{title}'s private stream did not send JSON: {error}",
                title=self.title,
                error=error,
            ) from error

    async def _messages(self, connection: Any) -> AsyncGenerator[Row]:
        """Yield pushes; ping where nothing is heard, and end a line that does not answer."""
        unanswered = 0
        while True:
            received, dead = (
                asyncio.ensure_future(connection.recv()),
                asyncio.ensure_future(self._is_dead.wait()),
            )
            try:
                await asyncio.wait({received, dead}, timeout=self.ping_s, return_when=asyncio.FIRST_COMPLETED)
                text = received.result() if received.done() else ""
            finally:
                received.cancel()
                dead.cancel()
                await asyncio.gather(received, dead, return_exceptions=True)
            if self._is_dead.is_set():
                raise TransientError(
                    "private_stream_missed_something_rest",
                    "{title}'s private stream missed something that REST reports",
                    title=self.title,
                )
            await self.keep_alive()
            if not text:
                ping = self.ping()
                unanswered += 1 if ping else 0
                if unanswered == 3:
                    raise TransientError(
                        "private_stream_sends_nothing",
                        "{title}'s private stream sends nothing",
                        title=self.title,
                    )
                if ping:
                    await connection.send(ping)
                continue
            unanswered = 0
            if not self.is_pong(text):
                yield json.loads(text)
