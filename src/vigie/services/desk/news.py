"""News: items by filters and by words, one item with everything that was found in it and why, its evidence."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final, Literal

from pydantic import BaseModel, Field

from vigie.domain.errors import NotFound, UsageError
from vigie.domain.item import TIERS, changed_parts
from vigie.domain.person import Caller
from vigie.domain.time import DAY_MS
from vigie.intelligence.news.registry import steps
from vigie.intelligence.news.stems import phrases
from vigie.intelligence.news.step import Publisher
from vigie.intelligence.news.steps.reliability import FIRST_HAND
from vigie.ports.items import ItemQuery, StoredRevision
from vigie.services.house import House
from vigie.services.news.naming import called, entries_of
from vigie.services.news.publishers import publisher_of, publishers
from vigie.services.news.raw import heads_of, raw_of, refuse_strangers
from vigie.services.news.reasons import Language, Teller
from vigie.services.news.shown import COLUMNS, language_of, row_of
from vigie.services.news.story_ids import kept_as
from vigie.services.news.warnings import WarningShown, named_in, watch_of
from vigie.services.operation import Answer, Ask, Nothing, Origin, Table, operation

SPANS: Final = {"24h": DAY_MS, "1w": 7 * DAY_MS, "1m": 30 * DAY_MS, "1y": 365 * DAY_MS}
# How many items one answer or file holds.
MOST_ITEMS: Final = 1_000
_LONGEST_EVIDENCE: Final = 200_000
Tier = Literal["", "regulator", "primary", "media", "aggregator", "social"]
Status = Literal["", "confirmed", "repeated", "disputed", "unconfirmed", "flagged"]
ItemId = Field(pattern=r"^[0-9a-f]{20}$", description="Id of an item.", examples=["0123456789abcdef0123"])


class NewsAsk(Ask):
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


class SearchAsk(NewsAsk):
    """What to search for, and in which items."""

    q: str = Field(..., min_length=1, max_length=200, description='Words, all of them; "in quotes" in a row.')


class ItemAsk(Ask):
    """One item."""

    item: str = ItemId


class ReadAsk(ItemAsk):
    """One item, and in which language it is told why steps found what they found."""

    language: Language = "en"


@operation("news.list", example={"limit": 5})
def list_items(house: House, caller: Caller, ask: NewsAsk) -> Table:
    """List news, newest first; what is known not to be about crypto is left out unless it is asked for."""
    return _listed(house, ask, ())


@operation("news.search", example={"q": "bitcoin etf", "limit": 5})
def search(house: House, caller: Caller, ask: SearchAsk) -> Table:
    """Search news by words, whatever their endings and accents, newest first."""
    wanted = phrases(ask.q)
    if not wanted:
        raise UsageError(f"q must hold a word, was {ask.q!r}")
    return _listed(house, ask, wanted)


def _listed(house: House, ask: NewsAsk, wanted: tuple[tuple[tuple[str, ...], ...], ...]) -> Table:
    known = publishers(house)
    tags = {name: getattr(ask, name) for name in ("asset", "entity", "topic", "story", "status")}
    if ask.story:
        tags["story"] = kept_as(house, [ask.story])[ask.story]
    after = None if not ask.period else house.clock.market_now() - SPANS[ask.period]
    every = ItemQuery(
        sources=_sources(ask, {name: one.tier for name, one in known.items()}),
        language=ask.language,
        tags={kind: value for kind, value in tags.items() if value},
        phrases=wanted,
        is_relevant=not ask.everything,
        after_ms=after,
        limit=ask.limit + 1,
    )
    found = house.items.query(replace(every, cursor=_cursor(ask.cursor)))
    shown = found[: ask.limit]
    last = shown[-1].item if len(found) > ask.limit else None
    return Table(
        columns=list(COLUMNS),
        rows=[
            row_of(one, known, is_simulated=house.is_simulated, warned=warned)
            for one, warned in zip(shown, named_in(house, [one.item for one in shown]), strict=True)
        ],
        origins=_origins(house, shown),
        next_cursor=f"{last.ts}.{last.id}" if last else None,
        total=house.items.count_hits(every),
    )


def _sources(ask: NewsAsk, tiers: dict[str, str]) -> tuple[str, ...] | None:
    if not ask.tier and not ask.source and not ask.first_hand:
        return None
    wanted = FIRST_HAND if ask.first_hand else frozenset(TIERS)
    wanted = wanted & {ask.tier} if ask.tier else wanted
    names = tuple(name for name, tier in tiers.items() if tier in wanted)
    if not ask.source:
        return names
    return (ask.source,) if ask.source in names or wanted == set(TIERS) else ()


def _cursor(text: str) -> tuple[int, str] | None:
    if not text:
        return None
    ts, _, name = text.partition(".")
    if not ts.lstrip("-").isdecimal() or len(ts) > 15 or not name:
        raise UsageError(f"cursor must be the `next_cursor` of a page, was {text!r}")
    return int(ts), name


def _origins(house: House, shown: list[StoredRevision] | Any) -> list[Origin]:
    licences = {note.id: (note.title, note.licence) for note in house.directory.news()}
    names = dict.fromkeys(one.item.said.source for one in shown)
    return [
        Origin(source=title, licence=licence)
        for title, licence in (licences.get(name, (name, "")) for name in names)
    ]


class Choice(BaseModel):
    """Something that a list can be narrowed to."""

    id: str
    title: str
    tier: str
    language: str


class Filters(Answer):
    """What a list of news can be narrowed to, and how many items there are."""

    tiers: list[str]
    sources: list[Choice]
    total: int
    refused: int


@operation("news.filters", example={})
def filters(house: House, caller: Caller, ask: Nothing) -> Filters:
    """Read what news can be narrowed to."""
    choices = [
        Choice(id=note.id, title=note.title, tier=note.tier, language=note.language)
        for note in house.directory.news()
    ]
    return Filters(
        tiers=list(TIERS),
        sources=choices,
        total=house.items.count(),
        refused=sum(state.refused for state in house.items.states()),
    )


class StepFound(BaseModel):
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


class RevisionShown(BaseModel):
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


class ItemAnswer(Answer):
    """One item: how it stands, what every step found, every revision."""

    row: dict[str, Any]
    owner: str
    author: str
    ts_stored: int
    ts_read: int | None
    found: list[StepFound]
    titles: dict[str, str] = Field(
        default_factory=dict, description="Of headlines that `told` quotes: the language of each."
    )
    revisions: list[RevisionShown]
    licence: str = ""
    warnings: list[WarningShown] = Field([], description="Firms that it names and that a register warns of.")


@operation("news.item", example={"item": "0123456789abcdef0123"})
def item(house: House, caller: Caller, ask: ReadAsk) -> ItemAnswer:
    """Read one item: every revision, and what each step of reading found in it, with its reason and version."""
    every = house.items.get(ask.item)
    if not every:
        raise NotFound(f"there is no item {ask.item!r}; `news.list` names them")
    newest, known = every[-1], publishers(house)
    licences = {note.id: note.licence for note in house.directory.news()}
    said, titles = newest.item.said, dict[str, str]()
    return ItemAnswer(
        row=row_of(newest, known, is_simulated=house.is_simulated),
        owner=publisher_of(known, said.source).owner,
        author=said.author,
        ts_stored=newest.ts_wall,
        ts_read=newest.ts_read,
        found=_found(newest, _teller(house, newest, known, ask.language, titles)),
        titles=titles,
        revisions=[_revision(one, before) for before, one in zip((None, *every[:-1]), every, strict=True)],
        licence=licences.get(said.source, ""),
        warnings=watch_of(house).shown(
            said.title, said.text, said.url, source=said.source, item=newest.item.id
        ),
    )


def _teller(
    house: House,
    known: StoredRevision,
    publishing: Mapping[str, Publisher],
    language: Language,
    titles: dict[str, str],
) -> Teller:
    entries = entries_of(house)

    def title_of(item: str) -> str:
        newest = next(reversed(house.items.get(item)), None)
        if newest is not None:
            publisher = publisher_of(publishing, newest.item.said.source)
            titles[newest.item.said.title] = language_of(newest, publisher)
        return newest.item.said.title if newest is not None else ""

    found = {name: finding.body for name, finding in known.findings.items()}
    return Teller(language, found, lambda entity: called(entries, entity, language), title_of)


def _found(known: StoredRevision, teller: Teller) -> list[StepFound]:
    """Return findings in the order in which steps run, those of steps that are no more last."""
    order = [step.name for step in steps()]
    names = sorted(
        {*known.findings, *known.errors}, key=lambda name: (order.index(name) if name in order else 99, name)
    )
    shown = []
    for name in names:
        one = known.findings.get(name)
        shown.append(
            StepFound(
                step=name,
                told=teller.tell(name),
                version=one.version if one else None,
                body=dict(one.body) if one else {},
                why=one.why if one else "",
                error=known.errors.get(name, ""),
                took_us=known.took_us.get(name),
            )
        )
    return shown


def _revision(one: StoredRevision, before: StoredRevision | None) -> RevisionShown:
    said = one.item.said
    what = [] if before is None else list(changed_parts(before.item.said, said))
    if one.item.is_withdrawn:
        what = ["withdrawn"]
    elif before is not None and before.item.is_withdrawn:
        what = ["shown again", *what]
    return RevisionShown(
        revision=one.item.revision,
        title=said.title,
        text=said.text,
        url=said.url,
        ts_published=said.ts_published,
        ts_seen=one.item.ts_seen,
        is_withdrawn=one.item.is_withdrawn,
        changed=what,
        document=said.document,
    )


class EvidenceAsk(Ask):
    """One revision of an item."""

    item: str = ItemId
    revision: int = Field(1, ge=1, le=1_000_000)


class Evidence(Answer):
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
def evidence(house: House, caller: Caller, ask: EvidenceAsk) -> Evidence:
    """Read the raw answer of the source that a revision came from; it is kept as long as raw documents are."""
    one = next((one for one in house.items.get(ask.item) if one.item.revision == ask.revision), None)
    if one is None:
        raise NotFound(f"there is no revision {ask.revision} of item {ask.item!r}")
    held = house.documents.get(one.item.said.document) if one.item.said.document else None
    if held is None:
        raise NotFound(f"the raw answer of revision {ask.revision} is not kept any more")
    refuse_strangers(held, caller)
    raw, shown = raw_of(held), held.body.get("body")
    text = shown if isinstance(shown, str) else raw.content.decode()
    return Evidence(
        item=ask.item,
        revision=ask.revision,
        document=held.id,
        address=held.key,
        ts_fetched=held.ts_known,
        headers=heads_of(held),
        body=text[:_LONGEST_EVIDENCE],
        digest=hashlib.sha256(raw.content).hexdigest(),
        is_cut=len(text) > _LONGEST_EVIDENCE,
    )
