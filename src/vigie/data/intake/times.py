"""Times in a file: seconds, milliseconds, microseconds or ISO text, told row by row; or in a form that is said."""

from __future__ import annotations

from typing import Final

import polars as pl

from vigie.data.frames import TIME_TYPE
from vigie.data.intake.form import SILENT, FileForm
from vigie.data.intake.zones import to_utc
from vigie.domain.time_bounds import LAST_DATE_MS

# The year 1: what is earlier cannot be written as a date.
_FIRST_MS: Final = -62_135_596_800_000
# Epoch counts are told apart by size: seconds stay below 1e11 until the year 5138.
_SECONDS_BELOW: Final = 1e11
_MILLIS_BELOW: Final = 1e14
_MICROS_BELOW: Final = 1e17

_ZONED: Final = ("%Y-%m-%dT%H:%M:%S%.f%#z", "%Y-%m-%d %H:%M:%S%.f%#z", "%Y-%m-%d %H:%M%#z")
_NAIVE: Final = (
    "%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M",
    "%Y/%m/%d %H:%M:%S%.f", "%Y/%m/%d %H:%M", "%Y%m%d %H:%M:%S", "%Y.%m.%d %H:%M:%S", "%Y.%m.%d %H:%M",
)  # fmt: skip
_DATES: Final = ("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d")
_CLOCKS: Final = ("%H:%M:%S", "%H:%M")
_SAMPLE: Final = 1_000


def to_milliseconds(column: pl.Series, form: FileForm = SILENT) -> pl.Series:
    """Read a column of times as epoch milliseconds UTC.

    Parameters
    ----------
    column : Series
        Integers or floats (epoch in s, ms, us or ns), text (epoch digits or ISO 8601, UTC unless it says
        otherwise), dates or datetimes (UTC where they have no zone).
    form : FileForm
        May say the zone of times that name none, and the format of text.

    Returns
    -------
    Int64 Series
        Null where the value is no time, or one that no calendar has.
    """
    times = _to_epoch_ms(column, form)
    low, high = times.min(), times.max()
    if isinstance(low, int) and isinstance(high, int) and _FIRST_MS <= low <= high <= LAST_DATE_MS:
        return times
    time = pl.col("t")
    return times.to_frame("t").select(pl.when(time.is_between(_FIRST_MS, LAST_DATE_MS)).then(time))["t"]


def _to_epoch_ms(column: pl.Series, form: FileForm) -> pl.Series:
    kind = column.dtype
    if kind == pl.Date:
        return to_utc(column.cast(pl.Datetime("ms")), form.tz)
    if isinstance(kind, pl.Datetime):
        if kind.time_zone is None:
            return to_utc(column, form.tz)
        return column.dt.convert_time_zone("UTC").cast(TIME_TYPE).to_physical()
    if kind.is_numeric() and not form.date_format:
        return _from_epoch(column)
    text = column.cast(pl.String).str.strip_chars().str.strip_chars('"').alias("t")
    return (
        _parse_in_format(text, form)
        if form.date_format
        else _from_text(text.str.strip_suffix(" UTC"), form.tz)
    )


def _parse_in_format(text: pl.Series, form: FileForm) -> pl.Series:
    """Read text in the one format that is said."""
    has_clock = any(part in form.date_format for part in ("%H", "%I", "%M", "%s", "%T", "%R", "%X", "%c"))
    if not has_clock:
        days = text.str.to_date(form.date_format, strict=False).cast(pl.Datetime("ms"))
        # The time of the day may stand in a column beside.
        for clock in _CLOCKS:
            with_clock = text.str.to_datetime(f"{form.date_format} {clock}", time_unit="ms", strict=False)
            days = days.zip_with(days.is_not_null(), with_clock)
        return to_utc(days, form.tz)
    moments = text.str.to_datetime(form.date_format, time_unit="ms", strict=False)
    if "%z" in form.date_format:
        return moments.cast(TIME_TYPE).to_physical()
    return to_utc(moments, form.tz)


def _from_epoch(column: pl.Series) -> pl.Series:
    t = pl.col("t")
    frame = column.to_frame("t")
    if column.dtype.is_float():
        # Seconds may carry a fraction; a bar before 1973 does not exist, so no count is scaled twice.
        whole = pl.when(t < _SECONDS_BELOW).then(t * 1_000).otherwise(t).round()
        frame = frame.select(pl.when(t.is_finite()).then(whole).cast(pl.Int64, strict=False).alias("t"))
    else:
        frame = frame.cast(pl.Int64, strict=False)
        low, high = frame["t"].min(), frame["t"].max()
        if isinstance(low, int) and isinstance(high, int) and _SECONDS_BELOW <= low <= high < _MILLIS_BELOW:
            return frame["t"]  # all milliseconds, the usual case, without another pass
    scaled = (
        pl.when(t < _SECONDS_BELOW)
        .then(t * 1_000)
        .when(t < _MILLIS_BELOW)
        .then(t)
        .when(t < _MICROS_BELOW)
        .then(t // 1_000)
        .otherwise(t // 1_000_000)
    )
    return frame.select(scaled.alias("t"))["t"]


def _from_text(text: pl.Series, tz: str) -> pl.Series:
    digits = text.cast(pl.Float64, strict=False)
    if digits.null_count() == text.null_count():
        return _from_epoch(_to_counts(text))
    moments_utc = pl.Series("t", [None], dtype=TIME_TYPE).new_from_index(0, len(text))
    local = pl.Series("t", [None], dtype=pl.Datetime("ms")).new_from_index(0, len(text))
    for form in (*_ZONED, *_NAIVE, *_DATES):
        unread = text.filter(moments_utc.is_null() & local.is_null() & text.is_not_null())
        # A format is tried on everything only if it fits some of the first rows that are left.
        if not len(unread) or not _parse(unread.head(_SAMPLE), form).is_not_null().any():
            continue
        if form in _ZONED:
            moments_utc = moments_utc.zip_with(moments_utc.is_not_null(), _parse(text, form))
        else:
            local = local.zip_with(local.is_not_null() | moments_utc.is_not_null(), _parse(text, form))
    moments = moments_utc.to_physical()
    if local.null_count() < len(local):
        moments = moments.zip_with(moments.is_not_null(), to_utc(local, tz))
    if digits.null_count() < len(digits):
        moments = moments.zip_with(digits.is_null(), _from_epoch(_to_counts(text)))
    return moments


def _parse(text: pl.Series, form: str) -> pl.Series:
    if form in _DATES:
        return text.str.to_date(form, strict=False).cast(pl.Datetime("ms"))
    moments = text.str.to_datetime(form, time_unit="ms", strict=False)
    return moments.cast(TIME_TYPE) if form in _ZONED else moments


def _to_counts(text: pl.Series) -> pl.Series:
    whole = text.cast(pl.Int64, strict=False)
    exact = whole.null_count() == text.null_count()
    return whole if exact else text.cast(pl.Float64, strict=False)
