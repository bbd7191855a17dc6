"""The loops of the collector: one a connector, one that stores each second, and what people ask of them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from functools import partial
from random import Random
from typing import Any, Final

from vigie.data.collection.bars import BarKeeper
from vigie.data.collection.connector import Connector, Watch, is_news
from vigie.data.collection.inbox import Inbox
from vigie.data.collection.news import NewsDesk, states_of
from vigie.data.collection.schedule import SPREAD_S, back_off_s, first_due, has_slept, next_due
from vigie.domain.errors import ConnectorError, StorageError, TransientError, UsageError, VigieError
from vigie.domain.time import SECOND_MS
from vigie.ports.bookmarks import SourceBookmarks
from vigie.ports.clock import PatientClock
from vigie.ports.quotes import QuoteStore, SourceHealth
from vigie.ports.source import Batch, Source

TICK_S: Final = 1.0
BARS_EVERY_S: Final = 5.0
# A stream succeeds many times a second; that its age is right to so many seconds is enough.
TOLD_EVERY_S: Final = 5.0
_RECONNECT_S: Final = 60.0
# A stream that was down is trusted once it has spoken for so long: some greet a client and then say nothing.
TRIAL_S: Final = 5.0


@dataclass(slots=True)
class Collector:
    """Collects until it is told to stop.

    Attributes
    ----------
    connectors : sequence of Connector
    clock : PatientClock
    quotes : QuoteStore
        Latest values, states, and what people ask for.
    bookmarks : SourceBookmarks
        Where each connector goes on.
    inbox : Inbox
    bars : BarKeeper
    say : callable
        Told what began to fail and what works again, each once.
    closers : sequence of callable
        Awaited at the end: connections.
    news : NewsDesk, optional
        Stores news and has them read.
    newcomers : callable
        Gives the connectors that people added, whenever these became others; None while they did not.
    seed : int
        Of the jitter.
    """

    connectors: Sequence[Connector]
    clock: PatientClock
    quotes: QuoteStore
    bookmarks: SourceBookmarks
    inbox: Inbox
    bars: BarKeeper
    say: Callable[[str], None]
    closers: Sequence[Callable[[], Awaitable[None]]] = ()
    news: NewsDesk | None = None
    newcomers: Callable[[], Sequence[Connector] | None] = lambda: None
    seed: int = 0
    watches: dict[str, Watch] = field(default_factory=dict)
    _tasks: dict[str, asyncio.Task[None]] = field(default_factory=dict)
    _told: dict[str, SourceHealth] = field(default_factory=dict)
    _is_full: bool = False
    _said: set[str] = field(default_factory=set)
    _dice: Random = field(default_factory=lambda: Random(0))  # noqa: S311 - jitter, not a secret

    async def run(self, stop: asyncio.Event) -> None:
        """Collect until `stop` is set; then store what is in memory and close."""
        self._dice.seed(self.seed)
        before = await asyncio.to_thread(self._former)
        for place, connector in enumerate(self.connectors):
            watch = Watch(connector, ts_success=before.get(connector.id))
            watch.mode = "stream" if connector.stream else "schedule"
            # In the order of the manifests: of those that share a budget the first are the most wanted.
            turn = place / len(self.connectors)
            watch.due_ms = first_due(self.clock.wall_now(), connector.every_s, watch.ts_success, turn)
            self.watches[connector.id] = watch
            if not connector.off:
                self._start(watch)
        keeping = [asyncio.create_task(self._tick_forever()), asyncio.create_task(self._bars_forever())]
        if self.news is not None:
            keeping.append(asyncio.create_task(self.news.read_forever(self._trouble)))
        try:
            await stop.wait()
        finally:
            await self._end([*keeping, *self._tasks.values()])

    async def fetch_news(self, sources: Sequence[str]) -> list[dict[str, Any]]:
        """Ask sources of news once, now, read what they show, and close; return what came of each."""
        assert self.news is not None
        try:
            asked = [*self.connectors, *(await asyncio.to_thread(self.newcomers) or ())]
            done = await self.news.fetch(asked, self.bookmarks, sources)
            states = states_of(asked, done, self.clock.wall_now())
            await asyncio.to_thread(self.quotes.put_health, states)
            return done
        finally:
            for close in self.closers:
                await close()

    async def tick(self) -> None:
        """Store what arrived, tell how everybody does, and do what people asked for."""
        try:
            await self._renew()
            for words in await self.inbox.store():
                self._trouble(words)
            self._look_at_room()
            states = self._news(self.clock.wall_now())
            if states:
                await asyncio.to_thread(self.quotes.put_health, states)
                self._told.update({one.source: one for one in states})
            await self._obey(await asyncio.to_thread(self.quotes.wanted))
            self._said.clear()
        except (StorageError, TransientError) as error:
            self._trouble(f"the collector cannot store: {error}")

    def wake(self) -> None:
        """Begin again after the machine slept or its clock was set: streams at once, the rest one after the other."""
        self.say("the machine slept or its clock was set: streams open again, what was missed is fetched")
        now = self.clock.wall_now()
        for watch in self.watches.values():
            watch.due_ms = min(watch.due_ms, now + round(self._dice.random() * SPREAD_S * SECOND_MS))
            watch.nudged.set()
            if watch.connector.stream is not None and watch.connector.id in self._tasks:
                self._restart(watch)

    async def _renew(self) -> None:
        """Begin with what people added, and end what they took away."""
        made = await asyncio.to_thread(self.newcomers)
        if made is None:
            return
        ours = {one.id for one in self.connectors}
        for name in [name for name in self.watches if name not in ours]:
            self._pause(self.watches.pop(name))
            self._told.pop(name, None)
            await asyncio.to_thread(self.quotes.forget, name)
        for connector in made:
            watch = self.watches[connector.id] = Watch(connector, due_ms=self.clock.wall_now())
            watch.mode = "schedule"
            if not connector.off:
                self._start(watch)

    def _look_at_room(self) -> None:
        if self.inbox.has_room() == self._is_full:
            self._is_full = not self._is_full
            self.say(
                "the disk is nearly full: tables of sources and raw answers are not kept until there is room"
                if self._is_full
                else "there is room again: tables of sources and raw answers are kept"
            )

    def _news(self, now: int) -> list[SourceHealth]:
        """Return the states that changed, and those whose times alone did when they were told long enough ago."""
        news = []
        for watch in self.watches.values():
            state = watch.health(now)
            before = self._told.get(state.source)
            if before is None or is_news(before, state, TOLD_EVERY_S):
                news.append(state)
        return news

    def _start(self, watch: Watch) -> None:
        loop = self._follow(watch) if watch.connector.stream else self._ask_forever(watch)
        self._tasks[watch.connector.id] = asyncio.create_task(
            self._guarded(watch, loop), name=watch.connector.id
        )

    def _restart(self, watch: Watch) -> None:
        self._tasks[watch.connector.id].cancel()
        self._start(watch)

    async def _guarded(self, watch: Watch, loop: Coroutine[Any, Any, None]) -> None:
        try:
            await loop
        except Exception as error:  # noqa: BLE001 - the edge of a task: one connector never stops the others
            self._failed(watch, f"broke down: {error!r}")
            await self.clock.pause(back_off_s(watch.errors, self._dice.random(), is_hopeless=True))
            if self._tasks.get(watch.connector.id) is asyncio.current_task():
                self._start(watch)

    async def _ask_forever(self, watch: Watch) -> None:
        source = watch.connector.source
        assert source is not None
        while True:
            await self._until_due(watch)
            pause = await self._ask(watch, source)
            watch.due_ms = self.clock.wall_now() + round(pause * SECOND_MS)

    async def _until_due(self, watch: Watch) -> None:
        while (left := watch.due_ms - self.clock.wall_now()) > 0:
            watch.nudged.clear()
            waits = [
                asyncio.ensure_future(self.clock.pause(left / SECOND_MS)),
                asyncio.ensure_future(watch.nudged.wait()),
            ]
            try:
                await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for wait in waits:
                    wait.cancel()

    async def _ask(self, watch: Watch, source: Source) -> float:
        """Ask once, store, move the bookmark; return how long to wait before the next time."""
        connector = watch.connector
        watch.attempt(self.clock.wall_now())
        try:
            bookmark = await asyncio.to_thread(self.bookmarks.get, connector.id)
            batch = await source.pull(bookmark)
            await self._deliver(connector, batch)
            if batch.bookmark and batch.bookmark != bookmark:
                await asyncio.to_thread(self.bookmarks.put, connector.id, batch.bookmark)
        except VigieError as error:
            self._failed(watch, str(error))
            if connector.brings_news and self.news is not None:
                await self.news.quarantine(connector.owner, error)
            after_s = getattr(error, "after_s", None)
            hopeless = isinstance(error, ConnectorError | UsageError)
            return back_off_s(watch.errors, self._dice.random(), after_s=after_s, is_hopeless=hopeless)
        now = self.clock.wall_now()
        if watch.succeed(now):
            self.say(f"{connector.id} works again")
        return (next_due(now, connector.every_s, self._dice.random()) - now) / SECOND_MS

    async def _deliver(self, connector: Connector, batch: Batch) -> None:
        self.inbox.take_quotes(batch.quotes)
        self.bars.take(batch.bars)
        await self.inbox.keep(batch.observations)
        await self.inbox.keep_documents(connector.owner, self.clock.market_now(), batch.documents)
        if batch.shown is not None and self.news is not None:
            await self.news.take(batch.shown)

    async def _follow(self, watch: Watch) -> None:
        """Listen to a stream; while it is cut or silent, ask in its place and try to open it again."""
        connector = watch.connector
        stand_in: asyncio.Task[None] | None = None
        errors = 0
        try:
            while True:
                connector.catch_up()
                heard = await self._listen(watch, partial(_cancel, stand_in))
                watch.mode = "poll" if connector.source else "stream"
                errors = 1 if heard else errors + 1
                if stand_in is None or stand_in.done():
                    stand_in = asyncio.create_task(self._stand_in(watch))
                await self.clock.pause(min(back_off_s(errors, self._dice.random()), _RECONNECT_S))
        finally:
            _cancel(stand_in)

    async def _listen(self, watch: Watch, flows: Callable[[], None]) -> bool:
        """Listen until the stream ends or is silent; return whether it said anything."""
        watch.connect(self.clock.wall_now())
        said: list[bool] = []
        listener = asyncio.create_task(self._consume(watch, said, flows))
        watcher = asyncio.create_task(self._until_silent(watch))
        try:
            await asyncio.wait({listener, watcher}, return_when=asyncio.FIRST_COMPLETED)
            if listener.done():
                await listener
            else:
                self._failed(watch, f"the stream has been silent for {3 * watch.usual_gap_s:.0f} s")
        except VigieError as error:
            self._failed(watch, str(error))
        finally:
            for task in (listener, watcher):
                task.cancel()
            await asyncio.gather(listener, watcher, return_exceptions=True)
        return bool(said)

    async def _consume(self, watch: Watch, said: list[bool], flows: Callable[[], None]) -> None:
        stream = watch.connector.stream
        assert stream is not None
        begun = self.clock.wall_now()
        async with aclosing(stream.listen()) as batches:  # type: ignore[type-var]  # a generator, as connectors write them
            async for batch in batches:
                now = self.clock.wall_now()
                if not said and (not watch.is_down or now - begun >= TRIAL_S * SECOND_MS):
                    said.append(True)
                    watch.mode = "stream"
                    flows()
                if watch.hear(now):
                    self.say(f"{watch.connector.id} streams again")
                self.inbox.take_quotes(batch.quotes)
                self.inbox.take_facts(batch.observations)
                self.bars.take(batch.bars)

    async def _until_silent(self, watch: Watch) -> None:
        market = self.clock.market_now()
        while True:
            now = self.clock.wall_now()
            if watch.is_silent(now):
                if self.clock.market_now() != market:
                    return
                watch.connect(now)  # the market itself stands still: nothing to hear
            market = self.clock.market_now()
            await self.clock.pause(max(watch.silent_in_s(now), 0.05))

    async def _stand_in(self, watch: Watch) -> None:
        """Ask in place of a stream, as often as the connector says."""
        while True:
            watch.connector.catch_up()
            pause = watch.connector.every_s
            if watch.connector.source is not None:
                try:
                    pause = await self._ask(watch, watch.connector.source)
                except Exception as error:  # noqa: BLE001 - the edge of a task of its own
                    self._failed(watch, f"broke down: {error!r}")
            await self.clock.pause(pause)

    async def _obey(self, wanted: dict[str, str]) -> None:
        for name, watch in self.watches.items():
            if watch.connector.off:
                continue
            what = wanted.get(name) or wanted.get(watch.connector.owner, "")
            if (what == "paused") != watch.is_paused:
                self._pause(watch) if what == "paused" else self._resume(watch)
            if what == "now":
                watch.due_ms = self.clock.wall_now()
                watch.nudged.set()
                if watch.connector.stream is not None:
                    self._restart(watch)
        for name, what in wanted.items():
            if what == "now":
                await asyncio.to_thread(self.quotes.want, name, "")

    def _pause(self, watch: Watch) -> None:
        watch.is_paused = True
        task = self._tasks.pop(watch.connector.id, None)
        if task is not None:
            task.cancel()

    def _resume(self, watch: Watch) -> None:
        watch.is_paused = False
        watch.due_ms = self.clock.wall_now()
        self._start(watch)

    def _failed(self, watch: Watch, error: str) -> None:
        if watch.fail(error):
            self.say(f"{watch.connector.id}: {error}")

    async def _tick_forever(self) -> None:
        while True:
            before = self.clock.wall_now()
            await self.clock.pause(TICK_S)
            try:
                if has_slept(before, self.clock.wall_now(), TICK_S):
                    self.wake()
                await self.tick()
            except Exception as error:  # noqa: BLE001 - the edge of a task: storing goes on with the next second
                self._trouble(f"the collector cannot store: {error!r}")

    async def _bars_forever(self) -> None:
        running: set[asyncio.Task[None]] = set()
        try:
            while True:
                await self.clock.pause(BARS_EVERY_S)
                # Not waited for: a venue's long fetch holds up its own bars only.
                running.add(asyncio.create_task(self._settle()))
                running = {task for task in running if not task.done()}
        finally:
            self.bars.stop()
            await asyncio.gather(*running, return_exceptions=True)

    async def _settle(self) -> None:
        try:
            await self.bars.settle()
        except Exception as error:  # noqa: BLE001 - the edge of a task: bars wait and are tried again
            self._trouble(f"bars cannot be stored: {error!r}")

    async def _end(self, tasks: Sequence[asyncio.Task[None]]) -> None:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self.tick()
        await self.bars.flush()
        for close in self.closers:
            await close()

    def _trouble(self, words: str) -> None:
        if words not in self._said:
            self._said.add(words)
            self.say(words)

    def _former(self) -> dict[str, int | None]:
        return {one.source: one.ts_success for one in self.quotes.health()}


def _cancel(task: asyncio.Task[None] | None) -> None:
    if task is not None:
        task.cancel()
