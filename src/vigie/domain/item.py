"""News: what a source says at one fetch, the item that makes, and what each step of reading found in it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal, TypeAlias, get_args

Precision = Literal["second", "minute", "day", ""]
"""How exactly a source says when it published; nothing where it does not say."""

NewsLanguage = Literal["en", "fr"]
"""A language that news are read in: models of wording are fitted to it, and lists of words are made for it."""

SourceTier = Literal["regulator", "primary", "media", "aggregator", "social"]
FindingBody: TypeAlias = Mapping[str, Any]
"""What a step of reading found: plain JSON values; each step documents its own."""
NEWS_LANGUAGES: Final[tuple[NewsLanguage, ...]] = get_args(NewsLanguage)
TIERS: Final[tuple[SourceTier, ...]] = ("regulator", "primary", "media", "aggregator", "social")


@dataclass(frozen=True, slots=True)
class Sighting:
    """What a source says of one item, as one fetch of it read.

    Attributes
    ----------
    source : str
        Id of the source.
    key : str
        What makes it the same item at the next fetch: the source's own id of it, else its address.
    url : str
        As given, made absolute; http or https, or nothing.
    title, text : str
        Plain text, cleaned of markup; the text is the source's own teaser, never a whole article.
    language : str
        ``en``, ``fr``, as the source states it; empty where it does not.
    ts_published : int or None
        As stated, epoch milliseconds.
    document : str
        Id of the raw document it was read from.
    """

    source: str
    key: str
    url: str
    title: str
    text: str = ""
    author: str = ""
    language: str = ""
    ts_published: int | None = None
    precision: Precision = ""
    document: str = ""


@dataclass(frozen=True, slots=True)
class NewsItem:
    """One revision of something that a source published.

    Attributes
    ----------
    id : str
        The same for every revision, see `item_id`.
    revision : int
        From 1; another one wherever title, text, address or date became others, or it was withdrawn.
    content : Sighting
        What the source said of it in this revision.
    ts_seen : int
        When this revision was first seen, epoch milliseconds: from then on it was known.
    ts_first_seen : int
        When its first revision was.
    is_withdrawn : bool
        The source does not show it any more, where it would have to.
    is_generated : bool
        Of the past of a simulated home, which nobody saw: it was first seen when it would have been.
    """

    id: str
    revision: int
    content: Sighting
    ts_seen: int
    ts_first_seen: int
    is_withdrawn: bool = False
    is_generated: bool = False

    @property
    def ts(self) -> int:
        """When it happened for who reads it: as stated, where that is not after it was seen; else first seen."""
        stated = self.content.ts_published
        return self.ts_first_seen if stated is None or stated > self.ts_first_seen else stated


@dataclass(frozen=True, slots=True)
class ItemFinding:
    """What one step of reading found in one revision of an item.

    Attributes
    ----------
    step : str
        Its name.
    version : int
        Of the step: what an older one found is found anew.
    body : mapping
        Plain JSON values; each step documents its own.
    why : str
        In a few English words, for who asks why; pages translate by the step's codes in the body.
    """

    step: str
    version: int
    body: FindingBody = field(default_factory=dict)
    why: str = ""


def item_id(source: str, key: str) -> str:
    """Return the id of an item: 20 hex digits that only this key of this source has.

    Parameters
    ----------
    source : str
        Id of the source.
    key : str
        The source's own id of the item, else its address.

    Returns
    -------
    str
        The same for every revision.
    """
    return hashlib.sha256(f"{source}\n{key}".encode()).hexdigest()[:20]


def changed_parts(before: Sighting, after: Sighting) -> tuple[str, ...]:
    """Return what makes a revision of two sightings of one item: title, text, address, date.

    Parameters
    ----------
    before, after : Sighting
        Of the same source and key.

    Returns
    -------
    tuple of str
        Words among ``title``, ``text``, ``address``, ``date``, in this order; empty where nothing changed.
    """
    pairs = (
        ("title", before.title, after.title),
        ("text", before.text, after.text),
        ("address", before.url, after.url),
        ("date", before.ts_published, after.ts_published),
    )
    return tuple(word for word, old, new in pairs if old != new)
