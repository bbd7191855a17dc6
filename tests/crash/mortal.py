"""A process that can be killed before and after everything it asks of the world, and a network that may not answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from vigie.domain.errors import OutcomeUnknown, TransientError
from vigie.engine.live.book.orders import OrderTimeouts
from vigie.ports.trading import not_withheld

Fate = Literal["kept", "lost", "late", "put off"]
"""The answer to an order arrives; or the order does and its answer does not; or the order itself comes later; or an
exit is not taken for so long that it is put off."""

LATE_MS = 8_000
# Of a slow venue each answer takes so long; a position's first stop is waited for twice as long.
SLOW_S = 1.4
# A venue takes no request that was signed longer ago.
WINDOW_MS = 30_000
# What a process asks of the world; everything else of these is read only by tests.
ASKED = {
    "venue": ("place", "cancel", "order", "fills", "fundings", "positions", "protect", "flash_close"),
    "feed": ("after", "exits_placed", "entries_placed"),
    "book": ("commit", "keep"),
}


class Dead(BaseException):
    """The process was killed: nothing of it goes on."""


@dataclass(slots=True)
class Life:
    """One process: it counts what it asks, and dies at one of these points.

    Attributes
    ----------
    until : int
        The point at which it dies; 0 lives.
    points : list of str
        What was passed: ``venue.place before``.
    """

    until: int = 0
    points: list[str] = field(default_factory=list)
    is_over: bool = False

    def at(self, name: str) -> None:
        """Pass a point, or die there; the dead do nothing any more."""
        if self.is_over:
            raise Dead
        self.points.append(name)
        if len(self.points) == self.until:
            self.is_over = True
            raise Dead


class Network:
    """What lies between processes and the venue, and outlives them: it may lose answers and delay orders.

    Parameters
    ----------
    is_slow : bool
        Whether everything that is asked takes its time, half of it on the way there.

    Attributes
    ----------
    came : list of str
        Client ids of the orders that came there, as often as they did.
    is_strict : bool
        Whether an order that was signed too long ago is refused.
    """

    def __init__(self, venue: Any, clock: Any, fate: Fate, *, is_slow: bool = False) -> None:
        self._is_slow = is_slow
        self.venue = venue
        self._clock = clock
        self._fate = fate
        self._late: list[tuple[int, Any]] = []
        self._spoiled: set[str] = set()
        self._since: dict[str, int] = {}
        self.came: list[str] = []
        self.is_strict = False

    async def travel(self) -> None:
        """Be on the way to the venue, or back from there."""
        if self._is_slow:
            await self._clock.pause(SLOW_S / 2)

    async def arrive(self) -> None:
        """Let delayed orders reach the venue whose time has come."""
        now = self._clock.wall_now()
        due = [order for ts, order in self._late if ts <= now]
        self._late = [(ts, order) for ts, order in self._late if ts > now]
        for order in due:
            if now <= order.ts + WINDOW_MS:
                await self.venue.place(order)

    async def place(self, order: Any) -> str:
        """Send an order; the first time it is sent, its fate is met."""
        if self.is_strict and self._clock.wall_now() > order.ts + WINDOW_MS:
            raise TransientError("it was signed too long ago")
        self.came.append(order.client_id)
        if self._fate == "put off":
            return await self._put_off(order)
        first = order.client_id not in self._spoiled
        self._spoiled.add(order.client_id)
        if not first or self._fate == "kept":
            return await self.venue.place(order)
        if self._fate == "late":
            # What is on its way asks nobody any more.
            self._late.append((self._clock.wall_now() + LATE_MS, replace(order, withheld=not_withheld)))
        else:
            await self.venue.place(order)
        raise OutcomeUnknown("no answer")

    async def _put_off(self, order: Any) -> str:
        """Take an exit at the instant after the one at which it is sent first."""
        now = self.venue.present()
        since = self._since.setdefault(order.client_id, now.number)
        if order.is_reduce_only and now.number == since and not now.is_last:
            raise TransientError("maintenance", after_s=OrderTimeouts().exit_s)
        return await self.venue.place(order)


class Mortal:
    """Something of the world, as a process with a life asks it.

    Parameters
    ----------
    what : str
        ``venue``, ``feed`` or ``book``.
    """

    def __init__(self, what: str, inner: Any, life: Life, network: Network | None = None) -> None:
        self._what = what
        self._inner = inner
        self._life = life
        self._network = network

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._inner, name)
        if name not in ASKED[self._what]:
            return found
        where = f"{self._what}.{name}"
        return self._asked(where, found) if self._what == "book" else self._awaited(where, name, found)

    def _asked(self, where: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def ask(*args: Any, **more: Any) -> Any:
            self._life.at(f"{where} before")
            answer = function(*args, **more)
            self._life.at(f"{where} after")
            return answer

        return ask

    def _awaited(self, where: str, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        async def ask(*args: Any, **more: Any) -> Any:
            self._life.at(f"{where} before")
            try:
                if self._network is None:
                    return await function(*args, **more)
                await self._network.travel()
                await self._network.arrive()
                asked = self._network.place if name == "place" else function
                answer = await asked(*args, **more)
                await self._network.travel()
                return answer
            finally:
                self._life.at(f"{where} after")

        return ask
