"""One client of a stream: what is sent to it, as faults let it, and how often it may speak."""

from __future__ import annotations

import asyncio
import random
from abc import ABC, abstractmethod
from typing import Final, Generic, TypeVar

from vigie_sandbox.exchange.venue_context import VenueContext
from vigie_sandbox.exchange.windows import SlidingWindow

END: Final = ""
PushT = TypeVar("PushT")
"""What a venue tells of an account, before it is sent."""


class VenueSession(ABC, Generic[PushT]):
    """One connection.

    Parameters
    ----------
    context : VenueContext
        Whose exchange it hears of.
    now_s : float
        Seconds that only grow.
    """

    def __init__(self, context: VenueContext, now_s: float) -> None:
        self.context = context
        self.account = ""
        self.last_heard_s = now_s
        self.outbox: asyncio.Queue[str] = asyncio.Queue()
        self._message_window = SlidingWindow(1.0)
        self._delayed: list[tuple[float, str]] = []
        self._random = random.Random(0)  # noqa: S311 - an order of messages, not a secret

    @abstractmethod
    def receive(self, text: str, now_s: float) -> None:
        """Answer what the client says."""

    @abstractmethod
    def send_updates(self, now_s: float) -> None:
        """Send what public channels have to tell, and what was held back long enough."""

    @abstractmethod
    def push_to_client(self, push: PushT, now_s: float) -> None:
        """Send what has happened to an account, where this client hears of it."""

    def close(self) -> None:
        """End the connection once what waits has been sent."""
        self.outbox.put_nowait(END)

    def clear_outbox(self) -> None:
        """Forget what waits to be sent."""
        while not self.outbox.empty():
            self.outbox.get_nowait()
            self.outbox.task_done()

    def is_over_rate(self, now_s: float, max_per_second: int) -> bool:
        """Count what the client says; whether it was more than so many messages in a second."""
        self.last_heard_s = now_s
        self._message_window.add(now_s)
        return self._message_window.used(now_s) > max_per_second

    def send(self, text: str, channel: str, now_s: float) -> None:
        """Send one push, as the faults let it."""
        faults = self.context.faults
        if faults.get_standing("silent-stream", channel) or faults.get_standing("dead-stream", channel):
            return
        if faults.on_push("cut-stream", channel) is not None:
            self.close()
            return
        if faults.on_push("lost-pushes", channel) is not None:
            return
        text = self.context.renames.rename_in_json(text)
        copies = 1 if faults.on_push("double-pushes", channel) is None else 2
        late, shuffled = faults.on_push("late-pushes", channel), faults.on_push("shuffled-pushes", channel)
        for _ in range(copies):
            if late is not None:
                self._delayed.append((now_s + late.seconds, text))
            elif shuffled is not None:
                self._delayed.append((now_s + self._random.random() * shuffled.seconds, text))
            else:
                self.outbox.put_nowait(text)

    def send_delayed(self, now_s: float) -> None:
        """Send what was held back long enough."""
        due = sorted(
            (message for message in self._delayed if message[0] <= now_s), key=lambda message: message[0]
        )
        self._delayed = [message for message in self._delayed if message[0] > now_s]
        for _, text in due:
            self.outbox.put_nowait(text)
