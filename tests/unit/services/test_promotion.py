"""A model rises by its gates alone: it opens the newest part once, decides in the shadow, trades as judged."""

from __future__ import annotations

import shutil
from dataclasses import replace

import numpy as np
import pytest

from tests import houses
from tests.houses import person
from tests.unit.services.learning_material import (
    ASKED,
    END,
    START,
    Hand,
    trading_either_side,
    train,
    training_home,
)
from vigie.data.frames import to_bars, to_frame
from vigie.domain.account import AccountSettings, Costs
from vigie.domain.errors import Conflict, DataError, Forbidden, NotFound, StorageError, UsageError
from vigie.domain.ids import SeriesId
from vigie.domain.learned import ShadowDecision
from vigie.domain.time import HOUR_MS
from vigie.quant.models.calibration import log_losses, probabilities
from vigie.research.learning.folds import newest_fold
from vigie.research.learning.odds_trading import trade_odds, trade_terms
from vigie.research.learning.walking import walk
from vigie.services.learning import promotion
from vigie.services.learning.account_models import refuse_early_models
from vigie.services.learning.gates import Gates
from vigie.services.learning.model_files import StoredModel, model_folder, read_stored_model
from vigie.services.learning.prepared_rows import judged_series, prepare_rows
from vigie.services.learning.promotion import (
    demote_model,
    promote_model,
)
from vigie.services.learning.shadow import ShadowFollower
from vigie.services.learning.training import TrainedModel, find_model
from vigie.services.operation_calls import run_operation
from vigie.services.runs.backtest import plan_slots, run_backtest
from vigie.services.runs.backtest_request import BacktestRequest, SlotRequest
from vigie.trading.catalogue import load, load_file

pytest.importorskip("sklearn")
# Every row is traded by one side or the other, so that there is something to see.
COLUMNS = ("price.return_24", "price.body", "calendar.hour_sine", "news.sentiment")
OWN = COLUMNS[:3]
SERIES = SeriesId(houses.VENUE, "btc-usdt-perp", "1h")


@pytest.fixture
def hand():
    return Hand()


@pytest.fixture
def house(tmp_path, hand):
    return houses.house(tmp_path, clock=hand)


def trading_model(house, name="btc_day", columns=OWN, **figures) -> TrainedModel:
    """A registered model that trades."""
    with trading_either_side():
        made = train(house, name, columns=columns, kind="logistic")
    if not figures:
        return made
    # The same files under the next version, with other figures: what gates read of a better market.
    better = replace(made.fit, version=made.fit.version + 1, figures=replace(made.fit.figures, **figures))
    folder = model_folder(house.home, name)
    shutil.copytree(folder / str(made.fit.version), folder / str(better.version))
    model = house.learned_models.add(house.learned_models.experiment(name), better)
    return replace(made, fit=better, model=model)


def renamed(strategy, name):
    return replace(strategy, name=name)


def promote(house, name="btc_day", **given):
    parts = training_home(house)
    return promote_model(parts, house.audit, "u1", find_model(parts.models, name), **given)


def take_back(house, version=None):
    parts = training_home(house)
    return demote_model(parts, house.audit, "u1", find_model(parts.models, "btc_day", version), "candidate")


def test_what_is_opened_is_judged_by_the_registered_model_itself(house):
    made = trading_model(house)
    stored = read_stored_model(house.home, made.fit)
    prepared = prepare_rows(house.data, replace(ASKED, columns=OWN, kind="logistic"))
    newest = newest_fold(prepared.rows, 4, embargo_ms=prepared.embargo_ms)
    odds = stored.log_odds(prepared.rows.values)[newest.judged]
    series, tried = judged_series(prepared, newest.judged), house.results.trials
    before = tried.count(series).variants
    told = promote(house).opening.figures
    # The look is a trial of the history, wherever the model was fitted.
    assert tried.count(series).variants == before + 1
    # Made anew without its own thresholds it would not trade at all.
    assert told.trades > 10
    said, target = probabilities(odds), prepared.rows.target[newest.judged]
    usual = probabilities(np.full(len(odds), stored.card.score.usual))
    gain = log_losses(usual, target).mean() - log_losses(said, target).mean()
    assert told.log_loss_gain == pytest.approx(gain, abs=1e-12)


def test_a_yardstick_that_reads_outcomes_is_no_strategy_of_columns(house):
    made = train(house, "drifting", columns=OWN[:2], kind="drift")
    assert [file.name for file in made.fit.files] == ["card.json"]
    with pytest.raises(NotFound, match="drifting 1 kept no numbers: it is a yardstick"):
        promote(house, "drifting")


def test_a_file_of_a_persons_own_is_neither_replaced_by_a_promotion_nor_by_a_changed_one(house):
    trading_model(house)
    path = house.results.strategies / "model_btc_day.py"
    path.parent.mkdir()
    path.write_text("mine = 1")
    with pytest.raises(Conflict, match=r"model_btc_day\.py stands among the strategies already"):
        promote(house)
    assert path.read_text() == "mine = 1"
    path.unlink()
    written = model_folder(house.home, "btc_day", 1) / "strategy.py"
    good = written.read_bytes()
    written.write_bytes(good + b"import os")
    with pytest.raises(DataError, match=r"strategy\.py of btc_day 1 is not the file that its training wrote"):
        promote(house)
    assert not path.exists()
    assert house.learned_models.models("btc_day")[0].opening is None
    written.write_bytes(good)
    assert promote(house).stage == "shadow"
    # Taken back, what somebody made of the file stays theirs: only what the training wrote goes.
    path.write_text("mine = 2")
    take_back(house)
    assert path.read_text() == "mine = 2"


def test_closes_at_which_nothing_could_be_said_are_none(house, hand):
    made = trading_model(house, is_luck=False, trades=150)
    promote(house)
    for number in range(200):
        said = ShadowDecision(START + number * HOUR_MS, 0, None, "0" * 16)
        house.learned_models.note_shadow("btc_day", made.fit.version, said)
    with pytest.raises(UsageError, match="closes of btc-usdt-perp in the shadow: 0, 200 needed"):
        promote(house)
    follow(house, hand, 200)
    assert promote(house).stage == "paper"


def test_the_first_promotion_opens_the_newest_part_and_counts_each_look_of_the_family(house):
    trading_model(house)
    trading_model(house, name="other")
    first = promote(house)
    assert (first.stage, first.opening.look) == ("shadow", 1)
    assert first.opening.family == "binance-perp btc-usdt-perp 1h direction 24"
    assert first.opening.figures.rows > 500
    assert promote(house, "other").opening.look == 2
    take_back(house)
    assert not (house.results.strategies / "model_btc_day.py").exists()
    # What was opened stays opened: the same model is not judged anew, and its look does not grow.
    assert promote(house).opening == first.opening
    moved = [event.text for event in house.audit.after(0, kinds=["model.moved"])]
    assert [one["to"] for one in moved] == ["shadow", "shadow", "candidate", "shadow"]


def test_a_model_of_columns_that_accounts_lack_stays_a_candidate_and_opens_nothing(house, monkeypatch):
    made = trading_model(house)
    stored = read_stored_model(house.home, made.fit)
    columns = ("derivatives.paid_funding", *stored.card.columns)
    lacking = StoredModel(stored.scorer, stored.card.model_copy(update={"columns": columns}))
    monkeypatch.setattr(promotion, "read_stored_model", lambda home, fit: lacking)
    with pytest.raises(UsageError, match=r"btc_day reads derivatives\.paid_funding, which an account"):
        promote(house)
    model = find_model(house.learned_models, "btc_day")
    assert (model.stage, model.opening) == ("candidate", None)
    assert not (house.results.strategies / "model_btc_day.py").exists()


def test_a_full_disk_promotes_nothing_and_the_next_try_does(house):
    trading_model(house)
    parts = training_home(house)

    def write(folder, contents):
        raise StorageError("disk_full", "no room is left")

    full = replace(parts, results=replace(house.results, write=write))
    with pytest.raises(StorageError):
        promote_model(full, house.audit, "u1", find_model(parts.models, "btc_day"))
    model = find_model(parts.models, "btc_day")
    assert (model.stage, model.opening) == ("candidate", None)
    assert not list(house.results.strategies.glob("*.py"))
    assert not [program for program in house.programs.list_programs() if program.is_allowed]
    assert [event for event in house.audit.after(0) if event.kind == "model.moved"] == []
    assert promote(house).stage == "shadow"


def test_a_model_without_thresholds_stays_a_candidate(house):
    train(house, "calm", columns=OWN, kind="base_rate")
    with pytest.raises(UsageError, match="calm 1 never trades"):
        promote(house, "calm")
    assert {one.stage for one in house.learned_models.models()} == {"candidate"}


def test_its_strategy_trades_what_the_fill_model_traded_of_its_odds(house):
    made = trading_model(house)
    promote(house)
    stored = read_stored_model(house.home, made.fit)
    request = replace(ASKED, columns=OWN, kind="logistic")
    prepared = prepare_rows(house.data, request)
    newest = newest_fold(prepared.rows, 4, embargo_ms=prepared.embargo_ms)
    walked = walk(prepared.rows, prepared.kind, (newest,), seed=0)
    odds = stored.log_odds(prepared.rows.values)
    assert np.array_equal(odds[newest.judged], walked.log_odds[newest.judged])
    walked = replace(
        walked,
        is_long=(odds >= stored.card.score.long_from) & ~np.isnan(walked.log_odds),
        is_short=(odds <= stored.card.score.short_from) & ~np.isnan(walked.log_odds),
    )
    outcome = trade_odds(prepared.rows, walked, prepared.slots, trials=1, seed=0).outcomes[0]
    first = int(prepared.rows.ts[newest.judged[0]]) - HOUR_MS
    asked = BacktestRequest(
        slots=(SlotRequest("BTC", "1h", "model_btc_day"),), venue=houses.VENUE, start_ms=first, warmup_bars=2_000,
        account=AccountSettings("isolated", Costs(), trade_terms(24)),
        own_strategies=house.results.strategies,
    )  # fmt: skip
    trades = run_backtest(house.data, asked).slots[0].trades
    assert len(outcome.trades) > 10
    shared = outcome.trades["exit_ts"] < int(prepared.rows.ts[newest.judged[-1]])
    assert trades["entry_ts"][: shared.sum()].tolist() == outcome.trades["entry_ts"][shared].tolist()
    assert trades["exit_ts"][: shared.sum()].tolist() == outcome.trades["exit_ts"][shared].tolist()
    assert plan_slots(house.data, asked)[0].strategy.title.startswith(
        "btc_day 1: direction of the next 24 bars"
    )


def follow(house, hand, closes: int) -> ShadowFollower:
    """Let the shadow decide at so many closes, the last ones that are stored."""
    said: list[str] = []
    follower = ShadowFollower(training_home(house), house.jobs, said.append)
    for number in range(closes):
        hand.now = END - (closes - 1 - number) * HOUR_MS + 1_000
        follower.follow_once()
        follower.follow_once()
    assert said == []
    return follower


def test_effects_are_computed_for_the_decided_bar_alone(house, hand, monkeypatch):
    trading_model(house)
    promote(house)
    asked, effects = [], StoredModel.largest_effects

    def counted(stored, row, most=5):
        asked.append(row.shape)
        return effects(stored, row, most)

    monkeypatch.setattr(StoredModel, "largest_effects", counted)
    follow(house, hand, 2)
    assert asked == [(len(OWN),)] * len(list(house.learned_models.shadow("btc_day", 1)))
    assert asked


def test_gates_are_told_all_at_once_and_none_is_skipped(house, hand):
    trading_model(house)
    promote(house)
    follow(house, hand, 3)
    with pytest.raises(
        UsageError,
        match=r"btc_day 1 stays at shadow: .* closes of btc-usdt-perp in the shadow: 3, 200 needed",
    ) as told:
        promote(house)
    assert "cannot be told from luck" in str(told.value)
    for looser in ({"trades": 99}, {"closes": 199}):
        with pytest.raises(UsageError, match="gates can be tightened only"):
            Gates(**looser)
    assert house.learned_models.models("btc_day")[0].stage == "shadow"


def test_fewer_trades_than_needed_hold_a_model_back_whatever_else_it_has(house):
    trading_model(house, is_luck=False, trades=7)
    # Those of the newest part of time count, too.
    newest = promote(house).opening.figures.trades
    assert 0 < newest < 93
    # The first figure is the one that the model's page shows.
    said = f"trades out of sample: 7, on the newest fifth of time: {newest}; "
    with pytest.raises(UsageError, match=f"{said}100 needed together") as told:
        promote(house)
    assert "luck" not in str(told.value)
    with pytest.raises(UsageError, match=f"{said}101 needed together"):
        promote(house, gates=Gates(trades=101))


def test_after_200_equal_closes_a_model_that_is_no_luck_goes_on_paper_and_no_further_than_demo(house, hand):
    trading_model(house, is_luck=False, trades=150)
    promote(house)
    follow(house, hand, 200)
    kept = house.learned_models.shadow("btc_day", 2)
    assert len(kept) == 200
    assert len({one.ts_bar for one in kept}) == 200
    assert all(one.log_odds is not None for one in kept)
    with pytest.raises(UsageError, match="closes of btc-usdt-perp in the shadow: 200, 201 needed"):
        promote(house, gates=Gates(closes=201))
    assert promote(house).stage == "paper"
    assert promote(house).stage == "demo"
    with pytest.raises(UsageError, match="is at demo; real money has switches of its own"):
        promote(house)


def test_a_replay_that_says_something_else_holds_a_model_back_by_the_bar(house, hand, monkeypatch):
    trading_model(house, is_luck=False, trades=150)
    promote(house)
    follow(house, hand, 200)
    kept = house.learned_models.shadow("btc_day", 2)
    kept[50] = replace(kept[50], log_odds=kept[50].log_odds + 0.5)
    monkeypatch.setattr(type(house.learned_models), "shadow", lambda *_, **__: kept)
    with pytest.raises(
        UsageError, match=r"of the bar of btc-usdt-perp at .* it says something else now than"
    ):
        promote(house)


def test_closes_of_bars_that_were_corrected_since_do_not_count(house, hand):
    trading_model(house, is_luck=False, trades=150)
    promote(house)
    follow(house, hand, 200)
    changed = house.learned_models.shadow("btc_day", 2)[-1]
    bars = to_bars(house.data.bars.read(SERIES), SERIES)
    at = int(np.searchsorted(bars.ts, changed.ts_bar))
    bars.close.flags.writeable = True
    bars.close[at] = bars.high[at]
    house.data.bars.upsert(SERIES, to_frame(bars))
    with pytest.raises(UsageError) as refused:
        promote(house)
    said = str(refused.value)
    assert "closes of btc-usdt-perp in the shadow: 199, 200 needed" in said
    assert (
        "closes of btc-usdt-perp that say something else and do not count, as bars were corrected since: 1"
        in said
    )
    assert "it says something else now" not in said
    # Those before the corrected bar are what they were, and one more close makes 200.
    follow(house, hand, 201)
    assert promote(house).stage == "paper"


def test_what_a_model_may_trade_is_bound_to_its_stage_and_its_file(house, hand):
    parts = training_home(house)
    trading_model(house, is_luck=False, trades=150)
    refuse_early_models(
        parts.models, [load("ema_cross"), renamed(load("ema_cross"), "model_of_my_own")], "paper"
    )
    path = house.results.strategies / "model_btc_day.py"
    path.parent.mkdir()
    path.write_bytes((model_folder(house.home, "btc_day", 2) / "strategy.py").read_bytes())
    with pytest.raises(
        UsageError, match="model_btc_day is at the stage candidate and may not trade at paper yet"
    ):
        refuse_early_models(parts.models, [load_file(path)], "paper")
    copied = path.with_name("my_own.py")
    copied.write_bytes(path.read_bytes())
    with pytest.raises(UsageError, match="my_own is at the stage candidate and may not trade at paper yet"):
        refuse_early_models(parts.models, [load_file(copied)], "paper")
    promote(house)
    follow(house, hand, 200)
    promote(house)
    refuse_early_models(parts.models, [load_file(path), load_file(copied)], "paper")
    with pytest.raises(UsageError, match="may not trade at demo yet"):
        refuse_early_models(parts.models, [load_file(copied)], "demo")
    with pytest.raises(UsageError, match="may not trade at live yet"):
        refuse_early_models(parts.models, [load_file(copied)], "live")
    promote(house)
    refuse_early_models(parts.models, [load_file(path)], "live")
    path.write_text(path.read_text().replace("0.0, or_equal", "-9.0, or_equal"))
    with pytest.raises(
        UsageError, match=r"model_btc_day\.py is not the file of btc_day 2: take the model back"
    ):
        refuse_early_models(parts.models, [load_file(path)], "paper")


def test_another_version_waits_until_the_first_is_taken_back(house):
    trading_model(house)
    promote(house)
    trading_model(house)
    with pytest.raises(Conflict, match="btc_day 1 stands above candidate"):
        promote(house)
    take_back(house, 1)
    assert promote(house).version == 2


def test_a_shadow_without_its_bar_or_with_another_file_says_so_and_goes_on(house, hand):
    trading_model(house)
    promote(house)
    said: list[str] = []
    follower = ShadowFollower(training_home(house), house.jobs, said.append)
    hand.now += 5 * HOUR_MS
    assert follower.follow_once() == 0
    assert said == []
    hand.now -= 5 * HOUR_MS
    path = house.results.strategies / "model_btc_day.py"
    good = path.read_bytes()
    path.write_bytes(good + b"\n")
    assert follower.follow_once() == follower.follow_once() == 0
    assert len(said) == 1
    assert "model_btc_day.py is not the file of btc_day 1" in said[0]
    path.write_bytes(good)
    assert follower.follow_once() == 1


def test_operations_need_the_right_of_the_stage(house, hand):
    trading_model(house, is_luck=False, trades=150)
    writer = replace(person("writer"), scopes=frozenset({"read", "write"}))
    told = run_operation(house, writer, "models.promote", {"name": "btc_day"})
    assert (told.stage, told.look) == ("shadow", 1)
    follow(house, hand, 200)
    with pytest.raises(Forbidden, match="the stage paper needs the right to trade"):
        run_operation(house, writer, "models.promote", {"name": "btc_day"})
    assert run_operation(house, person("trader"), "models.promote", {"name": "btc_day"}).stage == "paper"
    with pytest.raises(Forbidden):
        run_operation(house, writer, "models.demote", {"name": "btc_day"})
    back = run_operation(house, person("trader"), "models.demote", {"name": "btc_day", "stage": "shadow"})
    assert back.stage == "shadow"
    with pytest.raises(UsageError, match="can be taken back to an earlier stage only"):
        run_operation(house, person("trader"), "models.demote", {"name": "btc_day", "stage": "paper"})


def test_a_right_that_was_checked_for_one_stage_brings_nobody_to_the_next(house, hand):
    """Of two orders to the shadow by who may not trade, the second went on to paper."""
    trading_model(house, is_luck=False, trades=150)
    promote(house)
    follow(house, hand, 200)
    parts, read = training_home(house), take_back(house)
    promote_model(parts, house.audit, "writer", read)
    with pytest.raises(Conflict, match="btc_day 2 came to another stage meanwhile"):
        promote_model(parts, house.audit, "writer", read)
    assert house.learned_models.models("btc_day")[1].stage == "shadow"


def test_what_is_noted_of_a_bar_without_known_columns_has_no_odds(house, hand):
    made = trading_model(house)
    promote(house)
    hand.now = START + 10 * HOUR_MS
    follower = ShadowFollower(training_home(house), house.jobs)
    assert follower.follow_once() == 1
    (said,) = house.learned_models.shadow("btc_day", made.fit.version)
    assert said == ShadowDecision(START + 9 * HOUR_MS, 0, None, said.bars)


def test_what_combinatorial_folds_say_passes_no_gate(house):
    made = train(house, columns=OWN, kind="logistic", folding="combinatorial")
    shadow = house.learned_models.move(made.model, "shadow")
    with pytest.raises(UsageError, match="its combinatorial fits know what came after what they judge"):
        promote_model(training_home(house), house.audit, "u1", shadow)
