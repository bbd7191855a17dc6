"""The right to trade an account is taken by one process; what a process that died left behind is taken over."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Final

from vigie.domain.errors import Conflict
from vigie.domain.order import Lease
from vigie.engine.live.waiting import Deadline
from vigie.ports.clock import PatientClock
from vigie.services.house import House

LEASE_S: Final = 30.0
_LOOK_S: Final = 0.5
Say = Callable[[str], None]


async def taken_lease(
    house: House,
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
    deadline, before = Deadline(clock, LEASE_S + 5.0), house.trades.holder(account)
    is_said = False
    while True:
        try:
            return house.trades.take(account, holder, for_s=LEASE_S)
        except Conflict as fault:
            there = house.trades.holder(account)
            if there is not None and is_dead(there):
                with suppress(Conflict):
                    lease = house.trades.take(account, holder, for_s=LEASE_S, expired=there)
                    say(f"{there.holder} is gone: the right to trade {account} was taken over at once")
                    return lease
            if deadline.is_over():
                # Who lives keeps it: what a clock that was set back since says of its end does not count.
                return house.trades.take(account, holder, for_s=LEASE_S, expired=before)
            if not is_said:
                say(f"waiting: {fault}")
                is_said = True
            await clock.pause(_LOOK_S)
