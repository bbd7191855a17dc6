"""The loops of the collector: one a connector, one that stores each second, and what people ask of them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from functools import partial
from random import Random
from typing import Any, Final

from vigie.data.collection.bars import BarCollector
from vigie.data.collection.connector import Connector, ConnectorMonitor, is_worth_reporting
from vigie.data.collection.inbox import Inbox
from vigie.data.collection.news import NewsPipeline, source_states
from vigie.data.collection.schedule import PIECE_S, SPREAD_S, back_off_s, first_due, has_slept, next_due
from vigie.data.collection.tasks import cancel_task
from vigie.data.collection.waits import wait_until_due, wait_until_silent
from vigie.domain.errors import ConnectorError, StorageError, TransientError, UsageError, VigieError
from vigie.domain.refusal import Refusal
from vigie.domain.time import SECOND_MS
from vigie.ports.bookmarks import SourceBookmarks
from vigie.ports.clock import PatientClock
from vigie.ports.quotes import QuoteStore, SourceHealth
from vigie.ports.source import Batch, Source

TICK_S: Final = 1.0
MOST_WAITS: Final = 30  # for memory, ten minutes: then an older piece of a history is asked for anyway
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
    bars : BarCollector
    report : callable
        Told what began to fail and what works again, each once.
    closers : sequence of callable
        Awaited at the end: connections.
    news : NewsPipeline, optional
        Stores news and has them read.
    added_connectors : callable
        Gives the connectors that people added, whenever these became others; None while they did not.
    seed : int
        Of the jitter.
    is_crowded : callable
        Tells whether others need much memory for a while: older pieces of long histories wait until then.
    """

    connectors: Sequence[Connector]
    clock: PatientClock
    quotes: QuoteStore
    bookmarks: SourceBookmarks
    inbox: Inbox
    bars: BarCollector
    report: Callable[[str], None]
    closers: Sequence[Callable[[], Awaitable[None]]] = ()
    news: NewsPipeline | None = None
    added_connectors: Callable[[], Sequence[Connector] | None] = lambda: None
    seed: int = 0
    is_crowded: Callable[[], bool] = lambda: False
    monitors: dict[str, ConnectorMonitor] = field(default_factory=dict)
    _tasks: dict[str, asyncio.Task[None]] = field(default_factory=dict)
    _reported: dict[str, SourceHealth] = field(default_factory=dict)
    _is_full: bool = False
    _reported_problems: set[str] = field(default_factory=set)
    _has_more: dict[str, bool] = field(default_factory=dict)
    _random: Random = field(default_factory=lambda: Random(0))  # noqa: S311 - jitter, not a secret

    @property
    def has_stored_histories(self) -> bool:
        """Whether it fetched long histories and has the last pieces: Python keeps most of the memory they took."""
        return bool(self._has_more) and not any(self._has_more.values()) and self.bars.is_begun

    async def run(self, stop: asyncio.Event) -> None:
        """Collect until `stop` is set; then store what is in memory and close."""
        self._random.seed(self.seed)
        before = await asyncio.to_thread(self._last_successes)
        for index, connector in enumerate(self.connectors):
            monitor = ConnectorMonitor(connector, ts_success=before.get(connector.id))
            monitor.mode = "stream" if connector.stream else "schedule"
            # In the order of the manifests: of those that share a budget the first are the most wanted.
            position = index / len(self.connectors)
            monitor.due_ms = first_due(self.clock.wall_now(), connector.every_s, monitor.ts_success, position)
            self.monitors[connector.id] = monitor
            if not connector.off:
                self._start(monitor)
        loops = [asyncio.create_task(self._tick_forever()), asyncio.create_task(self._bars_forever())]
        if self.news is not None:
            loops.append(asyncio.create_task(self.news.read_forever(self._report_once)))
        try:
            await stop.wait()
        finally:
            await self._shut_down([*loops, *self._tasks.values()])

    async def fetch_news(self, sources: Sequence[str]) -> list[dict[str, Any]]:
        """Ask sources of news once, now, read what they show, and close; return what came of each."""
        assert self.news is not None
        try:
            all_connectors = [*self.connectors, *(await asyncio.to_thread(self.added_connectors) or ())]
            outcomes = await self.news.fetch(all_connectors, self.bookmarks, sources)
            states = source_states(all_connectors, outcomes, self.clock.wall_now())
            await asyncio.to_thread(self.quotes.put_health, states)
            return outcomes
        finally:
            for close in self.closers:
                await close()

    async def tick(self) -> None:
        """Store what arrived, tell how everybody does, and do what people asked for."""
        try:
            await self._apply_added()
            for words in await self.inbox.store():
                self._report_once(words)
            self._look_at_room()
            states = self._changed_states(self.clock.wall_now())
            if states:
                await asyncio.to_thread(self.quotes.put_health, states)
                self._reported.update({state.source: state for state in states})
            await self._apply_requests(await asyncio.to_thread(self.quotes.requests))
            self._reported_problems.clear()
        except (StorageError, TransientError) as error:
            self._report_once(f"the collector cannot store: {error}")

    def resume_after_sleep(self) -> None:
        """Begin again after the machine slept or its clock was set: streams at once, the rest one after the other."""
        self.report("the machine slept or its clock was set: streams open again, what was missed is fetched")
        now = self.clock.wall_now()
        for monitor in self.monitors.values():
            monitor.due_ms = min(monitor.due_ms, now + round(self._random.random() * SPREAD_S * SECOND_MS))
            monitor.woken.set()
            if monitor.connector.stream is not None and monitor.connector.id in self._tasks:
                self._restart(monitor)

    async def _apply_added(self) -> None:
        """Begin with what people added, and end what they took away."""
        added = await asyncio.to_thread(self.added_connectors)
        if added is None:
            return
        own_ids = {existing.id for existing in self.connectors}
        for name in [name for name in self.monitors if name not in own_ids]:
            self._pause(self.monitors.pop(name))
            self._reported.pop(name, None)
            await asyncio.to_thread(self.quotes.forget, name)
        for connector in added:
            monitor = self.monitors[connector.id] = ConnectorMonitor(connector, due_ms=self.clock.wall_now())
            monitor.mode = "schedule"
            if not connector.off:
                self._start(monitor)

    def _look_at_room(self) -> None:
        if self.inbox.has_room() == self._is_full:
            self._is_full = not self._is_full
            self.report(
                "the disk is nearly full: tables of sources and raw answers are not kept until there is room"
                if self._is_full
                else "there is room again: tables of sources and raw answers are kept"
            )

    def _changed_states(self, now: int) -> list[SourceHealth]:
        """Return the states that changed, and those whose times alone did when they were told long enough ago."""
        changed = []
        for monitor in self.monitors.values():
            state = monitor.health(now)
            before = self._reported.get(state.source)
            if before is None or is_worth_reporting(before, state, TOLD_EVERY_S):
                changed.append(state)
        return changed

    def _start(self, monitor: ConnectorMonitor) -> None:
        loop = self._run_stream(monitor) if monitor.connector.stream else self._ask_forever(monitor)
        self._tasks[monitor.connector.id] = asyncio.create_task(
            self._run_guarded(monitor, loop), name=monitor.connector.id
        )

    def _restart(self, monitor: ConnectorMonitor) -> None:
        self._tasks[monitor.connector.id].cancel()
        self._start(monitor)

    async def _run_guarded(self, monitor: ConnectorMonitor, loop: Coroutine[Any, Any, None]) -> None:
        try:
            await loop
        except Exception as error:  # noqa: BLE001 - the edge of a task: one connector never stops the others
            self._note_failure(monitor, Refusal("broke_down", "broke down: {error!r}", error=error))
            await self.clock.pause(back_off_s(monitor.errors, self._random.random(), is_hopeless=True))
            if self._tasks.get(monitor.connector.id) is asyncio.current_task():
                self._start(monitor)

    async def _ask_forever(self, monitor: ConnectorMonitor) -> None:
        source = monitor.connector.source
        assert source is not None
        waits = 0
        while True:
            await wait_until_due(self.clock, monitor)
            may_wait = waits < MOST_WAITS and self._has_more.get(monitor.connector.id)
            waits = waits + 1 if may_wait and await asyncio.to_thread(self.is_crowded) else 0
            pause = PIECE_S if waits else await self._ask(monitor, source)
            monitor.due_ms = self.clock.wall_now() + round(pause * SECOND_MS)

    async def _ask(self, monitor: ConnectorMonitor, source: Source) -> float:
        """Ask once, store, move the bookmark; return how long to wait before the next time."""
        connector = monitor.connector
        monitor.note_attempt(self.clock.wall_now())
        try:
            bookmark = await asyncio.to_thread(self.bookmarks.get, connector.id)
            batch = await source.pull(bookmark)
            await self._deliver(connector, batch)
            if batch.bookmark and batch.bookmark != bookmark:
                await asyncio.to_thread(self.bookmarks.put, connector.id, batch.bookmark)
        except VigieError as error:
            self._note_failure(monitor, str(error))
            if connector.brings_news and self.news is not None:
                await self.news.quarantine(connector.owner, error)
            after_s = getattr(error, "after_s", None)
            hopeless = isinstance(error, ConnectorError | UsageError)
            return back_off_s(monitor.errors, self._random.random(), after_s=after_s, is_hopeless=hopeless)
        now = self.clock.wall_now()
        if monitor.note_success(now):
            self.report(f"{connector.id} works again")
        if batch.has_more or connector.id in self._has_more:
            self._has_more[connector.id] = batch.has_more
        every_s = min(connector.every_s, PIECE_S) if batch.has_more else connector.every_s
        return (next_due(now, every_s, self._random.random()) - now) / SECOND_MS

    async def _deliver(self, connector: Connector, batch: Batch) -> None:
        self.inbox.take_quotes(batch.quotes)
        self.bars.take(batch.bars)
        await self.inbox.keep(batch.observations)
        await self.inbox.keep_documents(connector.owner, self.clock.market_now(), batch.documents)
        if batch.shown is not None and self.news is not None:
            await self.news.take(batch.shown)

    async def _run_stream(self, monitor: ConnectorMonitor) -> None:
        """Listen to a stream; while it is cut or silent, ask in its place and try to open it again."""
        connector = monitor.connector
        stand_in: asyncio.Task[None] | None = None
        errors = 0
        try:
            while True:
                connector.catch_up()
                has_spoken = await self._listen(monitor, partial(cancel_task, stand_in))
                monitor.mode = "poll" if connector.source else "stream"
                errors = 1 if has_spoken else errors + 1
                if stand_in is None or stand_in.done():
                    stand_in = asyncio.create_task(self._poll_instead(monitor))
                await self.clock.pause(min(back_off_s(errors, self._random.random()), _RECONNECT_S))
        finally:
            cancel_task(stand_in)

    async def _listen(self, monitor: ConnectorMonitor, on_flow: Callable[[], None]) -> bool:
        """Listen until the stream ends or is silent; return whether it said anything."""
        monitor.note_connected(self.clock.wall_now())
        messages: list[bool] = []
        listener = asyncio.create_task(self._consume(monitor, messages, on_flow))
        watcher = asyncio.create_task(wait_until_silent(self.clock, monitor))
        try:
            await asyncio.wait({listener, watcher}, return_when=asyncio.FIRST_COMPLETED)
            if listener.done():
                await listener
            else:
                self._note_failure(
                    monitor,
                    Refusal(
                        "no_data_stream",
                        "no data from the stream for {usual_gap_s:.0f} s",
                        usual_gap_s=3 * monitor.usual_gap_s,
                    ),
                )
        except VigieError as error:
            self._note_failure(monitor, str(error))
        finally:
            for task in (listener, watcher):
                task.cancel()
            await asyncio.gather(listener, watcher, return_exceptions=True)
        return bool(messages)

    async def _consume(
        self, monitor: ConnectorMonitor, messages: list[bool], on_flow: Callable[[], None]
    ) -> None:
        stream = monitor.connector.stream
        assert stream is not None
        start = self.clock.wall_now()
        async with aclosing(stream.listen()) as batches:  # type: ignore[type-var]  # a generator, as connectors write them
            async for batch in batches:
                now = self.clock.wall_now()
                if not messages and (not monitor.is_down or now - start >= TRIAL_S * SECOND_MS):
                    messages.append(True)
                    monitor.mode = "stream"
                    on_flow()
                if monitor.note_message(now):
                    self.report(f"{monitor.connector.id} streams again")
                self.inbox.take_quotes(batch.quotes)
                self.inbox.take_facts(batch.observations)
                self.bars.take(batch.bars)

    async def _poll_instead(self, monitor: ConnectorMonitor) -> None:
        """Ask in place of a stream, as often as the connector says."""
        while True:
            monitor.connector.catch_up()
            pause = monitor.connector.every_s
            if monitor.connector.source is not None:
                try:
                    pause = await self._ask(monitor, monitor.connector.source)
                except Exception as error:  # noqa: BLE001 - the edge of a task of its own
                    self._note_failure(monitor, Refusal("broke_down", "broke down: {error!r}", error=error))
            await self.clock.pause(pause)

    async def _apply_requests(self, requests: dict[str, str]) -> None:
        for name, monitor in self.monitors.items():
            if monitor.connector.off:
                continue
            action = requests.get(name) or requests.get(monitor.connector.owner, "")
            if (action == "paused") != monitor.is_paused:
                self._pause(monitor) if action == "paused" else self._resume(monitor)
            if action == "now":
                monitor.due_ms = self.clock.wall_now()
                monitor.woken.set()
                if monitor.connector.stream is not None:
                    self._restart(monitor)
        for name, action in requests.items():
            if action == "now":
                await asyncio.to_thread(self.quotes.request, name, "")

    def _pause(self, monitor: ConnectorMonitor) -> None:
        monitor.is_paused = True
        task = self._tasks.pop(monitor.connector.id, None)
        if task is not None:
            task.cancel()

    def _resume(self, monitor: ConnectorMonitor) -> None:
        monitor.is_paused = False
        monitor.due_ms = self.clock.wall_now()
        self._start(monitor)

    def _note_failure(self, monitor: ConnectorMonitor, error: str) -> None:
        if monitor.note_failure(error):
            self.report(f"{monitor.connector.id}: {error}")

    async def _tick_forever(self) -> None:
        while True:
            before = self.clock.wall_now()
            await self.clock.pause(TICK_S)
            try:
                if has_slept(before, self.clock.wall_now(), TICK_S):
                    self.resume_after_sleep()
                await self.tick()
            except Exception as error:  # noqa: BLE001 - the edge of a task: storing goes on with the next second
                self._report_once(f"the collector cannot store: {error!r}")

    async def _bars_forever(self) -> None:
        running: set[asyncio.Task[None]] = set()
        try:
            while True:
                await self.clock.pause(BARS_EVERY_S)
                # Not waited for: a venue's long fetch holds up its own bars only.
                running.add(asyncio.create_task(self._store_bars()))
                running = {task for task in running if not task.done()}
        finally:
            self.bars.stop()
            await asyncio.gather(*running, return_exceptions=True)

    async def _store_bars(self) -> None:
        try:
            await self.bars.store_ready()
        except Exception as error:  # noqa: BLE001 - the edge of a task: bars wait and are tried again
            self._report_once(f"bars cannot be stored: {error!r}")

    async def _shut_down(self, tasks: Sequence[asyncio.Task[None]]) -> None:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self.tick()
        await self.bars.flush()
        for close in self.closers:
            await close()

    def _report_once(self, words: str) -> None:
        if words not in self._reported_problems:
            self._reported_problems.add(words)
            self.report(words)

    def _last_successes(self) -> dict[str, int | None]:
        return {state.source: state.ts_success for state in self.quotes.health()}
