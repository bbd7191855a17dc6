"""How far ahead of the press: the lead of each newcomer, and the median over a list with its interval.

A lead is when an outlet first reported less when it was first seen here, in hours; below zero the press was first.
Newcomers that no outlet has reported on yet count with the hours they have waited (right-censored); those that were
there when watching started, and those that no name told apart when they were first seen, do not count. Where a name
was shared later its newcomer counts as it was known at that moment: whether it counts never hangs on its report.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from vigie.domain.time import HOUR_MS
from vigie.intelligence.market.words import words
from vigie.quant.stats.survival import median_time

LeadState = Literal["ahead", "behind", "waiting", "before", "unclear"]
LEAD_STATES: Final[tuple[LeadState, ...]] = ("ahead", "behind", "waiting", "before", "unclear")
# Below these most intervals have no upper end: `python -m benchmarks.ahead coverage`.
LEAST_COUNTED: Final = 20
LEAST_REPORTED: Final = 10
CONFIDENCE: Final = 0.95


@dataclass(frozen=True, slots=True)
class Lead:
    """How far ahead of the press one newcomer was seen.

    Attributes
    ----------
    state : LeadState
        ``ahead``: seen here first, or at the same moment; ``behind``: the press was first; ``waiting``: no outlet has
        reported while it could be found; ``before``: it was there when watching started; ``unclear``: no name told it
        from others when it was first seen.
    hours : float or None
        The lead; None where there is none to state.
    waited_hours : float
        From when it was first seen here, as long as a report could be found.
    token : str
        Newcomers of the same one count once.
    ts_seen : int
        When it was first seen here.
    """

    state: LeadState
    hours: float | None
    waited_hours: float
    token: str
    ts_seen: int


@dataclass(frozen=True, slots=True)
class LeadSummary:
    """The lead over a list.

    Attributes
    ----------
    median_hours, low_hours, high_hours : float or None
        By Kaplan-Meier, with the ends of its interval of 95 %; None where there are too few, or where the list does
        not bound it: more than half of its coins wait for a report.
    counted, reported, waiting : int
        Coins that count; of these, those with a report and those without.
    press_first : int
        Of those with a report, those on which the press was first.
    before, unclear : int
        Coins that do not count.
    is_enough : bool
        Whether there are enough to state a median.
    """

    median_hours: float | None
    low_hours: float | None
    high_hours: float | None
    counted: int
    reported: int
    waiting: int
    press_first: int
    before: int
    unclear: int
    is_enough: bool


def lead_of(
    ts_seen: int,
    ts_reported: int | None,
    now: int,
    *,
    token: str,
    is_from_before: bool,
    unclear_from: int | None,
) -> Lead:
    """Return the lead of one newcomer, given when it was first seen here and first reported on.

    From `unclear_from` on no name tells it from others: a report could not be found any more, and counts no more.
    """
    until = now if unclear_from is None else min(now, unclear_from)
    waited = (until - ts_seen) / HOUR_MS
    if is_from_before:
        return Lead("before", None, waited, token, ts_seen)
    if unclear_from is not None and unclear_from <= ts_seen:
        return Lead("unclear", None, waited, token, ts_seen)
    if ts_reported is not None and (unclear_from is None or ts_reported < unclear_from):
        hours = (ts_reported - ts_seen) / HOUR_MS
        return Lead("ahead" if hours >= 0.0 else "behind", hours, waited, token, ts_seen)
    return Lead("waiting", None, waited, token, ts_seen)


def lead_summary(leads: Iterable[Lead]) -> LeadSummary:
    """Return the median lead of a list and how sure it is; each token counts once, by its earliest newcomer."""
    every = _one_each(leads)
    counted = [one for one in every if one.state not in ("before", "unclear")]
    seen = np.array([one.hours is not None for one in counted], dtype=bool)
    times = np.array(
        [one.waited_hours if one.hours is None else one.hours for one in counted], dtype=np.float64
    )
    reported = int(seen.sum())
    is_enough = len(counted) >= LEAST_COUNTED and reported >= LEAST_REPORTED
    found = median_time(times, seen, CONFIDENCE) if is_enough else None
    return LeadSummary(
        median_hours=_known(found.median) if found else None,
        low_hours=_known(found.low) if found else None,
        high_hours=_known(found.high) if found else None,
        counted=len(counted),
        reported=reported,
        waiting=len(counted) - reported,
        press_first=sum(one.state == "behind" for one in counted),
        before=sum(one.state == "before" for one in every),
        unclear=sum(one.state == "unclear" for one in every),
        is_enough=is_enough,
    )


def lead_sentences(summary: LeadSummary, language: str) -> list[str]:
    """Return in plain sentences how far ahead of the press a list is, and what counts."""
    table = words(language)

    def hours(value: float) -> str:
        return table("leads.hours", value=table.numbers.number(value, 1))

    found = []
    median, low, high = summary.median_hours, summary.low_hours, summary.high_hours
    if not summary.is_enough:
        found.append(
            table(
                "leads.few", counted=summary.counted, reported=summary.reported, least_counted=LEAST_COUNTED,
                least_reported=LEAST_REPORTED,
            )
        )  # fmt: skip
    elif median is None or low is None:
        found.append(table("leads.not_reached"))
        found += [] if low is None else [table("leads.at_least", low=hours(low))]
    elif high is None:
        found.append(table("leads.open", median=hours(median), low=hours(low)))
    else:
        found.append(table("leads.median", median=hours(median), low=hours(low), high=hours(high)))
    found.append(
        table(
            "leads.counts", counted=summary.counted, reported=summary.reported,
            press_first=summary.press_first, waiting=summary.waiting,
        )
    )  # fmt: skip
    if summary.before or summary.unclear:
        found.append(table("leads.left_out", before=summary.before, unclear=summary.unclear))
    return found


def _one_each(leads: Iterable[Lead]) -> Sequence[Lead]:
    found: dict[str, Lead] = {}
    # One that was there before all others makes its token one from before.
    for one in sorted(leads, key=lambda one: (one.state != "before", one.ts_seen)):
        found.setdefault(one.token, one)
    return list(found.values())


def _known(hours: float) -> float | None:
    return hours if math.isfinite(hours) else None
