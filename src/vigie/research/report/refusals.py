"""Why entries were refused: every reason with its count and its last example."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from vigie.domain.codes import REFUSALS, refusal_name
from vigie.engine.run import Run
from vigie.research.report.numbers import format_time
from vigie.research.report.texts import ReportTexts

# Refusals whose limit and value are fractions.
_FRACTIONS: Final = frozenset(
    "window_drawdown slot_drawdown global_drawdown daily_loss account_drawdown funding_cost".split()
)


@dataclass(frozen=True, slots=True)
class RefusalRow:
    """One reason for refusals: how often, and the last time.

    Attributes
    ----------
    code : str
        Word of the code, ``max_positions``.
    title, why : str
        Short name and explanation in the reader's language; the code and nothing where there is no text.
    count : int
        Over all slots.
    when : str
        Time of the last one, UTC, ``2025-01-03 04:00``.
    slot, side : str
        Of the last one.
    limit, value : str
        Of the last one; fractions are written in per cent.
    """

    code: str
    title: str
    why: str
    count: int
    when: str
    slot: str
    side: str
    limit: str
    value: str


def refusal_rows(run: Run, words: ReportTexts) -> list[RefusalRow]:
    """Return a row of every refusal code that occurred, the most frequent first.

    Parameters
    ----------
    run : Run
        Refusals of all its slots.

    Returns
    -------
    list of RefusalRow
        Empty where nothing was refused.
    """
    log, values = run.log, run.values
    refused = np.flatnonzero(log[:, 6] >= min(REFUSALS))
    rows = []
    for code in np.unique(log[refused, 6]).tolist():
        rows_of_code = refused[log[refused, 6] == code]
        last = int(rows_of_code[-1])
        name = refusal_name(code)
        side = {1: words.say("side.long"), -1: words.say("side.short")}.get(int(log[last, 2]), "")
        rows.append(
            RefusalRow(
                code=name,
                title=words.say(f"refusal.{name}") if words.has(f"refusal.{name}") else name,
                why=words.say(f"refusal.{name}.why") if words.has(f"refusal.{name}.why") else "",
                count=len(rows_of_code),
                when=format_time(int(log[last, 0])),
                slot=str(run.slots[int(log[last, 1])].plan.slot),
                side=side,
                limit=_format_measure(name, float(values[last, 0]), words),
                value=_format_measure(name, float(values[last, 1]), words),
            )
        )
    return sorted(rows, key=lambda row: (-row.count, row.code))


def _format_measure(code: str, value: float, words: ReportTexts) -> str:
    return words.style.percent(value, 2) if code in _FRACTIONS else words.style.plain(value)
