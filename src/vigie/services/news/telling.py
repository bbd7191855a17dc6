"""A story told from its items: who was first, how it spread, its headline, its summary, what contradicts what."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from itertools import combinations
from typing import Final

from vigie.domain.item import NewsItem
from vigie.intelligence.news.borne_out import BorneOut, borne_out
from vigie.intelligence.news.judging.bait import contradicting
from vigie.intelligence.news.reading.numbers import numbers
from vigie.intelligence.news.reading.sentences import Sentence
from vigie.intelligence.news.step import Publisher, Seen
from vigie.intelligence.news.steps.reliability import FIRST_HAND, is_first_hand, release_of
from vigie.intelligence.news.steps.summary import choose, says_nothing
from vigie.ports.items import StoredRevision
from vigie.services.news.publishers import publisher_of
from vigie.services.news.shown import body

# Below it figures are years, counts of people, days: no amounts that contradict one another.
_AMOUNT: Final = Decimal(100_000)
# Amounts further apart than that are of different things.
_SAME_THING: Final = 3
_MOST_PAIRS: Final = 6
# Each fact that differs from the release stands there, up to what a page can show.
_MOST_FACTS: Final = 24
_SENTENCES: Final = 60


@dataclass(frozen=True, slots=True)
class Told:
    """An item of a story with who published it."""

    known: StoredRevision
    publisher: Publisher

    @property
    def item(self) -> NewsItem:
        """The item."""
        return self.known.item

    @property
    def seen(self) -> Seen:
        """The item with what was found in it, as the steps of reading take it."""
        return Seen(self.item, self.known.findings)

    @property
    def ts(self) -> int:
        """When it was out: as stated to the minute, else when it was first seen."""
        return self.item.ts if self.item.said.precision in ("second", "minute") else self.item.ts_first_seen

    @property
    def language(self) -> str:
        """What it is written in."""
        found = body(self.known.findings, "language").get("language")
        return str(found or self.item.said.language or self.publisher.language)

    @property
    def status(self) -> str:
        """How far it can be believed."""
        return str(body(self.known.findings, "reliability").get("status") or "")

    @property
    def is_copy(self) -> bool:
        """Whether its words are another item's."""
        return bool(body(self.known.findings, "duplicate").get("of"))

    @property
    def is_quotable(self) -> bool:
        """Whether it may speak for the story: no copy, nothing flagged or withdrawn."""
        return not self.is_copy and self.status != "flagged" and not self.item.is_withdrawn


@dataclass(frozen=True, slots=True)
class Quoted:
    """A sentence of a summary: letter for letter in the title or text of its item."""

    text: str
    told: Told
    where: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Two items of a story that do not say the same.

    Attributes
    ----------
    kind : str
        ``denial``: one denies or corrects the other; ``figures``: their titles count differently; ``amount``,
        ``unit``, ``currency``, ``date``, ``name``, ``negation``: what the other tells otherwise than the release.
    words : tuple of str
        What shows it, of either item.
    """

    kind: str
    one: Told
    other: Told
    words: tuple[str, str]


def told(known: Iterable[StoredRevision], publishers: Mapping[str, Publisher]) -> list[Told]:
    """Return the items of a story, the one that was out first before others."""
    found = [Told(one, publisher_of(publishers, one.item.said.source)) for one in known]
    return sorted(found, key=in_order)


def in_order(one: Told) -> tuple[int, int, str]:
    """Return what items of a story are ordered by: what was out first, then what was seen first."""
    return one.ts, one.item.ts_first_seen, one.item.id


def headline(items: Sequence[Told], language: str = "") -> Told:
    """Return the item whose title heads a story: of a first-hand source where there is one, else the first.

    In a language where there is an item in it; what differs from a release of the story heads none.
    """
    good = _speaking(items)
    here = [one for one in good if one.language == language] or good
    return next((one for one in here if one.publisher.tier in FIRST_HAND), here[0])


def status(items: Sequence[Told]) -> str:
    """Return how far a story can be believed: what is disputed anywhere is; then the best that is known.

    What differs from a release of the story disputes it, also where the release came later.
    """
    found = {one.status for one in items}
    if "confirmed" in found and differing(items):
        return "disputed"
    if found <= {"flagged", ""}:
        return "flagged" if "flagged" in found else ""
    order = ("disputed", "confirmed", "repeated", "unconfirmed")
    return next((one for one in order if one in found), "")


def _speaking(items: Sequence[Told]) -> list[Told]:
    """Return the items that may speak for a story; all where none may."""
    others = {one.item.id for one, _ in differing(items)}
    quotable = [one for one in items if one.is_quotable]
    return [one for one in quotable if one.item.id not in others] or quotable or list(items)


def differing(items: Sequence[Told]) -> list[tuple[Told, BorneOut]]:
    """Return the items of a story that tell a fact otherwise than its releases, each with the differences."""
    speaking = [one for one in items if is_first_hand(one.seen) and one.is_quotable]
    found = []
    for one in items:
        if one.item.is_withdrawn or is_first_hand(one.seen):
            continue
        owner = one.publisher.owner or one.publisher.id
        others = [
            release_of(each.seen) for each in speaking if (each.publisher.owner or each.publisher.id) != owner
        ]
        held = borne_out(one.item, others, (one.publisher.title, one.publisher.owner))
        if held is not None and held.comparison.outcome == "differs":
            found.append((one, held))
    return found


def spread(items: Sequence[Told]) -> list[tuple[Told, int, int]]:
    """Return, item by item, how many publishers and how many items had the story by then."""
    seen: set[str] = set()
    rows = []
    for count, one in enumerate(items, 1):
        if not one.is_copy and one.publisher.tier != "social":
            seen.add(one.publisher.owner or one.publisher.id)
        rows.append((one, max(len(seen), 1), count))
    return rows


def voices(items: Sequence[Told]) -> int:
    """Return how many publishers tell a story in words of their own, by who is behind them; a forum is none."""
    return spread(items)[-1][1] if items else 0


def summary(items: Sequence[Told], language: str = "") -> list[Quoted]:
    """Return three sentences at most, each out of an item, in a language where items are in it."""
    good = _speaking(items)
    here = [one for one in good if one.language == language] or good
    found = [quoted for one in here for quoted in _sentences(one)][:_SENTENCES]
    chosen = choose([Sentence(one.text, one.start, one.end) for one in found])
    return [found[at] for at in chosen]


def _sentences(one: Told) -> list[Quoted]:
    said = one.item.said
    rows = body(one.known.findings, "summary").get("sentences") or ()
    found = [Quoted(row["text"], one, "text", row["start"], row["end"]) for row in rows]
    # A revision may be read anew a moment later than it is shown: what is not there is not quoted.
    found = [
        row for row in found if said.text[row.start : row.end] == row.text and not says_nothing(row.text)
    ]
    return found or [Quoted(said.title, one, "title", 0, len(said.title))]


def contradictions(items: Sequence[Told]) -> list[Contradiction]:
    """Return what contradicts what, side by side.

    First what differs from a release, the release first; then denials and corrections, then figures of titles.
    """
    by_id = {one.item.id: one for one in items}
    found: dict[frozenset[str], Contradiction] = {}
    for one in items:
        for sign in body(one.known.findings, "reliability").get("signs") or ():
            other = by_id.get(sign.get("item", ""))
            if sign["code"] in ("denies", "denied") and other is not None:
                first, second = sorted((one, other), key=lambda told: told.ts)
                pair = frozenset((one.item.id, other.item.id))
                found.setdefault(
                    pair, Contradiction("denial", first, second, (_denial(first), _denial(second)))
                )
    for one, other in combinations([told for told in items if told.is_quotable], 2):
        pair = frozenset((one.item.id, other.item.id))
        if pair not in found and one.publisher.owner != other.publisher.owner:
            words = _figures(one.item.said.title, other.item.said.title)
            if words is not None:
                found[pair] = Contradiction("figures", one, other, words)
    ordered = sorted(found.values(), key=lambda one: (one.kind, one.other.ts, one.one.ts))
    against = _against_releases(items, by_id)
    # What an item tells otherwise than the release is said: that it differs from its neighbours follows.
    told = {one.other.item.id for one in against}
    others = [
        one for one in ordered if one.kind == "denial" or not {one.one.item.id, one.other.item.id} & told
    ]
    return [*against[:_MOST_FACTS], *_once_each(others)[:_MOST_PAIRS]]


def _against_releases(items: Sequence[Told], by_id: Mapping[str, Told]) -> list[Contradiction]:
    """Return each fact that an item tells otherwise than a release, each pair of words once."""
    kept: dict[tuple[str, str, str], Contradiction] = {}
    for one, held in differing(items):
        for fact in held.comparison.differences:
            words = (fact.release_says, fact.copy_says)
            kept.setdefault((fact.kind, *words), Contradiction(fact.kind, by_id[held.release.id], one, words))
    return list(kept.values())


def _once_each(ordered: Iterable[Contradiction]) -> list[Contradiction]:
    """Return each contradiction once: who denies stands against the first, and the same two figures stand once."""
    kept: dict[tuple[str, ...], Contradiction] = {}
    for one in ordered:
        denier = one.one if one.words[0] else one.other
        kept.setdefault(
            (one.kind, *sorted(one.words)) if one.kind == "figures" else (one.kind, denier.item.id), one
        )
    return list(kept.values())


def _denial(one: Told) -> str:
    words = contradicting(one.item.said.title)
    return words.get("denial") or words.get("correction") or ""


def _figures(one: str, other: str) -> tuple[str, str] | None:
    ours, theirs = _amounts(one), _amounts(other)
    if len(ours) != 1 or len(theirs) != 1:
        return None
    (left, left_words), (right, right_words) = ours[0], theirs[0]
    if left_words.endswith("%") != right_words.endswith("%") or round(left, 3) == round(right, 3):
        return None
    low, high = sorted((left, right))
    return (left_words, right_words) if high <= low * _SAME_THING else None


def _amounts(title: str) -> list[tuple[Decimal, str]]:
    found = []
    for words in sorted(numbers(title)):
        try:
            value = Decimal(words.removesuffix("%"))
        except InvalidOperation:
            continue
        if value and (words.endswith("%") or value >= _AMOUNT):
            found.append((value, words))
    return found
