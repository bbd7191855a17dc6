"""The decimal mark of a file, where its numbers leave no doubt."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from vigie.services.holdings.file_table import Mark, bare_number

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
