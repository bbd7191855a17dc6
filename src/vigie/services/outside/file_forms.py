"""Forms of files with fills: our own, and exports of venues whose columns could be read somewhere.

Binance (USDⓈ-M futures, *Trade History*): ``Uid,Time,Symbol,Side,Price,Quantity,Amount,Fee,Realized Profit,Buyer,Maker,
Trade ID,Order ID``; a time has two or four digits of the year and no zone, a fee carries its currency. Hyperliquid
(*Trade History*): ``time,coin,dir,px,sz,ntl,fee,closedPnl``; a date is written as the browser that exported it does,
and tells no id. Both as many independent public programs that read these files have them, looked up on 27 November
2026; no file of our own was at hand. Of Bitget's export of fills no description was found: a column map reads it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from vigie.domain.errors import UsageError
from vigie.services.outside.cells import shorten

Field = Literal["time", "venue", "instrument", "side", "price", "quantity", "fee", "fee_currency", "id"]
FIELDS: Final[tuple[Field, ...]] = (
    "time", "venue", "instrument", "side", "price", "quantity", "fee", "fee_currency", "id",
)  # fmt: skip
REQUIRED: Final[tuple[Field, ...]] = ("time", "instrument", "side", "price", "quantity")


@dataclass(frozen=True, slots=True)
class FillFileForm:
    """One form.

    Attributes
    ----------
    id : str
        Such as ``binance``.
    columns : mapping
        The header, lower case, of each field that the form has.
    signs : tuple of str
        Headers that only this form has together.
    venue : str
        Where its fills were made, if the form says so.
    """

    id: str
    columns: Mapping[Field, str]
    signs: tuple[str, ...]
    venue: str = ""


OWN_FORM: Final = FillFileForm("vigie", {name: name for name in FIELDS}, REQUIRED)
FORMS: Final = (
    FillFileForm(
        "binance",
        {
            "time": "time", "instrument": "symbol", "side": "side", "price": "price", "quantity": "quantity",
            "fee": "fee", "id": "trade id",
        },
        ("time", "symbol", "side", "price", "quantity", "fee", "realized profit", "trade id"),
        "binance-perp",
    ),
    FillFileForm(
        "hyperliquid",
        {"time": "time", "instrument": "coin", "side": "dir", "price": "px", "quantity": "sz", "fee": "fee"},
        ("time", "coin", "dir", "px", "sz", "fee", "closedpnl"),
        "hyperliquid-perp",
    ),
    OWN_FORM,
)  # fmt: skip


def find_form(header: Sequence[str], columns: Mapping[str, str]) -> FillFileForm:
    """Return the form of a file by its first row.

    Parameters
    ----------
    header : sequence of str
        Cells of the first row, without spaces around them.
    columns : mapping of str to str
        By field, the header of its column; empty: one of the known forms.

    Raises
    ------
    UsageError
        If no form has these columns, or a column of the map is not there.
    """
    names = [cell.lower() for cell in header]
    if not columns:
        for form in FORMS:
            if all(sign in names for sign in form.signs):
                _refuse_doubled(names, form.columns.values())
                return form
        raise UsageError(
            "outside_unknown_form",
            "the first row must name the columns {required}, or be that of an export of Binance futures or "
            "Hyperliquid; it was {header!r}. Say which column is which if the file has others",
            required=", ".join(REQUIRED),
            header=shorten(",".join(header)),
        )
    mapped: dict[Field, str] = {}
    for field in FIELDS:
        column = columns.get(field, "").strip().lower()
        if column and column not in names:
            raise UsageError(
                "outside_no_column",
                "the file has no column {column!r} for {field}; it has {header!r}",
                column=shorten(column),
                field=field,
                header=shorten(",".join(header)),
            )
        if column:
            mapped[field] = column
    if missing := [field for field in REQUIRED if field not in mapped]:
        raise UsageError(
            "outside_columns_missing", "say which column holds {missing}", missing=", ".join(missing)
        )
    _refuse_doubled(names, mapped.values())
    return FillFileForm("own_columns", mapped, ())


def _refuse_doubled(names: Sequence[str], columns: Iterable[str]) -> None:
    """Refuse a file in which a column that is read stands twice: which of them is meant is not to be guessed."""
    for column in columns:
        if names.count(column) > 1:
            raise UsageError(
                "outside_column_twice",
                "the file has {count} columns {column!r}, and may have one; rename or remove the others",
                count=names.count(column),
                column=shorten(column),
            )
