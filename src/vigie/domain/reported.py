"""What a platform reported of a person's year, by asset and category, as DAC8 and CARF ask it of platforms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Literal, get_args

ReportedCategory = Literal[
    "fiat_in", "fiat_out", "crypto_in", "crypto_out", "transfer_in", "transfer_out", "transfer_wallet",
    "retail_payment",
]  # fmt: skip
CATEGORIES: Final[tuple[ReportedCategory, ...]] = get_args(ReportedCategory)
# What makes two rows the same: asset, category and type, within one statement.
ReportedKey = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class ReportedRow:
    """One figure of a yearly statement.

    Attributes
    ----------
    place : str
        The platform.
    year : int
        Calendar year.
    asset : str
        Catalogue id of the coin.
    category : str
        One of `CATEGORIES`.
    sort : str
        The type of a transfer or exchange, as the platform writes it; empty where it gives none.
    units : Decimal
        Of the coin.
    amount : Decimal or None
        In `currency`; None where the statement gives none.
    currency : str
        Three capitals; empty without an amount.
    transactions : int or None
        None where the statement gives none.
    """

    place: str
    year: int
    asset: str
    category: ReportedCategory
    sort: str
    units: Decimal
    amount: Decimal | None = None
    currency: str = ""
    transactions: int | None = None

    @property
    def key(self) -> ReportedKey:
        """Return what makes it the same figure as another of its statement."""
        return self.asset, self.category, self.sort.casefold()

    @property
    def said(self) -> tuple[object, ...]:
        """Return what it says of that."""
        return self.units, self.amount, self.currency, self.transactions


@dataclass(frozen=True, slots=True)
class ReportedStatement:
    """What one platform reported of one year.

    Attributes
    ----------
    id : str
        ``r`` and hexadecimal digits.
    place : str
        The platform.
    year : int
        Calendar year.
    ts_added : int
        Epoch milliseconds on the wall.
    rows : tuple of ReportedRow
        By asset, category and type.
    """

    id: str
    place: str
    year: int
    ts_added: int
    rows: tuple[ReportedRow, ...] = ()


@dataclass(frozen=True, slots=True)
class SortedReported:
    """What given rows are beside those that are kept.

    Attributes
    ----------
    new, known, changed : sequence of ReportedRow
        In the order given; `changed` say something else than the kept row of the same key.
    """

    new: Sequence[ReportedRow]
    known: Sequence[ReportedRow]
    changed: Sequence[ReportedRow]


def place_key(place: str) -> str:
    """Return a place as places are compared.

    Parameters
    ----------
    place : str
        As it was typed.

    Returns
    -------
    str
    """
    return " ".join(place.split()).casefold()


def sort_reported(
    kept: Mapping[tuple[str, int, ReportedKey], ReportedRow], given: Sequence[ReportedRow]
) -> SortedReported:
    """Tell which rows are new, known or changed.

    Parameters
    ----------
    kept : mapping of (str, int, key) to ReportedRow
        By `place_key`, year and key.
    given : sequence of ReportedRow
        No two of the same key.

    Returns
    -------
    SortedReported
    """
    new, known, changed = [], [], []
    for row in given:
        before = kept.get((place_key(row.place), row.year, row.key))
        if before is None:
            new.append(row)
        elif before.said == row.said:
            known.append(row)
        else:
            changed.append(row)
    return SortedReported(new, known, changed)
