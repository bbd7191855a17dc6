"""Folds as a process leaves them to the next one: written down and read again."""

from __future__ import annotations

import io
from types import SimpleNamespace

from vigie.domain.order import TradeRun
from vigie.engine.live.book.account_memory import FILLS_LATE_MS, LogReplay
from vigie.services.trading.log import replay_cache


def kept_at(
    book, run: TradeRun, slots, protections, number: int, *, late_ms: int = FILLS_LATE_MS
) -> LogReplay | None:
    """Return what another process reads of a log that was folded up to a step; None where there was no step yet.

    Parameters
    ----------
    late_ms : int
        How long the fills of positions that ended are kept.
    """
    plan = SimpleNamespace(live_slots=lambda: slots, protections=protections)
    chronicle = replay_cache.new_event_log(book, run.id, plan)
    for step in book.steps(run.id):
        if step.number <= number:
            chronicle.apply(step)
    if chronicle.account is None:
        return None
    chronicle.replay.drop_old_fills(late_ms)
    out = io.BytesIO()
    replay_cache._ReplayPickler(out, chronicle.decisions).dump(chronicle.replay)
    fold = replay_cache._ReplayUnpickler(io.BytesIO(out.getvalue())).load()
    assert fold.number == chronicle.number
    return fold
