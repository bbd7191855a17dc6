"""What each limit of a plan's account leaves before the order, and which one binds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from vigie.domain.trade_plan import TradePlan
from vigie.engine.live.entry_room import LimitRoom, binding_size
from vigie.services.plans.plan_rows import PlanRoom
from vigie.services.plans.plan_sources import slot_number
from vigie.services.trading.accounts.present_account import PresentAccount

# Where an entry is refused, these limits may be the reason; the one that leaves least of its measure is.
_REFUSED_BY: Final = {
    "max_positions": ("max_positions", "own_positions"),
    "daily_loss": ("daily_loss", "own_daily_loss"),
    "window_drawdown": ("window_drawdown",),
    "global_drawdown": ("global_drawdown",),
    "account_drawdown": ("account_drawdown",),
    "slot_drawdown": ("slot_drawdown",),
    "order_volume": ("order_volume",),
    "open_orders": ("open_orders", "instrument_orders"),
    "order_rate": ("entries_a_day", "trades_a_day"),
    "run_orders": ("run_orders",),
}


def plan_room(
    present: PresentAccount, plan: TradePlan, entry: float, refusal: str, *, is_instead: bool
) -> list[PlanRoom]:
    """Return what each limit leaves for a plan at the next close; empty without a slot.

    Parameters
    ----------
    refusal : str
        Why the account refuses the plan; empty where it does not.
    is_instead : bool
        As in `vigie.services.trading.accounts.present_account.PresentAccount.try_entry`.
    """
    number = slot_number(present.plan, plan.instrument)
    if number is None:
        return []
    rooms = present.measure_room(number, plan.sign, entry, plan.stop, plan.target, is_instead=is_instead)
    binding = _binding(rooms, refusal)
    return [
        PlanRoom(
            limit=room.name, kind=room.kind, most=room.most, used=room.used, left=room.left,
            left_qty=room.left_qty, binds=room is binding,
        )
        for room in rooms
    ]  # fmt: skip


def _binding(rooms: Sequence[LimitRoom], refusal: str) -> LimitRoom | None:
    if refusal in ("", "too_small"):
        return binding_size(rooms)
    reasons = [room for room in rooms if room.name in _REFUSED_BY.get(refusal, ())]
    return min(reasons, key=lambda room: room.left, default=None)
