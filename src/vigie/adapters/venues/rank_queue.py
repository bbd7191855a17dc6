"""Whose turn it is where a venue takes no more for a moment: the higher rank first, within a rank who came first."""

from __future__ import annotations

import asyncio
from bisect import insort
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import IntEnum
from itertools import count

from vigie.ports.clock import PatientClock


class Rank(IntEnum):
    """What a request is for; the lower goes first.

    Attributes
    ----------
    EXIT
        Makes a position smaller, or protects it.
    ENTRY
        An order that opens a position, and what is asked for it.
    LOOK
        Positions, their levels, fills: on them protection and decisions hang.
    READ
        Everything else.
    """

    EXIT = 0
    ENTRY = 1
    LOOK = 2
    READ = 3


@dataclass(order=True, slots=True)
class _QueuedRequest:
    rank: Rank
    number: int
    called: asyncio.Event = field(compare=False, default_factory=asyncio.Event)


class RankQueue:
    """A queue in front of something that is full now and then."""

    def __init__(self, clock: PatientClock) -> None:
        self._clock = clock
        self._numbers = count()
        self._waiting: list[_QueuedRequest] = []

    async def acquire(self, rank: Rank, take_room: Callable[[], float]) -> None:
        """Wait until nobody of a higher rank, or of this one and earlier, waits and there is room.

        Parameters
        ----------
        take_room : callable
            Takes the room where there is some and gives 0, else the seconds until there may be.
        """
        request = _QueuedRequest(rank, next(self._numbers))
        insort(self._waiting, request)
        try:
            while True:
                if self._waiting[0] is not request:
                    request.called.clear()
                    await request.called.wait()
                elif (wait_s := take_room()) > 0:
                    await self._clock.pause(wait_s)
                else:
                    return
        finally:
            self._waiting.remove(request)
            if self._waiting:
                self._waiting[0].called.set()
