"""Records of the kernel: every setting reaches its cell."""

from __future__ import annotations

from dataclasses import fields

import numpy as np

from vigie.domain.account import Costs, Protections, Sizing
from vigie.domain.instrument import Instrument
from vigie.domain.money import GridStep
from vigie.domain.state import PROTECTIONS, protections_of, rules_of, settings_of
from vigie.domain.time import DAY_MS, HOUR_MS


def make(**changes: object) -> Instrument:
    return Instrument(
        **{"venue": "", "name": "btc-usdt-perp", "tick": GridStep(5, 2), "lot": GridStep(1, 3), **changes}
    )


def test_versions_are_laid_out_in_time_order_with_the_runs_own_fees():
    rows = rules_of(
        [make(valid_from=10, taker=0.5), make(valid_from=0, min_qty=2.0)], costs=Costs(taker=0.001, maker=0.0)
    )
    assert rows["valid_from"].tolist() == [0, 10]
    assert rows["taker"].tolist() == [0.001, 0.001]
    assert rows["maker"].tolist() == [0.0, 0.0]
    assert rows["min_qty"].tolist() == [2.0, 0.0]
    assert (rows[0]["tick_multiple"], rows[0]["tick_scale"], rows[0]["tick"]) == (5, 100.0, 0.05)


def test_without_the_runs_costs_the_instruments_own_fees_hold():
    assert rules_of([make(taker=0.05, maker=0.01)])[0][["taker", "maker"]].tolist() == (0.05, 0.01)


def test_settings_are_laid_out():
    row = settings_of(Sizing(target_execution="limit", max_bars=7, stop_atr=1.5), Costs(slippage_bps=25.0))[0]
    assert (row["limit_target"], row["max_bars"], row["stop_atr"], row["slip"]) == (1, 7, 1.5, 0.0025)


def test_no_protections_are_a_record_that_is_off():
    row = protections_of(None)[0]
    assert row["on"] == 0
    assert not any(row[name] for name in PROTECTIONS.names)


def test_every_protection_reaches_the_record():
    base = protections_of(Protections())
    units = {"stop_guard_window_hours": HOUR_MS, "stop_guard_lock_hours": HOUR_MS, "low_profit_days": DAY_MS,
             "low_profit_lock_days": DAY_MS, "drawdown_unlock_days": DAY_MS}  # fmt: skip
    for spec in fields(Protections):
        other = spec.default / 2 if isinstance(spec.default, float) else max(spec.default - 1, 0)
        if other == spec.default:
            continue
        if spec.name == "restore_after_wins":
            other = 1
        row = protections_of(Protections(**{spec.name: other}))
        changed = [name for name in PROTECTIONS.names if row[0][name] != base[0][name]]
        assert len(changed) == 1, spec.name
        assert np.isclose(row[0][changed[0]], other * units.get(spec.name, 1)), spec.name
