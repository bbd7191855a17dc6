"""Deribit's volatility index of Bitcoin and Ethereum."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from vigie.domain.bar import FloatArray
from vigie.domain.time import HOUR_MS
from vigie.sandbox.world import economy
from vigie.sandbox.world.grains import key_of, uniforms
from vigie.sandbox.world.mood import VARIANCE
from vigie.sandbox.world.wire import Ask, Refusal, Reply
from vigie.sandbox.world.world import World

_HOURS: Final = {"3600": 1, "43200": 12, "1D": 24, "86400": 24}
_MOST: Final = 1_000


class Deribit:
    """Answers ``get_volatility_index_data`` and ``get_time``.

    Parameters
    ----------
    world : World
        What is shown.
    """

    def __init__(self, world: World) -> None:
        self._world = world

    def answer(self, ask: Ask) -> Reply:
        """Return the answer in the envelope of JSON-RPC."""
        method = ask.path.rpartition("/")[2]
        if method == "get_time":
            return Reply(_enveloped(ask.told_ms, ask.told_ms))
        if method != "get_volatility_index_data":
            raise Refusal(404, {"jsonrpc": "2.0", "error": {"code": -32601, "message": "Method not found"}})
        currency, resolution = ask.query.get("currency", "").upper(), ask.query.get("resolution", "")
        if currency not in ("BTC", "ETH"):
            raise _invalid("currency")
        if resolution not in _HOURS:
            raise _invalid("resolution")
        start, end = ask.whole("start_timestamp", 0), ask.whole("end_timestamp", ask.now_ms)
        rows = self._rows(currency, _HOURS[resolution], ask.now_ms)
        wanted = rows[(rows[:, 0] >= start) & (rows[:, 0] <= end)]
        page = wanted[-_MOST:]
        further = int(page[0, 0]) - 1 if len(wanted) > len(page) else None
        data = [[int(row[0]), *(round(value, 4) for value in row[1:])] for row in page.tolist()]
        return Reply(_enveloped({"data": data, "continuation": further}, ask.told_ms))

    def _rows(self, currency: str, hours: int, now: int) -> FloatArray:
        """Return time, open, high, low and close of every whole candle so far."""
        number = self._world.coin_by_symbol[currency].number
        count = economy.hours_so_far(self._world, now) // hours * hours
        variance = self._world.tape.moods()[VARIANCE, number, :count].astype(np.float64)
        close = 4.0 + 104.0 * np.sqrt(variance)
        first = np.append(close[:1], close[:-1])
        reach = 1.0 + 0.006 * uniforms(key_of(self._world.seed, currency, "dvol"), np.arange(count))
        high, low = np.maximum(first, close) * reach, np.minimum(first, close) / reach
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


def _enveloped(result: Any, told_ms: int) -> dict[str, Any]:
    at = told_ms * 1_000
    return {"jsonrpc": "2.0", "result": result, "usIn": at, "usOut": at + 90, "usDiff": 90, "testnet": False}


def _invalid(name: str) -> Refusal:
    data = {"reason": "invalid value", "param": name}
    return Refusal(
        400, {"jsonrpc": "2.0", "error": {"code": -32602, "message": "Invalid params", "data": data}}
    )
