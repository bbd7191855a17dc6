"""Good rows, bad rows with a reason, and findings that are only worth a look.

A bad row cannot be a bar: it goes to quarantine. A finding (a gap, a jump over 20 %, no volume) may well be
true: it is reported and kept.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import polars as pl

from vigie.data.frames import BAR_SCHEMA, NUMBERS, PRICES

JUMP: Final = 0.20
_EARLIEST_MS: Final = 1_230_768_000_000  # 2009-01-01: nothing was traded before

Reason = tuple[str, pl.Expr]


@dataclass(frozen=True, slots=True)
class BarFindings:
    """What is worth a look in good bars.

    Attributes
    ----------
    gaps, missing : int
        Holes, and bars missing in them.
    longest_gap : int
        Bars missing in the longest hole.
    jumps : int
        Closes more than 20 % away from the close of the bar just before.
    zero_volume : int
        Bars in which nothing was traded.
    unknown_volume : int
        Bars of which nobody knows what was traded.
    """

    gaps: int = 0
    missing: int = 0
    longest_gap: int = 0
    jumps: int = 0
    zero_volume: int = 0
    unknown_volume: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class CheckedRows:
    """Rows, judged.

    Attributes
    ----------
    good : DataFrame
        Columns of a bar; ascending, unique.
    bad : DataFrame
        The raw rows with `reason`, in the order of time.
    duplicates : int
        Identical repetitions that were left out of `good`.
    was_unsorted : bool
        Whether the rows were not in the order of time.
    """

    good: pl.DataFrame
    bad: pl.DataFrame
    duplicates: int
    was_unsorted: bool
    reasons: dict[str, int] = field(default_factory=dict)


def check_rows(raw: pl.DataFrame, *, span_ms: int, now_ms: int) -> CheckedRows:
    """Separate bars from rows that cannot be bars.

    Parameters
    ----------
    raw : DataFrame
        Columns of `intake.tables.RAW_SCHEMA`, and any others, which bad rows keep.
    span_ms : int
        Length of a bar.
    now_ms : int
        The market's time: a bar that closes later is unfinished.

    Returns
    -------
    CheckedRows
    """
    was_unsorted = not raw["timestamp"].is_sorted()
    if was_unsorted:
        raw = raw.sort("timestamp", maintain_order=True, nulls_last=True)
    reasons = _reasons(span_ms, now_ms)
    is_bad = pl.any_horizontal(*(when.fill_null(True) for _, when in reasons))
    flags = raw.select(is_bad.alias("bad"))["bad"]
    bad = []
    if flags.any():
        bad.append(raw.filter(flags).with_columns(reason=_first_reason(reasons)))
        raw = raw.filter(~flags)
    repeats = raw.select(pl.col("timestamp").diff() == 0)["timestamp"]
    duplicates = 0
    if repeats.any():
        raw, conflicts, duplicates = _without_repeats(raw)
        bad.append(conflicts)
    rows = pl.concat(bad) if bad else raw.clear().with_columns(reason=pl.lit(None, pl.String))
    counts = rows.group_by("reason").len().sort("reason")
    good = raw.select(*BAR_SCHEMA).cast(BAR_SCHEMA)  # type: ignore[arg-type]  # a mapping of names to types is a schema
    return CheckedRows(good, rows, duplicates, was_unsorted, dict(counts.iter_rows()))


def _reasons(span_ms: int, now_ms: int) -> list[Reason]:
    time, high, low = pl.col("timestamp"), pl.col("high"), pl.col("low")
    reasons: list[Reason] = [("the line does not match the file", pl.col("fault").is_not_null())]
    reasons.append(("time cannot be read", time.is_null()))
    reasons += [(f"{name} is missing or not a number", ~pl.col(name).is_finite()) for name in PRICES]
    # NaN is a volume that is known to be unknown.
    reasons.append(("volume is missing or not a number", pl.col("volume").is_infinite()))
    reasons += [(f"{name} is not positive", pl.col(name) <= 0) for name in PRICES]
    return [
        *reasons,
        ("volume is negative", pl.col("volume") < 0),
        ("high is below low", high < low),
        ("open is outside high and low", (pl.col("open") > high) | (pl.col("open") < low)),
        ("close is outside high and low", (pl.col("close") > high) | (pl.col("close") < low)),
        ("time is before 2009", time < _EARLIEST_MS),
        ("time is not a multiple of the timeframe", time % span_ms != 0),
        ("opens in the future", time > now_ms),
        ("unfinished", time + span_ms > now_ms),
    ]


def _first_reason(reasons: list[Reason]) -> pl.Expr:
    words = [
        pl.when(when.fill_null(True)).then(
            pl.col("fault").fill_null(pl.lit(word)) if number == 0 else pl.lit(word)
        )
        for number, (word, when) in enumerate(reasons)
    ]
    return pl.coalesce(words)


def _without_repeats(raw: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame, int]:
    # Identical repetitions collapse; of different ones nobody can say which is right: all are refused.
    values = ["timestamp", *NUMBERS]
    once = raw.unique(values, keep="first", maintain_order=True)
    duplicates = len(raw) - len(once)
    conflict = pl.col("timestamp").is_duplicated()
    conflicts = once.filter(conflict).with_columns(reason=pl.lit("same time, different values"))
    return once.filter(~conflict), conflicts, duplicates


def find_issues(bars: pl.DataFrame, span_ms: int) -> BarFindings:
    """Look for gaps, jumps and empty bars in good bars.

    Parameters
    ----------
    bars : DataFrame
        Ascending and unique.
    span_ms : int
        Length of a bar.

    Returns
    -------
    BarFindings
    """
    if bars.is_empty():
        return BarFindings()
    step = pl.col("timestamp").to_physical().diff() // span_ms - 1
    change = (pl.col("close") / pl.col("close").shift() - 1).abs()
    row = bars.select(
        gaps=(step > 0).sum(),
        missing=step.filter(step > 0).sum(),
        longest_gap=step.max().clip(0),
        jumps=((change > JUMP) & (step == 0)).sum(),
        zero_volume=(pl.col("volume") == 0).sum(),
        unknown_volume=pl.col("volume").is_nan().sum(),
    ).row(0, named=True)
    return BarFindings(**{name: int(value or 0) for name, value in row.items()})


def list_gaps(bars: pl.DataFrame, span_ms: int) -> list[tuple[int, int]]:
    """Return the holes as [first missing open time, open time of the next bar)."""
    time = bars["timestamp"].to_physical().alias("end")
    holes = pl.DataFrame({"start": time.shift() + span_ms, "end": time}).filter(
        pl.col("end") > pl.col("start")
    )
    return list(holes.iter_rows())
