"""`vigie model`: train, list, show, compare, reproduce, in the terminal and as JSON."""

from __future__ import annotations

import json
from types import SimpleNamespace

import pytest

from tests import houses
from tests.unit.services.backtest_material import command_line
from tests.unit.services.learning_material import CHOSEN
from tests.unit.services.test_promotion import trading_model
from vigie.domain.ids import SeriesId
from vigie.services.learning.reproduction import FitDifference, Reproduction
from vigie.views.cli.model_tables import print_reproduction
from vigie.views.cli.model_words import ModelWriter
from vigie.wiring.app_context import open_app_context

pytest.importorskip("sklearn")
HOW = ("--kind", "tree", "--columns", ",".join(CHOSEN), "--folds", "4")


@pytest.fixture
def vigie(home, monkeypatch, capsys):
    houses.fill(home)
    return command_line(monkeypatch, capsys)


def test_a_model_is_trained_listed_shown_compared_and_made_anew(vigie, home):
    made = vigie("model", "train", "btc_day", "BTC", *HOW)
    assert made.code == 0, made.err
    words = " ".join(made.out.split())
    assert (
        "btc_day/1, candidate: tree, direction of the next 24 bars of binance-perp btc-usdt-perp 1h" in words
    )
    assert "the newest fifth of time taught nothing" in words
    again = json.loads(vigie("model", "train", "btc_day", "BTCUSDT", *HOW, "--json").out)
    assert (again["version"], again["stage"]) == (2, "candidate")
    assert len(again["folds"]) == 4
    assert {one["name"] for one in again["importance"]} == set(CHOSEN)
    assert "Choose" not in made.err
    short = SeriesId("bitget-perp", "btc-usdt-perp", "1h")
    data = open_app_context(home).data
    data.bars.upsert(short, data.bars.read(SeriesId(houses.VENUE, "btc-usdt-perp", "1h"), last=240))
    warned = vigie("model", "evaluate", "BTC", "--venue", short.venue)
    assert f"Choose {houses.VENUE} to learn from more" in warned.err
    listed = vigie("model", "list")
    assert "btc_day/1" in listed.out
    assert "btc_day/2" in listed.out
    compared = json.loads(vigie("model", "compare", "btc_day", "btc_day/1", "btc_day/2", "--json").out)
    assert sorted(row["version"] for row in compared["rows"]) == [1, 2]
    assert json.loads(vigie("model", "show", "btc_day", "--version", "1", "--json").out)["version"] == 1
    same = vigie("model", "reproduce", "btc_day", "--version", "1")
    assert same.code == 0, same.err
    assert "btc_day/1: every figure came out again." in same.out
    opened = open_app_context(home)
    series = SeriesId(houses.VENUE, "btc-usdt-perp", "1h")
    frame = opened.data.bars.read(series)
    opened.data.bars.upsert(
        series, frame.with_columns(close=frame["close"] * 1.0001, high=frame["high"] * 1.0002)
    )
    other = vigie("model", "reproduce", "btc_day")
    assert other.code == 1
    assert "figures differ" in other.out
    assert "data bars" in other.out


POOL = ("--kind", "tree", "--columns", "price.return_24,price.body", "--folds", "4")


def test_one_model_of_several_markets_is_told_market_by_market_and_made_anew(vigie):
    made = vigie("model", "train", "majors", "BTC,ETH", *POOL)
    assert made.code == 0, made.err
    words = " ".join(made.out.split())
    assert "of binance-perp btc-usdt-perp, eth-usdt-perp 1h" in words
    assert "Its markets were chosen today" in words
    told = json.loads(vigie("model", "show", "majors", "--json").out)
    assert [one["name"] for one in told["markets"]] == ["btc-usdt-perp", "eth-usdt-perp"]
    assert "survivorship bias" in told["remark"]
    same = vigie("model", "reproduce", "majors")
    assert (same.code, "every figure came out again" in same.out) == (0, True)
    judged = vigie("model", "evaluate", "ETH,BTC", *POOL, "--language", "fr")
    assert judged.code == 0, judged.err
    assert "biais du survivant" in " ".join(judged.out.split())
    found = json.loads(vigie("model", "evaluate", "ETH,BTC", *POOL, "--json").out)
    assert (len(found["markets"]), "chosen today" in found["remark"]) == (2, True)
    (row,) = json.loads(vigie("model", "list", "--json").out)["rows"]
    assert row["instrument"] == "btc-usdt-perp, eth-usdt-perp"


@pytest.mark.parametrize(
    ("language", "said"),
    [("en", "btc-usdt-perp is named twice"), ("fr", "btc-usdt-perp est nommé deux fois")],
)
def test_a_market_that_is_named_twice_is_refused_before_anything_is_read(vigie, language, said):
    wrong = vigie("model", "train", "majors", "BTC,ETH,BTCUSDT", *POOL, "--language", language)
    assert (wrong.code, said in " ".join(wrong.err.split())) == (2, True)


def test_a_tree_is_drawn_into_a_file_and_told_in_sentences(vigie, tmp_path):
    assert vigie("model", "train", "btc_day", "BTC", *HOW).code == 0
    told = vigie("model", "show", "btc_day", "--picture", str(tmp_path / "tree.svg"))
    assert told.code == 0, told.err
    drawn = (tmp_path / "tree.svg").read_text()
    assert "How btc_day/1 decides: btc-usdt-perp, next 24 bars" in drawn
    leaves = [line for line in " ".join(told.out.split()).split("Where ") if "of rows)." in line]
    assert len(leaves) == drawn.count("of rows</text>") >= 2
    assert vigie("model", "train", "straight", "BTC", "--kind", "logistic", *HOW[2:]).code == 0
    wrong = vigie("model", "show", "straight", "--picture", str(tmp_path / "none.svg"))
    assert (wrong.code, "choose a model of the kind tree" in wrong.err) == (2, True)
    assert not (tmp_path / "none.svg").exists()


@pytest.mark.parametrize(
    ("language", "said"),
    [("en", "name a file in a folder that"), ("fr", "indiquez un fichier dans un dossier")],
)
def test_a_picture_that_cannot_be_written_is_told_and_leaves_nothing(vigie, tmp_path, language, said):
    assert vigie("model", "train", "btc_day", "BTC", *HOW).code == 0
    (tmp_path / "file").write_text("kept")
    (tmp_path / "folder").mkdir()
    before = sorted(path for path in tmp_path.rglob("*") if "home" not in path.parts)
    for place in (tmp_path / "file" / "tree.svg", tmp_path / "folder"):
        told = vigie("model", "show", "btc_day", "--picture", str(place), "--language", language)
        assert (told.code, said in " ".join(told.err.split())) == (2, True), told.err
        assert "Traceback" not in told.err
    assert sorted(path for path in tmp_path.rglob("*") if "home" not in path.parts) == before
    assert (tmp_path / "file").read_text() == "kept"


def test_models_are_told_in_french_where_that_is_asked(vigie, tmp_path):
    made = vigie("model", "train", "btc_day", "BTC", *HOW, "--language", "fr")
    assert made.code == 0, made.err
    words = " ".join(made.out.split())
    assert (
        "btc_day/1, candidat : arbre de décision, direction des 24 prochaines bougies de binance-perp"
        in words
    )
    assert "Gain de log-perte" in words
    told = vigie("model", "evaluate", "BTC", *HOW, "--language", "fr", "--importance")
    assert told.code == 0, told.err
    words = " ".join(told.out.split())
    assert "L\u2019historique compte un essai de plus." in words
    assert "des rendements étaient dans leur intervalle" in words
    assert "période examinée" in words
    for english in ("rows judged", "Traded with costs", "Log loss", "newest fifth", "not distinguishable"):
        assert english not in words
    assert "hasard" in vigie("model", "list", "--language", "fr").out
    shown = " ".join(vigie("model", "show", "btc_day", "--language", "fr").out.split())
    assert "peut-être de la chance" in shown
    assert "période examinée" in shown
    refused = vigie("model", "demote", "btc_day", "--to", "paper", "--language", "fr").err
    assert ("à l’étape candidat" in refused, "reçu : simulation" in refused.replace("\u00a0", " ")) == (
        True,
        True,
    )
    drawn = vigie("model", "show", "btc_day", "--language", "fr", "--picture", str(tmp_path / "tree.svg"))
    assert "Comment btc_day/1 décide" in (tmp_path / "tree.svg").read_text()
    assert "des lignes)." in drawn.out
    same = vigie("model", "reproduce", "btc_day", "--language", "fr")
    assert "btc_day/1 : chaque chiffre est ressorti identique." in same.out.replace("\u00a0", " ")
    wrong = vigie("model", "train", "btc_week", "BTC", "--kind", "oracle", "--language", "fr")
    assert wrong.code == 2
    assert "there is no kind" not in wrong.err


@pytest.mark.parametrize(
    ("language", "count", "said"),
    [("en", 1, "1 column"), ("en", 2, "2 columns"), ("fr", 1, "1 colonne"), ("fr", 84, "84 colonnes")],
)
def test_one_column_is_told_in_the_singular(language, count, said):
    assert ModelWriter(language).columns(count) == said


def test_a_model_made_again_on_changed_values_says_which_changed_in_one_sentence(capsys):
    fit = SimpleNamespace(experiment="btc_day", version=1)
    changed = FitDifference("data news.fear_greed", "0f", "1e")
    print_reproduction(Reproduction(fit, data=(changed,), code=(), figures=()))
    said = " ".join(capsys.readouterr().out.split())
    assert said == (
        "btc_day/1: every figure was reproduced, although the stored data of news.fear_greed has changed since."
    )


@pytest.mark.parametrize(
    ("language", "said"), [("en", "No model yet: `vigie model train"), ("fr", "Pas encore de modèle : ")]
)
def test_a_home_without_models_says_how_to_train_one(vigie, language, said):
    listed = vigie("model", "list", "--language", language)
    assert (listed.code, said in listed.out.replace("\u00a0", " ")) == (0, True)
    assert "Sharpe" not in listed.out


def test_a_model_is_promoted_and_taken_back_by_command(vigie, home):
    trading_model(open_app_context(home))
    risen = vigie("model", "promote", "btc_day")
    assert risen.code == 0, risen.err
    assert "shadow" in risen.out
    held = vigie("model", "promote", "btc_day")
    assert (held.code, "closes of btc-usdt-perp in the shadow: 0, 200 needed" in held.err) == (2, True)
    looser = vigie("model", "promote", "btc_day", "--closes", "10")
    assert looser.code == 2
    assert json.loads(vigie("model", "list", "--json").out)["rows"][0]["stage"] == "shadow"
    back = json.loads(vigie("model", "demote", "btc_day", "--json").out)
    assert (back["stage"], back["look"]) == ("candidate", 1)


def test_what_cannot_be_is_told_with_a_cure(vigie):
    none = vigie("model", "show", "btc_day")
    assert (none.code, "no model is trained here yet" in none.err) == (2, True)
    for wrong, said in (
        (("model", "train", "../x", "BTC"), "name"),
        (("model", "train", "btc_day", "BTC", "--kind", "oracle"), "no kind of model 'oracle'"),
        (("model", "compare", "btc day/x"), "a version is a number"),
    ):
        told = vigie(*wrong)
        assert told.code == 2
        assert said in told.err
