"""Tolerant comparisons: the rule itself, NaN, and array against number."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest

from vigie.domain.errors import UsageError
from vigie.quant import compare

NAN = float("nan")
PAIRS = [
    (1.0, 1.0, "="),
    (1.0 + 0.9e-9, 1.0, "="),
    (1.0 + 1.2e-9, 1.0, ">"),
    (1.0 - 1.2e-9, 1.0, "<"),
    (0.0, 0.0, "="),
    (1e-300, 0.0, ">"),
    (-1e-300, 0.0, "<"),
    (-1.0, 1.0, "<"),
    (-5.0 - 1e-7, -5.0, "<"),
    (6e4 + 3e-5, 6e4, "="),
    (6e4 + 9e-5, 6e4, ">"),
    (NAN, 1.0, "?"),
    (1.0, NAN, "?"),
    (NAN, NAN, "?"),
]
HOLDS = {
    "above": {">"},
    "below": {"<"},
    "at_or_below": {"<", "="},
    "at_or_above": {">", "="},
}
SCALAR = {"above": "gt", "below": "lt", "at_or_below": "le", "at_or_above": "ge"}


@pytest.mark.parametrize("name", sorted(HOLDS))
@pytest.mark.parametrize(("x", "y", "relation"), PAIRS)
def test_comparison_when_pair_given_then_all_three_forms_follow_the_rule(name, x, y, relation):
    expected = relation in HOLDS[name]
    function = getattr(compare, name)
    wide_x, wide_y = np.full(17, x), np.full(17, y)
    assert function(wide_x, wide_y).tolist() == [expected] * 17
    assert function(wide_x, y).tolist() == [expected] * 17
    assert bool(getattr(compare, SCALAR[name])(x, y)) is expected


def _plain_cross(x, y):
    def over(a, b):
        return a - b > 1e-9 * max(abs(a), abs(b))

    known = [not (np.isnan(a) or np.isnan(b)) for a, b in zip(x, y, strict=True)]
    return [
        i > 0 and known[i] and known[i - 1] and over(x[i], y[i]) and not over(x[i - 1], y[i - 1])
        for i in range(len(x))
    ]


def test_crosses_when_random_walks_with_holes_then_equal_to_plain_loop():
    rng = np.random.default_rng(3)
    x, y = rng.integers(-2, 3, 500).astype(float), rng.integers(-2, 3, 500).astype(float)
    x[rng.integers(0, 500, 20)] = NAN
    y[rng.integers(0, 500, 20)] = NAN
    assert compare.crosses_above(x, y).tolist() == _plain_cross(x, y)
    assert compare.crosses_below(x, y).tolist() == _plain_cross(y, x)
    level = np.full(500, 1.0)
    assert compare.crosses_above(x, 1.0).tolist() == _plain_cross(x, level)
    assert compare.crosses_below(x, 1).tolist() == _plain_cross(level, x)


def test_crosses_when_touching_first_then_the_bar_that_leaves_counts():
    x = np.array([1.0, 2.0, 2.0, 3.0, 3.0])
    assert compare.crosses_above(x, 2.0).tolist() == [False, False, False, True, False]


@pytest.mark.parametrize("n", [0, 1])
def test_crosses_when_too_short_then_never(n):
    x = np.ones(n)
    assert compare.crosses_above(x, x).tolist() == [False] * n
    assert compare.crosses_below(x, 0.5).tolist() == [False] * n


def test_comparison_when_read_only_list_or_strided_then_same_answer():
    x = np.arange(10.0)
    frozen = x.copy()
    frozen.flags.writeable = False
    assert compare.above(frozen, 4.5).tolist() == compare.above(x, 4.5).tolist()
    assert compare.above(list(x), 4.5).tolist() == compare.above(x, 4.5).tolist()
    assert compare.above(np.repeat(x, 2)[::2], 4.5).tolist() == compare.above(x, 4.5).tolist()
    assert not frozen.flags.writeable


def test_comparison_when_lengths_differ_then_refused():
    with pytest.raises(UsageError, match="y must have 3 values like x, had 2"):
        compare.above(np.ones(3), np.ones(2))


def test_comparison_when_two_dimensions_then_refused():
    with pytest.raises(UsageError, match="must have 1 dimension, had 2"):
        compare.above(np.ones((3, 2)), 1.0)


def test_comparison_when_compilation_is_off_then_same_answers():
    code = (
        "import numpy as np; from vigie.quant import compare as c; r = np.random.default_rng(1);"
        "x = np.round(r.normal(size=400), 1); y = np.round(r.normal(size=400), 1);"
        "fs = (c.above, c.below, c.at_or_above, c.at_or_below, c.crosses_above, c.crosses_below);"
        "print([f(x, b).tobytes().hex() for f in fs for b in (y, 0.1)])"
    )
    answers = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "NUMBA_DISABLE_JIT": off},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for off in ("0", "1")
    }
    assert len(answers) == 1
