"""The record of setups as it was computed last: a page asks for it often, and it changes when a setup does."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from vigie.intelligence.setups.record import EndedSetup, RecordCell

_MOST: Final = 16


@dataclass(frozen=True, slots=True)
class SetupRecord:
    """What the setups of some accounts made.

    Attributes
    ----------
    ended : sequence of EndedSetup
        All that ended.
    cells : sequence of RecordCell
        Their results.
    sealed, unsealed : int
        Changes with and without a seal.
    late : int
        Ended setups that were first sealed when their end was known already.
    formerly, timeless : int
        Sealed changes that tell their account's capital, and those without the time of a simulated market.
    """

    ended: Sequence[EndedSetup]
    cells: Sequence[RecordCell]
    sealed: int
    unsealed: int
    late: int
    formerly: int = 0
    timeless: int = 0


@dataclass(slots=True)
class SetupRecordCache:
    """Records by owner and accounts, each as of some counts: names of deleted accounts may be taken again."""

    _kept: dict[tuple[str, ...], tuple[tuple[int, int], SetupRecord]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def get(
        self, owner: str, accounts: Sequence[str], counts: tuple[int, int], make: Callable[[], SetupRecord]
    ) -> SetupRecord:
        """Return the record of some accounts as of the newest change and candidate, made where it is not known.

        Parameters
        ----------
        owner : str
            Whose accounts they are.
        accounts : sequence of str
            Names.
        counts : (int, int)
            Number of the newest change of all, and how many candidates for alerts the accounts have.
        make : callable
            Makes it.

        Returns
        -------
        SetupRecord
            Of those counts.
        """
        key = (owner, *accounts)
        with self._lock:
            kept = self._kept.get(key)
            if kept is not None and kept[0] == counts:
                return kept[1]
        made = make()
        with self._lock:
            while len(self._kept) >= _MOST:
                self._kept.pop(next(iter(self._kept)))
            self._kept[key] = (counts, made)
        return made
