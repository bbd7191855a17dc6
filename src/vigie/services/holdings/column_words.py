"""Headers whose meaning is evident, English and French, without case and accents."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Final

from vigie.catalogue import NamedTexts
from vigie.domain.accents import fold_text
from vigie.services.holdings.file_table import heads, normal

# *Amount* or *price* alone is missing: each may be of one coin or of the whole row, or be the quantity.
WORDS: Final = NamedTexts("holding_column_word", {
    "time": "date, day, time, timestamp, date and time",
    "kind": "type, kind, operation, transaction type",
    "coin": "coin, asset, crypto, cryptocurrency, ticker, symbol",
    "quantity": "quantity, qty, number of coins",
    "amount": "total, total amount, total price, total cost, total paid, amount paid",
    "unit_price": "unit price, price per coin, price per unit, price of one coin, price each",
    "currency": "currency",
    "fee": "fee, fees",
    "fee_coin": "fee currency, fee coin",
    "to_coin": "coin received",
    "to_quantity": "quantity received",
    "id": "id, transaction id",
    "place": "place, platform, exchange, wallet",
})  # fmt: skip
# Longer ones are no headers; the operation takes none.
_LONGEST: Final = 120
# A unit behind a header: *Unit price (EUR)*.
_UNIT: Final = re.compile(r"\s*\([^()]*\)$")


def proposed_columns(headers: Iterable[str]) -> Mapping[str, str]:
    """Return the header of each field that a header names alone; none for a field that two headers name.

    Parameters
    ----------
    headers : iterable of str
        As the file writes them.
    """
    found: dict[str, list[str]] = {}
    for header in headers:
        field = _fields().get(" ".join(fold_text(_UNIT.sub("", header.strip())).split()))
        if field:
            found.setdefault(field, []).append(header)
    return {field: named[0] for field, named in found.items() if len(named) == 1}


def header_choices(text: str) -> list[str]:
    """Return the headers of a file, each once and as they are written.

    Parameters
    ----------
    text : str
        The file.
    """
    # Where nobody knows the file, the first row that has most words is that of the headers: what is below begins with
    # digits more often, and a column without a header makes it no shorter.
    rows = [row for _, _, row in heads(text)]
    found: dict[str, str] = {}
    for header in max(rows, key=_count_words, default=[]):
        if normal(header) and len(header) <= _LONGEST:
            found.setdefault(normal(header), header.strip())
    return list(found.values())


def _count_words(row: Sequence[str]) -> int:
    return sum(normal(cell)[:1].isalpha() for cell in row)


@cache
def _fields() -> Mapping[str, str]:
    return {
        fold_text(word): field
        for language in WORDS
        for field, known in WORDS[language].items()
        for word in known.split(", ")
    }
