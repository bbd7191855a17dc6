"""Sources of news that a person added: one file each in the home folder, written by the form or by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol
from urllib.parse import urlsplit

from vigie.domain.errors import UsageError
from vigie.domain.item import SourceTier

HIDDEN: Final = "?***"


@dataclass(frozen=True, slots=True)
class OwnFeed:
    """One source of one's own.

    Attributes
    ----------
    id : str
        Name of its file.
    kind : str
        How it is read: ``feed``, ``page``, ``text``, ``json``, ``register``, ``youtube``, ``reddit``, ``mailbox``.
    publisher : SourceTier
        What its publisher is, as the person says.
    language : str
        Of what it publishes, where it does not say.
    every_s : float
        How often it is asked.
    reads : mapping
        Where things stand in what it answers, by kind.
    is_on : bool
        Whether it is asked.
    fault : str
        Why its file cannot be used, empty where it can.
    """

    id: str
    title: str
    url: str
    kind: str = "feed"
    publisher: SourceTier = "media"
    language: str = ""
    every_s: float = 300.0
    reads: Mapping[str, str] = field(default_factory=dict)
    is_on: bool = True
    fault: str = ""


def secret_name(source: str, reads: Mapping[str, str]) -> str:
    """Return the variable that holds the password of a mailbox: its own, or the one that it names."""
    return reads.get("secret") or f"VIGIE_MAIL_{source.upper()}_KEY"


def shown_address(url: str) -> str:
    """Return an address without its query and without whom it names: both may be a secret of who added it."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}" if parts.netloc else ""


def masked_address(url: str) -> str:
    """Return an address as it is told to who may read only, with a sign where something is left out."""
    shown = shown_address(url)
    return shown if shown == url else f"{shown}{HIDDEN}"


class OwnFeeds(Protocol):
    """Keeps sources of one's own; the collector looks for changes by itself."""

    def list(self) -> Sequence[OwnFeed]:
        """Return all of them by id, also those whose file cannot be used."""
        ...

    def put(self, feed: OwnFeed) -> OwnFeed:
        """Keep one and return it as kept: with its id, and its address as it is asked.

        Raises
        ------
        UsageError
            If it cannot be asked: an inner address, a name that is taken, rules that are missing.
        """
        ...

    def remove(self, feed: str) -> None:
        """Remove one; what it published stays.

        Raises
        ------
        UsageError
            If there is none of this id.
        """
        ...


class NoFeeds:
    """A home that keeps none."""

    def list(self) -> Sequence[OwnFeed]:
        """Return nothing."""
        return ()

    def put(self, feed: OwnFeed) -> OwnFeed:
        """Refuse."""
        raise UsageError("this home keeps no sources of one's own")

    def remove(self, feed: str) -> None:
        """Refuse."""
        raise UsageError(f"there is no source {feed!r} of one's own")
