"""What happened in a span of an asset's chart: stories, register changes, funding extremes, price moves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final, Literal

from pydantic import Field

from vigie.data.bar_reader import BarReader
from vigie.data.catalog import BarCatalog
from vigie.data.stores import DataStores
from vigie.domain.errors import UsageError
from vigie.domain.item import FindingBody
from vigie.domain.person import Caller
from vigie.domain.time import DAY_MS
from vigie.intelligence.market.compare import MOST_SERIES
from vigie.intelligence.news.steps.reliability import says_first_hand
from vigie.ports.bookmarks import SourceBookmarks
from vigie.ports.clock import Clock
from vigie.ports.connectors import ConnectorDirectory
from vigie.ports.facts import FactStore
from vigie.ports.items import ItemStore
from vigie.ports.quotes import QuoteStore
from vigie.ports.registers import RegisterStore
from vigie.services.market_data.perpetuals import PerpetualSources
from vigie.services.market_data.price_moves import funding_extremes, price_moves
from vigie.services.market_data.series import LAST_MS
from vigie.services.news.first_seen import MOST_ITEMS, PARTS, FirstSeen, StoryStart, find_first_seen
from vigie.services.news.publishers import load_publishers
from vigie.services.news.story_loading import glance_stories, load_stories
from vigie.services.news.story_summary import StoryItem, best_status, story_status
from vigie.services.operation import OperationInput, Origin, Table, operation
from vigie.services.rows import Row, row_columns, shown

Kind = Literal["", "story", "register", "funding", "price"]
# Told where no start is asked for.
DEFAULT_SPAN_MS: Final = 7 * DAY_MS
_MOST_CHANGES: Final = 40
# Changes are read from the newest back.
_READ_CHANGES: Final = 2_000
# Whose findings say how far a story can be believed.
_STATUS_STEPS: Final = ("reliability",)


@dataclass(frozen=True, slots=True)
class AssetEventSources:
    """What happened to an asset is found in these."""

    items: ItemStore
    bookmarks: SourceBookmarks
    directory: ConnectorDirectory
    registers: RegisterStore
    catalog: BarCatalog
    bar_reader: BarReader
    facts: FactStore
    quotes: QuoteStore
    data: DataStores
    clock: Clock


class AssetEventRow(Row):
    """One thing that happened to an asset."""

    ts: int = shown("Known", unit="ms", definition="When this installation first saw it.")
    kind: str = shown("Kind", definition="story, register, funding or price.")
    what: str = shown(
        "What",
        definition="For registers: added, changed, ended, removed; for funding: highest, lowest; for prices: "
        "span or bar.",
    )
    title: str = shown(
        "Title", definition="Title of a story's first item, or name of a firm or an instrument."
    )
    source: str = shown("Source", definition="Outlet, register, or the venue's instrument.")
    change: float | None = shown(
        "Change", unit="change", definition="Change of the price, close to close.", default=None
    )
    per_8h: float | None = shown(
        "Per 8 h", unit="rate", definition="Rate x 8 / hours between settlements.", default=None
    )
    step: str = shown(
        "Timeframe", definition="Timeframe of the bar in which the price changed this much.", default=""
    )
    language: str = shown("Language", default="")
    status: str = shown(
        "Reliability", definition="Reliability of the whole story, as on its page.", default=""
    )
    items: int | None = shown(
        "News items", unit="count", definition="Items of the story that name the asset.", default=None
    )
    story: str = shown("Story", default="")
    item: str = shown("Item", default="")
    ts_published: int | None = shown(
        "Published",
        unit="ms",
        definition="When a story's first item was published, as its source states it; empty without a time of day.",
        default=None,
    )
    ts_start: int | None = shown(
        "Since", unit="ms", definition="For prices: the close from which the period counts.", default=None
    )


class NewsMarkRow(AssetEventRow):
    """One story about an asset."""

    asset: str = shown("Asset", definition="The asset the story is about.")
    name: str = shown("Name")


class TimeSpanInput(OperationInput):
    """Which span, as it was known when."""

    start: int | None = Field(
        None, ge=0, le=LAST_MS, description="Epoch ms; without it seven days before the end."
    )
    end: int | None = Field(None, ge=0, le=LAST_MS, description="Epoch ms, not included; without it now.")
    as_of: int | None = Field(None, ge=0, le=LAST_MS, description="Epoch ms; only what was known then.")
    most: int = Field(60, ge=1, le=200, description="Stories at most: those with most items of it.")


class AssetEventsInput(TimeSpanInput):
    """Which span of which asset."""

    asset: str = Field(
        "bitcoin", max_length=80, description="Catalogue id, or a ticker that only one asset has."
    )
    kind: Kind = Field("", description="Only of this kind.")


class NewsMarksInput(TimeSpanInput):
    """Which span of which assets."""

    assets: str = Field(
        "bitcoin,ethereum", max_length=700, description=f"1 to {MOST_SERIES} ids or tickers, comma-separated."
    )


class AssetEventsTable(Table[AssetEventRow]):
    """What happened; `is_thinned` where there were more items than are read.

    Then the newest items of each twelfth of the span were read: a story may stand at a later item than its first.
    """

    is_thinned: bool = False


class NewsMarksTable(Table[NewsMarkRow]):
    """Stories about several assets; `is_thinned` where there were more items than are read."""

    is_thinned: bool = False


@operation("assets.happened", example={"asset": "bitcoin", "kind": "price"})
def list_asset_events(
    caller: Caller, params: AssetEventsInput, sources: AssetEventSources, perpetual_sources: PerpetualSources
) -> AssetEventsTable:
    """List what happened to an asset in a span, each thing at the time it was known here, nothing before that."""
    asset = sources.catalog.find(params.asset).id
    horizon = _known_until(params, sources.clock.market_now())
    start, end = _parse_span(params, horizon)
    if start >= end:
        return AssetEventsTable(columns=row_columns(AssetEventRow), rows=[], total=0, as_of=params.as_of)
    rows: list[AssetEventRow] = []
    total, is_thinned = 0, False
    if params.kind in ("", "story"):
        seen_stories = find_first_seen(
            sources.bookmarks,
            sources.items,
            sources.directory,
            asset,
            start_ms=start,
            end_ms=end,
            known_ms=horizon,
            choose=partial(_select_stories, most=params.most),
        )
        total, is_thinned = seen_stories.total, seen_stories.is_thinned
        rows += _story_rows(sources.bookmarks, sources.items, sources.directory, seen_stories.stories, end)
    other_rows = [
        *_register_rows(sources.registers, sources.directory, params.kind, start, end),
        *_market_rows(perpetual_sources, sources.data, sources.bar_reader, asset, params.kind, start, end),
    ]
    rows = sorted(rows + other_rows, key=lambda row: (row["ts"], row["kind"], row["title"]))
    return AssetEventsTable(
        columns=row_columns(AssetEventRow),
        rows=rows,
        origins=_origins(rows, end),
        total=total + len(other_rows),
        as_of=params.as_of,
        is_thinned=is_thinned,
    )


@operation("assets.news_marks", example={"assets": "bitcoin,ethereum"})
def list_news_marks(
    caller: Caller,
    params: NewsMarksInput,
    catalog: BarCatalog,
    bookmarks: SourceBookmarks,
    items: ItemStore,
    clock: Clock,
    directory: ConnectorDirectory,
) -> NewsMarksTable:
    """List stories about several assets at the time each was first seen here, each named by the asset it is about."""
    words = [word for word in (part.strip() for part in params.assets.split(",")) if word]
    if not 1 <= len(words) <= MOST_SERIES:
        raise UsageError(
            "too_many_assets_drawn",
            "give 1 to {most_series} assets, had {words_count}",
            most_series=MOST_SERIES,
            words_count=len(words),
        )
    assets = list({entry.id: entry for entry in (catalog.find(word) for word in words)}.values())
    horizon = _known_until(params, clock.market_now())
    start, end = _parse_span(params, horizon)
    rows: list[NewsMarkRow] = []
    total, is_thinned = 0, False
    for asset in assets if start < end else ():
        # So that several assets are read in about the time of one.
        most = max(MOST_ITEMS // len(assets), PARTS)
        seen_stories = find_first_seen(
            bookmarks,
            items,
            directory,
            asset.id,
            start_ms=start,
            end_ms=end,
            known_ms=horizon,
            max_items=most,
            choose=partial(_select_stories, most=-(-params.most // len(assets))),
        )
        total, is_thinned = total + seen_stories.total, is_thinned or seen_stories.is_thinned
        rows += [
            NewsMarkRow(**row, asset=asset.id, name=asset.name)
            for row in _story_rows(bookmarks, items, directory, seen_stories.stories, end)
        ]
    rows = sorted(rows, key=lambda row: (row["ts"], row["asset"], row["title"]))
    return NewsMarksTable(
        columns=row_columns(NewsMarkRow), rows=rows, origins=_origins(rows, end), total=total,
        as_of=params.as_of,
        is_thinned=is_thinned,
    )  # fmt: skip


def _select_stories(stories: Sequence[StoryStart], most: int) -> list[StoryStart]:
    """Return what many tell before what one told; of those told alike some of each part of the span."""
    by_size = sorted(stories, key=lambda story: (-story.items, -story.ts))
    first = min((story.ts for story in stories), default=0)
    part_ms = max(max((story.ts for story in stories), default=0) - first, 1) / PARTS
    counts_by_key: Counter[tuple[int, int]] = Counter()
    ranked = []
    for story in by_size:
        key = (story.items, min(int((story.ts - first) / part_ms), PARTS - 1))
        ranked.append((-story.items, counts_by_key[key], -story.ts, story.story, story))
        counts_by_key[key] += 1
    return [story for *_, story in sorted(ranked, key=lambda entry: entry[:-1])[:most]]


def _known_until(params: TimeSpanInput, now: int) -> int:
    """Return where knowledge ends, exclusive: the instant itself is a part of it."""
    return min(now, params.as_of if params.as_of is not None else now) + 1


def _parse_span(params: TimeSpanInput, horizon: int) -> tuple[int, int]:
    """Return the span, which ends where knowledge does; one that lies ahead altogether is empty."""
    requested_end = params.end if params.end is not None else horizon
    start = params.start if params.start is not None else max(0, requested_end - DEFAULT_SPAN_MS)
    if start >= requested_end and params.end is not None:
        raise UsageError(
            "start_must_before_end",
            "start must be before end, was {start} and {requested_end}",
            start=start,
            requested_end=requested_end,
        )
    return start, max(start, min(requested_end, horizon))


def _story_rows(
    bookmarks: SourceBookmarks,
    items: ItemStore,
    directory: ConnectorDirectory,
    stories: Sequence[FirstSeen],
    end: int,
) -> list[AssetEventRow]:
    glances_by_story = glance_stories(items, [story.story for story in stories], steps=_STATUS_STEPS)
    # What was changed since is left out.
    known_by_story = {
        story: [glance.bodies.get("reliability", {}) for glance in glances if glance.ts_seen < end]
        for story, glances in glances_by_story.items()
    }
    status_by_story = {
        story: best_status({str(body.get("status") or "") for body in bodies})
        for story, bodies in known_by_story.items()
    }
    confirmed = [story for story, bodies in known_by_story.items() if _may_differ(bodies)]
    if confirmed:
        publishers_by_id = load_publishers(bookmarks, directory)
        whole_stories = load_stories(items, confirmed, publishers_by_id, steps=_STATUS_STEPS)
        status_by_story |= {story: _story_status(whole, end) for story, whole in whole_stories.items()}
    return [
        AssetEventRow(
            ts=story.ts,
            kind="story",
            what="first_seen",
            title=story.title,
            source=story.publisher,
            language=story.language,
            status=status_by_story.get(story.story, "") or story.status,
            items=story.items,
            story=story.story,
            item=story.item,
            ts_published=story.ts_published,
        )
        for story in stories
    ]


def _may_differ(bodies: Sequence[FindingBody]) -> bool:
    """Tell whether a story's texts may say of its status what its items do not: a release beside others, and confirmed.

    Nowhere else are texts compared.
    """
    is_first_hand = {says_first_hand(body) for body in bodies}
    return len(is_first_hand) == 2 and any(body.get("status") == "confirmed" for body in bodies)


def _story_status(items: Iterable[StoryItem], end: int) -> str:
    """Return how far a story could be believed by an instant; what was changed since is left out."""
    return story_status([item for item in items if item.item.ts_seen < end])


def _register_rows(
    registers: RegisterStore, directory: ConnectorDirectory, kind: str, start: int, end: int
) -> list[AssetEventRow]:
    if kind not in ("", "register"):
        return []
    titles = {note.id: note.title for note in directory.news()}
    changes = registers.changes(after_ms=start, limit=_READ_CHANGES)
    return [
        AssetEventRow(
            ts=change.ts_seen,
            kind="register",
            what=change.kind,
            title=change.entry.name,
            source=titles.get(change.register, change.register),
        )
        for change in changes
        if start <= change.ts_seen < end
    ][:_MOST_CHANGES]


def _market_rows(
    sources: PerpetualSources,
    data: DataStores,
    bar_reader: BarReader,
    asset: str,
    kind: str,
    start: int,
    end: int,
) -> list[AssetEventRow]:
    rows: list[AssetEventRow] = []
    if kind in ("", "funding"):
        rows += [
            AssetEventRow(
                ts=event.ts,
                kind="funding",
                what=event.what,
                title=event.place,
                source=event.place,
                per_8h=event.per_8h,
            )
            for event in funding_extremes(sources, asset, start_ms=start, end_ms=end)
        ]
    if kind in ("", "price"):
        rows += [
            AssetEventRow(
                ts=event.ts,
                kind="price",
                what="bar" if event.timeframe else "span",
                title=event.place,
                source=event.place,
                change=event.change,
                step=event.timeframe,
                ts_start=event.ts_start,
            )
            for event in price_moves(data, bar_reader, asset, start_ms=start, end_ms=end)
        ]
    return rows


def _origins(rows: Iterable[AssetEventRow], end: int) -> list[Origin]:
    return [Origin(source=source, ts_known=end) for source in dict.fromkeys(row.source for row in rows)]
