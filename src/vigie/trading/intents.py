"""The id of an intent: everything that makes the decision what it is, so that deciding again gives the same order."""

from __future__ import annotations

import hashlib
import json

from vigie.domain.order import Leg

ID_DIGITS = 32


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
    """
    parts = [run, account, slot, ts_bar, decision, leg, attempt]
    written = json.dumps(parts, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(written.encode()).hexdigest()[:ID_DIGITS]
