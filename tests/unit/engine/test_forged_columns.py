"""A strategy that puts something else in the place of its input bars is refused, whatever that looks like."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tests.unit.engine.material import criterion, strategy, walk
from vigie.domain.bar import Bars, FloatArray
from vigie.domain.errors import UsageError
from vigie.domain.signal import Criteria
from vigie.engine.judgement import judge

LOOKALIKES: dict[str, Callable[[FloatArray], Any]] = {
    "the same bits of another type": lambda close: close.view(np.int64),
    "a list": lambda close: close.tolist(),
}


@pytest.mark.parametrize("lookalike", LOOKALIKES.values(), ids=LOOKALIKES)
def test_a_column_put_in_place_of_another_is_refused(lookalike: Callable[[FloatArray], Any]) -> None:
    def forging(bars: Bars, params: object) -> Criteria:
        object.__setattr__(bars, "close", lookalike(bars.close))
        return Criteria((criterion("any", bars.volume > 0.0),), ())

    with pytest.raises(UsageError, match="changed close of its input bars"):
        judge(strategy(forging), walk(50), None)
