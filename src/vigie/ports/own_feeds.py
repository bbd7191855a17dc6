"""Sources of news that a person added: one file each in the home folder, written by the form or by hand."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import takewhile
from typing import Final, Literal, Protocol
from urllib.parse import urlsplit

from vigie.domain.errors import UsageError
from vigie.domain.item import SourceTier

HIDDEN: Final = "?***"
STARS: Final = "***"
# Between the words of a path; a word longer than this, or this long with digits in it, is none.
_SIGNS: Final = re.compile(r"[-_.~+%]")
_LONG_WORD: Final = 24
_MIXED: Final = 10
_LONG_MIXED: Final = 16


@dataclass(frozen=True, slots=True)
class OwnFeed:
    """One source of one's own.

    Attributes
    ----------
    id : str
        Name of its file.
    kind : str
        How it is read: ``feed``, ``page``, ``text``, ``json``, ``register``, ``youtube``, ``reddit``, ``mastodon``,
        ``bluesky``, ``mailbox``.
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


@dataclass(frozen=True, slots=True)
class FeedLink:
    """A feed that a page names.

    Attributes
    ----------
    title : str
        As the page names it; may be empty.
    url : str
        Absolute.
    """

    title: str
    url: str


@dataclass(frozen=True, slots=True)
class FeedTrial:
    """What stands at an address that somebody wants to add, asked once.

    Attributes
    ----------
    state : str
        ``feed``, ``page`` for one that people read, ``silent`` where nothing that can be read came, ``untried`` where
        nothing was asked.
    said : str
        Why it cannot be read.
    items : int
        How many a feed shows.
    links : tuple of FeedLink
        The feeds that a page names.
    """

    state: Literal["feed", "page", "silent", "untried"]
    said: str = ""
    items: int = 0
    links: tuple[FeedLink, ...] = ()


def trial_not_run(feed: OwnFeed) -> FeedTrial:
    """Ask nobody.

    Parameters
    ----------
    feed : OwnFeed
        Ignored.

    Returns
    -------
    FeedTrial
        State ``untried``.
    """
    return FeedTrial("untried")


def secret_name(source: str, reads: Mapping[str, str]) -> str:
    """Return the variable that holds the password of a mailbox: its own, or the one that it names.

    Parameters
    ----------
    source : str
        Id of the source.
    reads : mapping of str to str
        `OwnFeed.reads`; ``secret`` names the variable.

    Returns
    -------
    str
        ``VIGIE_MAIL_<SOURCE>_KEY`` by default.
    """
    return reads.get("secret") or f"VIGIE_MAIL_{source.upper()}_KEY"


def public_address(url: str) -> str:
    """Return an address without its query and whom it names, up to what looks like a token in its path.

    All of these may be a secret of who added it.

    Parameters
    ----------
    url : str
        With any query and user name.

    Returns
    -------
    str
        Scheme, host and the first parts of the path; empty where it is no address.
    """
    host, path = _split(url)
    open_path = takewhile(lambda part: not may_be_secret(part), path)
    return host + "/".join(open_path) if host else ""


def masked_address(url: str) -> str:
    """Return an address as it is told to who may read only: host and last part, a sign where something is left out.

    Parameters
    ----------
    url : str
        With any query and user name.

    Returns
    -------
    str
        ``https://host/***/last?***``; `HIDDEN` alone where it is no address.
    """
    host, path = _split(url)
    if not host:
        return HIDDEN
    between = [STARS] if len(path) > 2 else []
    last = [STARS if may_be_secret(part) else part for part in path[1:][-1:]]
    return host + "/".join([*path[:1], *between, *last]) + (HIDDEN if _is_cut(url) else "")


def may_be_secret(part: str) -> bool:
    """Tell whether a part of a path looks like a token: letters and digits mixed at length, as no word is.

    Parameters
    ----------
    part : str
        Between two slashes of a path.

    Returns
    -------
    bool
        True for any word of 24 characters or more, and from 10 where letters and digits mix; ordinary long
        words are hit, too.
    """
    if any(
        len(word) >= _LONG_WORD or (len(word) >= _MIXED and _is_mixed(word)) for word in _SIGNS.split(part)
    ):
        return True
    bare = _SIGNS.sub("", part)
    return len(bare) >= _LONG_MIXED and _is_mixed(bare) and bare not in (bare.lower(), bare.upper())


def _is_mixed(text: str) -> bool:
    return any(map(str.isdigit, text)) and any(map(str.isalpha, text))


def _is_cut(url: str) -> bool:
    parts = urlsplit(url)
    return bool(parts.query or parts.fragment or "@" in parts.netloc)


def _split(url: str) -> tuple[str, list[str]]:
    # Scheme and host, and the parts of the path, of which the first is empty; nothing of what is no address.
    try:
        parts = urlsplit(url)
    except ValueError:
        return "", []
    host = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}" if parts.netloc else ""
    return host, parts.path.split("/")


class OwnFeeds(Protocol):
    """Keeps sources of one's own; the collector looks for changes by itself."""

    def list(self) -> Sequence[OwnFeed]:
        """Return all of them by id, also those whose file cannot be used.

        Returns
        -------
        sequence of OwnFeed
            Those with a `fault` cannot be used and are not read.
        """
        ...

    def put(self, feed: OwnFeed) -> OwnFeed:
        """Keep one and return it as kept: with its id, and its address as it is asked.

        Parameters
        ----------
        feed : OwnFeed
            Without an id it is added and named by its title; with one it replaces the source of that id.

        Returns
        -------
        OwnFeed
            Without `fault`; a running collector notices it by itself.

        Raises
        ------
        UsageError
            If it cannot be asked: an inner address, a name that is taken, rules that are missing.
        """
        ...

    def remove(self, feed: str) -> None:
        """Remove one; what it published stays, and it can be restored until another one is removed.

        Parameters
        ----------
        feed : str
            `OwnFeed.id`.

        Raises
        ------
        UsageError
            If there is none of this id.
        """
        ...

    def restore(self, feed: str) -> OwnFeed:
        """Bring back the one that was removed last, as it was, and return it.

        Parameters
        ----------
        feed : str
            `OwnFeed.id`.

        Returns
        -------
        OwnFeed
            With everything that its file said, also where it has a `fault`.

        Raises
        ------
        UsageError
            If it is another one, or it cannot be asked any more as it was.
        """
        ...


class NoFeeds:
    """A home that keeps none."""

    def list(self) -> Sequence[OwnFeed]:
        """Return nothing.

        Returns
        -------
        sequence of OwnFeed
            Always empty.
        """
        return ()

    def put(self, feed: OwnFeed) -> OwnFeed:
        """Refuse.

        Parameters
        ----------
        feed : OwnFeed
            Ignored.

        Returns
        -------
        OwnFeed
            Nothing: it always raises.

        Raises
        ------
        UsageError
            Always.
        """
        raise UsageError("installation_no_sources_own", "this installation has no sources of your own")

    def remove(self, feed: str) -> None:
        """Refuse.

        Parameters
        ----------
        feed : str
            Named in the message.

        Raises
        ------
        UsageError
            Always.
        """
        raise UsageError("no_own_source", "there is no own source {feed!r}", feed=feed)

    def restore(self, feed: str) -> OwnFeed:
        """Refuse.

        Parameters
        ----------
        feed : str
            Named in the message.

        Returns
        -------
        OwnFeed
            Nothing: it always raises.

        Raises
        ------
        UsageError
            Always.
        """
        raise UsageError("no_own_source", "there is no own source {feed!r}", feed=feed)
