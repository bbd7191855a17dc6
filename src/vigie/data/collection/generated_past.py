"""The past of a simulated home: news from before it began are known at the times at which they would have been.

A simulated world has published for weeks when its home begins. All of it is first seen in the same minute, which no
home that was running sees. Entries of the first answers of sources that were published before are stored as if each
had been asked for at its usual pace all along, oldest first over all sources, and marked as generated.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from vigie.domain.item import Sighting
from vigie.domain.time import HOUR_MS, SECOND_MS
from vigie.ports.clock import PatientClock
from vigie.ports.items import ItemStore, StoredRevision
from vigie.ports.source_fetches import SourceFetch

# First answers are gathered until none has come for so long, at most so long in all.
QUIET_S: Final = 3.0
MOST_S: Final = 15.0
# Of a source that does not say how often it is asked.
USUAL_S: Final = 60.0
# What was published on a day, without a time of day, is on its page by noon.
_NOON_MS: Final = 12 * HOUR_MS


@dataclass(slots=True)
class GeneratedPast:
    """Stores what sources show; holds back their first answers until those of all can be stored in order.

    Attributes
    ----------
    every_s : mapping
        How often each source is asked.
    """

    items: ItemStore
    clock: PatientClock
    every_s: Mapping[str, float]
    _asked: frozenset[str] | None = None
    _first_fetches: list[SourceFetch] = field(default_factory=list)
    _stored_revisions: dict[str, list[StoredRevision]] = field(default_factory=dict)
    _stored: asyncio.Event = field(default_factory=asyncio.Event)
    _task: asyncio.Task[None] | None = None

    async def take(self, shown: SourceFetch, *, is_alone: bool = False) -> Sequence[StoredRevision]:
        """Store what a source shows; the first answer of one that was never asked waits for the others'.

        Parameters
        ----------
        is_alone : bool
            No other source is asked meanwhile: its past is stored at once.
        """
        if not self._stored.is_set() and not await self._is_known(shown.source):
            if is_alone:
                await self._store([shown])
            else:
                self._first_fetches.append(shown)
                if self._task is None:
                    self._task = asyncio.create_task(self._gather())
                await self._stored.wait()
        revisions = await asyncio.to_thread(self.items.take, shown)
        return [*self._stored_revisions.pop(shown.source, ()), *revisions]

    async def _is_known(self, source: str) -> bool:
        if self._asked is None:
            states = await asyncio.to_thread(self.items.states)
            self._asked = frozenset(state.source for state in states)
        return source in self._asked

    async def _gather(self) -> None:
        """Wait until answers are there and store their past; killed meanwhile, the next start does it once more."""
        before = 0
        try:
            for _ in range(round(MOST_S / QUIET_S)):
                if before == len(self._first_fetches):
                    break
                before = len(self._first_fetches)
                await self.clock.pause(QUIET_S)
            await self._store(self._first_fetches)
        finally:
            # Whatever went wrong, what sources show now is stored by whoever waits here.
            self._stored.set()

    async def _store(self, fetches: Sequence[SourceFetch]) -> None:
        # What was published after the first of them is first seen when it is.
        begun_ms = min(shown.ts_seen for shown in fetches)
        for past_fetch in generate_past(fetches, self.every_s, begun_ms):
            revisions = await asyncio.to_thread(self.items.take, past_fetch)
            self._stored_revisions.setdefault(past_fetch.source, []).extend(revisions)


def generate_past(
    fetches: Sequence[SourceFetch], every_s: Mapping[str, float], begun_ms: int
) -> list[SourceFetch]:
    """Return what would have been seen of some answers before a time, entry by entry, in the order of its times."""
    past = []
    for shown in fetches:
        every_ms = round(every_s.get(shown.source, USUAL_S) * SECOND_MS)
        for sighting in shown.sightings:
            first_ms = None if sighting.ts_published is None else first_shown_ms(sighting, every_ms)
            if first_ms is not None and first_ms < begun_ms:
                past.append(SourceFetch(shown.source, first_ms, (sighting,), is_generated=True))
    return sorted(past, key=lambda item: (item.ts_seen, item.source, item.sightings[0].key))


def first_shown_ms(sighting: Sighting, every_ms: int) -> int:
    """Return when a source that is asked at its usual pace would have shown an entry for the first time."""
    assert sighting.ts_published is not None
    published = sighting.ts_published + (_NOON_MS if sighting.precision == "day" else 0)
    # Not all sources are asked at the same moment.
    offset = int.from_bytes(hashlib.sha256(sighting.source.encode()).digest()[:4], "big") % every_ms
    return published + every_ms - (published - offset) % every_ms
