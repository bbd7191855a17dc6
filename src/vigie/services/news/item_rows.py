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
from vigie.services.rows import Row, shown


class NewsItemRow(Row):
    """One item of news."""

    id: str = shown("Item")
    title: str = shown("Title", definition="As published, without markup.")
    url: str = shown("Address", definition="Address of the article; empty if the source gives none.")
    link: str = shown("Link", definition="Link that opens it; in a demonstration, the path of its page here.")
    source: str = shown("Source", definition="Id of the source.")
    publisher: str = shown("Publisher")
    tier: str = shown("Kind of source", definition="regulator, primary, media, aggregator or social.")
    language: str = shown("Language")
    ts_published: int | None = shown(
        "Published", unit="ms", definition="As the source states it; empty if it does not."
    )
    precision: str = shown("Precision", definition="second, minute or day.")
    ts_first_seen: int = shown("First seen", unit="ms", definition="When this installation first saw it.")
    is_generated: bool = shown(
        "Generated",
        definition="Belongs to the invented past of the demo: “first seen” is when it would have been seen.",
    )
    revision: int = shown("Revision", unit="count", definition="1 if it never changed.")
    is_withdrawn: bool = shown("Withdrawn", definition="The source no longer shows it.")
    is_relevant: bool | None = shown("About crypto", definition="Empty if not checked yet.")
    assets: str = shown("Assets", definition="Catalogue ids.")
    entities: str = shown("Named", definition="Ids of the entities named.")
    topics: str = shown("Topics")
    sentiment: str = shown("Sentiment", definition="positive, neutral, negative or unclear.")
    status: str = shown(
        "Reliability",
        definition="confirmed, repeated, disputed, unconfirmed or flagged; the item's page says why.",
    )
    copy_of: str = shown("Duplicate of", definition="Id of the original item.")
    story: str = shown("Story")
    warned: str = shown(
        "Warning", definition="Firms it names that are on a warning list; its page gives the proof."
    )
    quote: str = shown("Excerpt", definition="The beginning of the source's summary.")


# A short quote; the whole teaser stays in the evidence.
_QUOTE: Final = 220


def language_of(revision: StoredRevision, publisher: Publisher) -> str:
    """Return the language of an item: as it was read, as it says itself, or that of who publishes it."""
    language_read = finding_body(revision.findings, "language").get("language")
    return str(language_read or revision.item.content.language or publisher.language)


def row_of(
    revision: StoredRevision,
    publishers: Mapping[str, Publisher],
    *,
    is_simulated: bool = False,
    warned: str = "",
) -> NewsItemRow:
    """Return an item as a row of a list; in a demonstration links lead to its own pages.

    Parameters
    ----------
    warned : str
        Firms that it names and that a register warns of.
    """
    item, findings = revision.item, revision.findings
    publisher = publisher_of(publishers, item.content.source)
    tags = tags_of(findings)
    return NewsItemRow(
        id=item.id,
        title=item.content.title,
        url=item.content.url,
        link=link_of(item.content.url, is_simulated=is_simulated),
        source=item.content.source,
        publisher=publisher.title,
        tier=publisher.tier,
        language=language_of(revision, publisher),
        ts_published=item.content.ts_published,
        precision=item.content.precision,
        ts_first_seen=item.ts_first_seen,
        is_generated=item.is_generated,
        revision=item.revision,
        is_withdrawn=item.is_withdrawn,
        is_relevant=finding_body(findings, "relevance").get("is_relevant"),
        assets=",".join(tags["asset"]),
        entities=",".join(dict.fromkeys(tags["entity"])),
        topics=",".join(tags["topic"]),
        sentiment=str(finding_body(findings, "sentiment").get("label") or ""),
        status=str(finding_body(findings, "reliability").get("status") or ""),
        copy_of=str(finding_body(findings, "duplicate").get("of") or ""),
        story=next(iter(tags["story"]), ""),
        warned=warned,
        quote=shorten_teaser(item.content.text),
    )


def shorten_teaser(text: str) -> str:
    """Return the beginning of a teaser, by whole words."""
    if len(text) <= _QUOTE:
        return text
    return text[:_QUOTE].rpartition(" ")[0].rstrip(" ,;:") + "…"


def finding_body(findings: Mapping[str, ItemFinding], step: str) -> Mapping[str, Any]:
    """Return what a step found, nothing where it did not run."""
    return findings[step].body if step in findings else {}
