"""What is stored, and how complete it is."""

from __future__ import annotations

from dataclasses import dataclass

from vigie.domain.ids import SeriesId
from vigie.ports.store import BarStore, StoredSeries


@dataclass(frozen=True, slots=True)
class SeriesStatus:
    """One stored series.

    Attributes
    ----------
    first_ms, last_ms : int or None
        Open times of the oldest and the newest bar; None where no file can be read.
    bars, gaps, missing : int
        Bars, holes, and bars missing in them.
    age_ms : int or None
        Time since the newest bar closed.
    size_bytes, files : int
        On disk.
    unreadable : tuple of str
        A sentence for each file that cannot be read, with its path.
    """

    series: SeriesId
    first_ms: int | None
    last_ms: int | None
    bars: int
    gaps: int
    missing: int
    age_ms: int | None
    size_bytes: int
    files: int
    unreadable: tuple[str, ...] = ()


def series_status(
    store: BarStore, holding: StoredSeries, *, now_ms: int, is_deep: bool = False
) -> SeriesStatus:
    """Describe one stored series.

    Parameters
    ----------
    store : BarStore
        Where the bars are.
    holding : StoredSeries
        One of `store.holdings()`.
    now_ms : int
        The market's time.
    is_deep : bool
        Read every bar, rather than what each file says of itself.

    Returns
    -------
    SeriesStatus
    """
    series = holding.series
    result = store.summary(holding, is_deep=is_deep)
    summary = result.summary
    return SeriesStatus(
        series=series,
        first_ms=summary.first_ms if summary else None,
        last_ms=summary.last_ms if summary else None,
        bars=summary.bars if summary else 0,
        gaps=summary.gaps if summary else 0,
        missing=summary.missing if summary else 0,
        age_ms=max(0, now_ms - summary.last_ms - series.span_ms) if summary else None,
        size_bytes=holding.size_bytes,
        files=len(holding.files),
        unreadable=result.unreadable,
    )
