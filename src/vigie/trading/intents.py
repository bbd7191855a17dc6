"""The id of an intent: everything that makes the decision what it is, so that deciding again gives the same order."""

from __future__ import annotations

import hashlib
import json

from vigie.domain.order import Leg

ID_DIGITS = 32
# Ids of orders that only try an account out begin so; no run meant them.
TRIAL = "7e577e57"


def intent_id(
    run: str, account: str, slot: str, ts_bar: int, decision: str, leg: Leg, attempt: int = 1
) -> str:
    """Return the first 128 bits, in hex, of the SHA-256 of what an intent is.

    Parameters
    ----------
    run : str
        Random id of the run, stored before any order.
    decision : str
        What was decided at that bar: an account may decide twice in one bar, as to leave and to enter.
    attempt : int
        Rises only after a definite rejection, so a resend can only meet the same order.

    Returns
    -------
    str
        32 lower-case digits; equal for equal arguments.
    """
    parts = [run, account, slot, ts_bar, decision, leg, attempt]
    written = json.dumps(parts, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(written.encode()).hexdigest()[:ID_DIGITS]


def is_foreign(client_id: str) -> bool:
    """Tell whether an id that no run here wrote is that of another program which trades, and names orders as we do.

    Parameters
    ----------
    client_id : str
        As the venue reports it; empty where an app or the venue made the order.

    Returns
    -------
    bool
        False for a person's own orders and for trial orders.
    """
    is_named = len(client_id) == ID_DIGITS and set(client_id) <= set("0123456789abcdef")
    return is_named and not client_id.startswith(TRIAL)


def trial_id(venue: str, instrument: str, ts: int, attempt: int) -> str:
    """Return the id of an order that tries an account out.

    Parameters
    ----------
    venue, instrument : str
        Where the order is tried.
    ts : int
        Time of the trial, epoch milliseconds.
    attempt : int
        Another number gives another id.

    Returns
    -------
    str
        32 hex digits that begin with `TRIAL`.
    """
    return TRIAL + intent_id("trial", venue, instrument, ts, "trial", "entry", attempt)[len(TRIAL) :]
