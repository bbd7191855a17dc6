"""An item as pages, programs and the command line show it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from vigie.domain.item import ItemFinding
from vigie.intelligence.news.step import Publisher
from vigie.ports.items import StoredRevision
from vigie.services.news.item_links import link_of
from vigie.services.news.item_reader import tags_of
from vigie.services.news.publishers import publisher_of
from vigie.services.operation import Column

COLUMNS: Final = [
    Column(name="id", title="Item"),
    Column(name="title", title="Title", definition="As published, without markup."),
    Column(name="url", title="Address", definition="Address of the article; empty if the source gives none."),
    Column(
        name="link",
        title="Link",
        definition="Link that opens it; in a demonstration, the path of its page here.",
    ),
    Column(name="source", title="Source", definition="Id of the source."),
    Column(name="publisher", title="Publisher"),
    Column(
        name="tier", title="Kind of source", definition="regulator, primary, media, aggregator or social."
    ),
    Column(name="language", title="Language"),
    Column(
        name="ts_published",
        title="Published",
        unit="ms",
        definition="As the source states it; empty if it does not.",
    ),
    Column(name="precision", title="Precision", definition="second, minute or day."),
    Column(
        name="ts_first_seen", title="First seen", unit="ms", definition="When this installation first saw it."
    ),
    Column(
        name="is_generated",
        title="Generated",
        definition="Belongs to the invented past of the demo: “first seen” is when it would have been seen.",
    ),
    Column(name="revision", title="Revision", unit="count", definition="1 if it never changed."),
    Column(name="is_withdrawn", title="Withdrawn", definition="The source no longer shows it."),
    Column(name="is_relevant", title="About crypto", definition="Empty if not checked yet."),
    Column(name="assets", title="Assets", definition="Catalogue ids."),
    Column(name="entities", title="Named", definition="Ids of the entities named."),
    Column(name="topics", title="Topics"),
    Column(name="sentiment", title="Sentiment", definition="positive, neutral, negative or unclear."),
    Column(
        name="status",
        title="Reliability",
        definition="confirmed, repeated, disputed, unconfirmed or flagged; the item's page says why.",
    ),
    Column(name="copy_of", title="Duplicate of", definition="Id of the original item."),
    Column(name="story", title="Story"),
    Column(
        name="warned",
        title="Warning",
        definition="Firms it names that are on a warning list; its page gives the proof.",
    ),
    Column(name="quote", title="Excerpt", definition="The beginning of the source's summary."),
]
# A short quote; the whole teaser stays in the evidence.
_QUOTE: Final = 220


def language_of(revision: StoredRevision, publisher: Publisher) -> str:
    """Return the language of an item: as it was read, as it says itself, or that of who publishes it."""
    language_read = finding_body(revision.findings, "language").get("language")
    return str(language_read or revision.item.said.language or publisher.language)


def row_of(
    revision: StoredRevision,
    publishers: Mapping[str, Publisher],
    *,
    is_simulated: bool = False,
    warned: str = "",
) -> dict[str, Any]:
    """Return an item as a row of a list; in a demonstration links lead to its own pages.

    Parameters
    ----------
    warned : str
        Firms that it names and that a register warns of.
    """
    item, findings = revision.item, revision.findings
    publisher = publisher_of(publishers, item.said.source)
    tags = tags_of(findings)
    return {
        "id": item.id,
        "title": item.said.title,
        "url": item.said.url,
        "link": link_of(item.said.url, is_simulated=is_simulated),
        "source": item.said.source,
        "publisher": publisher.title,
        "tier": publisher.tier,
        "language": language_of(revision, publisher),
        "ts_published": item.said.ts_published,
        "precision": item.said.precision,
        "ts_first_seen": item.ts_first_seen,
        "is_generated": item.is_generated,
        "revision": item.revision,
        "is_withdrawn": item.is_withdrawn,
        "is_relevant": finding_body(findings, "relevance").get("is_relevant"),
        "assets": ",".join(tags["asset"]),
        "entities": ",".join(dict.fromkeys(tags["entity"])),
        "topics": ",".join(tags["topic"]),
        "sentiment": str(finding_body(findings, "sentiment").get("label") or ""),
        "status": str(finding_body(findings, "reliability").get("status") or ""),
        "copy_of": str(finding_body(findings, "duplicate").get("of") or ""),
        "story": next(iter(tags["story"]), ""),
        "warned": warned,
        "quote": shorten_teaser(item.said.text),
    }


def shorten_teaser(text: str) -> str:
    """Return the beginning of a teaser, by whole words."""
    if len(text) <= _QUOTE:
        return text
    return text[:_QUOTE].rpartition(" ")[0].rstrip(" ,;:") + "…"


def finding_body(findings: Mapping[str, ItemFinding], step: str) -> Mapping[str, Any]:
    """Return what a step found, nothing where it did not run."""
    return findings[step].body if step in findings else {}
