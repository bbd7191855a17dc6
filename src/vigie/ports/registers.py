"""Public registers at rest: their rows as last seen, and every change since the first look."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from vigie.domain.register import RegisterChange, RegisterEntry


@dataclass(frozen=True, slots=True)
class RegisterLook:
    """All rows of a register at one look; `ts_seen` in epoch milliseconds, `document` the raw one's id."""

    register: str
    ts_seen: int
    entries: Sequence[RegisterEntry]
    document: str = ""


@dataclass(frozen=True, slots=True)
class RegisterState:
    """How many rows a register has, when it was last looked at and when it last became different."""

    register: str
    entries: int
    ts_seen: int
    ts_changed: int | None


class RegisterStore(Protocol):
    """Keeps registers as last seen; a look that shows nothing new changes its time only."""

    def take(self, look: RegisterLook) -> Sequence[RegisterChange]:
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
