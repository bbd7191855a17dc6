"""The stories that most publishers had, those with a regulator or primary source first."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Final, Literal

from pydantic import Field

from vigie.data.catalog import BarCatalog
from vigie.domain.item import TIERS
from vigie.domain.person import Caller
from vigie.intelligence.news.step import Publisher
from vigie.ports.bookmarks import SourceBookmarks
from vigie.ports.clock import Clock
from vigie.ports.connectors import ConnectorDirectory
from vigie.ports.item_glances import ItemGlance
from vigie.ports.items import ItemStore
from vigie.services.caches.asset_metrics import AssetMetricsCache, price_change_since
from vigie.services.languages import LanguageOrNone as Language
from vigie.services.news import story_summary
from vigie.services.news.analysis.item_reader import tags_of
from vigie.services.news.news_rows import TopStoryRow
from vigie.services.news.publishers import load_publishers, publisher_of
from vigie.services.news.story_loading import glance_stories, load_stories
from vigie.services.news.story_summary import StoryItem
from vigie.services.operation import OperationInput, Table, operation
from vigie.services.operations.news import SPANS
from vigie.services.operations.stories import most_frequent, publisher_origins
from vigie.services.rows import table_of

# Stories that are ranked, those with most items first: items say little about publishers, so far more than are listed.
_RANKED: Final = 200
# Whose findings say which stories are listed, and whose what the list says of them.
_RANK_STEPS: Final = ("duplicate",)
_LIST_STEPS: Final = "language", "duplicate", "entities", "reliability"


class TopStoriesInput(OperationInput):
    """Which stories."""

    period: Literal["24h", "1w", "1m"] = "24h"
    asset: str = Field("", max_length=80, description="Catalogue id.")
    entity: str = Field("", max_length=120)
    language: Language = Field("", description="Headlines in it, where there are items in it.")
    status: Literal["", "confirmed", "repeated", "disputed", "unconfirmed", "flagged"] = Field(
        "", description="How far the story can be believed."
    )
    tier: Literal["", "regulator", "primary", "media", "aggregator", "social"] = Field(
        "", description="Kind of source that has at least one item of it."
    )
    least: int = Field(2, ge=1, le=50, description="Publishers at least.")
    sort: Literal["", "-publishers", "-ts_last", "ts_last", "-ts_first", "ts_first"] = Field(
        "", description="Order; empty: most publishers, a regulator or primary source counting as two more."
    )
    limit: int = Field(5, ge=1, le=50)


@operation("stories.top", example={"limit": 3})
def top_stories(
    caller: Caller,
    params: TopStoriesInput,
    bookmarks: SourceBookmarks,
    item_store: ItemStore,
    clock: Clock,
    directory: ConnectorDirectory,
    catalog: BarCatalog,
    asset_metrics: AssetMetricsCache,
) -> Table[TopStoryRow]:
    """List the stories that most publishers had in a period, those with a regulator or primary source first."""
    publishers_by_id = load_publishers(bookmarks, directory)
    after = clock.market_now() - SPANS[params.period]
    tags = {kind: value for kind, value in (("asset", params.asset), ("entity", params.entity)) if value}
    tallies = item_store.count_tags(
        "story",
        tags=tags,
        after_ms=after,
        limit=_RANKED,
    )
    names = [tally.value for tally in tallies]
    # A story has no more publishers than items: what cannot be listed is not read.
    glances_by_story = glance_stories(item_store, names, steps=_RANK_STEPS, least=params.least)
    load = partial(load_stories, item_store, publishers=publishers_by_id, steps=_LIST_STEPS)
    # Of most stories only their rank is asked: how far one can be believed takes its texts, the rest does not.
    stories = load(stories=names, least=params.least) if params.status else {}
    standings, sources = list[_Standing](), dict[str, None]()
    for story, glances in glances_by_story.items():
        standing = _standing_of(story, glances, publishers_by_id)
        if (
            standing.publishers >= params.least
            and (not params.status or params.status == story_summary.story_status(stories.get(story, ())))
            and (not params.tier or params.tier in standing.tiers)
        ):
            standings.append(standing)
            sources |= dict.fromkeys(glance.source for glance in glances)
    standings.sort(key=lambda one: (_rank(one, params.sort), -one.ts_last, one.story))
    listed = [standing.story for standing in standings[: params.limit]]
    read = stories or load(stories=listed)
    rows = [_story_row(story, read[story], params.language) for story in listed if story in read]
    return table_of(
        TopStoryRow,
        _with_prices(rows, catalog, asset_metrics),
        origins=publisher_origins(directory, (publisher_of(publishers_by_id, source) for source in sources)),
        total=len(standings),
    )


def _with_prices(
    rows: Sequence[TopStoryRow], catalog: BarCatalog, asset_metrics: AssetMetricsCache
) -> list[TopStoryRow]:
    """Return the rows with what the price of each one's asset did since; only where the hours before are kept."""
    names = {row.asset for row in rows if row.asset}
    assets = [asset for asset in catalog.assets() if asset.id in names]
    readings = {reading.asset.id: reading for reading in asset_metrics.readings(assets)}
    return [
        replace(row, change_since=price_change_since(readings[row.asset], row.ts_first))
        if row.asset in readings
        else row
        for row in rows
    ]


@dataclass(frozen=True, slots=True)
class _Standing:
    """What a story is ranked by."""

    story: str
    publishers: int
    tiers: Collection[str]
    ts_first: int
    ts_last: int


def _standing_of(
    story: str, glances: Sequence[ItemGlance], publishers_by_id: Mapping[str, Publisher]
) -> _Standing:
    tellers = [
        (publisher_of(publishers_by_id, glance.source), bool(glance.bodies.get("duplicate", {}).get("of")))
        for glance in glances
    ]
    tiers = {publisher.tier for publisher, _ in tellers}
    first, last = glances[0].ts_out, glances[-1].ts_out
    return _Standing(story, story_summary.count_tellers(tellers), tiers, first, last)


def _rank(standing: _Standing, sort: str) -> int:
    if sort.endswith(("ts_first", "ts_last")):
        ts = standing.ts_first if sort.endswith("ts_first") else standing.ts_last
        return -ts if sort.startswith("-") else ts
    return -standing.publishers - (0 if sort else story_summary.official_weight(standing.tiers))


def _story_row(story: str, items: Sequence[StoryItem], language: str) -> TopStoryRow:
    head = story_summary.pick_headline(items, language)
    tiers = {item.publisher.tier for item in items}
    assets = most_frequent(tags_of(item.known.findings)["asset"] for item in items)
    return TopStoryRow(
        story=story,
        title=head.item.content.title,
        language=head.language,
        publisher=head.publisher.title,
        first_publisher=items[0].publisher.title,
        last_publisher=items[-1].publisher.title,
        publishers=story_summary.n_publishers(items),
        items=len(items),
        status=story_summary.story_status(items),
        ts_first=items[0].ts,
        ts_last=items[-1].ts,
        assets=",".join(assets[:5]),
        tiers=",".join(tier for tier in TIERS if tier in tiers),
        asset=assets[0] if assets else "",
        change_since=None,
    )
