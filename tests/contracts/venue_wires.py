"""Loopback answers of Binance and Hyperliquid in their documented form, as much as the history contract asks for."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from vigie.domain.bar import Bars

Answer = Callable[[str, dict[str, Any]], tuple[int, object]]


class Wire:
    """Serves an answer function on a free port until the block ends; `broken` replaces the next bodies."""

    def __init__(self, answer: Answer) -> None:
        self.broken: list[bytes] = []
        self._respond = answer
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True)
        self.url = f"http://127.0.0.1:{self._http.server_address[1]}"

    def __enter__(self) -> Wire:
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        wire = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = -1
            disable_nagle_algorithm = True

            def do_GET(self) -> None:
                parts = urlsplit(self.path)
                self.make_reply(parts.path, {key: values[0] for key, values in parse_qs(parts.query).items()})

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                self.make_reply(self.path, json.loads(body))

            def make_reply(self, path: str, question: dict[str, Any]) -> None:
                status, answer = wire._respond(path, question)
                body = (
                    wire.broken.pop(0)
                    if wire.broken and is_candles(path, question)
                    else json.dumps(answer).encode()
                )
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_words: object) -> None:
                return

        return Handler


def is_candles(path: str, question: dict[str, Any]) -> bool:
    return path.endswith("klines") or question.get("type") == "candleSnapshot"


def rows_between(bars: Bars, start: int, end: int) -> list[list[Any]]:
    """Rows whose open time lies in [start, end]: both venues include the end."""
    columns = (bars.ts, bars.open, bars.high, bars.low, bars.close, bars.volume)
    rows = zip(*(column.tolist() for column in columns), strict=True)
    return [list(row) for row in rows if start <= row[0] <= end]


def binance(bars: Bars) -> Answer:
    symbol = {
        "symbol": "BTCUSDT",
        "pair": "BTCUSDT",
        "contractType": "PERPETUAL",
        "deliveryDate": 4133404800000,
        "onboardDate": 1569398400000,
        "status": "TRADING",
        "baseAsset": "BTC",
        "quoteAsset": "USDT",
        "marginAsset": "USDT",
        "pricePrecision": 2,
        "quantityPrecision": 3,
        "orderTypes": ["LIMIT", "MARKET"],
        "timeInForce": ["GTC", "IOC"],
        "filters": [
            {"filterType": "PRICE_FILTER", "minPrice": "0.10", "maxPrice": "1000000", "tickSize": "0.10"},
            {"filterType": "LOT_SIZE", "minQty": "0.001", "maxQty": "1000", "stepSize": "0.001"},
            {"filterType": "MIN_NOTIONAL", "notional": "100"},
        ],
    }

    def answer(path: str, question: dict[str, Any]) -> tuple[int, object]:
        if path == "/fapi/v1/exchangeInfo":
            return 200, {"timezone": "UTC", "symbols": [symbol]}
        if path == "/fapi/v1/klines" and question["symbol"] == "BTCUSDT":
            limit = int(question.get("limit", 500))
            rows = rows_between(bars, int(question["startTime"]), int(question["endTime"]))[:limit]
            return 200, [
                [row[0], *map(repr, row[1:]), row[0] + bars.span_ms - 1, "0", 1, "0", "0", "0"]
                for row in rows
            ]
        return 400, {"code": -1121, "msg": "Invalid symbol."}

    return answer


def hyperliquid(bars: Bars) -> Answer:
    meta = {"universe": [{"name": "BTC", "szDecimals": 5, "maxLeverage": 40}], "marginTables": []}
    context = {
        "funding": "0.0000125",
        "openInterest": "1",
        "prevDayPx": "60000.0",
        "dayNtlVlm": "1",
        "premium": "0",
        "oraclePx": "60000.0",
        "markPx": "60000.0",
        "midPx": "60000.5",
        "impactPxs": ["60000.0", "60001.0"],
        "dayBaseVlm": "1",
    }

    def answer(path: str, question: dict[str, Any]) -> tuple[int, object]:
        if path != "/info":
            return 404, None
        if question["type"] == "metaAndAssetCtxs":
            return 200, [meta, [context]]
        if question["type"] == "candleSnapshot":
            wanted = question["req"]
            rows = rows_between(bars, wanted["startTime"], wanted["endTime"])
            return 200, [
                {"t": row[0], "T": row[0] + bars.span_ms - 1, "s": "BTC", "i": wanted["interval"], "n": 1}
                | dict(zip("ohlcv", map(repr, row[1:]), strict=True))
                for row in rows
            ]
        return 422, "Failed to deserialize the JSON body into the target type"

    return answer
