"""News that arrived: stored at once, read right after."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from vigie.data.collection.connector import Connector, ConnectorMonitor
from vigie.data.collection.generated_past import GeneratedPast
from vigie.domain.errors import DataError, UsageError, VigieError
from vigie.ports.bookmarks import SourceBookmarks
from vigie.ports.clock import PatientClock
from vigie.ports.facts import FactStore
from vigie.ports.items import ItemStore
from vigie.ports.quotes import SourceHealth
from vigie.ports.registers import RegisterStore
from vigie.ports.source_fetches import SourceFetch, UnreadableEntry

# What another process stored, what a new version of a step reads anew, what could not be read a moment ago.
LOOK_EVERY_S: Final = 15.0

_Outcome: TypeAlias = dict[str, Any]


@dataclass(slots=True)
class NewsPipeline:
    """Stores what sources show and has it read.

    Attributes
    ----------
    read : callable
        Reads some of what waits and returns how many revisions that were; none when nothing waits.
    registers : RegisterStore, optional
        Where rows of registers are kept.
    facts : FactStore, optional
        Where the tables are kept that a source of news has beside them, such as a calendar's dates.
    past : GeneratedPast, optional
        Of a simulated home: stores what sources show in place of the store alone.
    """

    items: ItemStore
    read: Callable[[], int]
    clock: PatientClock
    registers: RegisterStore | None = None
    facts: FactStore | None = None
    past: GeneratedPast | None = None
    _arrived: asyncio.Event = field(default_factory=asyncio.Event)

    async def take(self, shown: SourceFetch, *, is_alone: bool = False) -> int:
        """Store what a source shows and return how many revisions that makes; they are read soon.

        Parameters
        ----------
        is_alone : bool
            No other source is asked meanwhile.
        """
        revisions = await (
            asyncio.to_thread(self.items.take, shown)
            if self.past is None
            else self.past.take(shown, is_alone=is_alone)
        )
        if shown.register is not None and self.registers is not None:
            # After the items: killed between the two, the difference is found once more, and says the same.
            await asyncio.to_thread(self.registers.take, shown.register)
        if revisions:
            self._arrived.set()
        return len(revisions)

    async def quarantine(self, source: str, error: VigieError) -> None:
        """Keep why a whole answer was not read, where it was built to harm; it counts as one entry refused."""
        if isinstance(error, DataError | UsageError):
            refused = UnreadableEntry(source, str(error), "")
            await asyncio.to_thread(
                self.items.take, SourceFetch(source, self.clock.market_now(), (), (refused,))
            )

    async def read_forever(self, report: Callable[[str], None]) -> None:
        """Read whatever arrives; what goes wrong is told, and tried again a little later."""
        while True:
            self._arrived.clear()
            try:
                while await asyncio.to_thread(self.read):
                    pass
            except Exception as error:  # noqa: BLE001 - the edge of a task: reading goes on with the next news
                report(f"news cannot be read: {error!r}")
            await self._until_more()

    async def fetch(
        self, connectors: Sequence[Connector], bookmarks: SourceBookmarks, sources: Sequence[str]
    ) -> list[_Outcome]:
        """Ask sources once, one after the other, and read what they show.

        Parameters
        ----------
        sources : sequence of str
            Ids; none for all that there are.
        """
        chosen = [
            connector
            for connector in connectors
            if connector.brings_news and (not sources or connector.owner in sources)
        ]
        if unknown := set(sources) - {connector.owner for connector in chosen}:
            raise UsageError(
                "no_news_source",
                "there is no news source {source!r}; see the Sources page",
                source=min(unknown),
            )
        outcomes = [await self._fetch(connector, bookmarks) for connector in chosen]
        while await asyncio.to_thread(self.read):
            pass
        return outcomes

    async def _fetch(self, connector: Connector, bookmarks: SourceBookmarks) -> _Outcome:
        outcome: _Outcome = {
            "source": connector.owner, "shown": 0, "new": 0, "left_out": 0, "error": connector.off,
        }  # fmt: skip
        if connector.off or connector.source is None:
            return outcome
        try:
            bookmark = await asyncio.to_thread(bookmarks.get, connector.id)
            batch = await connector.source.pull(bookmark)
            if batch.shown is not None:
                outcome["shown"] = len(batch.shown.sightings)
                outcome["new"] = await self.take(batch.shown, is_alone=True)
                outcome["left_out"] = batch.shown.left_out
            await self._keep_tables(connector.owner, batch.documents)
            if batch.bookmark and batch.bookmark != bookmark:
                await asyncio.to_thread(bookmarks.put, connector.id, batch.bookmark)
        except VigieError as error:
            outcome["error"] = str(error)
            await self.quarantine(connector.owner, error)
        return outcome

    async def _keep_tables(self, owner: str, tables: Sequence[tuple[str, dict[str, Any]]]) -> None:
        if self.facts is not None:
            for key, body in tables:
                await asyncio.to_thread(self.facts.put_document, owner, key, self.clock.market_now(), body)

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


def source_states(
    connectors: Sequence[Connector], outcomes: Sequence[_Outcome], now_ms: int
) -> list[SourceHealth]:
    """Return the states of sources that were asked by hand, from what came of each."""
    connectors_by_owner = {
        connector.owner: connector for connector in connectors if connector.brings_news and not connector.off
    }
    states = []
    for outcome in outcomes:
        if outcome["source"] in connectors_by_owner:
            monitor = ConnectorMonitor(connectors_by_owner[outcome["source"]], mode="schedule")
            monitor.note_attempt(now_ms)
            if outcome["error"]:
                monitor.note_failure(outcome["error"])
            else:
                monitor.note_success(now_ms)
            states.append(monitor.health(now_ms))
    return states
