"""What arrived and is not stored yet: the newest quote of each instrument, and facts of streams."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final, TypeVar

from vigie.domain.errors import DataError
from vigie.domain.fact import Observation
from vigie.domain.plausible import FORETOLD_MS
from vigie.domain.quote import Quote
from vigie.ports.clock import Clock
from vigie.ports.facts import FactStore
from vigie.ports.quotes import QuoteStore

_MOST_FACTS: Final = 50_000
_WRONG_CLOCK_MS: Final = 30_000
_Kept = TypeVar("_Kept", Quote, Observation)


class Inbox:
    """Holds the latest in memory and hands it to the stores, quotes in one transaction.

    Parameters
    ----------
    clock : Clock
        Says what is a time to come.
    has_room : callable
        Whether the disk has room for tables of sources; they are the first that is not stored any more.
    """

    def __init__(
        self,
        quotes: QuoteStore,
        facts: FactStore,
        clock: Clock,
        *,
        has_room: Callable[[], bool] = lambda: True,
    ) -> None:
        self._quotes = quotes
        self._facts = facts
        self._clock = clock
        self.has_room = has_room
        self._newest: dict[str, Quote] = {}
        self._observations: list[Observation] = []
        self._refused: dict[str, str] = {}
        self._said: set[str] = set()

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

    async def store(self) -> list[str]:
        """Store everything that is new; what cannot be stored now stays for the next time.

        Returns
        -------
        list of str
            What was left out since the last time because it cannot be, a sentence a series, each once.
        """
        if self._newest:
            taken, self._newest = self._newest, {}
            try:
                await asyncio.to_thread(self._put, list(taken.values()))
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
        return self._complaints()

    async def keep(self, observations: Sequence[Observation]) -> None:
        """Store facts now; one that cannot be a fact is left out; `store` tells it."""
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

    def _complaints(self) -> list[str]:
        found, self._refused = self._refused, {}
        fresh = [words for name, words in found.items() if name not in self._said]
        self._said |= found.keys()
        return fresh

    def _put(self, quotes: Sequence[Quote]) -> None:
        self._offer(self._quotes.put, quotes, lambda quote: (quote.id, f"a price of {quote.id}"))

    def _offer(
        self,
        store: Callable[[Sequence[_Kept]], object],
        given: Sequence[_Kept],
        called: Callable[[_Kept], tuple[str, str]],
    ) -> None:
        try:
            store(given)
        except DataError:  # a store takes all or none: one of them must not keep the others out
            for one in given:
                try:
                    store([one])
                except DataError as fault:
                    name, words = called(one)
                    self._refused[name] = f"{words} is left out: {fault}"

    def _append(self, observations: Sequence[Observation]) -> None:
        latest = self._clock.market_now() + FORETOLD_MS
        given = [one for one in observations if one.ts_event <= latest]
        for one in observations:
            if one.ts_event > latest:
                self._refused[one.series] = f"{one.series} is left out: its time {one.ts_event} is to come"
        self._offer(self._facts.append, given, lambda one: (one.series, one.series))
