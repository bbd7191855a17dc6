"""A kind of model is judged on stored bars: one trial, blind to the newest fifth of time, told in a terminal."""

from __future__ import annotations

import json

import numpy as np
import pytest

from tests import houses
from tests.unit.services.backtest_material import command_line
from tests.unit.services.test_stored_funding import settle
from vigie.data.frames import to_bars, to_frame
from vigie.domain.errors import UsageError
from vigie.domain.ids import SeriesId
from vigie.research.learning import walking
from vigie.services.learning.evaluation_request import EvaluationRequest, stated_choices
from vigie.services.learning.fold_results import folding_of
from vigie.services.learning.model_evaluation import evaluate_model

pytest.importorskip("sklearn")
CHOSEN = ("price.return_24", "price.body", "cross.beta_168", "calendar.hour_sine")
ASKED = EvaluationRequest("BTC", venue=houses.VENUE, columns=CHOSEN, folds=4)


@pytest.fixture(scope="module")
def opened(tmp_path_factory):
    """Three assets, hourly, for 240 days."""
    return houses.house(tmp_path_factory.mktemp("evaluated"))


def evaluate(house, **changes):
    from dataclasses import replace

    return evaluate_model(house.data, house.results.trials, replace(ASKED, **changes))


def test_an_evaluation_is_the_same_again_and_one_trial_however_often(opened):
    first, again = evaluate(opened), evaluate(opened)
    assert first.skill == again.skill
    assert first.traded.returns.tolist() == again.traded.returns.tolist()
    assert first.columns == CHOSEN
    assert again.traded.verdict.trials == first.traded.verdict.trials
    assert evaluate(opened, kind="tree").traded.verdict.trials == first.traded.verdict.trials + 1
    # Other columns and other folds are other trials, too.
    assert evaluate(opened, columns=CHOSEN[:2]).traded.verdict.trials == first.traded.verdict.trials + 2
    assert first.request.instrument == "btc-usdt-perp"
    hours = houses.DAYS * 24
    # Open until 80 % of the time between the first complete row and the last.
    assert first.until_ms - first.from_ms == pytest.approx(0.8 * 0.7 * hours * 3_600_000, rel=0.05)


def test_every_fit_of_combinatorial_folds_is_a_trial_and_the_middle_path_is_shown(opened):
    before = evaluate(opened, kind="tree", horizon=12).traded.verdict.trials
    told = evaluate(opened, kind="tree", horizon=12, folding="combinatorial")
    # Four parts: six pairs, each judged by a fit of its own, three paths.
    assert told.traded.verdict.trials == before + 6
    assert told.trials_added == 6
    gains = [path.log_loss_gain for path in told.paths]
    assert len(gains) == 3
    assert gains == sorted(gains)
    assert told.skill.log_loss_gain == gains[1]
    assert len(told.traded.trades) == told.paths[1].trades
    # Judged again, it is no trial more; and walk-forward is what it was before there was a choice.
    assert (
        evaluate(opened, kind="tree", horizon=12, folding="combinatorial").traded.verdict.trials == before + 6
    )
    assert "folding" not in stated_choices(ASKED)
    with pytest.raises(UsageError, match="need 4 to 20 parts, were 2"):
        evaluate(opened, folds=2, folding="combinatorial")
    with pytest.raises(UsageError, match="folding must be walk_forward or combinatorial, was 'kfold'"):
        folding_of("kfold")


def test_columns_and_options_that_folds_choose_are_told_and_are_one_trial(opened):
    pytest.importorskip("optuna")
    before = evaluate(opened, kind="tree", horizon=18).traded.verdict.trials
    told = evaluate(opened, kind="tree", horizon=18, select=2, search=4)
    assert told.traded.verdict.trials == before + 1
    assert [choice.fold for choice in told.chosen] == [0, 1, 2, 3]
    for choice in told.chosen:
        assert len(choice.columns) == 2
        assert set(choice.columns) <= set(CHOSEN)
        assert set(choice.options) == {"depth", "leaf_share"}
    assert evaluate(opened, kind="tree", horizon=18).chosen == ()


def test_stored_funding_is_charged_and_counted(tmp_path, monkeypatch):
    """Every log-odds above the usual rate is traded, so that there is something to charge."""
    monkeypatch.setattr(walking, "_gain_line", lambda *_: (0.0, 0.0))
    house = houses.house(tmp_path)
    free = evaluate(house)
    assert free.settlements == 0
    assert len(free.traded.trades) > 0
    assert not free.traded.trades["funding"].any()
    settle(house)
    settle(house, "eth")
    charged = evaluate(house)
    assert charged.settlements == (houses.DAYS - 40) * 3
    # Charging changes what a trade costs, never whether it is made.
    assert charged.traded.trades["entry_ts"].tolist() == free.traded.trades["entry_ts"].tolist()
    paid = charged.traded.trades["funding"]
    sides = charged.traded.trades["side"]
    assert (paid[sides == 1] <= 0.0).all()
    assert (paid[sides == -1] >= 0.0).all()
    assert np.count_nonzero(paid) > 0
    assert charged.skill == free.skill


def test_the_newest_fifth_of_time_changes_nothing(opened, tmp_path):
    before = evaluate(opened)
    other = houses.house(tmp_path, with_bars=False)
    for asset in houses.ASSETS:
        series = SeriesId(houses.VENUE, f"{asset.lower()}-usdt-perp", "1h")
        bars = to_bars(opened.data.bars.read(series), series)
        for column in (bars.open, bars.high, bars.low, bars.close):
            column.flags.writeable = True
            column[round(0.81 * len(bars)) :] *= np.linspace(1.0, 1.5, len(bars) - round(0.81 * len(bars)))
        other.data.bars.upsert(series, to_frame(bars))
    after = evaluate(other)
    assert after.skill == before.skill
    assert after.traded.returns.tolist() == before.traded.returns.tolist()


def test_what_cannot_be_judged_is_told_with_a_cure(opened):
    with pytest.raises(
        UsageError, match="no kind of model 'logistics' for a direction; the nearest is logistic"
    ):
        evaluate(opened, kind="logistics")
    with pytest.raises(UsageError, match="no kind of model 'linear' for a direction"):
        evaluate(opened, kind="linear")
    with pytest.raises(UsageError, match="as long as a fold"):
        evaluate(opened, horizon=900)
    with pytest.raises(UsageError, match=r"nearest is price\.body"):
        evaluate(opened, columns=("price.bodi",))


def test_command_when_typed_then_folds_and_a_verdict(home, monkeypatch, capsys):
    houses.fill(home)
    vigie = command_line(monkeypatch, capsys)
    asked = (
        "model",
        "evaluate",
        "BTC",
        "--kind",
        "tree",
        "--importance",
        "--columns",
        ",".join(CHOSEN),
        "--folds",
        "4",
    )
    told = vigie(*asked)
    assert told.code == 0, told.err
    words = " ".join(told.out.split())
    assert "tree, direction of the next 24 bars" in words
    assert "against the usual rate" in words
    assert "The newest fifth of time is in no fold." in words
    assert "No funding is stored, so none is charged." in words
    assert "% of returns lay inside their interval (mean width" in words
    found = json.loads(vigie(*asked, "--json").out)
    assert 0.7 < found["coverage"]["returns"] <= 1.0
    assert len(found["skill"]["folds"]) == 4
    assert found["verdict"]["is_luck"] is True
    assert {one["name"] for one in found["importance"]} == set(CHOSEN)
    assert sum(year["trades"] for year in found["years"]) == found["trades"]
    assert "Folds worse" in words
    told = " ".join(vigie(*asked, "--folding", "combinatorial").out.split())
    assert "The history counts 6 trials more." in told
    assert "2 (above)" in told
    chosen = " ".join(vigie(*asked, "--select", "2").out.split())
    assert "Columns chosen" in chosen
    wrong = vigie("model", "evaluate", "BTC", "--kind", "oracle")
    assert wrong.code == 2
    assert "no kind of model 'oracle'" in wrong.err
