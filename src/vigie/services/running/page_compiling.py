"""Compiles what the first pages compute, which no backtest needs."""

from __future__ import annotations

from vigie.compiled import load_kept_code_alone
from vigie.intelligence.market.metrics import measure
from vigie.quant.indicators.earlier_rank import earlier_rank
from vigie.services.running.compile_portions import compile_in_portions
from vigie.services.running.first_run import made_up_history


def compile_pages() -> None:
    """Ask for what the first pages compute of a made-up asset: its numbers, and where its value stands."""
    bars = made_up_history()
    measure("made-up", "MADEUP", daily=bars, hourly=bars)
    earlier_rank(bars.close)


if __name__ == "__main__":
    load_kept_code_alone()
    compile_in_portions()
    compile_pages()
