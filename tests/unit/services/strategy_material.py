"""Texts of strategies for tests: one that keeps the contract, to be broken in one place."""

from __future__ import annotations

from pathlib import Path

SOUND = '''"""Above its mean: enter when the close crosses its mean.

Source: a test.
"""

from dataclasses import dataclass

import numpy as np

from vigie.domain.bar import Bars
from vigie.domain.errors import UsageError
from vigie.domain.signal import Criteria, Criterion, Reading
from vigie.quant.indicators.sma import sma
from vigie.trading.strategy import crosses_above, crosses_below, is_above, is_below, optional, param

TIMEFRAME = "1h"


@dataclass(frozen=True, slots=True)
class Params:
    """Window in bars."""

    window: int = param(20, low=2, high=200)


def warmup(params: Params) -> int:
    """Bars before the mean is known at a bar and at the one before it."""
    return params.window


def criteria(bars: Bars, params: Params) -> Criteria:
    """Judge every bar."""
    mean = bars.of(sma, bars.close, params.window)
    return Criteria(
        long=(crosses_above("Crosses above", bars.close, mean),),
        short=(crosses_below("Crosses below", bars.close, mean),),
    )
'''


def write(folder: Path, name: str = "idea", *changes: tuple[str, str]) -> Path:
    """Write the sound strategy with some of its text changed."""
    text = SOUND
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.py"
    path.write_text(text, encoding="utf-8")
    return path


def with_answer(folder: Path, body: str, name: str = "idea") -> Path:
    """Write a strategy whose `criteria` has another body."""
    head = SOUND.split('    """Judge every bar."""')[0]
    lines = "\n".join(f"    {line}" for line in body.strip().splitlines())
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.py"
    path.write_text(f'{head}    """Judge every bar."""\n{lines}\n', encoding="utf-8")
    return path
