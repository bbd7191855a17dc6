"""Facts at rest, as they were known at any time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from vigie.domain.fact import Observation

if TYPE_CHECKING:
    from polars import DataFrame


class FactStore(Protocol):
    """Keeps observations and the newest tables of sources.

    A value that is already there is not written again; another value for the same time is a revision.
    """

    def append(self, observations: Iterable[Observation]) -> int:
        """Store observations durably and return how many were new.

        Parameters
        ----------
        observations : iterable of Observation
            In any order; times in epoch milliseconds.

        Returns
        -------
        int
            Values and revisions that were not stored yet.
        """
        ...

    def read(
        self,
        series: Sequence[str],
        *,
        start_ms: int | None = None,
        end_ms: int | None = None,
        as_of: int | None = None,
        with_revised: bool = False,
    ) -> DataFrame:
        """Return ``series, ts_event, ts_known, value`` ascending by event, the newest revision known at `as_of`.

        Times are epoch milliseconds (int64). With `with_revised`, the revisions before it as well.

        Parameters
        ----------
        series : sequence of str
            Exact names; unknown ones add no rows.
        start_ms, end_ms : int or None
            Bounds of `ts_event`, [start_ms, end_ms); None for no bound.
        as_of : int or None
            Latest `ts_known`, inclusive; None for everything known now.
        with_revised : bool
            Also earlier revisions; the last one of an event is the valid one.

        Returns
        -------
        DataFrame
            One row for each series and event, two series mixed by time; empty with the same columns where
            nothing is known.
        """
        ...

    def latest(self, series: Sequence[str], *, as_of: int | None = None) -> dict[str, Observation]:
        """Return the newest observation of each series that was known at `as_of`.

        Parameters
        ----------
        series : sequence of str
            Exact names.
        as_of : int or None
            Latest `ts_known`, inclusive, epoch milliseconds; None for now.

        Returns
        -------
        dict of str to Observation
            By series, newest by `ts_event`; unknown series are missing.
        """
        ...

    def version(self, series: Sequence[str]) -> object:
        """Return something that differs as soon as facts of one of the series are stored; cheap to ask for.

        Parameters
        ----------
        series : sequence of str
            Exact names; they may be unknown.

        Returns
        -------
        object
            Hashable; compare for equality only. It may differ without a change, never the other way round.
        """
        ...

    def list_series(self, prefix: str = "") -> list[str]:
        """Return the series that begin with a prefix, sorted.

        Parameters
        ----------
        prefix : str
            ``market/`` and the like; empty for all.

        Returns
        -------
        list of str
            Names with at least one observation.
        """
        ...

    def put_document(self, source: str, key: str, ts_known: int, body: dict[str, Any]) -> None:
        """Keep a table as a source gave it; earlier ones stay readable for `as_of`.

        Parameters
        ----------
        source : str
            Connector id, ``coingecko/markets``.
        key : str
            Name of the table within the source.
        ts_known : int
            Fetch time, epoch milliseconds.
        body : dict of str to object
            Plain JSON. Of earlier tables the first of each hour is kept.
        """
        ...

    def document(
        self, source: str, key: str, *, as_of: int | None = None
    ) -> tuple[int, dict[str, Any]] | None:
        """Return the newest table of a key known at `as_of`, with its `ts_known`; it is shared, not to be changed.

        Parameters
        ----------
        source : str
            Connector id, ``coingecko/markets``.
        key : str
            Name of the table within the source.
        as_of : int or None
            Latest `ts_known`, inclusive, epoch milliseconds; None for now.

        Returns
        -------
        tuple of (int, dict), or None
            Time in epoch milliseconds and body; None where no table was known by then.
        """
        ...
