"""What nothing honest can be learned from ends a training with a sentence and a cure, and leaves nothing behind."""

from __future__ import annotations

import sys
from dataclasses import replace

import numpy as np
import pytest

from tests import houses
from tests.unit.services.learning_material import END, train
from vigie.data.frames import to_bars, to_frame
from vigie.domain.errors import VigieError
from vigie.domain.fact import Observation
from vigie.domain.ids import SeriesId
from vigie.domain.time import DAY_MS, HOUR_MS
from vigie.quant import feature_causality, feature_table
from vigie.quant.feature_table import FeatureColumn
from vigie.quant.features import registry
from vigie.services.learning import prepared_rows
from vigie.services.learning.model_files import model_folder

TIMES = ("calendar.hour_sine", "calendar.hour_cosine")
TOMORROW = FeatureColumn(
    "price", "tomorrow", lambda data: np.append(data.close[1:], np.nan) / data.close, 0, "ratio", "Made up."
)


def always_rising(house, monkeypatch):
    series = SeriesId(houses.VENUE, "btc-usdt-perp", "1h")
    bars = to_bars(house.data.bars.read(series), series)
    for column in (bars.open, bars.high, bars.low, bars.close):
        column.flags.writeable = True
    bars.close[:] = 100.0 * 1.001 ** np.arange(len(bars))
    bars.open[:] = bars.close / 1.001
    bars.high[:], bars.low[:] = bars.close * 1.0001, bars.open / 1.0001
    house.data.bars.upsert(series, to_frame(bars))


def knowing_tomorrow(house, monkeypatch):
    known = {**registry(), TOMORROW.full_name: TOMORROW}
    for module in (feature_table, feature_causality):
        monkeypatch.setattr(module, "registry", lambda: known)


def without_purge(house, monkeypatch):
    cut = prepared_rows.walk_folds

    def overlapping(rows, **given):
        return tuple(
            replace(
                fold,
                calibrated=np.flatnonzero(
                    (rows.ts >= rows.ts[fold.calibrated[0]]) & (rows.ts < fold.from_ms)
                ),
            )
            for fold in cut(rows, **given)
        )

    monkeypatch.setattr(prepared_rows, "walk_folds", overlapping)


def combined_without_purge(house, monkeypatch):
    cut = prepared_rows.combinatorial_folds

    def overlapping(rows, **given):
        return tuple(
            replace(
                pair,
                fold=replace(
                    pair.fold, calibrated=np.setdiff1d(np.arange(pair.fold.judged[0]), pair.fold.fitted)
                ),
            )
            for pair in cut(rows, **given)
        )

    monkeypatch.setattr(prepared_rows, "combinatorial_folds", overlapping)


def known_of_late(house, monkeypatch):
    """A column that has been read for a week only."""
    series = f"derivatives/{houses.VENUE}:btc-usdt-perp/basis_fraction"
    last = range(END - 7 * DAY_MS, END, HOUR_MS)
    house.facts.append([Observation(series, ts, ts, 1e-4 * (ts // HOUR_MS % 7)) for ts in last])


def without_lightgbm(house, monkeypatch):
    monkeypatch.setitem(sys.modules, "lightgbm", None)


def without_optuna(house, monkeypatch):
    monkeypatch.setitem(sys.modules, "optuna", None)


def as_it_is(house, monkeypatch):
    pass


BAD = {
    "folds without a purge": (
        without_purge, {"columns": ("price.return_24",)}, "knows the future: overlapping_labels \\(fold 1\\)",
    ),
    "combinatorial folds without a purge": (
        combined_without_purge, {"columns": ("price.return_24",), "folding": "combinatorial"},
        "knows the future: overlapping_labels \\(fold",
    ),
    "one class only": (
        always_rising, {"columns": TIMES}, "have the same outcome: take a longer time, or another label",
    ),
    "fewer rows than folds need": (
        as_it_is, {"timeframe": "1d", "horizon": 2, "columns": ("price.body",)}, "take fewer folds or a longer time",
    ),
    "too few rows": (
        as_it_is, {"timeframe": "1d", "columns": ("price.return_24",)}, "take a longer time or fewer columns",
    ),
    "a label longer than a fold": (
        as_it_is, {"horizon": 900}, "as long as a fold: take fewer folds or a shorter label",
    ),
    "two columns of one name": (as_it_is, {"columns": ("price.body", "price.body")}, "is given twice: name it once"),
    "a column that there is not": (
        as_it_is, {"columns": ("price.bodi",)}, r"the nearest is price\.body, `vigie features list` lists all",
    ),
    "a column from tomorrow": (
        knowing_tomorrow, {"columns": ("price.tomorrow",)}, r"price\.tomorrow reads the future: .* leave it out",
    ),
    "a column that is not stored": (
        as_it_is, {"columns": ("derivatives.basis",)}, "collect it with `vigie collect`, or leave the column out",
    ),
    "a column that is known of late": (
        known_of_late, {"columns": ("price.return_24", "derivatives.basis")},
        r"derivatives\.basis is known for too short a time: fewer than 200 rows .* 5\d\d\d without; leave it out",
    ),
    "an instrument without bars": (as_it_is, {"instrument": "DOGE"}, "are stored; get them with"),
    "a missing extra": (without_lightgbm, {"kind": "lightgbm"}, r'learning needs lightgbm: pip install "vigie\[ml\]"'),
    "a search without its extra": (
        without_optuna, {"search": 2, "kind": "forest"}, r'learning needs optuna: pip install "vigie\[ml\]"',
    ),
    "a kind that there is not": (as_it_is, {"kind": "forrest"}, "the nearest is forest, there are"),
}  # fmt: skip


@pytest.mark.parametrize("bad", BAD)
def test_bad_input_is_told_with_its_cure_and_nothing_is_half_registered(tmp_path, monkeypatch, bad):
    spoil, asked, said = BAD[bad]
    house = houses.house(tmp_path)
    spoil(house, monkeypatch)
    tried = {"kind": "logistic", "columns": ("price.return_24", *TIMES), **asked}
    with pytest.raises(VigieError, match=said):
        train(house, **tried)
    models = house.learned_models
    assert list(models.experiments()) == list(models.fits()) == list(models.models()) == []
    left = model_folder(house.home, "btc_day").rglob("*")
    assert [path.name for path in left if path.is_file() and not path.name.startswith(".")] == []
