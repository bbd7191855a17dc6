"""Sources, streams and stores for tests of the collector; stores keep their contracts in memory."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from tests.clocks import StandingClock
from tests.contracts.memory_facts import MemoryFacts
from tests.contracts.memory_store import MemoryBars
from vigie.data.collection.bars import BarCollector
from vigie.data.collection.connector import Connector
from vigie.data.collection.inbox import Inbox
from vigie.data.collection.running import Collector
from vigie.data.stores import DataStores
from vigie.domain.fact import Measure, Observation
from vigie.domain.ids import SeriesId
from vigie.domain.quote import Quote
from vigie.ports.quotes import SourceHealth
from vigie.ports.source import Batch
from vigie.ports.venue import BarRow, Terms

SERIES = "market/global/cap_usd"


def fact(value: float, ts: int = 0) -> Observation:
    return Observation(SERIES, ts, ts, value)


def quote(last: float, ts: int = 0, instrument: str = "btc-usdt-perp") -> Quote:
    return Quote("bitget-perp", instrument, ts, ts, last)


class Script:
    """A source that answers as written: batches, or errors; the last one stays."""

    def __init__(self, *answers: Batch | Exception) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []

    def measures(self) -> Sequence[Measure]:
        return ()

    async def pull(self, bookmark: str) -> Batch:
        self.asked.append(bookmark)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer


class Radio:
    """A stream that says what the test says: batches, or an error that cuts it; `greeting` comes first, each time."""

    def __init__(self, greeting: Batch | None = None) -> None:
        self.greeting = greeting
        self.words: asyncio.Queue[Batch | Exception] = asyncio.Queue()
        self.opened = 0
        self.closed = 0

    def say(self, word: Batch | Exception) -> None:
        self.words.put_nowait(word)

    async def listen(self) -> AsyncIterator[Batch]:
        self.opened += 1
        try:
            if self.greeting is not None:
                yield self.greeting
            while True:
                word = await self.words.get()
                if isinstance(word, Exception):
                    raise word
                yield word
        finally:
            self.closed += 1


class MemoryQuotes:
    """The newest quotes, states and wishes in memory; `broken` makes the next storing fail."""

    def __init__(self) -> None:
        self.newest: dict[str, Quote] = {}
        self.n_puts: list[int] = []
        self.states: dict[str, SourceHealth] = {}
        self.wishes: dict[str, str] = {}
        self.broken: list[Exception] = []

    def put(self, quotes: Iterable[Quote]) -> int:
        if self.broken:
            raise self.broken.pop(0)
        given = list(quotes)
        self.n_puts.append(len(given))
        self.newest.update({one.id: one for one in given})
        return len(self.n_puts)

    def since(self, version: int) -> tuple[int, Sequence[Quote]]:
        return len(self.n_puts), list(self.newest.values())

    def newest_ts(self) -> int | None:
        return max((one.ts_event for one in self.newest.values()), default=None)

    def put_health(self, health: Iterable[SourceHealth]) -> None:
        self.states.update({one.source: one for one in health})

    def health(self) -> Sequence[SourceHealth]:
        return list(self.states.values())

    def forget(self, source: str) -> None:
        self.states.pop(source, None)

    def requests(self) -> dict[str, str]:
        return dict(self.wishes)

    def request(self, source: str, action: str) -> None:
        self.wishes.pop(source, None)
        if action:
            self.wishes[source] = action


class MemoryMarks:
    """Bookmarks in memory."""

    def __init__(self) -> None:
        self.kept: dict[str, str] = {}

    def get(self, source: str) -> str:
        return self.kept.get(source, "")

    def put(self, source: str, bookmark: str) -> None:
        self.kept[source] = bookmark


class NoHoles:
    """Remembers the spans in which a venue has nothing."""

    def __init__(self) -> None:
        self.spans: dict[SeriesId, list[tuple[int, int]]] = {}

    def empty(self, series: SeriesId) -> list[tuple[int, int]]:
        return sorted(self.spans.get(series, []))

    def mark_empty(self, series: SeriesId, spans: Sequence[tuple[int, int]]) -> None:
        self.spans.setdefault(series, []).extend(spans)


class History:
    """A venue's history: a bar at every whole span unless it is one of `series_gaps`; `errors` come first."""

    venue = "bitget-perp"
    depth_bars = None

    def __init__(self) -> None:
        self.pages: list[tuple[int, int]] = []
        self.series_gaps: set[int] = set()
        self.errors: list[Exception] = []

    def page_bars(self, timeframe: str) -> int:
        return 200

    def page(self, instrument: str, timeframe: str, start_ms: int, end_ms: int) -> Sequence[BarRow]:
        if self.errors:
            raise self.errors.pop(0)
        self.pages.append((start_ms, end_ms))
        return [row(ts) for ts in range(start_ms, end_ms, 60_000) if ts not in self.series_gaps]

    def listed_ms(self, instrument: str) -> int | None:
        return None

    def terms(self, instruments: Sequence[str]) -> list[Terms]:
        return []


def row(ts: int) -> BarRow:
    return (ts, 10.0, 12.0, 9.0, 11.0, 5.0)


class Bench:
    """A collector with everything in memory; time passes when the test says so."""

    def __init__(self, *connectors: Connector, clock: StandingClock | None = None) -> None:
        self.clock = clock or StandingClock()
        self.quotes = MemoryQuotes()
        self.facts = MemoryFacts()
        self.marks = MemoryMarks()
        self.history = History()
        self.store = MemoryBars()
        self.series_gaps = NoHoles()
        self.said: list[str] = []
        unused: Any = None
        self.desk = DataStores(
            bars=self.store,
            quarantine=unused,
            receipts=unused,
            bookmarks=self.series_gaps,
            instruments=unused,
            clock=self.clock,
            write=unused,
            feed=lambda venue: self.history,
        )
        self.bars = BarCollector(self.desk, self.said.append)
        self.collector = Collector(
            connectors=connectors,
            clock=self.clock,
            quotes=self.quotes,
            bookmarks=self.marks,
            inbox=Inbox(self.quotes, self.facts, self.clock),
            bars=self.bars,
            report=self.said.append,
        )

    def run(self, act: Callable[[], Any]) -> Bench:
        """Collect while `act`, a coroutine function of the test, goes on; then stop."""

        async def main() -> None:
            # One thread: what was handed to it first is done first, so the test knows when all is done.
            asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(1))
            stop = asyncio.Event()
            task = asyncio.create_task(self.collector.run(stop))
            await self.clock.advance(0)
            try:
                await act()
            finally:
                stop.set()
                await asyncio.wait_for(task, 60)

        asyncio.run(main())
        return self
