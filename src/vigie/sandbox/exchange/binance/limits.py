"""Limits: weight of requests a minute by address, orders by account, and a ban for who goes on."""

from __future__ import annotations

from collections import defaultdict
from typing import Final, Literal

from vigie.sandbox.exchange.windows import Window
from vigie.sandbox.exchange.wire import Refusal

WEIGHT_A_MINUTE: Final = 2_400
Pool = Literal["fapi", "data", "sapi_ip", "sapi_uid"]
"""What weights are counted in: futures, their statistics, and wallets by address or by account."""
# Of each pool: seconds, the most in them, and the header that tells what was used.
POOLS: Final[dict[Pool, tuple[float, int, str]]] = {
    "fapi": (60.0, WEIGHT_A_MINUTE, "X-MBX-USED-WEIGHT-1M"),
    "data": (300.0, 1_000, ""),
    "sapi_ip": (60.0, 12_000, "X-SAPI-USED-IP-WEIGHT-1M"),
    "sapi_uid": (60.0, 180_000, "X-SAPI-USED-UID-WEIGHT-1M"),
}
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
        self._used = {pool: _windows(span) for pool, (span, _, _) in POOLS.items()}
        self._orders: dict[str, Window] = defaultdict(lambda: Window(60.0))
        self._ignored: dict[str, int] = defaultdict(int)
        self._banned_until: dict[str, float] = {}

    def take(self, address: str, weight: int, now_s: float, pool: Pool = "fapi") -> int:
        """Count a request of an address, or of an account, and return the weight that was used of its pool.

        Raises
        ------
        TooMany
            429 above the limit; 418 for two minutes once fifty requests did not heed that.
        """
        left_s = self._banned_until.get(address, 0.0) - now_s
        if left_s > 0:
            raise banned(left_s)
        window, (span, most, _) = self._used[pool][address], POOLS[pool]
        used = window.used(now_s)
        if used + weight > most * self._scale:
            self._ignored[address] += 1
            if self._ignored[address] > _PATIENCE:
                self._ignored[address] = 0
                self._banned_until[address] = now_s + _BAN_S
                raise banned()
            words = f"Too many requests; current limit of IP is {most} requests per {_words(span)}."
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


def _windows(span: float) -> defaultdict[str, Window]:
    return defaultdict(lambda: Window(span))


def _words(span: float) -> str:
    return "minute" if span == 60 else f"{span / 60:.0f} minutes"
