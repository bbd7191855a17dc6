"""Whether a process trades an account now: it has the right to, and it was heard of."""

from __future__ import annotations

from typing import Final

from vigie.ports.vitals import part_of
from vigie.services.house import House
from vigie.services.trading.trading import LEASE_S

# A process that trades is heard of every five seconds; a busy machine may be late.
SILENT_S: Final = 10.0


def is_traded(house: House, account: str) -> bool:
    """Tell whether a process has the right to trade an account and gives signs of life.

    The right outlives a process that was killed by half a minute. A sign of life that is older than that is of another
    process than the one that holds the right now, which may run on another machine.
    """
    if house.trades.holder(account) is None:
        return False
    part = part_of(account)
    ages = [one.age_s for one in house.vitals.beats() if one.part == part]
    return not any(SILENT_S < age <= LEASE_S for age in ages)
