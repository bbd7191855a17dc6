"""What arrived and is not stored yet: the newest quote of each instrument, and facts of streams."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

from vigie.domain.errors import DataError
from vigie.domain.fact import Observation
from vigie.domain.quote import Quote
from vigie.ports.facts import FactStore
from vigie.ports.quotes import QuoteStore

_MOST_FACTS: Final = 50_000
_WRONG_CLOCK_MS: Final = 30_000


class Inbox:
    """Holds the latest in memory and hands it to the stores, quotes in one transaction.

    Parameters
    ----------
    has_room : callable
        Whether the disk has room for tables of sources; they are the first that is not stored any more.
    """

    def __init__(
        self, quotes: QuoteStore, facts: FactStore, *, has_room: Callable[[], bool] = lambda: True
    ) -> None:
        self._quotes = quotes
        self._facts = facts
        self.has_room = has_room
        self._newest: dict[str, Quote] = {}
        self._observations: list[Observation] = []
        self.refused = 0

    def take_quotes(self, quotes: Iterable[Quote]) -> None:
        """Keep the newest of each instrument; a reading older than what is known is dropped."""
        for quote in quotes:
            before = self._newest.get(quote.id)
            late_ms = 0 if before is None else before.ts_event - quote.ts_event
            # An answer that was under way for a while is late; one from long ago means that a clock was set right.
            if late_ms <= 0 or late_ms > _WRONG_CLOCK_MS:
                self._newest[quote.id] = quote

    def take_facts(self, observations: Sequence[Observation]) -> None:
        """Keep facts of a stream until the next storing."""
        self._observations += observations
        del self._observations[:-_MOST_FACTS]

    async def store(self) -> None:
        """Store everything that is new; what cannot be stored now stays for the next time."""
        if self._newest:
            taken, self._newest = self._newest, {}
            try:
                await asyncio.to_thread(self._quotes.put, list(taken.values()))
            except BaseException:  # also where a person ends it; raised again
                self._newest = {**taken, **self._newest}
                raise
        if self._observations:
            facts, self._observations = self._observations, []
            try:
                await self.keep(facts)
            except BaseException:  # also where a person ends it; raised again
                self._observations = facts + self._observations
                raise

    async def keep(self, observations: Sequence[Observation]) -> None:
        """Store facts now; one that cannot be a fact is left out and counted."""
        if observations:
            await asyncio.to_thread(self._append, observations)

    async def keep_documents(
        self, owner: str, now: int, documents: Sequence[tuple[str, dict[str, Any]]]
    ) -> None:
        """Store the tables of a source, while there is room for them."""
        if documents and not self.has_room():
            return
        for key, body in documents:
            await asyncio.to_thread(self._facts.put_document, owner, key, now, body)

    def _append(self, observations: Sequence[Observation]) -> None:
        try:
            self._facts.append(observations)
        except DataError:
            for observation in observations:
                try:
                    self._facts.append([observation])
                except DataError:
                    self.refused += 1
