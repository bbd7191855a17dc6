"""Coin Metrics community data: daily network metrics, each known some time after its day has ended."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np

from vigie.domain.asset import WATCHED
from vigie.domain.bar import FloatArray
from vigie.domain.errors import UsageError
from vigie.domain.time import DAY_MS, HOUR_MS, iso, parse_time
from vigie.sandbox.world import economy
from vigie.sandbox.world.catalogue import Coin
from vigie.sandbox.world.grains import bells, key_of
from vigie.sandbox.world.wire import Ask, Refusal, Reply
from vigie.sandbox.world.world import World

# A day's values are published this long after its end.
_DELAY_MS: Final = 2 * HOUR_MS
_ANY: Final = ("AdrActCnt", "CapMrktCurUSD", "PriceUSD", "ReferenceRateUSD", "SplyCur", "TxCnt")
_MINED: Final = (
    "CapMVRVCur", "CapRealUSD", "FeeTotUSD", "FlowInExUSD", "FlowOutExUSD", "HashRate", "IssTotUSD",
)  # fmt: skip
_ACTIVE: Final = {"BTC": 820_000.0, "ETH": 510_000.0, "USDT": 290_000.0, "TRX": 2_300_000.0, "DOGE": 62_000.0}
_FAMILY: Final = "/v4/timeseries/asset-metrics"


class CoinMetrics:
    """Answers community questions from the world.

    Parameters
    ----------
    world : World
        What is shown.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        symbols = [asset.symbol for asset in WATCHED]
        self._coins = {symbol.lower(): world.coin_by_symbol[symbol] for symbol in symbols}
        self._made: dict[str, Callable[[Coin, FloatArray, FloatArray, FloatArray], FloatArray]] = {
            "PriceUSD": lambda coin, price, supply, days: price,
            "ReferenceRateUSD": lambda coin, price, supply, days: price,
            "SplyCur": lambda coin, price, supply, days: supply,
            "CapMrktCurUSD": lambda coin, price, supply, days: price * supply,
            "AdrActCnt": lambda coin, price, supply, days: np.rint(self._active(coin, price, days)),
            "TxCnt": lambda coin, price, supply, days: np.rint(self._active(coin, price, days) * 0.6),
            "CapRealUSD": lambda coin, price, supply, days: _realised(price) * supply,
            "CapMVRVCur": lambda coin, price, supply, days: price / _realised(price),
            "FeeTotUSD": lambda coin, price, supply, days: self._active(coin, price, days) * 1.1,
            "IssTotUSD": lambda coin, price, supply, days: (
                np.diff(supply, prepend=supply[:1] * 0.99998) * price
            ),
            "HashRate": lambda coin, price, supply, days: self._hashes(days),
            "FlowInExUSD": lambda coin, price, supply, days: self._flow(coin, price, supply, "in"),
            "FlowOutExUSD": lambda coin, price, supply, days: self._flow(coin, price, supply, "out"),
        }

    def answer(self, ask: Ask) -> Reply:
        """Return a page of values, or the catalogue."""
        if ask.path == _FAMILY:
            return Reply(self._page(ask))
        if ask.path == "/v4/catalog-v2/asset-metrics":
            return Reply({"data": [self._listed(name, ask.now_ms) for name in self._asked(ask)]})
        raise Refusal(404, {"error": {"type": "not_found", "message": "Not found"}})

    def _asked(self, ask: Ask) -> list[str]:
        names = [name for name in ask.query.get("assets", "").split(",") if name] or list(self._coins)
        for name in names:
            if name not in self._coins:
                raise _bad(f"Bad parameter 'assets'. Value '{name}' is not supported.")
        return sorted(set(names))

    def _page(self, ask: Ask) -> dict[str, Any]:
        names, metrics = self._asked(ask), [name for name in ask.query.get("metrics", "").split(",") if name]
        if not metrics:
            raise _bad("Missing parameter 'metrics'.")
        if ask.query.get("frequency", "1d") != "1d":
            raise _bad("Bad parameter 'frequency'. The community has 1d only.")
        for metric in metrics:
            if metric not in self._made or all(metric not in self._metrics(name) for name in names):
                raise _bad(f"Bad parameter 'metrics'. Metric '{metric}' is not supported.")
        start, end = _bound(ask, "start_time", 0), _bound(ask, "end_time", ask.now_ms)
        rows = [
            row for name in names for at, row in self._rows(name, metrics, ask.now_ms) if start <= at <= end
        ]
        size = min(10_000, ask.whole("page_size", 100))
        first = ask.whole("next_page_token", 0)
        # Without a start the newest page comes first, as the service does; rows in it stay in time order.
        if ask.query.get("paging_from", "end") == "end" and "start_time" not in ask.query:
            stop = len(rows) - first
            page, more = rows[max(0, stop - size) : stop], stop - size > 0
        else:
            page, more = rows[first : first + size], first + size < len(rows)
        if not more:
            return {"data": page}
        return {
            "data": page,
            "next_page_token": str(first + size),
            "next_page_url": self._next(ask, first + size),
        }

    def _next(self, ask: Ask, token: int) -> str:
        query = "&".join(f"{k}={v}" for k, v in ask.query.items() if k != "next_page_token")
        return f"{_FAMILY}?{query}&next_page_token={token}"

    def _metrics(self, name: str) -> tuple[str, ...]:
        return (*_ANY, *_MINED) if name == "btc" else (*_ANY, *_MINED[:5]) if name == "eth" else _ANY

    def _rows(self, name: str, metrics: list[str], now: int) -> list[tuple[int, dict[str, Any]]]:
        coin = self._coins[name]
        days, close, _ = economy.daily(self._world, coin, now - _DELAY_MS)
        supply = economy.supply(self._world, coin, days + DAY_MS)
        there = [metric for metric in metrics if metric in self._metrics(name)]
        values = {
            metric: self._made[metric](coin, close, supply, days.astype(np.float64)) for metric in there
        }
        return [
            (
                day,
                {"asset": name, "time": _when(day)}
                | {metric: f"{values[metric][i]:.10g}" for metric in there},
            )
            for i, day in enumerate(days.tolist())
        ]

    def _listed(self, name: str, now: int) -> dict[str, Any]:
        days = economy.day_times(self._world, economy.hours_so_far(self._world, now - _DELAY_MS) // 24)
        span = {"frequency": "1d", "min_time": _when(int(days[0])), "max_time": _when(int(days[-1]))}
        metrics = [
            {"metric": one, "frequencies": [span | {"community": True}]} for one in self._metrics(name)
        ]
        return {"asset": name, "metrics": metrics}

    def _active(self, coin: Coin, price: FloatArray, days: FloatArray) -> FloatArray:
        noise = bells(key_of(self._world.seed, coin.symbol, "active"), days // DAY_MS)
        level = _ACTIVE.get(coin.symbol, 24_000.0)
        active: FloatArray = level * (price / coin.profile.level) ** 0.12 * np.exp(0.05 * noise)
        return active

    def _hashes(self, days: FloatArray) -> FloatArray:
        place = (days - self._world.tape.first_ms) / DAY_MS
        wave = economy.walk_of(self._world, "hashrate", place, 0.012, 0.0006)
        hashes: FloatArray = 6.6e8 * np.exp(np.clip(wave, -0.6, 1.5))
        return hashes

    def _flow(self, coin: Coin, price: FloatArray, supply: FloatArray, way: str) -> FloatArray:
        moved = np.diff(np.log(price), prepend=np.log(price[:1]))
        noise = bells(key_of(self._world.seed, coin.symbol, "flow", way), np.arange(len(price)))
        lean = -2.0 if way == "in" else 2.0
        flow: FloatArray = 0.0012 * price * supply * np.exp(0.18 * noise + lean * moved)
        return flow


def _realised(price: FloatArray) -> FloatArray:
    """Return what coins cost when they last moved: a slow average of the price."""
    paid = np.empty_like(price)
    level = float(price[0]) * 0.7
    for i, one in enumerate(price.tolist()):
        level += (one - level) / 260.0
        paid[i] = level
    return paid


def _bad(message: str) -> Refusal:
    return Refusal(400, {"error": {"type": "bad_parameter", "message": message}})


def _bound(ask: Ask, name: str, default: int) -> int:
    text = ask.query.get(name)
    if not text:
        return default
    try:
        return parse_time(text)
    except UsageError:
        raise _bad(f"Bad parameter '{name}'. Value '{text}' is not a time.") from None


def _when(ms: int) -> str:
    return iso(ms).replace("Z", ".000000000Z")
