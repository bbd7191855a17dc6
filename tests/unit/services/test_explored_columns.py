"""Columns are listed and looked at in both languages, and nothing of the last 30 % of the time is read."""

from __future__ import annotations

import json

import numpy as np
import pytest

from tests import houses
from tests.houses import person
from tests.unit.services.backtest_material import command_line
from vigie.data.frames import to_bars, to_frame
from vigie.domain.errors import UsageError
from vigie.domain.ids import SeriesId
from vigie.quant.features import registry
from vigie.services.operation_calls import run_operation

OWNER = person("owner")
CHOSEN = "price.return_24,price.body,cross.beta_168,calendar.hour_sine"


@pytest.fixture(scope="module")
def opened(tmp_path_factory):
    """Three assets, hourly, for 240 days."""
    return houses.house(tmp_path_factory.mktemp("explored"))


def explore(app_context, **values):
    return run_operation(app_context, OWNER, "features.explore", {"columns": CHOSEN, **values})


def test_columns_when_listed_then_all_with_look_back_unit_and_rule(opened):
    told = run_operation(opened, OWNER, "features.list", {})
    assert [row.name for row in told.rows] == list(registry())
    french = run_operation(opened, OWNER, "features.list", {"group": "onchain", "language": "fr"})
    assert [row.look_back for row in french.rows] == [0, 168]
    assert french.rows[0].text == "Logarithme de la capitalisation sur la capitalisation réalisée (MVRV)."
    assert french.rows[0].known_by.startswith("Connue à sa première lecture")
    with pytest.raises(UsageError, match="there is no group prices; there are calendar, cross"):
        run_operation(opened, OWNER, "features.list", {"group": "prices"})


def test_columns_when_explored_then_of_the_first_part_of_the_time_alone(opened):
    told = explore(opened)
    hours = houses.DAYS * 24
    assert told.bars == round(hours * 0.7)
    assert told.seen_until - told.seen_from == told.bars * 3_600_000
    assert told.peers == ["eth-usdt-perp", "sol-usdt-perp"]
    assert [row.name for row in told.rows] == CHOSEN.split(",")
    assert "columns chosen by this look make them look better" in told.remarks[0]
    first = told.rows[0]
    assert first.known == told.bars - 24
    assert first.missing == 0.0
    assert first.least <= first.low <= first.median <= first.high <= first.most
    assert first.adf_p < 0.01
    assert 0.0 <= first.information < 0.2


def test_columns_when_the_last_part_of_the_time_changes_then_nothing_that_is_seen_does(opened, tmp_path):
    def seen(house):
        asked = {"column": "price.return_24"}
        one = run_operation(house, OWNER, "features.column", asked)
        return explore(house).rows, one.rows, one.lags

    before, rows = explore(opened), seen(opened)
    other = houses.house(tmp_path, with_bars=False)
    for asset in houses.ASSETS:
        series = SeriesId(houses.VENUE, f"{asset.lower()}-usdt-perp", "1h")
        bars = to_bars(opened.data.bars.read(series), series)
        for column in (bars.open, bars.high, bars.low, bars.close):
            column.flags.writeable = True
            column[before.bars :] *= 1.5
        other.data.bars.upsert(series, to_frame(bars))
    assert seen(other) == rows


def test_columns_when_they_say_nothing_then_their_names_and_the_reason_stand_there(opened):
    told = explore(opened, columns="", language="fr")
    left = {row.name: row.left_out for row in told.rows if row.left_out}
    assert {"derivatives.basis", "news.sentiment"} <= set(left)
    assert left["derivatives.basis"].startswith("Aucune valeur connue")
    assert all(row.known is None for row in told.rows if row.left_out)
    assert told.remarks[0].startswith("Seuls les premiers 70")
    with pytest.raises(
        UsageError, match=r"derivatives\.basis is known: basis of this asset is not stored here; collect it"
    ):
        explore(opened, columns="derivatives.basis")


@pytest.mark.parametrize("label", ["direction", "return", "volatility", "barrier"])
def test_columns_when_compared_with_a_label_then_it_is_said_which(opened, label):
    told = explore(opened, label=label, horizon=12, columns="price.volatility_24")
    assert "12" in told.label
    assert told.rows[0].information is not None
    if label == "volatility":
        assert told.rows[0].information > told.rows[0].by_chance


def test_exploring_when_the_input_is_wrong_then_a_cure_is_said(opened):
    with pytest.raises(UsageError, match=r"has 168 bars in the first 70% of its time; exploring needs 500"):
        explore(opened, timeframe="1d")
    with pytest.raises(
        UsageError, match="no bars of binance-perp:doge-usdt-perp/1h are stored; get them with"
    ):
        explore(opened, instrument="DOGE")
    with pytest.raises(UsageError, match=r"no column 'price.retrun_24'; the nearest is price.return_24"):
        explore(opened, columns="price.retrun_24")
    with pytest.raises(UsageError, match="horizon"):
        explore(opened, horizon=0)


def test_commands_when_typed_then_a_table_a_document_or_a_sentence(home, monkeypatch, capsys):
    houses.fill(home)
    vigie = command_line(monkeypatch, capsys)
    listed = vigie("features", "list", "--group", "price", "--language", "fr")
    assert listed.code == 0
    assert "price.return_168" in listed.out
    assert "Recul" in listed.out
    told = vigie("explore", "BTC", "--frame", "1h", "--columns", CHOSEN)
    assert told.code == 0
    assert "btc-usdt-perp 1h: 4,032 bars, 0 gaps, 2 other instruments" in told.out
    assert "cross.beta_168" in told.out
    assert "Only the first 70% of the time was read" in " ".join(told.out.split())
    french = vigie("explore", "BTC", "--columns", CHOSEN, "--language", "fr")
    assert "1h\u00a0: 4\u202f032 bougies, 0 trous, 2 autres instruments" in french.out
    assert "Écart type" in french.out
    rows = json.loads(vigie("explore", "BTC", "--columns", "price.body", "--json").out)["rows"]
    assert np.isfinite(rows[0]["mean"])
    wrong = vigie("explore", "BTC", "--frame", "7h")
    assert wrong.code == 2
    assert "7h" in wrong.err
