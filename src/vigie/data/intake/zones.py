"""Local times as UTC: a zone's hours that come twice, or never, when clocks are changed."""

from __future__ import annotations

from typing import Final

import numpy as np
import polars as pl

from vigie.data.intake.form import zone_offset_ms
from vigie.domain.bar import IntArray

_NONE: Final = np.iinfo(np.int64).min


def to_utc(local: pl.Series, tz: str) -> pl.Series:
    """Return local times as epoch milliseconds UTC.

    Of an hour that comes twice, the order of the rows says which one it is: bars follow one another by their
    timeframe, upwards or downwards.

    Parameters
    ----------
    local : Datetime Series
        Without a zone.
    tz : str
        Name of a zone, or a fixed distance such as ``UTC+2``.

    Returns
    -------
    Int64 Series
        Null where there is no such time: clocks were put forward over it.
    """
    local = local.cast(pl.Datetime("ms"))
    offset = zone_offset_ms(tz)
    if offset is not None:
        return local.to_physical() - offset
    early, late = (
        local.dt.replace_time_zone(tz, ambiguous=which, non_existent="null").to_physical()
        for which in ("earliest", "latest")
    )
    twice = (early != late).fill_null(value=False)
    if not twice.any():
        return early
    first, second = (times.fill_null(_NONE).to_numpy() for times in (early, late))
    chosen = _choose_by_order(first, second, np.flatnonzero(twice.to_numpy()))
    frame = pl.DataFrame({"t": chosen, "is_there": early.is_not_null()})
    return frame.select(pl.when("is_there").then("t"))["t"]


def _choose_by_order(first: IntArray, second: IntArray, places: IntArray) -> IntArray:
    known = first[first != _NONE]
    is_falling = len(known) > 1 and known[-1] < known[0]
    steps = np.abs(np.diff(known))
    step = int(np.median(steps[steps > 0])) if (steps > 0).any() else 0
    chosen = first.copy()
    undecided = {int(place) for place in places}
    for place in places[::-1] if is_falling else places:
        before, behind = (place + 1, place - 1) if is_falling else (place - 1, place + 1)
        has_before = 0 <= before < len(chosen) and chosen[before] != _NONE
        has_behind = 0 <= behind < len(chosen) and chosen[behind] != _NONE and int(behind) not in undecided
        undecided.discard(int(place))
        earlier, later = int(first[place]), int(second[place])
        if has_before and earlier - int(chosen[before]) == step:
            chosen[place] = earlier
        elif (
            (has_before and later - int(chosen[before]) == step)
            or (has_behind and int(chosen[behind]) - later == step)
            or (has_before and earlier <= int(chosen[before]))
        ):
            chosen[place] = later
    return chosen
