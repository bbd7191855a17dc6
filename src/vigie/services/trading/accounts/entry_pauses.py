"""Weeks in which a limit of the whole account refused every entry: why its equity is flat, in a sentence each."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

from vigie.catalogue import NamedTexts, format_day
from vigie.domain import codes
from vigie.domain.time import WEEK_MS
from vigie.research.report.texts import report_texts
from vigie.services.trading.log.event_log import EntryRefusal

# They last for weeks; other limits of an account end with the day or with the next one.
_LASTING: Final = frozenset(
    codes.REFUSALS[code] for code in (codes.WINDOW_DRAWDOWN, codes.GLOBAL_DRAWDOWN, codes.ACCOUNT_DRAWDOWN)
)
TEXTS: Final = NamedTexts("entry_pause", {
    "pause": "No entries from {begin} to {end}: a limit of the whole account held ({limit}; refused: {count}).",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class EntryPause:
    """A time of a week or more in which one limit refused entries.

    Attributes
    ----------
    code : str
        Of the refusals.
    from_ms, until_ms : int
        Of the first and of the last one.
    refused : int
    """

    code: str
    from_ms: int
    until_ms: int
    refused: int


def find_pauses(refusals: Iterable[EntryRefusal]) -> list[EntryPause]:
    """Return the times in which limits of the whole account refused entries, from refusals in their order."""
    pauses: list[EntryPause] = []
    for refusal in refusals:
        if refusal.code not in _LASTING:
            continue
        last = pauses[-1] if pauses else None
        if last and last.code == refusal.code and refusal.ts - last.until_ms <= WEEK_MS:
            pauses[-1] = replace(last, until_ms=refusal.ts, refused=last.refused + 1)
        else:
            pauses.append(EntryPause(refusal.code, refusal.ts, refusal.ts, 1))
    return [pause for pause in pauses if pause.until_ms - pause.from_ms >= WEEK_MS]


def describe_pauses(refusals: Iterable[EntryRefusal], language: str) -> list[str]:
    """Return a sentence for each of these times."""
    words = report_texts(language)
    return [
        TEXTS[language]["pause"].format(
            begin=_day(pause.from_ms, language), end=_day(pause.until_ms, language), count=pause.refused,
            limit=words.say(f"refusal.{pause.code}"),
        )
        for pause in find_pauses(refusals)
    ]  # fmt: skip


def _day(ms: int, language: str) -> str:
    return format_day(datetime.fromtimestamp(ms / 1_000, UTC), language)
