"""Story: which items tell of one event, in whichever words and language; every item joins one when it is seen.

Body: ``story``, the id of the first item of the story; ``place``: first or follows.

Releases of one regulator are worded alike: one that acts against others, or over other amounts, is another event.
So is what names others than a story does, firms that no list has among them.

A copy is in the story of its original. Any other item joins the story whose items of the last 72 hours are likest in
whom they name, what happens, numbers and words, if that is enough; else it begins one. What was decided once is not
changed by what comes later, so a story is known by the same id from its first minute.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from vigie.domain.item import Finding, Item
from vigie.domain.time import HOUR_MS
from vigie.intelligence.news.reading.features import features, weight
from vigie.intelligence.news.reading.happenings import beginnings
from vigie.intelligence.news.reading.named import copied, kind, named, named_in_title, story
from vigie.intelligence.news.reading.numbers import numbers
from vigie.intelligence.news.reading.parties import are_others
from vigie.intelligence.news.reading.shelf import Near, Shelf, Terms
from vigie.intelligence.news.reading.strangers import are_strangers
from vigie.intelligence.news.step import Context, Seen, Step

SPAN_MS: Final = 72 * HOUR_MS
# From here on two items tell of one event, in one language and across two, where fewer words can be shared.
ALIKE: Final = 0.36
ALIKE_ACROSS: Final = 0.30
# Without a name in common only nearly the same words are enough.
ALIKE_UNNAMED: Final = 0.5
_LOOSE: Final = ALIKE_ACROSS
_MEMBERS: Final = 6
# An item that is three days old must be this much likelier than one of this minute.
_FADES: Final = 0.3


@dataclass(frozen=True, slots=True)
class _Story:
    score: float
    near: Near


class Story:
    """Puts every item into a story."""

    name = "story"
    version = 3
    needs: tuple[str, ...] = ("entities", "language", "duplicate")

    def __init__(self) -> None:
        beginnings()
        self.shelf = Shelf(features, "entities", weight)

    def read(self, item: Item, context: Context) -> Finding:
        """Return the story of an item."""
        window = context.window.before(item, SPAN_MS)
        self.shelf.hold(window)
        this = Seen(item, context.found)
        if original := copied(context.found):
            return self._finding(item, _story_of_original(original, window), "a copy of an item of it")
        if item.revision > 1 and any(story_of(seen) == item.id for seen in window):
            # An item that others followed stays the first, whatever it became since.
            return self._finding(item, item.id, "others followed it")
        best = self._best(
            this, _of_others(item, window) if context.publisher.tier == "regulator" else frozenset()
        )
        if best is None:
            return self._finding(item, item.id, "nothing within 72 hours tells of the same")
        why = f"{best.score:.2f} like {best.near.seen.item.id}"
        return self._finding(item, story_of(best.near.seen), why)

    def _finding(self, item: Item, story: str, why: str) -> Finding:
        place = "first" if story == item.id else "follows"
        return Finding(self.name, self.version, {"story": story, "place": place}, why)

    def _best(self, this: Seen, without: frozenset[str]) -> _Story | None:
        terms = self.shelf.describing(this)
        near = [
            one
            for one in self.shelf.nearest(terms, _LOOSE)
            if tells_alike(terms, self.shelf.terms_of(one.seen)) and may_be_one(this, one.seen)
        ]
        members: dict[str, list[Near]] = {}
        for one in (one for one in near if story_of(one.seen) not in without):
            members.setdefault(story_of(one.seen), []).append(one)
        # One member that is about somebody else is enough: from member to member a story wanders off.
        stories = [
            _judged(this, found)
            for found in members.values()
            if not any(are_strangers(this, one.seen) for one in found)
        ]
        enough = [one for one in stories if one.score >= least(this, one.near)]
        return max(enough, key=lambda one: (one.score, one.near.seen.item.id), default=None)


def _of_others(item: Item, window: Sequence[Seen]) -> frozenset[str]:
    """Return the stories in which the same publisher acts against others."""
    mine = (seen for seen in window if seen.item.said.source == item.said.source)
    return frozenset(story_of(one) for one in mine if are_others(item.said.title, one.item.said.title))


def _judged(this: Seen, members: list[Near]) -> _Story:
    # The likest member decides most; the others keep a story from wandering off word by word.
    first = members[0]
    rest = [one.likeness for one in members[:_MEMBERS]]
    score = 0.7 * first.likeness + 0.3 * sum(rest) / len(rest)
    age = min(1.0, (this.item.ts_seen - first.seen.item.ts_seen) / SPAN_MS)
    return _Story(score * (1.0 - _FADES * age), first)


def least(this: Seen, near: Near) -> float:
    """Return how like an item must be to tell of the same event."""
    ours, theirs = named(this.found), named(near.seen.found)
    if not {one for one in ours & theirs if kind(one) != "country"}:
        return ALIKE_UNNAMED
    is_across = _language(this) != _language(near.seen)
    return ALIKE_ACROSS if is_across else ALIKE


def tells_alike(ours: Terms, theirs: Terms) -> bool:
    """Tell whether two items share more than whom they name: a number, what happens, or a word of their titles."""
    return any(term[0] in "nhw" for term in set(ours).intersection(theirs))


def may_be_one(this: Seen, other: Seen) -> bool:
    """Tell whether nothing speaks against two items being of one event: dates of a column, other countries."""
    dates, others = (
        {number for number in numbers(one.item.said.title) if "/" in number} for one in (this, other)
    )
    if dates and others and dates != others:
        return False
    ours, theirs = (
        {one for one in named_in_title(seen.found) if kind(one) == "country"} for seen in (this, other)
    )
    return not ours or not theirs or not ours.isdisjoint(theirs)


def story_of(seen: Seen) -> str:
    """Return the story of an item of the window; its own where it was never put into one."""
    return story(seen.found) or seen.item.id


def _story_of_original(original: str, window: Sequence[Seen]) -> str:
    return next((story_of(seen) for seen in window if seen.item.id == original), original)


def _language(seen: Seen) -> str:
    finding = seen.found.get("language")
    return "" if finding is None else str(finding.body["language"])


def make() -> Step:
    """Return the step."""
    return Story()
