"""News: items by filters and by words, one item with everything that was found in it and why, its evidence."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final, Literal

from pydantic import BaseModel, Field

from vigie.data.catalog import BarCatalog
from vigie.domain.errors import NotFound, UsageError
from vigie.domain.item import TIERS, changed_parts
from vigie.domain.person import Caller
from vigie.domain.time import DAY_MS
from vigie.intelligence.news.registry import steps
from vigie.intelligence.news.stems import parse_phrases
from vigie.intelligence.news.step import Publisher
from vigie.intelligence.news.steps.reliability import FIRST_HAND
from vigie.ports.connectors import ConnectorDirectory
from vigie.ports.documents import DocumentStore
from vigie.ports.item_queries import ItemQuery
from vigie.ports.items import ItemStore, StoredRevision
from vigie.services.languages import Language
from vigie.services.news.analysis.reasons import ReasonWriter
from vigie.services.news.entities.naming import entity_name, entries_of
from vigie.services.news.entities.warnings import WarningShown, warned_names, warning_finder
from vigie.services.news.evidence_bundle import kept_headers, raw_of, refuse_raw_letter
from vigie.services.news.news_rows import NewsItemRow, NewsReading, language_of, row_of
from vigie.services.news.publishers import load_publishers, publisher_of
from vigie.services.news.story_loading import current_ids
from vigie.services.operation import NoInput, OperationInput, OperationResult, Origin, Table, operation
from vigie.services.rows import table_of

SPANS: Final = {"24h": DAY_MS, "1w": 7 * DAY_MS, "1m": 30 * DAY_MS, "1y": 365 * DAY_MS}
# How many items one answer or file holds.
MOST_ITEMS: Final = 1_000
_LONGEST_EVIDENCE: Final = 200_000
Tier = Literal["", "regulator", "primary", "media", "aggregator", "social"]
Status = Literal["", "confirmed", "repeated", "disputed", "unconfirmed", "flagged"]
ItemId = Field(pattern=r"^[0-9a-f]{20}$", description="Id of an item.", examples=["0123456789abcdef0123"])


class ListNewsInput(OperationInput):
    """Which items; what is empty does not matter."""

    tier: Tier = Field("", description="Kind of source.")
    first_hand: bool = Field(False, description="Only regulators and primary sources.")
    source: str = Field("", max_length=60, description="Id of one source.")
    language: str = Field("", max_length=8, description="`en`, `fr`.")
    asset: str = Field("", max_length=80, description="Catalogue id, `bitcoin`.")
    entity: str = Field("", max_length=120, description="`org:sec`, `person:...`.")
    topic: str = Field("", max_length=40)
    status: Status = Field("", description="How far it can be believed.")
    story: str = Field("", max_length=60)
    period: Literal["", "24h", "1w", "1m", "1y"] = Field("", description="How far back; empty for all.")
    everything: bool = Field(False, description="Also what is not about crypto.")
    cursor: str = Field("", max_length=60, description="`next_cursor` of the page before.")
    limit: int = Field(50, ge=1, le=MOST_ITEMS)


class SearchNewsInput(ListNewsInput):
    """What to search for, and in which items."""

    q: str = Field(..., min_length=1, max_length=200, description='Words, all of them; "in quotes" in a row.')


class ItemInput(OperationInput):
    """One item."""

    item: str = ItemId


class ReadItemInput(ItemInput):
    """One item, and in which language it is told why steps found what they found."""

    language: Language = "en"


@operation("news.list", example={"limit": 5})
def list_items(caller: Caller, params: ListNewsInput, reading: NewsReading) -> Table[NewsItemRow]:
    """List news, newest first; what is known not to be about crypto is left out unless it is asked for."""
    return _items_table(reading, params, ())


@operation("news.search", example={"q": "bitcoin etf", "limit": 5})
def search_news(caller: Caller, params: SearchNewsInput, reading: NewsReading) -> Table[NewsItemRow]:
    """Search news by words, whatever their endings and accents, newest first."""
    search_phrases = parse_phrases(params.q)
    if not search_phrases:
        raise UsageError("q_must_contain_word", "q must contain a word, was {q!r}", q=params.q)
    return _items_table(reading, params, search_phrases)


def _items_table(
    reading: NewsReading, params: ListNewsInput, search_phrases: tuple[tuple[tuple[str, ...], ...], ...]
) -> Table[NewsItemRow]:
    publishers_by_id = load_publishers(reading.bookmarks, reading.directory)
    tags = {name: getattr(params, name) for name in ("asset", "entity", "topic", "story", "status")}
    if params.story:
        tags["story"] = current_ids(reading.items, [params.story])[params.story]
    after = None if not params.period else reading.clock.market_now() - SPANS[params.period]
    query = ItemQuery(
        sources=_source_ids(params, {name: entry.tier for name, entry in publishers_by_id.items()}),
        language=params.language,
        tags={kind: value for kind, value in tags.items() if value},
        phrases=search_phrases,
        is_relevant=not params.everything,
        after_ms=after,
        limit=params.limit + 1,
    )
    known_items = reading.items.query(replace(query, cursor=_parse_cursor(params.cursor)))
    page_items = known_items[: params.limit]
    last = page_items[-1].item if len(known_items) > params.limit else None
    return table_of(
        NewsItemRow,
        [
            row_of(entry, publishers_by_id, is_simulated=reading.is_simulated, warned=warned)
            for entry, warned in zip(
                page_items,
                warned_names(reading.warning_sources, [entry.item for entry in page_items]),
                strict=True,
            )
        ],
        origins=_news_origins(reading.directory, page_items),
        next_cursor=f"{last.ts}.{last.id}" if last else None,
        total=reading.items.count_hits(query),
    )


def _source_ids(params: ListNewsInput, tiers: dict[str, str]) -> tuple[str, ...] | None:
    if not params.tier and not params.source and not params.first_hand:
        return None
    wanted_tiers = FIRST_HAND if params.first_hand else frozenset(TIERS)
    wanted_tiers = wanted_tiers & {params.tier} if params.tier else wanted_tiers
    names = tuple(name for name, tier in tiers.items() if tier in wanted_tiers)
    if not params.source:
        return names
    return (params.source,) if params.source in names or wanted_tiers == set(TIERS) else ()


def _parse_cursor(text: str) -> tuple[int, str] | None:
    if not text:
        return None
    ts, _, name = text.partition(".")
    if not ts.lstrip("-").isdecimal() or len(ts) > 15 or not name:
        raise UsageError(
            "cursor_must_page", "cursor must be the `next_cursor` of a page, was {text!r}", text=text
        )
    return int(ts), name


def _news_origins(directory: ConnectorDirectory, page_items: list[StoredRevision] | Any) -> list[Origin]:
    licences = {note.id: (note.title, note.licence) for note in directory.news()}
    names = dict.fromkeys(entry.item.content.source for entry in page_items)
    return [
        Origin(source=title, licence=licence)
        for title, licence in (licences.get(name, (name, "")) for name in names)
    ]


class NewsSourceChoice(BaseModel):
    """Something that a list can be narrowed to."""

    id: str
    title: str
    tier: str
    language: str


class NewsFilters(OperationResult):
    """What a list of news can be narrowed to, and how many items there are."""

    tiers: list[str]
    sources: list[NewsSourceChoice]
    total: int
    refused: int


@operation("news.filters", example={})
def read_filters(
    caller: Caller, params: NoInput, items: ItemStore, directory: ConnectorDirectory
) -> NewsFilters:
    """Read what news can be narrowed to."""
    choices = [
        NewsSourceChoice(id=note.id, title=note.title, tier=note.tier, language=note.language)
        for note in directory.news()
    ]
    return NewsFilters(
        tiers=list(TIERS),
        sources=choices,
        total=items.count(),
        refused=sum(state.refused for state in items.states()),
    )


class StepFindingRow(BaseModel):
    """What one step found in an item and how long it took; with an error, that it could not read it.

    `told` says why in plain words; `why` in the step's own, with the numbers and ids of `body`.
    """

    step: str
    told: str = ""
    version: int | None = None
    body: dict[str, Any] = Field(default_factory=dict)
    why: str = ""
    error: str = ""
    took_us: int | None = None


class ItemRevision(BaseModel):
    """One revision of an item; `changed` says against the one before."""

    revision: int
    title: str
    text: str
    url: str
    ts_published: int | None
    ts_seen: int
    is_withdrawn: bool
    changed: list[str]
    document: str


class ItemResult(OperationResult):
    """One item: how it stands, what every step found, every revision."""

    row: NewsItemRow
    owner: str
    author: str
    ts_stored: int
    ts_read: int | None
    found: list[StepFindingRow]
    titles: dict[str, str] = Field(
        default_factory=dict, description="Of headlines that `told` quotes: the language of each."
    )
    revisions: list[ItemRevision]
    licence: str = ""
    warnings: list[WarningShown] = Field([], description="Firms that it names and that a register warns of.")


@operation("news.item", example={"item": "0123456789abcdef0123"})
def read_item(caller: Caller, params: ReadItemInput, catalog: BarCatalog, reading: NewsReading) -> ItemResult:
    """Read one item: every revision, and what each step of reading found in it, with its reason and version."""
    revisions = reading.items.get(params.item)
    if not revisions:
        raise NotFound(
            "no_news_item", "there is no news item {item!r}; `news.list` lists them", item=params.item
        )
    newest, publishers_by_id = revisions[-1], load_publishers(reading.bookmarks, reading.directory)
    licences = {note.id: note.licence for note in reading.directory.news()}
    content, titles = newest.item.content, dict[str, str]()
    return ItemResult(
        row=row_of(newest, publishers_by_id, is_simulated=reading.is_simulated),
        owner=publisher_of(publishers_by_id, content.source).owner,
        author=content.author,
        ts_stored=newest.ts_wall,
        ts_read=newest.ts_read,
        found=_step_findings(
            newest, _finding_texts(catalog, reading, newest, publishers_by_id, params.language, titles)
        ),
        titles=titles,
        revisions=[
            _item_revision(revision, before)
            for before, revision in zip((None, *revisions[:-1]), revisions, strict=True)
        ],
        licence=licences.get(content.source, ""),
        warnings=warning_finder(reading.warning_sources).find_rows(
            content.title, content.text, content.url, source=content.source, item=newest.item.id
        ),
    )


def _finding_texts(
    catalog: BarCatalog,
    reading: NewsReading,
    known_item: StoredRevision,
    publishers_by_id: Mapping[str, Publisher],
    language: Language,
    titles: dict[str, str],
) -> ReasonWriter:
    entries = entries_of(catalog, reading.warning_sources.names)

    def title_of(item: str) -> str:
        newest = next(reversed(reading.items.get(item)), None)
        if newest is not None:
            publisher = publisher_of(publishers_by_id, newest.item.content.source)
            titles[newest.item.content.title] = language_of(newest, publisher)
        return newest.item.content.title if newest is not None else ""

    bodies = {name: finding.body for name, finding in known_item.findings.items()}
    return ReasonWriter(language, bodies, lambda entity: entity_name(entries, entity, language), title_of)


def _step_findings(known_item: StoredRevision, teller: ReasonWriter) -> list[StepFindingRow]:
    """Return findings in the order in which steps run, those of steps that are no more last."""
    order = [step.name for step in steps()]
    names = sorted(
        {*known_item.findings, *known_item.errors},
        key=lambda name: (order.index(name) if name in order else 99, name),
    )
    step_findings = []
    for name in names:
        finding = known_item.findings.get(name)
        step_findings.append(
            StepFindingRow(
                step=name,
                told=teller.reason_of(name),
                version=finding.version if finding else None,
                body=dict(finding.body) if finding else {},
                why=finding.why if finding else "",
                error=known_item.errors.get(name, ""),
                took_us=known_item.took_us.get(name),
            )
        )
    return step_findings


def _item_revision(revision: StoredRevision, before: StoredRevision | None) -> ItemRevision:
    content = revision.item.content
    changes = [] if before is None else list(changed_parts(before.item.content, content))
    if revision.item.is_withdrawn:
        changes = ["withdrawn"]
    elif before is not None and before.item.is_withdrawn:
        changes = ["shown again", *changes]
    return ItemRevision(
        revision=revision.item.revision,
        title=content.title,
        text=content.text,
        url=content.url,
        ts_published=content.ts_published,
        ts_seen=revision.item.ts_seen,
        is_withdrawn=revision.item.is_withdrawn,
        changed=changes,
        document=content.document,
    )


class EvidenceInput(OperationInput):
    """One revision of an item."""

    item: str = ItemId
    revision: int = Field(1, ge=1, le=1_000_000)


class Evidence(OperationResult):
    """The raw answer that a revision was read from, as text; `digest` is the SHA-256 of its bytes."""

    item: str
    revision: int
    document: str
    address: str
    ts_fetched: int
    headers: dict[str, str]
    body: str
    digest: str
    is_cut: bool


@operation("news.evidence", example={"item": "0123456789abcdef0123", "revision": 1})
def read_evidence(
    caller: Caller, params: EvidenceInput, documents: DocumentStore, items: ItemStore
) -> Evidence:
    """Read the raw answer of the source that a revision came from; it is kept as long as raw documents are."""
    revision = next(
        (revision for revision in items.get(params.item) if revision.item.revision == params.revision), None
    )
    if revision is None:
        raise NotFound(
            "no_revision_item",
            "there is no revision {revision} of item {item!r}",
            revision=params.revision,
            item=params.item,
        )
    document = documents.get(revision.item.content.document) if revision.item.content.document else None
    if document is None:
        raise NotFound(
            "raw_answer_revision_no_longer",
            "the raw answer of revision {revision} is no longer stored",
            revision=params.revision,
        )
    refuse_raw_letter(document, caller)
    raw, raw_text = raw_of(document), document.body.get("body")
    text = raw_text if isinstance(raw_text, str) else raw.content.decode()
    return Evidence(
        item=params.item,
        revision=params.revision,
        document=document.id,
        address=document.key,
        ts_fetched=document.ts_known,
        headers=kept_headers(document),
        body=text[:_LONGEST_EVIDENCE],
        digest=hashlib.sha256(raw.content).hexdigest(),
        is_cut=len(text) > _LONGEST_EVIDENCE,
    )
