"""What imports changed, kept so that they can be undone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from vigie.domain.ids import SeriesId
from vigie.ports.store import RevertResult

if TYPE_CHECKING:
    from polars import DataFrame

# A receipt is about as large as the bars that its import wrote.
KEPT: Final = 20


@dataclass(frozen=True, slots=True)
class Receipt:
    """What one import changed, without the bars.

    Attributes
    ----------
    id : str
        Sortable by age.
    ts_ms : int
        When it began, on the wall.
    series : tuple of SeriesId
        What it wrote into.
    added, revised : int
        Bars that were new, and that said something else before.
    undone_ms : int or None
        When it was undone, if it was.
    undone : RevertResult or None
        What that did.
    """

    id: str
    ts_ms: int
    series: tuple[SeriesId, ...]
    added: int
    revised: int
    undone_ms: int | None = None
    undone: RevertResult | None = None


class Receipts(Protocol):
    """Keeps the receipts of the last imports that changed something."""

    def begin(self, ts_ms: int) -> str:
        """Open a receipt and return its id; of the others the newest stay, `KEPT` in all.

        Parameters
        ----------
        ts_ms : int
            Epoch milliseconds on the wall.

        Returns
        -------
        str
            Sorts after every earlier receipt, whatever the clock says.
        """
        ...

    def keep(self, receipt: str, series: SeriesId, change: DataFrame) -> None:
        """Write what an import is about to change in one series, durably.

        Parameters
        ----------
        receipt : str
            As `begin` returned it.
        series : SeriesId
            Venue, instrument and timeframe.
        change : DataFrame
            As `BarStore.upsert` gives it to `before`.
        """
        ...

    def list_receipts(self) -> list[Receipt]:
        """Return the receipts that hold something, newest first.

        Returns
        -------
        list of Receipt
            At most `KEPT`; undone ones are among them.
        """
        ...

    def changes(self, receipt: str) -> Iterator[tuple[SeriesId, DataFrame]]:
        """Give each change of a receipt, the last one first.

        Parameters
        ----------
        receipt : str
            `Receipt.id`.

        Returns
        -------
        iterator of (SeriesId, DataFrame)
            Read one at a time; as `BarStore.revert` takes them.
        """
        ...

    def mark_undone(self, receipt: str, ts_ms: int, result: RevertResult) -> None:
        """Note that a receipt was undone whole, and what that did.

        Parameters
        ----------
        receipt : str
            `Receipt.id`.
        ts_ms : int
            Epoch milliseconds on the wall.
        result : RevertResult
            Total over all series.
        """
        ...
