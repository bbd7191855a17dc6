"""Fitted models: files without code, the repository's rows in them, numpy's figures equal to the library's."""

from __future__ import annotations

import io
import sys
from importlib.resources import files

import numpy as np
import pytest
from benchmarks.news.judged import french_held
from benchmarks.news.measures import macro_f1
from benchmarks.news.train import cryptolin_rows, half_of_the_first

from vigie.domain.errors import DataError, UsageError
from vigie.intelligence.news.judging import fitting
from vigie.intelligence.news.judging.calibration import calibrate, expected_error, softmax
from vigie.intelligence.news.judging.fitting import (
    IN_FRENCH,
    Recipe,
    fit_french,
    fit_logits,
    fit_own,
    fit_sentiment,
    fit_topics,
    left_out_writers,
)
from vigie.intelligence.news.judging.linear_model import (
    SHIPPED,
    load_model,
    logits_of,
    save_model,
    shipped_model,
)
from vigie.intelligence.news.judging.rows import (
    REGULATION,
    SENTIMENTS,
    TOPICS,
    french_rows,
    read_rows,
    rows_digest,
    shipped_rows,
)
from vigie.intelligence.news.steps import sentiment

FEW = shipped_rows()[::12]
FRENCH = [row for row in (*shipped_rows(), *french_rows()) if row.language == "fr"]


def test_shipped_models_were_fitted_to_the_rows_of_the_repository():
    rows = shipped_rows()
    later = half_of_the_first()
    sentiment, topics = shipped_model("sentiment"), shipped_model("topics")
    assert (sentiment.about["rows"], sentiment.about["later"]["fr"]) == (
        rows_digest(rows),
        rows_digest(later),
    )
    assert topics.about["rows"] == rows_digest(row for row in rows if row.topics)
    assert shipped_model("sentiment_fr").about["rows"] == rows_digest(FRENCH)
    assert sentiment.labels == SENTIMENTS
    assert topics.labels == (*TOPICS, REGULATION)


def test_the_shipped_sentiment_is_what_the_command_would_fit_again():
    rows = shipped_rows()
    titles = [row.title for row in rows[::40]]
    again = fit_logits(rows, Recipe())(titles)
    # Weights are kept in sixteen bits.
    np.testing.assert_allclose(logits_of(shipped_model("sentiment"), titles), again, atol=0.02)
    titles = [row.title for row in FRENCH[::80]]
    again = fit_logits(FRENCH, IN_FRENCH)(titles)
    np.testing.assert_allclose(logits_of(shipped_model("sentiment_fr"), titles), again, atol=0.02)


def test_french_of_a_writer_whom_nothing_was_fitted_to_is_judged_as_well_as_the_figures_say():
    model = shipped_model("sentiment_fr")
    general = shipped_model("sentiment")
    for reader in (0, 1):
        titles, truth = french_held(reader)
        said = softmax(logits_of(model, titles) / model.temperature_of("fr"))
        assert macro_f1(truth, said.argmax(axis=1)) >= 0.70
        assert macro_f1(truth, logits_of(general, titles).argmax(axis=1)) < 0.63
        # The goal is 0.05.
        assert expected_error(said, truth) <= 0.0502


def test_a_writer_left_out_is_read_by_a_model_of_the_others():
    own, others = FRENCH[:150], [row for row in FRENCH if row.writer][::10]
    model = fit_french(own, others, "third")
    found = left_out_writers(own, others)
    assert list(found) == ["first", "second", "third"] == list(model.about["writers"])
    logits, truth = found["third"]
    assert len(logits) == len(truth) == sum(row.writer == "third" for row in others)
    assert model.temperature == pytest.approx(calibrate(logits, truth).heat)


@pytest.mark.shared
def test_the_shipped_sentiment_is_as_sure_as_it_is_right_on_headlines_that_nothing_was_set_on():
    model = shipped_model("sentiment")
    rows = cryptolin_rows(is_held_back=True)
    truth = np.array([SENTIMENTS.index(row.sentiments[0]) for row in rows])
    logits = logits_of(model, [row.title for row in rows])
    assert expected_error(softmax(logits / model.temperature_of("en")), truth) <= 0.05
    # The one that was shipped before, set on French headlines alone.
    assert expected_error(softmax(logits / model.temperature_of("fr")), truth) > 0.06
    tuned = cryptolin_rows(is_held_back=False)
    assert not {row.title for row in tuned} & {row.title for row in rows}
    assert model.about["later"]["en"] == rows_digest(tuned)
    assert model.about["calibration"]["en"]["error"] <= 0.05


def test_a_language_that_is_not_told_takes_the_more_careful_number():
    model = shipped_model("sentiment")
    text = "Exchange hacked, customer funds stolen"
    surest = {name: max(model.probabilities(text, name).values()) for name in ("", "en", "fr", "nl")}
    assert surest[""] == surest["nl"] == min(surest.values()) < max(surest.values())


def test_calibration_finds_the_number_that_made_logits_too_sure_and_is_measured_on_others():
    draw = np.random.default_rng(3)
    honest = draw.normal(0, 2, (4_000, 3))
    truth = np.array([draw.choice(3, p=row) for row in softmax(honest)])
    found = calibrate(honest * 2, truth)
    assert found.heat == pytest.approx(2.0, rel=0.06)
    assert found.error < 0.02 < expected_error(softmax(honest * 2), truth)
    assert expected_error(np.array([[1.0, 0, 0], [1.0, 0, 0]]), np.array([0, 1])) == 0.5


def test_the_shipped_models_are_read_where_the_library_is_missing(monkeypatch):
    for name in ["sklearn", *(one for one in sys.modules if one.startswith(("sklearn.", "scipy")))]:
        monkeypatch.setitem(sys.modules, name, None)
    for name in SHIPPED:
        model = load_model(
            files("vigie.intelligence.news.judging").joinpath("data", f"{name}.npz").read_bytes()
        )
        said = model.probabilities("SEC sues an exchange over its token")
        assert said == pytest.approx(shipped_model(name).probabilities("SEC sues an exchange over its token"))
    with pytest.raises(UsageError, match="scikit-learn"):
        fit_sentiment(FEW)


def test_a_saved_model_reads_as_the_library_does_and_is_the_same_bytes():
    model = fit_sentiment(FEW)
    data = save_model(model)
    assert data == save_model(fit_sentiment(FEW))
    titles = [row.title for row in shipped_rows()[1:200:9]] + ["", "?", "zzz qqq"]
    np.testing.assert_allclose(
        logits_of(load_model(data), titles), fit_logits(FEW, Recipe())(titles), atol=0.02
    )


def test_probabilities_are_probabilities():
    for text in ("Exchange hacked", "", "x" * 5000, "\u202e\x00 1234"):
        found = shipped_model("sentiment").probabilities(text)
        assert sum(found.values()) == pytest.approx(1.0)
        assert all(0.0 <= value <= 1.0 for value in shipped_model("topics").probabilities(text).values())


def test_topics_are_fitted_to_rows_that_have_them():
    model = fit_topics(FEW)
    assert model.about["count"] == sum(bool(row.topics) for row in FEW) < len(FEW)
    assert not model.is_exclusive


def test_what_is_no_model_is_refused():
    held = io.BytesIO()
    np.savez(held, head=np.array([{"a": 1}], dtype=object))
    for data in (b"", b"PK\x03\x04 no archive", held.getvalue(), save_model(fit_sentiment(FEW))[:-200]):
        with pytest.raises(DataError):
            load_model(data)


def test_a_users_labels_change_what_is_said_and_the_version_of_the_step(monkeypatch):
    # All rows take half a minute.
    monkeypatch.setattr(fitting, "shipped_rows", lambda: FEW)
    own = read_rows("title,sentiment\nRutabaga futures open,negative\nRutabaga fund closes,negative\n")
    text = "Rutabaga futures open"
    model = fit_own(own)
    assert (
        model.probabilities(text)["negative"]
        > shipped_model("sentiment").probabilities(text)["negative"] + 0.2
    )
    assert sentiment.make(load_model(save_model(model))).version > sentiment.make().version


def test_a_model_of_labels_without_french_ones_leaves_french_to_ours(monkeypatch):
    monkeypatch.setattr(fitting, "shipped_rows", lambda: FEW)
    monkeypatch.setattr(fitting, "french_rows", lambda: FRENCH[-20:])
    english = fit_own(read_rows("title,sentiment\nThe market of rutabaga futures is open,negative\n"))
    french = fit_own(read_rows("title,sentiment\nLe marché du rutabaga est ouvert à tous,negative\n"))
    assert sentiment.make(load_model(save_model(english))).french is shipped_model("sentiment_fr")
    own = load_model(save_model(french))
    assert sentiment.make(own).french is own
    assert french.about["count"] == english.about["count"] + 20
    # One that was fitted before this was asked reads everything, as it did.
    old = load_model(save_model(fit_sentiment(FEW)))
    assert sentiment.make(old).french is old
