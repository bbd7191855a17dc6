"""A fact store in memory: the contract in its plainest form."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import polars as pl

from vigie.domain.fact import Observation

HOUR = 3_600_000


class MemoryFacts:
    """Keeps every revision in a list; fulfils `vigie.ports.facts.FactStore`."""

    def __init__(self) -> None:
        self.rows: list[Observation] = []
        self.documents: dict[tuple[str, str], dict[int, dict[str, Any]]] = {}

    def append(self, observations: Iterable[Observation]) -> int:
        fresh = 0
        for one in observations:
            known = [
                row
                for row in self.rows
                if (row.series, row.ts_event) == (one.series, one.ts_event) and row.ts_known <= one.ts_known
            ]
            if not known or max(known, key=lambda row: row.ts_known).value != one.value:
                self.rows.append(one)
                fresh += 1
        return fresh

    def read(
        self,
        series: Sequence[str],
        *,
        start_ms: int | None = None,
        end_ms: int | None = None,
        as_of: int | None = None,
        with_revised: bool = False,
    ) -> pl.DataFrame:
        newest: dict[tuple[int, str, int], Observation] = {}
        for row in sorted(self.rows, key=lambda row: row.ts_known):
            if (
                row.series in series
                and (start_ms is None or row.ts_event >= start_ms)
                and (end_ms is None or row.ts_event < end_ms)
                and (as_of is None or row.ts_known <= as_of)
            ):
                newest[row.ts_event, row.series, row.ts_known if with_revised else 0] = row
        rows = [(row.series, row.ts_event, row.ts_known, row.value) for _, row in sorted(newest.items())]
        kinds = {"series": pl.String, "ts_event": pl.Int64, "ts_known": pl.Int64, "value": pl.Float64}
        return pl.DataFrame(rows, schema=kinds, orient="row")

    def latest(self, series: Sequence[str], *, as_of: int | None = None) -> dict[str, Observation]:
        frame = self.read(series, as_of=as_of)
        return {row[0]: Observation(*row) for row in frame.iter_rows()}

    def version(self, series: Sequence[str]) -> object:
        return sum(row.series in series for row in self.rows)

    def list_series(self, prefix: str = "") -> list[str]:
        return sorted({row.series for row in self.rows if row.series.startswith(prefix)})

    def put_document(self, source: str, key: str, ts_known: int, body: dict[str, Any]) -> None:
        self.documents.setdefault((source, key), {})[ts_known] = body

    def document(
        self, source: str, key: str, *, as_of: int | None = None
    ) -> tuple[int, dict[str, Any]] | None:
        kept = self.documents.get((source, key), {})
        times = [ts for ts in kept if as_of is None or ts <= as_of]
        return (max(times), kept[max(times)]) if times else None
