"""What is known of a source without reading what it publishes, and which sources of one's own share an owner.

Two feeds of one newsroom, or a mirror of it under another host, would look like two publishers who say so: where they
publish the same, one owner is taken to be behind them, until somebody says otherwise.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Final

from vigie.domain.accents import fold_text
from vigie.domain.errors import NotFound
from vigie.domain.item import NewsItem
from vigie.intelligence.news.reading.words import tokenize
from vigie.intelligence.news.step import Publisher
from vigie.ports.bookmarks import SourceBookmarks
from vigie.ports.connectors import ConnectorDirectory, NewsSourceInfo
from vigie.ports.item_queries import ItemQuery
from vigie.ports.items import ItemStore, StoredRevision

PLACE: Final = "news/one_owner"
APART: Final = "news/two_owners"
NEWEST: Final = 20
# Of fewer items nothing is said: two newsrooms may well begin with the same release.
LEAST: Final = 5

Pair = tuple[str, str]
# What a list says where nobody knows who is behind a source: that is nobody, not one owner of all of these.
_NOBODY: Final = "unknown"


@dataclass(slots=True)
class SharedOwnerFinder:
    """Looks for sources of one's own that publish the same, while what they publish is read."""

    _newest: dict[str, dict[str, frozenset[str]]] = field(default_factory=dict)

    def update(
        self,
        bookmarks: SourceBookmarks,
        items: ItemStore,
        directory: ConnectorDirectory,
        revisions_read: Iterable[StoredRevision],
    ) -> None:
        """Compare the sources of what was read with the others; write down which are one."""
        own = {note.id: note for note in directory.news() if note.is_own}
        fresh = [revision.item for revision in revisions_read if revision.item.content.source in own]
        if not fresh or len(own) < 2:
            return
        for name in sorted(own.keys() - self._newest.keys()):
            revisions = items.query(ItemQuery(sources=(name,), limit=NEWEST))
            self._newest[name] = {stored.item.id: _item_signs(stored.item) for stored in reversed(revisions)}
        for item in fresh:
            newest = self._newest[item.content.source]
            newest.pop(item.id, None)
            newest[item.id] = _item_signs(item)
            while len(newest) > NEWEST:
                del newest[next(iter(newest))]
        changed = {item.content.source for item in fresh}
        before = shared_pairs(bookmarks)
        pairs_found = {
            pair
            for pair in combinations(sorted(own), 2)
            if (self._has_one_owner(own, *pair) if changed & {*pair} else pair in before)
        }
        if pairs_found != set(before):
            bookmarks.put(PLACE, _pairs_text(pairs_found))

    def _has_one_owner(self, own: Mapping[str, NewsSourceInfo], source: str, other_source: str) -> bool:
        first, second = self._newest[source], self._newest[other_source]
        is_comparable = (
            min(len(first), len(second)) >= LEAST and own[source].domain != own[other_source].domain
        )
        return is_comparable and _has_most_in_common(first, second) and _has_most_in_common(second, first)


def shared_pairs(bookmarks: SourceBookmarks) -> list[Pair]:
    """Return sources of one's own that publish the same, two by two."""
    return _parse_pairs(bookmarks.get(PLACE))


def separated_pairs(bookmarks: SourceBookmarks) -> list[Pair]:
    """Return those of which somebody said that two owners are behind them."""
    return _parse_pairs(bookmarks.get(APART))


def set_separated(bookmarks: SourceBookmarks, pair: Pair, *, is_apart: bool) -> None:
    """Say that two sources are of two owners, or take that back."""
    separated = {*separated_pairs(bookmarks)} - {pair} | ({pair} if is_apart else set())
    bookmarks.put(APART, _pairs_text(separated))


def shared_owners(
    bookmarks: SourceBookmarks, notes: Sequence[NewsSourceInfo], owners: Mapping[str, str]
) -> dict[str, str]:
    """Return the owner of each source of one's own that publishes the same as another.

    Parameters
    ----------
    owners : mapping of str to str
        Who is behind each source for itself; one that the lists know comes before what a source says of itself.
    """
    own = {note.id: note for note in notes if note.is_own}
    if len(own) < 2:
        return {}
    separated = set(separated_pairs(bookmarks))
    owners_found: dict[str, str] = {}
    for source, other_source in shared_pairs(bookmarks):
        if (source, other_source) in separated or not {source, other_source} <= own.keys():
            continue
        owner_by_source = {name: owners_found.get(name, owners[name]) for name in (source, other_source)}
        listed_owners = [owner for name, owner in owner_by_source.items() if owner != own[name].owner]
        owner, merged_owners = (listed_owners or [owner_by_source[source]])[0], set(owner_by_source.values())
        owners_found |= {
            name: owner
            for name in own
            if owners_found.get(name, "") in merged_owners or name in owner_by_source
        }
    return owners_found


def _item_signs(item: NewsItem) -> frozenset[str]:
    """Return by what an item is told to be the same as another one: where it leads, and what it says."""
    content = item.content
    text = " ".join(tokenize(f"{content.title} {content.text}").folded)
    return frozenset(sign for sign in (content.url, text) if sign)


def _has_most_in_common(
    signs_of_one: Mapping[str, frozenset[str]], signs_of_other: Mapping[str, frozenset[str]]
) -> bool:
    other_signs = frozenset().union(*signs_of_other.values())
    return 2 * sum(bool(signs & other_signs) for signs in signs_of_one.values()) > len(signs_of_one)


def _pairs_text(pairs_to_store: Iterable[Pair]) -> str:
    return ";".join(" ".join(pair) for pair in sorted(pairs_to_store))


def _parse_pairs(text: str) -> list[Pair]:
    halves = (part.partition(" ") for part in text.split(";") if part)
    return [(source, other_source) for source, _, other_source in halves]


def load_publishers(bookmarks: SourceBookmarks, directory: ConnectorDirectory) -> Mapping[str, Publisher]:
    """Return every source of news of a home by id; one that somebody added is of whom the lists give its host to,
    or of whom another one with the same items is.
    """
    notes = directory.news()
    hosts = _owners(notes)
    owners = {note.id: _owner(note, hosts) for note in notes}
    owners |= shared_owners(bookmarks, notes, owners)
    return {
        note.id: Publisher(note.id, note.title, note.tier, owners[note.id], note.language, note.domain)
        for note in notes
    }


def publisher_of(publishers_by_id: Mapping[str, Publisher], source: str) -> Publisher:
    """Return a source; of one that is not listed any more, no more than that it speaks for nobody."""
    return publishers_by_id.get(source) or Publisher(source, source, "social")


def find_sources(directory: ConnectorDirectory, text: str) -> list[str]:
    """Return the ids of the sources with this id or title, or of this owner; initials are enough.

    Raises
    ------
    NotFound
        If there is none.
    """
    text, notes = text.strip(), directory.news()
    folded = fold_text(text)
    found = (
        [note.id for note in notes if note.id == text]
        or [note.id for note in notes if fold_text(note.title) == folded][:1]
        or [note.id for note in notes if note.owner != _NOBODY and fold_text(note.owner) == folded]
        or [note.id for note in notes if fold_text(note.id) == folded]
        or [
            note.id
            for note in notes
            if text.isupper() and text in (_initials(note.owner), _initials(note.title))
        ]
    )
    if not found:
        raise NotFound(
            "no_news_source", "there is no news source {source!r}; see the Sources page", source=text
        )
    return found


def _initials(name: str) -> str:
    """Return the first letters of the words of a name that begin large: VMA of Valmer Markets Authority."""
    letters = "".join(word[0] for word in name.split() if word[0].isupper())
    return letters if len(letters) > 1 else ""


def _owners(notes: Sequence[NewsSourceInfo]) -> dict[str, str]:
    """Return who is behind each host of the lists; a host of several, as of videos, is nobody's."""
    owners_by_host: dict[str, set[str]] = {}
    for note in notes:
        if note.domain and not note.is_own:
            owners_by_host.setdefault(note.domain, set()).add(note.owner)
    return {host: owners.pop() for host, owners in owners_by_host.items() if len(owners) == 1}


def _owner(note: NewsSourceInfo, owners: Mapping[str, str]) -> str:
    if note.is_own:
        pieces = note.domain.split(".")
        ends = (".".join(pieces[start:]) for start in range(len(pieces) - 1))
        return next((owners[end] for end in ends if end in owners), note.owner)
    return "" if note.owner == _NOBODY else note.owner
