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
    """How many rows a register has, when it was last looked at and when it last became different."""

    register: str
    entries: int
    ts_seen: int
    ts_changed: int | None


class RegisterStore(Protocol):
    """Keeps registers as last seen; a look that shows nothing new changes its time only."""

    def take(self, snapshot: RegisterSnapshot) -> Sequence[RegisterChange]:
        """Put all rows in the place of the former ones, keep what became different, and return it."""
        ...

    def entries(self, register: str = "", *, country: str = "", lei: str = "") -> Sequence[RegisterEntry]:
        """Return rows by register and name; what is empty does not matter."""
        ...

    def changes(self, register: str = "", *, after_ms: int = 0, limit: int = 200) -> Sequence[RegisterChange]:
        """Return what became different, newest first."""
        ...

    def states(self) -> Sequence[RegisterState]:
        """Return how every register that was looked at is."""
        ...
