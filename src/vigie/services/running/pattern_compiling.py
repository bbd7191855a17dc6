"""Compiles what finds chart patterns, which no backtest needs."""

from __future__ import annotations

from vigie.quant.patterns.finding import find_patterns
from vigie.services.running.first_run import made_up_history


def compile_patterns() -> None:
    """Ask for the chart patterns of a made-up history."""
    bars = made_up_history()
    find_patterns(bars.high, bars.low, bars.close, gaps=bars.gaps)
