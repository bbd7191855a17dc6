"""Story: which items tell of one event, in whichever words and language; every item joins one when it is seen.

Body: ``story``, the id of the first item of the story; ``place``: first or follows; ``kind``, prices, outlook or
round-up, where the headline is one; ``signs``, what speaks most for the join, where an item follows.

Pairs are weighed by who is named, what was done, amounts, places, time, and words by their rarity; reports of prices by
coins, levels, direction and hours. An item is weighed against every item of a story, not against its likest alone: from
member to member a story would wander off. Releases of one regulator are worded alike: one that acts against others, or
over other amounts, is another event; so is what turns the other way.

A round-up of several subjects joins no story and none joins it, but for copies.

A copy is in the story of its original. Any other item joins the story of the last 72 hours for which most speaks, if
that is enough; else it begins one. What was decided once is not changed by what comes later, so a story is known by the
same id from its first minute.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from vigie.domain.item import Finding, Item
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
from vigie.intelligence.news.reading.named import copied, story
from vigie.intelligence.news.reading.opposites import are_opposites
from vigie.intelligence.news.reading.pair_features import Side, pair_features, side
from vigie.intelligence.news.reading.parties import are_others
from vigie.intelligence.news.reading.rarity import Rarity
from vigie.intelligence.news.reading.shelf import Shelf, Terms
from vigie.intelligence.news.reading.traits import traits
from vigie.intelligence.news.step import Context, Seen, Step

SPAN_MS: Final = 72 * HOUR_MS
# Terms less rare than this find no candidates; a candidate shares at least so much of the others.
RARE: Final = 2.0
SHARED: Final = 8.0
# So many candidates are weighed, and so many of their stories.
_CANDIDATES: Final = 6
_STORIES: Final = 6
# A story that has many items is known by its first and its latest.
_MEMBERS: Final = 10
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
_LIKEST: Final = 0.5


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
    members: int
    weighed: _Weighed


class Story:
    """Puts every item into a story."""

    name = "story"
    version = 7
    needs: tuple[str, ...] = ("entities", "language", "duplicate")

    def __init__(self) -> None:
        beginnings()
        models()
        self.shelf = Shelf(index_terms, "entities", squares, story_of)

    def read(self, item: Item, context: Context) -> Finding:
        """Return the story of an item."""
        window = context.window.before(item, SPAN_MS)
        self.shelf.hold(window)
        this = Seen(item, context.found)
        if original := copied(context.found):
            return self._finding(this, _story_of_original(original, window), "a copy of an item of it")
        if item.revision > 1 and any(story_of(seen) == item.id for seen in window):
            # An item that others followed stays the first, whatever it became since.
            return self._finding(this, item.id, "others followed it")
        others = _of_others(item, window) if context.publisher.tier == "regulator" else frozenset()
        if traits(this).genre.kind == "round-up":
            return self._finding(this, item.id, "a round-up tells of several events")
        best = self._best(this, others)
        if best is None:
            return self._finding(this, item.id, "nothing within 72 hours tells of the same")
        finding = self._finding(this, best.story, _why(this, best))
        body = {**finding.body, "signs": signs(best.weighed.kind, best.weighed.features)}
        return Finding(finding.step, finding.version, body, finding.why)

    def _finding(self, this: Seen, story: str, why: str) -> Finding:
        body = {"story": story, "place": "first" if story == this.item.id else "follows"}
        if kind := traits(this).genre.kind:
            body["kind"] = kind
        return Finding(self.name, self.version, body, why)

    def _best(self, this: Seen, without: frozenset[str]) -> _Judged | None:
        terms = self.shelf.describing(this)
        rarity = self.rarity()
        near = dict.fromkeys(map(story_of, [*self.candidates(this, rarity), *self._across(this, terms)]))
        asked = [name for name in near if name not in without][:_STORIES]
        stories = [self._judged(this, terms, rarity, name) for name in asked]
        enough = [one for one in stories if one is not None and one.points >= 0.0]
        return max(enough, key=lambda one: (one.points, one.story), default=None)

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
        is_mixed = self.shelf.count(FOREIGN) or not is_english(this)
        return [one.seen for one in self.shelf.nearest(terms, LOOSE)[:_CANDIDATES]] if is_mixed else []

    def _judged(self, this: Seen, terms: Terms, rarity: Rarity, story: str) -> _Judged | None:
        members = self.shelf.members(story)
        asked = members if len(members) <= _MEMBERS else [members[0], *members[1 - _MEMBERS :]]
        if not all(_may_join(this, one) for one in asked):
            return None
        weighed = self._weighed(this, terms, rarity, asked)
        points = [max(_AGAINST, one.points) for one in weighed]
        if min(points) <= WANDERED:
            return None
        likest = max(range(len(asked)), key=points.__getitem__)
        joined = _LIKEST * points[likest] + (1.0 - _LIKEST) * sum(points) / len(points)
        return _Judged(joined, story, asked[likest], len(members), weighed[likest])

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


def weigh(ours: Side, theirs: Side, rarity: Rarity) -> _Weighed:
    """Return how much speaks for two items telling of one event."""
    found = pair_features(ours, theirs, rarity)
    if found is None:
        return _Weighed(_AGAINST, "", {})
    kind, features = found
    return _Weighed(models()[kind].points(features), kind, features)


def _may_join(this: Seen, other: Seen) -> bool:
    return may_join(this, other) and not are_opposites(this.item.said.title, other.item.said.title)


def _of_others(item: Item, window: Sequence[Seen]) -> frozenset[str]:
    """Return the stories in which the same publisher acts against others."""
    mine = (seen for seen in window if seen.item.said.source == item.said.source)
    return frozenset(story_of(one) for one in mine if are_others(item.said.title, one.item.said.title))


def _why(this: Seen, best: _Judged) -> str:
    shared = ", ".join(_shared(this, best.likest))
    return f"{best.points:+.1f} for one event with {best.members} item(s), most like {best.likest.item.id}: {shared}"


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
