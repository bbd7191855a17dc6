"""Wilson's interval of a share: published values, bounds, and more certainty with more counted."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigie.domain.errors import UsageError
from vigie.quant.stats.proportion import wilson_interval


@pytest.mark.parametrize(
    ("successes", "count", "low", "high"),
    # Newcombe (1998), table I: 81 of 263, 15 of 148, 0 of 20, 1 of 29.
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_it_is_the_published_interval(successes, count, low, high):
    assert wilson_interval(successes, count) == pytest.approx((low, high), abs=5e-5)


@given(st.integers(1, 500), st.floats(0.0, 1.0))
def test_it_holds_the_share_and_narrows(count, share):
    successes = round(share * count)
    low, high = wilson_interval(successes, count)
    assert 0.0 <= low <= successes / count <= high <= 1.0
    wider = wilson_interval(10 * successes, 10 * count)
    assert wider[1] - wider[0] <= high - low


@pytest.mark.parametrize(("successes", "count"), [(0, 0), (2, 1), (-1, 4)])
def test_what_was_not_counted_has_none(successes, count):
    with pytest.raises(UsageError, match="succeeded"):
        wilson_interval(successes, count)
