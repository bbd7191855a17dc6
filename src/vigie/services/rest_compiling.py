"""Compiles what pages compute beyond the first ones: strategies, an account, chart patterns, results of positions."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import replace
from typing import Final

from vigie.compiled import load_kept_code_alone
from vigie.domain.account import Protections
from vigie.engine.live.paper.paper import trade_on_paper
from vigie.engine.run import prepare_slot
from vigie.services.doctor import compile_backtests
from vigie.services.running.compile_portions import compile_in_portions
from vigie.services.running.first_run import made_up_plan
from vigie.services.running.process_tree import PARENT, end_with_parent
from vigie.services.setups.compiling import compile_setups
from vigie.services.trading.process.startup import compile_position_results, every_decision

# Whoever waits for a page or a backtest comes first.
_NICE: Final = 10


def compile_rest() -> None:
    """Ask for trades of every strategy on simulated bars, and for what setups and accounts are read with."""
    compile_backtests()
    compile_setups()
    compile_accounts()


def compile_accounts() -> None:
    """Ask for trades of every kind of decision on paper, and for what results of positions are made with."""
    plan = made_up_plan()
    _, slot_input = prepare_slot(plan)
    flags, unit = every_decision(slot_input.bars)
    rehearsal = replace(slot_input, flags=flags, stop_unit=unit, target_unit=unit)
    trade_on_paper([(plan.slot, rehearsal)], Protections())
    compile_position_results()


if __name__ == "__main__":
    end_with_parent(lambda: os._exit(1), {PARENT: str(os.getppid())})
    with suppress(AttributeError, OSError):
        os.nice(_NICE)
    load_kept_code_alone()
    compile_in_portions()
    compile_rest()
