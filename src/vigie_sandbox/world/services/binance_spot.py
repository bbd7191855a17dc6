"""Binance spot, the host for market data alone: prices of all pairs, and daily bars of the watched assets."""

from __future__ import annotations

from typing import Final

from vigie.domain.asset import WATCHED
from vigie.domain.time import DAY_MS
from vigie_sandbox.world.catalogue import Coin
from vigie_sandbox.world.earlier_days import all_closes
from vigie_sandbox.world.wire import Reply, Service, ServiceRefusal, ServiceRequest, format_short
from vigie_sandbox.world.world import World

_QUOTE: Final = "USDT"
_MOST_ROWS: Final = 1_000


def open_service(world: World) -> Service:
    """Return what answers for this service in a world."""
    return BinanceSpot(world)


class BinanceSpot:
    """Answers two questions from the world.

    Parameters
    ----------
    world : World
        What is shown.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self._coins = {
            asset.symbol + _QUOTE: world.coin_by_symbol[asset.symbol]
            for asset in WATCHED
            if asset.symbol != _QUOTE
        }

    def answer(self, request: ServiceRequest) -> Reply:
        """Return prices or bars."""
        if request.path == "/api/v3/ticker/price":
            return Reply(
                [
                    {"symbol": symbol, "price": format_short(self._world.price(coin, request.now_ms))}
                    for symbol, coin in self._coins.items()
                ]
            )
        if request.path == "/api/v3/klines":
            return Reply(self._bars(request))
        raise ServiceRefusal(404, {"code": -1000, "msg": f"Path {request.path} not found"})

    def _bars(self, request: ServiceRequest) -> list[list[int | str]]:
        coin = self._coins.get(request.query.get("symbol", ""))
        if coin is None:
            raise ServiceRefusal(400, {"code": -1121, "msg": "Invalid symbol."})
        if request.query.get("interval") != "1d":
            raise ServiceRefusal(400, {"code": -1120, "msg": "Invalid interval."})
        start = request.get_int("startTime", 0)
        end = request.get_int("endTime", request.now_ms)
        limit = min(_MOST_ROWS, request.get_int("limit", 500))
        rows = [row for row in self._rows(coin, request.now_ms) if start <= int(row[0]) <= end]
        # From a start on the oldest come first; else the newest.
        return rows[:limit] if start else rows[-limit:]

    def _rows(self, coin: Coin, now_ms: int) -> list[list[int | str]]:
        """Return a bar a day, and the one in progress; each opens where the one before has closed."""
        days, closes = all_closes(self._world, coin, now_ms)
        prices = [*closes.tolist(), self._world.price(coin, now_ms)]
        opened = [*days.tolist(), now_ms // DAY_MS * DAY_MS]
        return [
            _bar(day, before, close)
            for day, before, close in zip(opened, prices[:1] + prices, prices, strict=False)
        ]


def _bar(day: int, before: float, close: float) -> list[int | str]:
    edges = [format_short(price) for price in (before, max(before, close), min(before, close), close)]
    return [day, *edges, "1000.0", day + DAY_MS - 1, "1000.0", 100, "500.0", "500.0", "0"]
