"""Public lists of names: what one is asked for, and what it gives."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from vigie.domain.entity import ImportedName


@dataclass(frozen=True, slots=True)
class NameList:
    """What a public list gave.

    Attributes
    ----------
    licence : str
        Under which it may be used, as its publisher names it.
    names : sequence of ImportedName
        In the order of the list; entities are ids of this program, made from the list's own.
    left_out : sequence of str
        Rows that were left out, each by its place in the list and what of it cannot be kept.
    """

    source: str
    licence: str
    names: Sequence[ImportedName]
    left_out: Sequence[str] = ()


class NameSource(Protocol):
    """One public list."""

    async def fetch(self, *, limit: int, leis: Sequence[str] = ()) -> NameList:
        """Ask for so many entities at most; of a list of firms, those with these identifiers (LEI).

        Parameters
        ----------
        limit : int
            Most entities.
        leis : sequence of str
            Legal entity identifiers, 20 characters; lists that are not of firms ignore them.

        Returns
        -------
        NameList
            May hold fewer names; in `left_out` the unusable rows.

        Raises
        ------
        TransientError
            If the list does not answer, or in an unknown form.
        """
        ...
