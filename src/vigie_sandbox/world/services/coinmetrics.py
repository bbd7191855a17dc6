"""Coin Metrics community data: daily network metrics, each known some time after its day has ended."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np

from vigie.domain.asset import WATCHED
from vigie.domain.bar import FloatArray
from vigie.domain.errors import UsageError
from vigie.domain.time import DAY_MS, HOUR_MS, iso, parse_time
from vigie_sandbox.world import economy
from vigie_sandbox.world.catalogue import Coin
from vigie_sandbox.world.earlier_days import EARLIER_DAYS, all_closes
from vigie_sandbox.world.hashed_random import derive_key, normals
from vigie_sandbox.world.wire import Reply, Service, ServiceRefusal, ServiceRequest
from vigie_sandbox.world.world import World

# A day's values are published this long after its end.
_DELAY_MS: Final = 2 * HOUR_MS
_PRICE: Final = "PriceUSD"
_COMMON_METRICS: Final = ("AdrActCnt", "CapMrktCurUSD", "PriceUSD", "ReferenceRateUSD", "SplyCur", "TxCnt")
_MINING_METRICS: Final = (
    "CapMVRVCur", "CapRealUSD", "FeeTotUSD", "FlowInExUSD", "FlowOutExUSD", "HashRate", "IssTotUSD",
)  # fmt: skip
_ACTIVE: Final = {"BTC": 820_000.0, "ETH": 510_000.0, "USDT": 290_000.0, "TRX": 2_300_000.0, "DOGE": 62_000.0}
_METRICS_PATH: Final = "/v4/timeseries/asset-metrics"


def open_service(world: World) -> Service:
    """Return what answers for this service in a world."""
    return CoinMetrics(world)


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
        self._calculations: dict[str, Callable[[Coin, FloatArray, FloatArray, FloatArray], FloatArray]] = {
            "PriceUSD": lambda coin, price, supply, days: price,
            "ReferenceRateUSD": lambda coin, price, supply, days: price,
            "SplyCur": lambda coin, price, supply, days: supply,
            "CapMrktCurUSD": lambda coin, price, supply, days: price * supply,
            "AdrActCnt": lambda coin, price, supply, days: np.rint(self._active_addresses(coin, price, days)),
            "TxCnt": lambda coin, price, supply, days: np.rint(
                self._active_addresses(coin, price, days) * 0.6
            ),
            "CapRealUSD": lambda coin, price, supply, days: _realised_price(price) * supply,
            "CapMVRVCur": lambda coin, price, supply, days: price / _realised_price(price),
            "FeeTotUSD": lambda coin, price, supply, days: self._active_addresses(coin, price, days) * 1.1,
            "IssTotUSD": lambda coin, price, supply, days: (
                np.diff(supply, prepend=supply[:1] * 0.99998) * price
            ),
            "HashRate": lambda coin, price, supply, days: self._hashrate(days),
            "FlowInExUSD": lambda coin, price, supply, days: self._flow(coin, price, supply, "in"),
            "FlowOutExUSD": lambda coin, price, supply, days: self._flow(coin, price, supply, "out"),
        }

    def answer(self, request: ServiceRequest) -> Reply:
        """Return a page of values, or the catalogue."""
        if request.path == _METRICS_PATH:
            return Reply(self._page(request))
        if request.path == "/v4/catalog-v2/asset-metrics":
            return Reply(
                {
                    "data": [
                        self._catalogue_row(name, request.now_ms) for name in self._requested_assets(request)
                    ]
                }
            )
        raise ServiceRefusal(404, {"error": {"type": "not_found", "message": "Not found"}})

    def _requested_assets(self, request: ServiceRequest) -> list[str]:
        names = [name for name in request.query.get("assets", "").split(",") if name] or list(self._coins)
        for name in names:
            if name not in self._coins:
                raise _bad_parameter(f"Bad parameter 'assets'. Value '{name}' is not supported.")
        return sorted(set(names))

    def _page(self, request: ServiceRequest) -> dict[str, Any]:
        names, metrics = (
            self._requested_assets(request),
            [name for name in request.query.get("metrics", "").split(",") if name],
        )
        if not metrics:
            raise _bad_parameter("Missing parameter 'metrics'.")
        if request.query.get("frequency", "1d") != "1d":
            raise _bad_parameter("Bad parameter 'frequency'. The community has 1d only.")
        for metric in metrics:
            if metric not in self._calculations or all(metric not in self._metrics(name) for name in names):
                raise _bad_parameter(f"Bad parameter 'metrics'. Metric '{metric}' is not supported.")
        start, end = _parse_bound(request, "start_time", 0), _parse_bound(request, "end_time", request.now_ms)
        rows = [
            row
            for name in names
            for at, row in self._rows(name, metrics, request.now_ms)
            if start <= at <= end
        ]
        size = min(10_000, request.get_int("page_size", 100))
        first = request.get_int("next_page_token", 0)
        # Without a start the newest page comes first, as the service does; rows in it stay in time order.
        if request.query.get("paging_from", "end") == "end" and "start_time" not in request.query:
            stop = len(rows) - first
            page, has_more = rows[max(0, stop - size) : stop], stop - size > 0
        else:
            page, has_more = rows[first : first + size], first + size < len(rows)
        if not has_more:
            return {"data": page}
        return {
            "data": page,
            "next_page_token": str(first + size),
            "next_page_url": self._next_url(request, first + size),
        }

    def _next_url(self, request: ServiceRequest, token: int) -> str:
        query = "&".join(f"{k}={v}" for k, v in request.query.items() if k != "next_page_token")
        return f"{_METRICS_PATH}?{query}&next_page_token={token}"

    def _metrics(self, name: str) -> tuple[str, ...]:
        return (
            (*_COMMON_METRICS, *_MINING_METRICS)
            if name == "btc"
            else (*_COMMON_METRICS, *_MINING_METRICS[:5])
            if name == "eth"
            else _COMMON_METRICS
        )

    def _rows(self, name: str, metrics: list[str], now: int) -> list[tuple[int, dict[str, Any]]]:
        coin = self._coins[name]
        days, close, _ = economy.daily(self._world, coin, now - _DELAY_MS)
        supply = economy.supply(self._world, coin, days + DAY_MS)
        available = [metric for metric in metrics if metric in self._metrics(name)]
        earlier = self._earlier_rows(name, coin, now) if _PRICE in available else []
        values = {
            metric: self._calculations[metric](coin, close, supply, days.astype(np.float64))
            for metric in available
        }
        return [*earlier] + [
            (
                day,
                {"asset": name, "time": _format_time(day)}
                | {metric: f"{values[metric][i]:.10g}" for metric in available},
            )
            for i, day in enumerate(days.tolist())
        ]

    def _earlier_rows(self, name: str, coin: Coin, now: int) -> list[tuple[int, dict[str, str]]]:
        """Return the years before the tape: only prices reach so far back."""
        days, closes = all_closes(self._world, coin, now - _DELAY_MS)
        count = EARLIER_DAYS
        return [
            (day, {"asset": name, "time": _format_time(day), _PRICE: f"{close:.10g}"})
            for day, close in zip(days[:count].tolist(), closes[:count].tolist(), strict=True)
        ]

    def _catalogue_row(self, name: str, now: int) -> dict[str, Any]:
        days = economy.day_times(self._world, economy.hours_so_far(self._world, now - _DELAY_MS) // 24)
        span = {
            "frequency": "1d",
            "min_time": _format_time(int(days[0])),
            "max_time": _format_time(int(days[-1])),
        }
        first_price = _format_time(int(days[0]) - EARLIER_DAYS * DAY_MS)
        metrics = [
            {
                "metric": metric,
                "frequencies": [
                    span | ({"min_time": first_price} if metric == _PRICE else {}) | {"community": True}
                ],
            }
            for metric in self._metrics(name)
        ]
        return {"asset": name, "metrics": metrics}

    def _active_addresses(self, coin: Coin, price: FloatArray, days: FloatArray) -> FloatArray:
        noise = normals(derive_key(self._world.seed, coin.symbol, "active"), days // DAY_MS)
        level = _ACTIVE.get(coin.symbol, 24_000.0)
        active: FloatArray = level * (price / coin.profile.level) ** 0.12 * np.exp(0.05 * noise)
        return active

    def _hashrate(self, days: FloatArray) -> FloatArray:
        day_index = (days - self._world.tape.first_ms) / DAY_MS
        walk = economy.random_walk(self._world, "hashrate", day_index, 0.012, 0.0006)
        hashrate: FloatArray = 6.6e8 * np.exp(np.clip(walk, -0.6, 1.5))
        return hashrate

    def _flow(self, coin: Coin, price: FloatArray, supply: FloatArray, direction: str) -> FloatArray:
        returns = np.diff(np.log(price), prepend=np.log(price[:1]))
        noise = normals(derive_key(self._world.seed, coin.symbol, "flow", direction), np.arange(len(price)))
        sensitivity = -2.0 if direction == "in" else 2.0
        flow: FloatArray = 0.0012 * price * supply * np.exp(0.18 * noise + sensitivity * returns)
        return flow


def _realised_price(price: FloatArray) -> FloatArray:
    """Return what coins cost when they last moved: a slow average of the price."""
    costs = np.empty_like(price)
    level = float(price[0]) * 0.7
    for i, value in enumerate(price.tolist()):
        level += (value - level) / 260.0
        costs[i] = level
    return costs


def _bad_parameter(message: str) -> ServiceRefusal:
    return ServiceRefusal(400, {"error": {"type": "bad_parameter", "message": message}})


def _parse_bound(request: ServiceRequest, name: str, default: int) -> int:
    text = request.query.get(name)
    if not text:
        return default
    try:
        return parse_time(text)
    except UsageError:
        raise _bad_parameter(f"Bad parameter '{name}'. Value '{text}' is not a time.") from None


def _format_time(ms: int) -> str:
    return iso(ms).replace("Z", ".000000000Z")
