"""A sweep's figures are those of single backtests, whatever the chunk, the mode and the thread."""

from __future__ import annotations

import pickle
from dataclasses import replace

import numpy as np
import pytest

from tests.unit.research.material import GRID, history, plan, slot
from vigie.adapters.executors.threads import ThreadExecutor
from vigie.domain.account import AccountSettings, Costs, Protections, Sizing
from vigie.domain.errors import UsageError
from vigie.domain.time import DAY_MS
from vigie.engine.batch import FIGURES
from vigie.engine.inputs import Settlements
from vigie.engine.run import execute
from vigie.research.sweep.loop import MemoryRowStore, Search, chunks, run_search
from vigie.research.sweep.plan import variant_slots
from vigie.research.sweep.shuffled import no_progress
from vigie.research.sweep.work import SweepWork
from vigie.trading import catalogue


def everything(given, threads=1):
    keeper = MemoryRowStore(given.accounts)
    with ThreadExecutor(threads) as executor:
        run_search(given, Search(), executor, keeper, no_progress)
    return keeper.rows


def single(given, combination):
    """The figures of one combination as `vigie backtest` finds them."""
    slots = variant_slots(given, combination)
    run = execute(slots, slots[0].account, check=False)
    summaries = [run.total] if given.is_shared else [one.summary for one in run.slots]
    return np.array([[float(getattr(summary, name)) for name in FIGURES] for summary in summaries]), run


def same(rows, given):
    for row in rows:
        if row["refused"]:
            assert variant_slots(given, int(row["combination"])) is None
            continue
        figures, _ = single(given, int(row["combination"]))
        np.testing.assert_array_equal(row["figures"], figures)


def test_isolated_figures_equal_single_backtests():
    given = plan(GRID)
    rows = everything(given)
    assert len(rows) == given.space.size == 12
    assert rows["figures"][:, 0, 3].min() > 5
    same(rows, given)


def test_account_settings_are_swept_like_parameters():
    given = plan(
        "fast=5|9,slow=21,stop_atr=1:3:1,max_bars=0|12,taker=0.0002|0.001,target_execution=trigger|limit"
    )
    rows = everything(given)
    same(rows, given)
    assert len({row.tobytes() for row in rows["figures"]}) == len(rows), "every setting matters"


def test_funding_warmup_bars_and_a_refused_combination():
    bars = history()
    settled = Settlements(
        bars.ts[2::2], np.full(len(bars.ts[2::2]), 0.0004), np.full(len(bars.ts[2::2]), np.nan)
    )
    given = plan("fast=8|30,slow=20|40", slot(bars, first=300, funding=settled))
    rows = everything(given)
    assert rows["refused"].tolist() == [False, False, True, False]
    assert np.isnan(rows["figures"][2]).all()
    same(rows, given)


def test_strategy_with_an_exit_condition_and_its_own_parameters():
    given = plan("window=7|14,oversold=25|35", strategy="rsi_reversion")
    same(everything(given), given)


def test_several_series_keep_their_own_figures():
    given = plan(GRID, slot(history(seed=1)), slot(history(900, seed=2, instrument="eth-usdt-perp")))
    rows = everything(given)
    assert rows["figures"].shape == (12, 2, 6)
    same(rows, given)


@pytest.mark.parametrize("protections", [None, Protections()])
def test_portfolio_mode_trades_all_series_on_one_account(protections):
    account = AccountSettings(mode="portfolio", protections=protections)
    slots = [
        slot(history(seed=k, instrument=f"{name}-usdt-perp"), account=account) for k, name in enumerate("ab")
    ]
    given = plan("fast=4|8,slow=16|24", *slots, account=account)
    rows = everything(given)
    assert rows["figures"].shape == (4, 1, 6)
    same(rows, given)


def test_protections_in_isolated_mode_are_honoured():
    account = AccountSettings(protections=Protections(cooldown_bars=30))
    given = plan("fast=4|8,slow=16|24", slot(account=account), account=account)
    rows = everything(given)
    same(rows, given)
    free = everything(plan("fast=4|8,slow=16|24"))
    assert (rows["figures"][:, 0, 3] < free["figures"][:, 0, 3]).all()


@pytest.mark.parametrize("start", [0, 1, 16, 900, 2_399, 2_400])
def test_chunks_hold_every_combination_once_and_are_small_at_both_ends(start):
    given = plan("fast=3:42,slow=45:104")
    parts = list(chunks(given, Search(), start))
    assert np.concatenate([*parts, np.zeros(0, np.int64)]).tolist() == list(range(start, 2_400))
    sizes = [len(part) for part in parts]
    assert max(sizes, default=0) <= 128
    assert all(size <= 16 for size in (*sizes[:1], *sizes[-1:]))


def test_threads_do_not_change_a_bit():
    given = plan("fast=3:12,slow=15:44")
    one, three = everything(given), everything(given, threads=3)
    assert len(one) == 300
    assert one.tobytes() == three.tobytes()


def test_work_survives_the_journey_to_another_process():
    given = plan(GRID)
    work = SweepWork(given)
    numbers = np.arange(12)
    here = work(numbers)
    there = pickle.loads(pickle.dumps(work))
    assert there._plan.slots[0].bars._memo == {}
    assert there(numbers).tobytes() == here.tobytes()


def test_signals_that_take_too_much_memory_are_made_as_they_are_traded(monkeypatch):
    given = plan(GRID, slot(history(seed=1)), slot(history(700, seed=2, instrument="eth-usdt-perp")))
    together = SweepWork(given)
    whole = together(np.arange(12))
    assert together.prepare(np.arange(12)).parts is not None
    monkeypatch.setattr("vigie.research.sweep.work.WAITING", 1_000)
    monkeypatch.setattr("vigie.research.sweep.gather.WAITING", 4_000)
    apart = SweepWork(given)
    assert apart.prepare(np.arange(12)).parts is None
    assert apart(np.arange(12)).tobytes() == whole.tobytes()


def test_samples_are_the_equity_at_the_end_of_each_day():
    given = plan(GRID)
    work = SweepWork(given)
    samples = work.sample_accounts(np.array([3]))[0]
    _, run = single(given, 3)
    equity, ts = run.slots[0].equity, given.slots[0].bars.ts
    last_of_day = np.append(ts[1:] // DAY_MS > ts[:-1] // DAY_MS, True)
    np.testing.assert_array_equal(samples.ts, ts[last_of_day])
    np.testing.assert_array_equal(samples.values[0], equity[last_of_day])


def test_capital_and_costs_of_the_base_account_reach_every_combination():
    account = AccountSettings(
        sizing=Sizing(capital=500.0, risk_fraction=0.01), costs=Costs(slippage_bps=50.0)
    )
    given = plan("fast=4,slow=16", slot(account=account), account=account)
    rows = everything(given)
    same(rows, given)
    cheap = everything(plan("fast=4,slow=16"))
    assert rows["figures"][0, 0, 0] != cheap["figures"][0, 0, 0]


def test_leverage_that_the_venue_does_not_allow_is_cut_as_in_a_backtest():
    base = slot()
    strict = replace(base, versions=(replace(base.versions[0], max_leverage=1.5),))
    given = plan("fast=4,slow=16,leverage=1|3|5,risk_fraction=0.02", strict)
    rows = everything(given)
    same(rows, given)
    assert rows["figures"][1, 0, 0] == rows["figures"][2, 0, 0] != rows["figures"][0, 0, 0]


OWN_LEVELS = """'''Own levels: buys above an average, with a stop of its own.'''
from dataclasses import dataclass

import numpy as np

from vigie.domain.signal import Criteria
from vigie.quant.indicators.sma import sma
from vigie.trading.strategy import crosses_above, crosses_below, param

TIMEFRAME = "4h"


@dataclass(frozen=True, slots=True)
class Params:
    window: int = param(10, low=2, high=100)
    share: float = param(0.01, low=-1.0, high=1.0)


def warmup(params):
    return params.window


def criteria(bars, params):
    mean = bars.of(sma, bars.close, params.window)
    return Criteria(
        long=(crosses_above("up", bars.close, mean),),
        short=(crosses_below("down", bars.close, mean),),
        stop_distance=bars.close * params.share,
        target_distance=(bars.high - bars.low) * 2.0 if params.window % 2 else None,
    )
"""


@pytest.fixture
def own_levels(tmp_path):
    (tmp_path / "own_levels.py").write_text(OWN_LEVELS)
    loaded = catalogue.load("own_levels", tmp_path)
    return replace(slot(), strategy=loaded, params=loaded.defaults())


def test_distances_of_the_strategy_are_used(own_levels):
    given = plan("window=9:12,share=0.005|0.01|0.02,stop_atr=1|2", own_levels)
    same(everything(given), given)


def test_a_persons_own_strategy_gives_the_figures_of_single_backtests_on_any_number_of_threads(own_levels):
    given = plan("window=5:24,share=0.005|0.01,max_bars=0|12", own_levels)
    rows = everything(given, threads=3)
    assert rows.tobytes() == everything(given).tobytes()
    same(rows[::7], given)


def test_distances_that_cannot_be_are_refused(own_levels):
    with pytest.raises(UsageError, match="distances must be >= 0"):
        everything(plan("window=9,share=-0.5", own_levels))


def test_many_trades_outgrow_the_first_buffer():
    bars = history(12_000, seed=3)
    given = plan("fast=2,slow=3", slot(bars))
    rows = everything(given)
    assert rows["figures"][0, 0, 3] > 256
    same(rows, replace(given))
