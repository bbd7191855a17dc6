"""Scores, tables, terrain and names of trials."""

from __future__ import annotations

import math
from xml.etree import ElementTree

import numpy as np
import pytest

from tests.unit.research.material import history, plan, slot
from vigie.domain.account import AccountSettings
from vigie.engine.run import execute
from vigie.research.fingerprints import data_fingerprint
from vigie.research.sweep.findings import EvaluationSettings
from vigie.research.sweep.objective import calmar, parse_objective, scores, slot_scores
from vigie.research.sweep.plan import refusal_reason, variant_slots
from vigie.research.sweep.space import Axis, Space
from vigie.research.sweep.sweep_verdict import sample_combinations
from vigie.research.sweep.table import SweepTable, frame_to_rows, rank_rows, rows_to_frame
from vigie.research.sweep.terrain import ScoreHeatMap, heat_map, measure_plateau, svg_map, text_map
from vigie.research.sweep.trial_names import TrialNames
from vigie.research.sweep.work import SweepWork
from vigie.services.runs import identity

YEAR = 365 * 86_400_000.0


def figures(*rows):
    return np.array(rows, np.float64)


def test_undefined_figures_score_as_standing_aside():
    idle = figures([0.0, np.nan, 0.0, 0, np.nan, np.nan])
    assert slot_scores(idle, "sharpe", YEAR).tolist() == [0.0]
    assert slot_scores(idle, "calmar", YEAR).tolist() == [0.0]
    assert slot_scores(idle, "profit_factor", YEAR).tolist() == [1.0]
    winner = figures([0.2, 1.5, -0.1, 3, 1.0, np.inf])
    assert slot_scores(winner, "profit_factor", YEAR).tolist() == [np.inf]
    assert slot_scores(winner, "return", YEAR).tolist() == [0.2]
    assert calmar(winner, YEAR)[0] == pytest.approx(2.0)


def test_score_of_several_accounts_is_their_mean():
    both = np.array([[[0.1, 1.0, -0.1, 5, 0.5, 2.0], [0.3, np.nan, -0.1, 0, np.nan, np.nan]]])
    assert scores(both, "sharpe", np.array([YEAR, YEAR])).tolist() == [0.5]
    assert scores(both, "return", np.array([YEAR, YEAR]))[0] == pytest.approx(0.2)


def test_unknown_objective_is_refused():
    with pytest.raises(Exception, match="objective must be one of sharpe return calmar profit_factor"):
        parse_objective("luck")


def test_rows_survive_the_table():
    given = plan(
        "fast=4|30,slow=16|40", slot(history()), slot(history(700, seed=2, instrument="eth-usdt-perp"))
    )
    rows = SweepWork(given)(np.arange(4))
    back = frame_to_rows(given, rows_to_frame(given, rows))
    assert back["combination"].tolist() == rows["combination"].tolist()
    assert back["refused"].tolist() == [False, False, True, False]
    np.testing.assert_array_equal(back["figures"], rows["figures"])


def test_ranking_puts_idle_ones_last_and_breaks_ties_by_number():
    given = plan("fast=4:12:4,slow=16:32:8")
    rows = SweepWork(given)(np.arange(9))
    rows["figures"][:, 0, 1] = [1, 3, 3, 9, 2, 0, 0, 0, 0]
    rows["figures"][3, 0, 3] = 2
    frame = rows_to_frame(given, rows).lazy()
    assert rank_rows(frame, min_trades=5, count=4)["combination"].to_list() == [1, 2, 4, 0]
    assert rank_rows(frame, min_trades=1, count=1)["combination"].to_list() == [3]


def test_table_answers_only_what_was_run():
    given = plan("fast=4|30,slow=16|40")
    table = SweepTable(rows_to_frame(given, SweepWork(given)(np.arange(4))).lazy())
    assert table.counts() == (3, 1)
    assert table.combinations().tolist() == [0, 1, 3]
    assert set(table.scores([0, 2, 3, 77])) == {0, 3}
    assert len(table.known_scores([2, 3])) == 1


def square(n=3):
    return Space((Axis("a", "param", tuple(range(n))), Axis("b", "param", tuple(range(n)))))


@pytest.mark.parametrize(
    ("around", "kind"), [([1.8] * 8, "a plateau"), ([0.9] * 8, "a slope"), ([0.1] * 8, "a lone peak")]
)
def test_plateau_says_what_lies_around(around, kind):
    known = dict(zip([0, 1, 2, 3, 5, 6, 7, 8], around, strict=True)) | {4: 2.0}
    found = measure_plateau(square(), 4, lambda numbers: np.array([known[k] for k in numbers if k in known]))
    assert found.neighbours == found.of == 8
    assert found.ratio == pytest.approx(around[0] / 2.0)
    assert found.share_positive == 1.0
    assert kind in found.sentence


def test_plateau_without_neighbours_or_gain_says_so():
    nobody = measure_plateau(square(), 4, lambda numbers: np.array([2.0] if numbers == [4] else []))
    assert nobody.sentence == "no neighbour of the best was tried"
    losing = measure_plateau(square(), 4, lambda numbers: np.full(len(numbers), -1.0))
    assert math.isnan(losing.ratio)
    assert losing.share_positive == 0.0


def test_heat_map_is_a_slice_through_the_best():
    space = Space((Axis("a", "param", (1, 2, 3)), Axis("x", "param", (7, 8)), Axis("b", "param", (4, 5, 6))))
    best = space.number((1, 1, 2))
    heat = heat_map(space, best, lambda numbers: {k: float(k) for k in numbers if k != best - 1})
    assert (heat.down, heat.across) == ("a", "b")
    assert heat.best == (1, 2)
    assert heat.scores[0].tolist() == [float(space.number((0, 1, k))) for k in range(3)]
    assert math.isnan(heat.scores[1, 1])
    text = text_map(heat)
    assert text.count("◆") == 2
    assert "··" in text
    assert "a down, b across (4 to 6)" in text


def test_heat_map_of_one_axis_is_none_and_of_many_values_is_a_window():
    assert heat_map(Space((Axis("a", "param", (1, 2)),)), 0, dict.fromkeys) is None
    wide = square(100)
    heat = heat_map(wide, wide.number((99, 50)), lambda numbers: dict.fromkeys(numbers, 1.0))
    assert heat.scores.shape == (60, 60)
    assert heat.rows[heat.best[0]] == 99
    assert heat.columns[heat.best[1]] == 50


def test_drawing_is_whole_xml_and_escapes_names():
    heat = ScoreHeatMap("a<b", "c", (1, 2), (0.5, "limit"), np.array([[1.0, np.nan], [np.inf, -1.0]]), (1, 0))
    drawing = svg_map(heat, title="x & y", objective="sharpe")
    root = ElementTree.fromstring(drawing)
    assert root[0].text == "x & y"
    cells = [one for one in root.iter("{http://www.w3.org/2000/svg}rect") if len(one)]
    assert len(cells) == 4
    assert "not tried" in cells[1][0].text
    assert cells[2].get("stroke")


def test_trials_have_the_names_of_single_backtests():
    for account in (AccountSettings(), AccountSettings(mode="portfolio")):
        slots = [slot(history(300, seed=k, instrument=f"{name}-usdt-perp"), account=account)
                 for k, name in enumerate("ab")]  # fmt: skip
        given = plan("fast=4|8,slow=16,stop_atr=1.5,taker=0.0004", *slots, account=account)
        for combination in (0, 1):
            chosen = variant_slots(given, combination)
            run = execute(chosen, chosen[0].account, check=False)
            names = [
                [(one.series[0].content, len(one.series), one.variants, one.former) for one in tried]
                for tried in (TrialNames(given).tried_variants([combination]), identity.run_trials(run))
            ]
            assert names[0] == names[1]
            assert data_fingerprint(given.slots) == identity.fingerprint(run)


def test_refusals_say_why():
    given = plan("fast=4|30,slow=16,leverage=2|9")
    assert refusal_reason(given, 0) == ""
    assert "leverage" in refusal_reason(given, 1)
    assert "fast must be below slow" in refusal_reason(given, 2)
    assert variant_slots(given, 1) is None


def test_sample_is_even_and_holds_the_best():
    numbers = np.arange(0, 1_000, 2)
    chosen = sample_combinations(numbers, 998, 10)
    assert len(chosen) == 10
    assert 998 in chosen
    assert sample_combinations(numbers, 6, 10).tolist().count(6) == 1
    assert sample_combinations(np.arange(5), 3, 10).tolist() == [0, 1, 2, 3, 4]


def test_questions_refuse_numbers_that_cannot_be():
    with pytest.raises(Exception, match="permutations must be >= 0, was -1"):
        EvaluationSettings(permutations=-1)
