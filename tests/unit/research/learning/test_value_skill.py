"""A model of returns is measured beside what came last and the mean of all before, and noise is no skill."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.unit.research.learning.material import HORIZON, history, with_returns
from vigie.domain.errors import UsageError
from vigie.domain.time import HOUR_MS
from vigie.quant.models import registry
from vigie.research.learning.folds import walk_folds
from vigie.research.learning.learning_rows import LearningRows
from vigie.research.learning.value_skill import ValueSkill, measure_values
from vigie.research.learning.walking import Walked, read, walk

pytest.importorskip("sklearn")
NOISE = 20


def rows_of(seed: int, *, strength: float = 0.0, hours: int = 8_760) -> LearningRows:
    return with_returns(history(seed, strength=strength, hours=hours).rows)


def walked_of(rows: LearningRows, kind: str) -> Walked:
    return walk(rows, registry()[kind], walk_folds(rows, embargo_ms=HORIZON * HOUR_MS, folds=4), seed=0)


def skill_of(rows: LearningRows, kind: str) -> ValueSkill:
    return measure_values(rows, walked_of(rows, kind), registry()[kind], seed=0)


def test_figures_are_those_of_their_definition():
    rows = rows_of(1, strength=0.2)
    walked = walked_of(rows, "linear")
    told = measure_values(rows, walked, registry()["linear"], seed=0)
    errors, missed, last = [], [], []
    for fit in walked.fits:
        for row in fit.fold.judged:
            known = [k for k in range(len(rows)) if rows.ends[k] <= rows.ts[row]] if row % 97 == 0 else None
            if known is not None:
                mean = np.mean([rows.amounts[k] for k in known])
                assert rows.outcomes[row] == pytest.approx([rows.amounts[known[-1]], mean], rel=1e-9)
            said = float(fit.model.scores(read(rows, registry()["linear"])[row : row + 1])[0])
            errors.append(said - rows.amounts[row])
            last.append(rows.outcomes[row, 0] - rows.amounts[row])
            missed.append(rows.outcomes[row, 1] - rows.amounts[row])
    assert told.rows == len(errors)
    assert told.mean_error == pytest.approx(np.abs(errors).mean())
    by_name = {one.name: one for one in told.yardsticks}
    for name, theirs in (("last_outcome", last), ("drift", missed)):
        assert by_name[name].r2 == pytest.approx(1 - np.square(errors).mean() / np.square(theirs).mean())
        assert by_name[name].mean_error == pytest.approx(np.abs(theirs).mean())
        assert by_name[name].r2_interval.low <= by_name[name].r2 <= by_name[name].r2_interval.high


def test_a_yardstick_beside_itself_saves_nothing():
    rows = rows_of(2)
    for kind in ("drift", "last_outcome"):
        (own,) = (one for one in skill_of(rows, kind).yardsticks if one.name == kind)
        assert (own.r2, own.r2_interval.low, own.r2_interval.high) == (0.0, 0.0, 0.0)
        assert not skill_of(rows, kind).says_more


@pytest.mark.parametrize("kind", ["linear", "lightgbm"])
def test_planted_momentum_is_found_and_noise_is_not(kind):
    pytest.importorskip("lightgbm")
    assert skill_of(rows_of(3, strength=0.1, hours=3 * 8_760), kind).says_more
    found = [skill_of(rows_of(100 + seed), kind).says_more for seed in range(NOISE)]
    assert sum(found) <= NOISE // 20


def test_odds_of_a_rise_come_of_the_return_that_is_said():
    rows = rows_of(3, strength=0.2)
    walked = walked_of(rows, "linear")
    judged = ~np.isnan(walked.log_odds)
    risen = rows.target[judged] == 1.0
    assert walked.log_odds[judged][risen].mean() > walked.log_odds[judged][~risen].mean()
    assert walked.is_long.any()
    assert walked.is_short.any()


def test_a_column_that_is_the_return_and_a_return_that_is_not_known_are_refused():
    rows = rows_of(4)
    values = rows.values.copy()
    values[:, 2] = -3.0 * rows.amounts
    with pytest.raises(UsageError, match="column return_24 is the outcome itself"):
        replace(rows, values=values)
    amounts = rows.amounts.copy()
    amounts[5] = np.nan
    with pytest.raises(UsageError, match="how much came must be known of every row"):
        replace(rows, amounts=amounts)
    with pytest.raises(UsageError, match="must have one value a row"):
        replace(rows, amounts=amounts[:-1])
