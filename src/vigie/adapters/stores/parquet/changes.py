"""What storing bars changes: bars merged with stored ones, counted, and as a frame with their former values."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from vigie.adapters.stores.parquet.frames import concat
from vigie.domain.bar import BAR_COLUMNS
from vigie.ports.store import FORMER, RevertResult, UpsertResult

if TYPE_CHECKING:
    from polars import DataFrame

_VALUE_COLUMNS: Final = BAR_COLUMNS[1:]


@dataclass(frozen=True, slots=True, eq=False)
class FileChange:
    """What one file becomes.

    Attributes
    ----------
    bars : DataFrame or None
        All its bars; None where it stays as it is.
    added, same : int
        Given bars that are new, or stored already.
    replaced, fresh : DataFrame
        Former values of the revised bars; given bars that were not there so.
    """

    path: Path
    bars: DataFrame | None
    added: int
    same: int
    replaced: DataFrame
    fresh: DataFrame


def merge_bars(path: Path, stored: DataFrame, piece: DataFrame) -> FileChange:
    """Merge given bars into those stored in a file."""
    import polars as pl

    no_bars = piece.clear()
    if stored.is_empty():
        return FileChange(path, bars=piece, added=len(piece), same=0, replaced=no_bars, fresh=piece)
    if stored.equals(piece):
        return FileChange(path, bars=None, added=0, same=len(piece), replaced=no_bars, fresh=no_bars)
    common = stored.join(piece, on="timestamp", how="inner", maintain_order="left")
    differs = pl.any_horizontal(pl.col(name) != pl.col(f"{name}_right") for name in _VALUE_COLUMNS)
    replaced = common.filter(differs).select(BAR_COLUMNS)
    added = len(piece) - len(common)
    if not added and not len(replaced):
        return FileChange(path, bars=None, added=0, same=len(piece), replaced=replaced, fresh=no_bars)
    bars = pl.concat([stored, piece]).unique("timestamp", keep="last").sort("timestamp")
    same = len(common) - len(replaced)
    fresh = piece
    if same:
        fresh = piece.join(common.filter(~differs), on="timestamp", how="anti", maintain_order="left")
    return FileChange(path, bars=bars.rechunk(), added=added, same=same, replaced=replaced, fresh=fresh)


def summarize_changes(changes: Iterable[FileChange]) -> UpsertResult:
    """Count what several files become."""
    changes = list(changes)
    return UpsertResult(
        added=sum(change.added for change in changes),
        revised=sum(len(change.replaced) for change in changes),
        same=sum(change.same for change in changes),
        replaced=concat([change.replaced for change in changes]),
        files=tuple(str(change.path) for change in changes if change.bars is not None),
    )


def add_former_values(fresh: DataFrame, replaced: DataFrame) -> DataFrame:
    """Put the former values beside the bars that were written."""
    import polars as pl

    if replaced.is_empty():
        return fresh.with_columns(pl.lit(None, pl.Float64).alias(FORMER + name) for name in _VALUE_COLUMNS)
    former = replaced.rename({name: FORMER + name for name in _VALUE_COLUMNS})
    return fresh.join(former, on="timestamp", how="left", maintain_order="left")


def revert_change(stored: DataFrame, change: DataFrame) -> tuple[DataFrame, RevertResult]:
    """Return stored bars without a change, and what that did; what was written anew since stays."""
    import polars as pl

    both = stored.join(change, on="timestamp", how="inner", maintain_order="left")
    is_unchanged = pl.all_horizontal(pl.col(name) == pl.col(f"{name}_right") for name in _VALUE_COLUMNS)
    is_former = pl.all_horizontal(pl.col(name).eq_missing(pl.col(FORMER + name)) for name in _VALUE_COLUMNS)
    unchanged, revised = both.filter(is_unchanged), both.filter(~is_unchanged)
    restored = unchanged.filter(pl.col(FORMER + "open").is_not_null()).select(
        "timestamp", *(pl.col(FORMER + name).alias(name) for name in _VALUE_COLUMNS)
    )
    n_as_before = len(revised.filter(is_former))
    remaining = stored.join(unchanged, on="timestamp", how="anti", maintain_order="left")
    return pl.concat([remaining, restored]).sort("timestamp"), RevertResult(
        removed=len(unchanged) - len(restored),
        restored=len(restored),
        changed_since=len(revised) - n_as_before,
        as_before=len(change) - len(both) + n_as_before,
    )
