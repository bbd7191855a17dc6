"""Receipts of imports: ``<root>/<id>/<number>_<venue>_<instrument>_<timeframe>_<added>_<revised>.parquet``."""

from __future__ import annotations

import io
import json
import shutil
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Final

from vigie.adapters.stores.files import exclusive, write_whole
from vigie.adapters.stores.parquet.changes import changed
from vigie.domain.bar import BAR_COLUMNS
from vigie.domain.errors import StorageError
from vigie.domain.ids import SeriesId
from vigie.ports.receipts import KEPT, Receipt
from vigie.ports.store import FORMER, RevertResult

if TYPE_CHECKING:
    from polars import DataFrame

_UNDONE: Final = "undone.json"


class ParquetReceipts:
    """Keeps receipts as folders whose files' names say what is in them: to list them no file is read."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def begin(self, ts_ms: int) -> str:
        """Open a receipt; see `vigie.ports.receipts.Receipts.begin`."""
        with exclusive(self.root):
            known = self._folders()
            # Never before the newest, whatever the clock says: the oldest go.
            newest = _moment(known[-1].name) if known else 0
            folder = self.root / f"i{max(ts_ms, newest + 1):012x}"
            folder.mkdir(mode=0o700)
            for old in known[: -(KEPT - 1)]:
                shutil.rmtree(old, ignore_errors=True)
        return folder.name

    def keep(self, receipt: str, series: SeriesId, change: DataFrame) -> None:
        """Write what is about to change in one series."""
        folder = self.root / receipt
        revised = len(change) - change[FORMER + "open"].null_count()
        number = len(_parts(folder))
        words = (series.venue, series.instrument, series.timeframe, str(len(change) - revised), str(revised))
        buffer = io.BytesIO()
        # Where all bars are new, nothing was there before: half of the file would say so.
        kept = change if revised else change.select(BAR_COLUMNS)
        kept.write_parquet(buffer, compression="zstd", compression_level=1)
        write_whole(folder / f"{number:05d}_{'_'.join(words)}.parquet", buffer.getvalue())

    def list_receipts(self) -> list[Receipt]:
        """Return the receipts that hold something, newest first."""
        found = [_receipt(folder) for folder in reversed(self._folders())]
        return [one for one in found if one.series]

    def changes(self, receipt: str) -> Iterator[tuple[SeriesId, DataFrame]]:
        """Give each change of a receipt, the last one first."""
        import polars as pl

        for path in reversed(_parts(self.root / receipt)):
            try:
                frame = pl.read_parquet(path.read_bytes())
            except (pl.exceptions.PolarsError, OSError) as error:
                raise StorageError(
                    f"{path} cannot be read ({error}); what it says cannot be undone"
                ) from error
            yield (
                _told(path)[0],
                changed(frame, frame.clear()) if frame.columns == list(BAR_COLUMNS) else frame,
            )

    def mark_undone(self, receipt: str, ts_ms: int, result: RevertResult) -> None:
        """Note that a receipt was undone whole, and what that did."""
        content = json.dumps({"ts_ms": ts_ms, "done": asdict(result)})
        write_whole(self.root / receipt / _UNDONE, content.encode())

    def _folders(self) -> list[Path]:
        return sorted(one for one in self.root.glob("i*") if one.is_dir())


def _parts(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.parquet"))


def _receipt(folder: Path) -> Receipt:
    told = [_told(path) for path in _parts(folder)]
    undone_ms, undone = _undone(folder / _UNDONE)
    return Receipt(
        id=folder.name,
        ts_ms=_moment(folder.name),
        series=tuple(dict.fromkeys(series for series, _, _ in told)),
        added=sum(added for _, added, _ in told),
        revised=sum(revised for _, _, revised in told),
        undone_ms=undone_ms,
        undone=undone,
    )


def _undone(path: Path) -> tuple[int | None, RevertResult | None]:
    try:
        said = json.loads(path.read_text("utf-8"))
        return int(said["ts_ms"]), RevertResult(**said["done"])
    except FileNotFoundError:
        return None, None
    except (ValueError, KeyError, TypeError) as error:
        raise StorageError(f"{path} cannot be read ({error}); delete it and undo again") from error


def _told(path: Path) -> tuple[SeriesId, int, int]:
    _, venue, instrument, timeframe, added, revised = path.stem.split("_")
    return SeriesId(venue, instrument, timeframe), int(added), int(revised)


def _moment(name: str) -> int:
    return int(name[1:], 16)
