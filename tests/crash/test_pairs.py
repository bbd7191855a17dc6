"""Two faults in a day: what one of them leaves nothing to be done to is left out and counted, and the other is done."""

from __future__ import annotations

import pytest

from tests.crash.test_faults import CASES, UNTOUCHED, together
from vigie.domain.errors import UsageError
from vigie_sandbox.exchange.control import _FORCED_CAUSES


class Bare:
    """An exchange at which nothing is held: it refuses what is done from outside with one word."""

    def __init__(self, why):
        self.why, self.faults = why, []

    def do(self, what, **more):
        raise UsageError(f"{self.why}: {what}")

    def fault(self, kind, **more):
        self.faults.append(kind)


def through(day, exchange):
    for bar in sorted(day.deeds):
        day.deeds[bar](exchange)
    return exchange


@pytest.mark.parametrize("why", UNTOUCHED)
@pytest.mark.parametrize("what", [*_FORCED_CAUSES, "foreign_order"])
def test_what_has_nothing_to_be_done_to_is_left_out_and_said(what, why):
    left_out = []
    day = together(CASES[what], CASES["lost"], left_out)
    assert through(day, Bare(why)).faults == ["lost"]
    assert left_out == [f"{why}: {what}"]


def test_both_are_left_out_where_both_have_nothing():
    left_out = []
    through(together(CASES["liquidate"], CASES["adl"], left_out), Bare("no_position"))
    assert left_out == ["no_position: liquidate", "no_position: adl"]


def test_a_deed_that_is_wrongly_said_fails_the_day():
    day = together(CASES["liquidate"], CASES["lost"], [])
    with pytest.raises(UsageError, match="what must be one of"):
        through(day, Bare("what must be one of"))
