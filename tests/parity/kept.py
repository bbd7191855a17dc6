"""Folds as a process leaves them to the next one: written down and read again."""

from __future__ import annotations

import io
from itertools import takewhile
from pathlib import Path
from types import SimpleNamespace

from vigie.domain.order import TradeRun
from vigie.engine.live.book.account_memory import FILLS_LATE_MS, LogReplay
from vigie.services.trading.log import replay_cache
from vigie.services.trading.log.event_log import EventLog


def plan_of(run: TradeRun, slots, protections) -> SimpleNamespace:
    """Return of a plan what its log is folded with."""
    return SimpleNamespace(
        live_slots=lambda: slots, protections=protections, begun=run.ts, capital=float(run.capital),
        fingerprint=run.plan,
    )  # fmt: skip


def kept_at(
    book, run: TradeRun, slots, protections, number: int, *, late_ms: int = FILLS_LATE_MS
) -> LogReplay | None:
    """Return what another process reads of a log that was folded up to a step; None where there was no step yet.

    Parameters
    ----------
    late_ms : int
        How long the fills of positions that ended are kept.
    """
    chronicle = _folded_to(book, run, plan_of(run, slots, protections), number)
    if chronicle.account is None:
        return None
    chronicle.replay.drop_old_fills(late_ms)
    out = io.BytesIO()
    replay_cache._ReplayPickler(out, chronicle.decisions).dump(chronicle.replay)
    fold = replay_cache._ReplayUnpickler(io.BytesIO(out.getvalue())).load()
    assert fold.number == chronicle.number
    return fold


def resumed_from(book, run: TradeRun, plan, number: int, file: Path) -> EventLog:
    """Return the log as another process takes it up that was folded up to a step and kept in a file."""
    file.write_bytes(replay_cache._encode_saved(book, _folded_to(book, run, plan, number), run))
    return replay_cache._resume_event_log(book, run, plan, file)[0]


def _folded_to(book, run: TradeRun, plan, number: int) -> EventLog:
    chronicle = replay_cache.new_event_log(book, run.id, plan)
    for step in takewhile(lambda step: step.number <= number, book.steps(run.id)):
        chronicle.apply(step)
    return chronicle
