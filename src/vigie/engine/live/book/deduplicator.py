"""Facts of a venue, each taken once however often it is told."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from vigie.domain.order import Fill, FundingPayment

Fact = TypeVar("Fact", Fill, FundingPayment)


class Deduplicator:
    """What has been seen of one kind of facts, so that each is taken once.

    Parameters
    ----------
    since : int
        The venue's time from which on it is asked.
    overlap_ms : int
        A venue may show a fact late: it is asked again for longer than that.
    """

    def __init__(self, since: int, overlap_ms: int) -> None:
        self.since = since
        self._overlap_ms = overlap_ms
        self._seen: dict[tuple[str, str], int] = {}

    def new(self, facts: Iterable[Fact]) -> tuple[Fact, ...]:
        """Return what was not seen before, oldest first, and remember it."""
        # Two looks at once: an answer that was asked for earlier tells again what is forgotten by now.
        relevant = [fact for fact in facts if fact.ts >= self.since]
        fresh = {
            (fact.instrument, fact.id): fact
            for fact in relevant
            if (fact.instrument, fact.id) not in self._seen
        }
        self._seen |= {key: fact.ts for key, fact in fresh.items()}
        self.since = max([self.since, *(ts - self._overlap_ms for ts in self._seen.values())])
        for key in [key for key, ts in self._seen.items() if ts < self.since]:
            del self._seen[key]
        return tuple(sorted(fresh.values(), key=lambda fact: (fact.ts, fact.id)))
