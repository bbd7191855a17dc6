"""Slots that share one history and begin to trade at different bars."""

from __future__ import annotations

import numpy as np

from vigie.domain.account import Protections
from vigie.domain.bar import Bars
from vigie.domain.instrument import Instrument
from vigie.domain.money import parse_step
from vigie.engine.backtest import run_shared
from vigie.engine.inputs import SlotInput

HOUR = 3_600_000


def slot(bars: Bars, first: int) -> SlotInput:
    n = len(bars)
    unit = np.ones(n)
    rules = Instrument(venue="", name=bars.instrument, tick=parse_step("0.1"), lot=parse_step("0.001"))
    return SlotInput(bars, np.zeros(n, np.uint8), unit, unit, (rules,), first=first)


def test_samples_cover_the_earliest_beginning_when_slots_share_their_bars():
    n = 50
    price = np.full(n, 100.0)
    bars = Bars("btc-usdt-perp", HOUR, np.arange(n, dtype=np.int64) * HOUR, price, price, price, price, price)
    for protections in (None, Protections()):
        for order in ((40, 0), (0, 40)):
            outcome = run_shared([slot(bars, first) for first in order], protections=protections)
            assert len(outcome.equity) == n
            assert outcome.equity_ts.tolist() == (bars.ts + HOUR).tolist()
            assert set(outcome.equity.tolist()) == {10_000.0}
