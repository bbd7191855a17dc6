"""Limits of loss that a person ends before their time: said with a reason, written into the audit, then traded by."""

from __future__ import annotations

from collections.abc import Sequence

from vigie.domain.errors import UsageError
from vigie.domain.order import TradeRun
from vigie.engine.live.loss_limits import NAMES
from vigie.services.house import House
from vigie.services.trading.chronicle import Chronicle
from vigie.services.trading.kept_folds import folded


def held_limits(chronicle: Chronicle, now: int) -> dict[str, int]:
    """Return the limits of loss that refuse entries now, slot and instrument locks included, each with its end."""
    return {} if chronicle.account is None else chronicle.account.limits.active_until(now)


def lift(house: House, run: TradeRun, limits: Sequence[str], *, by: str, why: str) -> dict[str, int]:
    """Ask that limits of an account end now; return them with when they would have ended by themselves.

    The process that trades the account takes it up within seconds, and else the next one.

    Parameters
    ----------
    limits : sequence of str
        Names; all that hold now where there are none.

    Raises
    ------
    UsageError
        If one is unknown, none holds now, or no reason is given.
    """
    if not why.strip():
        raise UsageError("a limit is lifted with a reason; say why")
    strange = [name for name in limits if name not in NAMES]
    if strange:
        raise UsageError(f"limit must be one of {' '.join(NAMES)}, was {strange[0]!r}")
    chronicle = folded(house, run)
    # Of a simulated market that nobody asks for its time now, the account's log has the last.
    now = chronicle.ts if house.is_simulated else house.clock.market_now()
    held = held_limits(chronicle, now)
    lifted = {name: until for name, until in held.items() if not limits or name in limits}
    if not lifted:
        named = " ".join(limits) or "loss"
        raise UsageError(
            f"no limit of {named} refuses entries of account {run.account} now; nothing is lifted"
        )
    house.trades.lift(run.account, list(lifted), by=by, why=why.strip(), until=lifted)
    return lifted
