"""The dead man's switch: everything that waits is cancelled at a time, unless that is put off before."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from vigie_sandbox.exchange.hyperliquid.errors import ActionRefusal, BadRequest
from vigie_sandbox.exchange.venue_context import VenueContext

# Of the venue's documentation and of its own refusal, read in copies of 2025.
MIN_TRADED: Final = 1_000_000
MIN_AHEAD_MS: Final = 5_000
MAX_PER_DAY: Final = 10
_DAY_MS: Final = 86_400_000


class DeadManSwitch:
    """Keeps the time of each account, which survives a restart; how often it acted today does not.

    Parameters
    ----------
    context : VenueContext
        Whose exchange it is.
    """

    def __init__(self, context: VenueContext) -> None:
        self._context = context
        self._n_triggered: Counter[tuple[str, int]] = Counter()

    def set(self, account: str, action: Mapping[str, Any], traded: Decimal) -> None:
        """Take the time at which everything is cancelled; without one nothing will be."""
        cancel_at_ms, now = action.get("time"), self._context.venue_ms()
        if cancel_at_ms is not None and (isinstance(cancel_at_ms, bool) or not isinstance(cancel_at_ms, int)):
            raise BadRequest("time")
        if traded < MIN_TRADED:
            raise ActionRefusal(
                "Cannot set scheduled cancel time until enough volume traded. "
                f"Required: ${MIN_TRADED}. Traded: ${traded:.5f}."
            )
        if cancel_at_ms is not None and cancel_at_ms < now + MIN_AHEAD_MS:
            raise ActionRefusal("Scheduled cancel time too early, must be at least 5 seconds from now.")
        if cancel_at_ms is not None and self._n_triggered[account, now // _DAY_MS] >= MAX_PER_DAY:
            raise ActionRefusal("Cannot set scheduled cancel time, too many triggered today.")
        self._context.exchange.set_cancel_at(account, cancel_at_ms)

    def cancel_due(self) -> None:
        """Cancel orders and triggers of the accounts whose time has come."""
        now = self._context.venue_ms()
        for account in self._context.exchange.cancel_due(now):
            self._n_triggered[account, now // _DAY_MS] += 1
