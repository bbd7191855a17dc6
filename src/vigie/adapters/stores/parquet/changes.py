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

_NUMBERS: Final = BAR_COLUMNS[1:]


@dataclass(frozen=True, slots=True, eq=False)
class Merged:
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


def merged(path: Path, stored: DataFrame, piece: DataFrame) -> Merged:
    """Merge given bars into those stored in a file."""
    import polars as pl

    none = piece.clear()
    if stored.is_empty():
        return Merged(path, bars=piece, added=len(piece), same=0, replaced=none, fresh=piece)
    if stored.equals(piece):
        return Merged(path, bars=None, added=0, same=len(piece), replaced=none, fresh=none)
    known = stored.join(piece, on="timestamp", how="inner", maintain_order="left")
    differs = pl.any_horizontal(pl.col(name) != pl.col(f"{name}_right") for name in _NUMBERS)
    replaced = known.filter(differs).select(BAR_COLUMNS)
    added = len(piece) - len(known)
    if not added and not len(replaced):
        return Merged(path, bars=None, added=0, same=len(piece), replaced=replaced, fresh=none)
    bars = pl.concat([stored, piece]).unique("timestamp", keep="last").sort("timestamp")
    same = len(known) - len(replaced)
    fresh = piece
    if same:
        fresh = piece.join(known.filter(~differs), on="timestamp", how="anti", maintain_order="left")
    return Merged(path, bars=bars.rechunk(), added=added, same=same, replaced=replaced, fresh=fresh)


def summary(changes: Iterable[Merged]) -> UpsertResult:
    """Count what several files become."""
    changes = list(changes)
    return UpsertResult(
        added=sum(change.added for change in changes),
        revised=sum(len(change.replaced) for change in changes),
        same=sum(change.same for change in changes),
        replaced=concat([change.replaced for change in changes]),
        files=tuple(str(change.path) for change in changes if change.bars is not None),
    )


def changed(fresh: DataFrame, replaced: DataFrame) -> DataFrame:
    """Put the former values beside the bars that were written."""
    import polars as pl

    if replaced.is_empty():
        return fresh.with_columns(pl.lit(None, pl.Float64).alias(FORMER + name) for name in _NUMBERS)
    former = replaced.rename({name: FORMER + name for name in _NUMBERS})
    return fresh.join(former, on="timestamp", how="left", maintain_order="left")


def without(stored: DataFrame, change: DataFrame) -> tuple[DataFrame, RevertResult]:
    """Return stored bars without a change, and what that did; what was written anew since stays."""
    import polars as pl

    both = stored.join(change, on="timestamp", how="inner", maintain_order="left")
    is_its = pl.all_horizontal(pl.col(name) == pl.col(f"{name}_right") for name in _NUMBERS)
    is_former = pl.all_horizontal(pl.col(name).eq_missing(pl.col(FORMER + name)) for name in _NUMBERS)
    its, others = both.filter(is_its), both.filter(~is_its)
    back = its.filter(pl.col(FORMER + "open").is_not_null()).select(
        "timestamp", *(pl.col(FORMER + name).alias(name) for name in _NUMBERS)
    )
    already = len(others.filter(is_former))
    left = stored.join(its, on="timestamp", how="anti", maintain_order="left")
    return pl.concat([left, back]).sort("timestamp"), RevertResult(
        removed=len(its) - len(back),
        restored=len(back),
        changed_since=len(others) - already,
        as_before=len(change) - len(both) + already,
    )
