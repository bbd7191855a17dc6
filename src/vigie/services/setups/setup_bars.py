"""The bars around a setup and its levels over them: what its chart is drawn from, on pages and in mails."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from vigie.catalogue import NamedTexts
from vigie.data.live_history import bars_until
from vigie.data.stores import DataStores
from vigie.domain.bar import Bars
from vigie.domain.ids import SeriesId, parse_slot
from vigie.domain.setup import ENDED
from vigie.drawing.points import NumberedMark, PointPlace
from vigie.intelligence.setups.life import FORMING_CLOSES_AT_MOST
from vigie.ports.setups import StoredChange
from vigie.services.setups.setup_rows import number_of
from vigie.services.setups.weighing import deciding_change

# Bars in its chart before a setup began, and after it ended.
BEFORE: Final = 80
AFTER: Final = 15
LEVELS: Final = ("entry", "stop", "target")
# On so many bars its levels are drawn at least: on one alone a line is a tick at the edge.
LEAST_BARS: Final = 4
# What its three points are about, and what that is called.
POINTS: Final = {
    "decided": "Entry decided", "near": "Near an entry", "held": "What held then", "stop": "Stop", "ended": "End",
}  # fmt: skip
POINT_NAMES: Final = NamedTexts("setup_point", POINTS)


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


def numbered_points(
    bars: Bars, changes: Sequence[StoredChange], names: Mapping[str, str]
) -> list[NumberedMark]:
    """Return where the three points of a setup's explanation stand: its decision, what held then, stop or end.

    Parameters
    ----------
    bars : Bars
        Around the setup.
    changes : sequence of StoredChange
        Oldest first.
    names : mapping of str to str
        What `POINTS` are called.

    Returns
    -------
    list of NumberedMark
        Those whose bar is there: the first beyond the bar on the stop's side, the second on the other; the third at the
        stop while the setup is open and it is known, else at the close that ended it.
    """
    deciding, last = deciding_change(changes), changes[-1]
    places = {ts: place for place, ts in enumerate(bars.ts.tolist())}
    middle, found = bars.span_ms // 2, list[NumberedMark]()
    if (at := places.get(deciding.ts_bar)) is not None:
        decided = names["decided" if deciding.state == "confirmed" else "near"]
        sides: tuple[tuple[PointPlace, float], ...] = (
            ("below", float(bars.low[at])),
            ("above", float(bars.high[at])),
        )
        for number, text, (place, price) in zip(
            (1, 2), (decided, names["held"]), sides if deciding.side == "long" else sides[::-1], strict=True
        ):
            found.append(NumberedMark(number, deciding.ts_bar + middle, price, place, text))
    if last.state in ENDED:
        if (at := places.get(last.ts_bar)) is not None:
            found.append(NumberedMark(3, last.ts_bar + middle, float(bars.close[at]), "at", names["ended"]))
    elif (stop := number_of(last.body, "stop")) is not None and len(bars):
        # Not where the other two stand: where the newest bar is too near, before them.
        newest, apart = int(bars.ts[-1]), (LEAST_BARS - 1) * bars.span_ms
        ts = newest if newest - deciding.ts_bar >= apart else deciding.ts_bar - apart
        found.append(NumberedMark(3, ts + middle, stop, "at", names["stop"]))
    return found
