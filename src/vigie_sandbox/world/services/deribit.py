"""Deribit's volatility index of Bitcoin and Ethereum."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from vigie.domain.bar import FloatArray
from vigie.domain.time import HOUR_MS
from vigie_sandbox.world import economy
from vigie_sandbox.world.derivatives_state import VARIANCE
from vigie_sandbox.world.hashed_random import derive_key, uniforms
from vigie_sandbox.world.wire import Reply, Service, ServiceRefusal, ServiceRequest
from vigie_sandbox.world.world import World

_HOURS: Final = {"3600": 1, "43200": 12, "1D": 24, "86400": 24}
_MAX_ROWS: Final = 1_000


def open_service(world: World) -> Service:
    """Return what answers for this service in a world."""
    return Deribit(world)


class Deribit:
    """Answers ``get_volatility_index_data`` and ``get_time``.

    Parameters
    ----------
    world : World
        What is shown.
    """

    def __init__(self, world: World) -> None:
        self._world = world

    def answer(self, request: ServiceRequest) -> Reply:
        """Return the answer in the envelope of JSON-RPC."""
        method = request.path.rpartition("/")[2]
        if method == "get_time":
            return Reply(_envelope(request.service_ms, request.service_ms))
        if method != "get_volatility_index_data":
            raise ServiceRefusal(
                404, {"jsonrpc": "2.0", "error": {"code": -32601, "message": "Method not found"}}
            )
        currency, resolution = request.query.get("currency", "").upper(), request.query.get("resolution", "")
        if currency not in ("BTC", "ETH"):
            raise _invalid_parameter("currency")
        if resolution not in _HOURS:
            raise _invalid_parameter("resolution")
        start, end = request.get_int("start_timestamp", 0), request.get_int("end_timestamp", request.now_ms)
        rows = self._rows(currency, _HOURS[resolution], request.now_ms)
        selected = rows[(rows[:, 0] >= start) & (rows[:, 0] <= end)]
        page = selected[-_MAX_ROWS:]
        continuation = int(page[0, 0]) - 1 if len(selected) > len(page) else None
        data = [[int(row[0]), *(round(value, 4) for value in row[1:])] for row in page.tolist()]
        return Reply(_envelope({"data": data, "continuation": continuation}, request.service_ms))

    def _rows(self, currency: str, hours: int, now: int) -> FloatArray:
        """Return time, open, high, low and close of every whole candle so far."""
        number = self._world.coin_by_symbol[currency].number
        count = economy.hours_so_far(self._world, now) // hours * hours
        variance = self._world.tape.derivatives()[VARIANCE, number, :count].astype(np.float64)
        close = 4.0 + 104.0 * np.sqrt(variance)
        first = np.append(close[:1], close[:-1])
        range_factor = 1.0 + 0.006 * uniforms(
            derive_key(self._world.seed, currency, "dvol"), np.arange(count)
        )
        high, low = np.maximum(first, close) * range_factor, np.minimum(first, close) / range_factor
        shape = (-1, hours)
        times = self._world.tape.first_ms + np.arange(0, count, hours, dtype=np.float64) * HOUR_MS
        rows: FloatArray = np.column_stack(
            [
                times,
                first.reshape(shape)[:, 0],
                high.reshape(shape).max(axis=1),
                low.reshape(shape).min(axis=1),
                close.reshape(shape)[:, -1],
            ]
        )
        return rows


def _envelope(result: Any, service_ms: int) -> dict[str, Any]:
    at_us = service_ms * 1_000
    return {
        "jsonrpc": "2.0",
        "result": result,
        "usIn": at_us,
        "usOut": at_us + 90,
        "usDiff": 90,
        "testnet": False,
    }


def _invalid_parameter(name: str) -> ServiceRefusal:
    data = {"reason": "invalid value", "param": name}
    return ServiceRefusal(
        400, {"jsonrpc": "2.0", "error": {"code": -32602, "message": "Invalid params", "data": data}}
    )
