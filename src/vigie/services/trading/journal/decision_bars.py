"""The bars of a slot as its account decided on them; what its venue tells otherwise since is counted apart."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from vigie.data.decided_bars import COLUMNS, SAME
from vigie.domain.bar import Bars
from vigie.engine.live.fold import steps


def collect_decision_bars(
    stored_bars: Bars, number: int, log_steps: Sequence[steps.Step]
) -> tuple[Bars, list[int]]:
    """Return the bars of a slot with those in place that its decisions used, and which of these are others now.

    A bar that was not pushed has no volume in the log: the store's stands for it. Bars that are stored and that no
    decision used stay: that the account missed them is a difference.

    Parameters
    ----------
    log_steps : sequence of Step
        The account's log.
    """
    decided = {bar.ts: bar for step in log_steps for bar in getattr(step, "bars", ()) if bar.slot == number}
    stored_times = set(stored_bars.ts.tolist())
    # Pushed, and never stored: the store was behind, or its history lacks the bar.
    missing = [ts for ts, bar in decided.items() if ts not in stored_times and bar.volume is not None]
    ts = np.concatenate([stored_bars.ts, np.array(missing, np.int64)])
    order = np.argsort(ts, kind="stable")
    ts = ts[order]
    columns, differs = {}, np.zeros(len(ts), bool)
    used = [(row, decided[bar_ts]) for row, bar_ts in enumerate(ts.tolist()) if bar_ts in decided]
    for name in COLUMNS:
        column = np.concatenate([getattr(stored_bars, name), np.full(len(missing), np.nan)])[order]
        for row, bar in used:
            value = getattr(bar, name)
            if value is not None:
                differs[row] |= not np.isclose(column[row], value, rtol=SAME, atol=0.0)
                column[row] = value
        columns[name] = column
    bars = Bars(
        stored_bars.instrument, stored_bars.span_ms, ts, columns["open"], columns["high"], columns["low"],
        columns["close"], columns["volume"], venue=stored_bars.venue,
    )  # fmt: skip
    return bars, ts[differs].tolist()
