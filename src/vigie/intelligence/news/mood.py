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
class MoodItem:
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
    is_readable : bool
        Whether anything can say how it sounds: what is in a language that nobody reads counts as an item only.
    """

    item: str
    ts_first_seen: int
    ts_seen: int
    weight: float
    score: float
    assets: frozenset[str] = frozenset()
    topics: frozenset[str] = frozenset()
    is_readable: bool = True


def mood_item(item: NewsItem, findings: Mapping[str, ItemFinding]) -> MoodItem:
    """Return a revision as it counts by what was found in it."""

    def body(step: str) -> Mapping[str, Any]:
        return findings[step].body if step in findings else {}

    likely: Mapping[str, float] = body("sentiment").get("probabilities") or {}
    topics: Mapping[str, float] = body("topics").get("topics") or {}
    assets: Iterable[str] = body("entities").get("assets") or ()
    return MoodItem(
        item=item.id,
        ts_first_seen=item.ts_first_seen,
        ts_seen=item.ts_seen,
        weight=_weight(item, body("relevance"), body("novelty"), body("reliability")),
        score=float(likely.get("positive", 0.0)) - float(likely.get("negative", 0.0)),
        assets=frozenset(assets),
        topics=frozenset(topic for topic, value in topics.items() if value >= TOPIC_FROM),
        is_readable=not body("sentiment").get("unread"),
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


def mood_series(revisions: Iterable[MoodItem], ts: int) -> dict[str, float]:
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
    newest: dict[str, MoodItem] = {}
    for revision in revisions:
        latest = newest.get(revision.item)
        if revision.ts_seen <= ts < revision.ts_first_seen + SPAN_MS and (
            latest is None or latest.ts_seen <= revision.ts_seen
        ):
            newest[revision.item] = revision
    # In one order whatever the order they came in: sums of floats depend on it.
    weighted = sorted(
        (revision for revision in newest.values() if revision.weight > 0.0),
        key=lambda revision: revision.item,
    )
    sums: dict[str, list[float]] = {MARKET: [0.0, 0.0, 0.0]}
    topics: dict[str, float] = {}
    for revision in weighted:
        for subject in (MARKET, *sorted(revision.assets)):
            subject_sums = sums.setdefault(subject, [0.0, 0.0, 0.0])
            subject_sums[0] += revision.weight
            if revision.is_readable:
                subject_sums[1] += revision.weight
                subject_sums[2] += revision.weight * revision.score
            for topic in revision.topics:
                name = f"news/{subject}/topic_{topic}_count"
                topics[name] = topics.get(name, 0.0) + revision.weight
    values = {name: round(value, 6) for name, value in topics.items()}
    for subject, (weight, readable_weight, score_sum) in sums.items():
        values[f"news/{subject}/sentiment_index"] = round(100.0 * score_sum / (readable_weight + STEADY), 6)
        values[f"news/{subject}/items_count"] = round(weight, 6)
    return values
