"""Limits: weight of requests a minute by address, orders by account, and a ban for who goes on."""

from __future__ import annotations

from collections import defaultdict
from typing import Final, Literal

from vigie_sandbox.exchange.windows import SlidingWindow
from vigie_sandbox.exchange.wire import VenueRefusal

MAX_WEIGHT_PER_MINUTE: Final = 2_400
Pool = Literal["fapi", "data", "sapi_ip", "sapi_uid"]
"""What weights are counted in: futures, their statistics, and wallets by address or by account."""
# Of each pool: seconds, the most in them, and the header that tells what was used.
POOLS: Final[dict[Pool, tuple[float, int, str]]] = {
    "fapi": (60.0, MAX_WEIGHT_PER_MINUTE, "X-MBX-USED-WEIGHT-1M"),
    "data": (300.0, 1_000, ""),
    "sapi_ip": (60.0, 12_000, "X-SAPI-USED-IP-WEIGHT-1M"),
    "sapi_uid": (60.0, 180_000, "X-SAPI-USED-UID-WEIGHT-1M"),
}
ORDER_LIMITS: Final = ((10, 300), (60, 1_200))
_MAX_IGNORED: Final = 50
_BAN_S: Final = 120.0


class RateLimitRefusal(VenueRefusal):
    """A refusal that says how long to wait."""

    def __init__(self, code: str, message: str, status: int, retry_after_s: float) -> None:
        super().__init__(code, message, status)
        self.retry_after_s = retry_after_s


def make_ban(retry_after_s: float = _BAN_S) -> RateLimitRefusal:
    """Return what an address hears that went on after it was told to stop."""
    message = "Way too many requests; IP banned. Please use the websocket for live updates to avoid bans."
    return RateLimitRefusal("-1003", message, 418, retry_after_s)


class BinanceWeights:
    """Sliding windows by address and account.

    Parameters
    ----------
    scale : float
        Multiplies every limit.
    """

    def __init__(self, scale: float = 1.0) -> None:
        self._scale = scale
        self._windows_by_pool = {pool: _make_windows(span) for pool, (span, _, _) in POOLS.items()}
        self._orders: dict[str, SlidingWindow] = defaultdict(lambda: SlidingWindow(60.0))
        self._ignored_refusals: dict[str, int] = defaultdict(int)
        self._banned_until: dict[str, float] = {}

    def count_request(self, address: str, weight: int, now_s: float, pool: Pool = "fapi") -> int:
        """Count a request of an address, or of an account, and return the weight that was used of its pool.

        Raises
        ------
        RateLimitRefusal
            429 above the limit; 418 for two minutes once fifty requests did not heed that.
        """
        ban_left_s = self._banned_until.get(address, 0.0) - now_s
        if ban_left_s > 0:
            raise make_ban(ban_left_s)
        window, (span, max_weight, _) = self._windows_by_pool[pool][address], POOLS[pool]
        used = window.used(now_s)
        if used + weight > max_weight * self._scale:
            self._ignored_refusals[address] += 1
            if self._ignored_refusals[address] > _MAX_IGNORED:
                self._ignored_refusals[address] = 0
                self._banned_until[address] = now_s + _BAN_S
                raise make_ban()
            message = (
                f"Too many requests; current limit of IP is {max_weight} requests per {_format_span(span)}."
            )
            raise RateLimitRefusal("-1003", message, 429, max(1.0, window.seconds_to_next(now_s)))
        window.add(now_s, weight)
        return used + weight

    def count_order(self, account: str, now_s: float) -> dict[str, int]:
        """Count an order and return how many there were, by the length of the window.

        Raises
        ------
        RateLimitRefusal
            Above a limit.
        """
        window = self._orders[account]
        window.used(now_s)
        for seconds, max_orders in ORDER_LIMITS:
            if window.since(now_s - seconds) >= max_orders * self._scale:
                message = f"Too many new orders; current limit is {max_orders} orders per {seconds} SECOND."
                raise RateLimitRefusal("-1015", message, 429, 1.0)
        window.add(now_s)
        return {
            f"{seconds}S" if seconds < 60 else "1M": window.since(now_s - seconds)
            for seconds, _ in ORDER_LIMITS
        }


def _make_windows(span: float) -> defaultdict[str, SlidingWindow]:
    return defaultdict(lambda: SlidingWindow(span))


def _format_span(span: float) -> str:
    return "minute" if span == 60 else f"{span / 60:.0f} minutes"
