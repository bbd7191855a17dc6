"""Looks at positions, shared: by all shields whose turn comes in one moment, and by who looks beside them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from vigie.domain.order import VenuePosition
from vigie.ports.trading import TradingVenue

LookIn: TypeAlias = Callable[[], float]
Positions: TypeAlias = Sequence[VenuePosition]


def at_once() -> float:
    """Know no pace that looks would have to keep."""
    return 0.0


@dataclass(slots=True)
class _Look:
    answer: asyncio.Future[Positions]
    waiting: int = 0


@dataclass(slots=True)
class Looks:
    """Asks a venue for positions and their levels.

    Attributes
    ----------
    in_s : callable
        Says how soon the venue's pace has the next look, in seconds.
    """

    venue: TradingVenue
    in_s: LookIn = at_once
    _next: _Look | None = None
    _joined: list[asyncio.Future[Positions | None]] = field(default_factory=list)

    async def look(self) -> Positions:
        """Look, with all who look in this moment."""
        if self._next is None:
            self._next = _Look(asyncio.ensure_future(self._ask()))
        mine = self._next
        mine.waiting += 1
        try:
            return await asyncio.shield(mine.answer)
        finally:
            mine.waiting -= 1
            if not mine.waiting and not mine.answer.done():
                # Nobody waits any more: what still stood before the venue's pace is not sent.
                mine.answer.cancel()
                self._next = None if self._next is mine else self._next

    async def beside(self, *, is_watched: bool) -> Positions:
        """Look beside shields: with the next look of these, where there are some and the pace keeps looks apart."""
        if not is_watched or self.in_s() <= 0:
            return await self.venue.positions()
        mine: asyncio.Future[Positions | None] = asyncio.get_running_loop().create_future()
        self._joined.append(mine)
        told = await mine
        return await self.venue.positions() if told is None else told

    def end(self) -> None:
        """Let those who joined look themselves: no shield does any more."""
        self._tell(self._joined, None)

    async def _ask(self) -> Positions:
        await asyncio.sleep(0)
        self._next, joined, self._joined = None, self._joined, []
        told = None
        try:
            told = await self.venue.positions()
            return told
        finally:
            self._tell(joined, told)

    @staticmethod
    def _tell(joined: Sequence[asyncio.Future[Positions | None]], told: Positions | None) -> None:
        for one in joined:
            if not one.done():
                one.set_result(told)
