"""A small line beside a number: no axes, its direction in its class, its words for those who do not see it."""

from __future__ import annotations

from typing import Literal

import numpy as np

from vigie.domain.bar import FloatArray
from vigie.drawing.frame import escape_text, short_number

Tone = Literal["up", "down", "flat"]
MOST_POINTS = 32


def sparkline(
    values: FloatArray, *, label: str = "", tone: Tone | None = None, width: int = 96, height: int = 24
) -> str:
    """Return a sparkline as SVG, or nothing where fewer than two values are known.

    Parameters
    ----------
    values : float64 array, shape (n,)
        Evenly spaced; what is not known is left out of the line.
    label : str
        What it says; empty where the number beside it already does, and it is hidden from readers.
    tone : str, optional
        ``up``, ``down`` or ``flat``; by default the direction from first to last.
    width, height : int
        Of its box; the page stretches it.
    """
    known = np.flatnonzero(np.isfinite(values))
    if len(known) < 2:
        return ""
    indices = known[np.unique(np.linspace(0, len(known) - 1, min(MOST_POINTS, len(known))).astype(np.int64))]
    part = values[indices]
    low, high = float(part.min()), float(part.max())
    span = (high - low) or 1.0
    xs = indices / max(len(values) - 1, 1) * width
    ys = height - 2 - (part - low) / span * (height - 4)
    points = " ".join(
        f"{short_number(x)},{short_number(y)}" for x, y in zip(xs.tolist(), ys.tolist(), strict=True)
    )
    direction = tone or ("up" if part[-1] > part[0] else "down" if part[-1] < part[0] else "flat")
    aria = f'role="img" aria-label="{escape_text(label)}"' if label else 'aria-hidden="true"'
    return (
        f'<svg class="spark spark-{direction}" viewBox="0 0 {width} {height}" preserveAspectRatio="none" {aria}>'
        f'<polygon points="{short_number(float(xs[0]))},{height} {points} {short_number(float(xs[-1]))},{height}"/>'
        f'<polyline points="{points}"/></svg>'
    )
