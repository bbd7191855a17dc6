"""How a home does: what it needs to work, which parts live, what they alone know."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True)
class LastHeartbeat:
    """The last sign of life of a part.

    Attributes
    ----------
    part : str
        ``serve``, ``collect``, ``work``, ``trade-main``; an account as `part_name` writes it.
    age_s : float
        Since then.
    standing : mapping of str to int
        What only this part knows, as it was then.
    """

    part: str
    age_s: float
    standing: Mapping[str, int]


class Heartbeat(Protocol):
    """Where a part gives its signs of life; none of them fails, none takes long."""

    def report_ready(self) -> None:
        """Say that it works from now on."""
        ...

    def beat(self) -> None:
        """Say that it lives; called as often as one likes, from the loop that does the work."""
        ...

    def report_stopping(self) -> None:
        """Say that it ends because it was told to."""
        ...


@dataclass(frozen=True, slots=True)
class HomeHealth:
    """What can be asked of a home.

    Attributes
    ----------
    checks : callable
        Gives what the home needs, by name, with the trouble in words; the empty word where there is none.
    beats : callable
        Gives the last sign of life of each part.
    free_bytes : callable
        Gives the room on its disk.
    database_bytes : callable
        Gives the room that the database takes, raw documents in it left aside.
    """

    checks: Callable[[], Mapping[str, str]] = field(default=dict)
    beats: Callable[[], Sequence[LastHeartbeat]] = field(default=tuple)
    free_bytes: Callable[[], int] = field(default=int)
    database_bytes: Callable[[], int] = field(default=int)


def part_name(account: str) -> str:
    """Return the name of the part that trades an account; it names files, too.

    Parameters
    ----------
    account : str
        As in the run file, any characters.

    Returns
    -------
    str
        ``trade-`` and the account, with ``_`` for characters outside letters, digits, ``.``, ``_`` and ``-``.
    """
    return "trade-" + "".join(letter if letter.isalnum() or letter in "._-" else "_" for letter in account)
