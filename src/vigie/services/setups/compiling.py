"""Compiles what setups are read with, which no backtest needs: chart patterns, levels of orders, odds."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from vigie.domain.state import LONG_ENTRY, TRADE
from vigie.engine.run import prepare_slot
from vigie.quant.patterns.finding import find_patterns
from vigie.quant.stats.first_passage import first_passage
from vigie.services.judging.signal_reading import signal_at
from vigie.services.running.first_run import made_up_history, made_up_plan
from vigie.services.setups.following import FollowedSlot


def compile_setups() -> None:
    """Ask for the chart patterns of a made-up history, how often a level was reached, and an entry at its end."""
    bars = made_up_history()
    find_patterns(bars.high, bars.low, bars.close, gaps=bars.gaps)
    prices = bars.open, bars.high, bars.low, bars.close
    first_passage(*prices, [0], side="long", target=0.01, stop=0.01, horizon=1)
    plan = made_up_plan()
    criteria, slot_input = prepare_slot(plan)
    entering = replace(slot_input, flags=np.full(len(bars), LONG_ENTRY, np.uint8))
    signal_at(FollowedSlot(plan, criteria, entering, np.zeros(0, TRADE)), len(bars) - 1)
