"""Bars that are missing between those that a model learns from: behind a gap, columns reach further back."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np

from vigie.catalogue import NamedTexts
from vigie.domain.bar import Bars
from vigie.domain.ids import parse_instrument
from vigie.intelligence.market.words import numbers_of

TEXTS: Final = NamedTexts("missing_bars", {
    "missing": "Missing bars of {instrument}: {missing} between {bars} (gaps: {gaps}). After a gap, columns reach "
               "further back in time than their look-back says; no outcome reaches across one. "
               "`vigie data fetch {venue} {asset} --timeframe {timeframe}` gets bars.",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class MarketGaps:
    """How many bars one market lacks.

    Attributes
    ----------
    instrument : str
    bars, missing, gaps : int
        Bars that are there, bars that are missing between them, and in how many gaps.
    """

    instrument: str
    bars: int
    missing: int
    gaps: int


def find_missing(markets: Iterable[Bars]) -> tuple[MarketGaps, ...]:
    """Return the markets between whose bars some are missing."""
    found = []
    for bars in markets:
        steps = np.diff(bars.ts) // bars.span_ms - 1
        if steps.any():
            found.append(MarketGaps(bars.instrument, len(bars), int(steps.sum()), int((steps > 0).sum())))
    return tuple(found)


def say_missing(lacking: Iterable[MarketGaps], venue: str, timeframe: str, language: str) -> list[str]:
    """Return a sentence a market, with the command that gets bars."""
    numbers = numbers_of(language)
    return [
        TEXTS[language]["missing"].format(
            instrument=market.instrument, venue=venue, timeframe=timeframe,
            asset=parse_instrument(market.instrument).base,
            **{name: numbers.number(getattr(market, name), 0) for name in ("bars", "missing", "gaps")},
        )
        for market in lacking
    ]  # fmt: skip
