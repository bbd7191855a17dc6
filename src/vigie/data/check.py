"""A second look at stored bars: what cannot be a bar, and what is worth a look."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import polars as pl

from vigie.data.frames import to_raw_rows
from vigie.data.quality import BarFindings, check_rows, find_issues, list_gaps
from vigie.domain.ids import SeriesId
from vigie.ports.store import BarStore

_SHOWN: Final = 10


@dataclass(frozen=True, slots=True)
class BadBar:
    """A stored row that cannot be a bar."""

    ts_ms: int
    reason: str


@dataclass(frozen=True, slots=True)
class SeriesCheck:
    """One stored series under the same rules as an import.

    Attributes
    ----------
    reasons : dict
        How many rows cannot be bars, by reason.
    duplicates : int
        Identical repetitions.
    was_unsorted : bool
        Whether rows were not in the order of time.
    findings : BarFindings
        Gaps, jumps, empty bars: worth a look, not wrong.
    bad : tuple of BadBar
        The first few.
    gaps : tuple of (int, int)
        The longest few holes: first missing open time, open time of the next bar.
    problem : str
        Why the series could not be read; empty where it could.
    """

    series: SeriesId
    bars: int
    reasons: dict[str, int]
    duplicates: int
    was_unsorted: bool
    findings: BarFindings
    bad: tuple[BadBar, ...] = ()
    gaps: tuple[tuple[int, int], ...] = ()
    problem: str = ""

    @property
    def is_sound(self) -> bool:
        """Whether every stored row is a bar, once and in order."""
        return not (self.reasons or self.duplicates or self.was_unsorted or self.problem)


def check_series(store: BarStore, series: SeriesId, *, now_ms: int) -> SeriesCheck:
    """Judge stored bars again.

    Parameters
    ----------
    store : BarStore
        Where they are.
    series : SeriesId
        Which.
    now_ms : int
        The market's time: a last bar that closes later is unfinished.

    Returns
    -------
    SeriesCheck
    """
    stored = store.read(series)
    checked = check_rows(to_raw_rows(stored), span_ms=series.span_ms, now_ms=now_ms)
    holes = sorted(list_gaps(checked.good, series.span_ms), key=lambda hole: hole[0] - hole[1])
    shown = checked.bad.head(_SHOWN).select(pl.col("timestamp"), "reason")
    return SeriesCheck(
        series=series,
        bars=len(stored),
        reasons=checked.reasons,
        duplicates=checked.duplicates,
        was_unsorted=checked.was_unsorted,
        findings=find_issues(checked.good, series.span_ms),
        bad=tuple(BadBar(ts, reason) for ts, reason in shown.iter_rows()),
        gaps=tuple(holes[:_SHOWN]),
    )
