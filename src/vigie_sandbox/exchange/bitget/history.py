"""A loopback server that speaks Bitget's v2 public history: time, contracts, candles, history-candles.

Envelope, parameters, limits and depth follow the vendor's documentation (late 2025): values are strings,
success is code 00000, `candles` serves recent bars with the unfinished one last, `history-candles` finished
ones.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

import numpy as np

from vigie.domain.bar import Bars
from vigie.domain.ids import parse_instrument
from vigie.domain.instrument import Instrument
from vigie.domain.time import DAY_MS, timeframe_ms
from vigie_sandbox.exchange.bitget.envelope import make_refusal, make_success
from vigie_sandbox.exchange.bitget.faults import FaultPlan, HistoryFault, no_faults
from vigie_sandbox.exchange.bitget.shapes import GRANULARITIES, make_contract_fields
from vigie_sandbox.exchange.contracts import make_contract
from vigie_sandbox.exchange.wire import VenueRefusal

_MAX_SPAN_MS: Final = 90 * DAY_MS
_MAX_RECENT: Final = 1000
_MAX_HISTORY: Final = 200
_PREFIX: Final = "/api/v2/mix/market/"

Query = Mapping[str, str]


class BitgetHistory:
    """Answers the public questions from bars in memory.

    Parameters
    ----------
    bars : sequence of Bars
        Any instruments and timeframes; bars that open after `now` are not shown.
    instruments : sequence of Instrument
        The contracts to list.
    now : callable
        The venue's time in epoch milliseconds.
    """

    def __init__(
        self, bars: Sequence[Bars], instruments: Sequence[Instrument], now: Callable[[], int]
    ) -> None:
        self._bars = {(_parse_symbol(item.instrument), item.timeframe): item for item in bars}
        self._instruments = {_parse_symbol(item.name): item for item in instruments}
        self._now = now

    def answer(self, path: str, query: Query) -> object:
        """Return the `data` of the envelope; raises `VenueRefusal`."""
        if path == "/api/v2/public/time":
            return {"serverTime": str(self._now())}
        if path == f"{_PREFIX}contracts":
            return self._list_contracts(query)
        if path == f"{_PREFIX}candles":
            return self._list_candles(query, limit=_MAX_RECENT, finished_only=False)
        if path == f"{_PREFIX}history-candles":
            return self._list_candles(query, limit=_MAX_HISTORY, finished_only=True)
        raise VenueRefusal("40404", "Request URL NOT FOUND", 404)

    def _list_contracts(self, query: Query) -> list[dict[str, Any]]:
        if query.get("productType", "").upper() != "USDT-FUTURES":
            return []
        symbol_wanted = query.get("symbol")
        return [
            make_contract_fields(make_contract(instrument), {})
            for symbol, instrument in self._instruments.items()
            if symbol_wanted in (None, symbol)
        ]

    def _list_candles(self, query: Query, *, limit: int, finished_only: bool) -> list[list[str]]:
        symbol, granularity = query.get("symbol", ""), query.get("granularity", "")
        if symbol not in self._instruments:
            raise VenueRefusal("40034", f"Parameter {symbol} does not exist")
        if granularity not in GRANULARITIES:
            raise VenueRefusal("400171", "Parameter granularity error")
        timeframe, depth_days = GRANULARITIES[granularity]
        span = timeframe_ms(timeframe)
        now = self._now()
        end = _read_integer(query, "endTime", now)
        start = _read_integer(query, "startTime", 0)
        count = _read_integer(query, "limit", 100)
        if not 1 <= count <= limit:
            raise VenueRefusal("40020", f"Parameter limit error: 1..{limit}")
        if start and end - start > _MAX_SPAN_MS:
            raise VenueRefusal("00001", "startTime and endTime interval cannot be greater than 90 days")
        bars = self._bars.get((symbol, timeframe))
        if bars is None:
            return []
        is_recent = (bars.ts <= now) & (bars.ts >= now - depth_days * DAY_MS)
        is_shown = bars.ts + span <= now if finished_only else is_recent
        # The end bounds the span from above and is not part of it; the newest bars before it are served.
        indices = np.flatnonzero(is_shown & (bars.ts >= start) & (bars.ts < end))[-count:]
        return [_make_row(bars, int(index)) for index in indices]


def _parse_symbol(name: str) -> str:
    return parse_instrument(name).symbol


def _read_integer(query: Query, name: str, default: int) -> int:
    try:
        return int(query.get(name, default))
    except ValueError:
        raise VenueRefusal("40020", f"Parameter {name} error") from None


def _make_row(bars: Bars, index: int) -> list[str]:
    prices = [repr(float(column[index])) for column in (bars.open, bars.high, bars.low, bars.close)]
    volume = float(bars.volume[index])
    return [str(bars.ts[index]), *prices, repr(volume), repr(volume * float(bars.close[index]))]


class HistoryServer:
    """The venue on a free port of 127.0.0.1, in threads of its own, until the block ends.

    Attributes
    ----------
    url : str
        Base address, ``http://127.0.0.1:40123``.
    requests : list of str
        Every path with its query, in the order they came.
    """

    def __init__(self, venue: BitgetHistory, *, faults: FaultPlan = no_faults) -> None:
        self.requests: list[str] = []
        self._venue = venue
        self._faults = faults
        self._lock = threading.Lock()
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), _make_handler(self))
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.05,), daemon=True)
        self.url = f"http://127.0.0.1:{self._http.server_address[1]}"

    def __enter__(self) -> HistoryServer:
        """Start to serve."""
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop to serve and free the port."""
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    def make_reply(self, target: str) -> tuple[int, bytes, HistoryFault | None]:
        """Return status, body and fault of one request."""
        with self._lock:
            self.requests.append(target)
            number = len(self.requests)
        parts = urlsplit(target)
        fault = self._faults(number, parts.path)
        if fault is not None and fault.body is not None:
            return fault.status, fault.body.encode(), fault
        status, body = self._make_true_reply(
            parts.path, {key: values[-1] for key, values in parse_qs(parts.query).items()}
        )
        return (fault.status if fault is not None else status), body, fault

    def _make_true_reply(self, path: str, query: Query) -> tuple[int, bytes]:
        try:
            return 200, json.dumps(make_success(self._venue.answer(path, query), 0)).encode()
        except VenueRefusal as error:
            return error.status, json.dumps(make_refusal(error, 0)).encode()


def _make_handler(server: HistoryServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # Head and body leave as one packet: two would wait for one another 40 ms a request.
        wbufsize = -1
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            status, body, fault = server.make_reply(self.path)
            if status == 0:
                self.close_connection = True
                self.connection.close()
                return
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            for name, value in (fault.headers if fault is not None else {}).items():
                self.send_header(name, value)
            self.end_headers()
            if fault is not None and fault.keep_bytes is not None:
                self.wfile.write(body[: fault.keep_bytes])
                self.close_connection = True
                return
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name
            return

    return Handler
