"""Which figures stand out against their own past: for the pages that begin with them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from vigie.services.market_data.own_past import PastRow

MOST: Final = 6
# The page of each kind of derivatives.
PLACES: Final = {
    "funding": "derivatives", "open_interest": "open_interest", "basis": "basis", "long_short": "long_short",
    "liquidations": "liquidations", "volatility": "volatility",
}  # fmt: skip


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
    furthest : PastRow or None
        Of the kind that was asked for, the one furthest from the middle of its past, where none stands out.
    """

    rows: list[PastRow]
    left_out: int
    compared: int
    short: int
    furthest: PastRow | None = None


def most_unusual(
    rows: Sequence[PastRow],
    kind: str = "",
    most: int = MOST,
    *,
    percentiles: Mapping[tuple[str, str], float | None] = MappingProxyType({}),
) -> Unusual:
    """Return what stands out among rows of ``derivatives.past`` or ``onchain.past``.

    Parameters
    ----------
    kind : str
        That of the page.
    percentiles : mapping of (asset, venue) to float or None
        What the page's table shows: what is furthest is furthest in there, too.
    """
    found = sorted((row for row in rows if row.outlier), key=lambda row: -row.surprise)
    firsts: dict[tuple[str, str], PastRow] = {}
    for row in found:
        firsts.setdefault((row.kind, row.asset), row)
    shown = list(firsts.values())[:most]
    compared = sum(row.low is not None for row in rows)
    own = [row for row in rows if row.kind == kind and not row.is_stale]
    furthest = (
        None
        if any(row.outlier for row in own)
        else max(own, key=lambda row: _extremity(row, percentiles), default=None)
    )
    return Unusual(
        shown, len(firsts) - len(shown), compared, len(rows) - compared,
        furthest if furthest is not None and _distance(furthest) > 0.0 else None,
    )  # fmt: skip


def _extremity(row: PastRow, percentiles: Mapping[tuple[str, str], float | None]) -> tuple[float, float]:
    percentile = percentiles.get((row.asset, row.venue))
    return (abs(percentile - 0.5) if percentile is not None else 0.0), _distance(row)


def _distance(row: PastRow) -> float:
    """Return how far a value is from the middle of its usual range; 1 is its edge, 0 where it is not known."""
    if row.low is None or row.high is None or row.high <= row.low:
        return 0.0
    return abs(2.0 * (row.value - row.low) / (row.high - row.low) - 1.0)
