"""Bars that are missing between those that a model learns from are told with the command that gets them."""

from __future__ import annotations

import json

import numpy as np
import pytest

from tests import houses
from tests.houses import Browser, person
from tests.unit.services.backtest_material import command_line
from tests.unit.services.learning_material import train
from vigie.data.frames import to_frame
from vigie.domain.ids import SeriesId
from vigie.services.learning.evaluation_request import EvaluationRequest
from vigie.services.learning.missing_bars import MarketGaps, find_missing
from vigie.services.learning.prepared_rows import prepare_rows
from vigie.services.operation_calls import run_operation

OWN = {"kind": "logistic", "columns": ("price.return_24", "price.body"), "folds": 2}
LACKING = [*range(2_000, 2_010), 3_000]
FETCH = "vigie data fetch binance-perp BTC --timeframe 1h"


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    """A home whose hourly bars of Bitcoin lack eleven, in two gaps; a model has learned from them."""
    built = houses.house(tmp_path_factory.mktemp("gaps"), with_bars=False)
    bars = houses.market().bars("BTC", "1h")
    frame = to_frame(bars)
    kept = np.setdiff1d(np.arange(len(bars)), LACKING)
    built.data.bars.upsert(SeriesId(houses.VENUE, bars.instrument, "1h"), frame[kept.tolist()])
    train(built, "gappy", **OWN)
    return built


@pytest.mark.parametrize(
    "asked", [{}, {"rule": "macd_cross", "horizon": 48}, {"label": "volatility", "kind": "linear"}]
)
def test_they_are_counted_and_no_outcome_reaches_across_a_gap(house, asked):
    """Trades of a rule's signals did."""
    prepared = prepare_rows(house.data, EvaluationRequest("BTC", venue=houses.VENUE, **{**OWN, **asked}))
    whole = houses.market().bars("BTC", "1h")
    assert find_missing([market.bars for market in prepared.markets]) == (
        MarketGaps("btc-usdt-perp", len(whole) - 11, 11, 2),
    )
    assert find_missing([whole]) == ()
    for place in LACKING:
        begins, rows = int(whole.ts[place]), prepared.rows
        assert not np.any((rows.ts <= begins) & (rows.ends > begins))


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "Missing bars of btc-usdt-perp: 11 between 5,749 (gaps: 2)."),
        ("fr", "Bougies manquantes de btc-usdt-perp : 11 entre 5 749 (trous : 2)."),
    ],
)
def test_an_evaluation_and_the_page_of_a_model_tell_them(house, monkeypatch, capsys, language, words):
    monkeypatch.setenv("VIGIE_HOME", str(house.home))
    vigie = command_line(monkeypatch, capsys)
    asked = ("BTC", "--venue", houses.VENUE, "--columns", ",".join(OWN["columns"]), "--folds", "2")
    told = vigie("model", "evaluate", *asked, "--language", language)
    shown = vigie("model", "show", "gappy", "--language", language)
    page = Browser(house, language=language).get("/lab/gappy").text
    for text in (told.out, shown.out, page):
        plain = " ".join(text.replace("\u202f", " ").replace("\xa0", " ").split())
        assert words in plain
        assert FETCH in plain


def test_programs_read_them_and_of_whole_histories_nothing_is_told(house, tmp_path):
    details = run_operation(house, person("viewer"), "models.get", {"name": "gappy"})
    assert FETCH in details.remark
    assert json.loads(json.dumps(house.learned_models.fit("gappy", 1).evaluation))["missing_bars"] == [
        {"instrument": "btc-usdt-perp", "bars": 5_749, "missing": 11, "gaps": 2}
    ]
    whole = houses.house(tmp_path)
    made = train(whole, "whole", **OWN)
    assert "missing_bars" not in made.fit.evaluation
    assert run_operation(whole, person("viewer"), "models.get", {"name": "whole"}).remark == ""
