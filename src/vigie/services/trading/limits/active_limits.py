"""What keeps an account from entering although nobody stopped it: guards and limits of loss that count now.

Takes the record that the account's fold keeps, and the market's time; gives names of limits as `trading.limits` has
them, each with the time at which it ends. Rules of one slot or instrument are none of them: the others may enter.
"""

from __future__ import annotations

from typing import Any, Final

from vigie.domain.time import DAY_MS

# By the field of the record that says until when, in the order in which an entry is refused.
_UNTIL: Final = (
    ("stops_until", "stops_of_account"),
    ("window_until", "window_drawdown"),
    ("global_until", "global_drawdown"),
    ("halt_until", "account_drawdown"),
)
# Hold for the rest of the day on which they came.
_OF_THE_DAY: Final = (("paused", "loss_streak"), ("daily_latched", "daily_loss"))


def find_active_limits(record: Any, *, ts: int, now: int) -> dict[str, int]:
    """Return the limits because of which an account enters nothing now, each with when it ends.

    Parameters
    ----------
    ts : int
        Of the last event that the record knows.

    Returns
    -------
    dict
        Epoch ms of the market by name; empty where nothing is known of the account.
    """
    if record is None:
        return {}
    limits = {name: int(record[field]) for field, name in _UNTIL if now < int(record[field])}
    today = now // DAY_MS
    if today == ts // DAY_MS:
        limits |= {name: (today + 1) * DAY_MS for field, name in _OF_THE_DAY if int(record[field]) == 1}
    return limits
