"""Intents say what is held, in the grid in which it was bought."""

from __future__ import annotations

from decimal import Decimal
from types import SimpleNamespace

from tests.clocks import JumpingClock
from vigie.domain import codes
from vigie.domain.order import TradeRun
from vigie.engine.live.book.intent_writer import IntentWriter
from vigie.engine.live.fold.decision_row import DecisionRow

CHANGED = 1_000
RUN = TradeRun("run", "one", "owner", "core", "demo", "plan", Decimal(10_000), 0)


class Name:
    instrument = "btc"

    def __str__(self):
        return "slot"


class Regridded:
    """An account that holds seven lots of 0.01; a lot is 0.001 by now."""

    slots = (SimpleNamespace(id=Name()),)

    def slot(self, number):
        return {"side": 1, "lots": 7, "entry_ts": 0, "exit_reason": codes.SIGNAL}

    def qty(self, number, ts, lots):
        return lots * (Decimal("0.01") if ts < CHANGED else Decimal("0.001"))


def test_an_exit_closes_what_is_held_when_lots_have_changed_since():
    exit_ = IntentWriter(RUN, JumpingClock(), 60.0).exit_intent(Regridded(), 0, CHANGED)
    assert exit_.qty == Decimal("0.07")


class Regrown(Regridded):
    """An account whose entry was decided on ticks of 0.1; a tick is 1 by now."""

    def slot(self, number):
        return {"side": 0}

    def levels(self, number):
        return Decimal("101.0"), Decimal("95.0")

    def has_limit_target(self, number):
        return False


def test_levels_are_those_that_were_decided_when_ticks_have_changed_since():
    row = DecisionRow(CHANGED, 0, 1, 7, 1010, 950, codes.ENTRY_INTENT, 0.0, 0.0)
    (entry,) = IntentWriter(RUN, JumpingClock(), 60.0).entry_intents(Regrown(), [row])
    assert (entry.stop, entry.target) == (Decimal("101.0"), Decimal("95.0"))
