"""One account of the simulated Hyperliquid whose fills anybody may read; of other addresses nothing is known."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Final

from vigie_sandbox.world.catalogue import Coin
from vigie_sandbox.world.venue import WorldVenue
from vigie_sandbox.world.wire import ServiceRefusal

TRADER: Final = "0x" + "7e57" * 10
COIN: Final = "BTC"
MAX_FILLS: Final = 2_000
_ADDRESS: Final = re.compile(r"0x[0-9a-fA-F]{40}")
_HOUR_MS: Final = 3_600_000
_DAYS: Final = 30
# It opens at the end of one hour of eight and closes three hours later, one side after the other.
_CYCLE_HOURS, _OPENS, _CLOSES = 8, 1, 4
_SIZE: Final = Decimal("0.01")
_FEE_RATE: Final = Decimal("0.00045")


class HyperliquidUsers:
    """Answers questions about addresses.

    Parameters
    ----------
    venue : WorldVenue
        Whose prices were traded at.
    price_text : callable
        How the venue writes a price.
    """

    def __init__(self, venue: WorldVenue, price_text: Callable[[float], str]) -> None:
        self._venue = venue
        self._price_text = price_text

    def role(self, body: Mapping[str, object]) -> dict[str, str]:
        """Return whether an address is an account."""
        return {"role": "user" if _read_user(body) == TRADER else "missing"}

    def fills(self, body: Mapping[str, object], now: int) -> list[dict[str, object]]:
        """Return the latest fills, newest first."""
        return list(self._all_fills(_read_user(body), now))[::-1][:MAX_FILLS]

    def fills_by_time(self, body: Mapping[str, object], now: int) -> list[dict[str, object]]:
        """Return the fills of a span, oldest first."""
        start, end = _read_time(body.get("startTime")), _read_time(body.get("endTime", now))
        user = _read_user(body)
        fills = [fill for fill in self._all_fills(user, now) if start <= _read_time(fill["time"]) <= end]
        return fills[:MAX_FILLS]

    def _all_fills(self, user: str, now: int) -> Iterator[dict[str, object]]:
        if user != TRADER:
            return
        coin = self._venue.by_symbol[COIN]
        begin = now // (_CYCLE_HOURS * _HOUR_MS) * _CYCLE_HOURS * _HOUR_MS - _DAYS * 24 * _HOUR_MS
        candles = self._venue.candles(coin, _HOUR_MS, begin, now, now, limit=_DAYS * 24 + _CYCLE_HOURS)
        for ts, close in zip(candles.ts.tolist(), candles.rows[3].tolist(), strict=True):
            hour = ts // _HOUR_MS
            place = hour % _CYCLE_HOURS
            if ts + _HOUR_MS <= now and place in (_OPENS, _CLOSES):
                yield self._fill(coin, hour, close, is_open=place == _OPENS)

    def _fill(self, coin: Coin, hour: int, price: float, *, is_open: bool) -> dict[str, object]:
        is_long = hour // _CYCLE_HOURS % 2 == 0
        text = self._price_text(price)
        before = Decimal(0) if is_open else _SIZE if is_long else -_SIZE
        return {
            "coin": coin.symbol,
            "px": text,
            "sz": str(_SIZE),
            "side": "B" if is_long == is_open else "A",
            "time": (hour + 1) * _HOUR_MS,
            "startPosition": str(before),
            "dir": f"{'Open' if is_open else 'Close'} {'Long' if is_long else 'Short'}",
            "closedPnl": "0.0",
            "hash": f"0x{hour:064x}",
            "oid": hour,
            "crossed": True,
            "fee": f"{Decimal(text) * _SIZE * _FEE_RATE:.6f}",
            "tid": hour,
            "feeToken": "USDC",
        }


def _read_time(time: object) -> int:
    if isinstance(time, bool) or not isinstance(time, int):
        raise ServiceRefusal(422, "Failed to deserialize the JSON body into the target type")
    return time


def _read_user(body: Mapping[str, object]) -> str:
    user = body.get("user")
    if not isinstance(user, str) or not _ADDRESS.fullmatch(user):
        raise ServiceRefusal(422, "Failed to deserialize the JSON body into the target type")
    return user.lower()
