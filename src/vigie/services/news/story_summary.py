"""A story told from its items: who was first, how it spread, its headline, its summary, what contradicts what."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from itertools import combinations
from typing import Final

from vigie.domain.item import NewsItem
from vigie.intelligence.news.judging.wording_signs import find_contradiction
from vigie.intelligence.news.reading.numbers import numbers
from vigie.intelligence.news.reading.sentences import Sentence
from vigie.intelligence.news.release_check import ReleaseCheck, check_against_releases
from vigie.intelligence.news.step import AnalysedItem, Publisher
from vigie.intelligence.news.steps.reliability import FIRST_HAND, is_first_hand, release_of
from vigie.intelligence.news.steps.summary import choose_sentences, says_nothing
from vigie.ports.items import StoredRevision
from vigie.services.news.news_rows import finding_body
from vigie.services.news.publishers import publisher_of

# Below it figures are years, counts of people, days: no amounts that contradict one another.
_AMOUNT: Final = Decimal(100_000)
# Amounts further apart than that are of different things.
_SAME_THING: Final = 3
_MOST_PAIRS: Final = 6
# Each fact that differs from the release stands there, up to what a page can show.
_MOST_FACTS: Final = 24
_SENTENCES: Final = 60


@dataclass(frozen=True, slots=True)
class StoryItem:
    """An item of a story with who published it."""

    known: StoredRevision
    publisher: Publisher

    @property
    def item(self) -> NewsItem:
        """The item."""
        return self.known.item

    @property
    def analysed_item(self) -> AnalysedItem:
        """The item with what was found in it, as the steps of reading take it."""
        return AnalysedItem(self.item, self.known.findings)

    @property
    def ts(self) -> int:
        """When it was out: as stated to the minute, else when it was first seen."""
        return (
            self.item.ts if self.item.content.precision in ("second", "minute") else self.item.ts_first_seen
        )

    @property
    def language(self) -> str:
        """What it is written in."""
        code = finding_body(self.known.findings, "language").get("language")
        return str(code or self.item.content.language or self.publisher.language)

    @property
    def status(self) -> str:
        """How far it can be believed."""
        return str(finding_body(self.known.findings, "reliability").get("status") or "")

    @property
    def is_copy(self) -> bool:
        """Whether its words are another item's."""
        return bool(finding_body(self.known.findings, "duplicate").get("of"))

    @property
    def is_quotable(self) -> bool:
        """Whether it may speak for the story: no copy, nothing flagged or withdrawn."""
        return not self.is_copy and self.status != "flagged" and not self.item.is_withdrawn


@dataclass(frozen=True, slots=True)
class StoryQuote:
    """A sentence of a summary: letter for letter in the title or text of its item."""

    text: str
    item: StoryItem
    where: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class ItemContradiction:
    """Two items of a story that do not say the same.

    Attributes
    ----------
    kind : str
        ``denial``: one denies or corrects the other; ``figures``: their titles count differently; ``amount``,
        ``unit``, ``currency``, ``date``, ``name``, ``negation``: what the other tells otherwise than the release.
    words : tuple of str
        What shows it, of either item.
    repeats : int
        How many further items repeat the denial.
    """

    kind: str
    first: StoryItem
    second: StoryItem
    words: tuple[str, str]
    repeats: int = 0

    @property
    def denier(self) -> StoryItem:
        """The one of the two that denies or corrects."""
        return self.first if self.words[0] else self.second

    @property
    def denied(self) -> StoryItem:
        """The one that is denied or corrected."""
        return self.second if self.words[0] else self.first


def story_items(revisions: Iterable[StoredRevision], publishers: Mapping[str, Publisher]) -> list[StoryItem]:
    """Return the items of a story, the one that was out first before others."""
    items = [
        StoryItem(revision, publisher_of(publishers, revision.item.content.source)) for revision in revisions
    ]
    return sorted(items, key=story_item_order)


def story_item_order(item: StoryItem) -> tuple[int, int, str]:
    """Return what items of a story are ordered by: what was out first, then what was seen first."""
    return item.ts, item.item.ts_first_seen, item.item.id


def pick_headline(items: Sequence[StoryItem], language: str = "") -> StoryItem:
    """Return the item whose title heads a story: of a first-hand source where there is one, else the first.

    In a language where there is an item in it; what differs from a release of the story heads none.
    """
    quotable = _quotable_items(items)
    in_language = [item for item in quotable if item.language == language] or quotable
    return next((item for item in in_language if item.publisher.tier in FIRST_HAND), in_language[0])


def story_status(items: Sequence[StoryItem]) -> str:
    """Return how far a story can be believed: what is disputed anywhere is; then the best that is known.

    What differs from a release of the story disputes it, also where the release came later.
    """
    statuses = {item.status for item in items}
    if "confirmed" in statuses and items_against_release(items):
        return "disputed"
    return best_status(statuses)


def best_status(statuses: Set[str]) -> str:
    """Return how far a story can be believed by its items' own words: disputed where one is, then the best of them."""
    if statuses <= {"flagged", ""}:
        return "flagged" if "flagged" in statuses else ""
    order = ("disputed", "confirmed", "repeated", "unconfirmed")
    return next((item for item in order if item in statuses), "")


def _quotable_items(items: Sequence[StoryItem]) -> list[StoryItem]:
    """Return the items that may speak for a story; all where none may."""
    differing_ids = {item.item.id for item, _ in items_against_release(items)}
    quotable = [item for item in items if item.is_quotable]
    return [item for item in quotable if item.item.id not in differing_ids] or quotable or list(items)


def items_against_release(items: Sequence[StoryItem]) -> list[tuple[StoryItem, ReleaseCheck]]:
    """Return the items of a story that tell a fact otherwise than its releases, each with the differences."""
    releases = [item for item in items if is_first_hand(item.analysed_item) and item.is_quotable]
    differing_items = []
    for item in items:
        if item.item.is_withdrawn or is_first_hand(item.analysed_item):
            continue
        owner = item.publisher.owner or item.publisher.id
        others = [
            release_of(release.analysed_item)
            for release in releases
            if (release.publisher.owner or release.publisher.id) != owner
        ]
        if not others:
            continue
        check = check_against_releases(item.item, others, (item.publisher.title, item.publisher.owner))
        if check is not None and check.comparison.outcome == "differs":
            differing_items.append((item, check))
    return differing_items


def measure_spread(items: Sequence[StoryItem]) -> list[tuple[StoryItem, int, int]]:
    """Return, item by item, how many publishers and how many items had the story by then."""
    owners: set[str] = set()
    rows = []
    for count, item in enumerate(items, 1):
        owners |= _telling_owner(item.publisher, is_copy=item.is_copy)
        rows.append((item, max(len(owners), 1), count))
    return rows


def n_publishers(items: Sequence[StoryItem]) -> int:
    """Return how many publishers tell a story in words of their own, by who is behind them; a forum is none."""
    return count_tellers((item.publisher, item.is_copy) for item in items)


def count_tellers(items: Iterable[tuple[Publisher, bool]]) -> int:
    """Return how many publishers tell a story in words of their own, of who publishes each item and if it is a copy."""
    owners: set[str] = set()
    has_items = False
    for publisher, is_copy in items:
        has_items = True
        owners |= _telling_owner(publisher, is_copy=is_copy)
    return max(len(owners), 1) if has_items else 0


def _telling_owner(publisher: Publisher, *, is_copy: bool) -> set[str]:
    return set() if is_copy or publisher.tier == "social" else {publisher.owner or publisher.id}


def official_weight(tiers: Collection[str]) -> int:
    """Return as how many publishers a story's official source counts beside them; 0 where it has none.

    A release of a regulator or primary source weighs as two more publishers do: the first glance is for it.

    Parameters
    ----------
    tiers : collection of str
        Kinds of the publishers that have the story.
    """
    return 2 if {"regulator", "primary"} & set(tiers) else 0


def summarise_story(items: Sequence[StoryItem], language: str = "") -> list[StoryQuote]:
    """Return three sentences at most, each out of an item, in a language where items are in it."""
    quotable = _quotable_items(items)
    in_language = [item for item in quotable if item.language == language] or quotable
    quotes = [quoted for item in in_language for quoted in _sentences(item)][:_SENTENCES]
    chosen = choose_sentences([Sentence(item.text, item.start, item.end) for item in quotes])
    return [quotes[at] for at in chosen]


def _sentences(item: StoryItem) -> list[StoryQuote]:
    content = item.item.content
    rows = finding_body(item.known.findings, "summary").get("sentences") or ()
    quotes = [StoryQuote(row["text"], item, "text", row["start"], row["end"]) for row in rows]
    # A revision may be read anew a moment later than it is shown: what is not there is not quoted.
    quotes = [
        row for row in quotes if content.text[row.start : row.end] == row.text and not says_nothing(row.text)
    ]
    return quotes or [StoryQuote(content.title, item, "title", 0, len(content.title))]


def find_contradictions(items: Sequence[StoryItem]) -> list[ItemContradiction]:
    """Return what contradicts what, side by side.

    First denials and corrections, then what differs from a release, the release first; then figures of titles.
    A release that denies is not said to state the opposite as well.
    """
    by_id = {item.item.id: item for item in items}
    by_pair: dict[frozenset[str], ItemContradiction] = {}
    for item in items:
        for sign in finding_body(item.known.findings, "reliability").get("signs") or ():
            other_item = by_id.get(sign.get("item", ""))
            if sign["code"] in ("denies", "denied") and other_item is not None:
                first, second = sorted((item, other_item), key=lambda against_ids: against_ids.ts)
                pair = frozenset((item.item.id, other_item.item.id))
                by_pair.setdefault(
                    pair,
                    ItemContradiction("denial", first, second, (_denial_words(first), _denial_words(second))),
                )
    for item, other_item in combinations([item for item in items if item.is_quotable], 2):
        pair = frozenset((item.item.id, other_item.item.id))
        if pair not in by_pair and item.publisher.owner != other_item.publisher.owner:
            words = _contradicting_figures(item.item.content.title, other_item.item.content.title)
            if words is not None:
                by_pair[pair] = ItemContradiction("figures", item, other_item, words)
    ordered = sorted(by_pair.values(), key=lambda item: (item.kind, item.second.ts, item.first.ts))
    deniers = {one.denier.item.id for one in ordered if one.kind == "denial"}
    against = [
        difference
        for difference in _against_releases(items, by_id)
        if difference.kind != "negation" or difference.first.item.id not in deniers
    ]
    # What an item tells otherwise than the release is said: that it differs from its neighbours follows.
    against_ids = {item.second.item.id for item in against}
    figures = [
        item
        for item in ordered
        if item.kind == "figures" and not {item.first.item.id, item.second.item.id} & against_ids
    ]
    denials = _fold_denials([item for item in ordered if item.kind == "denial"])[:_MOST_PAIRS]
    more = _unique_figures(figures)[: _MOST_PAIRS - len(denials)]
    return [*denials, *against[:_MOST_FACTS], *more]


def _against_releases(items: Sequence[StoryItem], by_id: Mapping[str, StoryItem]) -> list[ItemContradiction]:
    """Return each fact that an item tells otherwise than a release, each pair of words once."""
    unique: dict[tuple[str, str, str], ItemContradiction] = {}
    for item, check in items_against_release(items):
        for fact in check.comparison.differences:
            words = (fact.release_says, fact.copy_says)
            unique.setdefault(
                (fact.kind, *words), ItemContradiction(fact.kind, by_id[check.release.id], item, words)
            )
    return list(unique.values())


def _unique_figures(ordered: Sequence[ItemContradiction]) -> list[ItemContradiction]:
    """Return the same two figures once."""
    return list(reversed({tuple(sorted(one.words)): one for one in reversed(ordered)}.values()))


def _fold_denials(denials: Iterable[ItemContradiction]) -> list[ItemContradiction]:
    """Return each denial by its first publisher against the first it denies, with how many items repeat it.

    Who denies something that was denied before repeats that denial; a correction repeats none.
    """
    folded: list[tuple[ItemContradiction, set[str], set[str]]] = []
    for denial in sorted(denials, key=lambda one: (one.denier.ts, one.denied.ts)):
        denier, denied = denial.denier.item.id, denial.denied.item.id
        sign = _denial_sign(denial.denier)
        for first, deniers, all_denied in folded:
            if denier in deniers or (denied in all_denied and sign == _denial_sign(first.denier)):
                deniers.add(denier)
                all_denied.add(denied)
                break
        else:
            folded.append((denial, {denier}, {denied}))
    return [replace(first, repeats=len(deniers) - 1) for first, deniers, _ in folded]


def _denial_sign(item: StoryItem) -> str:
    return "denial" if "denial" in find_contradiction(item.item.content.title) else "correction"


def _denial_words(item: StoryItem) -> str:
    words = find_contradiction(item.item.content.title)
    return words.get("denial") or words.get("correction") or ""


def _contradicting_figures(title: str, other_title: str) -> tuple[str, str] | None:
    ours, theirs = _amounts(title), _amounts(other_title)
    if len(ours) != 1 or len(theirs) != 1:
        return None
    (left, left_words), (right, right_words) = ours[0], theirs[0]
    if left_words.endswith("%") != right_words.endswith("%") or round(left, 3) == round(right, 3):
        return None
    low, high = sorted((left, right))
    return (left_words, right_words) if high <= low * _SAME_THING else None


def _amounts(title: str) -> list[tuple[Decimal, str]]:
    amounts = []
    for words in sorted(numbers(title)):
        try:
            value = Decimal(words.removesuffix("%"))
        except InvalidOperation:
            continue
        if value and (words.endswith("%") or value >= _AMOUNT):
            amounts.append((value, words))
    return amounts
