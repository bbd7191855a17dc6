"""A small picture of a setup: the newest bars, with entry, stop and target drawn on from where they were shown."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from vigie.drawing.frame import escape_text, short_number

WIDTH: Final = 330
HEIGHT: Final = 112
MOST_BARS: Final = 44
# Of the width, what lies before the newest bar; the rest is what may come.
PAST: Final = 0.82
_MARGIN: Final = 6.0
Candle = tuple[float, float, float, float]
"""Open, high, low and close."""


def setup_sketch(
    candles: Sequence[Candle],
    *,
    shown: int,
    entry: float,
    stop: float | None,
    target: float | None,
    label: str,
) -> str:
    """Return a sketch as SVG, or nothing where there are fewer than two bars.

    Parameters
    ----------
    candles : sequence of (float, float, float, float)
        Open, high, low and close, oldest first; the newest 44 are drawn.
    shown : int
        How many of the last bars have the levels over them.
    entry, stop, target : float
        Levels; None where not known.
    label : str
        What it says for those who do not see it.
    """
    drawn = candles[-MOST_BARS:]
    if len(drawn) < 2:
        return ""
    levels = [level for level in (entry, stop, target) if level is not None]
    low = min(min(candle[2] for candle in drawn), *levels)
    high = max(max(candle[1] for candle in drawn), *levels)
    scale = (HEIGHT - 2 * _MARGIN) / ((high - low) or 1.0)
    step = WIDTH * PAST / len(drawn)

    def y(price: float) -> float:
        return _MARGIN + (high - price) * scale

    begin = max(0.0, (len(drawn) - min(shown, len(drawn))) * step)
    now = len(drawn) * step
    parts = [
        _zone(now, y(entry), y(level), kind) for level, kind in ((stop, "stop"), (target, "target")) if level
    ]
    parts += [_candles(drawn, step, y, kind) for kind in ("up", "down")]
    parts += [
        f'<path class="level-{kind}" d="M{short_number(begin)} {short_number(y(level))}H{WIDTH}"/>'
        for level, kind in ((stop, "stop"), (target, "target"), (entry, "entry"))
        if level is not None
    ]
    return (
        f'<svg class="plot sketch" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape_text(label)}">'
        f"{''.join(parts)}</svg>"
    )


def _zone(begin: float, one: float, other: float, kind: str) -> str:
    top, height = min(one, other), abs(one - other)
    return (
        f'<rect class="zone-{kind}" x="{short_number(begin)}" y="{short_number(top)}" '
        f'width="{short_number(WIDTH - begin)}" height="{short_number(height)}"/>'
    )


def _candles(drawn: Sequence[Candle], step: float, y: Callable[[float], float], kind: str) -> str:
    """Return the candles of one colour as one path."""
    strokes: list[str] = []
    for place, (open_, high, low, close) in enumerate(drawn):
        if (close >= open_) != (kind == "up"):
            continue
        x = (place + 0.5) * step
        strokes.append(f"M{short_number(x)} {short_number(y(high))}V{short_number(y(low))}")
        top, bottom = y(max(open_, close)), y(min(open_, close))
        half = step * 0.32
        strokes.append(
            f"M{short_number(x - half)} {short_number(top)}h{short_number(2 * half)}"
            f"v{short_number(max(bottom - top, 0.6))}h{short_number(-2 * half)}z"
        )
    return f'<path class="{kind}" d="{"".join(strokes)}"/>' if strokes else ""
