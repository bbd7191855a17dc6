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

from vigie.intelligence.news.borne_out import borne_out
from vigie.intelligence.news.judging.bait import contradicting
from vigie.intelligence.news.step import Seen
from vigie.intelligence.news.steps.reliability import is_first_hand, release_of

Became = Literal["confirmed", "disputed", "corrected", "withdrawn", "flagged", ""]
GOOD: Final = frozenset({"confirmed"})
BAD: Final = frozenset({"disputed", "corrected", "withdrawn", "flagged"})
# Of a normal distribution, for intervals of 95 %.
_WIDE: Final = 1.959964


@dataclass(frozen=True, slots=True)
class Standing:
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
class Score:
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


def standings(items: Iterable[Seen]) -> list[Standing]:
    """Return what became of each item, judged by the others of its story; `items` are newest revisions."""
    every = sorted(items, key=lambda seen: (seen.item.ts_first_seen, seen.item.id))
    stories: dict[str, list[Seen]] = defaultdict(list)
    for seen in every:
        stories[str(_body(seen, "story").get("story") or seen.item.id)].append(seen)
    return [_standing(seen, story) for story in stories.values() for seen in story]


def _standing(this: Seen, story: Sequence[Seen]) -> Standing:
    said = _body(this, "reliability")
    became, by, ts = _became(this, said, story)
    return Standing(
        this.item.id, this.item.said.source, str(said.get("status", "")), became, by, ts, is_first_hand(this)
    )


def _became(this: Seen, said: Mapping[str, Any], story: Sequence[Seen]) -> tuple[Became, str, int | None]:
    item = this.item
    if item.is_withdrawn:
        return "withdrawn", item.id, item.ts_seen
    if said.get("status") == "flagged":
        return "flagged", item.id, item.ts_first_seen
    later = [one for one in story if one.item.ts_first_seen >= item.ts_first_seen and one.item.id != item.id]
    for one in later:
        if _denies(one, item.id):
            is_own = one.item.said.source == item.said.source
            return "corrected" if is_own else "disputed", one.item.id, one.item.ts_first_seen
    if item.revision > 1 and "correction" in contradicting(item.said.title):
        return "corrected", item.id, item.ts_seen
    return _by_release(this, said, story)


def _by_release(this: Seen, said: Mapping[str, Any], story: Sequence[Seen]) -> tuple[Became, str, int | None]:
    """Return what the releases of its story make of an item: one that agrees confirms, one that differs disputes."""
    speaking = [one for one in story if one.item.id != this.item.id and _speaks(one, said)]
    by = said.get("by") or {}
    called = tuple(str(by[key]) for key in ("title", "owner") if by.get(key))
    found = None if is_first_hand(this) else borne_out(this.item, map(release_of, speaking), called)
    if is_first_hand(this) and speaking:
        return "confirmed", speaking[0].item.id, speaking[0].item.ts_first_seen
    if found is None or found.comparison.outcome == "unproven":
        return "", "", None
    became: Became = "confirmed" if found.comparison.outcome == "agrees" else "disputed"
    return became, found.release.id, found.release.ts_first_seen


def _speaks(other: Seen, said: Mapping[str, Any]) -> bool:
    theirs = _body(other, "reliability")
    by, ours = theirs.get("by") or {}, said.get("by") or {}
    return (
        is_first_hand(other)
        and by.get("owner") != ours.get("owner")
        and theirs.get("status") != "flagged"
        and not other.item.is_withdrawn
    )


def _denies(other: Seen, item: str) -> bool:
    signs = _body(other, "reliability").get("signs") or ()
    return any(sign["code"] == "denies" and sign["item"] == item for sign in signs)


def scores(found: Iterable[Standing]) -> list[Score]:
    """Return the score of each source, by id."""
    counts: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for one in found:
        counts[one.source][one.became or ("confirmed" if one.is_first_hand else "")] += 1
    return [_score(source, counts[source]) for source in sorted(counts)]


def _score(source: str, counts: Mapping[str, int]) -> Score:
    good = sum(count for became, count in counts.items() if became in GOOD)
    total = good + sum(count for became, count in counts.items() if became in BAD)
    if not total:
        return Score(source, dict(counts), None, None, None)
    share, square = good / total, _WIDE**2
    middle = (share + square / (2 * total)) / (1 + square / total)
    half = _WIDE * math.sqrt(share * (1 - share) / total + square / (4 * total**2)) / (1 + square / total)
    return Score(source, dict(counts), share, max(0.0, middle - half), min(1.0, middle + half))


def _body(seen: Seen, step: str) -> Mapping[str, Any]:
    found = seen.found.get(step)
    return found.body if found is not None else {}
