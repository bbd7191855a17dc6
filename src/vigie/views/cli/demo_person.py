"""The person of the demonstration: leaves one coin to itself and plans a trade there when a mail tells of a setup.

It runs the operations that the buttons of the pages run, with the rights of the demonstration's owner. It reads what
was mailed, and knows nothing of the scenes to come. Once its plan is traded, it lets the account hold fewer positions.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from vigie.domain.alert import INBOX
from vigie.domain.errors import VigieError
from vigie.domain.person import OWNER
from vigie.services.demo_world import ACCOUNT, LOOK_S
from vigie.services.operation_calls import run_operation
from vigie.trading.catalogue import PLAN

if TYPE_CHECKING:
    from vigie.services.app_context import AppContext
    from vigie.services.operations.alert_log import AlertLogRow
    from vigie.services.operations.plan_suggestions import PlanSuggestion
    from vigie.services.plans.plan_rows import PlanPreview, PlanResult, PlanRow
    from vigie.services.setups.setup_rows import SetupRow

# What came to nothing does not count: there will be other setups. A draft is no decision.
_WITHOUT_TRADE: Final = ("draft", "refused", "expired", "cancelled")
# The coin whose trades are this person's: the account's own strategies enter nothing there.
OWN_INSTRUMENT: Final = "xrp-usdt-perp"
NOTE: Final = "Planned by the demonstration in your place, from the mail about this setup."
# So many positions at once are enough for this person.
MOST_POSITIONS: Final = 2
_NEWEST: Final = 200
_SETUP_PAGE: Final = "/setup/"


@dataclass(slots=True)
class DemoPerson:
    """Acts once in a home: one plan, from the first mail that a plan can be made of.

    Attributes
    ----------
    app_context : AppContext
        The demonstration's.
    begin : callable
        Tells the simulated market that the account trades; returns whether its scenes have begun.
    is_new : bool
        Whether the account has not traded before: slots are switched once, and stay as somebody switches them later.
    say : callable
        Told what was done, and what went wrong, once for each reason.
    """

    app_context: AppContext
    begin: Callable[[], bool]
    is_new: bool
    say: Callable[[str], None] = print
    _has_begun: bool = False
    _placed: str = ""
    _said: str = ""
    _stopping: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        """Act until the plan is made, or until it is told to stop."""
        while not self._stopping.is_set():
            try:
                if self.step():
                    return
            except Exception as fault:  # noqa: BLE001 - the edge of a task: it is tried again
                self._report(str(fault) if isinstance(fault, VigieError) else repr(fault))
            self._stopping.wait(LOOK_S)

    def stop(self) -> None:
        """Ask it to end."""
        self._stopping.set()

    def step(self) -> bool:
        """Do what can be done now; return whether everything is done."""
        run = self.app_context.trades.run(ACCOUNT)
        if run is None or run.is_replayed:
            return False
        if self.is_new:
            self._keep_own_coin()
            self.is_new = False
        if not self._has_begun:
            self._has_begun = self.begin()
        plans: list[PlanRow] = run_operation(self.app_context, OWNER, "plans.list", {"account": ACCOUNT}).rows
        own = next((plan for plan in plans if self._is_own(plan)), None)
        if own is not None:
            return self._follow(own)
        for setup in self._mailed_setups():
            if self._is_wanted(setup):
                self._plan(setup)
                break
        return False

    @staticmethod
    def _is_own(plan: PlanRow) -> bool:
        """Tell whether a plan is one for its coin from a setup, whoever made it; plans of other coins are not its."""
        return bool(plan.setup) and plan.instrument == OWN_INSTRUMENT and plan.state not in _WITHOUT_TRADE

    def _follow(self, plan: PlanRow) -> bool:
        """Wait until a plan is traded; return whether everything is done."""
        # Before its entry the limit would count against the plan, too.
        if plan.state == "armed":
            return False
        if plan.plan == self._placed:
            limit = {"account": ACCOUNT, "max_positions": MOST_POSITIONS}
            run_operation(self.app_context, OWNER, "trading.tighten", limit)
            self.say(f"demonstration's person: at most {MOST_POSITIONS} positions at once from now on")
            self._placed = ""
        return self._has_begun

    def _keep_own_coin(self) -> None:
        slots = [
            str(row.slot)
            for row in run_operation(self.app_context, OWNER, "trading.slots", {"account": ACCOUNT}).rows
        ]
        own = [slot for slot in slots if slot.startswith(OWN_INSTRUMENT) and not slot.endswith(f"/{PLAN}")]
        run_operation(
            self.app_context, OWNER, "trading.switch", {"account": ACCOUNT, "slots": own, "on": False}
        )
        self.say(f"demonstration's person: trades of {OWN_INSTRUMENT} are left to plans")

    def _mailed_setups(self) -> list[str]:
        """Return the setups that mails were sent about, the newest first."""
        rows: list[AlertLogRow] = run_operation(
            self.app_context, OWNER, "alert_log.list", {"limit": _NEWEST}
        ).rows
        return [
            row.url.removeprefix(_SETUP_PAGE).partition("?")[0]
            for row in rows
            if row.channel != INBOX and row.state == "sent" and row.url.startswith(_SETUP_PAGE)
        ]

    def _is_wanted(self, setup: str) -> bool:
        rows: list[SetupRow] = run_operation(
            self.app_context, OWNER, "setups.list", {"account": ACCOUNT, "state": "confirmed"}
        ).rows
        return any(row.setup == setup and row.instrument == OWN_INSTRUMENT for row in rows)

    def _plan(self, setup: str) -> None:
        """Order at once with the levels of a setup: previewed, then confirmed."""
        levels: PlanSuggestion = run_operation(
            self.app_context, OWNER, "plans.suggest", {"setup": setup, "account": ACCOUNT}
        )
        ticket = {
            "place": levels.place, "account": ACCOUNT, "side": levels.side, "stop": levels.stop,
            "target": levels.target, "setup": setup, "note": NOTE,
        }  # fmt: skip
        preview: PlanPreview = run_operation(self.app_context, OWNER, "plans.ticket", ticket)
        worst = 0.0 if preview.in_account is None else preview.in_account.worst_loss
        placed: PlanResult = run_operation(
            self.app_context, OWNER, "plans.place", {**ticket, "worst_loss": worst}
        )
        self._placed = placed.newest.plan
        self.say(f"demonstration's person: planned {placed.newest.plan} from setup {setup}")

    def _report(self, why: str) -> None:
        if self._said != why:
            self._said = why
            self.say(f"demonstration's person: {why}")
