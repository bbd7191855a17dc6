"""An account that is not let begin although it holds something: what it holds and where its stops are is told."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from vigie.domain.errors import UsageError
from vigie.domain.order import TradeRun
from vigie.domain.refusal import Refusal, join_refusals
from vigie.services.trading.account_plans.trading_stores import TradingStores
from vigie.services.trading.accounts.account_status import list_positions
from vigie.services.trading.log.holding import find_held
from vigie.services.trading.log.trading_events import named_account
from vigie.services.trading.log.venue_stops import VenueStops

_ENDED: Final = "trade.ended"
# Records of beginnings and ends, of all accounts, among which the newest of one is sought.
_LOOK: Final = 50


def tell_unmanaged(
    stores: TradingStores, account: str, fault: UsageError, say: Callable[[str], None]
) -> None:
    """Say what an account holds while a start of it is refused, and record it once for each reason."""
    run, held = stores.trades.run(account), find_held(stores.results, stores.trades, account)
    if run is None or held is None or not held.open_slots:
        return
    stops = VenueStops()
    stops.update(stores.audit, run)
    positions = [_describe(row, run) for row in stops.apply_to(list_positions(held))]
    for sentence in positions:
        say(sentence)
    why = join_refusals([str(fault), *positions])
    if _newest_reason(stores, run) != why:
        # Whoever starts it again and again is refused alike: its owner is told once.
        stores.audit.append(_ENDED, actor=run.owner, subject=account, text={"why": why})


def _describe(row: Mapping[str, object], run: TradeRun) -> str:
    if run.mode == "paper":
        return Refusal(
            "held_unmanaged_paper",
            "{slot} holds {qty} {side}, and nothing watches its stop at {stop} until the account runs again",
            slot=row["slot"],
            qty=row["qty"],
            side=row["side"],
            stop=row["stop"],
        )
    return Refusal(
        "held_unmanaged",
        "{slot} holds {qty} {side}; its stop at {stop} rests at {venue}, but nobody decides its exit until the account "
        "runs again",
        slot=row["slot"],
        qty=row["qty"],
        side=row["side"],
        stop=row["stop"],
        venue=run.venue,
    )


def _newest_reason(stores: TradingStores, run: TradeRun) -> str:
    """Return why the account ended last, empty where it was traded since."""
    page = stores.audit.before(stores.audit.newest() + 1, limit=_LOOK, kinds=(_ENDED, "trade.lease"))
    for event in page:
        if named_account(event) == run.account:
            return str((event.text or {}).get("why", "")) if event.kind == _ENDED else ""
    return ""
