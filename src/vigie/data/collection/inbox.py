"""What arrived and is not stored yet: the newest quote of each instrument, and facts of streams."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final, TypeVar

from vigie.domain.errors import DataError
from vigie.domain.fact import Observation
from vigie.domain.quote import Quote
from vigie.domain.time_bounds import MAX_SCHEDULED_MS
from vigie.ports.clock import Clock
from vigie.ports.facts import FactStore
from vigie.ports.quotes import QuoteStore

_MOST_FACTS: Final = 50_000
_WRONG_CLOCK_MS: Final = 30_000
_Stored = TypeVar("_Stored", Quote, Observation)


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
        self._reported: set[str] = set()

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
            newest, self._newest = self._newest, {}
            try:
                await asyncio.to_thread(self._store_quotes, list(newest.values()))
            except BaseException:  # also where a person ends it; raised again
                self._newest = {**newest, **self._newest}
                raise
        if self._observations:
            facts, self._observations = self._observations, []
            try:
                await self.keep(facts)
            except BaseException:  # also where a person ends it; raised again
                self._observations = facts + self._observations
                raise
        return self._new_refusals()

    async def keep(self, observations: Sequence[Observation]) -> None:
        """Store facts now; one that cannot be a fact is left out; `store` tells it."""
        if observations:
            await asyncio.to_thread(self._store_facts, observations)

    async def keep_documents(
        self, owner: str, now: int, documents: Sequence[tuple[str, dict[str, Any]]]
    ) -> None:
        """Store the tables of a source, while there is room for them."""
        if documents and not self.has_room():
            return
        for key, body in documents:
            await asyncio.to_thread(self._facts.put_document, owner, key, now, body)

    def _new_refusals(self) -> list[str]:
        refused, self._refused = self._refused, {}
        fresh = [words for name, words in refused.items() if name not in self._reported]
        self._reported |= refused.keys()
        return fresh

    def _store_quotes(self, quotes: Sequence[Quote]) -> None:
        self._store_each(self._quotes.put, quotes, lambda quote: (quote.id, f"a price of {quote.id}"))

    def _store_each(
        self,
        store: Callable[[Sequence[_Stored]], object],
        items: Sequence[_Stored],
        describe: Callable[[_Stored], tuple[str, str]],
    ) -> None:
        try:
            store(items)
        except DataError:  # a store takes all or none: one of them must not keep the others out
            for item in items:
                try:
                    store([item])
                except DataError as fault:
                    name, words = describe(item)
                    self._refused[name] = f"{words} is left out: {fault}"

    def _store_facts(self, observations: Sequence[Observation]) -> None:
        latest = self._clock.market_now() + MAX_SCHEDULED_MS
        plausible = [observation for observation in observations if observation.ts_event <= latest]
        for observation in observations:
            if observation.ts_event > latest:
                self._refused[observation.series] = (
                    f"{observation.series} is left out: its time {observation.ts_event} is to come"
                )
        self._store_each(
            self._facts.append, plausible, lambda observation: (observation.series, observation.series)
        )
