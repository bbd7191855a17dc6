"""Receipts of imports: ``<root>/<id>/<number>_<venue>_<instrument>_<timeframe>_<added>_<revised>.parquet``."""

from __future__ import annotations

import io
import json
import shutil
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Final

from vigie.adapters.stores.files import lock_folder, write_atomically
from vigie.adapters.stores.parquet.changes import add_former_values
from vigie.domain.bar import BAR_COLUMNS
from vigie.domain.errors import StorageError
from vigie.domain.ids import SeriesId
from vigie.ports.receipts import KEPT, Receipt
from vigie.ports.store import FORMER, RevertResult

if TYPE_CHECKING:
    from polars import DataFrame

_UNDONE_FILE: Final = "undone.json"


class ParquetReceipts:
    """Keeps receipts as folders whose files' names say what is in them: to list them no file is read."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def begin(self, ts_ms: int) -> str:
        """Open a receipt; see `vigie.ports.receipts.Receipts.begin`."""
        with lock_folder(self.root):
            existing = self._list_folders()
            # Never before the newest, whatever the clock says: the oldest go.
            newest = _receipt_ms(existing[-1].name) if existing else 0
            folder = self.root / f"i{max(ts_ms, newest + 1):012x}"
            folder.mkdir(mode=0o700)
            for old in existing[: -(KEPT - 1)]:
                shutil.rmtree(old, ignore_errors=True)
        return folder.name

    def keep(self, receipt: str, series: SeriesId, change: DataFrame) -> None:
        """Write what is about to change in one series."""
        folder = self.root / receipt
        revised = len(change) - change[FORMER + "open"].null_count()
        number = len(_list_files(folder))
        name_parts = (
            series.venue,
            series.instrument,
            series.timeframe,
            str(len(change) - revised),
            str(revised),
        )
        buffer = io.BytesIO()
        # Where all bars are new, nothing was there before: half of the file would say so.
        stored = change if revised else change.select(BAR_COLUMNS)
        stored.write_parquet(buffer, compression="zstd", compression_level=1)
        write_atomically(folder / f"{number:05d}_{'_'.join(name_parts)}.parquet", buffer.getvalue())

    def list_receipts(self) -> list[Receipt]:
        """Return the receipts that hold something, newest first."""
        receipts = [_to_receipt(folder) for folder in reversed(self._list_folders())]
        return [receipt for receipt in receipts if receipt.series]

    def changes(self, receipt: str) -> Iterator[tuple[SeriesId, DataFrame]]:
        """Give each change of a receipt, the last one first."""
        import polars as pl

        for path in reversed(_list_files(self.root / receipt)):
            try:
                frame = pl.read_parquet(path.read_bytes())
            except (pl.exceptions.PolarsError, OSError) as error:
                raise StorageError(
                    "cannot_read_import",
                    "{path} cannot be read ({error}); this import cannot be undone",
                    path=path,
                    error=error,
                ) from error
            yield (
                _parse_name(path)[0],
                add_former_values(frame, frame.clear()) if frame.columns == list(BAR_COLUMNS) else frame,
            )

    def mark_undone(self, receipt: str, ts_ms: int, result: RevertResult) -> None:
        """Note that a receipt was undone whole, and what that did."""
        content = json.dumps({"ts_ms": ts_ms, "done": asdict(result)})
        write_atomically(self.root / receipt / _UNDONE_FILE, content.encode())

    def _list_folders(self) -> list[Path]:
        return sorted(folder for folder in self.root.glob("i*") if folder.is_dir())


def _list_files(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.parquet"))


def _to_receipt(folder: Path) -> Receipt:
    parts = [_parse_name(path) for path in _list_files(folder)]
    undone_ms, undone = _read_undone(folder / _UNDONE_FILE)
    return Receipt(
        id=folder.name,
        ts_ms=_receipt_ms(folder.name),
        series=tuple(dict.fromkeys(series for series, _, _ in parts)),
        added=sum(added for _, added, _ in parts),
        revised=sum(revised for _, _, revised in parts),
        undone_ms=undone_ms,
        undone=undone,
    )


def _read_undone(path: Path) -> tuple[int | None, RevertResult | None]:
    try:
        record = json.loads(path.read_text("utf-8"))
        return int(record["ts_ms"]), RevertResult(**record["done"])
    except FileNotFoundError:
        return None, None
    except (ValueError, KeyError, TypeError) as error:
        raise StorageError(
            "cannot_read_delete_undo",
            "{path} cannot be read ({error}); delete it and undo again",
            path=path,
            error=error,
        ) from error


def _parse_name(path: Path) -> tuple[SeriesId, int, int]:
    _, venue, instrument, timeframe, added, revised = path.stem.split("_")
    return SeriesId(venue, instrument, timeframe), int(added), int(revised)


def _receipt_ms(name: str) -> int:
    return int(name[1:], 16)
