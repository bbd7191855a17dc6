"""Every column is what its sentence says: made once more of its definition, bar by bar, and equal."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from math import cos, log, pi, sin

import numpy as np
import pytest

from tests.contracts.test_features import INPUTS, NAMES, REGISTRY
from vigie.catalogue import complete_languages, read_catalogue
from vigie.quant.features._spec import KNOWN_BY
from vigie.quant.indicators.adx import adx
from vigie.quant.indicators.cci import cci
from vigie.quant.indicators.ema import ema
from vigie.quant.indicators.kama import kama
from vigie.quant.indicators.macd import macd
from vigie.quant.indicators.mfi import mfi
from vigie.quant.indicators.natr import natr
from vigie.quant.indicators.rsi import rsi
from vigie.quant.indicators.stochastic import stochastic
from vigie.quant.indicators.supertrend import supertrend

CHECKED = (256, 333, 419)
OPEN, HIGH, LOW, CLOSE, VOLUME = INPUTS.open, INPUTS.high, INPUTS.low, INPUTS.close, INPUTS.volume
PEERS = INPUTS.peers
Value = Callable[[int], float]


def last(values: np.ndarray, i: int, bars: int) -> np.ndarray:
    return values[i - bars + 1 : i + 1]


def move(i: int, bars: int = 1, values: np.ndarray = CLOSE) -> float:
    return log(values[i] / values[i - bars])


def moves(i: int, bars: int, values: np.ndarray = CLOSE) -> np.ndarray:
    return np.array([move(k, 1, values) for k in range(i - bars + 1, i + 1)])


def market(i: int, bars: int = 1) -> float:
    return float(np.mean([move(i, bars, peer) for peer in PEERS]))


def markets(i: int, bars: int) -> np.ndarray:
    return np.array([market(k) for k in range(i - bars + 1, i + 1)])


def everyone(i: int, bars: int) -> np.ndarray:
    return np.array([move(i, bars, values) for values in (CLOSE, *PEERS)])


def likeness(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.corrcoef(one, other)[0, 1])


def deviations(values: np.ndarray, i: int, bars: int) -> float:
    seen = last(values, i, bars)
    return float((values[i] - seen.mean()) / seen.std())


def place(i: int, bars: int) -> float:
    low, high = last(LOW, i, bars).min(), last(HIGH, i, bars).max()
    return float((CLOSE[i] - low) / (high - low))


PRICE: dict[str, Value] = {
    **{f"return_{bars}": lambda i, bars=bars: move(i, bars) for bars in (1, 3, 6, 12, 24, 72, 168)},
    "acceleration_24": lambda i: move(i, 24) - move(i - 24, 24),
    "opening_gap": lambda i: log(OPEN[i] / CLOSE[i - 1]),
    "range": lambda i: log(HIGH[i] / LOW[i]),
    "body": lambda i: (CLOSE[i] - OPEN[i]) / (HIGH[i] - LOW[i]),
    "upper_shadow": lambda i: (HIGH[i] - max(OPEN[i], CLOSE[i])) / (HIGH[i] - LOW[i]),
    "lower_shadow": lambda i: (min(OPEN[i], CLOSE[i]) - LOW[i]) / (HIGH[i] - LOW[i]),
    "position_24": lambda i: place(i, 24),
    "position_168": lambda i: place(i, 168),
    "drawdown_168": lambda i: CLOSE[i] / last(CLOSE, i, 168).max() - 1.0,
    "volatility_24": lambda i: moves(i, 24).std(),
    "volatility_168": lambda i: moves(i, 168).std(),
    "volatility_ratio": lambda i: moves(i, 24).std() / moves(i, 168).std(),
    "range_volatility_24": lambda i: np.sqrt(
        np.mean([log(HIGH[k] / LOW[k]) ** 2 for k in range(i - 23, i + 1)]) / (4.0 * log(2.0))
    ),
    "up_share_24": lambda i: np.mean(moves(i, 24) > 0.0),
    "autocorrelation_72": lambda i: likeness(moves(i, 72), moves(i - 1, 72)),
}
SPENT = CLOSE * VOLUME
VOLUMES: dict[str, Value] = {
    "ratio_24": lambda i: VOLUME[i] / last(VOLUME, i, 24).mean(),
    "ratio_168": lambda i: VOLUME[i] / last(VOLUME, i, 168).mean(),
    "zscore_168": lambda i: deviations(VOLUME, i, 168),
    "flow_24": lambda i: (
        sum(
            VOLUME[k] * (2.0 * CLOSE[k] - LOW[k] - HIGH[k]) / (HIGH[k] - LOW[k]) for k in range(i - 23, i + 1)
        )
        / last(VOLUME, i, 24).sum()
    ),
    "signed_share_24": lambda i: (
        float(np.sign(moves(i, 24)) @ last(VOLUME, i, 24)) / last(VOLUME, i, 24).sum()
    ),
    "illiquidity_24": lambda i: np.abs(moves(i, 24)).sum() * 1e6 / last(SPENT, i, 24).sum(),
    "move_correlation_72": lambda i: likeness(np.abs(moves(i, 72)), last(VOLUME, i, 72)),
}
CROSS: dict[str, Value] = {
    **{f"market_return_{bars}": lambda i, bars=bars: market(i, bars) for bars in (1, 24, 168)},
    "beta_168": lambda i: np.polyfit(markets(i, 168), moves(i, 168), 1)[0],
    "correlation_168": lambda i: likeness(moves(i, 168), markets(i, 168)),
    "relative_return_24": lambda i: move(i, 24) - market(i, 24),
    "relative_return_168": lambda i: move(i, 168) - market(i, 168),
    "breadth_24": lambda i: np.mean(everyone(i, 24) > 0.0),
    "dispersion_24": lambda i: everyone(i, 24).std(),
    "rank_24": lambda i: np.mean(everyone(i, 24)[1:] < move(i, 24)),
}


def closes_at(i: int) -> datetime:
    return datetime.fromtimestamp((int(INPUTS.ts[i]) + INPUTS.span_ms) / 1000, UTC)


def of_day(i: int) -> float:
    at = closes_at(i)
    return at.hour + at.minute / 60


def month_share(i: int) -> float:
    # The day that ends with its close belongs to what is over.
    day = closes_at(i) - timedelta(milliseconds=1)
    return (day.day - 0.5) / monthrange(day.year, day.month)[1]


CALENDAR: dict[str, Value] = {
    "hour_sine": lambda i: sin(2 * pi * of_day(i) / 24),
    "hour_cosine": lambda i: cos(2 * pi * of_day(i) / 24),
    "weekday_sine": lambda i: sin(2 * pi * (closes_at(i).weekday() + of_day(i) / 24) / 7),
    "weekday_cosine": lambda i: cos(2 * pi * (closes_at(i).weekday() + of_day(i) / 24) / 7),
    "weekend": lambda i: float(closes_at(i).weekday() >= 5),
    "new_york": lambda i: float(closes_at(i).weekday() < 5 and 14.5 < of_day(i) <= 21),
    "settlement_wait": lambda i: -of_day(i) % 8,
    "month_share": month_share,
}


def fact(name: str) -> np.ndarray:
    return INPUTS.facts[name]


def grown(name: str, bars: int) -> Value:
    return lambda i: log(fact(name)[i] / fact(name)[i - bars])


def more(name: str, bars: int) -> Value:
    return lambda i: fact(name)[i] - fact(name)[i - bars]


def said(name: str) -> Value:
    return lambda i: fact(name)[i]


DERIVATIVES: dict[str, Value] = {
    "funding": said("funding"),
    "funding_mean_72": lambda i: last(fact("funding"), i, 72).mean(),
    "funding_zscore_168": lambda i: deviations(fact("funding"), i, 168),
    "interest_change_24": grown("open_interest", 24),
    "interest_change_168": grown("open_interest", 168),
    "basis": said("basis"),
    "basis_change_24": more("basis", 24),
    "liquidation_balance": lambda i: (
        (fact("liquidations_short")[i] - fact("liquidations_long")[i])
        / (fact("liquidations_short")[i] + fact("liquidations_long")[i])
    ),
}
CHAIN: dict[str, Value] = {"mvrv": lambda i: log(fact("mvrv")[i]), "mvrv_change_168": grown("mvrv", 168)}
NEWS: dict[str, Value] = {
    "items": said("news_items"),
    "items_ratio_168": lambda i: fact("news_items")[i] / last(fact("news_items"), i, 168).mean(),
    "sentiment": said("news_sentiment"),
    "sentiment_change_24": more("news_sentiment", 24),
    "market_sentiment": said("market_sentiment"),
    "fear_greed": said("fear_greed"),
    "fear_greed_change_168": more("fear_greed", 168),
}
BARS = HIGH, LOW, CLOSE


def of(values: np.ndarray) -> Value:
    return lambda i: values[i]


# Indicators have tables of their own; here it is which one of which bars, and in which unit.
INDICATORS: dict[str, Value] = {
    "rsi_14": of(rsi(CLOSE, 14)),
    "rsi_42": of(rsi(CLOSE, 42)),
    "macd_histogram": of((macd(CLOSE, 12, 26, 9)[0] - macd(CLOSE, 12, 26, 9)[1]) / CLOSE),
    "adx_14": of(adx(*BARS, 14)[0]),
    "directional_14": of(adx(*BARS, 14)[1] - adx(*BARS, 14)[2]),
    "average_range_14": of(natr(*BARS, 14)),
    "zscore_20": lambda i: deviations(CLOSE, i, 20),
    "bandwidth_20": lambda i: 4.0 * last(CLOSE, i, 20).std() / last(CLOSE, i, 20).mean(),
    "stochastic_14": of(stochastic(*BARS, 14, 3, 3)[0]),
    "cci_20": of(cci(*BARS, 20)),
    "mfi_14": of(mfi(*BARS, VOLUME, 14)),
    "aroon_25": lambda i: 4.0 * float(np.argmin(last(LOW, i, 26)) - np.argmax(last(HIGH, i, 26))),
    **{f"ema_distance_{bars}": of(CLOSE / ema(CLOSE, bars) - 1.0) for bars in (12, 48, 200)},
    "ema_cross_12_48": of(ema(CLOSE, 12) / ema(CLOSE, 48) - 1.0),
    "channel_55": lambda i: place(i, 55),
    "supertrend": lambda i: 1.0 if supertrend(*BARS, 10, 3.0)[0][i] < CLOSE[i] else -1.0,
    "kama_distance": of(CLOSE / kama(CLOSE, 10) - 1.0),
    "slope_48": lambda i: np.polyfit(np.arange(48), last(CLOSE, i, 48), 1)[0] / CLOSE[i],
}
DEFINED: dict[str, Value] = {
    f"{group}.{name}": value
    for group, columns in {
        "price": PRICE, "volume": VOLUMES, "indicators": INDICATORS, "calendar": CALENDAR, "cross": CROSS,
        "derivatives": DERIVATIVES, "onchain": CHAIN, "news": NEWS,
    }.items()
    for name, value in columns.items()
}  # fmt: skip


def test_every_column_has_a_definition():
    assert set(DEFINED) == set(NAMES)


@pytest.mark.parametrize("language", [language for language in complete_languages() if language != "en"])
def test_the_sentence_of_every_column_is_in_each_complete_catalogue(language):
    sentences = {column.text for column in REGISTRY.values()} | set(KNOWN_BY.values())
    assert len(sentences) > 50
    assert sentences - set(read_catalogue(language).texts) == set()


@pytest.mark.parametrize("name", NAMES)
def test_a_column_is_what_its_definition_says(name):
    values = REGISTRY[name].compute(INPUTS)
    checked = range(len(INPUTS)) if name.startswith("calendar.") else CHECKED
    wanted = [DEFINED[name](i) for i in checked]
    assert [values[i] for i in checked] == pytest.approx(wanted, rel=1e-9, abs=1e-12)


def test_a_quotient_that_is_no_number_any_more_is_not_known():
    """Of nearly no volume it was infinite, and odds of an infinite value are above every threshold."""
    least = np.full(len(INPUTS), 5e-324)
    values = REGISTRY["volume.illiquidity_24"].compute(replace(INPUTS, volume=least))
    assert np.isnan(values).all()
