"""Public registers at rest: their rows as last seen, and every change since the first look."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from vigie.domain.register import RegisterChange, RegisterEntry


@dataclass(frozen=True, slots=True)
class RegisterSnapshot:
    """All rows of a register at one look.

    Attributes
    ----------
    ts_seen : int
        Epoch milliseconds.
    document : str
        Id of the raw one.
    reread_of : int or None
        When the look was that is read once more here, 0 where there was none yet. It is no look of its own: rows are
        compared whole, and nothing is taken where the register was looked at since, so that no row comes back that
        is gone.
    """

    register: str
    ts_seen: int
    entries: Sequence[RegisterEntry]
    document: str = ""
    reread_of: int | None = None


@dataclass(frozen=True, slots=True)
class RegisterState:
    """How many rows a register has, when it was last looked at and when it last became different.

    Attributes
    ----------
    register : str
        ``esma_casps``.
    entries : int
        Rows as last seen, each key once.
    ts_seen : int
        Last look, epoch milliseconds.
    ts_changed : int or None
        Last difference, epoch milliseconds; None where it never differed from the first look.
    """

    register: str
    entries: int
    ts_seen: int
    ts_changed: int | None


class RegisterStore(Protocol):
    """Keeps registers as last seen; a look that shows nothing new changes its time only."""

    def take(self, snapshot: RegisterSnapshot) -> Sequence[RegisterChange]:
        """Put all rows in the place of the former ones, keep what became different, and return it.

        Parameters
        ----------
        snapshot : RegisterSnapshot
            Whole register; missing rows are gone.

        Returns
        -------
        sequence of RegisterChange
            Added, changed and removed rows; empty at the first look, and where a reread came too late.
        """
        ...

    def entries(self, register: str = "", *, country: str = "", lei: str = "") -> Sequence[RegisterEntry]:
        """Return rows by register and name; what is empty does not matter.

        Parameters
        ----------
        register : str
            Exact id; empty for all.
        country : str
            ISO 3166 code of two letters; empty for all.
        lei : str
            Legal entity identifier; empty for all.

        Returns
        -------
        sequence of RegisterEntry
            Sorted by register, then name.
        """
        ...

    def changes(self, register: str = "", *, after_ms: int = 0, limit: int = 200) -> Sequence[RegisterChange]:
        """Return what became different, newest first.

        Parameters
        ----------
        register : str
            Exact id; empty for all.
        after_ms : int
            Time of the look, epoch milliseconds, inclusive.
        limit : int
            Most changes returned.

        Returns
        -------
        sequence of RegisterChange
            Descending by time.
        """
        ...

    def states(self) -> Sequence[RegisterState]:
        """Return how every register that was looked at is.

        Returns
        -------
        sequence of RegisterState
            Sorted by register.
        """
        ...
