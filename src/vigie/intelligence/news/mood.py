"""Mood of the news as numbers: sentiment, how much is told, and topics, by asset and for the market, at an instant.

Takes revisions as they were known, gives one number a series. A revision that was seen later than the instant is not
looked at, so what comes late or is changed never alters what was said before.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from vigie.data.features import MARKET as MARKET
from vigie.domain.item import ItemFinding, NewsItem
from vigie.domain.time import DAY_MS

SPAN_MS: Final = DAY_MS
# How much an item counts, by how far it can be believed; what has a grave sign does not count at all.
BY_STATUS: Final[Mapping[str, float]] = {
    "confirmed": 1.0, "repeated": 0.8, "unconfirmed": 0.6, "disputed": 0.3, "flagged": 0.0,
}  # fmt: skip
_UNJUDGED: Final = 0.6
# As many items that say nothing are thought beside those there are: one headline alone is no mood.
STEADY: Final = 2.0
TOPIC_FROM: Final = 0.6


@dataclass(frozen=True, slots=True)
class Heard:
    """One revision of an item, as far as it counts.

    Attributes
    ----------
    item : str
    ts_first_seen, ts_seen : int
        Of the item and of this revision.
    weight : float
        Reliability times novelty; 0 where it is a copy, withdrawn, flagged or not about crypto.
    score : float
        How likely good news is, less how likely bad news is, from -1 to 1.
    assets, topics : frozenset of str
    is_heard : bool
        Whether anything can say how it sounds: what is in a language that nobody reads counts as an item only.
    """

    item: str
    ts_first_seen: int
    ts_seen: int
    weight: float
    score: float
    assets: frozenset[str] = frozenset()
    topics: frozenset[str] = frozenset()
    is_heard: bool = True


def heard(item: NewsItem, found: Mapping[str, ItemFinding]) -> Heard:
    """Return a revision as it counts by what was found in it."""

    def body(step: str) -> Mapping[str, Any]:
        return found[step].body if step in found else {}

    likely: Mapping[str, float] = body("sentiment").get("probabilities") or {}
    topics: Mapping[str, float] = body("topics").get("topics") or {}
    assets: Iterable[str] = body("entities").get("assets") or ()
    return Heard(
        item=item.id,
        ts_first_seen=item.ts_first_seen,
        ts_seen=item.ts_seen,
        weight=_weight(item, body("relevance"), body("novelty"), body("reliability")),
        score=float(likely.get("positive", 0.0)) - float(likely.get("negative", 0.0)),
        assets=frozenset(assets),
        topics=frozenset(topic for topic, value in topics.items() if value >= TOPIC_FROM),
        is_heard=not body("sentiment").get("unread"),
    )


def _weight(
    item: NewsItem,
    relevance: Mapping[str, Any],
    novelty: Mapping[str, Any],
    reliability: Mapping[str, Any],
) -> float:
    if item.is_withdrawn or relevance.get("is_relevant") is False:
        return 0.0
    believed = BY_STATUS.get(str(reliability.get("status", "")), _UNJUDGED)
    return believed * float(novelty.get("novelty", 1.0))


def figures(revisions: Iterable[Heard], ts: int) -> dict[str, float]:
    """Return the value of each series at an instant, from what was first seen within a day before it.

    Returns
    -------
    dict
        ``news/bitcoin/sentiment_index`` in [-100, 100], ``news/bitcoin/items_count`` (weighted),
        ``news/bitcoin/topic_hack_count``; ``news/market/...`` for all of them together.

    Notes
    -----
    The sentiment is 100 times the sum of weight times score over the sum of weights and `STEADY`, of what can be heard.
    """
    newest: dict[str, Heard] = {}
    for one in revisions:
        held = newest.get(one.item)
        if one.ts_seen <= ts < one.ts_first_seen + SPAN_MS and (held is None or held.ts_seen <= one.ts_seen):
            newest[one.item] = one
    # In one order whatever the order they came in: sums of floats depend on it.
    counted = sorted((one for one in newest.values() if one.weight > 0.0), key=lambda one: one.item)
    sums: dict[str, list[float]] = {MARKET: [0.0, 0.0, 0.0]}
    topics: dict[str, float] = {}
    for one in counted:
        for subject in (MARKET, *sorted(one.assets)):
            held_sums = sums.setdefault(subject, [0.0, 0.0, 0.0])
            held_sums[0] += one.weight
            if one.is_heard:
                held_sums[1] += one.weight
                held_sums[2] += one.weight * one.score
            for topic in one.topics:
                name = f"news/{subject}/topic_{topic}_count"
                topics[name] = topics.get(name, 0.0) + one.weight
    found = {name: round(value, 6) for name, value in topics.items()}
    for subject, (weight, sounding, scored) in sums.items():
        found[f"news/{subject}/sentiment_index"] = round(100.0 * scored / (sounding + STEADY), 6)
        found[f"news/{subject}/items_count"] = round(weight, 6)
    return found
