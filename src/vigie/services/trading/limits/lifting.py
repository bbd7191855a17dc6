"""Limits of loss that a person ends before their time: said with a reason, written into the audit, then traded by."""

from __future__ import annotations

from collections.abc import Sequence

from vigie.domain.errors import UsageError
from vigie.domain.order import TradeRun
from vigie.engine.live.fold.loss_limits import NAMES
from vigie.ports.clock import Clock
from vigie.ports.home import IsSimulated, ResultsHome
from vigie.ports.tradebook import TradeBook
from vigie.services.trading.limits.active_limits import find_all_limits
from vigie.services.trading.log.replay_cache import load_event_log


def lift(
    results: ResultsHome,
    trades: TradeBook,
    clock: Clock,
    is_simulated: IsSimulated,
    run: TradeRun,
    limits: Sequence[str],
    *,
    by: str,
    why: str,
) -> dict[str, int]:
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
        raise UsageError("give_reason_lift_limit", "give a reason to lift a limit")
    unknown = [name for name in limits if name not in NAMES]
    if unknown:
        raise UsageError(
            "unknown_limit",
            "limit must be one of {names}, was {unknown!r}",
            names=" ".join(NAMES),
            unknown=unknown[0],
        )
    event_log = load_event_log(results, trades, run)
    # Of a simulated market that nobody asks for its time now, the account's log has the last.
    now = event_log.ts if is_simulated else clock.market_now()
    in_force = find_all_limits(event_log, now)
    lifted = {name: until for name, until in in_force.items() if not limits or name in limits}
    if not lifted:
        named = " ".join(limits) or "loss"
        raise UsageError(
            "none_blocks_entries_account_now",
            "none of {named} blocks entries of account {account} now; nothing was lifted",
            named=named,
            account=run.account,
        )
    trades.lift(run.account, list(lifted), by=by, why=why.strip(), until=lifted)
    return lifted
