"""A week in short, as it is known now: prices, top stories, releases of regulators, registers, mood.

An event stands in it once: what a story tells of is no release of its own beside it, whatever its items were put into.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC
from typing import Final

from vigie.data.bar_reader import BarReader
from vigie.data.catalog import BarCatalog
from vigie.domain.errors import UsageError
from vigie.domain.person import OWNER
from vigie.domain.register import RegisterChange
from vigie.domain.time import WEEK_MS, zoned
from vigie.intelligence.news.mood import MARKET
from vigie.intelligence.news.steps.reliability import FIRST_HAND
from vigie.ports.accounts import UserStore
from vigie.ports.bookmarks import SourceBookmarks
from vigie.ports.clock import Clock
from vigie.ports.connectors import ConnectorDirectory
from vigie.ports.facts import FactStore
from vigie.ports.home import IsSimulated
from vigie.ports.item_queries import ItemQuery
from vigie.ports.items import ItemStore
from vigie.ports.notifier import Notifiers
from vigie.ports.registers import RegisterStore
from vigie.services.caches.asset_metrics import AssetMetricsCache
from vigie.services.market_data.euros import Money
from vigie.services.market_data.fear_greed import ALTERNATIVE_INDEX, OWN_INDEX
from vigie.services.news import story_summary
from vigie.services.news.brief.events import group_by_event, related_items, stories_of, story_of
from vigie.services.news.brief.prices import WeekPrices, load_week_prices
from vigie.services.news.brief.schedule import monday_of, week_of
from vigie.services.news.publishers import load_publishers
from vigie.services.news.story_loading import load_stories
from vigie.services.news.story_summary import StoryItem, StoryQuote, story_item_order, story_items

MOST_ITEMS: Final = 1_000
MOST_STORIES: Final = 7
MOST_RELEASES: Final = 12
MOST_CHANGES: Final = 15
SERIES: Final = (OWN_INDEX, ALTERNATIVE_INDEX, f"news/{MARKET}/sentiment_index")
_READ_CHANGES: Final = 10_000
# So often a story that was joined to another one is followed to before the week.
_MOST_STEPS: Final = 5
# As much as two more publishers, as on the page of news.
_FIRST_HAND: Final = 2


@dataclass(frozen=True, slots=True)
class BriefSources:
    """What the weekly brief is made from."""

    items: ItemStore
    bookmarks: SourceBookmarks
    directory: ConnectorDirectory
    registers: RegisterStore
    catalog: BarCatalog
    facts: FactStore
    bar_reader: BarReader
    asset_metrics: AssetMetricsCache
    accounts: UserStore
    notifiers: Notifiers
    clock: Clock
    is_simulated: IsSimulated


@dataclass(frozen=True, slots=True)
class BriefStory:
    """An event of the week: `head` gives its title, `quotes` are sentences of its items, `weight` adds to its place.

    `release` is the first release of a regulator in it, where another item heads it.
    """

    head: StoryItem
    first: StoryItem
    publishers: int
    weight: int
    status: str
    quotes: Sequence[StoryQuote]
    release: StoryItem | None = None


@dataclass(frozen=True, slots=True)
class BriefMetric:
    """An index before the week and at its end; None where it was not known."""

    series: str
    before: float | None
    after: float | None


@dataclass(frozen=True, slots=True)
class Brief:
    """A week of news.

    Attributes
    ----------
    week : str
        ISO 8601, ``2026-W47``; from Monday, UTC.
    start_ms, end_ms : int
        The end is now, where the week has not ended.
    releases : sequence of sequence of StoryItem
        What regulators published and no story tells of, by event, the newest event first.
    n_releases_in_stories : int
        What they published that stories tell of.
    items, is_cut : int, bool
        How many items it was made of, and whether there were more.
    more_releases, more_changes : int
        Beyond those that are named.
    sources : mapping of str to (title, licence)
        Of what is named, by id.
    is_simulated : bool
        Whether it is of a demonstration, whose publishers are invented.
    address : str
        Where people reach this home; empty where that is unknown.
    prices : WeekPrices
        Of what its reader watches.
    """

    week: str
    start_ms: int
    end_ms: int
    stories: Sequence[BriefStory]
    releases: Sequence[Sequence[StoryItem]]
    more_releases: int
    n_releases_in_stories: int
    changes: Sequence[RegisterChange]
    more_changes: int
    metrics: Sequence[BriefMetric]
    items: int
    is_cut: bool
    sources: Mapping[str, tuple[str, str]]
    is_simulated: bool
    address: str = ""
    prices: WeekPrices = field(default_factory=WeekPrices)


def build_brief(
    sources: BriefSources, week: str, language: str, *, owner: str = OWNER.user, currency: Money = "usd"
) -> Brief:
    """Return the brief of a week; of the last whole one where none is named.

    Parameters
    ----------
    owner : str
        Whose watchlist the prices are of.
    currency : str
        What prices are told in.

    Raises
    ------
    UsageError
        If it is no week, or has not begun.
    """
    now = sources.clock.market_now()
    week = week or week_of(zoned(now - WEEK_MS, UTC))
    start = monday_of(week)
    if start > now:
        raise UsageError("week_must_not_future", "week must not be in the future, {week} is", week=week)
    end = min(start + WEEK_MS, now)
    revisions = sources.items.query(
        ItemQuery(is_relevant=True, after_ms=start, before_ms=end, limit=MOST_ITEMS + 1)
    )
    items = story_items(revisions[:MOST_ITEMS], load_publishers(sources.bookmarks, sources.directory))
    stories, other_events = _stories(
        sources.bookmarks, sources.items, sources.directory, items, end, language
    )
    releases, n_releases = _releases(other_events)
    changes = [
        change
        for change in sources.registers.changes(after_ms=start, limit=_READ_CHANGES)
        if change.ts_seen < end
    ]
    prices = load_week_prices(
        sources.catalog,
        sources.bar_reader,
        sources.asset_metrics,
        sources.facts,
        sources.accounts,
        owner,
        start,
        end,
        currency,
    )
    return Brief(
        week=week,
        start_ms=start,
        end_ms=end,
        stories=stories,
        releases=releases[:MOST_RELEASES],
        more_releases=max(len(releases) - MOST_RELEASES, 0),
        n_releases_in_stories=sum(map(_is_release, items)) - n_releases,
        changes=changes[:MOST_CHANGES],
        more_changes=max(len(changes) - MOST_CHANGES, 0),
        metrics=_metrics(sources.facts, start, end),
        items=len(items),
        is_cut=len(revisions) > MOST_ITEMS,
        sources=_sources(
            sources.directory, stories, releases[:MOST_RELEASES], changes[:MOST_CHANGES], prices
        ),
        is_simulated=sources.is_simulated,
        address=sources.notifiers.address(),
        prices=prices,
    )


def _stories(
    bookmarks: SourceBookmarks,
    item_store: ItemStore,
    directory: ConnectorDirectory,
    items: Sequence[StoryItem],
    end: int,
    language: str,
) -> tuple[list[BriefStory], list[list[StoryItem]]]:
    """Return the stories that are named, and the events of the week that are not."""
    all_events = group_by_event(items, _current_stories(item_store, items))
    # What regulators alone tell of is regulation.
    tellable = [
        event
        for event in all_events
        if stories_of(event)
        and any(item.is_quotable for item in event)
        and not all(item.publisher.tier == "regulator" for item in event)
    ]
    named_events = sorted(tellable, key=_event_order)[:MOST_STORIES]
    # Those that are named are told whole, with what was out before the week or is about something else.
    names = [name for event in named_events for name in stories_of(event)]
    items_by_story = load_stories(item_store, names, load_publishers(bookmarks, directory), before_ms=end)
    stories = [_story(_with_whole_story(event, items_by_story), language) for event in named_events]
    return sorted(stories, key=lambda story: _order(story.publishers, story.weight, story.first)), [
        event for event in all_events if not any(event is named_event for named_event in named_events)
    ]


def _current_stories(item_store: ItemStore, items: Sequence[StoryItem]) -> dict[str, str]:
    """Return which story an item is part of now, of those that stories and copies lead to and that are not here."""
    known_ids = {item.item.id for item in items}
    wanted_ids = {name for item in items for name in related_items(item.known)} - known_ids
    story_by_item: dict[str, str] = {}
    for _ in range(_MOST_STEPS):
        if not wanted_ids:
            break
        histories = item_store.histories(sorted(wanted_ids), steps=("story",))
        newest = {name: story_of(revisions[-1]) for name, revisions in histories.items() if revisions}
        story_by_item |= newest
        known_ids |= wanted_ids
        wanted_ids = {name for name in newest.values() if name} - known_ids
    return story_by_item


def _with_whole_story(
    event: Sequence[StoryItem], whole: Mapping[str, Sequence[StoryItem]]
) -> list[StoryItem]:
    story_items = {item.item.id: item for name in stories_of(event) for item in whole.get(name, ())}
    return sorted(({item.item.id: item for item in event} | story_items).values(), key=story_item_order)


def _releases(events: Sequence[Sequence[StoryItem]]) -> tuple[list[list[StoryItem]], int]:
    """Return the releases of regulators by event, the newest event first, and how many there are."""
    by_event = [[release for release in event if _is_release(release)] for event in events]
    release_events = sorted(
        (release for release in by_event if release),
        key=lambda release: story_item_order(release[0]),
        reverse=True,
    )
    return release_events, sum(map(len, release_events))


def _is_release(item: StoryItem) -> bool:
    return item.publisher.tier == "regulator" and item.is_quotable


def _story(items: Sequence[StoryItem], language: str) -> BriefStory:
    head = story_summary.pick_headline(items, language)
    releases = [item for item in items if _is_release(item)]
    return BriefStory(
        head=head,
        first=items[0],
        publishers=story_summary.n_publishers(items),
        weight=_weight(items),
        status=story_summary.story_status(items),
        quotes=story_summary.summarise_story(items, language),
        release=releases[0] if releases and head not in releases else None,
    )


def _weight(items: Sequence[StoryItem]) -> int:
    return _FIRST_HAND if any(item.publisher.tier in FIRST_HAND for item in items) else 0


def _event_order(items: Sequence[StoryItem]) -> tuple[int, int, str]:
    """Return what a story is ordered by without telling it, which takes far longer."""
    return _order(story_summary.n_publishers(items), _weight(items), items[0])


def _order(publishers: int, weight: int, first: StoryItem) -> tuple[int, int, str]:
    return -publishers - weight, -first.ts, first.item.id


def _metrics(facts: FactStore, start: int, end: int) -> list[BriefMetric]:
    before, after = _values_at(facts, start), _values_at(facts, end)
    return [BriefMetric(name, before.get(name), after.get(name)) for name in SERIES]


def _values_at(facts: FactStore, ts: int) -> dict[str, float]:
    """Return what was known at a time, but for what was a week old by then."""
    known = facts.latest(list(SERIES), as_of=ts)
    return {name: one.value for name, one in known.items() if one.ts_event > ts - WEEK_MS}


def _sources(
    directory: ConnectorDirectory,
    stories: Sequence[BriefStory],
    releases: Sequence[Sequence[StoryItem]],
    changes: Sequence[RegisterChange],
    prices: WeekPrices,
) -> dict[str, tuple[str, str]]:
    notes = {item.source: (item.title, item.licence) for item in directory.notes()}
    notes |= {item.id: (item.title, item.licence) for item in directory.news()}
    # A venue's markets are of the venue: binance-perp is read from Binance.
    venues = {item.place.partition(":")[0] for item in prices.prices if item.place}
    traded = {item if item in notes else item.rpartition("-")[0] or item for item in venues}
    heads = [
        item.publisher.id for story in stories for item in (story.head, story.first, story.release) if item
    ]
    quoted = [item.item.publisher.id for story in stories for item in story.quotes]
    ids = {
        *heads,
        *quoted,
        *traded,
        *(item.publisher.id for event in releases for item in event),
        *(item.register for item in changes),
    }
    return {item: notes.get(item, (item, "")) for item in sorted(ids)}
