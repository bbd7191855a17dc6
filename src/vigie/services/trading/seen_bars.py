"""The bars of a slot as its account decided on them; what its venue tells otherwise since is counted apart."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from vigie.data.decided_bars import COLUMNS, SAME
from vigie.domain.bar import Bars
from vigie.engine.live import steps


def seen_bars(stored: Bars, number: int, taken: Sequence[steps.Step]) -> tuple[Bars, list[int]]:
    """Return the bars of a slot with those in place that its decisions used, and which of these are others now.

    A bar that was not pushed has no volume in the log: the store's stands for it. Bars that are stored and that no
    decision used stay: that the account missed them is a difference.

    Parameters
    ----------
    taken : sequence of Step
        The account's log.
    """
    seen = {bar.ts: bar for step in taken for bar in getattr(step, "bars", ()) if bar.slot == number}
    known = set(stored.ts.tolist())
    # Pushed, and never stored: the store was behind, or its history lacks the bar.
    lacking = [ts for ts, bar in seen.items() if ts not in known and bar.volume is not None]
    ts = np.concatenate([stored.ts, np.array(lacking, np.int64)])
    order = np.argsort(ts, kind="stable")
    ts = ts[order]
    columns, differs = {}, np.zeros(len(ts), bool)
    used = [(row, seen[one]) for row, one in enumerate(ts.tolist()) if one in seen]
    for name in COLUMNS:
        column = np.concatenate([getattr(stored, name), np.full(len(lacking), np.nan)])[order]
        for row, bar in used:
            then = getattr(bar, name)
            if then is not None:
                differs[row] |= not np.isclose(column[row], then, rtol=SAME, atol=0.0)
                column[row] = then
        columns[name] = column
    bars = Bars(
        stored.instrument, stored.span_ms, ts, columns["open"], columns["high"], columns["low"],
        columns["close"], columns["volume"], venue=stored.venue,
    )  # fmt: skip
    return bars, ts[differs].tolist()
