"""A model is trained: judged, written, registered whole or not at all, and made anew with the same figures."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests import houses
from tests.unit.services.learning_material import ASKED, CHOSEN, train, training_home
from vigie.data.frames import to_bars, to_frame
from vigie.domain.errors import Conflict, DataError, NotFound, StorageError, UsageError
from vigie.domain.ids import SeriesId
from vigie.quant.models.network_weights import NetworkWeights
from vigie.services.learning import fit_identity, kept_folds, reproduction, training
from vigie.services.learning.evaluation_record import evaluation_record
from vigie.services.learning.fit_identity import code_identity
from vigie.services.learning.model_evaluation import evaluate_model
from vigie.services.learning.model_files import model_folder, read_stored_model
from vigie.services.learning.prepared_rows import prepare_rows
from vigie.services.learning.reproduction import reproduce_fit
from vigie.services.learning.training import find_fit

pytest.importorskip("sklearn")


@pytest.fixture(scope="module")
def trained_home(tmp_path_factory):
    """A home in which one model is trained; tests add others."""
    home = houses.house(tmp_path_factory.mktemp("trained"))
    return home, train(home)


@pytest.fixture
def fresh(tmp_path):
    return houses.house(tmp_path)


def files_of(house, name="btc_day"):
    folder = model_folder(house.home, name)
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_a_trained_model_is_what_an_evaluation_says_and_a_candidate(trained_home):
    house, made = trained_home
    told = evaluate_model(house.data, house.results.trials, ASKED, with_importance=True)
    assert made.fit.evaluation == evaluation_record(told)
    assert (made.model.stage, made.model.version, made.fit.owner) == ("candidate", 1, "u1")
    assert made.fit.figures.trades == len(told.traded.trades)
    assert made.fit.card["columns"] == list(CHOSEN)
    assert house.learned_models.experiment("btc_day").parameters["instrument"] == "btc-usdt-perp"


def test_its_files_score_as_it_was_fitted_and_the_newest_fifth_of_time_taught_nothing(trained_home):
    house, made = trained_home
    stored = read_stored_model(house.home, made.fit)
    prepared = prepare_rows(house.data, ASKED)
    assert stored.card.columns == prepared.rows.columns
    odds = stored.log_odds(prepared.rows.values)
    assert np.isfinite(odds).all()
    taught = stored.card.learned_from
    hours = houses.DAYS * 24
    assert taught.until_ms - taught.from_ms == pytest.approx(0.8 * hours * 3_600_000, rel=0.05)
    assert taught.until_ms == made.fit.evaluation["until_ms"]


def test_the_same_name_is_the_next_version_however_its_market_is_spelled(trained_home):
    house, made = trained_home
    again = train(house, instrument="BTCUSDT")
    assert again.fit.version == made.fit.version + 1
    assert again.fit.files[1].sha256 == made.fit.files[1].sha256  # the numbers
    assert again.fit.data == made.fit.data
    with pytest.raises(Conflict, match="trained with another kind, horizon"):
        train(house, kind="logistic", horizon=12)
    with pytest.raises(UsageError, match="2 to 40 lower-case letters"):
        train(house, name="../BTC")


def test_a_fit_comes_out_again_though_the_history_was_tried_and_grew(trained_home):
    house, _made = trained_home
    evaluate_model(house.data, house.results.trials, replace(ASKED, horizon=6))
    found = reproduce_fit(training_home(house), "btc_day", 1)
    assert found.is_equal
    assert not found.data
    assert not found.code


def test_other_libraries_and_sources_are_named_in_what_differs(trained_home, monkeypatch):
    house, _made = trained_home
    other = {**code_identity(), "scikit-learn": "0.1", "sources": "0" * 64}
    monkeypatch.setattr(reproduction, "code_identity", lambda: other)
    found = reproduce_fit(training_home(house), "btc_day", 1)
    assert {(one.what, one.now) for one in found.code} == {
        ("code scikit-learn", "0.1"),
        ("code sources", "0" * 64),
    }


def test_a_changed_source_that_learns_changes_the_fingerprint_and_one_that_shows_does_not(
    tmp_path, monkeypatch
):
    monkeypatch.setattr(fit_identity, "__file__", str(tmp_path / "services" / "learning" / "one.py"))
    told = []
    for place, text in (("quant", "a"), ("quant", "b"), ("views", "c"), ("data", "d")):
        path = tmp_path / place / "part.py"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
        told.append(fit_identity.code_identity.__wrapped__())
    first, changed, shown, read = (one["sources"] for one in told)
    assert first != changed
    assert changed == shown
    assert shown != read
    assert {"vigie", "python", "machine", "numpy", "numba", "scikit-learn", "lightgbm", "optuna"} <= told[
        0
    ].keys()


def test_a_fit_of_bars_that_finer_ones_make_comes_out_again(fresh):
    # Only hours are stored: its last bar of two hours needs both.
    train(fresh, "btc_two", timeframe="2h")
    found = reproduce_fit(training_home(fresh), "btc_two")
    assert found.data == ()
    assert found.is_equal


def test_changed_bars_are_named_in_what_differs(fresh):
    made = train(fresh)
    series = SeriesId(houses.VENUE, "btc-usdt-perp", "1h")
    bars = to_bars(fresh.data.bars.read(series), series)
    bars.close.flags.writeable = True
    bars.close[300] *= 1.0001
    fresh.data.bars.upsert(series, to_frame(bars))
    found = reproduce_fit(training_home(fresh), "btc_day", made.fit.version)
    assert {"data bars", "data outcomes", "data price.body"} <= {one.what for one in found.data}
    assert "data calendar.hour_sine" not in {one.what for one in found.data}


def test_a_registered_model_that_its_data_does_not_give_again_is_named(fresh):
    fitted = training.fit_before
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            training, "fit_before",
            lambda *rows, seed, **given: replace(fitted(*rows, seed=seed + 1, **given), long_from=0.25),
        )  # fmt: skip
        train(fresh)
    found = reproduce_fit(training_home(fresh), "btc_day")
    assert not found.is_equal
    assert {"model numbers", "model score long_from"} <= {one.what for one in found.figures}
    assert not [one for one in found.figures if one.what.startswith("figures")]


@pytest.mark.parametrize("kind", ["tree", "network"])
def test_a_training_that_is_stopped_goes_on_after_its_last_whole_fold(fresh, monkeypatch, kind):
    class Stopped(Exception):
        pass

    def stop(share, now):
        if now == "fold 3 of 4":
            raise Stopped

    with pytest.raises(Stopped):
        train(fresh, tell=stop, kind=kind)
    assert list(fresh.learned_models.fits()) == []
    fitted = []
    monkeypatch.setattr(kept_folds.KeptFolds, "keep", lambda keeper, fit: fitted.append(fit.fold.number))
    made = train(fresh, kind=kind)
    assert fitted == [2, 3]
    monkeypatch.undo()
    asked = replace(ASKED, kind=kind)
    whole = evaluate_model(fresh.data, fresh.results.trials, asked, with_importance=True)
    assert made.fit.evaluation == evaluation_record(whole)
    assert files_of(fresh) == ["1/card.json", "1/model.npz"]


def test_what_folds_chose_is_kept_with_them(fresh):
    pytest.importorskip("optuna")
    choices = {"select": 2, "search": 3}

    def stop(share, now):
        if now == "fold 4 of 4":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(fresh, tell=stop, **choices)
    resumed, whole = train(fresh, **choices), train(fresh, name="whole", **choices)
    assert [len(choice.columns) for choice in resumed.told.chosen] == [2] * 4
    assert resumed.told.chosen == whole.told.chosen
    assert resumed.fit.evaluation["chosen"] == whole.fit.evaluation["chosen"]


def test_folds_of_other_bars_or_damaged_ones_are_learned_again(fresh):
    stopped = []

    def stop(share, now):
        stopped.append(now)
        if now == "fold 3 of 4":
            raise StorageError("disk_full", "no room")

    with pytest.raises(StorageError):
        train(fresh, tell=stop)
    (kept,) = model_folder(fresh.home, "btc_day").glob(".folds-*")
    (kept / "0.npz").write_bytes(b"PK damaged")
    (kept / "1.json").write_bytes(b"{}")
    made = train(fresh)
    whole = evaluate_model(fresh.data, fresh.results.trials, ASKED, with_importance=True)
    assert made.fit.evaluation == evaluation_record(whole)


@pytest.mark.parametrize(
    "moment", ["computing columns", "fold 2 of 4", "fitting on all that is open", "writing"]
)
def test_wherever_it_ends_nothing_is_half_registered(fresh, moment):
    class Killed(BaseException):
        pass

    def kill(share, now):
        if now == moment:
            raise Killed

    with pytest.raises(Killed):
        train(fresh, tell=kill)
    assert list(fresh.learned_models.experiments()) == list(fresh.learned_models.fits()) == []
    assert [name for name in files_of(fresh) if name.startswith("1/")] == []
    assert train(fresh).fit.version == 1


def test_a_full_disk_leaves_no_entry_and_the_next_try_takes_the_same_version(fresh):
    parts = training_home(fresh)

    def write(folder, contents):
        if folder.name == "1":
            raise StorageError("disk_full", "no room is left")
        fresh.results.write(folder, contents)

    full = replace(parts, results=replace(fresh.results, write=write))
    with pytest.raises(StorageError):
        training.train_model(full, "btc_day", ASKED, owner="u1")
    assert list(fresh.learned_models.models()) == []
    assert train(fresh).fit.version == 1


def test_files_that_are_not_the_ones_written_are_refused_with_a_cure(fresh):
    made = train(fresh)
    folder = model_folder(fresh.home, "btc_day", 1)
    for name in ("card.json", "model.npz"):
        good = (folder / name).read_bytes()
        for wrong in (b"", good[:-1] + bytes([good[-1] ^ 1]), good + b" "):
            (folder / name).write_bytes(wrong)
            with pytest.raises(
                DataError, match=f"{name} of btc_day 1 is not the file that its training wrote"
            ):
                read_stored_model(fresh.home, made.fit)
        (folder / name).unlink()
        with pytest.raises(NotFound, match=f"{name} of btc_day 1 is missing: restore it"):
            read_stored_model(fresh.home, made.fit)
        (folder / name).write_bytes(good)
    read_stored_model(fresh.home, made.fit)


def test_what_only_its_library_scores_is_kept_as_numbers_and_is_no_strategy(fresh):
    made = train(fresh, name="net", kind="network")
    assert [file.name for file in made.fit.files] == ["card.json", "model.npz"]
    assert isinstance(read_stored_model(fresh.home, made.fit).scorer, NetworkWeights)
    assert reproduce_fit(training_home(fresh), "net").is_equal


def test_a_model_that_is_not_there_is_told_with_the_nearest(trained_home):
    house, _ = trained_home
    models = house.learned_models
    with pytest.raises(NotFound, match="no model 'btc_dey'; the nearest is btc_day"):
        find_fit(models, "btc_dey")
    with pytest.raises(NotFound, match="btc_day has versions 1 to"):
        find_fit(models, "btc_day", 99)


def test_two_trainings_of_one_name_do_not_run_at_once(fresh):
    with (
        fresh.results.hold(model_folder(fresh.home, "btc_day")),
        pytest.raises(UsageError, match="btc_day is being trained by another process"),
    ):
        train(fresh)
