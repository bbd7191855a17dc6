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

OPENING_S: Final = 10.0
_LONGEST_MESSAGE: Final = 4 * 1024 * 1024
_LONGEST_PAUSE_S: Final = 30.0
# A fill that REST knows for so long and the stream did not tell: its channel is dead, whatever its pong says.
_UNTOLD_MS: Final = 5_000
_MOST_TOLD: Final = 10_000


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

    @abstractmethod
    async def where(self) -> str:
        """Return the address to connect to."""

    @abstractmethod
    async def enter(self, line: Any) -> None:
        """Log in and subscribe; returns once every channel has answered."""

    @abstractmethod
    def ping(self) -> str:
        """Return what is said to a silent line, which has to be answered; empty where its silence says nothing."""

    @abstractmethod
    def hints_of(self, told: Row) -> Iterable[Hint]:
        """Read one message; fills go through `heard`."""

    def is_pong(self, text: str) -> bool:
        """Whether a message answers a ping and says nothing else."""
        return text == "pong"

    async def beat(self) -> None:
        """Do what has to be done now and then while the line stands."""
        return

    def heard(self, fill: Fill) -> Hint:
        """Return the hint of a fill that was told."""
        self._told.add(fill.id)
        return Hint("fill", fill.instrument, fill)

    async def _listen(self) -> AsyncGenerator[Hint]:
        from websockets.asyncio.client import connect
        from websockets.exceptions import WebSocketException

        try:
            async with connect(
                await self.where(),
                open_timeout=OPENING_S,
                max_size=_LONGEST_MESSAGE,
                ping_interval=None,
                # At DEBUG the library logs what it sends, the login among it: this logger has no parent.
                logger=logging.Logger("websockets", logging.WARNING),
            ) as line:
                async with asyncio.timeout(OPENING_S):
                    await self.enter(line)
                self._told, self._untold, self._known = set(), {}, None
                self._is_dead.clear()
                yield Hint("connected")
                async with aclosing(self._messages(line)) as messages:
                    async for message in messages:
                        with understood_of(self.title):
                            hints = list(self.hints_of(message))
                        for hint in hints:
                            yield hint
        except (OSError, TimeoutError, WebSocketException) as error:
            words = error or type(error).__name__
            raise TransientError(f"{self.title}'s private stream: {words}") from error
        except (ValueError, RecursionError) as error:
            raise TransientError(f"{self.title}'s private stream sent no JSON: {error}") from error

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
                raise TransientError(f"{self.title}'s private stream did not tell what REST knows")
            await self.beat()
            if not text:
                question = self.ping()
                silent += 1 if question else 0
                if silent == 3:
                    raise TransientError(f"{self.title}'s private stream is silent")
                if question:
                    await line.send(question)
                continue
            silent = 0
            if not self.is_pong(text):
                yield json.loads(text)
