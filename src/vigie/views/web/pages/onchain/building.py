"""From the fields of the chart's form to formulas, which then stand in the address."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

# What takes a window, and what takes one series at a time.
WINDOWED: Final = ("mean", "change", "zscore")
ALONE: Final = ("index", "log")


def built(query: Mapping[str, str]) -> tuple[str, str]:
    """Return the formulas that a form's fields ask for: the first, and the one beside it, which may be empty."""
    first, second = query.get("first", "").strip(), query.get("second", "").strip()
    how, window = query.get("how", "both"), query.get("window", "30d")
    if not first:
        first, second = second, ""
    if how in ("ratio", "difference") and first and second:
        return f"{how}({first},{second})", ""
    return _done(how, first, window), _done(how, second, window)


def _done(how: str, series: str, window: str) -> str:
    if not series:
        return ""
    if how in ALONE:
        return f"{how}({series})"
    if how in WINDOWED:
        return f"{how}({series},{window})"
    return series
