"""Whether two items may tell of one event by the kind of their headlines, and by the day where the kind has one."""

from __future__ import annotations

from vigie.domain.item import NewsItem
from vigie.domain.time import DAY_MS, HOUR_MS
from vigie.intelligence.news.reading.genres import may_share_event
from vigie.intelligence.news.reading.item_terms import item_terms
from vigie.intelligence.news.reading.opposites import are_opposites
from vigie.intelligence.news.reading.traits import Traits, item_traits
from vigie.intelligence.news.step import AnalysedItem

# A day does not end for those who report prices shortly before and after midnight.
_NEAR_MS = 6 * HOUR_MS
# So much of what is in a round-up tells it from that of another day.
_CONTENT = 2
_ALWAYS = frozenset({"coin:bitcoin", "coin:ethereum"})


def may_share_story(entry: AnalysedItem, other: AnalysedItem) -> bool:
    """Tell whether the kinds of two headlines let them be of one story."""
    return may_share_event(
        item_traits(entry).genre, item_traits(other).genre, is_one_day=_are_same_day(entry.item, other.item)
    )


def may_join_story(entry: AnalysedItem, other: AnalysedItem) -> bool:
    """Tell whether the kinds of two headlines let one join the story of the other.

    A round-up joins none. Two reports of prices that a rule tells as such are of one event where they share a coin, do
    not move opposite ways and are of one day. Dated columns are of one date.
    """
    ours, theirs = item_traits(entry), item_traits(other)
    if "round-up" in (ours.genre.kind, theirs.genre.kind):
        return False
    if ours.dates and theirs.dates and ours.dates != theirs.dates:
        return False
    if "prices" in (ours.genre.kind, theirs.genre.kind) and not (
        _is_price_report(entry) and _is_price_report(other)
    ):
        return False
    if ours.genre.kind and theirs.genre.kind:
        if not _are_same_day(entry.item, other.item):
            return False
        is_other_way = {ours.genre.direction, theirs.genre.direction} == {"up", "down"}
        return not is_other_way and not _moving_subjects(ours).isdisjoint(_moving_subjects(theirs))
    return True


def _is_price_report(entry: AnalysedItem) -> bool:
    return item_terms(entry).is_price


def _moving_subjects(traits_found: Traits) -> frozenset[str]:
    # What moves the market moves Bitcoin.
    subjects = traits_found.genre.subjects
    return subjects | {"coin:bitcoin"} if "market" in subjects else subjects


def may_be_copies(entry: AnalysedItem, other: AnalysedItem) -> bool:
    """Tell whether the kinds of two headlines let one be a copy of the other.

    Nobody copies what says the opposite, in however many of the same words.

    A round-up joins no story, but one of the same day with the same words is the same one; that of the next day is not,
    unless both name the same of what is in it: «Daily recap» comes again every day, whom it is about does not.
    """
    if are_opposites(entry.item.content.title, other.item.content.title):
        return False
    ours, theirs = item_traits(entry), item_traits(other)
    if ours.genre.kind == theirs.genre.kind == "round-up":
        shared = _shared_content(ours) & _shared_content(theirs)
        return len(shared) >= _CONTENT or _are_same_day(entry.item, other.item)
    return may_share_story(entry, other)


def _shared_content(traits_found: Traits) -> frozenset[str]:
    # The market and its two largest coins are in every round-up.
    return (
        traits_found.names
        | traits_found.others
        | traits_found.countries
        | traits_found.coins
        | traits_found.counts
    ) - _ALWAYS


def _are_same_day(item: NewsItem, other: NewsItem) -> bool:
    ours, theirs = _told_time(item), _told_time(other)
    return ours // DAY_MS == theirs // DAY_MS or abs(ours - theirs) <= _NEAR_MS


def _told_time(item: NewsItem) -> int:
    # What was read late was told when it was published; nobody publishes after being read.
    published = item.content.ts_published
    return item.ts_seen if published is None else min(published, item.ts_seen)
