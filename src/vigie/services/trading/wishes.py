"""What a person asks of a running account beside its state: slots that enter nothing, limits tighter than its plan's.

Kept with the person's other things, so that they are there when no process trades and go when the person goes. They
are judged by the gateway: each refusal enters the log, and the account stays a fold over it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from vigie.domain import codes
from vigie.domain.account import MAX_DAILY_LOSS_FRACTION, MAX_POSITIONS, Protections
from vigie.domain.errors import UsageError
from vigie.domain.order import TradeRun
from vigie.domain.time import DAY_MS
from vigie.engine.live.account import LiveAccount
from vigie.engine.live.steps import EntryVeto
from vigie.services.house import House

_OFF: Final = "off"
_TIGHTENED: Final = ("max_positions", "daily_loss_fraction")


@dataclass(frozen=True, slots=True)
class Wishes:
    """What was asked.

    Attributes
    ----------
    off : frozenset of str
        Slots that enter nothing; what they hold is led to its end.
    max_positions : int or None
        At most so many positions at once; None leaves the plan's.
    daily_loss_fraction : float or None
        From this loss since 00:00 UTC on nothing is entered; None leaves the plan's.
    """

    off: frozenset[str] = frozenset()
    max_positions: int | None = None
    daily_loss_fraction: float | None = None

    def vetoes(self, account: LiveAccount, entering: Sequence[int], now: int) -> list[EntryVeto]:
        """Return which of the entering slots are refused, each with the first reason."""
        held = sum(account.slot(number)["side"] != 0 for number, _ in enumerate(account.slots))
        lost = day_loss(account, now)
        found = []
        for number in entering:
            if str(account.slots[number].id) in self.off:
                found.append(EntryVeto(number, codes.SLOT_PAUSED, 0.0, 1.0))
            elif self.daily_loss_fraction is not None and lost >= self.daily_loss_fraction:
                found.append(EntryVeto(number, codes.DAILY_LOSS, self.daily_loss_fraction, lost))
            elif self.max_positions is not None and held >= self.max_positions:
                found.append(
                    EntryVeto(number, codes.MAX_POSITIONS, float(self.max_positions), float(held + 1))
                )
            else:
                held += 1
        return found


def day_loss(account: LiveAccount, now: int) -> float:
    """Return what was lost since 00:00 UTC, as a fraction of what was there then; 0 where nothing was."""
    record = account.record
    begun = float(record["day_open"]) if int(record["day"]) == now // DAY_MS else account.equity
    return max(0.0, 1.0 - account.equity / begun) if begun > 0.0 else 0.0


def wishes_of(house: House, run: TradeRun) -> Wishes:
    """Return what an account's owner asked of it."""
    _, kept = house.accounts.settings(_place(run))
    return Wishes(frozenset(kept.get(_OFF, ())), kept.get("max_positions"), kept.get("daily_loss_fraction"))


def switch(house: House, run: TradeRun, slots: Sequence[str], *, on: bool) -> list[str]:
    """Switch slots and return those that were switched the other way before."""
    before = wishes_of(house, run).off
    after = before - set(slots) if on else before | set(slots)
    changed = sorted(before ^ after)
    if changed:
        house.accounts.put_settings(_place(run), {_OFF: sorted(after) or None})
        _note(house, run, {"slots": changed, "on": on})
    return changed


def tighten(
    house: House, run: TradeRun, plan: Protections, *, positions: int | None, loss: float | None
) -> None:
    """Set limits of one's own; None leaves the plan's.

    Raises
    ------
    UsageError
        If one is looser than the plan's, which the kernel would hold to all the same.
    """
    most, worst = (
        min(plan.max_positions, MAX_POSITIONS),
        min(plan.daily_loss_fraction, MAX_DAILY_LOSS_FRACTION),
    )
    if positions is not None and not 1 <= positions <= most:
        raise UsageError(f"max_positions must be in [1, {most}], as the plan says, was {positions}")
    if loss is not None and not 0.0 < loss <= worst:
        raise UsageError(f"daily_loss_fraction must be in (0, {worst:g}], as the plan says, was {loss:g}")
    asked: dict[str, Any] = {"max_positions": positions, "daily_loss_fraction": loss}
    house.accounts.put_settings(_place(run), asked)
    _note(house, run, asked)


def keep_tightened(house: House, before: TradeRun, account: str, owner: str) -> None:
    """Let the tighter limits of an account hold under its new name too, where that has none of its own."""
    _, kept = house.accounts.settings(_place(before))
    place = f"{owner}/trading/{account}"
    _, own = house.accounts.settings(place)
    tighter = {
        name: kept[name] for name in _TIGHTENED if kept.get(name) is not None and own.get(name) is None
    }
    if tighter:
        house.accounts.put_settings(place, tighter)


def _note(house: House, run: TradeRun, told: dict[str, Any]) -> None:
    house.audit.append("trade.wish", actor=run.owner, subject=run.account, text=told)


def _place(run: TradeRun) -> str:
    return f"{run.owner}/trading/{run.account}"
