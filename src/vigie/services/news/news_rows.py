"""Items and stories of news as pages, programs and the command line show them, and where a click on an item leads.

That is its publisher's page, or this home's own page of it where the publisher is invented: hosts of the simulated
newsroom end in a domain that nobody can register, so that their addresses open in no browser.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

from vigie.domain.item import ItemFinding
from vigie.intelligence.news.step import Publisher
from vigie.ports.bookmarks import SourceBookmarks
from vigie.ports.clock import Clock
from vigie.ports.connectors import ConnectorDirectory
from vigie.ports.home import IsSimulated
from vigie.ports.items import ItemStore, StoredRevision
from vigie.services.news.analysis.item_reader import tags_of
from vigie.services.news.entities.warnings import WarningSources
from vigie.services.news.publishers import publisher_of
from vigie.services.rows import Row, shown

_INVENTED: Final = re.compile(r"https://[a-z0-9.-]+\.example(?:/[^\s?#]*)?")


@dataclass(frozen=True, slots=True)
class NewsReading:
    """What tables and pages of news read."""

    items: ItemStore
    bookmarks: SourceBookmarks
    directory: ConnectorDirectory
    clock: Clock
    is_simulated: IsSimulated
    warning_sources: WarningSources


def link_of(url: str, *, is_simulated: bool) -> str:
    """Return an address, or the path of this home's page of an article that stands nowhere else.

    Parameters
    ----------
    url : str
        As the source gives it.
    is_simulated : bool
        Whether this home is a demonstration; elsewhere nobody is invented.
    """
    is_invented = is_simulated and _INVENTED.fullmatch(url)
    return f"/demo/article?{urlencode({'url': url})}" if is_invented else url


def safe_link(url: str, address: str, *, is_simulated: bool) -> str:
    """Return an address that a click in a message or a file may open; empty where it may not.

    Parameters
    ----------
    url : str
        Of an article, or a path of this home.
    address : str
        Where people reach this home; empty where that is unknown, and nothing leads to its pages.
    is_simulated : bool
        Whether this home is a demonstration.
    """
    link = link_of(url, is_simulated=is_simulated)
    is_own_page = link.startswith("/") and not link.startswith("//")
    return _safe_or_empty(f"{address}{link}" if is_own_page else link)


def _safe_or_empty(url: str) -> str:
    return url if urlsplit(url).scheme in ("http", "https") and not set(url) & set("\r\n\"'<> ") else ""


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
    denies: str = shown("Denies", definition="Id of an earlier item that it denies or corrects.")
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
        denies=denied_item(findings),
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


def denied_item(findings: Mapping[str, ItemFinding]) -> str:
    """Return the id of the earlier item that one denies or corrects, empty where it does neither."""
    signs = finding_body(findings, "reliability").get("signs", ())
    return next((str(sign["item"]) for sign in signs if sign["code"] == "denies"), "")


class StorySpreadRow(Row):
    """One item of a story."""

    ts: int = shown("Time", unit="ms", definition="When published or, if unknown, first seen.")
    minutes: float = shown("Minutes later", unit="count", definition="Minutes after the first item.")
    publisher: str = shown("Publisher")
    tier: str = shown("Kind of source")
    language: str = shown("Language")
    publishers: int = shown(
        "Publishers",
        unit="count",
        definition="Publishers that had reported it in their own words by then. Those of one owner count once; "
        "forums and copies do not count.",
    )
    items: int = shown("News items", unit="count", definition="Total for the story at that time.")
    title: str = shown("Title")
    url: str = shown("Address")
    id: str = shown("Item")
    is_generated: bool = shown("Generated")
    became: str = shown(
        "Later status",
        definition="confirmed, disputed, corrected, withdrawn or flagged by later news; empty if unchanged.",
    )
    became_by: str = shown("Changed by")


class StoryPriceRow(Row):
    """The price of one asset around a story."""

    asset: str = shown("Asset")
    price: float | None = shown(
        "Price at publication", unit="usd", definition="When the first item was published.", source="venue"
    )
    before_1d: float | None = shown(
        "24 h before", unit="change", definition="Change from then until the first item.", source="venue"
    )
    before_1h: float | None = shown(
        "1 h before", unit="change", definition="Change from then until the first item.", source="venue"
    )
    after_1h: float | None = shown(
        "1 h after", unit="change", definition="Change since the first item.", source="venue"
    )
    after_1d: float | None = shown(
        "24 h after", unit="change", definition="Change since the first item.", source="venue"
    )
    place: str = shown("Instrument", definition="Where the price bars come from.")


class TopStoryRow(Row):
    """One of the stories most publishers tell."""

    story: str = shown("Story")
    title: str = shown("Title")
    language: str = shown("Language")
    publisher: str = shown("Publisher", definition="Publisher of the headline shown.")
    first_publisher: str = shown("Published first by")
    last_publisher: str = shown("Published last by")
    publishers: int = shown("Publishers", unit="count")
    items: int = shown("News items", unit="count")
    status: str = shown("Reliability")
    ts_first: int = shown("Start time", unit="ms")
    ts_last: int = shown("Latest", unit="ms")
    assets: str = shown("Assets")
    tiers: str = shown("Kinds of sources")
    asset: str = shown("Asset", definition="The asset that most of its items name.")
    change_since: float | None = shown(
        "Price since",
        unit="change",
        definition="Change of the price of that asset since the last closed hour before the story's first item.",
        source="venue",
    )
