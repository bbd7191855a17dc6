"""Which limits hold now: those of the whole account alone, or all of them with the locks of slots and instruments.

`find_account_limits` says why an account enters nothing although nobody stopped it. `find_all_limits` adds the locks of
single slots and instruments, beside which the others may enter: all that `lifting` can end. Both give names of limits
as the operation `trading.limits` has them, each with the time at which it ends.
"""

from __future__ import annotations

from typing import Any

from vigie.domain.time import DAY_MS
from vigie.engine.live.fold.loss_limits import LOCKS_OF_ACCOUNT, LOCKS_OF_DAY
from vigie.services.trading.log.event_log import EventLog


def find_account_limits(record: Any, *, ts: int, now: int) -> dict[str, int]:
    """Return the limits because of which an account enters nothing now, each with when it ends.

    Parameters
    ----------
    record : record
        Of the account, as its fold keeps it; None where nothing is known.
    ts : int
        Of the last event that the record knows.

    Returns
    -------
    dict
        Epoch ms of the market by name; empty where nothing is known of the account.
    """
    if record is None:
        return {}
    limits = {
        name: int(record[field])
        for field, (_, name, _) in LOCKS_OF_ACCOUNT.items()
        if now < int(record[field])
    }
    today = now // DAY_MS
    if today == ts // DAY_MS:
        limits |= {
            name: (today + 1) * DAY_MS for field, name in LOCKS_OF_DAY.items() if int(record[field]) == 1
        }
    return limits


def find_all_limits(event_log: EventLog, now: int) -> dict[str, int]:
    """Return the limits that refuse entries now, slot and instrument locks included, each with its end."""
    return {} if event_log.account is None else event_log.account.limits.active_until(now)
