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
from typing import Any, Final, TypeVar

from starlette.concurrency import run_in_threadpool

from vigie.catalogue import languages
from vigie.domain.job import Job
from vigie.domain.quote import Quote
from vigie.ports.audit import AuditEvent
from vigie.services.alerting.notifications import NotificationSources, notifications_of
from vigie.services.app_context import AppContext
from vigie.services.needs import provide
from vigie.services.trading.accounts.live_rows import live_rows
from vigie.services.trading.log.account_view import AccountLogs

TOPICS: Final = ("quotes", "log", "jobs", "clock", "trading", "news", "inbox")
# Kinds of audit records that browsers may see; sign-ins and tokens are not among them.
PUBLIC: Final = ("source", "data", "scene", "alert")
# And those that only who did it may see.
OWN: Final = ("job", "trade")
EVERY_S: Final = 1.0
# Every which look at what changed is also one at the bells.
INBOX_EVERY: Final = 3
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

ReadT = TypeVar("ReadT")


@dataclass(slots=True, eq=False)
class Listener:
    """One open stream: the latest state by key, and log events in order."""

    topics: frozenset[str]
    owner: str
    seq: int
    client: str = ""
    state: dict[str, tuple[str, Any]] = field(default_factory=dict)
    inbox: dict[str, Any] | None = None
    log: list[AuditEvent] = field(default_factory=list)
    wake_event: asyncio.Event = field(default_factory=asyncio.Event)
    is_too_slow: bool = False


class StreamHub:
    """Looks once a second at what changed and tells every listener; looks at nothing while nobody listens."""

    def __init__(self, app_context: AppContext) -> None:
        self._app_context = app_context
        self._listeners: set[Listener] = set()
        self._task: asyncio.Task[None] | None = None
        self._version = 0
        # Up to which revision of a news item was told.
        self._news_revision = 0
        self._looks = 0
        self._end_event = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None

    @property
    def count(self) -> int:
        """How many listen."""
        return len(self._listeners)

    def is_full(self) -> bool:
        """Tell whether as many listen as may."""
        return len(self._listeners) >= MOST_LISTENERS

    def is_full_for(self, client: str) -> bool:
        """Tell whether one person or address has as many streams as one may; nobody in particular has no such bound."""
        return bool(client) and sum(listener.client == client for listener in self._listeners) >= MOST_OF_ONE

    def end(self) -> None:
        """End every stream; the server stops. Also from another thread, and from what handles a signal."""
        if self._loop is None or self._loop.is_closed():
            self._end_event.set()
        else:
            self._loop.call_soon_threadsafe(self._end)

    def _end(self) -> None:
        self._end_event.set()
        for listener in self._listeners:
            listener.wake_event.set()

    async def listen(
        self,
        topics: frozenset[str],
        owner: str,
        after: int | None,
        *,
        client: str = "",
        is_allowed: Callable[[], bool] = lambda: True,
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
        client : str
            Whose bound it counts towards; see `is_full_for`.
        is_allowed : callable
            Whether who opened the stream would still be let in; where not, it ends without a word more.
        """
        app_context = self._app_context
        self._loop = asyncio.get_running_loop()
        seq = await run_in_threadpool(app_context.audit.newest) if after is None else after
        listener = Listener(topics, owner, seq, client)
        # First among those who are told, then the snapshot: what changes in between is in one of the two.
        await self._start()
        # Many that were opened in one moment all found room before the first of them took it.
        if self.is_full() or self.is_full_for(client):
            yield _BYE
            return
        self._listeners.add(listener)
        try:
            await self._add_snapshot(listener)
            # The number alone moves what the browser sends when it comes back; the event tells scripts.
            yield f'retry: 2000\nid: {seq}\nevent: hello\ndata: {{"seq": {seq}}}\n\n'.encode()
            checked_at = asyncio.get_running_loop().time()
            while not self._end_event.is_set() and not listener.is_too_slow:
                now = asyncio.get_running_loop().time()
                if now - checked_at >= LET_IN_S:
                    checked_at = now
                    if not await run_in_threadpool(is_allowed):
                        return
                for chunk in _drain(listener):
                    yield chunk
                try:
                    await asyncio.wait_for(listener.wake_event.wait(), min(PING_S, LET_IN_S))
                except TimeoutError:
                    yield b": still here\n\n"
                listener.wake_event.clear()
            for chunk in _drain(listener):
                yield chunk
            yield _BYE
        finally:
            self._listeners.discard(listener)

    async def _add_snapshot(self, listener: Listener) -> None:
        if "quotes" in listener.topics:
            _, quotes = await run_in_threadpool(self._app_context.quotes.since, 0)
            newer_state = dict(listener.state)
            _push_quotes(listener, quotes)
            listener.state.update(newer_state)
        if "clock" in listener.topics:
            listener.state["clock"] = ("clock", self._clock_values())
        if "news" in listener.topics:
            # What came while nobody listened is read again once.
            _push_news(listener, self._news_revision, ["all"])
        if "inbox" in listener.topics:
            _push_inbox(listener, await run_in_threadpool(self._inbox_values, listener.owner))
        if "log" in listener.topics:
            await self._catch_up(listener)

    async def _catch_up(self, listener: Listener) -> None:
        while True:
            missed = await run_in_threadpool(self._app_context.audit.after, listener.seq)
            for event in missed:
                _push_event(listener, event)
            if not missed or listener.is_too_slow:
                return

    async def _start(self) -> None:
        if self._task is not None and not self._task.done():
            return
        self._version, _ = await run_in_threadpool(self._app_context.quotes.since, _NOTHING)
        self._news_revision, _ = await run_in_threadpool(self._app_context.items.named_after, None)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._poll_forever())

    async def _poll_forever(self) -> None:
        # The one who starts it is not among the listeners yet.
        await asyncio.sleep(0)
        while self._listeners and not self._end_event.is_set():
            await self._poll()
            try:
                await asyncio.wait_for(self._end_event.wait(), EVERY_S)
            except TimeoutError:
                continue

    async def _poll(self) -> None:
        app_context = self._app_context
        self._version, quotes = await run_in_threadpool(app_context.quotes.since, self._version)
        # Who comes while the log is read is not among them: the events may begin after the last one it has.
        behind = [item for item in self._listeners if "log" in item.topics]
        events = (
            await run_in_threadpool(app_context.audit.after, min(item.seq for item in behind))
            if behind
            else ()
        )
        jobs = await self._by_owner("jobs", lambda owner: app_context.jobs.list(owner=owner, limit=20))
        trading = await self._by_owner("trading", self._trading_rows)
        inboxes = await self._inboxes()
        news_assets = await self._assets_with_news()
        clock = self._clock_values()
        for listener in behind:
            for event in events:
                _push_event(listener, event)
        for listener in tuple(self._listeners):
            if "quotes" in listener.topics:
                _push_quotes(listener, quotes)
            if "jobs" in listener.topics:
                _push_jobs(listener, jobs.get(listener.owner, ()))
            if "trading" in listener.topics:
                for kind, values in trading.get(listener.owner, ()):
                    _push_state(listener, f"{kind}:{values['id']}", kind, values)
            if "news" in listener.topics:
                _push_news(listener, self._news_revision, news_assets)
            if "inbox" in listener.topics:
                _push_inbox(listener, inboxes.get(listener.owner))
            if "clock" in listener.topics:
                _push_state(listener, "clock", "clock", clock)
            if listener.state or listener.log:
                listener.wake_event.set()

    async def _by_owner(self, topic: str, read: Callable[[str], ReadT]) -> dict[str, ReadT]:
        """Return what is read for each person who listens to a topic, once a person."""
        owners = {item.owner for item in self._listeners if topic in item.topics}
        return {owner: await run_in_threadpool(read, owner) for owner in owners}

    async def _inboxes(self) -> dict[str, dict[str, Any]]:
        """Return what the bells of those who listen say, every third time: counting reads what is kept for a year."""
        self._looks += 1
        return await self._by_owner("inbox", self._inbox_values) if self._looks % INBOX_EVERY == 0 else {}

    def _trading_rows(self, owner: str) -> Sequence[tuple[str, Any]]:
        app_context = self._app_context
        return live_rows(
            provide(app_context, AccountLogs),
            app_context.quotes,
            app_context.audit,
            app_context.clock,
            app_context.home_health,
            owner,
        )

    async def _assets_with_news(self) -> Sequence[str]:
        """Return of which assets there are news since the last look, if anybody wants to know."""
        if not any("news" in listener.topics for listener in self._listeners):
            return ()
        self._news_revision, assets = await run_in_threadpool(
            self._app_context.items.named_after, self._news_revision
        )
        return assets

    def _inbox_values(self, owner: str) -> dict[str, Any]:
        found = notifications_of(provide(self._app_context, NotificationSources), owner)
        alerts = found.alerts
        titles = {language: alerts.title(language) for language in languages()}
        return {"id": "bell", "count": found.count, "alerts": alerts.count, "ts": alerts.ts, "titles": titles}

    def _clock_values(self) -> dict[str, int]:
        clock = self._app_context.clock
        return {"market_ms": clock.market_now(), "wall_ms": clock.wall_now()}


def _push_state(listener: Listener, key: str, kind: str, value: Any) -> None:
    listener.state[key] = (kind, value)


def _push_quotes(listener: Listener, quotes: Any) -> None:
    for quote in quotes:
        _push_state(listener, f"quote:{quote.id}", "quote", quote_values(quote))


def _push_news(listener: Listener, number: int, assets: Iterable[str]) -> None:
    for asset in assets:
        _push_state(listener, f"news:{asset}", "news", {"id": asset, "number": number})


def _push_jobs(listener: Listener, jobs: Iterable[Job]) -> None:
    for job in jobs:
        values = {"id": job.id, "state": job.state, "progress": job.progress, "message": job.message}
        _push_state(listener, f"job:{job.id}", "job", values)


def _push_inbox(listener: Listener, values: dict[str, Any] | None) -> None:
    # Looked at every second, told when it changes; of who came meanwhile nothing was read yet.
    if values is not None and values != listener.inbox:
        listener.inbox = values
        _push_state(listener, "inbox:bell", "inbox", values)


def _push_event(listener: Listener, event: AuditEvent) -> None:
    if event.seq <= listener.seq or listener.is_too_slow:
        return
    listener.seq = event.seq
    topic = event.kind.split(".")[0]
    if topic not in PUBLIC and not (topic in OWN and event.actor == listener.owner):
        return
    listener.log.append(event)
    # A browser that reads too slowly is let go; it comes back with its last number and misses nothing.
    if len(listener.log) > BACKLOG:
        listener.is_too_slow = True


def quote_values(quote: Quote) -> dict[str, Any]:
    """Return a quote as browsers get it."""
    values = {key: value for key, value in asdict(quote).items() if value is not None}
    return {"id": quote.id, **values}


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
    for kind, values in by_kind.items():
        chunks.append(f"event: {kind}\ndata: {json.dumps(values)}\n\n".encode())
    return chunks
