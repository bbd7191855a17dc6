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
from vigie.engine.live.entry_room import LimitRoom, count_room, loss_room
from vigie.engine.live.fold.account import LiveAccount
from vigie.engine.live.fold.steps import EntryVeto
from vigie.ports.accounts import UserStore
from vigie.ports.audit import AuditLog

_OFF: Final = "off"
_TIGHTENED: Final = ("max_positions", "daily_loss_fraction")


@dataclass(frozen=True, slots=True)
class TradingOverrides:
    """What was asked.

    Attributes
    ----------
    disabled_slots : frozenset of str
        Slots that enter nothing; what they hold is led to its end.
    max_positions : int or None
        At most so many positions at once; None leaves the plan's.
    daily_loss_fraction : float or None
        From this loss since 00:00 UTC on nothing is entered; None leaves the plan's.
    """

    disabled_slots: frozenset[str] = frozenset()
    max_positions: int | None = None
    daily_loss_fraction: float | None = None

    def vetoes(self, account: LiveAccount, entering: Sequence[int], now: int) -> list[EntryVeto]:
        """Return which of the entering slots are refused, each with the first reason."""
        open_count = sum(account.slot(number)["side"] != 0 for number, _ in enumerate(account.slots))
        loss = day_loss(account, now)
        vetoes = []
        for number in entering:
            if str(account.slots[number].id) in self.disabled_slots:
                vetoes.append(EntryVeto(number, codes.SLOT_PAUSED, 0.0, 1.0))
            elif self.daily_loss_fraction is not None and loss >= self.daily_loss_fraction:
                vetoes.append(EntryVeto(number, codes.DAILY_LOSS, self.daily_loss_fraction, loss))
            elif self.max_positions is not None and open_count >= self.max_positions:
                vetoes.append(
                    EntryVeto(number, codes.MAX_POSITIONS, float(self.max_positions), float(open_count + 1))
                )
            else:
                open_count += 1
        return vetoes

    def list_rooms(self, account: LiveAccount, number: int, now: int) -> list[LimitRoom]:
        """Return what the tighter limits leave for an entry of a slot; what enters before it counts as held."""
        rooms = []
        if self.max_positions is not None:
            slots = [account.slot(other) for other, _ in enumerate(account.slots)]
            held = sum(int(slot["side"] != 0) for slot in slots)
            held += sum(int(slot["pending_side"] != 0 and slot["side"] == 0) for slot in slots[:number])
            rooms.append(count_room("own_positions", self.max_positions, held))
        if self.daily_loss_fraction is not None:
            base = _day_open(account, now)
            rooms.append(loss_room("own_daily_loss", self.daily_loss_fraction * base, base - account.equity))
        return rooms


def _day_open(account: LiveAccount, now: int) -> float:
    record = account.record
    return float(record["day_open"]) if int(record["day"]) == now // DAY_MS else account.equity


def day_loss(account: LiveAccount, now: int) -> float:
    """Return what was lost since 00:00 UTC, as a fraction of what was there then; 0 where nothing was."""
    day_open = _day_open(account, now)
    return max(0.0, 1.0 - account.equity / day_open) if day_open > 0.0 else 0.0


def load_overrides(accounts: UserStore, run: TradeRun) -> TradingOverrides:
    """Return what an account's owner asked of it."""
    _, stored = accounts.settings(_settings_key(run))
    return TradingOverrides(
        frozenset(stored.get(_OFF, ())), stored.get("max_positions"), stored.get("daily_loss_fraction")
    )


def switch_slots(
    accounts: UserStore, audit: AuditLog, run: TradeRun, slots: Sequence[str], *, on: bool
) -> list[str]:
    """Switch slots and return those that were switched the other way before."""
    before = load_overrides(accounts, run).disabled_slots
    after = before - set(slots) if on else before | set(slots)
    changed = sorted(before ^ after)
    if changed:
        accounts.put_settings(_settings_key(run), {_OFF: sorted(after) or None})
        _record_override(audit, run, {"slots": changed, "on": on})
    return changed


def set_own_limits(
    accounts: UserStore,
    audit: AuditLog,
    run: TradeRun,
    plan: Protections,
    *,
    positions: int | None,
    loss: float | None,
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
        raise UsageError(
            "bad_max_positions",
            "max_positions must be in [1, {most}], as the plan says, was {positions}",
            most=most,
            positions=positions,
        )
    if loss is not None and not 0.0 < loss <= worst:
        raise UsageError(
            "bad_daily_loss_fraction",
            "daily_loss_fraction must be in (0, {worst:g}], as the plan says, was {loss:g}",
            worst=worst,
            loss=loss,
        )
    limits: dict[str, Any] = {"max_positions": positions, "daily_loss_fraction": loss}
    accounts.put_settings(_settings_key(run), limits)
    _record_override(audit, run, limits)


def copy_tightened_limits(accounts: UserStore, before: TradeRun, account: str, owner: str) -> None:
    """Let the tighter limits of an account hold under its new name too, where that has none of its own."""
    _, stored = accounts.settings(_settings_key(before))
    key = f"{owner}/trading/{account}"
    _, own_settings = accounts.settings(key)
    tighter = {
        name: stored[name]
        for name in _TIGHTENED
        if stored.get(name) is not None and own_settings.get(name) is None
    }
    if tighter:
        accounts.put_settings(key, tighter)


def _record_override(audit: AuditLog, run: TradeRun, details: dict[str, Any]) -> None:
    audit.append("trade.wish", actor=run.owner, subject=run.account, text=details)


def _settings_key(run: TradeRun) -> str:
    return f"{run.owner}/trading/{run.account}"
