"""Any file in, raw rows out."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import polars as pl

from vigie.data.intake import tables, text
from vigie.data.intake.form import SILENT, FileForm
from vigie.domain.errors import DataError, UsageError

# Cells that hold lists, numbers beyond all bounds, files that make their reader panic.
_READ_FAULTS: Final = (
    pl.exceptions.PolarsError,
    pl.exceptions.PanicException,
    ValueError,
    TypeError,
    OverflowError,
)


def read_rows(
    path: Path,
    *,
    base: str = "",
    needs_volume: bool = True,
    form: FileForm = SILENT,
    only_head: bool = False,
) -> pl.DataFrame:
    """Read a file of bars in any format Vigie understands, by its ending.

    Parameters
    ----------
    path : Path
        Parquet, feather, JSON or CSV; the latter two may be compressed.
    base : str
        Ticker of the base asset, for headers like ``Volume BTC``.
    needs_volume : bool
        False for mark prices, whose volume is then 0.
    form : FileForm
        What a person says about the file.
    only_head : bool
        Read the first lines of a CSV file, the first rows of a Parquet or feather file; JSON is read whole.

    Returns
    -------
    DataFrame
        Columns `RAW_SCHEMA`, in the order of the file; a volume of NaN is unknown.

    Raises
    ------
    UsageError
        If there is no such file or no such format.
    DataError
        If the file is empty, damaged, or has not the columns of bars; the message names the file.
    """
    if not path.is_file():
        raise UsageError("file_not_found", "file not found: {path}; check the path", path=path)
    file_name = path.name.lower()
    try:
        if file_name.endswith(".parquet"):
            rows = tables.read_parquet(
                path, base=base, needs_volume=needs_volume, form=form, only_head=only_head
            )
        elif file_name.endswith((".feather", ".arrow")):
            rows = tables.read_feather(
                path, base=base, needs_volume=needs_volume, form=form, only_head=only_head
            )
        elif file_name.endswith((".json", ".json.gz")):
            rows = tables.read_json(path, base=base, needs_volume=needs_volume, form=form)
        elif file_name.endswith((".csv", ".csv.gz", ".txt", ".zip")):
            rows = text.read_csv(path, base=base, needs_volume=needs_volume, form=form, only_head=only_head)
        else:
            raise UsageError(
                "file_name_must_end_parquet",
                "{name}: the file name must end in .parquet .csv .csv.gz .zip .json .json.gz or .feather",
                name=path.name,
            )
    except DataError as error:
        raise DataError("about", "{subject}: {reason}", subject=path, reason=error) from error
    except _READ_FAULTS as error:
        # A stranger's file: its neighbours are imported all the same.
        raise DataError(
            "values_cannot_read_bars",
            "{path}: its values cannot be read as bars: {error}",
            path=path,
            error=str(error)[:200],
        ) from error
    if rows.is_empty():
        raise DataError("named_file_empty", "{path}: the file is empty", path=path)
    return rows
