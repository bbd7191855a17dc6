"""Series that are computed here from what sources say: what they are, for charts and tables."""

from __future__ import annotations

from typing import Final

from vigie.domain.fact import Measure

DERIVED_MEASURES: Final = (
    Measure(
        "news/*/sentiment_index",
        "News sentiment",
        "index",
        "vigie",
        "How good or bad the news of the last 24 hours sound, from -100 to 100, weighed by how reliable and how new "
        "each item is.",
        formula="100 x sum(weight x (P(positive) - P(negative))) / (sum(weight) + 2); weight = reliability x novelty",
        delay="every quarter of an hour, where it changed",
    ),
    Measure(
        "news/*/items_count",
        "News volume (weighted)",
        "count",
        "vigie",
        "Items of the last 24 hours, each by how reliable and how new it is; copies count nothing.",
        formula="sum(reliability x novelty)",
        delay="every quarter of an hour, where it changed",
    ),
    Measure(
        "news/*/topic_*_count",
        "Topic news volume (weighted)",
        "count",
        "vigie",
        "Items of the last 24 hours about a topic, each by how reliable and how new it is.",
        formula="sum(reliability x novelty)",
        delay="every quarter of an hour, where it changed",
    ),
    Measure(
        "sentiment/vigie_fear_greed_index",
        "Fear and greed (Vigie)",
        "index",
        "vigie",
        "Mood of the market, 0 extreme fear to 100 extreme greed, of five parts with fixed weights.",
        formula="sum(weight x part) / sum(weight of the parts that are known)",
        delay="every hour",
    ),
    Measure(
        "sentiment/vigie_*_part",
        "Fear and greed component",
        "index",
        "vigie",
        "One part of the index computed here, 0 extreme fear to 100 extreme greed.",
        delay="every hour",
    ),
)
