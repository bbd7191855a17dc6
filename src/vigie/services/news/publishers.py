"""What is known of a source without reading what it publishes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from vigie.domain.accents import fold_text
from vigie.domain.errors import NotFound
from vigie.intelligence.news.step import Publisher
from vigie.ports.bookmarks import SourceBookmarks
from vigie.ports.connectors import ConnectorDirectory, NewsSourceInfo
from vigie.services.news.shared_owners import shared_owners

# What a list says where nobody knows who is behind a source: that is nobody, not one owner of all of these.
_NOBODY: Final = "unknown"


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


def find_source(directory: ConnectorDirectory, text: str) -> str:
    """Return the id of the source that somebody names by its id or its title.

    Raises
    ------
    NotFound
        If there is none.
    """
    text, notes = text.strip(), directory.news()
    ids = [note.id for note in notes if note.id == text] or [
        note.id for note in notes if fold_text(note.title) == fold_text(text)
    ]
    if not ids:
        raise NotFound(
            "no_news_source", "there is no news source {source!r}; see the Sources page", source=text
        )
    return ids[0]


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
