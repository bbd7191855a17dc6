"""A simulated exchange that notes when it pushes bars and when orders arrive; `benchmarks.wire` starts it."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from vigie.views.cli.sandbox_exchange import exchange as serve
from vigie_sandbox.exchange import run as exchange
from vigie_sandbox.exchange.server import ExchangeApp
from vigie_sandbox.exchange.session import VenueSession
from vigie_sandbox.world.clock import VirtualClock


@dataclass(frozen=True, slots=True)
class Stamps:
    """Notes what happens at the exchange, one JSON line each, with the wall's and the market's time."""

    path: Path
    clock: Callable[[], VirtualClock | None]

    def note(self, kind: str, symbol: str, ts: int, *, is_final: bool = False) -> None:
        """Write one line."""
        clock = self.clock()
        row = {
            "kind": kind, "symbol": symbol, "ts": ts, "is_final": is_final, "wall_ms": time.time_ns() / 1e6,
            "market_ms": 0 if clock is None else clock.now_ms(),
        }  # fmt: skip
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(row) + "\n")


def pushed(message: Mapping[str, Any]) -> Iterator[tuple[str, int, bool]]:
    """Yield symbol, beginning and finality of the bars of one push, of any venue."""
    if message.get("e") == "kline":
        yield message["s"], message["k"]["t"], bool(message["k"]["x"])
    elif str((message.get("arg") or {}).get("channel", "")).startswith("candle"):
        for row in message.get("data") or ():
            yield message["arg"]["instId"], int(row[0]), False
    elif message.get("channel") == "candle":
        data = message["data"]
        for row in data if isinstance(data, list) else [data]:
            yield f"{row['s']}USDC", row["t"], False


def ordered(path: str, body: Mapping[str, Any], coins: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield kind and symbol of the market orders of one request, of any venue."""
    if path.endswith(("/order", "/place-order")):
        is_exit = str(body.get("reduceOnly", "")).lower() in ("true", "yes")
        yield "exit" if is_exit else "entry", str(body["symbol"])
    elif path == "/exchange" and body.get("action", {}).get("type") == "order":
        for one in body["action"]["orders"]:
            if "limit" in one["t"]:
                yield "exit" if one["r"] else "entry", f"{coins[one['a']]}USDC"


def watched(record: Path) -> None:
    """Let everything that the exchange of this process pushes and takes be noted."""
    known: dict[str, Any] = {}
    stamps = Stamps(record, lambda: known.get("clock"))
    send, request, opened = VenueSession.send, ExchangeApp._handle_request, exchange.open_venue

    def opening(*given: Any) -> Any:
        made = opened(*given)
        known["clock"] = made.control._clock
        known["coins"] = [one.base for one in made.venue.context.exchange.contracts()]
        return made

    def sending(self: VenueSession[Any], text: str, channel: str, now_s: float) -> None:
        message = json.loads(text)
        for symbol, ts, is_final in pushed(message.get("data", message) if "stream" in message else message):
            stamps.note("bar", symbol, ts, is_final=is_final)
        send(self, text, channel, now_s)

    async def taking(self: ExchangeApp, scope: Any, receive: Any, respond: Any) -> None:
        parts: list[dict[str, Any]] = []

        async def reading() -> Any:
            part = await receive()
            parts.append(part)
            if scope["method"] == "POST" and not part.get("more_body"):
                note(scope, b"".join(one.get("body", b"") for one in parts))
            return part

        await request(self, scope, reading, respond)

    def note(scope: Any, body: bytes) -> None:
        text = body or scope["query_string"]
        fields = json.loads(text) if text.startswith(b"{") else dict(parse_qsl(text.decode()))
        for kind, symbol in ordered(scope["path"], fields, known["coins"]):
            stamps.note(kind, symbol, 0)

    for place, name, instead in (
        (exchange, "open_venue", opening),
        (VenueSession, "send", sending),
        (ExchangeApp, "_request", taking),
    ):
        setattr(place, name, instead)


def main(words: Sequence[str]) -> None:
    """Serve until it is killed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--venue", required=True)
    parser.add_argument("--speed", type=float, required=True)
    parser.add_argument("--record", type=Path, required=True)
    asked = parser.parse_args(words)
    watched(asked.record)
    # The venue's limits are not what is measured.
    serve(venue=asked.venue, speed=asked.speed, port=0, control_port=0, limits=100.0)


if __name__ == "__main__":
    main(sys.argv[1:])
