"""Limits: weight of requests a minute by address, orders by account, and a ban for who goes on."""

from __future__ import annotations

from collections import defaultdict
from typing import Final

from vigie.sandbox.exchange.windows import Window
from vigie.sandbox.exchange.wire import Refusal

WEIGHT_A_MINUTE: Final = 2_400
ORDERS: Final = ((10, 300), (60, 1_200))
_PATIENCE: Final = 50
_BAN_S: Final = 120.0


class TooMany(Refusal):
    """A refusal that says how long to wait."""

    def __init__(self, code: str, message: str, status: int, after_s: float) -> None:
        super().__init__(code, message, status)
        self.after_s = after_s


def banned(after_s: float = _BAN_S) -> TooMany:
    """Return what an address hears that went on after it was told to stop."""
    words = "Way too many requests; IP banned. Please use the websocket for live updates to avoid bans."
    return TooMany("-1003", words, 418, after_s)


class Weights:
    """Sliding windows by address and account.

    Parameters
    ----------
    scale : float
        Multiplies every limit.
    """

    def __init__(self, scale: float = 1.0) -> None:
        self._scale = scale
        self._used: dict[str, Window] = defaultdict(lambda: Window(60.0))
        self._orders: dict[str, Window] = defaultdict(lambda: Window(60.0))
        self._ignored: dict[str, int] = defaultdict(int)
        self._banned_until: dict[str, float] = {}

    def take(self, address: str, weight: int, now_s: float) -> int:
        """Count a request and return the weight that was used in this minute.

        Raises
        ------
        TooMany
            429 above the limit; 418 for two minutes once fifty requests did not heed that.
        """
        left_s = self._banned_until.get(address, 0.0) - now_s
        if left_s > 0:
            raise banned(left_s)
        window = self._used[address]
        used = window.used(now_s)
        if used + weight > WEIGHT_A_MINUTE * self._scale:
            self._ignored[address] += 1
            if self._ignored[address] > _PATIENCE:
                self._ignored[address] = 0
                self._banned_until[address] = now_s + _BAN_S
                raise banned()
            words = f"Too many requests; current limit of IP is {WEIGHT_A_MINUTE} requests per minute."
            raise TooMany("-1003", words, 429, max(1.0, window.rest_s(now_s)))
        window.add(now_s, weight)
        return used + weight

    def take_order(self, account: str, now_s: float) -> dict[str, int]:
        """Count an order and return how many there were, by the length of the window.

        Raises
        ------
        TooMany
            Above a limit.
        """
        placed = self._orders[account]
        placed.used(now_s)
        for seconds, most in ORDERS:
            if placed.since(now_s - seconds) >= most * self._scale:
                words = f"Too many new orders; current limit is {most} orders per {seconds} SECOND."
                raise TooMany("-1015", words, 429, 1.0)
        placed.add(now_s)
        return {
            f"{seconds}S" if seconds < 60 else "1M": placed.since(now_s - seconds) for seconds, _ in ORDERS
        }
