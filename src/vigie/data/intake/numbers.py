"""Numbers as people and programs write them: a decimal point or comma, thousands apart."""

from __future__ import annotations

from typing import Final

import polars as pl

# Point, comma, apostrophes, spaces; of a number all must be the same.
_APART: Final = {".": ("'", "’", " ", "\u00a0", "\u202f", ","), ",": ("'", "’", " ", "\u00a0", "\u202f", ".")}
_WITH_COMMA: Final = r"^[+-]?\d+(,\d*)?([eE][+-]?\d+)?$"


def to_numbers(text: pl.Series, decimal: str = "") -> pl.Series:
    """Read text as numbers.

    Parameters
    ----------
    text : String Series
        As the file has it.
    decimal : str
        ``.`` or ``,``; empty: a point, and a comma only where it can only part thousands (``1,234.5``).

    Returns
    -------
    Float64 Series
        Null where the text is no number, or where nobody can say which.
    """
    text = text.str.strip_chars()
    point = "," if decimal == "," else "."
    if point == ".":
        numbers = text.cast(pl.Float64, strict=False)
    else:
        matched = text.to_frame("t").select(pl.when(pl.col("t").str.contains(_WITH_COMMA)).then("t"))["t"]
        numbers = matched.str.replace(",", ".", literal=True).cast(pl.Float64, strict=False)
    if numbers.null_count() == text.null_count():
        return numbers
    for separator in _APART[point]:
        numbers = numbers.zip_with(
            numbers.is_not_null(), _parse_grouped(text, separator, point, is_said=bool(decimal))
        )
        if numbers.null_count() == text.null_count():
            break
    return numbers


def _parse_grouped(text: pl.Series, separator: str, point: str, *, is_said: bool) -> pl.Series:
    mark, sign = (f"\\{text_sign}" if text_sign in ".'" else text_sign for text_sign in (separator, point))
    rest = rf"({sign}\d+)?"
    pattern = rf"^[+-]?[1-9]\d{{0,2}}({mark}\d{{3}})+{rest}$"
    if separator in ",." and not is_said:
        # 1,234 may be a little more than one: two groups or a decimal point leave no doubt.
        pattern = rf"^[+-]?[1-9]\d{{0,2}}({mark}\d{{3}})*({mark}\d{{3}}{sign}\d+|({mark}\d{{3}}){{2}})$"
    whole = pl.when(pl.col("t").str.contains(pattern)).then("t")
    plain = whole.str.replace_all(separator, "", literal=True).str.replace(point, ".", literal=True)
    return text.to_frame("t").select(plain.cast(pl.Float64, strict=False))["t"]
