"""One execution: from planned slots to figures, and what is refused on the way."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.unit.engine.material import FREE, HOUR, criterion, momentum, plan, rules, steps, strategy, walk
from vigie.domain import codes
from vigie.domain.account import AccountSettings, Costs
from vigie.domain.bar import Bars
from vigie.domain.errors import UsageError
from vigie.domain.signal import Criteria
from vigie.engine.figures import bars_in_position, held_bars, trade_columns
from vigie.engine.journal import decision_hash
from vigie.engine.run import Run, execute, prepare_slot, with_account
from vigie.engine.signals import make_flags

ALONE = AccountSettings(costs=FREE)
SHARED = AccountSettings(mode="portfolio", costs=FREE)


def test_one_slot_is_its_own_total():
    run = execute([plan(walk(300))], ALONE)
    (slot,) = run.slots
    assert run.total == slot.summary
    assert run.total.trades == len(slot.trades) > 10
    assert run.equity_ts.tolist() == (slot.plan.bars.ts + HOUR).tolist()
    assert run.equity[-1] == pytest.approx(10_000 + slot.trades["pnl"].sum())
    assert run.checked
    assert set(run.timings) == {"criteria", "checks", "kernel", "metrics"}


def test_isolated_slots_are_summed_and_each_is_what_it_is_alone():
    plans = [plan(walk(200)), plan(walk(300, seed=2, instrument="eth-usdt-perp"))]
    run = execute(plans, ALONE)
    for number, (one, slot) in enumerate(zip(plans, run.slots, strict=True)):
        alone = execute([one], ALONE)
        assert np.array_equal(alone.equity, slot.equity)
        assert alone.slots[0].trades["pnl"].tolist() == slot.trades["pnl"].tolist()
        assert set(run.outcomes[number].log[:, 1]) == {number}
    assert run.total.trades == sum(len(slot.trades) for slot in run.slots)
    assert run.total.capital == 20_000
    # Where the shorter one has ended its last value stands.
    assert len(run.equity) == 300
    assert run.equity[-1] == run.slots[0].equity[-1] + run.slots[1].equity[-1]
    assert run.equity[250] == run.slots[0].equity[-1] + run.slots[1].equity[250]


def test_an_account_that_has_not_begun_counts_its_capital():
    late = walk(100)
    late = replace(late, ts=late.ts + 50 * HOUR)
    run = execute([plan(walk(80, seed=3)), plan(replace(late, instrument="eth-usdt-perp"))], ALONE)
    assert run.equity[10] == run.slots[0].equity[10] + 10_000
    assert len(run.equity) == 150


def test_a_shared_account_has_one_log_and_a_curve_of_its_own():
    plans = [plan(walk(300)), plan(walk(300, seed=2, instrument="eth-usdt-perp"))]
    run = execute(plans, SHARED)
    assert len(run.outcomes) == 1
    assert run.total.capital == 10_000
    assert run.total.final_equity == pytest.approx(10_000 + run.outcomes[0].trades["pnl"].sum())
    assert sum(len(slot.trades) for slot in run.slots) == run.total.trades > 0
    for slot in run.slots:
        assert slot.equity[-1] == pytest.approx(10_000 + slot.trades["pnl"].sum())
        assert len(slot.equity) == 300
    assert decision_hash(run.log) == run.outcomes[0].decision_hash
    assert len(run.values) == len(run.log)


def test_a_slots_own_curve_in_a_shared_account_holds_its_open_position():
    bars = steps([100, 100, 100, 101, 102, 103, 104, 104, 104])

    def buys_once(history: Bars, params: object) -> Criteria:
        holds = np.zeros(len(history), np.bool_)
        holds[1:2] = True
        return Criteria(long=(criterion("once", holds),), short=(), stop_distance=np.full(len(history), 4.0),
                        target_distance=np.full(len(history), 4.0))  # fmt: skip

    run = execute([plan(bars, of=strategy(buys_once))], SHARED)
    (trade,) = run.slots[0].trades
    gains = run.slots[0].equity - 10_000
    assert gains[:3].tolist() == [0, 0, 0]
    assert gains[3] == pytest.approx(trade["qty"] * 1.0)
    assert gains[5] == pytest.approx(trade["qty"] * 3.0)
    assert gains[-1] == pytest.approx(trade["pnl"])


def test_bars_that_only_warm_up_are_outside_every_figure():
    bars = walk(300)
    run = execute([plan(bars, first=100)], ALONE)
    (slot,) = run.slots
    assert len(slot.equity) == len(slot.hold) == 200
    assert run.equity_ts[0] == bars.ts[100] + HOUR
    assert (slot.trades["entry_bar"] > 100).all()
    assert slot.hold[-1] == pytest.approx(10_000 * bars.close[-1] / bars.open[100])


def test_buy_and_hold_pays_its_entry():
    account = AccountSettings(costs=Costs(taker=0.01, slippage_bps=0))
    run = execute([plan(walk(50), account=account)], account)
    assert run.slots[0].hold[0] < 10_000 * 0.995


def test_beta_is_measured_against_bitcoin_where_it_is_traded():
    alone = execute([plan(walk(24 * 40))], ALONE).total
    assert np.isfinite(alone.beta)
    without = execute([plan(walk(24 * 40, instrument="eth-usdt-perp"))], ALONE).total
    assert np.isnan(without.beta)
    both = execute([plan(walk(24 * 40, instrument="eth-usdt-perp")), plan(walk(24 * 40, seed=5))], ALONE)
    assert np.isfinite(both.slots[0].summary.beta)


def test_bitcoin_of_another_timeframe_is_read_as_it_was_known():
    btc = walk(24 * 40)
    daily = Bars(
        "eth-usdt-perp",
        24 * HOUR,
        btc.ts[::24],
        *(getattr(btc, n)[::24] for n in ("open", "high", "low", "close", "volume")),
    )
    run = execute([plan(btc), plan(daily), plan(daily, of=strategy(momentum, name="other"))], ALONE)
    assert np.isfinite(run.slots[1].summary.beta)
    assert run.slots[1].summary.beta == run.slots[2].summary.beta
    assert len(run.equity) == len(btc)


def daily(bars: Bars, instrument: str | None = None) -> Bars:
    """Days made of hours that begin at midnight."""
    days = [bars.open[::24], *(getattr(bars, n)[23::24] for n in ("high", "low", "close", "volume"))]
    return Bars(instrument or bars.instrument, 24 * HOUR, bars.ts[::24], *days)


def greeks(returns: np.ndarray, market: np.ndarray) -> tuple[float, float]:
    """Alpha and beta of daily returns, the slow way."""
    beta = np.cov(returns, market)[0, 1] / market.var(ddof=1)
    return (returns.mean() - beta * market.mean()) * 365, beta


@pytest.mark.parametrize("finer", [24 * 30, 24 * 200])
def test_alpha_and_beta_reach_over_the_whole_span_where_a_finer_series_of_bitcoin_is_shorter(finer: int):
    btc, eth = walk(24 * 200), daily(walk(24 * 200, seed=3, instrument="eth-usdt-perp"))
    short = btc.slice(len(btc) - finer, len(btc))
    run = execute([plan(eth), plan(short), plan(daily(btc))], ALONE)
    assert run.market == ("btc-usdt-perp/1h", "btc-usdt-perp/1d")
    moves = run.slots[0].equity[1:] / run.slots[0].equity[:-1] - 1
    days = daily(btc).close
    expected = greeks(moves, days[1:] / days[:-1] - 1)
    summary = run.slots[0].summary
    assert (summary.alpha, summary.beta) == pytest.approx(expected, rel=1e-9)
    assert run.total.alpha == pytest.approx(greeks(*total_moves(run, days))[0], rel=1e-9)


def total_moves(run: Run, days: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Daily returns of the whole account and of bitcoin."""
    ends = np.searchsorted(run.equity_ts, (np.arange(len(days)) + 1) * 24 * HOUR)
    equity = run.equity[ends]
    return equity[1:] / equity[:-1] - 1, days[1:] / days[:-1] - 1


def test_bitcoin_that_no_slot_trades_is_what_beta_is_measured_against_where_it_is_given():
    btc, eth = walk(24 * 40), walk(24 * 40, seed=3, instrument="eth-usdt-perp")
    beside = execute([plan(eth)], ALONE, bitcoin=daily(btc)).total
    traded = execute([plan(eth), plan(btc)], ALONE).slots[0].summary
    assert (beside.alpha, beside.beta) == pytest.approx((traded.alpha, traded.beta), rel=1e-9)
    # Bitcoin that is traded is not replaced.
    assert execute([plan(btc)], ALONE, bitcoin=daily(walk(24 * 40, seed=9))).market == ("btc-usdt-perp/1h",)


def test_days_after_the_last_bar_of_bitcoin_are_left_out_of_beta():
    btc, eth = walk(24 * 80), daily(walk(24 * 80, seed=3, instrument="eth-usdt-perp"))
    days = daily(btc)
    run = execute([plan(eth)], ALONE, bitcoin=days.slice(0, 60)).total
    equity = execute([plan(eth)], ALONE).equity[:60]
    market = days.close[:60]
    expected = greeks(equity[1:] / equity[:-1] - 1, market[1:] / market[:-1] - 1)
    assert (run.alpha, run.beta) == pytest.approx(expected, rel=1e-9)


# What is refused


def test_nothing_to_run_is_refused():
    with pytest.raises(UsageError, match="a run needs at least one slot"):
        execute([], ALONE)


def test_a_strategy_that_raises_or_answers_nonsense_is_refused_by_name():
    def raises(bars: Bars, params: object) -> Criteria:
        raise KeyError("volume2")

    def nothing(bars: Bars, params: object) -> None:
        return None

    def wrong(bars: Bars, params: object) -> Criteria:
        return Criteria(long=(criterion("c", np.zeros(3, np.bool_)),), short=())

    for function, said in (
        (raises, "strategy made_up raised KeyError: 'volume2'"),
        (nothing, "strategy made_up must return Criteria, returned NoneType"),
        (wrong, "strategy made_up: criterion 'c' must be a bool array of 50 bars, was bool"),
    ):
        with pytest.raises(UsageError, match=said):
            execute([plan(walk(50), of=strategy(function))], ALONE)


def test_distances_of_a_strategy_replace_the_atr():
    def own(bars: Bars, params: object) -> Criteria:
        answer = momentum(bars, params)
        return Criteria(answer.long, answer.short, stop_distance=np.full(len(bars), 7.0))

    _, given = prepare_slot(plan(walk(60), of=strategy(own)))
    assert set(given.stop_unit) == {7.0}
    assert np.isnan(given.target_unit[0])
    assert not np.isnan(given.target_unit[-1])


def test_the_venues_leverage_caps_the_sizing():
    for versions, leverage in (((rules(max_leverage=3.0),), 3.0), ((rules(),), 5.0)):
        _, given = prepare_slot(plan(walk(60), versions=versions))
        assert given.sizing.leverage == leverage


@pytest.mark.parametrize("account", [ALONE, SHARED])
def test_progress_is_told_in_both_modes(account: AccountSettings):
    told = []
    execute([plan(walk(60), account=account)], account, progress=lambda *news: told.append(news))
    assert told[0] == ("strategies", 1, 1)
    assert told[-1] == ("kernel", 1, 1)
    assert {of for _, _, of in told} == {1}, "of one slot"


def test_the_clock_only_fills_the_timings():
    ticks = iter(range(1_000))
    run = execute([plan(walk(60))], ALONE, clock=lambda: float(next(ticks)))
    assert all(seconds >= 1.0 for seconds in run.timings.values())
    assert decision_hash(run.log) == decision_hash(execute([plan(walk(60))], ALONE).log)


# Small pieces


def position_mask(trades, n_bars: int):
    """The bars on which a slot held a position at any moment, written apart."""
    mask = np.zeros(n_bars, np.bool_)
    for trade in trades:
        mask[int(trade["entry_bar"]) : int(trade["exit_bar"]) + 1] = True
    return mask


def test_bars_held_are_counted_once_where_two_trades_share_one():
    run = execute([plan(walk(300))], ALONE)
    trades = run.slots[0].trades
    mask = position_mask(trades, 300)
    assert held_bars(trades, 300) == int(mask.sum())
    assert held_bars(trades[:0], 300) == 0
    assert run.total.exposure == pytest.approx(mask.sum() / 300)


def test_bars_in_position_are_those_of_any_slot():
    trades = execute([plan(walk(300))], ALONE).slots[0].trades
    ts = walk(300).ts + HOUR
    found = bars_in_position(trades, ts, HOUR)
    assert 0 < found <= int(position_mask(trades, 300).sum())
    assert bars_in_position(trades[:0], ts, HOUR) == 0


def test_columns_and_accounts_are_carried_over():
    one = plan(walk(100))
    assert with_account(one, SHARED).account is SHARED
    trades = execute([one], ALONE).slots[0].trades
    columns = trade_columns(trades)
    assert columns.notional.tolist() == (trades["qty"] * (trades["entry"] + trades["exit"])).tolist()
    assert set(codes.REASONS) >= set(trades["reason"].tolist())


def test_flags_of_a_plan_are_those_of_its_criteria():
    one = plan(walk(100))
    criteria, given = prepare_slot(one)
    assert given.flags.tolist() == make_flags(criteria, 100).tolist()
