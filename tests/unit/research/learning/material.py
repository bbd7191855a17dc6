"""Histories of which it is known what can be learned of them: noise, and momentum that somebody planted."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from vigie.domain.account import Costs, Sizing
from vigie.domain.bar import Bars, FloatArray
from vigie.domain.instrument import Instrument
from vigie.domain.money import parse_step
from vigie.domain.time import HOUR_MS
from vigie.engine.inputs import SlotInput
from vigie.quant.indicators.atr import atr
from vigie.research.learning.learning_rows import LearningRows, known_rows

START_MS = 19_000 * 24 * HOUR_MS
HORIZON = 24
COST = 0.0012
SIGMA = 0.006
LOOKS = (1, 6, 24, 72)
COLUMNS = (*(f"return_{look}" for look in LOOKS), "noise_a", "noise_b")


@dataclass(frozen=True)
class History:
    """Bars with rows to learn from."""

    rows: LearningRows
    slot: SlotInput


def history(seed: int, *, hours: int = 3 * 8_760, strength: float = 0.0, drift: float = 0.0) -> History:
    """Hourly bars that rise by a drift an hour; with a strength, what the last day brought goes on a little."""
    random = np.random.default_rng(seed)
    sigma = SIGMA
    steps = random.normal(size=hours) * sigma + drift
    if strength:
        total = 0.0
        for i in range(hours):
            # The last day's return in its own deviations: who knows the rule knows the drift.
            pull = strength * sigma * float(np.clip(total / (sigma * np.sqrt(HORIZON)), -2.0, 2.0))
            steps[i] += pull
            total += steps[i] - (steps[i - HORIZON] if i >= HORIZON else 0.0)
    close = 100.0 * np.exp(np.cumsum(steps))
    opened = np.concatenate([[100.0], close[:-1]])
    reach = np.abs(random.normal(size=(2, hours))) * sigma * 0.4
    high = np.maximum(opened, close) * (1.0 + reach[0])
    low = np.minimum(opened, close) * (1.0 - reach[1])
    ts = START_MS + HOUR_MS * np.arange(hours, dtype=np.int64)
    bars = Bars("made-up", HOUR_MS, ts, opened, high, low, close, np.full(hours, 10.0))
    return History(rows_of(close, ts, random), slot_of(bars))


def with_returns(rows: LearningRows) -> LearningRows:
    """Rows whose amounts are the log returns ahead."""
    moved = (rows.gains[:, 0] - rows.gains[:, 1]) / 2.0
    return replace(rows, amounts=np.log1p(moved), outcomes=np.empty((0, 2)))


def rows_of(close: FloatArray, ts: np.ndarray, random: np.random.Generator) -> LearningRows:
    logs = np.log(close)
    columns = [np.concatenate([np.full(look, np.nan), logs[look:] - logs[:-look]]) for look in LOOKS]
    values = np.column_stack([*columns, random.normal(size=(len(close), 2))])
    ahead = np.full(len(close), np.nan)
    ahead[:-HORIZON] = np.exp(logs[HORIZON:] - logs[:-HORIZON]) - 1.0
    target = np.where(np.isnan(ahead), np.nan, (ahead > 0.0).astype(float))
    kept = known_rows(values, target)
    close_ts = ts + HOUR_MS
    return LearningRows(
        columns=COLUMNS, ts=close_ts[kept], values=values[kept], target=target[kept],
        ends=close_ts[kept] + HORIZON * HOUR_MS, weights=np.full(len(kept), 1.0 / HORIZON),
        gains=np.column_stack([ahead - COST, -ahead - COST])[kept],
        assets=np.zeros(len(kept), np.int64), bars=kept.astype(np.int64),
    )  # fmt: skip


def slot_of(bars: Bars) -> SlotInput:
    rules = Instrument(
        "nowhere", "made-up", parse_step("0.0001"), parse_step("0.0001"), min_qty=0.0001, min_notional=5.0
    )
    unit = atr(bars.high, bars.low, bars.close, 14)
    return SlotInput(
        bars, np.zeros(len(bars), np.uint8), unit, unit, (rules,),
        Sizing(risk_fraction=0.01, leverage=1.0, stop_atr=4.0, target_atr=12.0, max_bars=HORIZON), Costs(),
    )  # fmt: skip
