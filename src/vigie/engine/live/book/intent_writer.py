"""From decisions to intents: exact quantities and levels, and ids that only the same decision has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

from vigie.domain import codes
from vigie.domain.order import Intent, IntentMove, Leg, TradeRun
from vigie.engine.live.fold.account import LiveAccount
from vigie.engine.live.fold.decision_row import DecisionRow
from vigie.ports.clock import Clock
from vigie.trading.intents import intent_id

MOST_ATTEMPTS: Final = 5


@dataclass(frozen=True, slots=True)
class IntentWriter:
    """Writes the intents of one run.

    Attributes
    ----------
    entry_age_s : float
        How long an entry is worth sending.
    """

    run: TradeRun
    clock: Clock
    entry_age_s: float

    def exit_intent(self, account: LiveAccount, number: int, ts: int, reason: int = 0) -> Intent:
        """Return the intent that closes a slot's position, for the reason that was decided or for another."""
        slot = account.slot(number)
        word = codes.REASONS[reason or int(slot["exit_reason"])]
        intent = self._make_intent(account, number, "exit", -int(slot["side"]), int(slot["lots"]), word, ts)
        # What is held was bought in the lots of that time.
        return replace(intent, qty=account.qty(number, int(slot["entry_ts"]), intent.lots))

    def entry_intents(self, account: LiveAccount, rows: Sequence[DecisionRow]) -> list[Intent]:
        """Return the intents of the entries that the kernel let pass."""
        intents = []
        for row in rows:
            if row.code != codes.ENTRY_INTENT:
                continue
            intent = self._make_intent(account, row.slot, "entry", row.side, row.lots, "signal", row.ts)
            stop, target = account.levels(row.slot)
            intents.append(
                replace(
                    intent,
                    stop=stop,
                    target=None if account.has_limit_target(row.slot) else target,
                    ts_expires=intent.ts + round(self.entry_age_s * 1_000),
                )
            )
        return intents

    def target_intent(self, account: LiveAccount, number: int) -> Intent:
        """Return the intent of a limit order at a position's target."""
        slot = account.slot(number)
        ts = int(slot["entry_ts"])
        intent = self._make_intent(
            account, number, "target", -int(slot["side"]), int(slot["lots"]), "target", ts
        )
        return replace(intent, target=account.levels(number)[1])

    def retry_intent(self, intent: Intent, move: IntentMove) -> Intent:
        """Return the next attempt at an exit or a target that was refused or cancelled, or at what is left of one."""
        attempt = intent.attempt + 1
        id_ = intent_id(
            intent.run, intent.account, intent.slot, intent.ts_bar, intent.reason, intent.leg, attempt
        )
        remaining = intent.qty - move.filled
        lots = int(remaining / (intent.qty / intent.lots))
        return replace(intent, id=id_, attempt=attempt, lots=lots, qty=remaining, ts=self.clock.wall_now())

    def flatten_intent(self, intent: Intent, qty: Decimal, reason: str, attempt: int) -> Intent:
        """Return the intent that closes whatever is held because of another one.

        Parameters
        ----------
        qty : Decimal
            What is known of it, in base units.
        """
        id_ = intent_id(intent.run, intent.account, intent.slot, intent.ts_bar, reason, "flatten", attempt)
        side = -intent.side if intent.leg == "entry" else intent.side
        return replace(
            intent, id=id_, leg="flatten", side=side, qty=qty, stop=None, target=None, attempt=attempt,
            reason=reason, ts=self.clock.wall_now(), ts_expires=0,
        )  # fmt: skip

    def _make_intent(
        self, account: LiveAccount, number: int, leg: Leg, side: int, lots: int, reason: str, ts_bar: int
    ) -> Intent:
        run, slot = self.run, account.slots[number].id
        return Intent(
            id=intent_id(run.id, run.account, str(slot), ts_bar, reason, leg),
            run=run.id,
            account=run.account,
            slot=str(slot),
            instrument=slot.instrument,
            leg=leg,
            side=side,
            lots=lots,
            qty=account.qty(number, ts_bar, lots),
            ts_bar=ts_bar,
            ts=self.clock.wall_now(),
            reason=reason,
        )
