"""Lists: newest first, bounded by time and by the id of the last row seen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, TypeVar

from vigie.domain.time import DAY_MS
from vigie.sandbox.exchange.bitget.envelope import Call
from vigie.sandbox.exchange.wire import Refusal

LONGEST_MS: Final = 92 * DAY_MS
_MOST: Final = 100

Row = TypeVar("Row")


def page(
    call: Call,
    rows: Sequence[Row],
    id_of: Callable[[Row], str],
    ts_of: Callable[[Row], int],
    *,
    longest_ms: int = LONGEST_MS,
    most: int = _MOST,
    usual: int = 0,
) -> tuple[list[Row], str]:
    """Return one page of rows that came oldest first, and the id to go on from.

    `startTime`, `endTime`, `idLessThan` and `limit` of the call bound it; ids are numbers.

    Parameters
    ----------
    longest_ms : int
        How far apart the times may be.
    most, usual : int
        Rows of a page: at most, and without a limit in the call (0 is the most).
    """
    start, end = call.whole("startTime", 0), call.whole("endTime", 2**62)
    if start and end < 2**62 and end - start > longest_ms:
        raise Refusal("00001", f"startTime and endTime interval cannot be greater than {longest_ms} ms")
    below = call.whole("idLessThan", 2**62)
    # More than a page may be asked for; the venue gives what it has at most.
    limit = min(call.whole("limit", usual or most, 1), most)
    found = [one for one in rows if start <= ts_of(one) <= end and int(id_of(one)) < below]
    found.sort(key=lambda one: int(id_of(one)), reverse=True)
    shown = found[:limit]
    return shown, id_of(shown[-1]) if shown else ""
