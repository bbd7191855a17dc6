"""Intents say what is held, in the grid in which it was bought."""

from __future__ import annotations

from decimal import Decimal
from types import SimpleNamespace

from tests.clocks import JumpingClock
from vigie.domain import codes
from vigie.domain.order import TradeRun
from vigie.engine.live.writing import Writer

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
    exit_ = Writer(RUN, JumpingClock(), 60.0).leave(Regridded(), 0, CHANGED)
    assert exit_.qty == Decimal("0.07")
