"""Long histories of days, fetched in pieces: the newest two years first, then older ones, from where the last ended.

A pull brings one piece and says whether there is more; the bookmark holds what was reached, so that a kill costs one
piece at most. Assets that were added later begin anew: what is stored already is not stored twice.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from vigie.domain.time import DAY_MS

_FIRST_DAYS: Final = 730


@dataclass(frozen=True, slots=True)
class DayPiece:
    """Days to ask for, and the bookmark once they are stored.

    Attributes
    ----------
    start_ms, end_ms : int
        Whole UTC days, [start_ms, end_ms).
    bookmark : str
        Where to go on.
    has_more : bool
        Whether older days are still to be fetched after it.
    is_newest : bool
        Whether it reaches until now: it must bring something.
    """

    start_ms: int
    end_ms: int
    bookmark: str
    has_more: bool
    is_newest: bool


def next_piece(
    bookmark: str, assets: Sequence[str], now: int, *, first_ms: int, days: int, again_days: int
) -> DayPiece:
    """Return which days to ask for next.

    Parameters
    ----------
    bookmark : str
        Of the piece before, or empty.
    assets : sequence of str
        Of whom days are wanted.
    now : int
        Epoch milliseconds.
    first_ms : int
        The first day that anybody can have.
    days : int
        Length of an older piece.
    again_days : int
        So many of the newest days are asked for again: they may be revised.
    """
    names, tomorrow = sorted(assets), (now // DAY_MS + 1) * DAY_MS
    known = json.loads(bookmark) if bookmark else {}
    if known.get("assets") != names:
        oldest = max(tomorrow - _FIRST_DAYS * DAY_MS, first_ms)
        return _piece(oldest, tomorrow, names, tomorrow, oldest, first_ms)
    newest, oldest = known["newest"], known["oldest"]
    if newest < tomorrow or oldest <= first_ms:
        start = min(newest, tomorrow) - again_days * DAY_MS
        return _piece(start, tomorrow, names, tomorrow, oldest, first_ms)
    start = max(oldest - days * DAY_MS, first_ms)
    return _piece(start, oldest, names, newest, start, first_ms)


def _piece(start: int, end: int, names: list[str], newest: int, oldest: int, first_ms: int) -> DayPiece:
    bookmark = json.dumps({"assets": names, "newest": newest, "oldest": oldest})
    return DayPiece(start, end, bookmark, oldest > first_ms, end == newest)
