"""An account as it stands, to try entries in: a copy of the fold that its pages keep."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from vigie.domain.order import TradeRun
from vigie.engine.live.entry_room import LimitRoom
from vigie.engine.live.fold.account import LiveAccount
from vigie.engine.live.trial_account import FindVetoes, Rates, TrialAccount, TriedEntry, WantedEntry
from vigie.ports.health import HomeHealth
from vigie.services.trading.account_plans.account_plan import AccountPlan
from vigie.services.trading.accounts.account_status import is_traded
from vigie.services.trading.log.account_view import AccountLogs, open_account_view

ListRooms = Callable[[LiveAccount, int, float, int], Sequence[LimitRoom]]
Standing = Literal["running", "stopped", "not_started"]


@dataclass(frozen=True, slots=True)
class PresentAccount:
    """What an account holds now.

    Attributes
    ----------
    standing : str
        ``running``; ``stopped``, as its log ends; ``not_started``, with its starting capital and nothing else.
    now : int
        The market's time, epoch milliseconds.
    find_vetoes : callable or None
        Asks its gateway of an entry that is tried; None where nobody is asked.
    list_rooms : callable or None
        Gives what its gateway's limits leave for an entry of a slot at a close; None where nobody is asked.
    """

    plan: AccountPlan
    account: TrialAccount
    rates: Rates
    standing: Standing
    now: int
    find_vetoes: FindVetoes | None = None
    list_rooms: ListRooms | None = None

    def try_entry(
        self, number: int, side: int, price: float, stop: float, target: float, *, is_instead: bool
    ) -> TriedEntry:
        """Return what the account makes of an entry at the next close of a slot.

        Parameters
        ----------
        is_instead : bool
            Whether the slot's own position, or waiting entry, is left out: the entry is that one.
        """
        trial = self._copy(number, is_instead=is_instead)
        return trial.try_entry(self._wanted(number, side, price, stop, target), self.find_vetoes)

    def measure_room(
        self, number: int, side: int, price: float, stop: float, target: float, *, is_instead: bool
    ) -> tuple[LimitRoom, ...]:
        """Return what each limit leaves for an entry at the next close of a slot.

        Parameters
        ----------
        is_instead : bool
            As in `try_entry`.
        """
        trial = self._copy(number, is_instead=is_instead)
        wanted = self._wanted(number, side, price, stop, target)
        rooms = trial.measure_room(wanted, self.find_vetoes)
        return (
            (*rooms, *self.list_rooms(trial, number, price, wanted.ts))
            if rooms and self.list_rooms
            else rooms
        )

    def _copy(self, number: int, *, is_instead: bool) -> TrialAccount:
        trial = TrialAccount(self.account)
        if is_instead:
            trial.leave(number)
        return trial

    def _wanted(self, number: int, side: int, price: float, stop: float, target: float) -> WantedEntry:
        span = self.account.slots[number].span_ms
        next_close = (self.now // span + 1) * span
        return WantedEntry(number, side, price, stop, target, next_close, self.rates)


def present_account(logs: AccountLogs, home_health: HomeHealth, run: TradeRun, now: int) -> PresentAccount:
    """Return what the account of a run holds at the end of its log; nothing is written.

    Parameters
    ----------
    now : int
        The market's time, epoch milliseconds.
    """
    is_present = logs.trades.run(run.account) == run and not run.is_replayed
    is_running = is_present and is_traded(logs.trades, home_health, run.account)
    with open_account_view(logs, run) as view:
        memory, plan = view.replay.memory, view.plan
        standing: Standing = "running" if is_running else "stopped"
        # Limits of an earlier run may stand in the log before the first instant.
        if not memory.done_steps:
            standing = "not_started"
        account = memory.account or LiveAccount(plan.live_slots(), plan.protections, now)
        return PresentAccount(plan, TrialAccount(account), dict(memory.rates), standing, now)
