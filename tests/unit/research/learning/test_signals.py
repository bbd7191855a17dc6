"""A rule's signals are judged one by one: what a model lets through is traded as the rule trades it, nothing else."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests import houses
from vigie.domain.errors import UsageError
from vigie.domain.state import LONG_ENTRY, SHORT_ENTRY
from vigie.engine.backtest import run_slot
from vigie.engine.barrier_walk import walk_barriers
from vigie.quant.models import registry
from vigie.research.learning.asset_rows import signal_outcomes
from vigie.research.learning.odds_trading import trade_odds
from vigie.research.learning.walking import walk
from vigie.services.learning.evaluation_request import EvaluationRequest
from vigie.services.learning.model_evaluation import evaluate_model
from vigie.services.learning.prepared_rows import prepare_rows

pytest.importorskip("sklearn")
COLUMNS = ("price.return_24", "price.body", "calendar.hour_sine")
ASKED = EvaluationRequest(
    "BTC", venue=houses.VENUE, kind="logistic", columns=COLUMNS, folds=2, rule="macd_cross", horizon=48
)
ENTRIES = LONG_ENTRY | SHORT_ENTRY


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    return houses.house(tmp_path_factory.mktemp("signals"))


@pytest.fixture(scope="module")
def prepared(house):
    return prepare_rows(house.data, ASKED)


def test_rows_are_the_signals_whose_trades_have_ended_each_with_whether_it_reached_its_target(prepared):
    rows, slot = prepared.rows, prepared.slots[0]
    assert len(rows) > 200
    assert np.all(slot.flags[rows.bars] & ENTRIES)
    sides = np.where(slot.flags & LONG_ENTRY, 1, 0) - np.where(slot.flags & SHORT_ENTRY, 1, 0)
    trades = walk_barriers(
        slot.bars, sides, slot.stop_unit, slot.versions, terms=slot.sizing, costs=slot.costs
    )
    reached = trades.exit[rows.bars] * sides[rows.bars] > trades.entry[rows.bars] * sides[rows.bars]
    assert np.all(reached[rows.target == 1.0])
    assert 0.1 < rows.target.mean() < 0.9
    made = trades.gross[rows.bars] - 2.0 * slot.costs.taker
    assert rows.gains[:, 0].tolist() == made.tolist()
    assert np.isnan(rows.gains[:, 1]).all()


def test_a_model_that_lets_everything_through_trades_as_the_rule_and_none_that_lets_nothing(prepared):
    walked = walk(prepared.rows, registry()["logistic"], prepared.folds, seed=0)
    judged = ~np.isnan(walked.log_odds)
    everything = replace(walked, is_long=judged, is_short=np.zeros_like(judged))

    def traded(said):
        return trade_odds(prepared.rows, said, prepared.slots, trials=1, seed=0, is_filter=True).outcomes[0]

    first, last = (int(prepared.rows.bars[judged][place]) for place in (0, -1))
    slot, stop = prepared.slots[0], last + 1
    cut = replace(
        slot, first=first, bars=slot.bars.slice(0, stop), flags=slot.flags[:stop],
        stop_unit=slot.stop_unit[:stop].copy(), target_unit=slot.target_unit[:stop].copy(),
    )  # fmt: skip
    rule = run_slot(cut).trades
    ours = traded(everything).trades
    ended = rule["exit_bar"] < last
    assert ended.sum() > 30
    assert ours["entry_bar"][: ended.sum()].tolist() == rule["entry_bar"][ended].tolist()
    assert ours["pnl"][: ended.sum()].tolist() == rule["pnl"][ended].tolist()
    assert len(traded(replace(everything, is_long=np.zeros_like(judged))).trades) == 0


def test_what_is_let_through_is_a_signal_of_the_rule_that_reached_the_threshold(prepared):
    walked = walk(prepared.rows, registry()["logistic"], prepared.folds, seed=0)
    some = replace(walked, is_long=walked.log_odds > np.nanmedian(walked.log_odds))
    trades = trade_odds(prepared.rows, some, prepared.slots, trials=1, seed=0, is_filter=True).trades
    allowed = set((prepared.rows.bars[some.is_long] + 1).tolist())
    assert len(trades) > 10
    assert set(trades["entry_bar"].tolist()) <= allowed


def test_an_evaluation_of_signals_is_a_trial_of_its_own(house):
    told = evaluate_model(house.data, house.results.trials, ASKED)
    other = evaluate_model(house.data, house.results.trials, replace(ASKED, horizon=24))
    assert other.traded.verdict.trials == told.traded.verdict.trials + 1
    assert told.rows < 2_000


def test_a_rule_that_cannot_be_judged_so_is_refused(house, prepared):
    with pytest.raises(UsageError, match="no shipped strategy 'macd'; the nearest is macd_cross"):
        prepare_rows(house.data, replace(ASKED, rule="macd"))
    apart = replace(prepared.slots[0], target_unit=prepared.slots[0].target_unit * 2.0)
    with pytest.raises(UsageError, match="measures stop and target in different units"):
        signal_outcomes(apart, {}, 24)
