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
from vigie.intelligence.market.words import load_texts
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


def measure_lead(
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


def summarise_leads(leads: Iterable[Lead]) -> LeadSummary:
    """Return the median lead of a list and how sure it is; each token counts once, by its earliest newcomer."""
    unique_leads = _first_by_token(leads)
    counted = [lead for lead in unique_leads if lead.state not in ("before", "unclear")]
    is_reported = np.array([lead.hours is not None for lead in counted], dtype=bool)
    times = np.array(
        [lead.waited_hours if lead.hours is None else lead.hours for lead in counted], dtype=np.float64
    )
    reported = int(is_reported.sum())
    is_enough = len(counted) >= LEAST_COUNTED and reported >= LEAST_REPORTED
    estimate = median_time(times, is_reported, CONFIDENCE) if is_enough else None
    return LeadSummary(
        median_hours=_finite_or_none(estimate.median) if estimate else None,
        low_hours=_finite_or_none(estimate.low) if estimate else None,
        high_hours=_finite_or_none(estimate.high) if estimate else None,
        counted=len(counted),
        reported=reported,
        waiting=len(counted) - reported,
        press_first=sum(lead.state == "behind" for lead in counted),
        before=sum(lead.state == "before" for lead in unique_leads),
        unclear=sum(lead.state == "unclear" for lead in unique_leads),
        is_enough=is_enough,
    )


def lead_sentences(summary: LeadSummary, language: str) -> list[str]:
    """Return in plain sentences how far ahead of the press a list is, and what counts."""
    table = load_texts(language)

    def hours(value: float) -> str:
        return table("leads.hours", value=table.numbers.number(value, 1))

    sentences = []
    median, low, high = summary.median_hours, summary.low_hours, summary.high_hours
    if not summary.is_enough:
        sentences.append(
            table(
                "leads.few", counted=summary.counted, reported=summary.reported, least_counted=LEAST_COUNTED,
                least_reported=LEAST_REPORTED,
            )
        )  # fmt: skip
    elif median is None or low is None:
        sentences.append(table("leads.not_reached"))
        sentences += [] if low is None else [table("leads.at_least", low=hours(low))]
    elif high is None:
        sentences.append(table("leads.open", median=hours(median), low=hours(low)))
    else:
        sentences.append(table("leads.median", median=hours(median), low=hours(low), high=hours(high)))
    sentences.append(
        table(
            "leads.counts", counted=summary.counted, reported=summary.reported,
            press_first=summary.press_first, waiting=summary.waiting,
        )
    )  # fmt: skip
    if summary.before or summary.unclear:
        sentences.append(table("leads.left_out", before=summary.before, unclear=summary.unclear))
    return sentences


def _first_by_token(leads: Iterable[Lead]) -> Sequence[Lead]:
    by_token: dict[str, Lead] = {}
    # One that was there before all others makes its token one from before.
    for lead in sorted(leads, key=lambda lead: (lead.state != "before", lead.ts_seen)):
        by_token.setdefault(lead.token, lead)
    return list(by_token.values())


def _finite_or_none(hours: float) -> float | None:
    return hours if math.isfinite(hours) else None
