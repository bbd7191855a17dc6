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
from vigie.ports.items import ItemStore, Known, Shown

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
    _held: list[Shown] = field(default_factory=list)
    _made: dict[str, list[Known]] = field(default_factory=dict)
    _stored: asyncio.Event = field(default_factory=asyncio.Event)
    _task: asyncio.Task[None] | None = None

    async def take(self, shown: Shown, *, is_alone: bool = False) -> Sequence[Known]:
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
                self._held.append(shown)
                if self._task is None:
                    self._task = asyncio.create_task(self._gather())
                await self._stored.wait()
        made = await asyncio.to_thread(self.items.take, shown)
        return [*self._made.pop(shown.source, ()), *made]

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
                if before == len(self._held):
                    break
                before = len(self._held)
                await self.clock.pause(QUIET_S)
            await self._store(self._held)
        finally:
            # Whatever went wrong, what sources show now is stored by whoever waits here.
            self._stored.set()

    async def _store(self, held: Sequence[Shown]) -> None:
        # What was published after the first of them is first seen when it is.
        begun_ms = min(shown.ts_seen for shown in held)
        for piece in past_of(held, self.every_s, begun_ms):
            made = await asyncio.to_thread(self.items.take, piece)
            self._made.setdefault(piece.source, []).extend(made)


def past_of(held: Sequence[Shown], every_s: Mapping[str, float], begun_ms: int) -> list[Shown]:
    """Return what would have been seen of some answers before a time, entry by entry, in the order of its times."""
    found = []
    for shown in held:
        every_ms = round(every_s.get(shown.source, USUAL_S) * SECOND_MS)
        for said in shown.sightings:
            known = None if said.ts_published is None else known_ms(said, every_ms)
            if known is not None and known < begun_ms:
                found.append(Shown(shown.source, known, (said,), is_generated=True))
    return sorted(found, key=lambda one: (one.ts_seen, one.source, one.sightings[0].key))


def known_ms(said: Sighting, every_ms: int) -> int:
    """Return when a source that is asked at its usual pace would have shown an entry for the first time."""
    assert said.ts_published is not None
    published = said.ts_published + (_NOON_MS if said.precision == "day" else 0)
    # Not all sources are asked at the same moment.
    offset = int.from_bytes(hashlib.sha256(said.source.encode()).digest()[:4], "big") % every_ms
    return published + every_ms - (published - offset) % every_ms
