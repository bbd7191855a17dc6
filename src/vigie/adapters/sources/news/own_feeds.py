"""Sources of one's own: ``feeds/NAME.toml`` in the home folder, written by the form or by hand."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from pathlib import Path
from typing import Final
from urllib.parse import parse_qs, urlencode, urlsplit

from vigie.adapters.net.guard import check_url
from vigie.adapters.sources.manifest import manifests
from vigie.adapters.sources.news.cleaning import plain_text, resolve_public_url
from vigie.adapters.sources.news.listing import SHIPPED, SIMULATED, FeedEntry, check_entry, feeds
from vigie.adapters.sources.news.mailboxes import check_mailbox
from vigie.adapters.sources.news.tree import parse_html, select_nodes
from vigie.adapters.stores.files import write_atomically
from vigie.adapters.venues.manifest import manifests as venues
from vigie.domain.accents import strip_accents
from vigie.domain.errors import ConfigError, UsageError
from vigie.domain.refusal import change_words
from vigie.ports.own_feeds import OwnFeed, public_address

MAX_FEEDS: Final = 300
MIN_EVERY_S: Final = 30.0
REMOVED_FOLDER: Final = "removed"
_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,39}")
_CHANNEL: Final = re.compile(r"/channel/(UC[\w-]{22})")
_COMMUNITY: Final = re.compile(r"/r/(\w{2,40})")
# Of Mastodon: /@name; of Bluesky: /profile/handle.
_ACCOUNT: Final = re.compile(r"/(?:web/)?@([\w.]{1,60})/?")
_PROFILE: Final = re.compile(r"/profile/([\w.:-]{3,253})(?:/rss)?/?")
_KEYS: Final = ("title", "url", "kind", "publisher", "language", "every_s", "reads", "is_on")
_TERMS: Final = "Added by hand. The person who added it knows its terms of use."


@dataclass(frozen=True, slots=True)
class HomeFeeds:
    """Sources of one's own in a folder; fulfils `vigie.ports.own_feeds.OwnFeeds`."""

    folder: Path

    def list(self) -> Sequence[OwnFeed]:
        """Return all of them by id, also those whose file cannot be used."""
        if not self.folder.is_dir():
            return ()
        return tuple(_read_file(path) for path in sorted(self.folder.glob("*.toml"))[:MAX_FEEDS])

    def put(self, feed: OwnFeed) -> OwnFeed:
        """Keep one and return it as kept."""
        feeds_by_id = {other.id: other for other in self.list()}
        url = "" if feed.kind == "mailbox" else feed_url(feed.kind, feed.url)
        title = plain_text(feed.title, 80) or urlsplit(url).hostname or feed.reads.get("host") or feed.kind
        name = feed.id or _free_name(title, feeds_by_id)
        stored = replace(feed, id=name, title=title, url=url, fault="")
        if any(other.url == url and other.id != name for other in feeds_by_id.values() if url):
            raise UsageError("already_one_sources", "{url} is already one of your sources", url=url)
        mailbox = _mailbox_identity(stored)
        if any(
            mailbox and _mailbox_identity(other) == mailbox and other.id != name
            for other in feeds_by_id.values()
        ):
            raise UsageError(
                "mailbox_folder_already_one_sources", "this mailbox folder is already one of your sources"
            )
        if name not in feeds_by_id and len(feeds_by_id) >= MAX_FEEDS:
            raise UsageError(
                "most_own_sources",
                "you can have at most {max_feeds} own sources, had {feeds_by_id_count}",
                max_feeds=MAX_FEEDS,
                feeds_by_id_count=len(feeds_by_id),
            )
        _refuse_duplicate(stored, tuple(feeds_by_id.values()))
        entry_of(stored)
        self.folder.mkdir(parents=True, exist_ok=True)
        # Its address may hold a token.
        write_atomically(self.folder / f"{name}.toml", _to_toml(stored).encode(), is_private=True)
        return stored

    def remove(self, feed: str) -> None:
        """Remove one; what it published stays, and it can be restored until another one is removed."""
        path = self.folder / f"{feed}.toml"
        if not _NAME.fullmatch(feed) or not path.is_file():
            raise UsageError("no_own_source_of_yours", "you have no own source {feed!r}", feed=feed)
        removed_folder = self.folder / REMOVED_FOLDER
        removed_folder.mkdir(mode=0o700, exist_ok=True)
        # An address may hold a token: of what is removed no more is kept than can be taken back.
        for older in removed_folder.glob("*.toml"):
            older.unlink(missing_ok=True)
        path.replace(removed_folder / path.name)

    def restore(self, feed: str) -> OwnFeed:
        """Bring back the one that was removed last, with all that was written in its file."""
        removed_path, path = self.folder / REMOVED_FOLDER / f"{feed}.toml", self.folder / f"{feed}.toml"
        if not _NAME.fullmatch(feed) or not removed_path.is_file():
            raise UsageError(
                "source_not_last_one_removed",
                "the source {feed!r} was not the last one removed; add it again",
                feed=feed,
            )
        if path.exists():
            raise UsageError(
                "new_source_exists_now",
                "a new source {feed!r} exists now; the removed one stays removed",
                feed=feed,
            )
        removed_feed = _read_file(removed_path)
        if not removed_feed.fault:
            self.put(removed_feed)
        removed_path.replace(path)
        return removed_feed


def entry_of(feed: OwnFeed) -> FeedEntry:
    """Return a source of one's own as an entry of the lists.

    Raises
    ------
    UsageError
        If it cannot be asked as it is.
    """
    if not _NAME.fullmatch(feed.id):
        raise UsageError(
            "source_name_must_use", "a source's name must use only a-z, 0-9 and _, was {id!r}", id=feed.id
        )
    if feed.id in taken_names():
        raise UsageError("vigie_already_source", "Vigie already has a source {id}", id=feed.id)
    if feed.every_s < MIN_EVERY_S:
        raise UsageError(
            "source_read_most_every",
            "a source can be read at most every {min_every_s:.0f} s, was {every_s:g}",
            min_every_s=MIN_EVERY_S,
            every_s=feed.every_s,
        )
    if feed.kind == "mailbox" and not {"host", "user"} - feed.reads.keys():
        check_mailbox(feed.reads)
    host = (urlsplit(feed.url).hostname or "").removeprefix("www.")
    entry = FeedEntry(
        feed.id, feed.title, feed.url, feed.publisher, feed.title, host, feed.language, feed.every_s,
        docs=public_address(feed.url), terms=_TERMS, licence="", kind=feed.kind, reads=dict(feed.reads),
        has_page_dates=True, is_own=True,
    )  # fmt: skip
    try:
        checked_entry = check_entry(Path(f"{feed.id}.toml"), entry)
        for name in ("rows", "link", "title", "date") if feed.kind in ("page", "text") else ():
            if name in feed.reads:
                select_nodes(parse_html(""), feed.reads[name])
    except ConfigError as fault:
        raise UsageError(str(fault)) from fault
    return checked_entry


def feed_url(kind: str, url: str) -> str:
    """Return where a source is asked: the feed of a channel or a community, else the address itself.

    Raises
    ------
    UsageError
        If it leads anywhere but to the public internet.
    """
    url = check_url(url)
    parts = urlsplit(url)
    try:
        resolve_public_url(url, url)
    except ValueError as fault:
        raise UsageError(str(fault)) from fault
    if kind == "youtube":
        if match := _CHANNEL.search(parts.path):
            query = {"channel_id": match[1]}
        elif "list" in (parameters := parse_qs(parts.query)):
            query = {"playlist_id": parameters["list"][0]}
        elif parts.path.startswith("/feeds/"):
            return url
        else:
            raise UsageError(
                "channel_address_must_contain_number",
                "a channel's address must contain its number, such as https://www.youtube.com/channel/UC...",
            )
        return f"https://www.youtube.com/feeds/videos.xml?{urlencode(query)}"
    if kind == "reddit" and (match := _COMMUNITY.search(parts.path)):
        return f"https://www.reddit.com/r/{match[1]}/new/.rss"
    return _account_feed_url(kind, url) if kind in ("mastodon", "bluesky") else url


def _account_feed_url(kind: str, url: str) -> str:
    """Return the feed of an account's public posts."""
    parts = urlsplit(url)
    if kind == "mastodon":
        if match := _ACCOUNT.fullmatch(parts.path.removesuffix(".rss")):
            return f"https://{parts.netloc}/@{match[1]}.rss"
        raise UsageError(
            "account_address_must_own_server",
            "an account's address must be on its own server, such as https://mastodon.social/@name",
        )
    if parts.hostname == "bsky.app" and (match := _PROFILE.fullmatch(parts.path)):
        return f"https://bsky.app/profile/{match[1]}/rss"
    raise UsageError(
        "account_address_must_look_like",
        "an account's address must look like https://bsky.app/profile/name.bsky.social",
    )


def _refuse_duplicate(feed: OwnFeed, existing: Sequence[OwnFeed]) -> None:
    """Refuse what is asked already: twice the same articles would look like two who say so."""
    if not feed.url:
        return
    others = [(other.title, other.url) for other in existing if other.id != feed.id and other.url]
    others += [
        (other.title, other.url) for path in (SHIPPED, SIMULATED) for other in feeds(path) if other.url
    ]
    identity = _url_identity(feed.url)
    for title, url in others:
        # Without a title of its own a source bears its host's, as others there may.
        name = feed.title.casefold().removeprefix("www.")
        is_named_so = title.casefold() == name != identity[0] and _url_identity(url)[0] == identity[0]
        if _url_identity(url) == identity or is_named_so:
            raise UsageError(
                "already_source",
                "{title} is already a source: adding it again would count as two publishers",
                title=title,
            )


def _url_identity(url: str) -> tuple[str, str, str]:
    """Return what of an address says where it leads, however it is written."""
    parts = urlsplit(url)
    host = (parts.hostname or "").removeprefix("www.")
    return host, parts.path.rstrip("/") or "/", parts.query


@cache
def taken_names() -> frozenset[str]:
    """Return the names of this program's own sources and venues."""
    feed_ids = {known.id for path in (SHIPPED, SIMULATED) for known in feeds(path)}
    return frozenset(feed_ids | {known.id for known in manifests()} | {known.id for known in venues()})


def _read_file(path: Path) -> OwnFeed:
    try:
        return _parse_file(path, path.read_text("utf-8"))
    except (OSError, ValueError) as fault:
        return _unusable_feed(path, fault)


# Read for every page that names a source, and rarely changed.
@lru_cache(maxsize=MAX_FEEDS)
def _parse_file(path: Path, text: str) -> OwnFeed:
    name = path.stem
    try:
        data = tomllib.loads(text)
        if unknown := data.keys() - set(_KEYS):
            raise ConfigError("entries_unknown", "unknown: {unknown}", unknown=", ".join(sorted(unknown)))
        feed = OwnFeed(**{"title": name, "url": "", **data, "id": name})
        if feed.kind != "mailbox":
            feed = replace(feed, url=feed_url(feed.kind, feed.url))
        entry_of(feed)
    except (ConfigError, UsageError, ValueError, TypeError, AttributeError) as fault:
        return _unusable_feed(path, fault)
    return feed


def _unusable_feed(path: Path, fault: Exception) -> OwnFeed:
    name = path.stem[:60]
    return OwnFeed(
        name,
        name,
        "",
        is_on=False,
        fault=change_words(str(fault), lambda text: text.replace(f"{path.parent}/", "")),
    )


def _mailbox_identity(feed: OwnFeed) -> tuple[str, ...]:
    """Return whose letters of which folder these are; nothing for what is no mailbox."""
    reads = feed.reads
    if feed.kind != "mailbox":
        return ()
    return reads.get("host", "").casefold(), reads.get("user", ""), reads.get("folder", "INBOX")


def _free_name(title: str, feeds_by_id: dict[str, OwnFeed]) -> str:
    stem = re.sub(r"[^a-z0-9]+", "_", strip_accents(title).casefold()).strip("_")[:32]
    stem = stem if stem[:1].isalpha() else f"feed_{stem}".strip("_")
    names = (stem if number == 1 else f"{stem}_{number}" for number in range(1, MAX_FEEDS + 2))
    used_names = {*feeds_by_id, *taken_names()}
    return next(name for name in names if name not in used_names)


def _to_toml(feed: OwnFeed) -> str:
    lines = [f"{name} = {_toml_value(getattr(feed, name))}" for name in _KEYS if name != "reads"]
    lines += [
        "",
        "[reads]",
        *(f"{_toml_value(name)} = {_toml_value(text)}" for name, text in feed.reads.items()),
    ]
    return "\n".join([f"# A source of news of one's own: {feed.id}.", *lines, ""])


def _toml_value(value: str | float | bool) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return f"{value:g}"
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return (
        '"'
        + "".join(
            f"\\u{ord(letter):04x}" if ord(letter) < 32 or ord(letter) == 127 else letter
            for letter in escaped
        )
        + '"'
    )
