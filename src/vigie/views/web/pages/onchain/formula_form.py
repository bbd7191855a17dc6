"""From the fields of the chart's form to formulas, which then stand in the address."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

# What takes a window, and what takes one series at a time.
WINDOWED: Final = ("mean", "change", "zscore")
ALONE: Final = ("index", "log")


def build_formulas(query: Mapping[str, str]) -> tuple[str, str]:
    """Return the formulas that a form's fields ask for: the first, and the one beside it, which may be empty."""
    first, second = query.get("first", "").strip(), query.get("second", "").strip()
    combination, window = query.get("how", "both"), query.get("window", "30d")
    if not first:
        first, second = second, ""
    if combination in ("ratio", "difference") and first and second:
        return f"{combination}({first},{second})", ""
    return _apply(combination, first, window), _apply(combination, second, window)


def _apply(combination: str, series: str, window: str) -> str:
    if not series:
        return ""
    if combination in ALONE:
        return f"{combination}({series})"
    if combination in WINDOWED:
        return f"{combination}({series},{window})"
    return series
