"""One model learns from several markets: folds are cut at one time for all, and each is told beside the others."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests import houses
from tests.unit.services.learning_material import train, training_home
from vigie.data.frames import to_bars, to_frame
from vigie.domain.errors import Conflict, UsageError, VigieError
from vigie.domain.ids import SeriesId
from vigie.services.learning.evaluation_record import evaluation_record
from vigie.services.learning.evaluation_request import EvaluationRequest, split_instruments, stated_choices
from vigie.services.learning.model_card import LearnedCard
from vigie.services.learning.model_evaluation import evaluate_model
from vigie.services.learning.prepared_rows import prepare_rows
from vigie.services.learning.reproduction import reproduce_fit

pytest.importorskip("sklearn")
COLUMNS = ("price.return_24", "price.body", "calendar.hour_sine")
MARKETS = ("btc-usdt-perp", "eth-usdt-perp", "sol-usdt-perp")
POOLED = EvaluationRequest(
    "BTC", venue=houses.VENUE, kind="tree", columns=COLUMNS, folds=4, pooled_with=("ETH", "SOL")
)


def train_pooled(house, name="majors", **changes):
    return train(house, name, columns=COLUMNS, **{"pooled_with": ("ETH", "SOL"), **changes})


def store(house, asset, first=0, last=houses.DAYS * 24):
    """Store some hourly bars of an asset in a home without bars."""
    bars = houses.market().bars(asset, "1h")
    house.data.bars.upsert(SeriesId(houses.VENUE, bars.instrument, "1h"), to_frame(bars.slice(first, last)))


@pytest.fixture(scope="module")
def pooled_home(tmp_path_factory):
    home = houses.house(tmp_path_factory.mktemp("pooled"))
    return home, train_pooled(home)


@pytest.fixture
def fresh(tmp_path):
    return houses.house(tmp_path)


@pytest.fixture
def bare(tmp_path):
    return houses.house(tmp_path, with_bars=False)


def test_all_markets_are_judged_in_the_same_times_and_each_is_told(pooled_home):
    house, made = pooled_home
    prepared = prepare_rows(house.data, POOLED)
    assert [market.bars.instrument for market in prepared.markets] == list(MARKETS)
    for fold in prepared.folds:
        for number in range(len(MARKETS)):
            own = prepared.rows.ts[fold.judged][prepared.rows.assets[fold.judged] == number]
            assert fold.from_ms <= own[0] < fold.from_ms + 3_600_000
            assert fold.until_ms - 3_600_000 <= own[-1] < fold.until_ms
        taught = np.concatenate([fold.fitted, fold.calibrated])
        assert prepared.rows.ends[taught].max() < fold.from_ms - prepared.embargo_ms
    told = made.told
    assert [one.name for one in told.markets] == list(MARKETS)
    assert sum(one.rows for one in told.markets) == told.skill.rows
    assert sum(one.trades for one in told.markets) == len(told.traded.trades)
    gained = sum(one.rows * one.log_loss_gain for one in told.markets) / told.skill.rows
    assert gained == pytest.approx(told.skill.log_loss_gain)


def test_its_card_names_every_market_and_that_they_were_chosen_today(pooled_home):
    _, made = pooled_home
    card = LearnedCard.model_validate(made.fit.card)
    assert card.instruments == MARKETS
    assert sum(one.rows for one in card.pooled) == card.learned_from.fitted + card.learned_from.calibrated
    assert "chosen today" in card.remark
    assert "survivorship" in card.remark
    assert {f"bars {name}" for name in MARKETS} <= set(made.fit.data)


def test_of_one_market_nothing_is_stored_otherwise_than_before(fresh):
    made = train(fresh)
    assert "pooled_with" not in fresh.learned_models.experiment("btc_day").parameters
    assert "pooled_with" not in stated_choices(replace(POOLED, pooled_with=()))
    assert {"bars", "rules", "outcomes"} <= set(made.fit.data)
    assert "markets" not in made.fit.evaluation
    # A card of before has no list of markets.
    former = {key: value for key, value in made.fit.card.items() if key not in ("pooled", "remark")}
    card = LearnedCard.model_validate(former)
    assert (card.instruments, card.ends(5)) == (("btc-usdt-perp",), {"btc-usdt-perp": 5})


def test_the_order_of_markets_makes_no_other_model_and_is_no_other_trial(pooled_home):
    house, made = pooled_home
    again = train(
        house, "majors", instrument="SOLUSDT", columns=COLUMNS, pooled_with=("btc", "eth-usdt-perp")
    )
    assert (again.fit.version, again.fit.data) == (made.fit.version + 1, made.fit.data)
    assert again.fit.figures == made.fit.figures
    with pytest.raises(Conflict, match="majors was trained with another pooled_with:"):
        train_pooled(house, pooled_with=("ETH",))
    with pytest.raises(Conflict, match="majors was trained with another pooled_with:"):
        train_pooled(house, pooled_with=())
    one = evaluate_model(house.data, house.results.trials, replace(POOLED, instrument="ETH", pooled_with=()))
    # The pooled model was a look at this history, too.
    assert one.traded.verdict.trials == 2
    assert one.markets == ()


def test_a_pooled_fit_comes_out_again_though_one_market_grew(bare):
    store(bare, "BTC")
    store(bare, "ETH", last=houses.DAYS * 24 - 30)
    made = train_pooled(bare, pooled_with=("ETH",))
    store(bare, "ETH")
    found = reproduce_fit(training_home(bare), "majors", made.fit.version)
    assert (found.figures, found.data, found.code) == ((), (), ())


def test_a_changed_market_is_named_in_what_differs(fresh):
    made = train_pooled(fresh)
    series = SeriesId(houses.VENUE, "sol-usdt-perp", "1h")
    bars = to_bars(fresh.data.bars.read(series), series)
    bars.close.flags.writeable = True
    bars.close[300] *= 1.0001
    fresh.data.bars.upsert(series, to_frame(bars))
    found = reproduce_fit(training_home(fresh), "majors", made.fit.version)
    changed = {one.what for one in found.data}
    assert "data bars sol-usdt-perp" in changed
    assert "data bars btc-usdt-perp" not in changed


def test_without_named_columns_a_pooled_model_reads_none_that_compare_with_others(fresh):
    told = evaluate_model(fresh.data, fresh.results.trials, replace(POOLED, columns=(), kind="logistic"))
    assert len(told.columns) > 20
    assert not [name for name in told.columns if name.startswith("cross.")]
    assert "cross.beta_168" in told.left_out


def test_signals_of_a_rule_are_pooled_as_well(fresh):
    told = evaluate_model(
        fresh.data, fresh.results.trials,
        replace(POOLED, kind="logistic", folds=2, rule="macd_cross", horizon=48),
    )  # fmt: skip
    assert [one.name for one in told.markets] == list(MARKETS)
    assert evaluation_record(told)["markets"][0]["rows"] > 0


ALL = {"BTC": (), "ETH": (), "SOL": ()}
END = houses.DAYS * 24
BAD = {
    "one market twice": (ALL, {"pooled_with": ("ETH", "BTCUSDT")}, "btc-usdt-perp is named twice"),
    "a market that is not stored": (ALL, {"pooled_with": ("BNB",)}, "bnb-usdt-perp"),
    "no common time": ({"BTC": (0, 2_000), "ETH": (2_500, 5_000)}, {"pooled_with": ("ETH",)},
        "btc-usdt-perp ends before eth-usdt-perp begins, so no time has both: leave one of them out"),
    "too few rows of one": (ALL | {"ETH": (3_000, 3_060)}, {}, "eth-usdt-perp has .. complete rows, at least 50"),
    "one that begins in the newest part": (ALL | {"SOL": (END - 900, END)}, {}, "no row of sol-usdt-perp is judged"),
    "columns that compare": (ALL, {"columns": (*COLUMNS, "cross.beta_168")}, "cross.beta_168 compare an instrument"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_what_no_honest_answer_comes_of_is_refused_and_leaves_nothing(bare, case):
    stored, changes, said = BAD[case]
    for asset, part in stored.items():
        store(bare, asset, *part)
    with pytest.raises(VigieError, match=said):
        train(bare, "majors", **{"columns": COLUMNS, "pooled_with": ("ETH", "SOL"), **changes})
    assert list(bare.learned_models.experiments()) == []


def test_instruments_are_told_apart_by_commas():
    assert split_instruments(" BTC, eth-usdt-perp,,SOL ") == ("BTC", ("eth-usdt-perp", "SOL"))
    assert split_instruments("BTC") == ("BTC", ())
    with pytest.raises(UsageError, match="instrument must look like BTC"):
        prepare_rows(None, replace(POOLED, instrument=split_instruments(" , ")[0], pooled_with=()))
