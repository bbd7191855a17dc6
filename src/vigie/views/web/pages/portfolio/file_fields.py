"""Fields of a form that say how a file is meant: columns by their headers, coins by their tickers."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final

COLUMN: Final = "column_"
_COIN: Final = "coin_"


def file_fields(form: Mapping[str, str], options: Collection[str]) -> dict[str, str]:
    """Return what a form says of how a file is meant, without the file: it is asked again after a preview."""
    return {
        name: value for name, value in form.items() if name in options or name.startswith((COLUMN, _COIN))
    }


def columns_and_coins(fields: Mapping[str, str]) -> dict[str, object]:
    """Return headers by field and coins by ticker, as operations take them; empty ones are left out."""
    return {"columns": named_in(fields, COLUMN), "coins": named_in(fields, _COIN)}


def named_in(fields: Mapping[str, str], begin: str) -> dict[str, str]:
    """Return what is given in fields whose names begin so, by the rest of the name."""
    return {
        name.removeprefix(begin): value.strip()
        for name, value in fields.items()
        if name.startswith(begin) and value.strip()
    }
