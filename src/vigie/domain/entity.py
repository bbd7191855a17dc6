"""Entities: what a house itself knows of names, beside the packaged lists."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

AmendmentKind = Literal["alias", "merge", "split", "reject"]
ENTITY_KINDS: Final = ("coin", "org", "person", "law", "country")
ENTITY_PATTERN: Final = r"^(coin|org|person|law|country):[a-z0-9][a-z0-9._-]{0,79}$"


@dataclass(frozen=True, slots=True)
class ImportedName:
    """An entity as a public list has it.

    Attributes
    ----------
    entity : str
        Its id here, made from the list's own.
    name : str
        For people.
    names, tickers : tuple of str
        How it is written, without the marks of the packaged lists.
    """

    entity: str
    name: str
    names: tuple[str, ...]
    tickers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NameImport:
    """One import of a public list; the newest of a source is read.

    Attributes
    ----------
    id : str
        Empty before it is stored.
    licence : str
        Under which the list may be used.
    author, ts : str, int
        Who imported it, and when, in real time.
    """

    id: str
    source: str
    licence: str
    author: str
    ts: int
    names: tuple[ImportedName, ...]


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
