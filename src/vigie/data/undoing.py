"""Imports of bars taken back, by the receipts that they left."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from vigie.data.desk import DataDesk
from vigie.domain.errors import UsageError
from vigie.domain.ids import SeriesId
from vigie.ports.receipts import KEPT, Receipt
from vigie.ports.store import TakenBack


@dataclass(frozen=True, slots=True)
class SeriesUndone(TakenBack):
    """What undoing did to one series."""

    series: SeriesId


@dataclass(frozen=True, slots=True)
class ImportUndone:
    """Everything an undo did, or in a dry run would do; nothing where the import was undone before."""

    receipt: str
    ts_ms: int
    dry_run: bool
    was_undone: bool
    series: tuple[SeriesUndone, ...]

    @property
    def total(self) -> TakenBack:
        """The counts of all series together."""
        return TakenBack.total(self.series)


def undo_import(desk: DataDesk, receipt: str = "", *, dry_run: bool = False) -> ImportUndone:
    """Take back what an import changed.

    Bars that still say what it wrote go, or say again what they said before; what was written anew since stays.

    Parameters
    ----------
    desk : DataDesk
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
    found = find_receipt(desk.receipts.kept(), receipt)
    done: list[SeriesUndone] = []
    if found.undone_ms is None:
        for series, change in desk.receipts.changes(found.id):
            back = desk.bars.take_back(series, change, dry_run=dry_run)
            done.append(SeriesUndone(**asdict(back), series=series))
    answer = ImportUndone(found.id, found.ts_ms, dry_run, found.undone_ms is not None, tuple(done))
    if not dry_run and not answer.was_undone:
        desk.receipts.mark_undone(found.id, desk.clock.wall_now(), answer.total)
    return answer


def find_receipt(known: list[Receipt], receipt: str) -> Receipt:
    """Return one of the receipts, the newest where none is named.

    Raises
    ------
    UsageError
        If there is none such.
    """
    if not known:
        raise UsageError("no import can be undone: none changed a bar so far")
    if not receipt:
        return known[0]
    for one in known:
        if one.id == receipt:
            return one
    names = " ".join(one.id for one in known)
    raise UsageError(f"import must be one of {names}, was {receipt!r}; the last {KEPT} can be undone")
