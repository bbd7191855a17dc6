"""Which figures stand out against their own past: for the pages that begin with them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from vigie.services.market_data.own_past import PastRow

MOST: Final = 6


@dataclass(frozen=True, slots=True)
class Unusual:
    """What stands out.

    Attributes
    ----------
    rows : list of PastRow
        The most surprising first; of one measure of one asset the venue that stands out most.
    left_out : int
        Others that stand out.
    compared : int
        Figures with enough of a past to say.
    short : int
        Figures with less than 30 days of it.
    """

    rows: list[PastRow]
    left_out: int
    compared: int
    short: int


def most_unusual(rows: Sequence[PastRow], most: int = MOST) -> Unusual:
    """Return what stands out among rows of ``derivatives.past`` or ``onchain.past``."""
    found = sorted((row for row in rows if row.outlier), key=lambda row: -row.surprise)
    firsts: dict[tuple[str, str], PastRow] = {}
    for row in found:
        firsts.setdefault((row.kind, row.asset), row)
    shown = list(firsts.values())[:most]
    compared = sum(row.low is not None for row in rows)
    return Unusual(shown, len(firsts) - len(shown), compared, len(rows) - compared)
