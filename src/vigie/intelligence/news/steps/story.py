"""Story: which items tell of one event, in whichever words and language; every item joins one when it is seen.

Body: ``story``, the id of the first item of the story; ``place``: first or follows; ``kind``, prices, outlook or
round-up, where the headline is one; ``signs``, what speaks most for the join, where an item follows; ``joins``, stories
that end with it (`vigie.intelligence.news.reading.rejoined`); ``was``, of which one an item was before its story ended.

Pairs are weighed by who is named, what was done, amounts, places, time, and words by their rarity; reports of prices by
coins, levels, direction and hours. An item is weighed against every item of a story, not against its likest alone: from
member to member a story would wander off. Releases of one regulator are worded alike: one that acts against others, or
over other amounts, is another event; so is what turns the other way, and what has another unlisted firm in the place of
one (`vigie.intelligence.news.reading.name_places`).

A round-up of several subjects joins no story and none joins it, but for copies.

A copy is in the story of its original. Any other item joins the story for which most speaks, if that is enough; else it
begins one. A story is open until nobody told of it for 72 hours, five days at most. An item that belongs to two stories
shows that they are one if their items speak for it, too: the younger one ends in the older one, whose id stays. So a
story is known by the same id from its first minute, or leads to the one that it ended in.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from vigie.domain.item import ItemFinding, NewsItem
from vigie.domain.story import STEP
from vigie.domain.time import DAY_MS, HOUR_MS
from vigie.intelligence.news.reading.alike import may_be_of_one, may_join
from vigie.intelligence.news.reading.evidence import evidence, points
from vigie.intelligence.news.reading.features import figure_term, squares
from vigie.intelligence.news.reading.happenings import beginnings
from vigie.intelligence.news.reading.item_terms import (
    FOREIGN,
    INDEXED,
    PRICES,
    index_terms,
    is_english,
    item_terms,
)
from vigie.intelligence.news.reading.join_model import ACROSS, models, signs
from vigie.intelligence.news.reading.name_places import name_others
from vigie.intelligence.news.reading.named import copied, story
from vigie.intelligence.news.reading.opposites import are_opposites
from vigie.intelligence.news.reading.pair_features import PRICE, Side, pair_features, side
from vigie.intelligence.news.reading.parties import are_others
from vigie.intelligence.news.reading.rarity import Rarity
from vigie.intelligence.news.reading.rejoined import joins
from vigie.intelligence.news.reading.shelf import Shelf, Terms
from vigie.intelligence.news.reading.traits import traits
from vigie.intelligence.news.step import Context, Seen, Step

SPAN_MS: Final = 120 * HOUR_MS
# A story that nobody told of for so long has ended.
OPEN_MS: Final = 72 * HOUR_MS
# Terms less rare than this find no candidates; a candidate shares at least so much of the others.
RARE: Final = 2.0
SHARED: Final = 8.0
# So many candidates are weighed, and so many of their stories.
_CANDIDATES: Final = 9
_STORIES: Final = 8
# A story that has many items is known by its first and its latest.
_MEMBERS: Final = 6
# Points of a pair that cannot be of one event, and the least that any pair counts.
_AGAINST: Final = -4.0
_FOR: Final = 1.0
# A story that has an item with so few points has wandered off.
WANDERED: Final = -3.5
# A number that so many others have makes no event.
_MANY: Final = 4
# Less alike than this in names, numbers and words together, two items in other languages are not weighed.
LOOSE: Final = 0.2
# Share of the likest item beside the average of all.
_LIKEST: Final = 0.4
# One outlet seldom tells of an event twice: so much more must speak for it by item of it in a story, two at most.
_OF_ONE_OUTLET: Final = 0.5
_MOST_OF_ONE_OUTLET: Final = 2
# So much more than for one item must speak for two stories being one.
_FOR_STORIES: Final = 0.0


@dataclass(frozen=True, slots=True)
class _Weighed:
    points: float
    kind: str
    features: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class _Judged:
    points: float
    story: str
    likest: Seen
    members: Sequence[Seen]
    count: int
    each: Sequence[float]
    weighed: _Weighed


class Story:
    """Puts every item into a story."""

    name = "story"
    version = 10
    needs: tuple[str, ...] = ("entities", "language", "duplicate")

    def __init__(self) -> None:
        beginnings()
        models()
        self.shelf = Shelf(index_terms, "entities", squares, story_of)

    def read(self, item: NewsItem, context: Context) -> ItemFinding:
        """Return the story of an item."""
        window = context.window.before(item, SPAN_MS)
        self.shelf.hold(window)
        this = Seen(item, context.found)
        if original := copied(context.found):
            return self._finding(this, _story_of_original(original, window), "a copy of an item of it")
        if item.revision > 1 and (began := _kept_for(item.id, window)):
            # An item that others followed stays in its story, whatever it became since.
            return self._finding(this, began, "others followed it")
        others = _of_others(item, window) if context.publisher.tier == "regulator" else frozenset()
        if traits(this).genre.kind == "round-up":
            return self._finding(this, item.id, "a round-up tells of several events")
        found = self._best(this, others)
        if not found:
            return self._finding(this, item.id, "nothing within 72 hours tells of the same")
        best, kept = found[0], min(found, key=lambda one: (one.members[0].item.ts_first_seen, one.story))
        finding = self._finding(this, kept.story, _why(this, best))
        body = {**finding.body, "signs": signs(best.weighed.kind, best.weighed.features)}
        if ended := [one for one in found if one is not kept]:
            body["joins"] = [
                {
                    "story": one.story,
                    "by": one.likest.item.id,
                    "signs": signs(one.weighed.kind, one.weighed.features),
                }
                for one in ended
            ]
        return ItemFinding(finding.step, finding.version, body, finding.why)

    def _finding(self, this: Seen, story: str, why: str) -> ItemFinding:
        body = {"story": story, "place": "first" if story == this.item.id else "follows"}
        if kind := traits(this).genre.kind:
            body["kind"] = kind
        return ItemFinding(self.name, self.version, body, why)

    def _best(self, this: Seen, without: frozenset[str]) -> list[_Judged]:
        """Return the story for which most speaks and those that are the same as it; nothing where none is enough."""
        terms = self.shelf.describing(this)
        rarity = self.rarity()
        near = dict.fromkeys(map(story_of, [*self.candidates(this, rarity), *self._across(this, terms)]))
        asked = [name for name in near if name not in without][:_STORIES]
        stories = [self._judged(this, terms, rarity, name) for name in asked]
        enough = [one for one in stories if one is not None and one.points >= 0.0]
        enough.sort(key=lambda one: (-one.points, one.story))
        return [*enough[:1], *(one for one in enough[1:] if self._are_one(rarity, enough[0], one))]

    def _are_one(self, rarity: Rarity, one: _Judged, other: _Judged) -> bool:
        """Tell whether the items of two stories that an item belongs to speak for one event as well."""
        points = list(other.each)
        for seen in one.members:
            if not all(_may_join(seen, its) and not _are_apart(seen, its) for its in other.members):
                return False
            weighed = self._weighed(seen, self.shelf.terms_of(seen), rarity, other.members)
            points += [max(_AGAINST, found.points) for found in weighed]
        return min(points) > WANDERED and _joined(points) >= _FOR_STORIES

    def rarity(self) -> Rarity:
        """Return how rare terms are now."""
        return Rarity(self.shelf.items, lambda term: self.shelf.count(INDEXED[term]))

    def candidates(self, this: Seen, rarity: Rarity, most: int = _CANDIDATES) -> list[Seen]:
        """Return the items of the window that share rare terms with an item, and reports of prices of another."""
        found = item_terms(this)
        weights = {INDEXED[term]: rarity[term] for term in found.every if rarity[term] >= RARE}
        shared = self.shelf.sharing(weights, SHARED, most)
        prices = self.shelf.holders((PRICES,))[-most:] if found.is_price else []
        return [*shared, *reversed(prices)]

    def _across(self, this: Seen, terms: Terms) -> list[Seen]:
        # Words of two languages are few in common: names, numbers and what happens find these.
        if not is_english(this):
            return [one.seen for one in self.shelf.nearest(terms, LOOSE)[:_CANDIDATES]]
        foreign = self.shelf.likenesses(terms, self.shelf.holders((FOREIGN,)))
        near = sorted([one for one in foreign if one.likeness >= LOOSE], key=lambda one: -one.likeness)
        return [one.seen for one in near[:_CANDIDATES]]

    def _judged(self, this: Seen, terms: Terms, rarity: Rarity, story: str) -> _Judged | None:
        members = self.shelf.members(story)
        if this.item.ts_seen - members[-1].item.ts_seen > OPEN_MS:
            return None
        asked = members if len(members) <= _MEMBERS else [members[0], *members[1 - _MEMBERS :]]
        if not all(_may_join(this, one) for one in asked):
            return None
        weighed = self._weighed(this, terms, rarity, asked)
        points = [max(_AGAINST, one.points) for one in weighed]
        if min(points) <= WANDERED:
            return None
        likest = max(range(len(asked)), key=points.__getitem__)
        total = _joined(points)
        if weighed[likest].kind != PRICE:
            theirs = sum(one.item.said.source == this.item.said.source for one in asked)
            total -= _OF_ONE_OUTLET * min(_MOST_OF_ONE_OUTLET, theirs)
        return _Judged(total, story, asked[likest], asked, len(members), points, weighed[likest])

    def _weighed(self, this: Seen, terms: Terms, rarity: Rarity, members: Sequence[Seen]) -> list[_Weighed]:
        ours, found = side(this), []
        for member in members:
            if is_english(this) and is_english(member):
                one = weigh(ours, side(member), rarity)
            else:
                one = self._by_evidence(this, terms, member)
            if traits(this).genre.kind and may_be_of_one(this, member):
                # What a rule tells as the same prices needs no weights.
                one = _Weighed(max(_FOR, one.points), one.kind, one.features)
            found.append(one)
        return found

    def _by_evidence(self, this: Seen, terms: Terms, other: Seen) -> _Weighed:
        near = self.shelf.likenesses(terms, [other])[0]
        usual = frozenset(
            figure for figure in traits(this).figures if self.shelf.count(figure_term(figure)) >= _MANY
        )
        found = evidence(
            traits(this),
            traits(other),
            likeness=near.likeness,
            days=(this.item.ts_seen - other.item.ts_seen) / DAY_MS,
            is_across=_language(this) != _language(other),
            usual=usual,
        )
        return _Weighed(points(found), ACROSS, found)


def _joined(points: Sequence[float]) -> float:
    return _LIKEST * max(points) + (1.0 - _LIKEST) * sum(points) / len(points)


def _are_apart(this: Seen, other: Seen) -> bool:
    ours, theirs = this.item.said, other.item.said
    return ours.source == theirs.source and are_others(ours.title, theirs.title)


def _kept_for(item: str, window: Sequence[Seen]) -> str:
    """Return the story that an item began, under which id ever it goes on; nothing where nobody followed it."""
    for seen in window:
        finding = seen.found.get(STEP)
        if finding is not None and item in (
            one["story"] for one in (finding.body, *finding.body.get("was", ()))
        ):
            return story_of(seen)
        if any(item == one["story"] for one in joins(seen.found)):
            return story_of(seen)
    return ""


def weigh(ours: Side, theirs: Side, rarity: Rarity) -> _Weighed:
    """Return how much speaks for two items telling of one event."""
    found = pair_features(ours, theirs, rarity)
    if found is None:
        return _Weighed(_AGAINST, "", {})
    kind, features = found
    return _Weighed(models()[kind].points(features), kind, features)


def _may_join(this: Seen, other: Seen) -> bool:
    if are_opposites(this.item.said.title, other.item.said.title):
        return False
    return may_join(this, other) and not name_others(this, other)


def _of_others(item: NewsItem, window: Sequence[Seen]) -> frozenset[str]:
    """Return the stories in which the same publisher acts against others."""
    mine = (seen for seen in window if seen.item.said.source == item.said.source)
    return frozenset(story_of(one) for one in mine if are_others(item.said.title, one.item.said.title))


def _why(this: Seen, best: _Judged) -> str:
    shared = ", ".join(_shared(this, best.likest))
    return f"{best.points:+.1f} for one event with {best.count} item(s), most like {best.likest.item.id}: {shared}"


_SHOWN: Final = 8


def _shared(this: Seen, other: Seen) -> list[str]:
    ours, theirs = item_terms(this), item_terms(other)
    said = ours.every & theirs.every
    names = sorted(said & (ours.names | theirs.names | ours.coins | theirs.coins))
    every = (
        *names,
        *sorted(ours.figures & theirs.figures),
        *sorted(ours.traits.happens & theirs.traits.happens),
    )
    return list(dict.fromkeys([*every, *sorted(said - set(names))]))[:_SHOWN]


def story_of(seen: Seen) -> str:
    """Return the story of an item of the window; its own where it was never put into one."""
    return story(seen.found) or seen.item.id


def _story_of_original(original: str, window: Sequence[Seen]) -> str:
    # The first of the copies may be older than the window; what followed it knows the story.
    copies = (seen for seen in window if original in (seen.item.id, copied(seen.found)))
    return next((story_of(seen) for seen in copies), original)


def _language(seen: Seen) -> str:
    finding = seen.found.get("language")
    return "" if finding is None else str(finding.body["language"])


def make() -> Step:
    """Return the step."""
    return Story()
