"""Lists: newest first, bounded by time and by the id of the last row seen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, TypeVar

from vigie.domain.time import DAY_MS
from vigie_sandbox.exchange.bitget.envelope import BitgetCall
from vigie_sandbox.exchange.wire import VenueRefusal

MAX_SPAN_MS: Final = 92 * DAY_MS
_MAX_ROWS: Final = 100

Row = TypeVar("Row")


def make_page(
    call: BitgetCall,
    rows: Sequence[Row],
    id_of: Callable[[Row], str],
    ts_of: Callable[[Row], int],
    *,
    max_span_ms: int = MAX_SPAN_MS,
    max_rows: int = _MAX_ROWS,
    default_rows: int = 0,
) -> tuple[list[Row], str]:
    """Return one page of rows that came oldest first, and the id to go on from.

    `startTime`, `endTime`, `idLessThan` and `limit` of the call bound it; ids are numbers.

    Parameters
    ----------
    max_span_ms : int
        How far apart the times may be.
    max_rows, default_rows : int
        Rows of a page: at most, and without a limit in the call (0 is the most).
    """
    start, end = call.whole("startTime", 0), call.whole("endTime", 2**62)
    if start and end < 2**62 and end - start > max_span_ms:
        raise VenueRefusal("00001", f"startTime and endTime interval cannot be greater than {max_span_ms} ms")
    below_id = call.whole("idLessThan", 2**62)
    # More than a page may be asked for; the venue gives what it has at most.
    limit = min(call.whole("limit", default_rows or max_rows, 1), max_rows)
    matches = [row for row in rows if start <= ts_of(row) <= end and int(id_of(row)) < below_id]
    matches.sort(key=lambda row: int(id_of(row)), reverse=True)
    page_rows = matches[:limit]
    return page_rows, id_of(page_rows[-1]) if page_rows else ""
