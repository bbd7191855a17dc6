"""How long a session lasts while it is used.

Use moves the end of a session on, up to a bound: whoever stays longer signs in again.
"""

from __future__ import annotations

from typing import Final

from vigie.domain.time import DAY_MS, HOUR_MS
from vigie.ports.accounts import UserSession, UserStore
from vigie.ports.clock import Clock
from vigie.services.people.accounts.signing_in import LONG_MS, SHORT_MS

SHORT_BOUND_MS: Final = 7 * DAY_MS
LONG_BOUND_MS: Final = 90 * DAY_MS
# Reading must not become writing: the end is moved in steps of this size.
STEP_MS: Final = HOUR_MS


def latest_end_ts(session: UserSession) -> int:
    """Return when a session ends however much it is used."""
    is_long = session.ts_expires - session.ts_created >= LONG_MS
    return session.ts_created + (LONG_BOUND_MS if is_long else SHORT_BOUND_MS)


def extend_session(accounts: UserStore, clock: Clock, session: UserSession) -> int:
    """Move the end of a session that is used, and return its end."""
    latest_end = latest_end_ts(session)
    span = LONG_MS if latest_end - session.ts_created == LONG_BOUND_MS else SHORT_MS
    ends = min(clock.wall_now() + span, latest_end)
    if ends - session.ts_expires < STEP_MS:
        return session.ts_expires
    accounts.extend_session(session.key, ts_expires=ends)
    return ends
