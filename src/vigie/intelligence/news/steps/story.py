"""Story: which items tell of one event, in whichever words and language; every item joins one when it is seen.

Body: ``story``, the id of the first item of the story; ``place``: first or follows; ``kind``, prices, outlook or
round-up, where the headline is one; ``signs``, what speaks most for the join, where an item follows; ``joins``, stories
that end with it (`vigie.intelligence.news.reading.merged_stories`); ``was``, of which one an item was before its story
ended.

Pairs are weighed by who is named, what was done, amounts, places, time, and words by their rarity; reports of prices by
coins, levels, direction and hours. An item is weighed against every item of a story, not against its likest alone: from
member to member a story would wander off. Releases of one regulator are worded alike: one that acts against others, or
over other amounts, is another event; so is what turns the other way, and what has another unlisted firm in the place of
one (`vigie.intelligence.news.reading.firm_names`).

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
from vigie.intelligence.news.judging.wording_signs import find_contradiction
from vigie.intelligence.news.reading.earlier_findings import copy_source, story_id
from vigie.intelligence.news.reading.evidence import sum_evidence, weigh_evidence
from vigie.intelligence.news.reading.features import figure_term, squared_weights
from vigie.intelligence.news.reading.firm_names import have_other_firms
from vigie.intelligence.news.reading.happenings import happening_prefixes
from vigie.intelligence.news.reading.item_terms import (
    FOREIGN,
    INDEXED,
    PRICES,
    index_terms,
    is_english,
    item_terms,
)
from vigie.intelligence.news.reading.join_model import ACROSS, load_join_models, strongest_signs
from vigie.intelligence.news.reading.merged_stories import story_joins
from vigie.intelligence.news.reading.opposites import are_opposites
from vigie.intelligence.news.reading.pair_features import PRICE, PairSide, pair_features, pair_side
from vigie.intelligence.news.reading.parties import have_other_parties
from vigie.intelligence.news.reading.rarity import Rarity
from vigie.intelligence.news.reading.story_compatibility import may_join_story, may_share_story
from vigie.intelligence.news.reading.tfidf_index import Terms, TfIdfIndex
from vigie.intelligence.news.reading.traits import item_traits
from vigie.intelligence.news.step import AnalysedItem, Context, ReadingStep

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
class _PairWeight:
    points: float
    kind: str
    features: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class _StoryMatch:
    points: float
    story: str
    likest: AnalysedItem
    members: Sequence[AnalysedItem]
    count: int
    member_points: Sequence[float]
    likest_weight: _PairWeight


class StoryStep:
    """Puts every item into a story."""

    name = "story"
    version = 11
    needs: tuple[str, ...] = ("entities", "language", "duplicate")

    def __init__(self) -> None:
        happening_prefixes()
        load_join_models()
        self.index = TfIdfIndex(index_terms, "entities", squared_weights, story_of)

    def read(self, item: NewsItem, context: Context) -> ItemFinding:
        """Return the story of an item."""
        window = context.window.before(item, SPAN_MS)
        self.index.set_window(window)
        entry = AnalysedItem(item, context.findings)
        if original := copy_source(context.findings):
            return self._finding(entry, _story_of_original(original, window), "a copy of an item of it")
        if item.revision > 1 and (story_began := _story_began_by(item.id, window)):
            # An item that others followed stays in its story, whatever it became since.
            return self._finding(entry, story_began, "others followed it")
        others = _stories_of_others(item, window) if context.publisher.tier == "regulator" else frozenset()
        if item_traits(entry).genre.kind == "round-up":
            return self._finding(entry, item.id, "a round-up tells of several events")
        matches = self._best_stories(entry, others)
        if not matches:
            return self._finding(entry, item.id, "nothing within 72 hours tells of the same")
        best, oldest = (
            matches[0],
            min(matches, key=lambda match: (match.members[0].item.ts_first_seen, match.story)),
        )
        finding = self._finding(entry, oldest.story, _why(entry, best))
        body = {
            **finding.body,
            "signs": strongest_signs(best.likest_weight.kind, best.likest_weight.features),
        }
        if ended_matches := [match for match in matches if match is not oldest]:
            body["joins"] = [
                {
                    "story": match.story,
                    "by": match.likest.item.id,
                    "signs": strongest_signs(match.likest_weight.kind, match.likest_weight.features),
                }
                for match in ended_matches
            ]
        return ItemFinding(finding.step, finding.version, body, finding.why)

    def _finding(self, entry: AnalysedItem, story: str, why: str) -> ItemFinding:
        body = {"story": story, "place": "first" if story == entry.item.id else "follows"}
        if kind := item_traits(entry).genre.kind:
            body["kind"] = kind
        return ItemFinding(self.name, self.version, body, why)

    def _best_stories(self, entry: AnalysedItem, excluded: frozenset[str]) -> list[_StoryMatch]:
        """Return the story for which most speaks and those that are the same as it; nothing where none is enough."""
        terms = self.index.describe_next(entry)
        rarity = self.rarity()
        nearby_stories = dict.fromkeys(
            map(story_of, [*self.candidates(entry, rarity), *self._across_languages(entry, terms)])
        )
        candidates = [name for name in nearby_stories if name not in excluded][:_STORIES]
        stories = [self._match_story(entry, terms, rarity, name) for name in candidates]
        sufficient = [match for match in stories if match is not None and match.points >= 0.0]
        sufficient.sort(key=lambda match: (-match.points, match.story))
        return [
            *sufficient[:1],
            *(match for match in sufficient[1:] if self._are_one(rarity, sufficient[0], match)),
        ]

    def _are_one(self, rarity: Rarity, best: _StoryMatch, other: _StoryMatch) -> bool:
        """Tell whether the items of two stories that an item belongs to speak for one event as well."""
        points = list(other.member_points)
        for entry in best.members:
            if not all(
                _may_join(entry, other_entry) and not _have_other_parties(entry, other_entry)
                for other_entry in other.members
            ):
                return False
            weights = self._weigh_members(entry, self.index.terms_of_entry(entry), rarity, other.members)
            points += [max(_AGAINST, weight.points) for weight in weights]
        return min(points) > WANDERED and _combine_points(points) >= _FOR_STORIES

    def rarity(self) -> Rarity:
        """Return how rare terms are now."""
        return Rarity(self.index.items, lambda term: self.index.count(INDEXED[term]))

    def candidates(self, entry: AnalysedItem, rarity: Rarity, most: int = _CANDIDATES) -> list[AnalysedItem]:
        """Return the items of the window that share rare terms with an item, and reports of prices of another."""
        terms = item_terms(entry)
        weights = {INDEXED[term]: rarity[term] for term in terms.every if rarity[term] >= RARE}
        shared = self.index.sharing(weights, SHARED, most)
        prices = self.index.holders((PRICES,))[-most:] if terms.is_price else []
        return [*shared, *reversed(prices)]

    def _across_languages(self, entry: AnalysedItem, terms: Terms) -> list[AnalysedItem]:
        # Words of two languages are few in common: names, numbers and what happens find these.
        if not is_english(entry):
            return [near_entry.entry for near_entry in self.index.nearest(terms, LOOSE)[:_CANDIDATES]]
        foreign = self.index.likenesses(terms, self.index.holders((FOREIGN,)))
        near = sorted(
            [near_entry for near_entry in foreign if near_entry.likeness >= LOOSE],
            key=lambda near_entry: -near_entry.likeness,
        )
        return [near_entry.entry for near_entry in near[:_CANDIDATES]]

    def _match_story(
        self, entry: AnalysedItem, terms: Terms, rarity: Rarity, story: str
    ) -> _StoryMatch | None:
        members = self.index.members(story)
        if entry.item.ts_seen - members[-1].item.ts_seen > OPEN_MS:
            return None
        compared = members if len(members) <= _MEMBERS else [members[0], *members[1 - _MEMBERS :]]
        if not all(_may_join(entry, either) for either in compared):
            return None
        weights = self._weigh_members(entry, terms, rarity, compared)
        points = [max(_AGAINST, either.points) for either in weights]
        if min(points) <= WANDERED:
            return None
        likest = max(range(len(compared)), key=points.__getitem__)
        total = _combine_points(points)
        if weights[likest].kind != PRICE:
            n_of_outlet = sum(either.item.content.source == entry.item.content.source for either in compared)
            total -= _OF_ONE_OUTLET * min(_MOST_OF_ONE_OUTLET, n_of_outlet)
        return _StoryMatch(total, story, compared[likest], compared, len(members), points, weights[likest])

    def _weigh_members(
        self, entry: AnalysedItem, terms: Terms, rarity: Rarity, members: Sequence[AnalysedItem]
    ) -> list[_PairWeight]:
        ours, weights = pair_side(entry), []
        for member in members:
            if is_english(entry) and is_english(member):
                weight = weigh_pair(ours, pair_side(member), rarity)
            else:
                weight = self._by_evidence(entry, terms, member)
            if item_traits(entry).genre.kind and may_share_story(entry, member):
                # What a rule tells as the same prices needs no weights.
                weight = _PairWeight(max(_FOR, weight.points), weight.kind, weight.features)
            weights.append(weight)
        return weights

    def _by_evidence(self, entry: AnalysedItem, terms: Terms, other: AnalysedItem) -> _PairWeight:
        near = self.index.likenesses(terms, [other])[0]
        is_denied = _may_deny(entry, other)
        # A denial repeats the figures of a story that many took up: those make it no other event.
        own_story = story_of(other) if is_denied else ""
        common_figures = frozenset(
            figure
            for figure in item_traits(entry).figures & item_traits(other).figures
            if self._n_elsewhere(figure, own_story) >= _MANY
        )
        evidence_amounts = weigh_evidence(
            item_traits(entry),
            item_traits(other),
            likeness=near.likeness,
            days=(entry.item.ts_seen - other.item.ts_seen) / DAY_MS,
            is_across=_language(entry) != _language(other),
            is_denied=is_denied,
            common_figures=common_figures,
        )
        return _PairWeight(sum_evidence(evidence_amounts), ACROSS, evidence_amounts)

    def _n_elsewhere(self, figure: str, story: str) -> int:
        """Return how many items outside a story have a number; of all where none is named."""
        count = self.index.count(figure_term(figure))
        if count < _MANY or not story:
            return count
        return count - sum(figure in item_traits(member).figures for member in self.index.members(story))


def _combine_points(points: Sequence[float]) -> float:
    return _LIKEST * max(points) + (1.0 - _LIKEST) * sum(points) / len(points)


def _may_deny(entry: AnalysedItem, other: AnalysedItem) -> bool:
    """Tell whether one of two headlines is a denial and both name the same coins, parties and countries."""
    ours, theirs = item_traits(entry), item_traits(other)
    if (ours.coins, ours.others, ours.countries) != (theirs.coins, theirs.others, theirs.countries):
        return False
    return any("denial" in find_contradiction(either.item.content.title) for either in (entry, other))


def _have_other_parties(entry: AnalysedItem, other: AnalysedItem) -> bool:
    ours, theirs = entry.item.content, other.item.content
    return ours.source == theirs.source and have_other_parties(ours.title, theirs.title)


def _story_began_by(item: str, window: Sequence[AnalysedItem]) -> str:
    """Return the story that an item began, under which id ever it goes on; nothing where nobody followed it."""
    for entry in window:
        finding = entry.findings.get(STEP)
        if finding is not None and item in (
            join["story"] for join in (finding.body, *finding.body.get("was", ()))
        ):
            return story_of(entry)
        if any(item == join["story"] for join in story_joins(entry.findings)):
            return story_of(entry)
    return ""


def weigh_pair(ours: PairSide, theirs: PairSide, rarity: Rarity) -> _PairWeight:
    """Return how much speaks for two items telling of one event."""
    kind_and_features = pair_features(ours, theirs, rarity)
    if kind_and_features is None:
        return _PairWeight(_AGAINST, "", {})
    kind, features = kind_and_features
    return _PairWeight(load_join_models()[kind].points(features), kind, features)


def _may_join(entry: AnalysedItem, other: AnalysedItem) -> bool:
    if are_opposites(entry.item.content.title, other.item.content.title):
        return False
    return may_join_story(entry, other) and not have_other_firms(entry, other)


def _stories_of_others(item: NewsItem, window: Sequence[AnalysedItem]) -> frozenset[str]:
    """Return the stories in which the same publisher acts against others."""
    of_source = (entry for entry in window if entry.item.content.source == item.content.source)
    return frozenset(
        story_of(source_entry)
        for source_entry in of_source
        if have_other_parties(item.content.title, source_entry.item.content.title)
    )


def _why(entry: AnalysedItem, best: _StoryMatch) -> str:
    shared = ", ".join(_shared_terms(entry, best.likest))
    return f"{best.points:+.1f} for one event with {best.count} item(s), most like {best.likest.item.id}: {shared}"


_SHOWN: Final = 8


def _shared_terms(entry: AnalysedItem, other: AnalysedItem) -> list[str]:
    ours, theirs = item_terms(entry), item_terms(other)
    shared_words = ours.every & theirs.every
    names = sorted(shared_words & (ours.names | theirs.names | ours.coins | theirs.coins))
    terms = (
        *names,
        *sorted(ours.figures & theirs.figures),
        *sorted(ours.traits.happens & theirs.traits.happens),
    )
    return list(dict.fromkeys([*terms, *sorted(shared_words - set(names))]))[:_SHOWN]


def story_of(entry: AnalysedItem) -> str:
    """Return the story of an item of the window; its own where it was never put into one."""
    return story_id(entry.findings) or entry.item.id


def _story_of_original(original: str, window: Sequence[AnalysedItem]) -> str:
    # The first of the copies may be older than the window; what followed it knows the story.
    copies = (entry for entry in window if original in (entry.item.id, copy_source(entry.findings)))
    return next((story_of(entry) for entry in copies), original)


def _language(entry: AnalysedItem) -> str:
    finding = entry.findings.get("language")
    return "" if finding is None else str(finding.body["language"])


def make() -> ReadingStep:
    """Return the step."""
    return StoryStep()
