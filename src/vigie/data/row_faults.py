"""What is wrong with rows of a file, in words with a code."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import polars as pl

from vigie.data.frames import PRICES
from vigie.data.quality import CheckedRows
from vigie.domain.errors import DataError
from vigie.domain.refusal import Refusal
from vigie.domain.time import iso

# Frames hold texts; what is refused for one of them carries its code.
ROW_FAULTS: Final = {
    str.__str__(fault): fault
    for fault in (
        Refusal("line_does_not_match_file", "the line does not match the file"),
        Refusal("time_cannot_read", "time cannot be read"),
        *(
            Refusal("missing_or_not_a_number", "{name} is missing or not a number", name=name)
            for name in (*PRICES, "volume")
        ),
        *(Refusal("not_positive", "{name} is not positive", name=name) for name in PRICES),
        Refusal("volume_negative", "volume is negative"),
        Refusal("high_below_low", "high is below low"),
        Refusal("open_outside_high_low", "open is outside high and low"),
        Refusal("close_outside_high_low", "close is outside high and low"),
        Refusal("time_before_2009", "time is before 2009"),
        Refusal("time_not_multiple_timeframe", "time is not a multiple of the timeframe"),
        Refusal("opens_future", "opens in the future"),
        Refusal("same_time", "same time, different values"),
    )
}


def row_fault(reason: str) -> str:
    """Return what is wrong with a row, with its code where it has one."""
    return ROW_FAULTS.get(reason, reason)


def refuse_defects(judged: CheckedRows, unreadable: Sequence[str]) -> None:
    """Refuse rows that are no bars, out of order, or none at all.

    Raises
    ------
    DataError
        With the first bad row, and `unreadable`: what was read in none of its cells.
    """
    advice = Refusal(
        "import_skips_bad_rows", "; `vigie data import` sorts rows, skips bad ones and stores the rest"
    )
    bad = judged.bad.filter(pl.col("reason") != "unfinished")
    if len(bad):
        first = bad.sort("row", nulls_last=True).row(0, named=True)
        when = f" ({iso(first['timestamp'])})" if first["timestamp"] is not None else ""
        raise DataError(
            "bad_rows",
            "row {row}{when}: {reason}{line} ({bad} bad rows in all){advice}{unreadable}",
            row=first["row"],
            when=when,
            reason=row_fault(first["reason"]),
            line=Refusal("bad_line", ": {line}", line=first["line"]) if first["line"] else "",
            bad=len(bad),
            advice=advice,
            unreadable=Refusal("also", "; {reason}", reason=unreadable[0]) if unreadable else "",
        )
    if judged.was_unsorted:
        raise DataError("times_must_ascending", "times must be ascending{advice}", advice=advice)
    if judged.good.is_empty():
        raise DataError("no_row_finished_bar", "no row is a finished bar")
