"""What storing bars changed, as a frame: the bars that were written and, beside each, what it said before."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from vigie.domain.bar import BAR_COLUMNS
from vigie.ports.store import FORMER, TakenBack

if TYPE_CHECKING:
    from polars import DataFrame

_NUMBERS: Final = BAR_COLUMNS[1:]


def changed(fresh: DataFrame, replaced: DataFrame) -> DataFrame:
    """Put the former values beside the bars that were written."""
    import polars as pl

    if replaced.is_empty():
        return fresh.with_columns(pl.lit(None, pl.Float64).alias(FORMER + name) for name in _NUMBERS)
    former = replaced.rename({name: FORMER + name for name in _NUMBERS})
    return fresh.join(former, on="timestamp", how="left", maintain_order="left")


def without(stored: DataFrame, change: DataFrame) -> tuple[DataFrame, TakenBack]:
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
    return pl.concat([left, back]).sort("timestamp"), TakenBack(
        removed=len(its) - len(back),
        restored=len(back),
        changed_since=len(others) - already,
        as_before=len(change) - len(both) + already,
    )
