"""The dead man's switch: everything that waits is cancelled at a time, unless that is put off before."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from vigie.sandbox.exchange.desk import Desk
from vigie.sandbox.exchange.hyperliquid.errors import BadRequest, Denied

# Of the venue's documentation and of its own refusal, read in copies of 2025.
LEAST_TRADED: Final = 1_000_000
LEAST_AHEAD_MS: Final = 5_000
MOST_A_DAY: Final = 10
_DAY_MS: Final = 86_400_000


class DeadMan:
    """Keeps the time of each account, which survives a restart; how often it acted today does not.

    Parameters
    ----------
    desk : Desk
        Whose exchange it is.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._acted: Counter[tuple[str, int]] = Counter()

    def set(self, account: str, action: Mapping[str, Any], traded: Decimal) -> None:
        """Take the time at which everything is cancelled; without one nothing will be."""
        at, now = action.get("time"), self._desk.told_ms()
        if at is not None and (isinstance(at, bool) or not isinstance(at, int)):
            raise BadRequest("time")
        if traded < LEAST_TRADED:
            raise Denied(
                "Cannot set scheduled cancel time until enough volume traded. "
                f"Required: ${LEAST_TRADED}. Traded: ${traded:.5f}."
            )
        if at is not None and at < now + LEAST_AHEAD_MS:
            raise Denied("Scheduled cancel time too early, must be at least 5 seconds from now.")
        if at is not None and self._acted[account, now // _DAY_MS] >= MOST_A_DAY:
            raise Denied("Cannot set scheduled cancel time, too many triggered today.")
        self._desk.exchange.set_cancel_at(account, at)

    def act(self) -> None:
        """Cancel orders and triggers of the accounts whose time has come."""
        now = self._desk.told_ms()
        for account in self._desk.exchange.cancel_due(now):
            self._acted[account, now // _DAY_MS] += 1
