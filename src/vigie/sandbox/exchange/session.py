"""One client of a stream: what is sent to it, as faults let it, and how often it may speak."""

from __future__ import annotations

import asyncio
import random
from abc import ABC, abstractmethod
from typing import Final, Generic, TypeVar

from vigie.sandbox.exchange.desk import Desk
from vigie.sandbox.exchange.windows import Window

END: Final = ""
PushT = TypeVar("PushT")
"""What a venue tells of an account, before it is sent."""


class Session(ABC, Generic[PushT]):
    """One connection.

    Parameters
    ----------
    desk : Desk
        Whose exchange it hears of.
    now_s : float
        Seconds that only grow.
    """

    def __init__(self, desk: Desk, now_s: float) -> None:
        self.desk = desk
        self.account = ""
        self.heard_s = now_s
        self.outbox: asyncio.Queue[str] = asyncio.Queue()
        self._heard = Window(1.0)
        self._held: list[tuple[float, str]] = []
        self._chance = random.Random(0)  # noqa: S311 - an order of messages, not a secret

    @abstractmethod
    def hear(self, text: str, now_s: float) -> None:
        """Answer what the client says."""

    @abstractmethod
    def news(self, now_s: float) -> None:
        """Send what public channels have to tell, and what was held back long enough."""

    @abstractmethod
    def tell(self, push: PushT, now_s: float) -> None:
        """Send what has happened to an account, where this client hears of it."""

    def cut(self) -> None:
        """End the connection once what waits has been sent."""
        self.outbox.put_nowait(END)

    def drop(self) -> None:
        """Forget what waits to be sent."""
        while not self.outbox.empty():
            self.outbox.get_nowait()
            self.outbox.task_done()

    def said_too_much(self, now_s: float, most: int) -> bool:
        """Count what the client says; whether it was more than so many messages in a second."""
        self.heard_s = now_s
        self._heard.add(now_s)
        return self._heard.used(now_s) > most

    def send(self, text: str, channel: str, now_s: float) -> None:
        """Send one push, as the faults let it."""
        faults = self.desk.faults
        if faults.standing("silent-stream", channel) or faults.standing("dead-stream", channel):
            return
        if faults.on_push("cut-stream", channel) is not None:
            self.cut()
            return
        if faults.on_push("lost-pushes", channel) is not None:
            return
        text = self.desk.renamed.text(text)
        copies = 1 if faults.on_push("double-pushes", channel) is None else 2
        late, shuffled = faults.on_push("late-pushes", channel), faults.on_push("shuffled-pushes", channel)
        for _ in range(copies):
            if late is not None:
                self._held.append((now_s + late.seconds, text))
            elif shuffled is not None:
                self._held.append((now_s + self._chance.random() * shuffled.seconds, text))
            else:
                self.outbox.put_nowait(text)

    def let_go(self, now_s: float) -> None:
        """Send what was held back long enough."""
        ripe = sorted((one for one in self._held if one[0] <= now_s), key=lambda one: one[0])
        self._held = [one for one in self._held if one[0] > now_s]
        for _, text in ripe:
            self.outbox.put_nowait(text)
