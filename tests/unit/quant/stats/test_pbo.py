"""CSCV against a slow twin and on matrices built to have a known answer."""

from __future__ import annotations

import math
from itertools import combinations

import numpy as np
import pytest

from tests.lazily import Lazy
from vigie.domain.errors import UsageError
from vigie.quant.stats.pbo import fitting_blocks, overfitting

stats = Lazy("scipy.stats")


def plain_twin(returns: np.ndarray, blocks: int) -> tuple[float, float, tuple[float, float]]:
    spare = len(returns) % blocks
    each = [plain_offset(returns[first : len(returns) - spare + first], blocks) for first in range(spare + 1)]
    shares, losses = zip(*each, strict=True)
    return float(np.mean(shares)), float(np.mean(losses)), (min(shares), max(shares))


def plain_offset(returns: np.ndarray, blocks: int) -> tuple[float, float]:
    parts = np.array_split(returns, blocks)
    bad, lost, count = 0, 0, 0
    for chosen in combinations(range(blocks), blocks // 2):
        inside = np.concatenate([parts[b] for b in chosen])
        outside = np.concatenate([parts[b] for b in range(blocks) if b not in chosen])
        best = int(np.argmax(inside.mean(axis=0) / inside.std(axis=0, ddof=1)))
        later = outside.mean(axis=0) / outside.std(axis=0, ddof=1)
        rank = stats.rankdata(later)[best] / (returns.shape[1] + 1)
        bad += math.log(rank / (1 - rank)) <= 0
        lost += later[best] < 0
        count += 1
    return bad / count, lost / count


@pytest.mark.parametrize(("blocks", "periods"), [(4, 81), (6, 200), (8, 123)])
def test_pbo_equals_the_plain_twin(blocks: int, periods: int) -> None:
    rng = np.random.default_rng(blocks)
    returns = rng.normal(0.0005, 0.02, (periods, 13)) + rng.normal(0, 0.01, (periods, 1))
    ours = overfitting(returns, blocks)
    pbo, loss_probability, spread = plain_twin(returns, blocks)
    assert (ours.pbo, ours.loss_probability) == pytest.approx((pbo, loss_probability), rel=1e-12)
    assert ours.pbo_range == pytest.approx(spread, rel=1e-12)
    assert len(ours.logits) == (periods % blocks + 1) * math.comb(blocks, blocks // 2)


def test_125_days_are_laid_at_every_offset_and_the_answer_lies_within_their_range() -> None:
    # 16 blocks of 7 days leave 13 over: where the first one begins moved the answer by 0.05 to 0.09.
    returns = np.random.default_rng(1).normal(0.0003, 0.02, (125, 40))
    ours = overfitting(returns)
    each = [overfitting(returns[first : first + 112]) for first in range(14)]
    assert [one.pbo_range for one in each] == [(one.pbo, one.pbo) for one in each]
    assert ours.pbo == pytest.approx(np.mean([one.pbo for one in each]), rel=1e-12)
    assert ours.pbo_range == (min(one.pbo for one in each), max(one.pbo for one in each))
    assert ours.pbo_range[1] - ours.pbo_range[0] > 0.05


def test_a_trial_that_is_always_best_is_not_overfitted() -> None:
    returns = np.random.default_rng(0).normal(0, 0.01, (400, 20))
    returns[:, 7] += 0.02
    ours = overfitting(returns)
    assert ours.pbo == 0.0
    assert ours.loss_probability == 0.0
    assert ours.blocks == 16


def test_trials_that_win_one_half_and_lose_the_other_are_overfitted() -> None:
    # Trial k earns in block k and loses in every other: whoever is best in one half is bad in the rest.
    rng = np.random.default_rng(0)
    returns = rng.normal(-0.001, 0.0001, (80, 8))
    for k in range(8):
        returns[10 * k : 10 * k + 10, k] = rng.normal(0.01, 0.0001, 10)
    assert overfitting(returns, 8).pbo == 1.0


def test_pure_noise_is_overfitted_half_of_the_time_on_average() -> None:
    found = [overfitting(np.random.default_rng(k).normal(0, 0.01, (160, 30)), 8).pbo for k in range(60)]
    assert np.mean(found) == pytest.approx(0.5, abs=0.08)


def test_trials_that_never_moved_are_ranked_at_zero() -> None:
    returns = np.zeros((100, 3))
    returns[:, 1] = np.random.default_rng(1).normal(0.01, 0.01, 100)
    ours = overfitting(returns)
    assert ours.pbo == 0.0
    assert not np.isnan(ours.logits).any()


def test_periods_that_one_trial_does_not_know_are_left_out_for_all() -> None:
    returns = np.random.default_rng(3).normal(0, 0.01, (120, 9))
    holey = np.vstack((np.full((30, 9), 0.5), returns))
    holey[:30, 4] = math.nan
    assert overfitting(holey).pbo == overfitting(returns).pbo


def test_one_trial_or_too_few_periods_have_no_pbo() -> None:
    rng = np.random.default_rng(0)
    assert math.isnan(overfitting(rng.normal(size=(500, 1))).pbo)
    assert math.isnan(overfitting(rng.normal(size=(19, 5))).pbo)


@pytest.mark.parametrize(("periods", "blocks"), [(0, 0), (19, 0), (20, 4), (62, 12), (80, 16), (5_000, 16)])
def test_blocks_are_even_and_keep_five_periods(periods: int, blocks: int) -> None:
    assert fitting_blocks(periods) == blocks


@pytest.mark.parametrize("blocks", [2, 7, 18])
def test_odd_or_too_many_blocks_are_refused(blocks: int) -> None:
    with pytest.raises(UsageError, match=f"blocks must be even and 4..16, was {blocks}"):
        overfitting(np.zeros((100, 3)), blocks)
