"""Setups whose contributions reach a total, where a person asks for one: each weighed at the change that decided it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from vigie.intelligence.setups.contributions import Family
from vigie.ports.facts import FactStore
from vigie.ports.setups import SetupFilter, SetupStore, StoredChange
from vigie.ports.store import BarStore
from vigie.services.setups.contributing import contributions_of

# So many setups are weighed for one page; the next page goes on with the others.
MOST_WEIGHED: Final = 300
_PAGE: Final = 100


@dataclass(frozen=True, slots=True)
class WeighedSetups:
    """Finds setups by their total.

    Attributes
    ----------
    weights : mapping of str to float
        Of each family.
    """

    setups: SetupStore
    facts: FactStore
    bars: BarStore
    weights: Mapping[Family, float]

    def newest(
        self, wanted: SetupFilter, least: float, *, before: tuple[int, int] | None, limit: int
    ) -> tuple[list[StoredChange], tuple[int, int] | None]:
        """Return the newest change of each setup whose total is at least so much, and where the next page goes on.

        Parameters
        ----------
        before : (int, int) or None
            Close and number of the change at which the page before ended.
        limit : int
            Most returned; setups of which nothing counts are left out.

        Returns
        -------
        list of StoredChange, (int, int) or None
            The latest close first; None where all were weighed.
        """
        found: list[StoredChange] = []
        for _ in range(MOST_WEIGHED // _PAGE):
            page = self.setups.newest(wanted, before=before, limit=_PAGE)
            for change in page:
                before = change.ts_known, change.number
                if self._reaches(change, least):
                    found.append(change)
                if len(found) == limit:
                    return found, before
            if len(page) < _PAGE:
                return found, None
        return found, before

    def _reaches(self, change: StoredChange, least: float) -> bool:
        of_setup = self.setups.of(change.setup, [change.account])
        life = [one for one in of_setup if one.is_replayed == change.is_replayed]
        total = contributions_of(self.facts, self.bars, deciding_change(life), self.weights).total
        return total is not None and total >= least


def deciding_change(changes: Sequence[StoredChange]) -> StoredChange:
    """Return the change that says why a setup exists: its entry was decided there, or it formed there."""
    decided = [change for change in changes if change.state == "confirmed"]
    return decided[0] if decided else changes[0]
