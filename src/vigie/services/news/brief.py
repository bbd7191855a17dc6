"""A week of news in short, as it is known now: top stories, releases of regulators, registers, mood."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC
from typing import Final

from vigie.domain.errors import UsageError
from vigie.domain.register import RegisterChange
from vigie.domain.time import DAY_MS, zoned
from vigie.intelligence.news.mood import MARKET
from vigie.intelligence.news.steps.reliability import FIRST_HAND
from vigie.ports.items import Known, Wanted
from vigie.services.house import House
from vigie.services.measuring.greed import OWN, THEIRS
from vigie.services.news import telling
from vigie.services.news.brief_days import monday_of, week_of
from vigie.services.news.publishers import publishers
from vigie.services.news.telling import Quoted, Told, told
from vigie.services.news.whole import wholes

WEEK_MS: Final = 7 * DAY_MS
MOST_ITEMS: Final = 1_000
MOST_STORIES: Final = 7
MOST_RELEASES: Final = 12
MOST_CHANGES: Final = 15
SERIES: Final = (OWN, THEIRS, f"news/{MARKET}/sentiment_index")
_READ_CHANGES: Final = 10_000
# As much as two more publishers, as on the page of news.
_FIRST_HAND: Final = 2


@dataclass(frozen=True, slots=True)
class Story:
    """An event of the week: `head` gives its title, `quotes` are sentences of its items, `weight` adds to its place."""

    head: Told
    first: Told
    publishers: int
    weight: int
    status: str
    quotes: Sequence[Quoted]


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
    releases : sequence of Told
        What regulators published, newest first.
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
    """

    week: str
    start_ms: int
    end_ms: int
    stories: Sequence[Story]
    releases: Sequence[Told]
    more_releases: int
    changes: Sequence[RegisterChange]
    more_changes: int
    gauges: Sequence[Gauge]
    items: int
    is_cut: bool
    sources: Mapping[str, tuple[str, str]]
    is_simulated: bool
    address: str = ""


def brief(house: House, week: str, language: str) -> Brief:
    """Return the brief of a week; of the last whole one where none is named.

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
    known = house.items.wanted(Wanted(is_relevant=True, after_ms=start, before_ms=end, limit=MOST_ITEMS + 1))
    items = told(known[:MOST_ITEMS], publishers(house))
    stories = _stories(house, items, end, language)
    releases = [one for one in reversed(items) if one.publisher.tier == "regulator" and one.is_quotable]
    changes = [
        one for one in house.registers.changes(after_ms=start, limit=_READ_CHANGES) if one.ts_seen < end
    ]
    return Brief(
        week=week,
        start_ms=start,
        end_ms=end,
        stories=stories,
        releases=releases[:MOST_RELEASES],
        more_releases=max(len(releases) - MOST_RELEASES, 0),
        changes=changes[:MOST_CHANGES],
        more_changes=max(len(changes) - MOST_CHANGES, 0),
        gauges=[_gauge(house, name, start, end) for name in SERIES],
        items=len(items),
        is_cut=len(known) > MOST_ITEMS,
        sources=_sources(house, stories, releases[:MOST_RELEASES], changes[:MOST_CHANGES]),
        is_simulated=house.is_simulated,
        address=house.post.address(),
    )


def _stories(house: House, items: Sequence[Told], end: int, language: str) -> list[Story]:
    groups: dict[str, list[Told]] = {}
    for one in items:
        groups.setdefault(_story_of(one.known), []).append(one)
    groups.pop("", None)
    found = {
        name: _story(group, language)
        for name, group in groups.items()
        if any(one.is_quotable for one in group)
    }
    names = sorted(found, key=lambda name: _place(found[name]))[:MOST_STORIES]
    # Those that are named are told whole, with what was out before the week or is about something else.
    whole = wholes(house, names, publishers(house), before_ms=end)
    return sorted((_story(whole.get(name, groups[name]), language) for name in names), key=_place)


def _story_of(known: Known) -> str:
    return str(known.found["story"].body.get("story") or "") if "story" in known.found else ""


def _story(items: Sequence[Told], language: str) -> Story:
    return Story(
        head=telling.headline(items, language),
        first=items[0],
        publishers=telling.voices(items),
        weight=_FIRST_HAND if any(one.publisher.tier in FIRST_HAND for one in items) else 0,
        status=telling.status(items),
        quotes=telling.summary(items, language),
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
    house: House, stories: Sequence[Story], releases: Sequence[Told], changes: Sequence[RegisterChange]
) -> dict[str, tuple[str, str]]:
    notes = {one.id: (one.title, one.licence) for one in house.directory.news()}
    heads = [one.publisher.id for story in stories for one in (story.head, story.first)]
    quoted = [one.told.publisher.id for story in stories for one in story.quotes]
    those = {*heads, *quoted, *(one.publisher.id for one in releases), *(one.register for one in changes)}
    return {one: notes.get(one, (one, "")) for one in sorted(those)}
