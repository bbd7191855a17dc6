"""Cells and rows of the report's tables: the text of a number, its colour, and what it is sorted by."""

from __future__ import annotations

import math
from dataclasses import dataclass

from vigie.research.report.texts import ReportTexts


@dataclass(frozen=True, slots=True)
class TableCell:
    """One cell: what it says, how it is dressed (``up``, ``down`` or nothing), and what it is sorted by.

    Attributes
    ----------
    text : str
        As written; a dash where not known.
    kind : str
        Class of the cell: ``up``, ``down`` or nothing; ``h-5`` to ``h5`` in the heat map.
    order : float or None
        Number to sort by; None where not known.
    """

    text: str
    kind: str = ""
    order: float | None = None


@dataclass(frozen=True, slots=True)
class TableRow:
    """One row: its heading, what it is about, its cells, and the path of a small curve where there is one.

    Attributes
    ----------
    cells : tuple of TableCell
        In the order of the table's columns.
    spark : str
        Path data of the curve; empty for none.
    number : int
        Index of the slot; -1 where the row is about more than one.
    """

    name: str
    cells: tuple[TableCell, ...]
    spark: str = ""
    number: int = -1


def direction(value: float) -> str:
    """Return ``up`` for a gain, ``down`` for a loss.

    Parameters
    ----------
    value : float
        Gain or loss in any unit.

    Returns
    -------
    str
        Empty for 0 and NaN.
    """
    return "up" if value > 0 else "down" if value < 0 else ""


class CellFactory:
    """Cells in one language."""

    def __init__(self, words: ReportTexts) -> None:
        self.style = words.style
        self.words = words

    def amount(self, value: float, digits: int = 2) -> TableCell:
        """A gain or loss in quote currency.

        Parameters
        ----------
        value : float
            Quote currency; NaN gives a dash.
        digits : int
            Decimals.

        Returns
        -------
        TableCell
            Signed, of kind ``up`` or ``down``; 0 is neither.
        """
        return TableCell(self.style.number(value, digits, sign=True), direction(value), _sort_key(value))

    def gain(self, fraction: float, digits: int = 2) -> TableCell:
        """A gain or loss as per cent.

        Parameters
        ----------
        fraction : float
            0.01 is one per cent; NaN gives a dash.
        digits : int
            Decimals of the per cent.

        Returns
        -------
        TableCell
            Signed, of kind ``up`` or ``down``; sorted by the fraction.
        """
        return TableCell(
            self.style.percent(fraction, digits, sign=True), direction(fraction), _sort_key(fraction)
        )

    def share(self, fraction: float, digits: int = 1) -> TableCell:
        """A part of a whole.

        Parameters
        ----------
        fraction : float
            0.01 is one per cent; NaN gives a dash.
        digits : int
            Decimals of the per cent.

        Returns
        -------
        TableCell
            Per cent without a plus sign or a kind; sorted by the fraction.
        """
        return TableCell(self.style.percent(fraction, digits), "", _sort_key(fraction))

    def number(self, value: float, digits: int = 2) -> TableCell:
        """Any number.

        Parameters
        ----------
        value : float
            NaN gives a dash, infinities ``∞``.
        digits : int
            Decimals.

        Returns
        -------
        TableCell
            Without a plus sign or a kind; an infinity sorts beyond every number, a dash by nothing.
        """
        return TableCell(self.style.number(value, digits), "", _sort_key(value))

    def count(self, value: float) -> TableCell:
        """A whole number.

        Parameters
        ----------
        value : float
            NaN gives a dash.

        Returns
        -------
        TableCell
            Rounded to a whole number; sorted by the value as given.
        """
        return self.number(value, 0)


def _sort_key(value: float) -> float | None:
    return value if math.isfinite(value) else math.copysign(1e300, value) if math.isinf(value) else None
