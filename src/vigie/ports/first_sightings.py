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

        Parameters
        ----------
        sightings : iterable of FirstSighting
            Known ids are skipped.
        reports : iterable of PressReport
            Of any newcomer; of several on one, only the earliest in the end counts.

        Returns
        -------
        int
            Sightings and reports stored; 0 where all were known.
        """
        ...

    def get(self, ids: Sequence[str]) -> Mapping[str, FirstSighting]:
        """Return sightings by id; an id that was not seen is not there.

        Parameters
        ----------
        ids : sequence of str
            Of coins or pools, any number.

        Returns
        -------
        mapping of str to FirstSighting
            As first stored, whatever was seen later.
        """
        ...

    def since(self, kind: EmergingKind, ts_seen: int) -> Sequence[FirstSighting]:
        """Return what of a kind was first seen at a time or later, oldest first.

        Parameters
        ----------
        kind : EmergingKind
            Coins or pools.
        ts_seen : int
            Epoch milliseconds of the market, inclusive.

        Returns
        -------
        sequence of FirstSighting
            Empty where none was seen.
        """
        ...

    def namesakes(
        self, sightings: Sequence[FirstSighting], spans: Mapping[EmergingKind, int]
    ) -> Sequence[FirstSighting]:
        """Return these and the others that share a name or a ticker with one of them, oldest first.

        Of those of its own kind, and of the coins with a pool's ticker, the ones that were first seen at most the
        span of their kind before or after it: of a ticker there are more pools every day.

        Parameters
        ----------
        sightings : sequence of FirstSighting
            Newcomers to compare; returned as well.
        spans : mapping of EmergingKind to int
            Milliseconds either way of `ts_seen`, inclusive, by kind of the other; every kind has one.

        Returns
        -------
        sequence of FirstSighting
            Without duplicates. Pools match by ticker only, coins by ticker or name, exactly as written.
        """
        ...

    def first_reports(self, ids: Sequence[str], *, as_of: int | None = None) -> Mapping[str, PressReport]:
        """Return by newcomer the earliest report that was known at `as_of`; who has none is not there.

        Parameters
        ----------
        ids : sequence of str
            Of coins or pools, any number.
        as_of : int or None
            Latest `ts_known`, inclusive, epoch milliseconds; None for now.

        Returns
        -------
        mapping of str to PressReport
            Earliest by `ts_reported`.
        """
        ...
