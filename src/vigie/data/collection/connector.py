"""One thing that is collected, and how it does."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from vigie.data.collection.schedule import connector_state, is_silent, usual_gap_s
from vigie.domain.refusal import shorten
from vigie.domain.time import SECOND_MS
from vigie.ports.quotes import SourceHealth
from vigie.ports.source import Source, Stream

_GAPS: Final = 200
_SHOWN: Final = 300


def _no_budget() -> float | None:
    return None


def _do_nothing() -> None:
    return


@dataclass(frozen=True, slots=True)
class Connector:
    """What is collected, from where, how often.

    Attributes
    ----------
    id : str
        ``coingecko/markets``; what stands before the slash owns the documents.
    every_s : float
        How often it is asked, on the wall; a stream's source is asked so often while the stream is silent.
    source, stream : Source, Stream
        At least one; with both, the source stands in for the stream.
    budget_left : callable
        Requests left now, or None where nobody counts.
    catch_up : callable
        Called when something may have been missed: at the start, after a cut, while a stream is silent.
    off : str
        Why it is not collected; empty where it is.
    brings_news : bool
        It shows items, not figures.
    """

    id: str
    every_s: float
    source: Source | None = None
    stream: Stream | None = None
    budget_left: Callable[[], float | None] = _no_budget
    catch_up: Callable[[], None] = _do_nothing
    off: str = ""
    brings_news: bool = False

    @property
    def owner(self) -> str:
        """The source whose documents these are, ``coingecko``."""
        return self.id.partition("/")[0]


@dataclass(slots=True)
class ConnectorMonitor:
    """How one connector does; the loops write it, the store reads it each second."""

    connector: Connector
    ts_success: int | None = None
    ts_attempt: int | None = None
    errors: int = 0
    error: str = ""
    is_paused: bool = False
    is_down: bool = False
    mode: str = "schedule"
    due_ms: int = 0
    woken: asyncio.Event = field(default_factory=asyncio.Event)
    _gaps: deque[float] = field(default_factory=lambda: deque(maxlen=_GAPS))
    _last_message_ms: int | None = None
    _has_answered: bool = False

    def note_attempt(self, now_ms: int) -> None:
        """Note that it is asked."""
        self.ts_attempt = now_ms

    def note_success(self, now_ms: int) -> bool:
        """Note that it worked; tells whether it is up again after it was said to be down.

        Polling in place of a stream works, but the stream stays down, and why stays visible.
        """
        self.ts_success, self.errors, self._has_answered = now_ms, 0, True
        if self.mode == "poll":
            return False
        recovered, self.is_down, self.error = self.is_down, False, ""
        return recovered

    def note_failure(self, error: str) -> bool:
        """Note that it failed; tells whether this has not been said yet."""
        self.errors += 1
        self.error = shorten(error, _SHOWN)
        is_new, self.is_down = not self.is_down, True
        return is_new

    def note_connected(self, now_ms: int) -> None:
        """Note that a stream begins: the time since its last word is no gap of it."""
        self._last_message_ms = now_ms
        self.ts_attempt = now_ms

    def note_message(self, now_ms: int) -> bool:
        """Note a message of a stream; tells whether it had failed before."""
        if self._last_message_ms is not None:
            self._gaps.append((now_ms - self._last_message_ms) / SECOND_MS)
        self._last_message_ms = now_ms
        return self.note_success(now_ms)

    @property
    def usual_gap_s(self) -> float:
        """How far apart successes usually lie."""
        return usual_gap_s(self._gaps) if self.mode == "stream" else self.connector.every_s

    def is_silent(self, now_ms: int) -> bool:
        """Tell whether its stream has said nothing for too long."""
        return is_silent(now_ms, self._last_message_ms or now_ms, usual_gap_s(self._gaps))

    def silent_in_s(self, now_ms: int) -> float:
        """Return how long it may still be silent."""
        patience = 3.0 * usual_gap_s(self._gaps) * SECOND_MS
        return max((self._last_message_ms or now_ms) + patience - now_ms, 0.0) / SECOND_MS

    def health(self, now_ms: int) -> SourceHealth:
        """Return what people see of it."""
        state = connector_state(
            now_ms,
            ts_success=self.ts_success,
            errors=self.errors,
            usual_s=self.usual_gap_s,
            is_paused=self.is_paused,
            is_off=bool(self.connector.off),
        )
        if state == "stale" and not self._has_answered:
            # What a former run brought has grown old while nobody collected: that is no fault of the source.
            state = "waiting"
        return SourceHealth(
            source=self.connector.id,
            state=state,
            ts_success=self.ts_success,
            ts_attempt=self.ts_attempt,
            usual_gap_s=self.usual_gap_s,
            budget_left=self.connector.budget_left(),
            errors=self.errors,
            error=self.connector.off or self.error,
            mode=self.mode,
        )


def is_worth_reporting(before: SourceHealth, after: SourceHealth, patience_s: float) -> bool:
    """Tell whether a state is to be told: it became another, or its times alone did long enough ago."""
    times = ((before.ts_success, after.ts_success), (before.ts_attempt, after.ts_attempt))
    age_s = max((new or 0) - (old or 0) for old, new in times) / SECOND_MS
    return _visible_state(before) != _visible_state(after) or age_s >= patience_s


def _visible_state(state: SourceHealth) -> tuple[object, ...]:
    return state.state, state.mode, state.errors, state.error, state.ts_success is None
