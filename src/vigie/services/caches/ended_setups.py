"""Setups that ended, as far as they were read: who asks again reads only what was written since."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from vigie.intelligence.setups.record import EndedSetup

_MOST: Final = 16


@dataclass(frozen=True, slots=True)
class KnownEnds:
    """The ends of some accounts' setups.

    Attributes
    ----------
    number : int
        Of the newest change of all that was read.
    ended : dict
        By setup and account.
    """

    number: int
    ended: dict[tuple[str, str], EndedSetup]


@dataclass(slots=True)
class EndedSetupCache:
    """Ends by owner and accounts: names of deleted accounts may be taken again by somebody else."""

    _kept: dict[tuple[str, ...], KnownEnds] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def get(
        self, owner: str, accounts: Sequence[str], update: Callable[[KnownEnds | None], KnownEnds]
    ) -> KnownEnds:
        """Return the ends of some accounts' setups, brought up to date.

        Parameters
        ----------
        owner : str
            Whose accounts they are.
        accounts : sequence of str
            Names.
        update : callable
            Gives what is known now from what was known, which it leaves as it is.

        Returns
        -------
        KnownEnds
            Kept for the next who asks.
        """
        key = (owner, *accounts)
        with self._lock:
            known = self._kept.get(key)
        made = update(known)
        with self._lock:
            while len(self._kept) >= _MOST and key not in self._kept:
                self._kept.pop(next(iter(self._kept)))
            self._kept[key] = made
        return made
