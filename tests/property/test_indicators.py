"""Properties of indicators on any prices, with holes: cut histories and bounds."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.quant.indicators.walks import answer, cut
from vigie.domain.time import HOUR_MS
from vigie.quant.indicators import registry

REGISTRY = registry()
CAREFUL = settings(derandomize=True, deadline=None, max_examples=30)
SHORT = {
    "adx": {"window": 4},
    "macd": {"fast": 2, "slow": 5, "signal": 3},
    "ichimoku": {"conversion": 2, "base": 3, "span": 5, "displacement": 4},
    "keltner": {"window": 5, "atr_window": 3},
    "stochastic": {"window": 5, "smooth": 2, "signal": 2},
    "stoch_rsi": {"window": 4, "span": 4, "smooth": 2, "signal": 2},
}


def parameters(name):
    return SHORT.get(name) or ({"window": 5} if "window" in REGISTRY[name].parameters else {})


@st.composite
def bars(draw):
    """Any positive prices, often equal, at times unknown; volumes that may be zero."""
    n_bars = draw(st.integers(0, 60))
    price = st.one_of(st.sampled_from([1.0, 1.1, 2.0]), st.floats(1e-3, 1e6, allow_subnormal=False))
    closes = draw(st.lists(price, min_size=n_bars, max_size=n_bars))
    opens = draw(st.lists(price, min_size=n_bars, max_size=n_bars))
    wicks = draw(st.lists(st.sampled_from([0.0, 0.001, 0.3]), min_size=n_bars, max_size=n_bars))
    volumes = draw(st.lists(st.sampled_from([0.0, 1.0, 1e-9, 3.7e9]), min_size=n_bars, max_size=n_bars))
    holes = draw(st.lists(st.integers(0, 59), max_size=3))
    opening, close, wick = (np.array(part, dtype=float) for part in (opens, closes, wicks))
    columns = {
        "open": opening,
        "high": np.maximum(opening, close) * (1.0 + wick),
        "low": np.minimum(opening, close) * (1.0 - wick),
        "close": close,
        "volume": np.array(volumes, dtype=float),
        "values": close,
        "other": opening,
        "ts": np.arange(n_bars, dtype=np.int64) * 7 * HOUR_MS,
    }
    for hole in holes:
        if hole < n_bars:
            columns["close"][hole] = np.nan
    return columns


@pytest.mark.parametrize("name", sorted(REGISTRY))
@CAREFUL
@given(columns=bars(), share=st.floats(0.0, 1.0))
def test_indicator_when_any_history_is_cut_then_earlier_values_keep_every_bit(name, columns, share):
    whole = answer(REGISTRY[name], columns, **parameters(name))
    stop = int(share * len(columns["close"]))
    part = answer(REGISTRY[name], cut(columns, 0, stop), **parameters(name))
    for short, long in zip(part, whole, strict=True):
        assert short.tobytes() == long[:stop].tobytes()
        assert not np.isinf(long).any()


BOUNDS = {
    "adx": (0.0, 100.0),
    "aroon": (0.0, 100.0),
    "cmf": (-1.0, 1.0),
    "mfi": (0.0, 100.0),
    "rank_share": (0.2, 1.0),
    "rolling_correlation": (-1.0, 1.0),
    "rsi": (0.0, 100.0),
    "stoch_rsi": (0.0, 100.0),
    "stochastic": (0.0, 100.0),
    "williams_r": (-100.0, 0.0),
    "zscore": (-2.0, 2.0),  # sqrt(window - 1)
    "atr": (0.0, np.inf),
    "natr": (0.0, np.inf),
    "true_range": (0.0, np.inf),
    "bollinger_bandwidth": (0.0, np.inf),
    "standard_deviation": (0.0, np.inf),
    "realised_volatility": (0.0, np.inf),
    "parkinson_volatility": (0.0, np.inf),
    "garman_klass_volatility": (0.0, np.inf),
}


@pytest.mark.parametrize("name", sorted(BOUNDS))
@CAREFUL
@given(columns=bars())
def test_indicator_when_any_prices_then_within_its_bounds(name, columns):
    low, high = BOUNDS[name]
    for output in answer(REGISTRY[name], columns, **parameters(name)):
        known = output[~np.isnan(output)]
        slack = 1e-9 * max(abs(low), 100.0 if np.isinf(high) else abs(high))
        assert (known >= low - slack).all()
        assert (known <= high + slack).all()


@pytest.mark.parametrize("name", ["sma", "ema", "wma", "kama", "vwma", "highest", "lowest"])
@CAREFUL
@given(columns=bars())
def test_average_when_any_prices_then_between_lowest_and_highest(name, columns):
    (output,) = answer(REGISTRY[name], columns, **parameters(name))
    if not np.isnan(output).all():
        low, high = np.nanmin(columns["close"]), np.nanmax(columns["close"])
        known = output[~np.isnan(output)]
        assert (known >= low - 1e-9 * high).all()
        assert (known <= high * (1 + 1e-9)).all()


@pytest.mark.parametrize("name", ["bollinger", "keltner", "donchian"])
@CAREFUL
@given(columns=bars())
def test_channel_when_any_prices_then_upper_above_middle_above_lower(name, columns):
    upper, middle, lower = answer(REGISTRY[name], columns, **parameters(name))
    known = ~np.isnan(upper)
    assert (upper[known] >= middle[known]).all()
    assert (middle[known] >= lower[known]).all()
