"""A strategy that reads columns of models trades as in its backtest: facts are recorded, columns computed anew."""

from __future__ import annotations

import numpy as np
import pytest

from tests import houses
from tests.unit.services.news.test_mood_book import STRATEGY
from tests.unit.services.trading.material import BEGUN, planned
from tests.unit.services.trading.test_features import NEWS_FILE, SERIES, moods, write
from tests.unit.services.trading.test_trading import backtest_of, go
from vigie.data.feature_columns import add_columns, column_feature, other_series, recorded_features
from vigie.data.features import add_features
from vigie.domain.asset import WATCHED
from vigie.domain.errors import UsageError
from vigie.domain.fact import Observation
from vigie.domain.ids import SeriesId
from vigie.domain.time import DAY_MS, HOUR_MS
from vigie.engine.live.fold import steps
from vigie.quant.feature_table import compute_features
from vigie.quant.features import registry
from vigie.research.learning.feature_inputs import join_inputs
from vigie.services.bar_reading import load_bars
from vigie.services.needs import bound
from vigie.services.trading.process import trading
from vigie.services.trading.process.decided_histories import DecidedHistories

DAYS = 14
RECORDED, MOOD, MOVE = "news.sentiment.bitcoin", "feature.news.sentiment_change_24", "feature.price.return_24"
READS = STRATEGY.replace(
    'long=(is_above("Good news", bars.feature("news.sentiment.btc"), 5.0),), short=()',
    f'long=(is_above("Worse news", -bars.feature("{MOOD}"), 5.0), '
    f'is_above("It fell", -bars.feature("{MOVE}"), 0.0)), '
    f'short=(is_above("It rose", bars.feature("{MOVE}"), 0.02),)',
)


@pytest.fixture
def house(tmp_path):
    clock = type("Hand", (), {"market_now": lambda self: BEGUN, "wall_now": lambda self: BEGUN})()
    built = houses.house(tmp_path / "home", clock=clock)
    write(built, READS)
    return built


def test_an_account_that_reads_columns_decides_as_its_backtest_and_records_facts_alone(house, tmp_path):
    moods(house, DAYS)
    plan, said = planned(house, tmp_path, text=NEWS_FILE), []
    run = go(house, plan, BEGUN + DAYS * DAY_MS // 2, said)
    go(house, plan, BEGUN + DAYS * DAY_MS, said, begun=BEGUN + DAYS * DAY_MS // 2)
    chronicle = trading.load_event_log(house.results, house.trades, run)
    account, backtest = chronicle.account, backtest_of(house, plan, tmp_path, chronicle.ts)
    ended = len(account.trades)
    assert ended > 3
    assert account.trades["entry_bar"].tolist() == backtest.trades["entry_bar"][:ended].tolist()
    assert account.trades["pnl"].tolist() == pytest.approx(backtest.trades["pnl"][:ended].tolist(), abs=1e-7)
    written = [steps.decode_step(step) for step in house.trades.steps(run.id)]
    told = {
        name
        for step in written
        if isinstance(step, steps.BarsClosed)
        for bar in step.bars
        for name, _ in bar.features
    }
    assert told == {RECORDED}


def test_after_a_restart_a_column_is_made_of_what_was_decided_on(house, tmp_path):
    moods(house, DAYS)
    plan, half = planned(house, tmp_path, text=NEWS_FILE), BEGUN + DAYS * DAY_MS // 2
    run, newest = go(house, plan, half, []), half - 2 * HOUR_MS
    decided = bound(house, DecidedHistories)(plan, run).bars_until(0, newest).feature(MOOD)
    late = BEGUN + DAY_MS
    house.facts.append([Observation(SERIES, late, late, 90.0)])
    stored = bound(house, DecidedHistories)(plan).bars_until(0, newest).feature(MOOD)
    assert not np.array_equal(stored, decided, equal_nan=True)
    after = bound(house, DecidedHistories)(plan, run).bars_until(0, newest).feature(MOOD)
    assert np.array_equal(after, decided, equal_nan=True)


def test_columns_of_bars_are_those_that_models_learn_from(house):
    moods(house, DAYS)
    history = load_bars(house.data.bars, houses.VENUE, "BTC", "1h")
    others = [load_bars(house.data.bars, houses.VENUE, asset, "1h") for asset in ("ETH", "SOL")]
    names = {name: column_feature(name, [other.instrument for other in others]) for name in registry()}
    features = add_features(history, house.data.bars, house.facts, list(names.values())).features
    learned = compute_features(join_inputs(history, others, house.facts)).values
    assert len(learned) > 50
    assert "cross.beta_168" in learned
    for name, values in learned.items():
        assert np.array_equal(features[names[name]], values, equal_nan=True), name


def test_what_is_recorded_are_the_facts_that_columns_read_each_once():
    names = [
        MOOD,
        "feature.news.sentiment",
        MOVE,
        "news.items.btc",
        "feature.derivatives.liquidation_balance",
    ]
    assert recorded_features(names, "btc-usdt-perp") == (
        RECORDED, "news.items.btc", "derivatives.liquidations_long.bitcoin",
        "derivatives.liquidations_short.bitcoin",
    )  # fmt: skip
    assert recorded_features([MOOD], "eth-usdt-perp") == ("news.sentiment.ethereum",)


def test_what_is_recorded_of_a_comparison_are_closes_of_those_named_else_of_all_watched_coins():
    beta, rank = "feature.cross.beta_168.eth+btc+sol", "feature.cross.rank_24.eth"
    eth, sol = "cross.close.eth", "cross.close.sol"
    assert recorded_features([rank, beta], "btc-usdt-perp") == (eth, sol)
    assert recorded_features([beta], "eth-usdt-perp") == ("cross.close.btc", sol)
    watched = recorded_features(["feature.cross.beta_168"], "btc-usdc-perp")
    assert watched[:2] == (eth, "cross.close.bnb")
    assert len(watched) == len([asset for asset in WATCHED if asset.kind == "coin"]) - 1
    traded = [SeriesId(houses.VENUE, f"{coin}-usdc-perp", "4h") for coin in ("btc", "eth")]
    sol = SeriesId(houses.VENUE, "sol-usdc-perp", "4h")
    assert other_series(dict.fromkeys(traded, (beta, MOVE))) == [sol]
    # What one series is compared with is not read beside another.
    daily = SeriesId(houses.VENUE, "btc-usdc-perp", "1d")
    assert other_series({traded[0]: (beta,), traded[1]: (MOVE,), daily: ()}) == [sol]


def test_columns_that_do_not_exist_are_refused_by_name(house, tmp_path):
    body, beta = "feature.price.body", "feature.cross.beta_168"
    for wrong, near in (
        ("feature.price.retrun_24", MOVE), (f"{body}.eth", body), (f"{beta}.", beta), (f"{beta}.eth,sol", beta),
    ):  # fmt: skip
        write(house, READS.replace(MOVE, wrong))
        with pytest.raises(
            UsageError, match=f"the feature '{wrong}', which does not exist; the nearest is '{near}"
        ):
            planned(house, tmp_path, text=NEWS_FILE)
    write(house, READS)
    with pytest.raises(
        UsageError, match=r"reads news\.sentiment\.bitcoin, but this home folder has no values"
    ):
        planned(house, tmp_path, text=NEWS_FILE)


def test_bars_without_columns_stay_the_same_object(house):
    history = load_bars(house.data.bars, houses.VENUE, "BTC", "1h")
    assert add_columns(history, ["news.sentiment.btc", "feature.cross.beta_16"]) is history
