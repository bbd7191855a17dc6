"""What is known of a source without reading what it publishes."""

from __future__ import annotations

from collections.abc import Mapping

from vigie.intelligence.news.step import Publisher
from vigie.services.house import House


def publishers(house: House) -> Mapping[str, Publisher]:
    """Return every source of news of a home by id."""
    return {
        note.id: Publisher(note.id, note.title, note.tier, note.owner, note.language, note.domain)
        for note in house.directory.news()
    }


def publisher_of(known: Mapping[str, Publisher], source: str) -> Publisher:
    """Return a source; of one that is not listed any more, no more than that it speaks for nobody."""
    return known.get(source) or Publisher(source, source, "social")
