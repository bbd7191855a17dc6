"""A model of several markets rises by the same gates: in each market it decides in the shadow, in each it may trade."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests import houses
from tests.houses import Browser, person
from tests.unit.services.learning_material import END, Hand, trading_either_side, training_home
from tests.unit.services.test_pooled_models import COLUMNS, POOLED
from tests.unit.services.test_promotion import OWN, follow, promote, trading_model
from vigie.domain.errors import UsageError
from vigie.domain.ids import SeriesId
from vigie.services.learning import training
from vigie.services.learning.account_models import refuse_early_models, refuse_other_markets
from vigie.services.learning.training import train_model
from vigie.services.operation_calls import run_operation
from vigie.services.runs.backtest import plan_slots, run_backtest
from vigie.services.runs.backtest_request import BacktestRequest, SlotRequest
from vigie.services.runs.judged_markets import find_other_markets
from vigie.trading.catalogue import load_file

pytest.importorskip("sklearn")
PAIR = ("btc-usdt-perp", "eth-usdt-perp")


@pytest.fixture
def hand():
    return Hand()


@pytest.fixture
def house(tmp_path, hand):
    return houses.house(tmp_path, clock=hand)


def train_trading(house, monkeypatch, name="majors", others=("ETH",)):
    """A registered model of several markets that trades; its result is made to pass the gates of the verdict."""
    told = training.fit_figures
    with monkeypatch.context() as patch, trading_either_side():
        patch.setattr(training, "fit_figures", lambda found: replace(told(found), is_luck=False, trades=150))
        request = replace(POOLED, kind="logistic", pooled_with=others)
        return train_model(training_home(house), name, request, owner="u1")


def test_each_market_has_its_shadow_and_gates_name_the_one_that_lacks_closes(house, hand, monkeypatch):
    train_trading(house, monkeypatch)
    risen = promote(house, "majors")
    assert risen.stage == "shadow"
    assert risen.opening.family == "binance-perp btc-usdt-perp+eth-usdt-perp 1h direction 24"
    follow(house, hand, 3)
    for name in PAIR:
        assert house.learned_models.shadow_closes("majors", 1, instrument=name) == 3
    with pytest.raises(UsageError) as told:
        promote(house, "majors")
    for name in PAIR:
        assert f"closes of {name} in the shadow: 3, 200 needed" in str(told.value)


def test_where_closes_of_one_market_do_not_count_it_is_named(house, hand, monkeypatch):
    train_trading(house, monkeypatch)
    promote(house, "majors")
    follow(house, hand, 200)
    (said,) = house.learned_models.shadow("majors", 1, instrument=PAIR[1], last=1)
    series = SeriesId(houses.VENUE, PAIR[1], "1h")
    frame = house.data.bars.read(series)
    house.data.bars.upsert(
        series, frame.with_columns(close=frame["close"] * 0.9999, low=frame["low"] * 0.999)
    )
    with pytest.raises(
        UsageError,
        match="closes of eth-usdt-perp that say something else and do not count, as bars were corrected since: 200",
    ) as told:
        promote(house, "majors")
    assert said.log_odds is not None
    assert "of btc-usdt-perp" not in str(told.value)


def test_after_its_gates_it_trades_on_each_of_its_markets_and_on_no_other(house, hand, monkeypatch):
    made = train_trading(house, monkeypatch)
    promote(house, "majors")
    follow(house, hand, 200)
    assert promote(house, "majors").stage == "paper"
    strategy = load_file(house.results.strategies / "model_majors.py")
    refuse_early_models(house.learned_models, [strategy], "paper")
    refuse_other_markets(house.learned_models, [(strategy, name, "1h") for name in PAIR])
    for instrument, timeframe in (("sol-usdt-perp", "1h"), (PAIR[0], "4h")):
        with pytest.raises(UsageError, match="judged on btc-usdt-perp, eth-usdt-perp 1h, not on"):
            refuse_other_markets(house.learned_models, [(strategy, instrument, timeframe)])
    slots = tuple(SlotRequest(name, "1h", "model_majors") for name in ("BTC", "ETH"))
    asked = BacktestRequest(slots=slots, venue=houses.VENUE, own_strategies=house.results.strategies)
    assert all(len(slot.trades) for slot in run_backtest(house.data, asked).slots)
    assert find_other_markets(plan_slots(house.data, asked)) == ()
    other = replace(asked, slots=(SlotRequest("SOL", "1h", "model_majors"),))
    (warned,) = find_other_markets(plan_slots(house.data, other))
    assert str(warned).endswith("judged on btc-usdt-perp, eth-usdt-perp/1h, not on sol-usdt-perp/1h")
    assert made.fit.card["remark"].rstrip(".") in (house.results.strategies / "model_majors.py").read_text()


def test_each_asset_has_the_odds_of_its_own_bars_and_a_decision_is_that_of_its_market(
    house, hand, monkeypatch
):
    train_trading(house, monkeypatch)
    promote(house, "majors")
    follow(house, hand, 2)
    rows = {
        row.asset: row
        for row in run_operation(house, person("viewer"), "models.odds", {"assets": "BTC,ETH"}).rows
    }
    assert {row.instrument for row in rows.values()} == set(PAIR)
    assert {row.markets for row in rows.values()} == {2}
    assert len({row.probability for row in rows.values()}) == 2
    for asset, name in (("BTC", PAIR[0]), ("ETH", PAIR[1])):
        effects = run_operation(house, person("viewer"), "models.effects", {"asset": asset}).rows
        assert {one.column for one in effects} <= set(COLUMNS)
        told = run_operation(
            house, person("viewer"), "models.decision",
            {"strategy": "model_majors", "ts_known": END, "instrument": name},
        )  # fmt: skip
        assert told.probability == next(row.probability for row in rows.values() if row.instrument == name)
    for language, words in (
        ("en", "from 2 markets; its record is of all"),
        ("fr", "son bilan porte sur tous"),
    ):
        assert words in Browser(house, language=language).get("/asset/ethereum").text
    unnamed = {"strategy": "model_majors", "ts_known": END}
    assert run_operation(house, person("viewer"), "models.decision", unnamed).model == ""


def test_a_look_at_one_market_counts_for_every_model_that_has_it(house, monkeypatch):
    trading_model(house, columns=OWN)
    assert promote(house).opening.look == 1
    train_trading(house, monkeypatch, others=("ETH", "SOL"))
    assert promote(house, "majors").opening.look == 2
    trading_model(house, "other", columns=OWN)
    assert promote(house, "other").opening.look == 3
