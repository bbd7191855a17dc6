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
        """Store observations durably and return how many were new."""
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
        """
        ...

    def latest(self, series: Sequence[str], *, as_of: int | None = None) -> dict[str, Observation]:
        """Return the newest observation of each series that was known at `as_of`."""
        ...

    def list_series(self, prefix: str = "") -> list[str]:
        """Return the series that begin with a prefix, sorted."""
        ...

    def put_document(self, source: str, key: str, ts_known: int, body: dict[str, Any]) -> None:
        """Keep a table as a source gave it; earlier ones stay readable for `as_of`."""
        ...

    def document(
        self, source: str, key: str, *, as_of: int | None = None
    ) -> tuple[int, dict[str, Any]] | None:
        """Return the newest table of a key known at `as_of`, with its `ts_known`; it is shared, not to be changed."""
        ...
