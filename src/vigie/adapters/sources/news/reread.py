"""Kept answers read once more, as this program reads them now: what is read otherwise is known from now on."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from vigie.adapters.net.stored_body import decode_body
from vigie.adapters.sources.news.feed import is_last_read, reread_document
from vigie.adapters.sources.news.listing import FeedEntry
from vigie.adapters.sources.news.newsletters import PARSE_ERRORS, parse_letter
from vigie.domain.errors import VigieError
from vigie.domain.item import Sighting, item_id
from vigie.ports.bookmarks import SourceBookmarks
from vigie.ports.clock import Clock
from vigie.ports.documents import MAIL_SUFFIX, Document, DocumentStore
from vigie.ports.item_queries import ItemQuery
from vigie.ports.items import ItemStore
from vigie.ports.registers import RegisterSnapshot, RegisterStore
from vigie.ports.source_fetches import SourceFetch

# Held in memory at once.
_PAGE_SIZE: Final = 100
# Of the newest answers of a register, for one that can be read.
_MAX_ANSWERS_BACK: Final = 10
_NOT_STORED_TEXT: Final = (
    "the answer that its rows were read from was not kept: an older one would bring back what is gone"
)
_LAST_MISSING_TEXT: Final = (
    "the last answer read was not kept or cannot be read: of older ones only what was never read is taken"
)


@dataclass(frozen=True, slots=True)
class RereadStores:
    """Where kept answers lie, and what was read from them."""

    documents: DocumentStore
    items: ItemStore
    registers: RegisterStore
    bookmarks: SourceBookmarks
    clock: Clock


@dataclass(frozen=True, slots=True)
class RereadResult:
    """What came of reading once more.

    Attributes
    ----------
    read : int
        Answers or letters that could be read.
    revisions : int
        Of items, new ones included.
    changes : int
        Rows of a register that came, became others, or went.
    left_out : tuple of str
        What could not be read, each with its reason.
    """

    read: int
    revisions: int = 0
    changes: int = 0
    left_out: tuple[str, ...] = ()


def reread_source(entry: FeedEntry, stores: RereadStores) -> RereadResult:
    """Read what was kept of a source; twice changes nothing more than once."""
    if entry.kind == "mailbox":
        return _reread_letters(entry, stores)
    return _reread_register(entry, stores) if entry.kind == "register" else _reread_feed(entry, stores)


def _reread_feed(entry: FeedEntry, stores: RereadStores) -> RereadResult:
    """Of older answers take only items that were never read: what an item says now is what the newest one says."""
    now = stores.clock.market_now()
    bookmark = stores.bookmarks.get(f"{entry.id}/feed")
    read_count = revisions = 0
    newest: tuple[SourceFetch, Document] | None = None
    # Whether the answer that was read last is among them so far, and whether it is the newest of them.
    is_reached = is_last = False
    left_out = []
    for document in _iterate_documents(stores.documents, f"{entry.id}/feed"):
        try:
            fetch = reread_document(entry, document, ts_known=now, bookmark=bookmark)
            is_last = is_last_read(document, bookmark)
        except VigieError as fault:
            left_out.append(_unreadable_text(document, fault))
            continue
        read_count += 1
        is_reached = is_reached or is_last
        revisions += _take_items(stores, newest[0], is_newest=False) if newest is not None else 0
        newest = fetch, document
    if newest is not None:
        # One that came after it and was never read may be read now; what was read before it says nothing of now.
        is_newest = is_last or (is_reached and not _was_read_before(stores, *newest))
        revisions += _take_items(stores, newest[0], is_newest=is_newest)
        left_out += [] if is_newest else [_LAST_MISSING_TEXT]
    return RereadResult(read_count, revisions, left_out=tuple(left_out))


def _was_read_before(stores: RereadStores, fetch: SourceFetch, document: Document) -> bool:
    names = [item_id(item.source, item.key) for item in fetch.sightings]
    histories = stores.items.histories(names, ("none",))
    return any(
        item.item.content.document == document.id for revisions in histories.values() for item in revisions
    )


def _take_items(stores: RereadStores, fetch: SourceFetch, *, is_newest: bool) -> int:
    sightings_by_id = {item_id(candidate.source, candidate.key): candidate for candidate in fetch.sightings}
    histories = stores.items.histories(list(sightings_by_id), ("none",))
    # What was withdrawn since stays so, also where the answer that withdrew it was not kept.
    rest = [
        candidate
        for name, candidate in sightings_by_id.items()
        if name not in histories or (is_newest and not histories[name][-1].item.is_withdrawn)
    ]
    return len(stores.items.take(replace(fetch, sightings=tuple(rest))))


def _reread_register(entry: FeedEntry, stores: RereadStores) -> RereadResult:
    """Read the answer that the rows come from, or a newer one that could not be read until now."""
    now, feed_key = stores.clock.market_now(), f"{entry.id}/feed"
    bookmark = stores.bookmarks.get(feed_key)
    last_seen_ts = next(
        (state.ts_seen for state in stores.registers.states() if state.register == entry.id), None
    )
    left_out = []
    for document in stores.documents.list(feed_key, limit=_MAX_ANSWERS_BACK, is_newest_first=True):
        is_last = False
        try:
            is_last = is_last_read(document, bookmark)
            if last_seen_ts is not None and document.ts_known < last_seen_ts and not is_last:
                left_out.append(_NOT_STORED_TEXT)
                break
            fetch = reread_document(entry, document, ts_known=now, rows=stores.registers.entries)
        except VigieError as fault:
            left_out.append(_unreadable_text(document, fault))
            if is_last:
                break
            continue
        is_new = last_seen_ts is not None and document.ts_known > last_seen_ts and not is_last
        revisions = len(stores.items.take(replace(fetch, register=None))) if is_new and fetch.sightings else 0
        return RereadResult(
            1, revisions, _take_register(stores, fetch, document, last_seen_ts), tuple(left_out)
        )
    return RereadResult(0, left_out=tuple(left_out))


def _take_register(
    stores: RereadStores, fetch: SourceFetch, document: Document, last_seen_ts: int | None
) -> int:
    """Take the rows as known from now on; changes of the reader are no news of whoever keeps the register."""
    if fetch.register is None:
        return 0
    # The first look that can be read has nothing to compare with: its rows are as old as the answer.
    ts_seen = document.ts_known if last_seen_ts is None else fetch.ts_seen
    snapshot = RegisterSnapshot(
        fetch.source, ts_seen, fetch.register.entries, document.id, reread_of=last_seen_ts or 0
    )
    return len(stores.registers.take(snapshot))


def _reread_letters(entry: FeedEntry, stores: RereadStores) -> RereadResult:
    """Read each letter under the key of the item that was read from it; copies of known letters are no others."""
    items = _LetterItems.load(entry.id, stores.items)
    now, kind = stores.clock.market_now(), f"{entry.id}{MAIL_SUFFIX}"
    others: list[str] = []
    bodies: set[bytes] = set()
    read_count = revisions = 0
    left_out: list[str] = []
    for document in _iterate_documents(stores.documents, kind):
        if document.id not in items.keys:
            others.append(document.id)
            continue
        letter = _read_letter(entry, document, left_out)
        if letter is None:
            continue
        read_count += 1
        body, letter_sighting = letter
        bodies.add(body)
        if document.id in items.newest:
            known_sighting = replace(letter_sighting, key=items.keys[document.id])
            revisions += len(stores.items.take(SourceFetch(entry.id, now, (known_sighting,))))
    for name in others:
        other = stores.documents.get(name)
        letter = _read_letter(entry, other, left_out) if other is not None else None
        if letter is None:
            continue
        read_count += 1
        body, letter_sighting = letter
        if body not in bodies and letter_sighting.key not in items.all_keys:
            bodies.add(body)
            items.all_keys.add(letter_sighting.key)
            revisions += len(stores.items.take(SourceFetch(entry.id, now, (letter_sighting,))))
    return RereadResult(read_count, revisions, left_out=tuple(left_out))


def _read_letter(entry: FeedEntry, document: Document, left_out: list[str]) -> tuple[bytes, Sighting] | None:
    """Return what tells the bytes of a letter from others, and what it says; None, and why told, where unreadable."""
    try:
        raw = decode_body(document)
        return hashlib.sha256(raw).digest(), parse_letter(entry, raw, document.id)
    except (VigieError, *PARSE_ERRORS) as fault:
        left_out.append(_unreadable_text(document, fault))
        return None


@dataclass(frozen=True, slots=True)
class _LetterItems:
    """Of a mailbox: the key of the item of each letter, the letters that items are read from now, and all keys."""

    keys: dict[str, str]
    newest: set[str]
    all_keys: set[str]

    @classmethod
    def load(cls, source: str, items: ItemStore) -> _LetterItems:
        keys: dict[str, str] = {}
        newest: set[str] = set()
        item_query = ItemQuery(sources=(source,), limit=_PAGE_SIZE, steps=("none",))
        while page := items.query(item_query):
            for revisions in items.histories([item.item.id for item in page], ("none",)).values():
                keys.update({item.item.content.document: item.item.content.key for item in revisions})
                newest.add(revisions[-1].item.content.document)
            item_query = replace(item_query, cursor=(page[-1].item.ts, page[-1].item.id))
        return cls(keys, newest, set(keys.values()))


def _iterate_documents(documents: DocumentStore, kind: str) -> Iterator[Document]:
    """Yield all documents of a kind, oldest first, a few in memory at once."""
    after_ms, seen_ids = 0, set[str]()
    while True:
        page = documents.list(kind, after_ms=after_ms, limit=_PAGE_SIZE + len(seen_ids))
        page = [document for document in page if document.id not in seen_ids]
        if not page:
            return
        yield from page
        last = page[-1].ts_known
        seen_ids = {document.id for document in page if document.ts_known == last} | (
            seen_ids if last == after_ms else set()
        )
        after_ms = last


def _unreadable_text(document: Document, fault: Exception) -> str:
    return f"the raw document {document.id} cannot be read: {fault}"
