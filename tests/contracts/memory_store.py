"""A bar store in memory that keeps the same promises as the real one."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

from vigie.adapters.stores.parquet.summaries import summarize_times
from vigie.data.frames import BAR_SCHEMA, NUMBERS
from vigie.domain.ids import SeriesId
from vigie.ports.store import FORMER, RevertResult, SeriesSummary, StoredSeries, UpsertResult


class MemoryBars:
    """Keeps one frame a series."""

    def __init__(self) -> None:
        self.frames: dict[SeriesId, pl.DataFrame] = {}

    def holdings(self, venue: str = "", instrument: str = "") -> list[StoredSeries]:
        named = [
            one
            for one in self.frames
            if (not venue or one.venue == venue) and (not instrument or one.instrument == instrument)
        ]
        ordered = sorted(named, key=lambda one: (one.venue, one.instrument, one.span_ms))
        return [StoredSeries(one, (str(one),), 48 * len(self.frames[one])) for one in ordered]

    def summary(self, holding: StoredSeries, *, is_deep: bool = False) -> SeriesSummary:
        times = self.frames[holding.series]["timestamp"].to_physical()
        return SeriesSummary(summarize_times(times, holding.series.span_ms))

    def series(self, venue: str = "", instrument: str = "") -> list[SeriesId]:
        return [holding.series for holding in self.holdings(venue, instrument)]

    def version(self, series: SeriesId) -> object:
        return id(self.frames.get(series))

    def read(
        self,
        series: SeriesId,
        *,
        start_ms: int | None = None,
        end_ms: int | None = None,
        last: int | None = None,
    ) -> pl.DataFrame:
        frame = self.frames.get(series, pl.DataFrame(schema=BAR_SCHEMA))
        time = pl.col("timestamp").to_physical()
        frame = frame.filter(time >= start_ms) if start_ms is not None else frame
        frame = frame.filter(time < end_ms) if end_ms is not None else frame
        return frame if last is None else frame.tail(last)

    def upsert(
        self,
        series: SeriesId,
        frame: pl.DataFrame,
        *,
        dry_run: bool = False,
        before: Callable[[pl.DataFrame], None] | None = None,
    ) -> UpsertResult:
        given = frame.select(pl.col(name).cast(kind) for name, kind in BAR_SCHEMA.items())
        stored = self.read(series)
        both = stored.join(given, on="timestamp", maintain_order="left")
        other = both.filter(pl.any_horizontal(pl.col(name) != pl.col(f"{name}_right") for name in NUMBERS))
        merged = pl.concat([stored, given]).unique("timestamp", keep="last").sort("timestamp")
        changed = not merged.equals(stored)
        if changed and not dry_run:
            if before is not None:
                fresh = given.join(stored, on=list(BAR_SCHEMA), how="anti", maintain_order="left")
                former = stored.rename({name: FORMER + name for name in NUMBERS})
                before(fresh.join(former, on="timestamp", how="left", maintain_order="left"))
            self.frames[series] = merged
        return UpsertResult(
            added=len(merged) - len(stored),
            revised=len(other),
            same=len(both) - len(other),
            replaced=other.select(*BAR_SCHEMA),
            files=(str(series),) if changed else (),
        )

    def seal(self, series: SeriesId, before_ms: int) -> bool:
        return False

    def revert(self, series: SeriesId, change: pl.DataFrame, *, dry_run: bool = False) -> RevertResult:
        now = {row[0]: row[1:] for row in self.read(series).iter_rows()}
        width = len(NUMBERS)
        counts = {"removed": 0, "restored": 0, "changed_since": 0, "as_before": 0}
        for ts, *values in change.iter_rows():
            wrote, former = tuple(values[:width]), tuple(values[width:])
            is_new = former[0] is None
            found = now.get(ts)
            if found == wrote:
                counts["removed" if is_new else "restored"] += 1
                if is_new:
                    del now[ts]
                else:
                    now[ts] = former
            elif found is None or found == former:
                counts["as_before"] += 1
            else:
                counts["changed_since"] += 1
        if not dry_run:
            rows = [(ts, *values) for ts, values in sorted(now.items())]
            self.frames.pop(series, None)
            if rows:
                self.frames[series] = pl.DataFrame(rows, schema=BAR_SCHEMA, orient="row")
        return RevertResult(**counts)
