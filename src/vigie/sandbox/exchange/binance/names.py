"""Client ids: unique among open orders only, so that one may be used again once its order has ended."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final, Protocol, TypeVar

from vigie.sandbox.exchange.core.words import Refused

_ALLOWED: Final = re.compile(r"[A-Za-z0-9_-]{1,36}")
# No client id may hold this sign: what follows it counts how often the id was used.
_AGAIN: Final = "#"


class Named(Protocol):
    """An order or a plan."""

    @property
    def client_id(self) -> str:
        """The client's own id."""
        ...


Record = TypeVar("Record", bound=Named)


def shown_id(client_id: str) -> str:
    """Return an id as the client gave it."""
    return client_id.partition(_AGAIN)[0]


def newest(wanted: str, find: Callable[[str], Record | None]) -> Record | None:
    """Return the last record of an id."""
    found, number = find(wanted), 2
    while found is not None and (later := find(f"{wanted}{_AGAIN}{number}")) is not None:
        found, number = later, number + 1
    return found


def fresh(wanted: str, find: Callable[[str], Record | None], is_open: Callable[[Record], bool]) -> str:
    """Return the id under which the exchange remembers the next record of a client's id.

    Raises
    ------
    Refused
        If one that is open has it.
    """
    if wanted and not _ALLOWED.fullmatch(wanted):
        raise Refused("bad_id", "")
    last = newest(wanted, find) if wanted else None
    if last is None:
        return wanted
    if is_open(last):
        raise Refused("duplicate_id", "")
    _, _, number = last.client_id.partition(_AGAIN)
    return f"{wanted}{_AGAIN}{int(number or 1) + 1}"
