"""News that arrived: stored at once, read right after."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from vigie.data.collection.connector import Connector
from vigie.domain.errors import UsageError, VigieError
from vigie.ports.bookmarks import SourceBookmarks
from vigie.ports.clock import PatientClock
from vigie.ports.items import ItemStore, Shown

# What another process stored, what a new version of a step reads anew, what could not be read a moment ago.
LOOK_EVERY_S: Final = 15.0


@dataclass(slots=True)
class NewsDesk:
    """Stores what sources show and has it read.

    Attributes
    ----------
    read : callable
        Reads some of what waits and returns how many revisions that were; none when nothing waits.
    """

    items: ItemStore
    read: Callable[[], int]
    clock: PatientClock
    _arrived: asyncio.Event = field(default_factory=asyncio.Event)

    async def take(self, shown: Shown) -> int:
        """Store what a source shows and return how many revisions that makes; they are read soon."""
        made = await asyncio.to_thread(self.items.take, shown)
        if made:
            self._arrived.set()
        return len(made)

    async def read_forever(self, trouble: Callable[[str], None]) -> None:
        """Read whatever arrives; what goes wrong is told, and tried again a little later."""
        while True:
            self._arrived.clear()
            try:
                while await asyncio.to_thread(self.read):
                    pass
            except Exception as error:  # noqa: BLE001 - the edge of a task: reading goes on with the next news
                trouble(f"news cannot be read: {error!r}")
            await self._until_more()

    async def fetch(
        self, connectors: Sequence[Connector], bookmarks: SourceBookmarks, sources: Sequence[str]
    ) -> list[dict[str, Any]]:
        """Ask sources once, one after the other, and read what they show.

        Parameters
        ----------
        sources : sequence of str
            Ids; none for all that there are.
        """
        asked = [one for one in connectors if one.brings_news and (not sources or one.owner in sources)]
        if unknown := set(sources) - {one.owner for one in asked}:
            raise UsageError(f"there is no source of news {min(unknown)!r}; the page Sources names them")
        found = [await self._fetch(one, bookmarks) for one in asked]
        while await asyncio.to_thread(self.read):
            pass
        return found

    async def _fetch(self, connector: Connector, bookmarks: SourceBookmarks) -> dict[str, Any]:
        told: dict[str, Any] = {"source": connector.owner, "shown": 0, "new": 0, "error": connector.off}
        if connector.off or connector.source is None:
            return told
        try:
            bookmark = await asyncio.to_thread(bookmarks.get, connector.id)
            batch = await connector.source.pull(bookmark)
            if batch.shown is not None:
                told["shown"], told["new"] = len(batch.shown.sightings), await self.take(batch.shown)
            if batch.bookmark and batch.bookmark != bookmark:
                await asyncio.to_thread(bookmarks.put, connector.id, batch.bookmark)
        except VigieError as error:
            told["error"] = str(error)
        return told

    async def _until_more(self) -> None:
        waits = [
            asyncio.ensure_future(self._arrived.wait()),
            asyncio.ensure_future(self.clock.pause(LOOK_EVERY_S)),
        ]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
