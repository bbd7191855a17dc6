"""Columns of news and mood: how much is written, in which tone, and how the market feels."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from vigie.domain.bar import FloatArray
from vigie.quant.features._moves import change, ratio
from vigie.quant.features._spec import FeatureColumn, FeatureInputs
from vigie.quant.indicators.sma import sma

_GROUP: Final = "news"


def _value(name: str) -> Callable[[FeatureInputs], FloatArray]:
    return lambda data: data.fact(name).copy()


def _change_of(name: str, bars: int) -> Callable[[FeatureInputs], FloatArray]:
    return lambda data: change(data.fact(name), bars)


def _against_mean(data: FeatureInputs) -> FloatArray:
    items = data.fact("news_items")
    return ratio(items, sma(items, 168), 1.0)


COLUMNS = tuple(
    FeatureColumn(_GROUP, name, compute, lookback, unit, text, "facts", (reads,))
    for name, compute, lookback, unit, text, reads in (
        ("items", _value("news_items"), 0, "count", "News items about the asset, as last counted.", "news_items"),
        ("items_ratio_168", _against_mean, 167, "ratio", "News items over their mean of 168 bars.", "news_items"),
        ("sentiment", _value("news_sentiment"), 0, "index", "Tone of the news about the asset.", "news_sentiment"),
        ("sentiment_change_24", _change_of("news_sentiment", 24), 24, "index",
            "Change of the tone of the news over 24 bars.", "news_sentiment"),
        ("market_sentiment", _value("market_sentiment"), 0, "index",
            "Tone of the news about the whole market.", "market_sentiment"),
        ("fear_greed", _value("fear_greed"), 0, "index",
            "Fear and greed index of the whole market, from 0 to 100.", "fear_greed"),
        ("fear_greed_change_168", _change_of("fear_greed", 168), 168, "index",
            "Change of the fear and greed index over 168 bars.", "fear_greed"),
    )
)  # fmt: skip
