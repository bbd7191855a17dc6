"""Numbers of files as far as they mean something: a rule for each unit, and never an exponent.

=======  =========================================================================================================
share    per cent with two decimals; a rate such as funding with four
money    whole from a million on, two decimals or six significant figures from one on, whichever is more exact,
         five significant figures below
count    whole
ratio    two decimals
number   six significant figures
=======  =========================================================================================================

Numbers of one column that lie close together, such as prices of a stablecoin, have the decimals that tell them apart.
"""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Final

from vigie.services.studio.board import BoardColumn
from vigie.views.boards.table import ColumnDecimals

_EXACT: Final = Context(prec=400, rounding=ROUND_HALF_EVEN)
_WHOLE_FROM: Final = 1_000_000
_SMALL_FIGURES: Final = 5
_FIGURES: Final = 6
_SHARE_DIGITS: Final = 2
_RATE_DIGITS: Final = 4
_MONEY_DIGITS: Final = 2


def round_text(value: float, column: BoardColumn, decimals: ColumnDecimals | None = None) -> str:
    """Return a finite number as a file writes it, shares as per cent; `decimals` of its column may ask for more."""
    column_decimals = decimals or ColumnDecimals()
    exact = Decimal(repr(float(value)))
    match column.kind:
        case "share":
            digits = max(_RATE_DIGITS if column.unit == "rate" else _SHARE_DIGITS, column_decimals.share)
            return _decimal_text(_to_digits(_EXACT.multiply(exact, Decimal(100)), digits))
        case "money" if abs(exact) >= _WHOLE_FROM:
            return _decimal_text(_to_digits(exact, 0))
        case "money" if abs(exact) >= 1:
            # Cents alone would make one dollar of what a stable coin costs.
            digits = max(_MONEY_DIGITS, _FIGURES - 1 - exact.adjusted(), column_decimals.money(value))
            return _decimal_text(_to_digits(exact, digits))
        case "money":
            if column_decimals.money(value) > _SMALL_FIGURES - 1 - exact.adjusted():
                return _decimal_text(_to_digits(exact, column_decimals.money(value)))
            return _decimal_text(_to_figures(exact, _SMALL_FIGURES))
        case "count":
            return _decimal_text(_to_digits(exact, 0))
        case "ratio":
            return _decimal_text(_to_digits(exact, 2))
    return _decimal_text(_to_figures(exact, _FIGURES))


def file_unit(column: BoardColumn) -> str:
    """Return the unit that stands behind a column's name in a file; empty where it has none."""
    if column.kind == "time":
        return "UTC"
    return "%" if column.kind == "share" else column.unit


def _to_digits(value: Decimal, digits: int) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-digits), context=_EXACT)


def _to_figures(value: Decimal, figures: int) -> Decimal:
    return Context(prec=figures, rounding=ROUND_HALF_EVEN).plus(value)


def _decimal_text(value: Decimal) -> str:
    text = f"{value:f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in ("-0", "") else text


__all__ = ["file_unit", "round_text"]
