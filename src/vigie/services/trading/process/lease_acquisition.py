"""The right to trade an account is taken by one process; what a process that died left behind is taken over."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Final

from vigie.domain.errors import Conflict
from vigie.domain.order import Lease
from vigie.engine.live.waiting import Deadline
from vigie.ports.clock import PatientClock
from vigie.ports.tradebook import TradeBook

# The right to trade lasts for so long, and is kept meanwhile.
LEASE_S: Final = 30.0
_LOOK_S: Final = 0.5
Say = Callable[[str], None]


async def acquire_lease(
    trades: TradeBook,
    account: str,
    holder: str,
    clock: PatientClock,
    say: Say,
    is_dead: Callable[[Lease], bool] = lambda _: False,
) -> Lease:
    """Take the right to trade; what a process left behind is waited for, unless that one is proven dead.

    Parameters
    ----------
    is_dead : callable
        Whether the holder of a lease is proven dead: nobody keeps it any more.

    Raises
    ------
    Conflict
        If another process goes on trading.
    """
    deadline, before = Deadline(clock, LEASE_S + 5.0), trades.holder(account)
    is_reported = False
    while True:
        try:
            return trades.take(account, holder, for_s=LEASE_S)
        except Conflict as fault:
            current = trades.holder(account)
            if current is not None and is_dead(current):
                with suppress(Conflict):
                    lease = trades.take(account, holder, for_s=LEASE_S, expired=current)
                    say(f"{current.holder} is gone: the right to trade {account} was taken over at once")
                    return lease
            if deadline.is_over():
                # Who lives keeps it: what a clock that was set back since says of its end does not count.
                return trades.take(account, holder, for_s=LEASE_S, expired=before)
            if not is_reported:
                say(f"waiting: {fault}")
                is_reported = True
            await clock.pause(_LOOK_S)
