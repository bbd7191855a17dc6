"""Facts by which accounts know plans, taken back: nothing is planned any more."""

from __future__ import annotations

from typing import Final

from vigie.data.features import plan_series
from vigie.domain.fact import Observation
from vigie.ports.facts import FactStore

SIDE: Final = "side"
_ANY: Final = "btc-usdt-perp"


def take_back(facts: FactStore, plan_key: str, now: int, *, instrument: str = "") -> int:
    """Let facts say that an account plans nothing; return how many facts that took.

    Parameters
    ----------
    facts : FactStore
        Where the account reads them.
    plan_key : str
        Of the account; nothing is done where it is empty.
    now : int
        The market's time, epoch milliseconds.
    instrument : str
        Only of this one; empty for all.
    """
    if not plan_key:
        return 0
    if instrument:
        names = [plan_series(plan_key, instrument, SIDE)]
    else:
        prefix = plan_series(plan_key, _ANY, SIDE).partition(f"{_ANY}/")[0]
        names = [name for name in facts.list_series(prefix) if name.endswith(f"/{SIDE}")]
    known = facts.latest(names)
    # Newer than what is known also where the clock was set back: what is older would change nothing.
    told = [
        Observation(name, ts, ts, 0.0)
        for name, fact in known.items()
        if fact.value != 0.0
        for ts in [max(now, fact.ts_event + 1)]
    ]
    return facts.append(told) if told else 0
