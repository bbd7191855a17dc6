"""The decimal mark and the order of days of a file, where its cells leave no doubt."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from vigie.services.holdings.file_cells import bare_number, written_moment
from vigie.services.holdings.file_table import SWAP, Mark
from vigie.services.outside.cells import DateOrder, find_date_order

# A comma that no thousands have: a leading zero, not three digits behind it, or points before it.
_COMMA: Final = re.compile(
    r"[+-]?(?:0\d*,\d+|\d+,(?!\d{3}$)\d+|\d{4,},\d+|\d{1,3}(?:\.\d{3})+,\d+)", re.ASCII
)


def find_mark(cells: Iterable[str]) -> Mark:
    """Return ``comma`` where some number can only have a decimal comma and none has a point that may be another mark.

    Parameters
    ----------
    cells : iterable of str
        Those of columns of numbers.

    Returns
    -------
    str
        Empty where nothing shows it: a point, and ``1,234`` is asked.
    """
    found: Mark = ""
    for cell in cells:
        text = bare_number(cell)
        if _COMMA.fullmatch(text):
            found = "comma"
        elif "." in text:
            # Alone it may mark decimals or thousands: the person says which.
            return ""
    return found


def has_decimal_point(cells: Iterable[str]) -> bool:
    """Tell whether some number has a point that can only mark decimals: ``1.234`` alone may be a thousand and more."""
    return any(_COMMA.fullmatch(bare_number(cell).translate(SWAP)) for cell in cells if "." in cell)


def find_order(cells: Iterable[str]) -> DateOrder:
    """Return the order of days that some day of a file shows.

    Parameters
    ----------
    cells : iterable of str
        Those that may be days.

    Returns
    -------
    str
        Empty where each may be read in two orders, or none is such a day.
    """
    return find_date_order([written_moment(cell.strip()) for cell in cells]) or ""
