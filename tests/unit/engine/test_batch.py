"""Many variants in one call give what one backtest each gives."""

from __future__ import annotations

import numpy as np
import pytest

from tests.unit.engine.material import FREE, HOUR, rules, slot_input, walk
from vigie.domain import state
from vigie.domain.account import Sizing
from vigie.engine.backtest import run_slot
from vigie.engine.batch import FIGURES, run_batch
from vigie.engine.conditions import NO_CONDITIONS
from vigie.quant.metrics.sampling import period_ends, periods_per_year


@pytest.mark.parametrize("sampled", [True, False])
def test_a_batch_is_its_single_runs(sampled: bool):
    bars = walk(1_200)
    dice = np.random.default_rng(3)
    flags = (dice.integers(0, 16, (2, len(bars))) * (dice.random((2, len(bars))) < 0.4)).astype(np.uint8)
    units = np.vstack([np.full(len(bars), 1.0), np.full(len(bars), 2.5)])
    sizings = [Sizing(), Sizing(stop_atr=1.0, capital=5_000)]
    rows = np.array([[f, u, u, s] for f in (0, 1) for u in (0, 1) for s in (0, 1)], np.int64)
    ends = period_ends(bars.ts, HOUR)
    figures = np.empty((len(rows), len(FIGURES)))
    samples = np.empty((len(rows), len(ends))) if sampled else np.empty((0, 0))
    run_batch(
        bars.ts, bars.open, bars.high, bars.low, bars.close, flags,
        NO_CONDITIONS.rows, NO_CONDITIONS.conditions, NO_CONDITIONS.levels, units, units,
        np.concatenate([state.settings_of(sizing, FREE) for sizing in sizings]), rows,
        np.zeros(0, np.int64), np.zeros(0), np.zeros(0), state.rules_of([rules()], costs=FREE),
        HOUR, 0, ends, periods_per_year(HOUR), figures, samples,
    )  # fmt: skip
    for k, (flag, unit, _, sizing) in enumerate(rows.tolist()):
        given = slot_input(bars, unit=float(units[unit, 0]), sizing=sizings[sizing])
        given.flags[:] = flags[flag]
        outcome = run_slot(given)
        found = dict(zip(FIGURES, figures[k], strict=True))
        pnl = outcome.trades["pnl"]
        assert found["trades"] == len(pnl) > 100
        assert found["total_return"] == pytest.approx(outcome.equity[-1] / sizings[sizing].capital - 1)
        assert found["win_rate"] == pytest.approx((pnl > 0).mean())
        assert found["profit_factor"] == pytest.approx(pnl[pnl > 0].sum() / -pnl[pnl < 0].sum())
        if sampled:
            assert samples[k].tolist() == outcome.equity[ends].tolist()
