"""Client ids: unique among open orders only, so that one may be used again once its order has ended."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final, Protocol, TypeVar

from vigie_sandbox.exchange.core.entities import ExchangeRefusal

_CLIENT_ID_PATTERN: Final = re.compile(r"[A-Za-z0-9_-]{1,36}")
# No client id may hold this sign: what follows it counts how often the id was used.
_REUSE_MARK: Final = "#"


class HasClientId(Protocol):
    """An order or a plan."""

    @property
    def client_id(self) -> str:
        """The client's own id."""
        ...


Record = TypeVar("Record", bound=HasClientId)


def strip_reuse_mark(client_id: str) -> str:
    """Return an id as the client gave it."""
    return client_id.partition(_REUSE_MARK)[0]


def find_newest(client_id: str, find: Callable[[str], Record | None]) -> Record | None:
    """Return the last record of an id."""
    newest_record, number = find(client_id), 2
    while (
        newest_record is not None and (next_record := find(f"{client_id}{_REUSE_MARK}{number}")) is not None
    ):
        newest_record, number = next_record, number + 1
    return newest_record


def make_next_id(
    client_id: str, find: Callable[[str], Record | None], is_open: Callable[[Record], bool]
) -> str:
    """Return the id under which the exchange remembers the next record of a client's id.

    Raises
    ------
    ExchangeRefusal
        If one that is open has it.
    """
    if client_id and not _CLIENT_ID_PATTERN.fullmatch(client_id):
        raise ExchangeRefusal("bad_id", "")
    newest_record = find_newest(client_id, find) if client_id else None
    if newest_record is None:
        return client_id
    if is_open(newest_record):
        raise ExchangeRefusal("duplicate_id", "")
    _, _, number = newest_record.client_id.partition(_REUSE_MARK)
    return f"{client_id}{_REUSE_MARK}{int(number or 1) + 1}"
