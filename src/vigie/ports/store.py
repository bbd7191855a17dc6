"""Bars at rest: one history per series, ascending, unique, exactly as they were given."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from vigie.domain.ids import SeriesId

if TYPE_CHECKING:
    from polars import DataFrame

# Before the name of a column of a change: what the bar said before; null where there was none.
FORMER: Final = "former_"


@dataclass(frozen=True, slots=True, eq=False)
class UpsertResult:
    """What storing bars changed, or would change.

    Attributes
    ----------
    added, revised, same : int
        Bars that were new, had other values before, or were there already.
    replaced : DataFrame
        The former values of the revised bars.
    files : tuple of str
        Files that were (or would be) written.
    """

    added: int
    revised: int
    same: int
    replaced: DataFrame
    files: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RevertResult:
    """What taking back a change did, or would do.

    Attributes
    ----------
    removed, restored : int
        Bars that were new and went, and that say again what they said before.
    changed_since : int
        Bars that say something else by now, which stay.
    as_before : int
        Bars that were as before the change already.
    """

    removed: int
    restored: int
    changed_since: int
    as_before: int

    @staticmethod
    def total(counts: Collection[RevertResult]) -> RevertResult:
        """Return what several did together.

        Parameters
        ----------
        counts : collection of RevertResult
            Of the same undoing, one for each series or period.

        Returns
        -------
        RevertResult
            All zero where there is none.
        """
        return RevertResult(
            removed=sum(count.removed for count in counts),
            restored=sum(count.restored for count in counts),
            changed_since=sum(count.changed_since for count in counts),
            as_before=sum(count.as_before for count in counts),
        )


@dataclass(frozen=True, slots=True)
class StoredSeries:
    """What a store holds of one series without reading the bars: its files and their size.

    Attributes
    ----------
    series : SeriesId
        Venue, instrument and timeframe.
    files : tuple of str
        Paths, oldest first.
    size_bytes : int
        Sum over the files.
    """

    series: SeriesId
    files: tuple[str, ...]
    size_bytes: int


@dataclass(frozen=True, slots=True)
class BarSummary:
    """What there is of one series, or in one of its files.

    Attributes
    ----------
    first_ms, last_ms : int
        Open times of the oldest and the newest bar.
    bars, gaps, missing : int
        Bars, holes, and bars missing in them.
    """

    first_ms: int
    last_ms: int
    bars: int
    gaps: int
    missing: int

    def followed_by(self, later: BarSummary, span_ms: int) -> BarSummary:
        """Return the summary of both; `later` begins after this one ends.

        Parameters
        ----------
        later : BarSummary
            Of the same series.
        span_ms : int
            Length of a bar in milliseconds.

        Returns
        -------
        BarSummary
            Missing bars between the two count as one more gap.
        """
        between = (later.first_ms - self.last_ms) // span_ms - 1
        return BarSummary(
            self.first_ms,
            later.last_ms,
            self.bars + later.bars,
            self.gaps + later.gaps + (between > 0),
            self.missing + later.missing + between,
        )


@dataclass(frozen=True, slots=True)
class SeriesSummary:
    """A series in short.

    Attributes
    ----------
    summary : BarSummary or None
        Of what can be read; None where nothing can.
    unreadable : tuple of str
        A sentence for each file that cannot be read, with its path.
    """

    summary: BarSummary | None
    unreadable: tuple[str, ...] = ()


class BarStore(Protocol):
    """Keeps bars; frames have the columns of `domain.bar.BAR_COLUMNS`, times ``datetime[ms, UTC]``."""

    def holdings(self, venue: str = "", instrument: str = "") -> list[StoredSeries]:
        """Return every stored series, or those of an instrument, sorted by id.

        Parameters
        ----------
        venue : str
            Exact id; empty for all.
        instrument : str
            Exact id; empty for all.

        Returns
        -------
        list of StoredSeries
            Series without bars are left out; sorted by venue, instrument and length of the bar.
        """
        ...

    def series(self, venue: str = "", instrument: str = "") -> list[SeriesId]:
        """Return every series that has a place here, or those of an instrument; cheap, files are not looked at.

        Parameters
        ----------
        venue : str
            Exact id; empty for all.
        instrument : str
            Exact id; empty for all.

        Returns
        -------
        list of SeriesId
            May hold series without bars; sorted by venue, instrument and length of the bar.
        """
        ...

    def version(self, series: SeriesId) -> object:
        """Return something that differs as soon as the stored bars of a series do; cheap to ask for.

        Parameters
        ----------
        series : SeriesId
            May be unknown.

        Returns
        -------
        object
            Compare for equality only.
        """
        ...

    def summary(self, holding: StoredSeries, *, is_deep: bool = False) -> SeriesSummary:
        """Return a series in short, from what its files say of themselves; from every bar where `is_deep`.

        Parameters
        ----------
        holding : StoredSeries
            As `holdings` returned it.
        is_deep : bool
            Reads every bar: slow, and finds damage that the files do not say.

        Returns
        -------
        SeriesSummary
            Files that cannot be read are named, not raised.
        """
        ...

    def read(
        self,
        series: SeriesId,
        *,
        start_ms: int | None = None,
        end_ms: int | None = None,
        last: int | None = None,
    ) -> DataFrame:
        """Return bars that open in [start_ms, end_ms), or the `last` ones of them; empty where none are.

        Parameters
        ----------
        series : SeriesId
            May be unknown.
        start_ms, end_ms : int or None
            Open times in epoch milliseconds; None for no bound.
        last : int or None
            Most bars, from the end; only the files that hold them are read.

        Returns
        -------
        DataFrame
            Ascending in time, prices in quote, volume in base units; gaps stay gaps.
        """
        ...

    def upsert(
        self,
        series: SeriesId,
        frame: DataFrame,
        *,
        dry_run: bool = False,
        before: Callable[[DataFrame], None] | None = None,
    ) -> UpsertResult:
        """Store bars by open time: a known time takes the new values, nothing else is touched.

        `frame` is ascending and unique in time. Storing the same bars again writes nothing. A call that
        fails or is killed leaves each file as it was or as it should be, never in between.

        Where something changes, `before` is given the change before any file is touched: the bars that are new
        or say something else, and beside each, in columns whose names begin with `FORMER`, what it said.

        Parameters
        ----------
        series : SeriesId
            Created where it is unknown.
        frame : DataFrame
            Columns of `domain.bar.BAR_COLUMNS`, ascending and unique in time.
        dry_run : bool
            Counts without writing; `before` is not called.
        before : callable or None
            Called at most once; where it raises, nothing is written.

        Returns
        -------
        UpsertResult
            Counts over `frame`.
        """
        ...

    def seal(self, series: SeriesId, before_ms: int) -> bool:
        """Move appended bars to where other programs read them, if the oldest opened before a time.

        Tells whether it was so. What is read from here stays the same.

        Parameters
        ----------
        series : SeriesId
            May be unknown.
        before_ms : int
            Epoch milliseconds, exclusive.

        Returns
        -------
        bool
            False where nothing was due.
        """
        ...

    def revert(self, series: SeriesId, change: DataFrame, *, dry_run: bool = False) -> RevertResult:
        """Undo a change that `upsert` told of: bars that still say what it wrote go, or say what they said before.

        Taking back twice does nothing more. A series without a bar is no series any more. A call that is killed
        leaves each file as it was or as it should be.

        Parameters
        ----------
        series : SeriesId
            Removed where no bar remains.
        change : DataFrame
            As `upsert` gave it to `before`.
        dry_run : bool
            Counts without writing.

        Returns
        -------
        RevertResult
            Counts over `change`.
        """
        ...
