"""What changes, as Server-Sent Events.

A ``hello`` says from which number on the log is told. Then two kinds. *State* events (quotes, ages, jobs' progress, of
which assets there are news) carry no id: the latest wins, and a snapshot follows each connect. *Log* events carry the
number of their audit record: a browser that comes back with `Last-Event-ID` gets exactly what it missed.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from starlette.concurrency import run_in_threadpool

from vigie.domain.quote import Quote
from vigie.ports.audit import AuditEvent
from vigie.services.app_context import AppContext
from vigie.services.trading.live_rows import live_rows

TOPICS: Final = ("quotes", "log", "jobs", "clock", "trading", "news")
# Kinds of audit records that browsers may see; sign-ins and tokens are not among them.
PUBLIC: Final = ("source", "data", "scene", "alert")
# And those that only who did it may see.
OWN: Final = ("job", "trade")
EVERY_S: Final = 1.0
PING_S: Final = 15.0
# How often it is looked at whether who listens would still be let in.
LET_IN_S: Final = 10.0
BACKLOG: Final = 1_000
# Each holds a connection open, and a process may hold about a thousand.
MOST_LISTENERS: Final = 900
# All tabs of a browser share one: some devices and some programs, each cut and come back before that is noticed.
MOST_OF_ONE: Final = 30
# A version no store has reached: asking since then tells the version and no quotes.
_NOTHING: Final = 2**62
_BYE: Final = b"event: bye\ndata: {}\n\n"


@dataclass(slots=True, eq=False)
class Listener:
    """One open stream: the latest state by key, and log events in order."""

    topics: frozenset[str]
    owner: str
    seq: int
    who: str = ""
    state: dict[str, tuple[str, Any]] = field(default_factory=dict)
    log: list[AuditEvent] = field(default_factory=list)
    woken: asyncio.Event = field(default_factory=asyncio.Event)
    is_lost: bool = False


class Hub:
    """Looks once a second at what changed and tells every listener; looks at nothing while nobody listens."""

    def __init__(self, house: AppContext) -> None:
        self._house = house
        self._listeners: set[Listener] = set()
        self._task: asyncio.Task[None] | None = None
        self._version = 0
        # Up to which revision of a news item was told.
        self._read = 0
        self._ended = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None

    @property
    def count(self) -> int:
        """How many listen."""
        return len(self._listeners)

    def is_full(self) -> bool:
        """Tell whether as many listen as may."""
        return len(self._listeners) >= MOST_LISTENERS

    def is_full_for(self, who: str) -> bool:
        """Tell whether one person or address has as many streams as one may; nobody in particular has no such bound."""
        return bool(who) and sum(one.who == who for one in self._listeners) >= MOST_OF_ONE

    def end(self) -> None:
        """End every stream; the server stops. Also from another thread, and from what handles a signal."""
        if self._loop is None or self._loop.is_closed():
            self._ended.set()
        else:
            self._loop.call_soon_threadsafe(self._end)

    def _end(self) -> None:
        self._ended.set()
        for listener in self._listeners:
            listener.woken.set()

    async def listen(
        self,
        topics: frozenset[str],
        owner: str,
        after: int | None,
        *,
        who: str = "",
        is_let_in: Callable[[], bool] = lambda: True,
    ) -> AsyncIterator[bytes]:
        """Yield the bytes of one stream.

        Parameters
        ----------
        topics : frozenset of str
            Of `TOPICS`.
        owner : str
            Whose jobs and trading accounts are told.
        after : int or None
            Number of the last log event the browser has; None means from now on.
        who : str
            Whose bound it counts towards; see `is_full_for`.
        is_let_in : callable
            Whether who opened the stream would still be let in; where not, it ends without a word more.
        """
        house = self._house
        self._loop = asyncio.get_running_loop()
        seq = await run_in_threadpool(house.audit.newest) if after is None else after
        listener = Listener(topics, owner, seq, who)
        # First among those who are told, then the snapshot: what changes in between is in one of the two.
        await self._start()
        # Many that were opened in one moment all found room before the first of them took it.
        if self.is_full() or self.is_full_for(who):
            yield _BYE
            return
        self._listeners.add(listener)
        try:
            await self._greet(listener)
            # The number alone moves what the browser sends when it comes back; the event tells scripts.
            yield f'retry: 2000\nid: {seq}\nevent: hello\ndata: {{"seq": {seq}}}\n\n'.encode()
            looked = asyncio.get_running_loop().time()
            while not self._ended.is_set() and not listener.is_lost:
                now = asyncio.get_running_loop().time()
                if now - looked >= LET_IN_S:
                    looked = now
                    if not await run_in_threadpool(is_let_in):
                        return
                for chunk in _drain(listener):
                    yield chunk
                try:
                    await asyncio.wait_for(listener.woken.wait(), min(PING_S, LET_IN_S))
                except TimeoutError:
                    yield b": still here\n\n"
                listener.woken.clear()
            for chunk in _drain(listener):
                yield chunk
            yield _BYE
        finally:
            self._listeners.discard(listener)

    async def _greet(self, listener: Listener) -> None:
        if "quotes" in listener.topics:
            _, quotes = await run_in_threadpool(self._house.quotes.since, 0)
            told = dict(listener.state)
            _tell_quotes(listener, quotes)
            listener.state.update(told)
        if "clock" in listener.topics:
            listener.state["clock"] = ("clock", self._clock())
        if "news" in listener.topics:
            # What came while nobody listened is read again once.
            _tell_news(listener, self._read, ["all"])
        if "log" in listener.topics:
            await self._catch_up(listener)

    async def _catch_up(self, listener: Listener) -> None:
        while True:
            missed = await run_in_threadpool(self._house.audit.after, listener.seq)
            for event in missed:
                _tell_event(listener, event)
            if not missed or listener.is_lost:
                return

    async def _start(self) -> None:
        if self._task is not None and not self._task.done():
            return
        self._version, _ = await run_in_threadpool(self._house.quotes.since, _NOTHING)
        self._read, _ = await run_in_threadpool(self._house.items.named_after, None)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._watch())

    async def _watch(self) -> None:
        # The one who starts it is not among the listeners yet.
        await asyncio.sleep(0)
        while self._listeners and not self._ended.is_set():
            await self._look()
            try:
                await asyncio.wait_for(self._ended.wait(), EVERY_S)
            except TimeoutError:
                continue

    async def _look(self) -> None:
        house = self._house
        self._version, quotes = await run_in_threadpool(house.quotes.since, self._version)
        # Who comes while the log is read is not among them: the events may begin after the last one it has.
        behind = [one for one in self._listeners if "log" in one.topics]
        events = await run_in_threadpool(house.audit.after, min(one.seq for one in behind)) if behind else ()
        owners = {one.owner for one in self._listeners if "jobs" in one.topics}
        jobs = {one: await run_in_threadpool(house.jobs.list, owner=one, limit=20) for one in owners}
        traders = {one.owner for one in self._listeners if "trading" in one.topics}
        trading = {one: await run_in_threadpool(live_rows, house, one) for one in traders}
        named = await self._named()
        clock = self._clock()
        for listener in behind:
            for event in events:
                _tell_event(listener, event)
        for listener in tuple(self._listeners):
            if "quotes" in listener.topics:
                _tell_quotes(listener, quotes)
            if "jobs" in listener.topics:
                for job in jobs.get(listener.owner, ()):
                    told = {
                        "id": job.id,
                        "state": job.state,
                        "progress": job.progress,
                        "message": job.message,
                    }
                    _tell_state(listener, f"job:{job.id}", "job", told)
            if "trading" in listener.topics:
                for kind, told in trading.get(listener.owner, ()):
                    _tell_state(listener, f"{kind}:{told['id']}", kind, told)
            if "news" in listener.topics:
                _tell_news(listener, self._read, named)
            if "clock" in listener.topics:
                _tell_state(listener, "clock", "clock", clock)
            if listener.state or listener.log:
                listener.woken.set()

    async def _named(self) -> Sequence[str]:
        """Return of which assets there are news since the last look, if anybody wants to know."""
        if not any("news" in one.topics for one in self._listeners):
            return ()
        self._read, named = await run_in_threadpool(self._house.items.named_after, self._read)
        return named

    def _clock(self) -> dict[str, int]:
        clock = self._house.clock
        return {"market_ms": clock.market_now(), "wall_ms": clock.wall_now()}


def _tell_state(listener: Listener, key: str, kind: str, value: Any) -> None:
    listener.state[key] = (kind, value)


def _tell_quotes(listener: Listener, quotes: Any) -> None:
    for quote in quotes:
        _tell_state(listener, f"quote:{quote.id}", "quote", plain_quote(quote))


def _tell_news(listener: Listener, number: int, assets: Iterable[str]) -> None:
    for asset in assets:
        _tell_state(listener, f"news:{asset}", "news", {"id": asset, "number": number})


def _tell_event(listener: Listener, event: AuditEvent) -> None:
    if event.seq <= listener.seq or listener.is_lost:
        return
    listener.seq = event.seq
    topic = event.kind.split(".")[0]
    if topic not in PUBLIC and not (topic in OWN and event.actor == listener.owner):
        return
    listener.log.append(event)
    # A browser that reads too slowly is let go; it comes back with its last number and misses nothing.
    if len(listener.log) > BACKLOG:
        listener.is_lost = True


def plain_quote(quote: Quote) -> dict[str, Any]:
    """Return a quote as browsers get it."""
    told = {key: value for key, value in asdict(quote).items() if value is not None}
    return {"id": quote.id, **told}


def _drain(listener: Listener) -> list[bytes]:
    chunks = []
    for event in listener.log:
        body = json.dumps(
            {
                "seq": event.seq,
                "kind": event.kind,
                "subject": event.subject,
                "ts": event.ts,
                "text": event.text,
            }
        )
        chunks.append(f"id: {event.seq}\nevent: log\ndata: {body}\n\n".encode())
    listener.log.clear()
    by_kind: dict[str, list[Any]] = {}
    for kind, value in listener.state.values():
        by_kind.setdefault(kind, []).append(value)
    listener.state.clear()
    # One message a kind: a hundred quotes are one event, drawn in one frame.
    for kind, several in by_kind.items():
        chunks.append(f"event: {kind}\ndata: {json.dumps(several)}\n\n".encode())
    return chunks
