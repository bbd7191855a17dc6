"""What became of items by what was seen later: confirmed, disputed, corrected, withdrawn; what that says of sources.

Takes items as they stand now with what was found in them then; changes none of it. A release of a regulator or primary
source confirms what says the same, and disputes what tells an amount, date, name or outcome otherwise. A score is no
verdict on truth: it counts what came out, and says how little that may be.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from vigie.intelligence.news.judging.wording_signs import find_contradiction
from vigie.intelligence.news.release_check import check_against_releases
from vigie.intelligence.news.step import AnalysedItem
from vigie.intelligence.news.steps.reliability import is_first_hand, release_of

Became = Literal["confirmed", "disputed", "corrected", "withdrawn", "flagged", ""]
GOOD: Final = frozenset({"confirmed"})
BAD: Final = frozenset({"disputed", "corrected", "withdrawn", "flagged"})
# Of a normal distribution, for intervals of 95 %.
_WIDE: Final = 1.959964


@dataclass(frozen=True, slots=True)
class ItemOutcome:
    """What became of one item.

    Attributes
    ----------
    then : str
        What reading found when the item was seen.
    became : str
        Empty where nothing came out since.
    by : str
        Id of the item that decided, itself where it was corrected or withdrawn.
    ts : int or None
        When that was seen.
    is_first_hand : bool
        Whether somebody said it of their own doing, which needs nobody else to say so.
    """

    item: str
    source: str
    then: str
    became: Became
    by: str = ""
    ts: int | None = None
    is_first_hand: bool = False


@dataclass(frozen=True, slots=True)
class SourceScore:
    """How often what a source said was confirmed, of what came out at all.

    Attributes
    ----------
    counts : mapping
        Items by what became of them; under the empty text those of which nothing came out.
    share, low, high : float or None
        Wilson's interval of 95 %; None where nothing came out.
    """

    source: str
    counts: Mapping[str, int]
    share: float | None
    low: float | None
    high: float | None


def item_outcomes(items: Iterable[AnalysedItem]) -> list[ItemOutcome]:
    """Return what became of each item, judged by the others of its story; `items` are newest revisions."""
    in_order = sorted(items, key=lambda entry: (entry.item.ts_first_seen, entry.item.id))
    stories: dict[str, list[AnalysedItem]] = defaultdict(list)
    for entry in in_order:
        stories[str(_body(entry, "story").get("story") or entry.item.id)].append(entry)
    return [_item_outcome(entry, story) for story in stories.values() for entry in story]


def _item_outcome(entry: AnalysedItem, story: Sequence[AnalysedItem]) -> ItemOutcome:
    reliability = _body(entry, "reliability")
    became, by, ts = _decide_outcome(entry, reliability, story)
    return ItemOutcome(
        entry.item.id,
        entry.item.content.source,
        str(reliability.get("status", "")),
        became,
        by,
        ts,
        is_first_hand(entry),
    )


def _decide_outcome(
    entry: AnalysedItem, reliability: Mapping[str, Any], story: Sequence[AnalysedItem]
) -> tuple[Became, str, int | None]:
    item = entry.item
    if item.is_withdrawn:
        return "withdrawn", item.id, item.ts_seen
    if reliability.get("status") == "flagged":
        return "flagged", item.id, item.ts_first_seen
    later = [
        other
        for other in story
        if other.item.ts_first_seen >= item.ts_first_seen and other.item.id != item.id
    ]
    for other in later:
        if _is_denial_of(other, item.id):
            is_own = other.item.content.source == item.content.source
            return "corrected" if is_own else "disputed", other.item.id, other.item.ts_first_seen
    if item.revision > 1 and "correction" in find_contradiction(item.content.title):
        return "corrected", item.id, item.ts_seen
    return _outcome_by_release(entry, reliability, story)


def _outcome_by_release(
    entry: AnalysedItem, reliability: Mapping[str, Any], story: Sequence[AnalysedItem]
) -> tuple[Became, str, int | None]:
    """Return what the releases of its story make of an item: one that agrees confirms, one that differs disputes."""
    releases = [
        other
        for other in story
        if other.item.id != entry.item.id and _is_independent_release(other, reliability)
    ]
    by = reliability.get("by") or {}
    publisher_names = tuple(str(by[key]) for key in ("title", "owner") if by.get(key))
    check = (
        None
        if is_first_hand(entry)
        else check_against_releases(entry.item, map(release_of, releases), publisher_names)
    )
    if is_first_hand(entry) and releases:
        return "confirmed", releases[0].item.id, releases[0].item.ts_first_seen
    if check is None or check.comparison.outcome == "unproven":
        return "", "", None
    became: Became = "confirmed" if check.comparison.outcome == "agrees" else "disputed"
    return became, check.release.id, check.release.ts_first_seen


def _is_independent_release(other: AnalysedItem, reliability: Mapping[str, Any]) -> bool:
    other_reliability = _body(other, "reliability")
    by, own_publisher = other_reliability.get("by") or {}, reliability.get("by") or {}
    return (
        is_first_hand(other)
        and by.get("owner") != own_publisher.get("owner")
        and other_reliability.get("status") != "flagged"
        and not other.item.is_withdrawn
    )


def _is_denial_of(other: AnalysedItem, item: str) -> bool:
    signs = _body(other, "reliability").get("signs") or ()
    return any(sign["code"] == "denies" and sign["item"] == item for sign in signs)


def source_scores(outcomes: Iterable[ItemOutcome]) -> list[SourceScore]:
    """Return the score of each source, by id."""
    counts: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for outcome in outcomes:
        counts[outcome.source][outcome.became or ("confirmed" if outcome.is_first_hand else "")] += 1
    return [_score(source, counts[source]) for source in sorted(counts)]


def _score(source: str, counts: Mapping[str, int]) -> SourceScore:
    good = sum(count for became, count in counts.items() if became in GOOD)
    total = good + sum(count for became, count in counts.items() if became in BAD)
    if not total:
        return SourceScore(source, dict(counts), None, None, None)
    share, square = good / total, _WIDE**2
    middle = (share + square / (2 * total)) / (1 + square / total)
    half = _WIDE * math.sqrt(share * (1 - share) / total + square / (4 * total**2)) / (1 + square / total)
    return SourceScore(source, dict(counts), share, max(0.0, middle - half), min(1.0, middle + half))


def _body(entry: AnalysedItem, step: str) -> Mapping[str, Any]:
    finding = entry.findings.get(step)
    return finding.body if finding is not None else {}
