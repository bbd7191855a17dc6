"""When a coin or pool of the emerging list was first seen here, and when the press first reported on it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

EmergingKind = Literal["coin", "pool"]


@dataclass(frozen=True, slots=True)
class FirstSighting:
    """The first time that a coin or pool of the emerging list was seen here; it is never changed.

    Attributes
    ----------
    id : str
        As on the list: the catalogue's id of a coin, the source's id of a pool.
    kind : EmergingKind
    name, symbol : str
        As it called itself then.
    token : str
        What tells two of the same ticker apart: the coin's id, the address of the pool's token.
    ts_seen : int
        Epoch milliseconds of the market.
    ts_created : int or None
        As the source states it.
    is_from_before : bool
        It was there when this home started to watch: when it would have been seen first, nobody knows.
    is_generated : bool
        Of the past of a simulated home: nobody saw it, a home that was running would have.
    """

    id: str
    kind: EmergingKind
    name: str
    symbol: str
    token: str
    ts_seen: int
    ts_created: int | None = None
    is_from_before: bool = False
    is_generated: bool = False


@dataclass(frozen=True, slots=True)
class PressReport:
    """An item of the press that names a coin or pool, earlier than every item known before.

    Attributes
    ----------
    newcomer : str
        Id of what it names.
    item : str
        Id of the item.
    source, outlet : str
        Id of the source, and what the outlet is called.
    url, title : str
        Of the item, in the revision that named it first.
    ts_reported : int
        When the outlet published it, as it states; epoch milliseconds of the market.
    ts_known : int
        When it was known here: nothing of before then may use it.
    is_day_only : bool
        The outlet states a day without a time; its beginning is taken.
    is_generated : bool
        Of the past of a simulated home.
    """

    newcomer: str
    item: str
    source: str
    outlet: str
    url: str
    title: str
    ts_reported: int
    ts_known: int
    is_day_only: bool = False
    is_generated: bool = False
