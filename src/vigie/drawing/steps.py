"""Round steps between the marks of an axis."""

from __future__ import annotations

import math
from typing import Final

_STEPS: Final = (1.0, 2.0, 2.5, 5.0, 10.0)


def round_step(distance: float, slack: float) -> float:
    """Return the smallest round number that is at least a share `slack` of the distance wanted between marks."""
    power = 10.0 ** math.floor(math.log10(distance))
    return next((m * power for m in _STEPS if m * power >= distance * slack), 10 * power)


def multiples(step: float, low: float, high: float) -> list[float]:
    """Return the multiples of a step between two values, both ends included."""
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [k * step for k in range(first, last + 1)]
