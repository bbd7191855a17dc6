"""Decisions of the collector as plain functions of time: nothing here waits, asks or stores."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from vigie.domain.time import SECOND_MS
from vigie.ports.quotes import HealthState

# A silent stream is noticed after so many times its usual gap.
PATIENCE: Final = 3.0
# A busy machine may be late by seconds; that is no silence.
SHORTEST_GAP_S: Final = 2.0
LONGEST_GAP_S: Final = 60.0
# Until a stream has spoken so often, its gap is taken to be this long.
UNKNOWN_GAP_S: Final = 10.0
_ENOUGH_GAPS: Final = 8
# A long history comes in pieces, so far apart.
PIECE_S: Final = 20.0
FIRST_BACK_OFF_S: Final = 2.0
LONGEST_BACK_OFF_S: Final = 900.0
HOPELESS_S: Final = 900.0
# A pause that took so much longer than it was meant to: the machine slept.
ASLEEP_MS: Final = 30 * SECOND_MS
# Asked for again after a sleep, one after the other over so long.
SPREAD_S: Final = 20.0
_JITTER: Final = 0.1


def next_due(now_ms: int, every_s: float, jitter: float) -> int:
    """Return when to ask again after a success.

    Parameters
    ----------
    jitter : float
        In [0, 1): moves the time by up to a tenth either way, so that sources are not asked in step.
    """
    return now_ms + round(every_s * (1.0 + _JITTER * (2.0 * jitter - 1.0)) * SECOND_MS)


def back_off_s(
    errors: int, jitter: float, *, after_s: float | None = None, is_hopeless: bool = False
) -> float:
    """Return the pause after a failure: doubled each time, with jitter, never shorter than asked for.

    Parameters
    ----------
    errors : int
        Failures since the last success, >= 1.
    jitter : float
        In [0, 1): the pause is between half and all of its length.
    after_s : float, optional
        What the other side asks for.
    is_hopeless : bool
        Waiting alone does not cure the failure.
    """
    whole = min(FIRST_BACK_OFF_S * 2.0 ** min(errors - 1, 30), LONGEST_BACK_OFF_S)
    whole = max(whole, HOPELESS_S) if is_hopeless else whole
    return max(whole * (0.5 + 0.5 * jitter), after_s or 0.0)


def first_due(now_ms: int, every_s: float, ts_success: int | None, jitter: float) -> int:
    """Return when to ask first after a start: at once, or when what a former run brought is old enough."""
    at_once = now_ms + round(jitter * 2.0 * SECOND_MS)
    if ts_success is None or ts_success > now_ms:
        return at_once
    return max(at_once, ts_success + round(every_s * SECOND_MS))


def usual_gap_s(gaps_s: Sequence[float]) -> float:
    """Return how far apart the messages of a stream usually lie: nine of ten gaps are no longer."""
    if len(gaps_s) < _ENOUGH_GAPS:
        return UNKNOWN_GAP_S
    ordered = sorted(gaps_s)
    gap = ordered[min(int(0.9 * len(ordered)), len(ordered) - 1)]
    return min(max(gap, SHORTEST_GAP_S), LONGEST_GAP_S)


def is_silent(now_ms: int, ts_heard: int, usual_s: float) -> bool:
    """Tell whether a stream has been silent for longer than it should."""
    return now_ms - ts_heard >= PATIENCE * usual_s * SECOND_MS


def has_slept(before_ms: int, now_ms: int, meant_s: float) -> bool:
    """Tell whether a pause took so much longer than meant that the machine must have slept, or its clock was set.

    One that ran ahead and is put right would keep everybody waiting for as long as it ran ahead.
    """
    return abs(now_ms - before_ms - meant_s * SECOND_MS) >= ASLEEP_MS


def is_over(now_ms: int, due_ms: int) -> bool:
    """Tell whether a pause after failures is over; one longer than any was begun by a clock that ran ahead."""
    return not 0 < due_ms - now_ms <= LONGEST_BACK_OFF_S * SECOND_MS


def connector_state(
    now_ms: int, *, ts_success: int | None, errors: int, usual_s: float, is_paused: bool, is_off: bool
) -> HealthState:
    """Return how a connector does."""
    if is_off:
        return "off"
    if is_paused:
        return "paused"
    if errors:
        return "failing"
    if ts_success is None:
        return "waiting"
    return "stale" if is_silent(now_ms, ts_success, usual_s) else "live"


def missing_span(last_ts: int | None, arrived_ts: int, span_ms: int) -> tuple[int, int] | None:
    """Return the span [start, end) of bars between the last one stored and one that arrived, if any.

    Where nothing is stored yet, the span ends at the bar that arrived and begins at 0.
    """
    if last_ts is None:
        return 0, arrived_ts
    first = last_ts + span_ms
    return (first, arrived_ts) if first < arrived_ts else None
