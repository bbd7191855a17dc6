"""A week in short, as it is known now: prices, top stories, releases of regulators, registers, mood.

An event stands in it once: what a story tells of is no release of its own beside it, whatever its items were put into.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC
from typing import Final

from vigie.domain.errors import UsageError
from vigie.domain.person import OWNER
from vigie.domain.register import RegisterChange
from vigie.domain.time import DAY_MS, zoned
from vigie.intelligence.news.mood import MARKET
from vigie.intelligence.news.steps.reliability import FIRST_HAND
from vigie.ports.items import ItemQuery
from vigie.services.house import House
from vigie.services.market_data.euros import Money
from vigie.services.market_data.fear_greed import ALTERNATIVE_INDEX, OWN_INDEX
from vigie.services.news import telling
from vigie.services.news.brief_days import monday_of, week_of
from vigie.services.news.brief_events import events, stories_of, story_of, ties_of
from vigie.services.news.brief_prices import WeekPrices, week_prices
from vigie.services.news.publishers import publishers
from vigie.services.news.telling import Quoted, Told, in_order, told
from vigie.services.news.whole import wholes

WEEK_MS: Final = 7 * DAY_MS
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
class Story:
    """An event of the week: `head` gives its title, `quotes` are sentences of its items, `weight` adds to its place.

    `release` is the first release of a regulator in it, where another item heads it.
    """

    head: Told
    first: Told
    publishers: int
    weight: int
    status: str
    quotes: Sequence[Quoted]
    release: Told | None = None


@dataclass(frozen=True, slots=True)
class Gauge:
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
    releases : sequence of sequence of Told
        What regulators published and no story tells of, by event, the newest event first.
    told_releases : int
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
    stories: Sequence[Story]
    releases: Sequence[Sequence[Told]]
    more_releases: int
    told_releases: int
    changes: Sequence[RegisterChange]
    more_changes: int
    gauges: Sequence[Gauge]
    items: int
    is_cut: bool
    sources: Mapping[str, tuple[str, str]]
    is_simulated: bool
    address: str = ""
    prices: WeekPrices = field(default_factory=WeekPrices)


def brief(
    house: House, week: str, language: str, *, owner: str = OWNER.user, currency: Money = "usd"
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
    now = house.clock.market_now()
    week = week or week_of(zoned(now - WEEK_MS, UTC))
    start = monday_of(week)
    if start > now:
        raise UsageError(f"week must have begun, {week} has not")
    end = min(start + WEEK_MS, now)
    known = house.items.query(
        ItemQuery(is_relevant=True, after_ms=start, before_ms=end, limit=MOST_ITEMS + 1)
    )
    items = told(known[:MOST_ITEMS], publishers(house))
    stories, others = _stories(house, items, end, language)
    releases, count = _releases(others)
    changes = [
        one for one in house.registers.changes(after_ms=start, limit=_READ_CHANGES) if one.ts_seen < end
    ]
    prices = week_prices(house, owner, start, end, currency)
    return Brief(
        week=week,
        start_ms=start,
        end_ms=end,
        stories=stories,
        releases=releases[:MOST_RELEASES],
        more_releases=max(len(releases) - MOST_RELEASES, 0),
        told_releases=sum(map(_is_release, items)) - count,
        changes=changes[:MOST_CHANGES],
        more_changes=max(len(changes) - MOST_CHANGES, 0),
        gauges=[_gauge(house, name, start, end) for name in SERIES],
        items=len(items),
        is_cut=len(known) > MOST_ITEMS,
        sources=_sources(house, stories, releases[:MOST_RELEASES], changes[:MOST_CHANGES], prices),
        is_simulated=house.is_simulated,
        address=house.post.address(),
        prices=prices,
    )


def _stories(
    house: House, items: Sequence[Told], end: int, language: str
) -> tuple[list[Story], list[list[Told]]]:
    """Return the stories that are named, and the events of the week that are not."""
    found = events(items, _heads(house, items))
    # What regulators alone tell of is regulation.
    tellable = [
        one
        for one in found
        if stories_of(one)
        and any(two.is_quotable for two in one)
        and not all(two.publisher.tier == "regulator" for two in one)
    ]
    named = sorted(tellable, key=lambda one: _place(_story(one, language)))[:MOST_STORIES]
    # Those that are named are told whole, with what was out before the week or is about something else.
    names = [name for one in named for name in stories_of(one)]
    whole = wholes(house, names, publishers(house), before_ms=end)
    stories = [_story(_with_all(one, whole), language) for one in named]
    return sorted(stories, key=_place), [one for one in found if not any(one is other for other in named)]


def _heads(house: House, items: Sequence[Told]) -> dict[str, str]:
    """Return which story an item is part of now, of those that stories and copies lead to and that are not here."""
    known = {one.item.id for one in items}
    asked = {name for one in items for name in ties_of(one.known)} - known
    found: dict[str, str] = {}
    for _ in range(_MOST_STEPS):
        if not asked:
            break
        held = house.items.histories(sorted(asked), steps=("story",))
        newest = {name: story_of(revisions[-1]) for name, revisions in held.items() if revisions}
        found |= newest
        known |= asked
        asked = {name for name in newest.values() if name} - known
    return found


def _with_all(event: Sequence[Told], whole: Mapping[str, Sequence[Told]]) -> list[Told]:
    every = {one.item.id: one for name in stories_of(event) for one in whole.get(name, ())}
    return sorted(({one.item.id: one for one in event} | every).values(), key=in_order)


def _releases(events: Sequence[Sequence[Told]]) -> tuple[list[list[Told]], int]:
    """Return the releases of regulators by event, the newest event first, and how many there are."""
    held = [[one for one in event if _is_release(one)] for event in events]
    found = sorted((one for one in held if one), key=lambda one: in_order(one[0]), reverse=True)
    return found, sum(map(len, found))


def _is_release(one: Told) -> bool:
    return one.publisher.tier == "regulator" and one.is_quotable


def _story(items: Sequence[Told], language: str) -> Story:
    head = telling.headline(items, language)
    releases = [one for one in items if _is_release(one)]
    return Story(
        head=head,
        first=items[0],
        publishers=telling.voices(items),
        weight=_FIRST_HAND if any(one.publisher.tier in FIRST_HAND for one in items) else 0,
        status=telling.status(items),
        quotes=telling.summary(items, language),
        release=releases[0] if releases and head not in releases else None,
    )


def _place(one: Story) -> tuple[int, int, str]:
    return -one.publishers - one.weight, -one.first.ts, one.first.item.id


def _gauge(house: House, series: str, start: int, end: int) -> Gauge:
    return Gauge(series, _value(house, series, start), _value(house, series, end))


def _value(house: House, series: str, ts: int) -> float | None:
    """Return what was known at a time, unless it was a week old by then."""
    held = house.facts.latest([series], as_of=ts).get(series)
    return held.value if held is not None and held.ts_event > ts - WEEK_MS else None


def _sources(
    house: House,
    stories: Sequence[Story],
    releases: Sequence[Sequence[Told]],
    changes: Sequence[RegisterChange],
    prices: WeekPrices,
) -> dict[str, tuple[str, str]]:
    notes = {one.source: (one.title, one.licence) for one in house.directory.notes()}
    notes |= {one.id: (one.title, one.licence) for one in house.directory.news()}
    # A venue's markets are of the venue: binance-perp is read from Binance.
    venues = {one.place.partition(":")[0] for one in prices.prices if one.place}
    traded = {one if one in notes else one.rpartition("-")[0] or one for one in venues}
    heads = [one.publisher.id for story in stories for one in (story.head, story.first, story.release) if one]
    quoted = [one.told.publisher.id for story in stories for one in story.quotes]
    those = {
        *heads,
        *quoted,
        *traded,
        *(one.publisher.id for event in releases for one in event),
        *(one.register for one in changes),
    }
    return {one: notes.get(one, (one, "")) for one in sorted(those)}
