"""Imports of bars taken back, by the receipts that they left."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from vigie.data.stores import DataStores
from vigie.domain.errors import UsageError
from vigie.domain.ids import SeriesId
from vigie.ports.receipts import KEPT, Receipt
from vigie.ports.store import RevertResult


@dataclass(frozen=True, slots=True)
class SeriesUndo(RevertResult):
    """What undoing did to one series."""

    series: SeriesId


@dataclass(frozen=True, slots=True)
class ImportUndo:
    """Everything an undo did, or in a dry run would do; nothing where the import was undone before."""

    receipt: str
    ts_ms: int
    dry_run: bool
    was_undone: bool
    series: tuple[SeriesUndo, ...]

    @property
    def total(self) -> RevertResult:
        """The counts of all series together."""
        return RevertResult.total(self.series)


def undo_import(stores: DataStores, receipt: str = "", *, dry_run: bool = False) -> ImportUndo:
    """Take back what an import changed.

    Bars that still say what it wrote go, or say again what they said before; what was written anew since stays.

    Parameters
    ----------
    stores : DataStores
        Stores, receipts and clock.
    receipt : str
        The newest by default, undone or not: undoing twice never reaches an older import.
    dry_run : bool
        Report what would change and write nothing.

    Raises
    ------
    UsageError
        If there is no such receipt.
    """
    target = find_receipt(stores.receipts.list_receipts(), receipt)
    undone: list[SeriesUndo] = []
    if target.undone_ms is None:
        for series, change in stores.receipts.changes(target.id):
            reverted = stores.bars.revert(series, change, dry_run=dry_run)
            undone.append(SeriesUndo(**asdict(reverted), series=series))
    report = ImportUndo(target.id, target.ts_ms, dry_run, target.undone_ms is not None, tuple(undone))
    if not dry_run and not report.was_undone:
        stores.receipts.mark_undone(target.id, stores.clock.wall_now(), report.total)
    return report


def find_receipt(known: list[Receipt], receipt: str) -> Receipt:
    """Return one of the receipts, the newest where none is named.

    Raises
    ------
    UsageError
        If there is none such.
    """
    if not known:
        raise UsageError("no_import_undo", "there is no import to undo: none has changed a bar")
    if not receipt:
        return known[0]
    for item in known:
        if item.id == receipt:
            return item
    names = " ".join(item.id for item in known)
    raise UsageError(
        "unknown_import",
        "import must be one of {names}, was {receipt!r}; the last {kept} can be undone",
        names=names,
        receipt=receipt,
        kept=KEPT,
    )
