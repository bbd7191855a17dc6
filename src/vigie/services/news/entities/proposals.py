"""Names that no list has, told by several publishers: proposed with the sentences that they stand in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from vigie.data.catalog import BarCatalog
from vigie.domain.accents import fold_text
from vigie.domain.time import DAY_MS
from vigie.intelligence.news.gazetteer.unlisted_names import sentence_with
from vigie.intelligence.news.reading.earlier_findings import copy_source
from vigie.intelligence.news.step import Publisher
from vigie.ports.bookmarks import SourceBookmarks
from vigie.ports.clock import Clock
from vigie.ports.connectors import ConnectorDirectory
from vigie.ports.items import ItemStore, StoredRevision
from vigie.ports.names import NameStore
from vigie.services.news.entities.naming import ids_by_name
from vigie.services.news.publishers import load_publishers, publisher_of

# Of the items tagged so, see `vigie.services.news.analysis.item_reader`.
TAG: Final = "unlisted"
LEAST: Final = 3
DAYS: Final = 30
MOST: Final = 50
_LOOKED_AT: Final = 300
_ITEMS: Final = 30
_SENTENCES: Final = 5
_LONGEST: Final = 400


@dataclass(frozen=True, slots=True)
class ProposalSources:
    """What new names are proposed from."""

    items: ItemStore
    bookmarks: SourceBookmarks
    directory: ConnectorDirectory
    names: NameStore
    catalog: BarCatalog
    clock: Clock


@dataclass(frozen=True, slots=True)
class NameQuote:
    """A sentence of an item that holds a name."""

    item: str
    sentence: str
    publisher: str
    language: str
    ts: int


@dataclass(frozen=True, slots=True)
class Proposal:
    """A name that no list has, and who told it.

    Attributes
    ----------
    publishers : int
        How many that have nothing to do with one another; copies of one article are one.
    quotes : sequence of NameQuote
        One of each, the newest first.
    """

    name: str
    publishers: int
    items: int
    ts_first: int
    ts_last: int
    quotes: Sequence[NameQuote]


def find_proposals(sources: ProposalSources, rejected: Sequence[str] = ()) -> list[Proposal]:
    """Return the names that at least three publishers told in thirty days, most publishers first.

    Parameters
    ----------
    rejected : sequence of str
        Names that are not proposed.
    """
    rejected_names = {fold_text(name) for name in rejected}
    ids_by_folded = ids_by_name(sources.catalog, sources.names)
    after = sources.clock.market_now() - DAYS * DAY_MS
    tallies = {
        item.value: item
        for item in sources.items.count_tags(TAG, after_ms=after, limit=_LOOKED_AT)
        if item.items >= LEAST
        and fold_text(item.value) not in rejected_names
        and fold_text(item.value.strip()) not in ids_by_folded
    }
    items = (
        sources.items.list_tagged(TAG, list(tallies), limit=_ITEMS, steps=("duplicate",)) if tallies else {}
    )
    publishers_by_id = load_publishers(sources.bookmarks, sources.directory)
    proposals_found = []
    for name, tally in tallies.items():
        quotes = _quotes(
            name, [item for item in items.get(name, ()) if item.item.ts >= after], publishers_by_id
        )
        if len(quotes) >= LEAST:
            proposals_found.append(
                Proposal(
                    name, len(quotes), tally.items, tally.ts_first, tally.ts_last, tuple(quotes[:_SENTENCES])
                )
            )
    return sorted(proposals_found, key=lambda item: (-item.publishers, -item.items, item.name))[:MOST]


def _quotes(
    name: str, items: Sequence[StoredRevision], publishers_by_id: Mapping[str, Publisher]
) -> list[NameQuote]:
    by_owner: dict[str, NameQuote] = {}
    for revision in items:
        content = revision.item.content
        publisher = publisher_of(publishers_by_id, content.source)
        owner = publisher.owner or publisher.id
        # One of each is quoted: what stands before costs less than to look for the sentence.
        if owner in by_owner or copy_source(revision.findings):
            continue
        sentence = sentence_with(content.title, name) or sentence_with(content.text, name)
        if sentence:
            language = content.language or publisher.language
            quote = NameQuote(
                revision.item.id, sentence[:_LONGEST], publisher.title, language, revision.item.ts
            )
            by_owner[owner] = quote
    return sorted(by_owner.values(), key=lambda quote: (-quote.ts, quote.item))
