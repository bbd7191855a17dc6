"""Why entries were refused: every reason with its count and its last example."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from vigie.domain.codes import REFUSALS
from vigie.engine.run import Run
from vigie.research.report.numbers import moment
from vigie.research.report.texts import Words

# Refusals whose limit and value are fractions.
_FRACTIONS: Final = frozenset(
    "window_drawdown slot_drawdown global_drawdown daily_loss account_drawdown funding_cost".split()
)


@dataclass(frozen=True, slots=True)
class Refusal:
    """One reason for refusals: how often, and the last time."""

    code: str
    title: str
    why: str
    count: int
    when: str
    slot: str
    side: str
    limit: str
    value: str


def refusal_rows(run: Run, words: Words) -> list[Refusal]:
    """Return a row of every refusal code that occurred, the most frequent first."""
    log, values = run.log, run.values
    refused = np.flatnonzero(log[:, 6] >= min(REFUSALS))
    rows = []
    for code in np.unique(log[refused, 6]).tolist():
        at = refused[log[refused, 6] == code]
        last = int(at[-1])
        name = REFUSALS[code]
        side = {1: words.say("side.long"), -1: words.say("side.short")}.get(int(log[last, 2]), "")
        rows.append(
            Refusal(
                code=name,
                title=words.say(f"refusal.{name}") if words.has(f"refusal.{name}") else name,
                why=words.say(f"refusal.{name}.why") if words.has(f"refusal.{name}.why") else "",
                count=len(at),
                when=moment(int(log[last, 0])),
                slot=str(run.slots[int(log[last, 1])].plan.slot),
                side=side,
                limit=_measured(name, float(values[last, 0]), words),
                value=_measured(name, float(values[last, 1]), words),
            )
        )
    return sorted(rows, key=lambda row: (-row.count, row.code))


def _measured(code: str, value: float, words: Words) -> str:
    return words.style.percent(value, 2) if code in _FRACTIONS else words.style.plain(value)
