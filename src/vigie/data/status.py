"""What is stored, and how complete it is."""

from __future__ import annotations

from dataclasses import dataclass

from vigie.domain.ids import SeriesId
from vigie.ports.store import BarStore, Holding


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


def series_status(store: BarStore, holding: Holding, *, now_ms: int, is_deep: bool = False) -> SeriesStatus:
    """Describe one stored series.

    Parameters
    ----------
    store : BarStore
        Where the bars are.
    holding : Holding
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
    found = store.summary(holding, is_deep=is_deep)
    told = found.summary
    return SeriesStatus(
        series=series,
        first_ms=told.first_ms if told else None,
        last_ms=told.last_ms if told else None,
        bars=told.bars if told else 0,
        gaps=told.gaps if told else 0,
        missing=told.missing if told else 0,
        age_ms=max(0, now_ms - told.last_ms - series.span_ms) if told else None,
        size_bytes=holding.size_bytes,
        files=len(holding.files),
        unreadable=found.unreadable,
    )
