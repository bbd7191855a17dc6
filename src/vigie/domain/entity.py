"""Entities: what a house itself knows of names, beside the packaged lists."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

AmendmentKind = Literal["alias", "merge", "split", "reject"]
ENTITY_KINDS: Final = ("coin", "org", "person", "law", "country")
ENTITY_PATTERN: Final = r"^(coin|org|person|law|country):[a-z0-9][a-z0-9._-]{0,79}$"


@dataclass(frozen=True, slots=True)
class Amendment:
    """One thing that a person says of names; applied in their order, on top of the packaged lists.

    Attributes
    ----------
    id : str
        Empty before it is stored.
    kind : str
        ``alias``: `text` names `entity`. ``merge``: `entity` is no other than `into`. ``split``: `text` does not name
        `entity` but `into`. ``reject``: `text` is not proposed as a name; nobody is read otherwise for it.
    author : str
        Id of who said it.
    ts : int
        When, in real time.
    """

    id: str
    kind: AmendmentKind
    entity: str
    text: str = ""
    into: str = ""
    author: str = ""
    ts: int = 0
