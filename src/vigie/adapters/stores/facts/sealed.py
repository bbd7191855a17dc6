"""What was sealed: ``<root>/<topic>/<year-month>.parquet``, and the newest value of every series beside it."""

from __future__ import annotations

import io
import os
import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from vigie.adapters.stores.file_cache import FileCache
from vigie.adapters.stores.files import remove_temporary_files, write_atomically
from vigie.domain.errors import StorageError
from vigie.domain.fact import Observation

if TYPE_CHECKING:
    from polars import DataFrame

COLUMNS: Final = ("series", "ts_event", "ts_known", "value")
# Small row groups: a reader of one series skips the others by their statistics.
_ROW_GROUP_SIZE: Final = 20_000
_MONTH_FILE: Final = re.compile(r"\d{4}-\d{2}\.parquet")
_NEWEST_FILE: Final = "newest.parquet"
# Rows in memory, some 28 bytes each: a name is kept once, each row has its number. A table without rows counts as
# `_TABLE_WEIGHT` of them.
_MAX_CACHED_ROWS: Final = 200_000
_TABLE_WEIGHT: Final = 100


def series_topic(series: str) -> str:
    """Return the topic of a series, its first word."""
    return series.partition("/")[0]


def to_month(ts_ms: int) -> str:
    """Return ``2026-11``."""
    return datetime.fromtimestamp(ts_ms // 1_000, UTC).strftime("%Y-%m")


def to_frame(observations: Iterable[Observation]) -> DataFrame:
    """Return observations as a table."""
    import polars as pl

    # By column: rows of their own would take as much again as the observations.
    kept = list(observations)
    columns = {
        "series": [o.series for o in kept],
        "ts_event": [o.ts_event for o in kept],
        "ts_known": [o.ts_known for o in kept],
        "value": [o.value for o in kept],
    }
    return pl.DataFrame(columns, schema=_schema())


def to_observations(frame: DataFrame) -> list[Observation]:
    """Return the rows of a table as observations."""
    return [Observation(*row) for row in frame.select(COLUMNS).iter_rows()]


class SealedFacts:
    """The sealed files below a folder; they only change as a whole."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._cache: FileCache[DataFrame] = FileCache(
            _MAX_CACHED_ROWS, lambda frame: len(frame) + _TABLE_WEIGHT
        )

    def months(self, topic: str) -> list[str]:
        """Return the months that are sealed, ascending."""
        try:
            names = os.listdir(self.root / topic)
        except (FileNotFoundError, NotADirectoryError):
            return []
        return sorted(name.removesuffix(".parquet") for name in names if _MONTH_FILE.fullmatch(name))

    def rows(self, topic: str, month: str, series: Sequence[str]) -> DataFrame:
        """Return the rows of some series in a month; the column of names is categorical."""
        import polars as pl

        path = self._path(topic, month)

        def read(path: Path) -> DataFrame:
            is_wanted = pl.col("series").is_in(list(series))
            frame = _read_checked(
                path, lambda: pl.scan_parquet(io.BytesIO(path.read_bytes())).filter(is_wanted).collect()
            )
            return frame.with_columns(pl.col("series").cast(pl.Categorical))

        frame = self._cache.get(path, read, tuple(series))
        return pl.DataFrame(schema={**_schema(), "series": pl.Categorical}) if frame is None else frame

    def newest_rows(self, topic: str, month: str, series: Sequence[str], as_of: int) -> list[Observation]:
        """Return the newest observation of some series in a month that was known at `as_of`."""
        import polars as pl

        rows = self.rows(topic, month, series)
        # Most months hold nothing of a new series, or of one that nobody collects.
        if not len(rows):
            return []
        # Files are sorted: what stands last of a series is its newest.
        known = rows.filter(pl.col("ts_known") <= as_of)
        return to_observations(known.unique("series", keep="last", maintain_order=True))

    def add(self, frame: DataFrame) -> None:
        """Merge rows into their files, then the newest values; the caller holds the folder's lock."""
        import polars as pl

        keyed = frame.with_columns(
            # As `series_topic` and `to_month` say of one.
            topic=pl.col("series").str.extract("^([^/]*)"),
            month=pl.from_epoch("ts_event", "ms").dt.strftime("%Y-%m"),
        )
        for (topic, month), part in keyed.group_by("topic", "month"):
            self._merge(self._path(str(topic), str(month)), part.select(COLUMNS))
        newest = keep_newest(pl.concat([self.newest(), frame.select(COLUMNS)]))
        write_atomically(self.root / _NEWEST_FILE, _to_parquet(newest))

    def newest(self) -> DataFrame:
        """Return the newest revision of the newest event of every sealed series."""
        import polars as pl

        path = self.root / _NEWEST_FILE
        if not path.exists():
            return pl.DataFrame(schema=_schema())
        return _read_checked(path, lambda: pl.read_parquet(path.read_bytes(), columns=list(COLUMNS)))

    def _merge(self, path: Path, part: DataFrame) -> None:
        import polars as pl

        path.parent.mkdir(parents=True, exist_ok=True)
        remove_temporary_files(path.parent)
        if path.exists():
            before = _read_checked(path, lambda: pl.read_parquet(path.read_bytes(), columns=list(COLUMNS)))
            part = pl.concat([before, part])
        write_atomically(path, _to_parquet(deduplicate(part)))

    def _path(self, topic: str, month: str) -> Path:
        return self.root / topic / f"{month}.parquet"


def deduplicate(frame: DataFrame) -> DataFrame:
    """Return each revision once, sorted by series, event and when it was known; the last written wins."""
    keys = list(COLUMNS[:3])
    return frame.unique(keys, keep="last", maintain_order=True).sort(keys)


def keep_newest(frame: DataFrame) -> DataFrame:
    """Return the newest revision of the newest event of each series."""
    return deduplicate(frame).unique("series", keep="last", maintain_order=True)


def _schema() -> dict[str, Any]:
    import polars as pl

    return {"series": pl.String, "ts_event": pl.Int64, "ts_known": pl.Int64, "value": pl.Float64}


def _to_parquet(frame: DataFrame) -> bytes:
    buffer = io.BytesIO()
    frame.write_parquet(buffer, compression="zstd", compression_level=3, row_group_size=_ROW_GROUP_SIZE)
    return buffer.getvalue()


def _read_checked(path: Path, read: Any) -> DataFrame:
    import polars as pl

    try:
        frame: DataFrame = read()
    except (pl.exceptions.PolarsError, OSError) as error:
        raise StorageError(
            "cannot_read_move",
            "{path} cannot be read ({error}); move it away or restore it from a backup",
            path=path,
            error=error,
        ) from error
    return frame
