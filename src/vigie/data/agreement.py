"""Where resampled and native bars of the same venue differ."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

import polars as pl

from vigie.data.frames import NUMBERS, PRICES
from vigie.data.resample import resample
from vigie.domain.ids import SeriesId
from vigie.ports.store import BarStore

# Volumes are sums of floats; prices must be equal.
VOLUME_TOLERANCE: Final = 1e-9
_SHOWN: Final = 5


@dataclass(frozen=True, slots=True)
class BarDifference:
    """One bar that differs: the native value and the one made of shorter bars."""

    ts_ms: int
    column: str
    native: float
    resampled: float


@dataclass(frozen=True, slots=True)
class SeriesAgreement:
    """A longer stored series against a shorter one.

    Attributes
    ----------
    native, finer : SeriesId
        The longer series as stored, and the one it was made of again.
    compared : int
        Bars that both have whole.
    differing, in_price : int
        Of those, bars with another price or volume, and bars with another price.
    partial : int
        Bars that were not compared because shorter ones are missing.
    examples : tuple of BarDifference
        The first few.
    """

    native: SeriesId
    finer: SeriesId
    compared: int
    differing: int
    in_price: int
    partial: int
    examples: tuple[BarDifference, ...]


def comparable_pairs(stored: Iterable[SeriesId]) -> Iterator[tuple[SeriesId, SeriesId]]:
    """Yield each (longer, shorter) pair of stored series of one instrument that can be compared."""
    series = sorted(stored, key=lambda item: (item.venue, item.instrument, item.span_ms))
    for index, longer in enumerate(series):
        for shorter in series[:index]:
            same = (shorter.venue, shorter.instrument) == (longer.venue, longer.instrument)
            if same and longer.span_ms % shorter.span_ms == 0:
                yield longer, shorter


def compare_series(store: BarStore, native: SeriesId, finer: SeriesId) -> SeriesAgreement:
    """Make the longer bars again of the shorter ones and name where they differ.

    Parameters
    ----------
    store : BarStore
        Where both are.
    native, finer : SeriesId
        The longer and the shorter series.

    Returns
    -------
    SeriesAgreement
    """
    made = resample(store.read(finer), source_ms=finer.span_ms, target_ms=native.span_ms)
    both = store.read(native).join(made.whole, on="timestamp", how="inner", maintain_order="left")
    tolerance = VOLUME_TOLERANCE * pl.max_horizontal("volume", "volume_right")
    differs = {name: pl.col(name) != pl.col(f"{name}_right") for name in PRICES}
    # Of an unknown volume nothing can be said.
    is_known = pl.col("volume").is_not_nan() & pl.col("volume_right").is_not_nan()
    differs["volume"] = is_known & ((pl.col("volume") - pl.col("volume_right")).abs() > tolerance)
    differing = both.filter(pl.any_horizontal(differs.values()))
    examples = []
    for row in differing.head(_SHOWN).with_columns(pl.col("timestamp").to_physical()).iter_rows(named=True):
        name = next(name for name in NUMBERS if row[name] != row[f"{name}_right"])
        examples.append(BarDifference(row["timestamp"], name, row[name], row[f"{name}_right"]))
    return SeriesAgreement(
        native=native,
        finer=finer,
        compared=len(both),
        differing=len(differing),
        in_price=len(differing.filter(pl.any_horizontal(differs[name] for name in PRICES))),
        partial=len(made.partial),
        examples=tuple(examples),
    )
