"""Kept answers read once more, as this program reads them now: what is read otherwise is known from now on."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from vigie.adapters.net.keeping import kept_bytes
from vigie.adapters.sources.news.feed import is_last_read, read_again
from vigie.adapters.sources.news.letters import UNREADABLE, sighting
from vigie.adapters.sources.news.listing import FeedEntry
from vigie.domain.errors import VigieError
from vigie.domain.item import Sighting, item_id
from vigie.ports.bookmarks import SourceBookmarks
from vigie.ports.clock import Clock
from vigie.ports.documents import LETTER, Document, DocumentStore
from vigie.ports.items import ItemQuery, ItemStore, SourceFetch
from vigie.ports.registers import RegisterSnapshot, RegisterStore

# Held in memory at once.
_PAGE: Final = 100
# Of the newest answers of a register, for one that can be read.
_MOST_BACK: Final = 10
_NOT_KEPT: Final = (
    "the answer that its rows were read from was not kept: an older one would bring back what is gone"
)
_LAST_NOT_THERE: Final = (
    "the last answer read was not kept or cannot be read: of older ones only what was never read is taken"
)


@dataclass(frozen=True, slots=True)
class Shelf:
    """Where kept answers lie, and what was read from them."""

    documents: DocumentStore
    items: ItemStore
    registers: RegisterStore
    bookmarks: SourceBookmarks
    clock: Clock


@dataclass(frozen=True, slots=True)
class ReadAgain:
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


def read_kept(entry: FeedEntry, shelf: Shelf) -> ReadAgain:
    """Read what was kept of a source; twice changes nothing more than once."""
    if entry.kind == "mailbox":
        return _letters(entry, shelf)
    return _register(entry, shelf) if entry.kind == "register" else _feed(entry, shelf)


def _feed(entry: FeedEntry, shelf: Shelf) -> ReadAgain:
    """Of older answers take only items that were never read: what an item says now is what the newest one says."""
    now = shelf.clock.market_now()
    bookmark = shelf.bookmarks.get(f"{entry.id}/feed")
    read = made = 0
    newest: tuple[SourceFetch, Document] | None = None
    # Whether the answer that was read last is among them so far, and whether it is the newest of them.
    is_reached = is_last = False
    left_out = []
    for document in _paged(shelf.documents, f"{entry.id}/feed"):
        try:
            shown = read_again(entry, document, ts_known=now, bookmark=bookmark)
            is_last = is_last_read(document, bookmark)
        except VigieError as fault:
            left_out.append(_told(document, fault))
            continue
        read += 1
        is_reached = is_reached or is_last
        made += _take(shelf, newest[0], is_newest=False) if newest is not None else 0
        newest = shown, document
    if newest is not None:
        # One that came after it and was never read may be read now; what was read before it says nothing of now.
        is_newest = is_last or (is_reached and not _was_read(shelf, *newest))
        made += _take(shelf, newest[0], is_newest=is_newest)
        left_out += [] if is_newest else [_LAST_NOT_THERE]
    return ReadAgain(read, made, left_out=tuple(left_out))


def _was_read(shelf: Shelf, shown: SourceFetch, document: Document) -> bool:
    names = [item_id(one.source, one.key) for one in shown.sightings]
    known = shelf.items.histories(names, ("none",))
    return any(one.item.said.document == document.id for every in known.values() for one in every)


def _take(shelf: Shelf, shown: SourceFetch, *, is_newest: bool) -> int:
    named = {item_id(one.source, one.key): one for one in shown.sightings}
    known = shelf.items.histories(list(named), ("none",))
    # What was withdrawn since stays so, also where the answer that withdrew it was not kept.
    rest = [
        one
        for name, one in named.items()
        if name not in known or (is_newest and not known[name][-1].item.is_withdrawn)
    ]
    return len(shelf.items.take(replace(shown, sightings=tuple(rest))))


def _register(entry: FeedEntry, shelf: Shelf) -> ReadAgain:
    """Read the answer that the rows come from, or a newer one that could not be read until now."""
    now, place = shelf.clock.market_now(), f"{entry.id}/feed"
    bookmark = shelf.bookmarks.get(place)
    seen = next((one.ts_seen for one in shelf.registers.states() if one.register == entry.id), None)
    left_out = []
    for document in shelf.documents.list(place, limit=_MOST_BACK, is_newest_first=True):
        is_last = False
        try:
            is_last = is_last_read(document, bookmark)
            if seen is not None and document.ts_known < seen and not is_last:
                left_out.append(_NOT_KEPT)
                break
            shown = read_again(entry, document, ts_known=now, rows=shelf.registers.entries)
        except VigieError as fault:
            left_out.append(_told(document, fault))
            if is_last:
                break
            continue
        is_new = seen is not None and document.ts_known > seen and not is_last
        revisions = len(shelf.items.take(replace(shown, register=None))) if is_new and shown.sightings else 0
        return ReadAgain(1, revisions, _look(shelf, shown, document, seen), tuple(left_out))
    return ReadAgain(0, left_out=tuple(left_out))


def _look(shelf: Shelf, shown: SourceFetch, document: Document, seen: int | None) -> int:
    """Take the rows as known from now on; changes of the reader are no news of whoever keeps the register."""
    if shown.register is None:
        return 0
    # The first look that can be read has nothing to compare with: its rows are as old as the answer.
    ts_seen = document.ts_known if seen is None else shown.ts_seen
    look = RegisterSnapshot(shown.source, ts_seen, shown.register.entries, document.id, reread_of=seen or 0)
    return len(shelf.registers.take(look))


def _letters(entry: FeedEntry, shelf: Shelf) -> ReadAgain:
    """Read each letter under the key of the item that was read from it; copies of known letters are no others."""
    items = _Items.of(entry.id, shelf.items)
    now, kind = shelf.clock.market_now(), f"{entry.id}{LETTER}"
    others: list[str] = []
    bodies: set[bytes] = set()
    read = made = 0
    left_out: list[str] = []
    for document in _paged(shelf.documents, kind):
        if document.id not in items.keys:
            others.append(document.id)
            continue
        found = _letter(entry, document, left_out)
        if found is None:
            continue
        read += 1
        body, said = found
        bodies.add(body)
        if document.id in items.newest:
            one = replace(said, key=items.keys[document.id])
            made += len(shelf.items.take(SourceFetch(entry.id, now, (one,))))
    for name in others:
        other = shelf.documents.get(name)
        found = _letter(entry, other, left_out) if other is not None else None
        if found is None:
            continue
        read += 1
        body, said = found
        if body not in bodies and said.key not in items.held:
            bodies.add(body)
            items.held.add(said.key)
            made += len(shelf.items.take(SourceFetch(entry.id, now, (said,))))
    return ReadAgain(read, made, left_out=tuple(left_out))


def _letter(entry: FeedEntry, document: Document, left_out: list[str]) -> tuple[bytes, Sighting] | None:
    """Return what tells the bytes of a letter from others, and what it says; None, and why told, where unreadable."""
    try:
        raw = kept_bytes(document)
        return hashlib.sha256(raw).digest(), sighting(entry, raw, document.id)
    except (VigieError, *UNREADABLE) as fault:
        left_out.append(_told(document, fault))
        return None


@dataclass(frozen=True, slots=True)
class _Items:
    """Of a mailbox: the key of the item of each letter, the letters that items are read from now, and all keys."""

    keys: dict[str, str]
    newest: set[str]
    held: set[str]

    @classmethod
    def of(cls, source: str, items: ItemStore) -> _Items:
        keys: dict[str, str] = {}
        newest: set[str] = set()
        ask = ItemQuery(sources=(source,), limit=_PAGE, steps=("none",))
        while page := items.query(ask):
            for revisions in items.histories([one.item.id for one in page], ("none",)).values():
                keys.update({one.item.said.document: one.item.said.key for one in revisions})
                newest.add(revisions[-1].item.said.document)
            ask = replace(ask, cursor=(page[-1].item.ts, page[-1].item.id))
        return cls(keys, newest, set(keys.values()))


def _paged(documents: DocumentStore, kind: str) -> Iterator[Document]:
    """Yield all documents of a kind, oldest first, a few in memory at once."""
    after, seen = 0, set[str]()
    while True:
        page = documents.list(kind, after_ms=after, limit=_PAGE + len(seen))
        page = [one for one in page if one.id not in seen]
        if not page:
            return
        yield from page
        last = page[-1].ts_known
        seen = {one.id for one in page if one.ts_known == last} | (seen if last == after else set())
        after = last


def _told(document: Document, fault: Exception) -> str:
    return f"the raw document {document.id} cannot be read: {fault}"
