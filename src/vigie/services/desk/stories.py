"""Stories: items about one event, who was first, how it spread, what contradicts what, prices before and after."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, Literal

from pydantic import BaseModel, Field

from vigie.domain.errors import NotFound
from vigie.domain.item import TIERS
from vigie.domain.person import Caller
from vigie.intelligence.news.step import Publisher
from vigie.services.desk.news import SPANS
from vigie.services.desk.news_standing import is_changed, standings_of
from vigie.services.desk.story_joins import JoinedStory, joined_of
from vigie.services.desk.story_silence import SilentGroup, silent_of
from vigie.services.house import House
from vigie.services.measuring.around import OFFSETS_MIN, around
from vigie.services.news import telling
from vigie.services.news.publishers import publishers
from vigie.services.news.reading import tags_of
from vigie.services.news.shown import row_of
from vigie.services.news.story_ids import kept_as
from vigie.services.news.telling import Told
from vigie.services.news.warnings import WarningShown, warnings_of
from vigie.services.news.whole import whole, wholes
from vigie.services.operation import Answer, Ask, Column, Origin, Table, operation

MOST_ASSETS: Final = 3
# Whose findings say what a list of stories does.
_TOLD_BY: Final = "language", "duplicate", "entities", "reliability"
StoryId = Field(
    pattern=r"^[0-9a-f]{20}$",
    description="Id of a story: of its first item.",
    examples=["0123456789abcdef0123"],
)
Language = Literal["", "en", "fr"]

SPREAD: Final = [
    Column(name="ts", title="Time", unit="ms", definition="When it was out, or first seen."),
    Column(name="minutes", title="After the first", unit="count", definition="Minutes after the first item."),
    Column(name="publisher", title="Publisher"),
    Column(name="tier", title="Kind of source"),
    Column(name="language", title="Language"),
    Column(
        name="publishers",
        title="Publishers",
        unit="count",
        definition="That told it in their own words by then, by owner; no forum, no copy.",
    ),
    Column(name="items", title="Items", unit="count", definition="Of the story by then."),
    Column(name="title", title="Title"),
    Column(name="url", title="Address"),
    Column(name="id", title="Item"),
    Column(name="is_generated", title="Generated"),
    Column(
        name="became",
        title="Since then",
        definition="confirmed, disputed, corrected, withdrawn or flagged by what was seen later; empty: nothing.",
    ),
    Column(name="became_by", title="By item"),
]
PRICES: Final = [
    Column(name="asset", title="Asset"),
    Column(
        name="price",
        title="Price then",
        unit="usd",
        source="venue",
        definition="When the first item was out.",
    ),
    Column(
        name="before_1d",
        title="24 h before",
        unit="change",
        source="venue",
        definition="Change from then to the first item.",
    ),
    Column(
        name="before_1h",
        title="1 h before",
        unit="change",
        source="venue",
        definition="Change from then to the first item.",
    ),
    Column(
        name="after_1h",
        title="1 h after",
        unit="change",
        source="venue",
        definition="Change since the first item.",
    ),
    Column(
        name="after_1d",
        title="24 h after",
        unit="change",
        source="venue",
        definition="Change since the first item.",
    ),
    Column(name="place", title="Instrument", definition="Whose bars they are."),
]
TOP: Final = [
    Column(name="story", title="Story"),
    Column(name="title", title="Title"),
    Column(name="language", title="Language"),
    Column(name="publisher", title="Publisher", definition="Whose headline it is."),
    Column(name="first_publisher", title="First publisher"),
    Column(name="publishers", title="Publishers", unit="count"),
    Column(name="items", title="Items", unit="count"),
    Column(name="status", title="Reliability"),
    Column(name="ts_first", title="Begun", unit="ms"),
    Column(name="ts_last", title="Newest", unit="ms"),
    Column(name="assets", title="Assets"),
    Column(name="tiers", title="Kinds of sources"),
]


class StoryAsk(Ask):
    """One story."""

    story: str = StoryId
    language: Language = Field("", description="Headline and summary in it, where there are items in it.")


class TopAsk(Ask):
    """Which stories."""

    period: Literal["24h", "1w", "1m"] = "24h"
    asset: str = Field("", max_length=80, description="Catalogue id.")
    entity: str = Field("", max_length=120)
    language: Language = Field("", description="Headlines in it, where there are items in it.")
    least: int = Field(2, ge=1, le=50, description="Publishers at least.")
    limit: int = Field(5, ge=1, le=50)


class QuotedSentence(BaseModel):
    """A sentence of the summary with its source: `start` and `end` in the item's title or text."""

    text: str
    item: str
    publisher: str
    url: str
    language: str
    ts: int
    where: str
    start: int
    end: int


class Side(BaseModel):
    """One side of a contradiction."""

    item: str
    title: str
    publisher: str
    language: str
    url: str
    ts: int
    words: str


class Opposed(BaseModel):
    """Two items that differ: `kind` is denial, figures, or the fact that `other` tells otherwise than the release."""

    kind: str
    one: Side
    other: Side


class StoryAnswer(Answer):
    """A story; `prices` are of the assets that most of its items name. An ended one is given as the one kept."""

    story: str
    title: str
    title_item: str
    language: str
    status: str
    ts_first: int
    ts_last: int
    publishers: int
    languages: list[str]
    first: Side
    assets: list[str]
    topics: list[str]
    entities: list[str]
    summary: list[QuotedSentence]
    contradictions: list[Opposed]
    silent: list[SilentGroup]
    unasked: int
    spread: list[dict[str, Any]]
    prices: list[dict[str, Any]]
    items: list[dict[str, Any]]
    warnings: list[WarningShown] = Field([], description="Firms that items name and a register warns of.")
    joined: list[JoinedStory] = Field([], description="Stories that turned out to tell of the same event.")


@operation("stories.read", example={"story": "0123456789abcdef0123"})
def read_story(house: House, caller: Caller, ask: StoryAsk) -> StoryAnswer:
    """Read one story: its items, first publisher, spread, summary, contradictions, who is silent, prices."""
    known = publishers(house)
    name = kept_as(house, [ask.story])[ask.story]
    items = items_of(house, name, known)
    head, first = telling.headline(items, ask.language), items[0]
    rows = [row_of(one.known, known, is_simulated=house.is_simulated) for one in items]
    tags = [tags_of(one.known.findings) for one in items]
    assets = _most(one["asset"] for one in tags)
    silent, unasked = silent_of(house, items, known)
    return StoryAnswer(
        story=name,
        title=head.item.said.title,
        title_item=head.item.id,
        language=head.language,
        status=telling.status(items),
        ts_first=first.ts,
        ts_last=items[-1].ts,
        publishers=telling.voices(items),
        languages=sorted({one.language for one in items if one.language}),
        first=_side(first, ""),
        assets=assets,
        topics=_most(one["topic"] for one in tags),
        entities=_most(one["entity"] for one in tags)[:12],
        summary=[_sentence(one) for one in telling.summary(items, ask.language)],
        contradictions=[
            Opposed(kind=one.kind, one=_side(one.one, one.words[0]), other=_side(one.other, one.words[1]))
            for one in telling.contradictions(items)
        ],
        silent=silent,
        unasked=unasked,
        spread=_spread_rows(items),
        prices=_price_rows(house, assets[:MOST_ASSETS], first.ts),
        items=rows,
        warnings=warnings_of(house, (one.item for one in items)),
        joined=joined_of(house, name, items, known),
    )


@operation("stories.spread", example={"story": "0123456789abcdef0123"})
def read_spread(house: House, caller: Caller, ask: StoryAsk) -> Table:
    """List the items of a story in their order, with how many publishers had it by then."""
    items = items_of(house, ask.story, publishers(house))
    rows = _spread_rows(items)
    return Table(columns=list(SPREAD), rows=rows, origins=_origins(house, items), total=len(rows))


@operation("stories.prices", example={"story": "0123456789abcdef0123"})
def read_prices(house: House, caller: Caller, ask: StoryAsk) -> Table:
    """List the prices of the assets of a story before and after its first item."""
    known = publishers(house)
    items = items_of(house, ask.story, known)
    assets = _most(tags_of(one.known.findings)["asset"] for one in items)[:MOST_ASSETS]
    rows = _price_rows(house, assets, items[0].ts)
    places = dict.fromkeys(row["place"] for row in rows)
    return Table(
        columns=list(PRICES),
        rows=rows,
        origins=[Origin(source=place, ts_event=items[0].ts) for place in places],
        total=len(rows),
    )


@operation("stories.top", example={"limit": 3})
def top_stories(house: House, caller: Caller, ask: TopAsk) -> Table:
    """List the stories that most publishers had in a period, those with a regulator or primary source first."""
    known = publishers(house)
    after = house.clock.market_now() - SPANS[ask.period]
    tags = {kind: value for kind, value in (("asset", ask.asset), ("entity", ask.entity)) if value}
    found = house.items.count_tags(
        "story", tags=tags, after_ms=after, limit=max(20, 3 * ask.limit) if ask.least > 1 else ask.limit
    )
    rows, held = [], []
    names = [one.value for one in found]
    for story, items in wholes(house, names, known, steps=_TOLD_BY).items():
        if telling.voices(items) >= ask.least:
            rows.append(_top_row(story, items, ask.language))
            held += items
    rows.sort(key=lambda row: (-row["publishers"] - _weight(row), -row["ts_last"], row["story"]))
    shown = rows[: ask.limit]
    return Table(columns=list(TOP), rows=shown, origins=_origins(house, held), total=len(rows))


def _weight(row: Mapping[str, Any]) -> int:
    # A release of a regulator weighs as two more publishers do: the journalist's first glance is for it.
    return 2 if {"regulator", "primary"} & set(row["tiers"].split(",")) else 0


def _top_row(story: str, items: Sequence[Told], language: str) -> dict[str, Any]:
    head = telling.headline(items, language)
    tiers = {one.publisher.tier for one in items}
    return {
        "story": story,
        "title": head.item.said.title,
        "language": head.language,
        "publisher": head.publisher.title,
        "first_publisher": items[0].publisher.title,
        "publishers": telling.voices(items),
        "items": len(items),
        "status": telling.status(items),
        "ts_first": items[0].ts,
        "ts_last": items[-1].ts,
        "assets": ",".join(_most(tags_of(one.known.findings)["asset"] for one in items)[:5]),
        "tiers": ",".join(tier for tier in TIERS if tier in tiers),
    }


def items_of(house: House, story: str, known: Mapping[str, Publisher]) -> list[Told]:
    """Return the items of a story in their order.

    Raises
    ------
    NotFound
        If there is no such story.
    """
    found = whole(house, story, known)
    if not found:
        raise NotFound(f"there is no story {story!r}; `stories.top` names those of the day")
    return found


def _side(one: Told, words: str) -> Side:
    said = one.item.said
    return Side(
        item=one.item.id, title=said.title, publisher=one.publisher.title, language=one.language, url=said.url,
        ts=one.ts, words=words,
    )  # fmt: skip


def _sentence(one: telling.Quoted) -> QuotedSentence:
    side = _side(one.told, "")
    return QuotedSentence(
        text=one.text, item=side.item, publisher=side.publisher, url=side.url, language=side.language, ts=side.ts,
        where=one.where, start=one.start, end=one.end,
    )  # fmt: skip


def _spread_rows(items: Sequence[Told]) -> list[dict[str, Any]]:
    begun = items[0].ts
    held = {one.item.id: one.known for one in items}
    every = standings_of(list(held.values()))
    since = {one.item: (one.became, one.by) for one in every if is_changed(one, held[one.item])}
    return [
        {
            "ts": one.ts, "minutes": round((one.ts - begun) / 60_000, 1), "publisher": one.publisher.title,
            "tier": one.publisher.tier, "language": one.language, "publishers": publishers, "items": count,
            "title": one.item.said.title, "url": one.item.said.url, "id": one.item.id,
            "is_generated": one.item.is_generated,
            **dict(zip(("became", "became_by"), since.get(one.item.id, ("", "")), strict=True)),
        }
        for one, publishers, count in telling.spread(items)
    ]  # fmt: skip


def _price_rows(house: House, assets: Sequence[str], ts: int) -> list[dict[str, Any]]:
    rows = []
    for asset in assets:
        found = around(house, asset, ts)
        if found is not None:
            day_before, before, _, after, day_after = (found.change(minutes) for minutes in OFFSETS_MIN)
            rows.append(
                {
                    "asset": asset, "price": found.prices[0], "before_1d": day_before, "before_1h": before,
                    "after_1h": after, "after_1d": day_after, "place": found.place,
                }
            )  # fmt: skip
    return rows


def _most(lists: Iterable[Iterable[str]]) -> list[str]:
    """Return what stands in most of these lists, the most frequent first."""
    counts = Counter(word for words in lists for word in dict.fromkeys(words) if word)
    return [word for word, _ in counts.most_common()]


def _origins(house: House, items: Iterable[Told]) -> list[Origin]:
    licences = {note.id: note.licence for note in house.directory.news()}
    names = dict.fromkeys((one.publisher.id, one.publisher.title) for one in items)
    return [Origin(source=title, licence=licences.get(name, "")) for name, title in names]
