"""Entities: who and what news name, with relations, sentiment over time, timeline, prices, licences, sources."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal

from pydantic import BaseModel, Field

from vigie.domain.accents import fold_text
from vigie.domain.entity import ENTITY_PATTERN
from vigie.domain.errors import NotFound
from vigie.domain.person import Caller
from vigie.domain.register import RegisterEntry
from vigie.domain.time import DAY_MS
from vigie.intelligence.news.gazetteer.amended import resolved
from vigie.intelligence.news.gazetteer.entries import Entry
from vigie.ports.items import ItemQuery, StoredRevision
from vigie.services.house import House
from vigie.services.news import profile, telling
from vigie.services.news.naming import called, entries_of, names_of, who_is_called
from vigie.services.news.publishers import publisher_of, publishers
from vigie.services.news.reasons import Language
from vigie.services.news.registers import How, Listing, listing_of, listings, rows_of
from vigie.services.news.warnings import WarningShown, warnings_on
from vigie.services.operation import Answer, Ask, Column, Origin, Table, operation
from vigie.services.people.ownership import owner_of

SOURCE: Final = "vigie"
# Read for sentiment, sources and timeline; the counts go over all.
MOST_READ: Final = 400
DAYS: Final = 30
_FOUND: Final = 20
_NEAR: Final = 3
EntityId = Field(
    pattern=ENTITY_PATTERN, max_length=90, description="Its id.", examples=["org:sec", "coin:bitcoin"]
)

MOODS: Final = [
    Column(name="ts", title="Day", unit="ms"),
    Column(
        name="index", title="Sentiment", unit="ratio", source=SOURCE,
        definition="Mean of the probability of positive less that of negative, -1 to 1; copies count once.",
    ),
    Column(name="items", title="Items", unit="count"),
    Column(name="positive", title="Positive", unit="count"),
    Column(name="negative", title="Negative", unit="count"),
]  # fmt: skip
RELATIONS: Final = [
    Column(name="entity", title="Id"),
    Column(name="name", title="Name"),
    Column(name="items", title="Items with both", unit="count"),
    Column(
        name="share",
        title="Share of items",
        unit="fraction",
        source=SOURCE,
        definition="Of the items that name it.",
    ),
    Column(name="ts_last", title="Newest", unit="ms"),
]


class NamedAsk(Ask):
    """In which language entities are called."""

    language: Language = "en"


class EntityAsk(NamedAsk):
    """One entity."""

    entity: str = EntityId


class EntitiesAsk(NamedAsk):
    """Some ids."""

    entities: str = Field("", max_length=4_000, description="Ids with commas between them.")


class FindAsk(NamedAsk):
    """A name, or its beginning."""

    q: str = Field(..., min_length=1, max_length=80)
    whole: bool = Field(False, description="Only who is meant by that name, as rules take names.")


class Names(Answer):
    """What ids stand for."""

    names: dict[str, str]


class FoundEntities(Answer):
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


class Licence(BaseModel):
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


class AmendmentShown(BaseModel):
    """Something that was said of its names by hand."""

    id: str
    kind: str
    entity: str
    text: str
    into: str
    ts: int
    is_mine: bool


class EntityAnswer(Answer):
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
    licences: list[Licence]
    amendments: list[AmendmentShown]
    followed_in: list[dict[str, str]]
    warnings: list[WarningShown] = Field([], description="Lists of warnings that it stands on.")


@operation("entities.names", example={"entities": "org:sec,coin:bitcoin"})
def names(house: House, caller: Caller, ask: EntitiesAsk) -> Names:
    """Read what ids of entities stand for."""
    known = entries_of(house)
    ids = dict.fromkeys(one for one in ask.entities.split(",") if one)
    return Names(names={one: called(known, one, ask.language) for one in ids})


@operation("entities.find", example={"q": "sec"})
def find(house: House, caller: Caller, ask: FindAsk) -> FoundEntities:
    """Search entities by name, those that begin with what is searched for first."""
    wanted = fold_text(ask.q.strip())
    found = []
    entries = entries_of(house)
    if ask.whole:
        one = who_is_called(house, ask.q)
        return FoundEntities(
            found=[{"entity": one, "name": called(entries, one, ask.language)}] if one else []
        )
    for entry in entries.values():
        texts = [fold_text(text) for text in names_of(entry)]
        if any(wanted in text for text in texts):
            is_first = not any(text.startswith(wanted) for text in texts)
            is_exact = wanted in texts
            # Somebody whose name is a coin's ticker, too, is whom people mean.
            found.append((not is_exact, is_exact and entry.kind == "coin", is_first, entry.rank, entry.id))
    rows = [
        {"entity": one[-1], "name": called(entries, one[-1], ask.language)} for one in sorted(found)[:_FOUND]
    ]
    return FoundEntities(found=rows)


@operation("entities.read", example={"entity": "org:sec"})
def read_entity(house: House, caller: Caller, ask: EntityAsk) -> EntityAnswer:
    """Read one entity: its names, mentions, timeline, sources, linked assets, licences, and who follows it."""
    amendments = house.names.amendments()
    known = entries_of(house)
    into = resolved(ask.entity, amendments)
    counts = _counts(house, ask.entity)
    entry = known.get(ask.entity)
    if entry is None and not counts["all"] and into == ask.entity:
        raise NotFound(f"there is no entity {ask.entity!r}; `entities.find` searches them by name")
    read, registers = _read(house, ask.entity), listings(house)
    may_stand = entry is not None and entry.kind in ("org", "coin")
    rows = rows_of(entry, registers, house.registers.entries()) if entry is not None and may_stand else []
    ids = [one.item.ts for one in read]
    return EntityAnswer(
        entity=ask.entity,
        name=called(known, into, ask.language),
        kind=ask.entity.partition(":")[0],
        into="" if into == ask.entity else into,
        is_listed=entry is not None,
        aliases=names_of(entry) if entry else [],
        items=counts["all"],
        items_24h=counts["24h"],
        items_7d=counts["7d"],
        items_30d=counts["30d"],
        ts_first=counts["first"] or None,
        ts_last=max(ids, default=None),
        is_partial=len(read) >= MOST_READ,
        timeline=_timeline(house, ask.entity, read),
        sources=_sources(house, read),
        assets=_assets(house, ask.entity),
        licences=_licences(registers, rows),
        warnings=warnings_on(house, rows),
        amendments=[
            AmendmentShown(
                id=one.id, kind=one.kind, entity=one.entity, text=one.text, into=one.into, ts=one.ts,
                is_mine=one.author == caller.user,
            )
            for one in amendments
            if ask.entity in (one.entity, one.into)
        ],
        followed_in=[
            {"watchlist": one.id, "name": one.name}
            for one in house.accounts.watchlists(owner_of(house, caller))
            if ask.entity in one.entities
        ],
    )  # fmt: skip


@operation("entities.sentiment", example={"entity": "coin:bitcoin"})
def read_sentiment(house: House, caller: Caller, ask: EntityAsk) -> Table:
    """List how the items about an entity sounded, day by day over thirty days."""
    now = house.clock.market_now()
    read = _read(house, ask.entity, ("sentiment", "duplicate"))
    found = profile.moods(read, begin_ms=now - (DAYS - 1) * DAY_MS, end_ms=now)
    rows = [
        {
            "ts": one.ts, "index": None if math.isnan(one.index) else round(one.index, 4), "items": one.items,
            "positive": one.positive, "negative": one.negative,
        }
        for one in found
    ]  # fmt: skip
    return Table(
        columns=list(MOODS), rows=rows, origins=[Origin(source=SOURCE, ts_event=now)], total=len(rows)
    )


@operation("entities.relations", example={"entity": "org:sec"})
def read_relations(house: House, caller: Caller, ask: EntityAsk) -> Table:
    """List whom and what news name beside an entity, in most items first."""
    known = entries_of(house)
    together = house.items.count_tags("entity", tags={"entity": ask.entity}, limit=13)
    alone = next((one.items for one in together if one.value == ask.entity), 0)
    rows = [
        {
            "entity": one,
            "name": called(known, one, ask.language),
            "items": items,
            "share": share,
            "ts_last": last,
        }
        for one, items, share, last in profile.relations(ask.entity, together, alone)
    ]
    return Table(columns=list(RELATIONS), rows=rows, origins=[Origin(source=SOURCE)], total=len(rows))


def _read(house: House, entity: str, steps: tuple[str, ...] = ()) -> Sequence[StoredRevision]:
    after = house.clock.market_now() - DAYS * DAY_MS
    ask = ItemQuery(tags={"entity": entity}, is_relevant=True, after_ms=after, limit=MOST_READ, steps=steps)
    return house.items.query(ask)


def _counts(house: House, entity: str) -> dict[str, int]:
    now, found = house.clock.market_now(), {"first": 0}
    for name, after in (
        ("all", None),
        ("24h", now - DAY_MS),
        ("7d", now - 7 * DAY_MS),
        ("30d", now - 30 * DAY_MS),
    ):
        rows = house.items.count_tags("entity", tags={"entity": entity}, after_ms=after, limit=1)
        # Every item of it names it: nobody can be named in more of them.
        found[name] = rows[0].items if rows else 0
        if name == "all" and rows:
            found["first"] = rows[0].ts_first
    return found


def _timeline(house: House, entity: str, read: Sequence[StoredRevision]) -> list[TimelineEntry]:
    known = publishers(house)
    stories: dict[str, list[StoredRevision]] = {}
    for one in read:
        finding = one.findings.get("story")
        stories.setdefault(str(finding.body.get("story")) if finding else one.item.id, []).append(one)
    entries = []
    for story, held in stories.items():
        items = telling.told(held, known)
        head = telling.headline(items)
        entries.append(
            TimelineEntry(
                story=story, title=head.item.said.title, language=head.language, publisher=items[0].publisher.title,
                ts=items[0].ts, items=len(items), status=telling.status(items),
            )
        )  # fmt: skip
    return sorted(entries, key=lambda one: (-one.ts, one.story))[:_FOUND]


def _sources(house: House, read: Sequence[StoredRevision]) -> list[dict[str, Any]]:
    known = publishers(house)
    counts = Counter(one.item.said.source for one in read)
    found = [(publisher_of(known, source), count) for source, count in counts.most_common(_FOUND)]
    return [
        {"source": one.id, "publisher": one.title, "tier": one.tier, "items": count} for one, count in found
    ]


def _assets(house: House, entity: str) -> list[str]:
    kind, _, name = entity.partition(":")
    if kind == "coin":
        return [name]
    found = house.items.count_tags("asset", tags={"entity": entity}, limit=_NEAR)
    return [one.value for one in found if one.items > 1]


def _licences(known: Mapping[str, Listing], rows: Sequence[tuple[RegisterEntry, How]]) -> list[Licence]:
    return [
        Licence(
            source=one.register, title=listing_of(known, one.register).title,
            lists=listing_of(known, one.register).lists, name=one.name, lei=one.lei, country=one.country,
            authority=one.authority, services=list(one.services), countries=list(one.countries), ts_from=one.ts_from,
            ts_until=one.ts_until, how=how,
        )
        for one, how in rows[:_FOUND]
    ]  # fmt: skip


def known_entity(house: House, entity: str, known: Mapping[str, Entry]) -> str:
    """Return an id that a list or an item has.

    Raises
    ------
    NotFound
        If nothing has it.
    """
    if entity in known or house.items.count_tags("entity", tags={"entity": entity}, limit=1):
        return entity
    raise NotFound(f"there is no entity {entity!r}; `entities.find` searches them by name")
