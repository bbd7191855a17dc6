"""Binance's forced orders: what was liquidated, as far as the venue says.

https://developers.binance.com/docs/derivatives/usds-margined-futures/websocket-market-streams/All-Market-Liquidation-Order-Streams:
only the latest order of a symbol in a second is pushed, so every total is a lower bound. SELL closes a long.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit, urlunsplit

from vigie.adapters.net.websocket import stream_messages
from vigie.adapters.sources.site import Site, number
from vigie.domain.fact import Measure, Observation
from vigie.domain.time import MINUTE_MS
from vigie.ports.source import Batch

BUCKET_MS: Final = 5 * MINUTE_MS
_LIVE: Final = "wss://fstream.binance.com/market/ws"
# A mark price each second beside the rare orders: its absence is silence, theirs is a calm market.
_STREAMS: Final = ("!forceOrder@arr", "btcusdt@markPrice@1s")
_SIDES: Final = {"SELL": "liquidations_long_usd", "BUY": "liquidations_short_usd"}


def liquidation_measures(source: str) -> tuple[Measure, ...]:
    """Return the kinds of series that the stream delivers."""
    note = (
        "Liquidated within five minutes. This is a minimum: the venue sends one order per symbol and second."
    )
    prefix = "derivatives/binance-perp:*"
    return (
        Measure(
            f"{prefix}/liquidations_long_usd", "Liquidated longs", "usd", source, note, "price x quantity"
        ),
        Measure(
            f"{prefix}/liquidations_short_usd", "Liquidated shorts", "usd", source, note, "price x quantity"
        ),
    )


@dataclass(slots=True)
class LiquidationTotals:
    """Sums of forced orders in spans of five minutes; a span is given when a later one begins."""

    instruments: Mapping[str, str]
    _sums: defaultdict[str, float]
    _span: int = -1

    def take(self, message: Mapping[str, Any], now_ms: int) -> list[Observation]:
        """Add a message and return the totals of the span that ended before it."""
        span = now_ms // BUCKET_MS
        totals = self._close_span(now_ms) if span != self._span else []
        self._span = span
        if message.get("e") == "forceOrder":
            order = message["o"]
            name = self.instruments.get(order["s"])
            if name is not None:
                value_usd = number(order.get("ap") or order["p"]) * number(order.get("z") or order["q"])
                self._sums[f"derivatives/binance-perp:{name}/{_SIDES[order['S']]}"] += value_usd
        return totals

    def _close_span(self, now_ms: int) -> list[Observation]:
        if self._span < 0:
            return []
        names = [
            f"derivatives/binance-perp:{name}/{side}"
            for name in self.instruments.values()
            for side in _SIDES.values()
        ]
        ts = self._span * BUCKET_MS
        totals = [Observation(name, ts, now_ms, self._sums.get(name, 0.0)) for name in names]
        self._sums.clear()
        return totals


@dataclass(frozen=True, slots=True)
class ForcedOrders:
    """The stream of forced orders; fulfils `vigie.ports.source.Stream`."""

    site: Site
    instruments: Mapping[str, str]

    def measures(self) -> Sequence[Measure]:
        """Return the kinds of series it delivers."""
        return liquidation_measures(self.site.manifest.id)

    async def listen(self) -> AsyncIterator[Batch]:
        """Yield totals as their spans end; other messages are signs of life."""
        totals = LiquidationTotals(self.instruments, defaultdict(float))
        subscriptions = [{"method": "SUBSCRIBE", "params": list(_STREAMS), "id": 1}]
        async for message in stream_messages(
            self._stream_url(), subscriptions, title=self.site.manifest.title
        ):
            if isinstance(message, dict):
                yield Batch(observations=totals.take(message.get("data", message), self.site.now()))

    def _stream_url(self) -> str:
        if not self.site.url:
            return _LIVE
        parts = urlsplit(self.site.url)
        scheme = "wss" if parts.scheme == "https" else "ws"
        return urlunsplit((scheme, parts.netloc, parts.path.rstrip("/") + urlsplit(_LIVE).path, "", ""))
