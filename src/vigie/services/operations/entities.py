"""Entities: who and what news name, with relations, sentiment over time, timeline, prices, licences, sources."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal

from pydantic import BaseModel, Field

from vigie.data.catalog import BarCatalog
from vigie.domain.accents import fold_text
from vigie.domain.entity import ENTITY_PATTERN
from vigie.domain.errors import NotFound
from vigie.domain.person import Caller
from vigie.domain.register import RegisterEntry
from vigie.domain.time import DAY_MS
from vigie.intelligence.news.gazetteer.amendments import resolve_entity
from vigie.intelligence.news.gazetteer.entries import GazetteerEntry
from vigie.ports.clock import Clock
from vigie.ports.item_glances import ItemGlance
from vigie.ports.items import ItemStore
from vigie.ports.names import NameStore
from vigie.services.languages import Language
from vigie.services.news import story_summary
from vigie.services.news.entities import profile
from vigie.services.news.entities.naming import entity_name, entries_of, find_id, folded_names_of, names_of
from vigie.services.news.entities.profile import EntityRelationRow, EntitySentimentRow, EntitySources
from vigie.services.news.entities.recent_items import (
    DAYS,
    MAX_ITEMS,
    STORY_STEP,
    glance_recent_items,
    newest_stories,
)
from vigie.services.news.entities.registers import How, RegisterInfo, load_registers, register_of, rows_of
from vigie.services.news.entities.warnings import WarningShown, warnings_on
from vigie.services.news.publishers import load_publishers, publisher_of
from vigie.services.operation import OperationInput, OperationResult, Origin, Table, operation
from vigie.services.people.ownership import owner_of
from vigie.services.rows import table_of

SOURCE: Final = "vigie"
_TIMELINE_STEPS: Final = "language", "duplicate", "reliability"
_SENTIMENT_STEPS: Final = "sentiment", "duplicate"
_MAX_ROWS: Final = 20
_MAX_ASSETS: Final = 3
EntityId = Field(
    pattern=ENTITY_PATTERN, max_length=90, description="Its id.", examples=["org:sec", "coin:bitcoin"]
)


class LanguageInput(OperationInput):
    """In which language entities are called."""

    language: Language = "en"


class EntityInput(LanguageInput):
    """One entity."""

    entity: str = EntityId


class EntityIdsInput(LanguageInput):
    """Some ids."""

    entities: str = Field("", max_length=4_000, description="Ids with commas between them.")


class FindEntitiesInput(LanguageInput):
    """A name, or its beginning."""

    q: str = Field(..., min_length=1, max_length=80)
    whole: bool = Field(False, description="Only who is meant by that name, as rules take names.")


class EntityNames(OperationResult):
    """What ids stand for."""

    names: dict[str, str]


class FoundEntities(OperationResult):
    """Entities whose names hold what was searched for."""

    found: list[dict[str, str]]


class TimelineEntry(BaseModel):
    """A story in which an entity is named."""

    story: str
    title: str
    language: str
    publisher: str
    ts: int
    items: int
    status: str


class RegisterLicence(BaseModel):
    """A row of a public register that is its own; `lists` says what standing there means."""

    source: str
    title: str
    lists: str
    name: str
    lei: str
    country: str
    authority: str
    services: list[str]
    countries: list[str]
    ts_from: int | None
    ts_until: int | None
    how: Literal["lei", "name", "branch"] = Field(
        "name", description="What shows that it is its own: its identifier, its whole name, as its branch."
    )


class NameAmendmentRow(BaseModel):
    """Something that was said of its names by hand."""

    id: str
    kind: str
    entity: str
    text: str
    into: str
    ts: int
    is_mine: bool


class EntityResult(OperationResult):
    """One entity; `into` is the one it is read as where both were merged."""

    entity: str
    name: str
    kind: str
    into: str
    is_listed: bool
    aliases: list[str]
    items: int
    items_24h: int
    items_7d: int
    items_30d: int
    ts_first: int | None
    ts_last: int | None
    is_partial: bool
    timeline: list[TimelineEntry]
    sources: list[dict[str, Any]]
    assets: list[str]
    licences: list[RegisterLicence]
    amendments: list[NameAmendmentRow]
    followed_in: list[dict[str, str]]
    warnings: list[WarningShown] = Field([], description="Lists of warnings that it stands on.")


@operation("entities.names", example={"entities": "org:sec,coin:bitcoin"})
def read_names(caller: Caller, params: EntityIdsInput, catalog: BarCatalog, names: NameStore) -> EntityNames:
    """Read what ids of entities stand for."""
    entries = entries_of(catalog, names)
    ids = dict.fromkeys(entity_id for entity_id in params.entities.split(",") if entity_id)
    return EntityNames(
        names={entity_id: entity_name(entries, entity_id, params.language) for entity_id in ids}
    )


@operation("entities.find", example={"q": "sec"})
def find_entities(
    caller: Caller, params: FindEntitiesInput, catalog: BarCatalog, names: NameStore
) -> FoundEntities:
    """Search entities by name, those that begin with what is searched for first."""
    query = fold_text(params.q.strip())
    ranked = []
    entries = entries_of(catalog, names)
    if params.whole:
        match = find_id(catalog, names, params.q)
        return FoundEntities(
            found=[{"entity": match, "name": entity_name(entries, match, params.language)}] if match else []
        )
    folded = folded_names_of(catalog, names)
    for entity, entry in entries.items():
        # None where somebody took the name out meanwhile.
        texts = folded.get(entity, ())
        if any(query in text for text in texts):
            is_first = not any(text.startswith(query) for text in texts)
            is_exact = query in texts
            # Somebody whose name is a coin's ticker, too, is whom people mean.
            ranked.append((not is_exact, is_exact and entry.kind == "coin", is_first, entry.rank, entry.id))
    rows = [
        {"entity": match[-1], "name": entity_name(entries, match[-1], params.language)}
        for match in sorted(ranked)[:_MAX_ROWS]
    ]
    return FoundEntities(found=rows)


@operation("entities.read", example={"entity": "org:sec"})
def read_entity(caller: Caller, params: EntityInput, sources: EntitySources) -> EntityResult:
    """Read one entity: its names, mentions, timeline, sources, linked assets, licences, and who follows it."""
    amendments = sources.names.amendments()
    entries = entries_of(sources.catalog, sources.names)
    into = resolve_entity(params.entity, amendments)
    counts = _count_items(sources.items, sources.clock, params.entity)
    entry = entries.get(params.entity)
    if entry is None and not counts["all"] and into == params.entity:
        raise NotFound(
            "no_entity_searches",
            "there is no entity {entity!r}; `entities.find` searches them by name",
            entity=params.entity,
        )
    items = glance_recent_items(sources.items, sources.clock, params.entity, (STORY_STEP,))
    registers = load_registers(sources.directory)
    may_be_registered = entry is not None and entry.kind in ("org", "coin")
    rows = (
        rows_of(entry, registers, sources.registers.entries())
        if entry is not None and may_be_registered
        else []
    )
    item_times = [item.ts for item in items]
    return EntityResult(
        entity=params.entity,
        name=entity_name(entries, into, params.language),
        kind=params.entity.partition(":")[0],
        into="" if into == params.entity else into,
        is_listed=entry is not None,
        aliases=names_of(entry) if entry else [],
        items=counts["all"],
        items_24h=counts["24h"],
        items_7d=counts["7d"],
        items_30d=counts["30d"],
        ts_first=counts["first"] or None,
        ts_last=max(item_times, default=None),
        is_partial=len(items) >= MAX_ITEMS,
        timeline=_timeline_entries(sources, items),
        sources=_source_rows(sources, items),
        assets=_linked_assets(sources.items, params.entity),
        licences=_licence_rows(registers, rows),
        warnings=warnings_on(sources.registers, sources.clock, sources.directory, rows),
        amendments=[
            NameAmendmentRow(
                id=item.id,
                kind=item.kind,
                entity=item.entity,
                text=item.text,
                into=item.into,
                ts=item.ts,
                is_mine=item.author == caller.user,
            )
            for item in amendments
            if params.entity in (item.entity, item.into)
        ],
        followed_in=[
            {"watchlist": item.id, "name": item.name}
            for item in sources.accounts.watchlists(owner_of(sources.accounts, caller))
            if params.entity in item.entities
        ],
    )


@operation("entities.sentiment", example={"entity": "coin:bitcoin"})
def read_sentiment(
    caller: Caller, params: EntityInput, item_store: ItemStore, clock: Clock
) -> Table[EntitySentimentRow]:
    """List how the items about an entity sounded, day by day over thirty days."""
    now = clock.market_now()
    items = glance_recent_items(item_store, clock, params.entity, _SENTIMENT_STEPS)
    days = profile.moods(items, begin_ms=now - (DAYS - 1) * DAY_MS, end_ms=now)
    rows = [
        EntitySentimentRow(
            ts=day.ts,
            index=None if math.isnan(day.index) else round(day.index, 4),
            items=day.items,
            positive=day.positive,
            negative=day.negative,
        )
        for day in days
    ]
    return table_of(EntitySentimentRow, rows, origins=[Origin(source=SOURCE, ts_event=now)], total=len(rows))


@operation("entities.relations", example={"entity": "org:sec"})
def read_relations(
    caller: Caller, params: EntityInput, catalog: BarCatalog, item_store: ItemStore, names: NameStore
) -> Table[EntityRelationRow]:
    """List whom and what news name beside an entity, in most items first."""
    entries = entries_of(catalog, names)
    tallies = item_store.count_tags("entity", tags={"entity": params.entity}, limit=13)
    n_items = next((related.items for related in tallies if related.value == params.entity), 0)
    rows = [
        EntityRelationRow(
            entity=related,
            name=entity_name(entries, related, params.language),
            items=items,
            share=share,
            ts_last=last,
        )
        for related, items, share, last in profile.relations(params.entity, tallies, n_items)
    ]
    return table_of(EntityRelationRow, rows, origins=[Origin(source=SOURCE)], total=len(rows))


def _count_items(items: ItemStore, clock: Clock, entity: str) -> dict[str, int]:
    now, counts = clock.market_now(), {"first": 0}
    for name, after in (
        ("all", None),
        ("24h", now - DAY_MS),
        ("7d", now - 7 * DAY_MS),
        ("30d", now - 30 * DAY_MS),
    ):
        rows = items.count_tags("entity", tags={"entity": entity}, after_ms=after, limit=1)
        # Every item of it names it: nobody can be named in more of them.
        counts[name] = rows[0].items if rows else 0
        if name == "all" and rows:
            counts["first"] = rows[0].ts_first
    return counts


def _timeline_entries(sources: EntitySources, items: Sequence[ItemGlance]) -> list[TimelineEntry]:
    stories = newest_stories(items, _MAX_ROWS)
    # Of no others are titles and texts read.
    names = [name for story_names in stories.values() for name in story_names]
    revisions = sources.items.histories(names, _TIMELINE_STEPS)
    publishers_by_id = load_publishers(sources.bookmarks, sources.directory)
    entries = []
    for story, names in stories.items():
        newest = [revisions[name][-1] for name in names if name in revisions]
        if not newest:
            continue
        story_items = story_summary.story_items(newest, publishers_by_id)
        head = story_summary.pick_headline(story_items)
        entries.append(
            TimelineEntry(
                story=story,
                title=head.item.content.title,
                language=head.language,
                publisher=story_items[0].publisher.title,
                ts=story_items[0].ts,
                items=len(story_items),
                status=story_summary.story_status(story_items),
            )
        )
    return entries


def _source_rows(sources: EntitySources, items: Sequence[ItemGlance]) -> list[dict[str, Any]]:
    publishers_by_id = load_publishers(sources.bookmarks, sources.directory)
    counts = Counter(entry.source for entry in items).most_common(_MAX_ROWS)
    publisher_counts = [(publisher_of(publishers_by_id, source), count) for source, count in counts]
    return [
        {"source": entry.id, "publisher": entry.title, "tier": entry.tier, "items": count}
        for entry, count in publisher_counts
    ]


def _linked_assets(items: ItemStore, entity: str) -> list[str]:
    kind, _, name = entity.partition(":")
    if kind == "coin":
        return [name]
    tallies = items.count_tags("asset", tags={"entity": entity}, limit=_MAX_ASSETS)
    return [tally.value for tally in tallies if tally.items > 1]


def _licence_rows(
    registers: Mapping[str, RegisterInfo], rows: Sequence[tuple[RegisterEntry, How]]
) -> list[RegisterLicence]:
    return [
        RegisterLicence(
            source=entry.register,
            title=register_of(registers, entry.register).title,
            lists=register_of(registers, entry.register).lists,
            name=entry.name,
            lei=entry.lei,
            country=entry.country,
            authority=entry.authority,
            services=list(entry.services),
            countries=list(entry.countries),
            ts_from=entry.ts_from,
            ts_until=entry.ts_until,
            how=how,
        )
        for entry, how in rows[:_MAX_ROWS]
    ]


def require_entity(items: ItemStore, entity: str, entries: Mapping[str, GazetteerEntry]) -> str:
    """Return an id that a list or an item has.

    Raises
    ------
    NotFound
        If nothing has it.
    """
    if entity in entries or items.count_tags("entity", tags={"entity": entity}, limit=1):
        return entity
    raise NotFound(
        "no_entity_searches",
        "there is no entity {entity!r}; `entities.find` searches them by name",
        entity=entity,
    )
