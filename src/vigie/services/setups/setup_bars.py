"""The bars around a setup and its levels over them: what its chart is drawn from, on pages and in mails."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from vigie.data.live_history import bars_until
from vigie.data.stores import DataStores
from vigie.domain.bar import Bars
from vigie.domain.ids import SeriesId, parse_slot
from vigie.domain.setup import ENDED
from vigie.intelligence.setups.life import FORMING_CLOSES_AT_MOST
from vigie.ports.setups import StoredChange
from vigie.services.setups.setup_rows import number_of

# Bars in its chart before a setup began, and after it ended.
BEFORE: Final = 80
AFTER: Final = 15
LEVELS: Final = ("entry", "stop", "target")
# On so many bars its levels are drawn at least: on one alone a line is a tick at the edge.
LEAST_BARS: Final = 4


def bars_around(data: DataStores, changes: Sequence[StoredChange]) -> Bars:
    """Return the bars from before a setup began until after it ended, or until now.

    One that is open ends within its horizon: where it seems to be open for longer, as while a past is replayed, later
    bars are none of its chart.

    Parameters
    ----------
    data : DataStores
        Where bars are.
    changes : sequence of StoredChange
        Of one setup, oldest first.

    Returns
    -------
    Bars
        Perhaps none.
    """
    first, last = changes[0], changes[-1]
    slot = parse_slot(first.slot)
    series = SeriesId(first.venue, slot.instrument, slot.timeframe)
    span = series.span_ms
    open_bars = (
        0 if last.state in ENDED else int(number_of(last.body, "horizon_bars") or FORMING_CLOSES_AT_MOST)
    )
    end = min(last.ts_bar + (open_bars + AFTER + 1) * span, data.clock.market_now())
    return bars_until(data.bars, series, first.ts_bar - BEFORE * span, end)


def level_lines(bars: Bars, changes: Sequence[StoredChange]) -> Mapping[str, list[tuple[int, float]]]:
    """Return entry, stop and target from where they were shown to the end, some bars at least; those that are known.

    Parameters
    ----------
    bars : Bars
        Around the setup, at least one.
    changes : sequence of StoredChange
        Oldest first.

    Returns
    -------
    mapping of str to list of (int, float)
        By name, the open time of each bar and the price.
    """
    shown_at = next((change for change in reversed(changes) if change.state not in ENDED), changes[-1])
    end = max(changes[-1].ts_bar if changes[-1].state in ENDED else int(bars.ts[-1]), shown_at.ts_bar)
    begin = min(shown_at.ts_bar, end - (LEAST_BARS - 1) * bars.span_ms)
    prices = {name: number_of(shown_at.body, name) for name in LEVELS}
    return {
        name: [(ts, price) for ts in bars.ts.tolist() if begin <= ts <= end]
        for name, price in prices.items()
        if price is not None
    }
