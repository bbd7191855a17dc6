"""First sightings of emerging coins and pools, and the first reports of the press on them, at rest."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from vigie.domain.first_sighting import EmergingKind, FirstSighting, PressReport


class FirstSightingStore(Protocol):
    """Keeps what was seen first; nothing in it is ever changed or removed."""

    def put(self, sightings: Iterable[FirstSighting], reports: Iterable[PressReport] = ()) -> int:
        """Store all of it or nothing; return how many rows that makes.

        Of an id the first sighting stays. A report is stored where it is earlier than those that its newcomer has.
        """
        ...

    def get(self, ids: Sequence[str]) -> Mapping[str, FirstSighting]:
        """Return sightings by id; an id that was not seen is not there."""
        ...

    def since(self, kind: EmergingKind, ts_seen: int) -> Sequence[FirstSighting]:
        """Return what of a kind was first seen at a time or later, oldest first."""
        ...

    def namesakes(
        self, sightings: Sequence[FirstSighting], spans: Mapping[EmergingKind, int]
    ) -> Sequence[FirstSighting]:
        """Return these and the others that share a name or a ticker with one of them, oldest first.

        Of those of its own kind, and of the coins with a pool's ticker, the ones that were first seen at most the
        span of their kind before or after it: of a ticker there are more pools every day.
        """
        ...

    def first_reports(self, ids: Sequence[str], *, as_of: int | None = None) -> Mapping[str, PressReport]:
        """Return by newcomer the earliest report that was known at `as_of`; who has none is not there."""
        ...
