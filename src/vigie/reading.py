"""Reading what a person hands to the Python door: bars, signals, units and series in any usual shape.

Takes frames, mappings, arrays, rows or paths; gives the records of the domain. What cannot be read is refused by
name, with what it was.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import polars as pl

from vigie.domain.bar import Bars, BoolArray, FloatArray, IntArray
from vigie.domain.errors import UsageError
from vigie.domain.time import TIMEFRAME_MS, iso, parse_time, timeframe_ms
from vigie.domain.time_bounds import LAST_DATE_MS
from vigie.engine.inputs import Settlements, settlements_of

AnyBars = Any
PRICES: Final = ("open", "high", "low", "close")
# Counts of seconds, from 2009 to the year 5138; of milliseconds and of microseconds, to that year as well.
_SECONDS: Final = (1_230_768_000, 10**11)
_MILLIS_BELOW: Final = 10**14
_MICROS_BELOW: Final = 10**17
# What 64 bits hold.
_INT64_BOUND: Final = 2**63


def as_bars(
    bars: AnyBars,
    *,
    bar_ts: Sequence[int] | IntArray | None = None,
    timeframe: str | None = None,
    span_ms: int | None = None,
    instrument: str = "",
    venue: str = "",
) -> Bars:
    """Read bars from whatever a person has at hand.

    Parameters
    ----------
    bars : Bars, frame, mapping of arrays, path, or rows
        Frames and mappings have ``timestamp`` (open time: datetimes, ISO text or an epoch in milliseconds,
        microseconds, nanoseconds, or in seconds where bars follow one another as those of a timeframe),
        ``open``, ``high``, ``low``, ``close`` and optionally ``volume``. Rows are ``[open, high, low, close]``
        with `bar_ts`, or begin with the time.
    timeframe : str, optional
        ``1h``; the median spacing when left out.
    span_ms : int, optional
        The same in milliseconds; wins.

    Returns
    -------
    Bars

    Raises
    ------
    UsageError
        If columns are missing, lengths differ, times do not ascend, or something is no number or no time.
    """
    if isinstance(bars, Bars):
        return bars
    if isinstance(bars, str | Path):
        from vigie.services.bar_reading import read_bars
        from vigie.wiring.data import open_data

        return read_bars(
            Path(bars), venue=venue, timeframe=timeframe or "", now_ms=open_data().clock.market_now()
        )
    if span_ms is not None and (span_ms < 1 or span_ms % 1):
        raise UsageError(f"timeframe_ms must be a whole number above 0, was {span_ms}")
    columns = _read_columns(bars, bar_ts)
    ts = _read_times("timestamp", columns["timestamp"])
    if len(ts) == 0:
        raise UsageError("bars must not be empty")
    # Bars may also be counted from nought: without such a spacing they are taken as they are.
    if _may_be_seconds(ts) and len(ts) > 1 and _median_spacing(ts) * 1_000 in TIMEFRAME_MS.values():
        ts = ts * 1_000
    volume = columns.get("volume")
    span = span_ms or (timeframe_ms(timeframe) if timeframe else _median_spacing(ts))
    open_, high, low, close = (_read_numbers(name, columns[name], len(ts)) for name in PRICES)
    return Bars(
        instrument=instrument,
        span_ms=int(span),
        ts=ts,
        open=open_,
        high=high,
        low=low,
        close=close,
        volume=np.zeros(len(ts)) if volume is None else _read_numbers("volume", volume, len(ts)),
        venue=venue,
    )


def _read_columns(bars: AnyBars, bar_ts: Sequence[int] | IntArray | None) -> dict[str, Any]:
    if isinstance(bars, Mapping):
        columns = {str(name).lower(): values for name, values in bars.items()}
    elif hasattr(bars, "columns"):
        columns = {str(name).lower(): bars[name] for name in bars.columns}
    else:
        columns = _read_rows(bars, has_time=bar_ts is None)
    if bar_ts is not None:
        columns["timestamp"] = bar_ts
    elif "timestamp" not in columns and "ts" in columns:
        columns["timestamp"] = columns["ts"]
    missing = [name for name in ("timestamp", *PRICES) if name not in columns]
    if missing:
        raise UsageError(
            f"bars must have columns timestamp open high low close, {' '.join(missing)} is missing"
        )
    return columns


def _read_rows(rows: AnyBars, *, has_time: bool) -> dict[str, Any]:
    names = ("timestamp", *PRICES, "volume") if has_time else (*PRICES, "volume")
    table = _read_array("bars", rows)
    if table.ndim != 2 or table.shape[1] not in (len(names) - 1, len(names)):
        expected = "a time and 4 or 5 numbers" if has_time else "4 or 5 numbers"
        raise UsageError(f"bars must be rows of {expected}, had shape {table.shape}")
    return {name: table[:, index] for index, name in enumerate(names[: table.shape[1]])}


def _read_array(name: str, values: Any) -> FloatArray:
    try:
        return np.ascontiguousarray(values, np.float64)
    except (TypeError, ValueError) as fault:
        raise UsageError(f"{name} must be numbers: {fault}") from None


def _read_numbers(name: str, values: Any, n: int) -> FloatArray:
    array = _read_array(name, values)
    if array.shape != (n,):
        raise UsageError(f"{name} must have {n} values like the bars, had {array.shape}")
    return array


def _read_times(name: str, values: Any) -> IntArray:
    """Read times: datetimes, ISO text, or whole numbers; micro- and nanoseconds come out as milliseconds."""
    array = np.asarray(values)
    if np.issubdtype(array.dtype, np.datetime64):
        ts = np.ascontiguousarray(array.astype("datetime64[ms]").astype(np.int64))
    elif array.dtype.kind in "OUT":
        ts = np.array([parse_time(str(value)) for value in array.tolist()], np.int64)
    elif array.dtype.kind not in "iuf" or not (array == np.floor(array)).all():
        raise UsageError(f"{name} must be datetimes, ISO text or epoch milliseconds, had {array.dtype}")
    else:
        # What does not fit 64 bits would wrap around.
        _check_times(name, array, (array > -_INT64_BOUND) & (array < _INT64_BOUND))
        ts = _to_milliseconds(np.ascontiguousarray(array, np.int64))
    _check_times(name, array, (ts >= -LAST_DATE_MS) & (ts <= LAST_DATE_MS))
    return ts


def _check_times(name: str, given: Any, are_times: BoolArray) -> None:
    if not are_times.all():
        index = int(np.argmin(are_times))
        raise UsageError(f"{name} must be a time, was {given[index]} at {index}")


def _to_milliseconds(counts: IntArray) -> IntArray:
    smallest = int(counts.min()) if len(counts) else 0
    if smallest >= _MICROS_BELOW:
        return counts // 1_000_000
    return counts // 1_000 if smallest >= _MILLIS_BELOW else counts


def _may_be_seconds(ts: IntArray) -> bool:
    return len(ts) > 0 and bool(_SECONDS[0] <= ts.min() and ts.max() < _SECONDS[1])


def _median_spacing(ts: IntArray) -> int:
    if len(ts) < 2:
        raise UsageError("timeframe must be given for fewer than two bars")
    span = int(np.median(np.diff(ts)))
    if span <= 0:
        raise UsageError("times of bars must ascend, most did not come after the one before; sort them")
    return span


def as_flags(name: str, given: Any, n: int) -> BoolArray:
    """Read a signal: a bool (or 0 and 1) for every bar, the indices of the bars on which it holds, or nothing.

    Raises
    ------
    UsageError
        If it is neither.
    """
    out = np.zeros(n, np.bool_)
    values = out if given is None else np.asarray(given)
    if values.size == 0:
        return out
    if values.dtype == np.bool_:
        if values.shape != (n,):
            raise UsageError(f"{name} must have {n} values like the bars, had {values.shape}")
        return np.ascontiguousarray(values)
    if (
        n > 2
        and values.shape == (n,)
        and values.dtype.kind in "iu"
        and values.min() >= 0
        and values.max() <= 1
    ):
        return values.astype(np.bool_)  # indices of so many bars would go on behind 1
    if not np.issubdtype(values.dtype, np.integer) or values.min() < 0 or values.max() >= n:
        raise UsageError(f"{name} must be bools, or indices of bars in 0..{n - 1}")
    out[values] = True
    return out


def as_unit(name: str, given: Any, n: int) -> FloatArray:
    """Read a number for every bar; None and NaN mean "not known yet".

    Raises
    ------
    UsageError
        If it is no such array.
    """
    if given is None or isinstance(given, str) or not isinstance(given, Iterable):
        raise UsageError(f"{name} must have {n} values like the bars, was {given!r}")
    if not hasattr(given, "dtype"):
        given = [np.nan if value is None else value for value in given]
    return _read_numbers(name, given, n)


def as_series(name: str, given: Any, bars: Bars) -> Any:
    """Read a series of the bars by its column's name, or numbers for every bar.

    Raises
    ------
    UsageError
        If it is neither.
    """
    columns = ("ts", *PRICES, "volume")
    if isinstance(given, str):
        if given not in columns:
            raise UsageError(f"{name} must be one of {' '.join(columns)} or numbers, was {given!r}")
        return getattr(bars, given)
    return as_unit(name, given, len(bars))


def as_settlements(funding: Any = None, mark: Any = None, *, bars: Bars | None = None) -> Settlements:
    """Read funding settlements and mark prices.

    Parameters
    ----------
    funding : pairs of (time, rate), a mapping, or a frame whose first column is the time and last the rate
        Settlements.
    mark : pairs of (time, open), a mapping, a frame, or Bars
        Mark-price bars.
    bars : Bars, optional
        What they belong to: beside bars of this century seconds are told from milliseconds.

    Raises
    ------
    UsageError
        If something cannot be read, or two rates are given for one minute.
    """
    if funding is None and mark is None:
        return Settlements()
    ts, rate = _read_pairs("funding", funding, bars)
    if isinstance(mark, Bars):
        settlements = settlements_of(ts, rate, mark.ts, mark.open)
    else:
        if hasattr(mark, "columns") and "open" in mark.columns:
            mark = mark[[mark.columns[0], "open"]]
        mark_ts, mark_open = _read_pairs("mark", mark, bars)
        order = np.argsort(mark_ts, kind="stable")
        same_times = np.flatnonzero(np.diff(mark_ts[order]) == 0)
        if len(same_times):
            raise UsageError(
                f"mark must have one price a time, had two at {iso(int(mark_ts[order][same_times[0]]))}"
            )
        settlements = settlements_of(ts, rate, mark_ts[order], mark_open[order])
    same_settlements = np.flatnonzero(np.diff(settlements.ts) == 0)
    if len(same_settlements):
        raise UsageError(
            f"funding must have one rate a settlement, had two at {iso(int(settlements.ts[same_settlements[0]]))}"
        )
    return settlements


def _read_pairs(name: str, given: Any, bars: Bars | None) -> tuple[IntArray, FloatArray]:
    if given is None or len(given) == 0:
        return np.zeros(0, np.int64), np.zeros(0)
    if hasattr(given, "columns"):
        times, values = given[given.columns[0]], given[given.columns[-1]]
    else:
        pairs = list(given.items() if isinstance(given, Mapping) else given)
        if any(len(pair) != 2 for pair in pairs):
            raise UsageError(f"{name} must be pairs of time and value, had {pairs[0]!r}")
        times, values = zip(*pairs, strict=True)
    ts = _read_times(name, times)
    if _may_be_seconds(ts) and bars is not None and len(bars) and bars.ts[0] >= _SECONDS[0] * 1_000:
        ts = ts * 1_000
    return ts, _read_numbers(name, values, len(ts))


def frame_of(history: Bars) -> pl.DataFrame:
    """Return bars as a frame with ``timestamp`` in UTC."""
    columns = {name: getattr(history, name) for name in (*PRICES, "volume")}
    stamp = pl.Series("timestamp", history.ts).cast(pl.Datetime("ms", "UTC"))
    return pl.DataFrame([stamp, *(pl.Series(name, values) for name, values in columns.items())])
