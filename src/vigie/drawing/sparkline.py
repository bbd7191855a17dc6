"""A small line beside a number: no axes, its direction in its class; the page writes what it says around it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

Tone = Literal["up", "down", "flat"]


class SparkLine(NamedTuple):
    """A line in its box.

    Attributes
    ----------
    points : str
        Of an SVG polyline.
    first, last : float
        From left, where it begins and ends.
    tone : str
        Its direction from first to last.
    """

    points: str
    first: float
    last: float
    tone: Tone


def spark_line(values: Sequence[float | None], width: int, height: int) -> SparkLine | None:
    """Return the line of values, or nothing where fewer than two are known.

    Parameters
    ----------
    values : sequence of float or None
        Evenly spaced; what is not known is left out of the line.
    width, height : int
        Of its box; the page stretches it.

    Returns
    -------
    SparkLine or None
    """
    known = [(number, value) for number, value in enumerate(values) if value is not None]
    if len(known) < 2:
        return None
    low, high = min(value for _, value in known), max(value for _, value in known)
    step, span = width / (len(values) - 1), (high - low) or 1
    xs = [round(number * step, 1) for number, _ in known]
    ys = [round(height - 2 - (value - low) / span * (height - 4), 1) for _, value in known]
    begin, end = known[0][1], known[-1][1]
    return SparkLine(
        " ".join(f"{x},{y}" for x, y in zip(xs, ys, strict=True)),
        xs[0],
        xs[-1],
        "up" if end > begin else "down" if end < begin else "flat",
    )
