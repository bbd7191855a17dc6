"""What is measured of an asset: changes, distances from highs and lows, volume, indicators.

Takes closed daily and hourly bars, a quote and facts; gives one record of numbers, NaN where not known.
Everything counts the newest price, and daily indicators the day in progress (UTC), made of its closed hours and
that price; what a day usually ranges (ATR) is that of closed days, unless today already ranges more.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Final

import numpy as np

from vigie.domain.bar import Bars, FloatArray
from vigie.domain.quote import Quote
from vigie.domain.time import DAY_MS, HOUR_MS
from vigie.intelligence.market.historical_range import share_below
from vigie.quant.indicators.adx import adx
from vigie.quant.indicators.atr import atr
from vigie.quant.indicators.rsi import rsi
from vigie.quant.indicators.sma import sma
from vigie.quant.indicators.volatility import realised_volatility

NAN: Final = math.nan
YEAR_DAYS: Final = 365
HALF_YEAR: Final = 180
# Daily bars that ended longer ago than this say nothing of the last days.
LATE_DAYS: Final = 2
# The close that a change refers to may lie this many bars from the time asked for.
NEAR_BARS: Final = 1.5


@dataclass(frozen=True, slots=True)
class AssetMetrics:
    """The numbers of one asset; every float is NaN while not known.

    Attributes
    ----------
    asset, symbol : str
        ``bitcoin``, ``BTC``.
    ts : int
        Time of the newest number, epoch milliseconds; 0 where nothing is known.

    Notes
    -----
    Units and definitions of the columns are in `fields.FIELDS`.
    """

    asset: str
    symbol: str
    ts: int = 0
    price: float = NAN
    change_1h: float = NAN
    change_24h: float = NAN
    change_7d: float = NAN
    change_30d: float = NAN
    change_1y: float = NAN
    from_high_30d: float = NAN
    from_low_30d: float = NAN
    from_high_1y: float = NAN
    from_low_1y: float = NAN
    new_high_30d: float = NAN
    new_low_30d: float = NAN
    new_high_1y: float = NAN
    new_low_1y: float = NAN
    volume_24h: float = NAN
    volume_ratio: float = NAN
    spread_bps: float = NAN
    rsi_14: float = NAN
    sma_50: float = NAN
    sma_200: float = NAN
    sma_50_distance: float = NAN
    sma_200_distance: float = NAN
    sma_50_over_200: float = NAN
    sma_50_slope: float = NAN
    adx_14: float = NAN
    atr_fraction: float = NAN
    stretch_atr: float = NAN
    stretch_percentile: float = NAN
    volatility_30d: float = NAN
    volatility_percentile: float = NAN
    market_cap: float = NAN
    funding_8h: float = NAN
    open_interest: float = NAN


# Facts that a caller may hand over, by the name of the column they fill.
FACTS: Final = ("market_cap", "funding_8h", "open_interest", "volume_24h", "price")
COLUMNS: Final = tuple(f.name for f in fields(AssetMetrics) if f.name not in ("asset", "symbol", "ts"))


def measure(
    asset: str,
    symbol: str,
    *,
    daily: Bars | None = None,
    hourly: Bars | None = None,
    quote: Quote | None = None,
    facts: Mapping[str, float] | None = None,
) -> AssetMetrics:
    """Return the numbers of one asset.

    Parameters
    ----------
    asset, symbol : str
        ``bitcoin``, ``BTC``.
    daily, hourly : Bars, optional
        Closed bars only, ascending; 400 days and 8 days are enough for every number.
    quote : Quote, optional
        The newest ticker of the instrument the bars are of; its price is the newest price.
    facts : mapping of str to float, optional
        Columns of `FACTS` from other sources; they hold where bars and quote do not say.
    """
    known = {name: value for name, value in (facts or {}).items() if name in FACTS and value is not None}
    price, ts = _newest(daily, hourly, quote)
    numbers: dict[str, float] = {"price": price if price > 0 else known.get("price", NAN)}
    if quote is not None:
        numbers.update(_from_quote(quote))
    if hourly is not None and len(hourly):
        numbers.update(_from_hours(hourly, numbers["price"], ts, numbers))
    if daily is not None and len(daily):
        running = with_day_in_progress(daily, hourly, numbers["price"], ts)
        numbers.update(_from_days(daily, running, numbers["price"], ts, numbers))
    for name, value in known.items():
        if math.isnan(numbers.get(name, NAN)):
            numbers[name] = float(value)
    return AssetMetrics(asset, symbol, ts, **{name: float(value) for name, value in numbers.items()})


def columns_of(measured: Sequence[AssetMetrics]) -> dict[str, FloatArray]:
    """Return the numbers of many assets as one array a column."""
    return {
        name: np.array([getattr(metrics, name) for metrics in measured], dtype=np.float64) for name in COLUMNS
    }


def rank_values(values: FloatArray) -> FloatArray:
    """Return places from the largest (1) down, equal values by order; NaN stays NaN."""
    places = np.full(len(values), np.nan)
    order = np.argsort(-np.nan_to_num(values, nan=-np.inf), kind="stable")
    n_known = int(np.count_nonzero(~np.isnan(values)))
    places[order[:n_known]] = np.arange(1, n_known + 1)
    return places


def _newest(daily: Bars | None, hourly: Bars | None, quote: Quote | None) -> tuple[float, int]:
    ends = [
        (int(b.ts[-1]) + b.span_ms, float(b.close[-1])) for b in (daily, hourly) if b is not None and len(b)
    ]
    if quote is not None and quote.last > 0:
        ends.append((quote.ts_event, quote.last))
    if not ends:
        return NAN, 0
    ts, price = max(ends)
    return price, ts


def _from_quote(quote: Quote) -> dict[str, float]:
    numbers: dict[str, float] = {}
    if quote.change_24h is not None:
        numbers["change_24h"] = quote.change_24h
    if quote.volume_24h is not None:
        numbers["volume_24h"] = quote.volume_24h
    if quote.bid and quote.ask and quote.ask >= quote.bid:
        numbers["spread_bps"] = (quote.ask - quote.bid) / ((quote.ask + quote.bid) / 2) * 1e4
    if quote.funding_rate is not None and quote.funding_hours:
        numbers["funding_8h"] = quote.funding_rate * 8 / quote.funding_hours
    if quote.open_interest is not None and quote.last > 0:
        numbers["open_interest"] = quote.open_interest * (quote.mark or quote.last)
    return numbers


def _from_hours(bars: Bars, price: float, ts: int, numbers: Mapping[str, float]) -> dict[str, float]:
    changes = {
        "change_1h": _change(bars, price, ts - HOUR_MS),
        "change_24h": numbers.get("change_24h", _change(bars, price, ts - DAY_MS)),
        "change_7d": _change(bars, price, ts - 7 * DAY_MS),
        "change_30d": _change(bars, price, ts - 30 * DAY_MS),
    }
    if "volume_24h" not in numbers and ts - int(bars.ts[-1]) <= 3 * HOUR_MS and len(bars) >= 24:
        changes["volume_24h"] = float(np.sum((bars.close * bars.volume)[-24:]))
    return changes


def with_day_in_progress(daily: Bars, hourly: Bars | None, price: float, ts: int) -> Bars:
    """Return daily bars with the day in progress at their end, as far as it is known.

    Parameters
    ----------
    daily : Bars
        Closed days.
    hourly : Bars or None
        Closed hours; those of the day in progress give its open, high and low.
    price : float
        The newest price, NaN where there is none.
    ts : int
        When that price was, epoch milliseconds.

    Returns
    -------
    Bars
        `daily` itself where the price is not of the day that follows it. The volume in progress is that of its hours.
    """
    start = int(daily.ts[-1]) + daily.span_ms
    if math.isnan(price) or not start < ts <= start + daily.span_ms:
        return daily
    hours = (
        daily.slice(0, 0)
        if hourly is None
        else hourly.slice(int(np.searchsorted(hourly.ts, start)), len(hourly))
    )
    first = float(hours.open[0]) if len(hours) else float(daily.close[-1])
    day_prices = [first, price, *hours.high.tolist(), *hours.low.tolist()]
    return Bars(
        instrument=daily.instrument,
        span_ms=daily.span_ms,
        ts=np.append(daily.ts, start),
        open=np.append(daily.open, first),
        high=np.append(daily.high, max(day_prices)),
        low=np.append(daily.low, min(day_prices)),
        close=np.append(daily.close, price),
        volume=np.append(daily.volume, float(hours.volume.sum())),
        venue=daily.venue,
    )


def _from_days(
    bars: Bars, running: Bars, price: float, ts: int, numbers: Mapping[str, float]
) -> dict[str, float]:
    close = bars.close
    columns = {
        "change_24h": numbers.get("change_24h", NAN),
        "change_7d": numbers.get("change_7d", NAN),
        "change_30d": numbers.get("change_30d", NAN),
        "change_1y": _change(bars, price, ts - YEAR_DAYS * DAY_MS),
        "rsi_14": _last(rsi(running.close, 14)),
        "adx_14": _last(adx(running.high, running.low, running.close, 14)[0]),
    }
    if math.isnan(columns["change_24h"]):
        columns["change_24h"] = _change(bars, price, ts - DAY_MS, HOUR_MS)
    if math.isnan(columns["change_7d"]):
        columns["change_7d"] = _change(bars, price, ts - 7 * DAY_MS)
    if math.isnan(columns["change_30d"]):
        columns["change_30d"] = _change(bars, price, ts - 30 * DAY_MS)
    columns.update(_distances(bars, price))
    if ts - int(bars.ts[-1]) - bars.span_ms <= LATE_DAYS * DAY_MS:
        # A mean of days that ended before is not that of the last 50.
        columns.update(_means(running.close, price))
    columns.update(_spreads(bars, running, price))
    usual = _mean((close * bars.volume)[-30:], 30)
    volume = numbers.get("volume_24h", NAN)
    columns["volume_ratio"] = volume / usual if usual > 0 else NAN
    return columns


def _distances(bars: Bars, price: float) -> dict[str, float]:
    distances: dict[str, float] = {}
    for days, name in ((30, "30d"), (YEAR_DAYS, "1y")):
        if len(bars) < days:
            continue
        high, low = float(np.max(bars.high[-days:])), float(np.min(bars.low[-days:]))
        distances[f"from_high_{name}"] = price / max(high, price) - 1
        distances[f"from_low_{name}"] = price / min(low, price) - 1
        distances[f"new_high_{name}"] = float(price > high)
        distances[f"new_low_{name}"] = float(price < low)
    return distances


def _means(close: FloatArray, price: float) -> dict[str, float]:
    short, long = sma(close, 50), sma(close, 200)
    now, before = _last(short), float(short[-11]) if len(short) > 10 else NAN
    return {
        "sma_50": now,
        "sma_200": _last(long),
        "sma_50_distance": price / now - 1,
        "sma_200_distance": price / _last(long) - 1,
        "sma_50_over_200": now / _last(long) - 1,
        "sma_50_slope": now / before - 1,
    }


def _spreads(bars: Bars, running: Bars, price: float) -> dict[str, float]:
    close, ranges, mean = bars.close, atr(bars.high, bars.low, bars.close, 14), sma(bars.close, 20)
    with np.errstate(divide="ignore", invalid="ignore"):
        stretch = np.where(ranges > 0, (close - mean) / ranges, np.nan)
    # A day that has just begun has no range yet: only what it adds counts.
    usual = max(_last(ranges), _last(atr(running.high, running.low, running.close, 14)))
    now = (price - _last(sma(running.close, 20))) / usual if usual > 0 else NAN
    volatility = realised_volatility(running.close, 30)
    return {
        "atr_fraction": usual / price,
        "stretch_atr": now,
        "stretch_percentile": share_below(now, stretch[-YEAR_DAYS:], HALF_YEAR),
        "volatility_30d": _last(volatility),
        "volatility_percentile": share_below(_last(volatility), volatility[-YEAR_DAYS:], HALF_YEAR),
    }


def _change(bars: Bars, price: float, at: int, within_ms: int | None = None) -> float:
    """Return the change since a time: against the close nearest to it, NaN where none is near enough."""
    limit = NEAR_BARS * bars.span_ms if within_ms is None else within_ms
    ends = bars.ts + bars.span_ms
    index = int(np.searchsorted(ends, at))
    nearby = [k for k in (index - 1, index) if 0 <= k < len(ends) and abs(int(ends[k]) - at) <= limit]
    if not nearby:
        return NAN
    return price / float(bars.close[min(nearby, key=lambda k: abs(int(ends[k]) - at))]) - 1


def _last(values: FloatArray) -> float:
    return float(values[-1]) if len(values) else NAN


def _mean(values: FloatArray, least: int) -> float:
    return float(np.mean(values)) if len(values) >= least else NAN
