"""Story: which items tell of one event, in whichever words and language; every item joins one when it is seen.

Body: ``story``, the id of the first item of the story; ``place``: first or follows; ``kind``, prices, outlook or
round-up, where the headline is one.

An item is weighed against every item of a story, not against its likest alone: from member to member a story would
wander off. What speaks for one event and what against it is in `evidence`. Releases of one regulator are worded alike:
one that acts against others, or over other amounts, is another event; so is what turns the other way.

A report of prices joins its like alone: the same coins, the same way, on one day. A round-up of several subjects joins
no story and none joins it, but for copies.

A copy is in the story of its original. Any other item joins the story of the last 72 hours for which most speaks, if
that is enough; else it begins one. What was decided once is not changed by what comes later, so a story is known by the
same id from its first minute.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from vigie.domain.item import Finding, Item
from vigie.domain.time import DAY_MS, HOUR_MS
from vigie.intelligence.news.reading.alike import may_be_of_one
from vigie.intelligence.news.reading.evidence import evidence, points, shared
from vigie.intelligence.news.reading.features import features, figure_term, squares
from vigie.intelligence.news.reading.happenings import beginnings
from vigie.intelligence.news.reading.named import copied, story
from vigie.intelligence.news.reading.opposites import are_opposites
from vigie.intelligence.news.reading.parties import are_others
from vigie.intelligence.news.reading.shelf import Near, Shelf, Terms
from vigie.intelligence.news.reading.traits import traits
from vigie.intelligence.news.step import Context, Seen, Step

SPAN_MS: Final = 72 * HOUR_MS
# Less alike than this in names, numbers and words together, two items are not weighed.
LOOSE: Final = 0.2
# A story whose likest item has fewer points than this is not weighed further.
HOPELESS: Final = -1.5
# So much must speak for one event, on the average of a story's items.
ENOUGH: Final = 0.0
# A story that has many items is known by its first and its latest.
_STORIES: Final = 6
_MEMBERS: Final = 10
_MANY: Final = 3


@dataclass(frozen=True, slots=True)
class _Judged:
    points: float
    story: str
    likest: Seen
    members: int


class Story:
    """Puts every item into a story."""

    name = "story"
    version = 6
    needs: tuple[str, ...] = ("entities", "language", "duplicate")

    def __init__(self) -> None:
        beginnings()
        self.shelf = Shelf(features, "entities", squares, story_of)

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
        return self._finding(this, best.story, _why(this, best))

    def _finding(self, this: Seen, story: str, why: str) -> Finding:
        body = {"story": story, "place": "first" if story == this.item.id else "follows"}
        if kind := traits(this).genre.kind:
            body["kind"] = kind
        return Finding(self.name, self.version, body, why)

    def _best(self, this: Seen, without: frozenset[str]) -> _Judged | None:
        terms = self.shelf.describing(this)
        near: dict[str, Near] = {}
        for one in self.shelf.nearest(terms, LOOSE):
            near.setdefault(story_of(one.seen), one)
        asked = [(name, one) for name, one in near.items() if name not in without][:_STORIES]
        likely = [name for name, one in asked if _points(this, one) >= HOPELESS]
        stories = [self._judged(this, terms, name) for name in likely]
        enough = [one for one in stories if one is not None and one.points >= ENOUGH]
        return max(enough, key=lambda one: (one.points, one.story), default=None)

    def _judged(self, this: Seen, terms: Terms, story: str) -> _Judged | None:
        members = self.shelf.members(story)
        if not may_be_of_one(this, members[0]):
            return None
        asked = members if len(members) <= _MEMBERS else [members[0], *members[1 - _MEMBERS :]]
        if any(are_opposites(this.item.said.title, one.item.said.title) for one in asked):
            return None
        usual = self._usual(this, asked)
        weighed = [_points(this, one, usual) for one in self.shelf.likenesses(terms, asked)]
        likest = max(range(len(asked)), key=weighed.__getitem__)
        return _Judged(sum(weighed) / len(weighed), story, asked[likest], len(members))

    def _usual(self, this: Seen, members: Sequence[Seen]) -> frozenset[str]:
        # A number that many others have as well, the price of the day, makes no event.
        told = [traits(one).figures for one in members]
        return frozenset(
            figure
            for figure in traits(this).figures
            if self.shelf.count(figure_term(figure)) - sum(figure in one for one in told) >= _MANY
        )


def _of_others(item: Item, window: Sequence[Seen]) -> frozenset[str]:
    """Return the stories in which the same publisher acts against others."""
    mine = (seen for seen in window if seen.item.said.source == item.said.source)
    return frozenset(story_of(one) for one in mine if are_others(item.said.title, one.item.said.title))


def _points(this: Seen, other: Near, usual: frozenset[str] = frozenset()) -> float:
    found = evidence(
        traits(this),
        traits(other.seen),
        likeness=other.likeness,
        days=(this.item.ts_seen - other.seen.item.ts_seen) / DAY_MS,
        is_across=_language(this) != _language(other.seen),
        usual=usual,
    )
    return points(found)


def _why(this: Seen, best: _Judged) -> str:
    shown = ", ".join(shared(traits(this), traits(best.likest)))
    return f"{best.points:+.1f} for one event with {best.members} item(s), most like {best.likest.item.id}: {shown}"


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
