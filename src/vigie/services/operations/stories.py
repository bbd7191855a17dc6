"""Stories: items about one event, who was first, how it spread, what contradicts what, prices before and after."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from pydantic import BaseModel, Field

from vigie.data.bar_reader import BarReader
from vigie.data.stores import DataStores
from vigie.domain.errors import NotFound
from vigie.domain.person import Caller
from vigie.intelligence.news.step import Publisher
from vigie.ports.bookmarks import SourceBookmarks
from vigie.ports.clock import Clock
from vigie.ports.connectors import ConnectorDirectory
from vigie.ports.items import ItemStore
from vigie.services.languages import LanguageOrNone as Language
from vigie.services.market_data.price_moves import OFFSETS_MIN, prices_around
from vigie.services.news import story_summary
from vigie.services.news.analysis.item_reader import tags_of
from vigie.services.news.entities.warnings import WarningShown, warnings_of
from vigie.services.news.news_rows import (
    NewsItemRow,
    NewsReading,
    StoryPriceRow,
    StorySpreadRow,
    row_of,
)
from vigie.services.news.publishers import load_publishers
from vigie.services.news.story_loading import current_ids, load_story
from vigie.services.news.story_summary import StoryItem
from vigie.services.operation import OperationInput, OperationResult, Origin, Table, operation
from vigie.services.operations.news_outcomes import is_changed, outcomes_of
from vigie.services.operations.story_details import (
    JoinedStory,
    SilentGroup,
    joined_stories,
    silent_publishers,
)
from vigie.services.rows import table_of

MOST_ASSETS: Final = 3
StoryId = Field(
    pattern=r"^[0-9a-f]{20}$",
    description="Id of a story: of its first item.",
    examples=["0123456789abcdef0123"],
)


class StoryInput(OperationInput):
    """One story."""

    story: str = StoryId
    language: Language = Field("", description="Headline and summary in it, where there are items in it.")


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


class StorySide(BaseModel):
    """One side of a contradiction."""

    item: str
    title: str
    publisher: str
    language: str
    url: str
    ts: int
    words: str


class StoryContradiction(BaseModel):
    """Two items that differ: `kind` is denial, figures, or the fact that `other` tells otherwise than the release."""

    kind: str
    one: StorySide
    other: StorySide
    repeats: int = Field(0, description="How many further items repeat a denial.")


class StoryResult(OperationResult):
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
    first: StorySide
    assets: list[str]
    topics: list[str]
    entities: list[str]
    summary: list[QuotedSentence]
    contradictions: list[StoryContradiction]
    silent: list[SilentGroup]
    unasked: int
    spread: list[StorySpreadRow]
    prices: list[StoryPriceRow]
    items: list[NewsItemRow]
    warnings: list[WarningShown] = Field([], description="Firms that items name and a register warns of.")
    joined: list[JoinedStory] = Field([], description="Stories that turned out to tell of the same event.")


@operation("stories.read", example={"story": "0123456789abcdef0123"})
def read_story(
    caller: Caller, params: StoryInput, reading: NewsReading, data: DataStores, bar_reader: BarReader
) -> StoryResult:
    """Read one story: its items, first publisher, spread, summary, contradictions, who is silent, prices."""
    publishers_by_id = load_publishers(reading.bookmarks, reading.directory)
    name = current_ids(reading.items, [params.story])[params.story]
    items = items_of(reading.items, name, publishers_by_id)
    head, first = story_summary.pick_headline(items, params.language), items[0]
    rows = [row_of(entry.known, publishers_by_id, is_simulated=reading.is_simulated) for entry in items]
    tags = [tags_of(entry.known.findings) for entry in items]
    assets = most_frequent(entry["asset"] for entry in tags)
    silent, unasked = silent_publishers(reading.items, reading.directory, items, publishers_by_id)
    return StoryResult(
        story=name,
        title=head.item.content.title,
        title_item=head.item.id,
        language=head.language,
        status=story_summary.story_status(items),
        ts_first=first.ts,
        ts_last=items[-1].ts,
        publishers=story_summary.n_publishers(items),
        languages=sorted({entry.language for entry in items if entry.language}),
        first=_story_side(first, ""),
        assets=assets,
        topics=most_frequent(entry["topic"] for entry in tags),
        entities=most_frequent(entry["entity"] for entry in tags)[:12],
        summary=[_quoted_sentence(entry) for entry in story_summary.summarise_story(items, params.language)],
        contradictions=[
            StoryContradiction(
                kind=entry.kind,
                one=_story_side(entry.first, entry.words[0]),
                other=_story_side(entry.second, entry.words[1]),
                repeats=entry.repeats,
            )
            for entry in story_summary.find_contradictions(items)
        ],
        silent=silent,
        unasked=unasked,
        spread=_spread_rows(items),
        prices=_price_rows(data, bar_reader, reading.clock, assets[:MOST_ASSETS], first.ts),
        items=rows,
        warnings=warnings_of(reading.warning_sources, (entry.item for entry in items)),
        joined=joined_stories(reading.items, name, items, publishers_by_id),
    )


@operation("stories.spread", example={"story": "0123456789abcdef0123"})
def read_spread(
    caller: Caller,
    params: StoryInput,
    bookmarks: SourceBookmarks,
    item_store: ItemStore,
    directory: ConnectorDirectory,
) -> Table[StorySpreadRow]:
    """List the items of a story in their order, with how many publishers had it by then."""
    items = items_of(item_store, params.story, load_publishers(bookmarks, directory))
    rows = _spread_rows(items)
    return table_of(StorySpreadRow, rows, origins=story_origins(directory, items), total=len(rows))


@operation("stories.prices", example={"story": "0123456789abcdef0123"})
def read_prices(
    caller: Caller,
    params: StoryInput,
    data: DataStores,
    bar_reader: BarReader,
    bookmarks: SourceBookmarks,
    item_store: ItemStore,
    clock: Clock,
    directory: ConnectorDirectory,
) -> Table[StoryPriceRow]:
    """List the prices of the assets of a story before and after its first item."""
    publishers_by_id = load_publishers(bookmarks, directory)
    items = items_of(item_store, params.story, publishers_by_id)
    assets = most_frequent(tags_of(item.known.findings)["asset"] for item in items)[:MOST_ASSETS]
    rows = _price_rows(data, bar_reader, clock, assets, items[0].ts)
    places = dict.fromkeys(row.place for row in rows)
    return table_of(
        StoryPriceRow,
        rows,
        origins=[Origin(source=place, ts_event=items[0].ts) for place in places],
        total=len(rows),
    )


def items_of(item_store: ItemStore, story: str, publishers_by_id: Mapping[str, Publisher]) -> list[StoryItem]:
    """Return the items of a story in their order.

    Raises
    ------
    NotFound
        If there is no such story.
    """
    items = load_story(item_store, story, publishers_by_id)
    if not items:
        raise NotFound("no_story", "there is no story {story!r}; `stories.top` lists today's", story=story)
    return items


def _story_side(item: StoryItem, words: str) -> StorySide:
    content = item.item.content
    return StorySide(
        item=item.item.id,
        title=content.title,
        publisher=item.publisher.title,
        language=item.language,
        url=content.url,
        ts=item.ts,
        words=words,
    )


def _quoted_sentence(quote: story_summary.StoryQuote) -> QuotedSentence:
    side = _story_side(quote.item, "")
    return QuotedSentence(
        text=quote.text,
        item=side.item,
        publisher=side.publisher,
        url=side.url,
        language=side.language,
        ts=side.ts,
        where=quote.where,
        start=quote.start,
        end=quote.end,
    )


def _spread_rows(items: Sequence[StoryItem]) -> list[StorySpreadRow]:
    start_ts = items[0].ts
    known_items = {entry.item.id: entry.known for entry in items}
    outcomes = outcomes_of(list(known_items.values()))
    since = {
        entry.item: (entry.became, entry.by)
        for entry in outcomes
        if is_changed(entry, known_items[entry.item])
    }
    return [
        StorySpreadRow(
            ts=entry.ts,
            minutes=round((entry.ts - start_ts) / 60_000, 1),
            publisher=entry.publisher.title,
            tier=entry.publisher.tier,
            language=entry.language,
            publishers=publishers,
            items=count,
            title=entry.item.content.title,
            url=entry.item.content.url,
            id=entry.item.id,
            is_generated=entry.item.is_generated,
            **dict(zip(("became", "became_by"), since.get(entry.item.id, ("", "")), strict=True)),
        )
        for entry, publishers, count in story_summary.measure_spread(items)
    ]


def _price_rows(
    data: DataStores, bar_reader: BarReader, clock: Clock, assets: Sequence[str], ts: int
) -> list[StoryPriceRow]:
    rows = []
    for asset in assets:
        price_around = prices_around(data, bar_reader, clock, asset, ts)
        if price_around is not None:
            day_before, before, _, after, day_after = (
                price_around.change(minutes) for minutes in OFFSETS_MIN
            )
            rows.append(
                StoryPriceRow(
                    asset=asset,
                    price=price_around.prices[0],
                    before_1d=day_before,
                    before_1h=before,
                    after_1h=after,
                    after_1d=day_after,
                    place=price_around.place,
                )
            )
    return rows


def most_frequent(lists: Iterable[Iterable[str]]) -> list[str]:
    """Return what stands in most of these lists, the most frequent first."""
    counts = Counter(word for names in lists for word in dict.fromkeys(names) if word)
    return [word for word, _ in counts.most_common()]


def story_origins(directory: ConnectorDirectory, items: Iterable[StoryItem]) -> list[Origin]:
    """Return the publishers of items as origins of a table."""
    return publisher_origins(directory, (item.publisher for item in items))


def publisher_origins(directory: ConnectorDirectory, publishers: Iterable[Publisher]) -> list[Origin]:
    """Return publishers as origins of a table, each once."""
    licences = {note.id: note.licence for note in directory.news()}
    names = dict.fromkeys((publisher.id, publisher.title) for publisher in publishers)
    return [Origin(source=title, licence=licences.get(name, "")) for name, title in names]
