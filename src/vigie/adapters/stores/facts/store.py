"""The fact store: what is known of every series, as it was known at any time."""

from __future__ import annotations

import math
import re
import threading
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from vigie.adapters.stores.facts.documents import DocumentFiles
from vigie.adapters.stores.facts.sealed import (
    Sealed,
    month_of,
    newest_of,
    settled,
    to_frame,
    to_observations,
    topic_of,
)
from vigie.adapters.stores.facts.tail import Tail
from vigie.adapters.stores.files import exclusive
from vigie.domain.errors import DataError
from vigie.domain.fact import Observation
from vigie.domain.plausible import FIRST_MS, LAST_MS

if TYPE_CHECKING:
    from polars import DataFrame

# Every process that reads facts holds those that are not sealed: 24 bytes each.
SEAL_LINES: Final = 30_000
# What is known of each new fact is looked up in memory: of the years that a first fetch brings, so many at a time.
PORTION: Final = 10_000
_Revisions = list[tuple[int, float]]
_SERIES: Final = re.compile(r"[a-z0-9_]+(/[A-Za-z0-9_.:+-]+)+")


class ParquetFacts:
    """Keeps facts below a folder; fulfils `vigie.ports.facts.FactStore`.

    Many processes may read and write; each keeps the newest values in memory and looks at the files' state
    before it answers.

    Parameters
    ----------
    root : Path
        Created when something is stored.
    seal_lines : int
        So many lines in the tail are sealed into Parquet.
    """

    def __init__(self, root: Path, *, seal_lines: int = SEAL_LINES) -> None:
        self.root = root
        self._seal_lines = seal_lines
        self._tail = Tail(root / "tail.log")
        self._sealed = Sealed(root)
        self._documents = DocumentFiles(root / "documents")
        self._newest: dict[str, Observation] = {}
        self._turn = threading.RLock()

    def append(self, observations: Iterable[Observation]) -> int:
        """Store observations durably and return how many were new."""
        given = list(observations)
        for observation in given:
            _check(observation)
        if not given:
            return 0
        with self._turn, exclusive(self.root):
            self._refresh()
            return sum(self._add(given[at : at + PORTION]) for at in range(0, len(given), PORTION))

    def _add(self, given: Sequence[Observation]) -> int:
        fresh = self._unknown(given)
        if fresh:
            self._tail.append(fresh)
            self._refresh()
        if self._tail.count >= self._seal_lines:
            self._seal()
        return len(fresh)

    def seal(self) -> None:
        """Move the tail into Parquet files now."""
        with self._turn, exclusive(self.root):
            self._refresh()
            self._seal()

    def read(
        self,
        series: Sequence[str],
        *,
        start_ms: int | None = None,
        end_ms: int | None = None,
        as_of: int | None = None,
        with_revised: bool = False,
    ) -> DataFrame:
        """Return ``series, ts_event, ts_known, value`` ascending by event, the newest revision known at `as_of`."""
        import polars as pl

        hot = self._hot(
            series
        )  # before the files: a sealing in between then shows rows twice, never not at all
        first = "" if start_ms is None else month_of(start_ms)
        last = "9999" if end_ms is None else month_of(end_ms - 1)
        frames = [
            self._sealed.rows(topic, month, names)
            for topic, names in _by_topic(series).items()
            for month in self._sealed.months(topic)
            if first <= month <= last
        ]
        frame = pl.concat([*frames, to_frame(hot)])
        kept = [
            pl.col(column) >= bound if is_low else pl.col(column) < bound
            for column, bound, is_low in (
                ("ts_event", start_ms, True),
                ("ts_event", end_ms, False),
                ("ts_known", None if as_of is None else as_of + 1, False),
            )
            if bound is not None
        ]
        # Pages ask for many series that hold little: each pass over a table costs more than its rows.
        if kept and len(frame):
            frame = frame.filter(*kept)
        if not len(frame):
            return frame
        if with_revised:
            return settled(frame).sort("ts_event", "series", maintain_order=True)
        told = frame.sort("ts_event", "series", "ts_known", maintain_order=True)
        return told.unique(["ts_event", "series"], keep="last", maintain_order=True)

    def latest(self, series: Sequence[str], *, as_of: int | None = None) -> dict[str, Observation]:
        """Return the newest observation of each series that was known at `as_of`."""
        if as_of is None:
            with self._turn:
                self._refresh()
                return {name: self._newest[name] for name in series if name in self._newest}
        found: dict[str, Observation] = {}
        for topic, names in _by_topic(series).items():
            found |= self._latest_of(topic, names, as_of)
        return found

    def list_series(self, prefix: str = "") -> list[str]:
        """Return the series that begin with a prefix, sorted."""
        with self._turn:
            self._refresh()
            return sorted(name for name in self._newest if name.startswith(prefix))

    def put_document(self, source: str, key: str, ts_known: int, body: dict[str, Any]) -> None:
        """Keep a table as a source gave it; of earlier ones the first of each hour stays."""
        self._documents.put(source, key, ts_known, body)

    def document(
        self, source: str, key: str, *, as_of: int | None = None
    ) -> tuple[int, dict[str, Any]] | None:
        """Return the newest table of a key known at `as_of`, with its `ts_known`."""
        return self._documents.get(source, key, as_of)

    def _refresh(self) -> None:
        began, fresh = self._tail.refresh()
        if began:
            sealed = to_observations(self._sealed.newest())
            self._newest = {observation.series: observation for observation in sealed}
        for observation in fresh:
            before = self._newest.get(observation.series)
            if before is None or _age(observation) >= _age(before):
                self._newest[observation.series] = observation

    def _hot(self, series: Sequence[str]) -> list[Observation]:
        with self._turn:
            self._refresh()
            return [o for name in series for o in self._tail.of(name)]

    def _latest_of(self, topic: str, names: Sequence[str], as_of: int) -> dict[str, Observation]:
        found: dict[str, Observation] = {}
        _keep_known(found, to_frame(self._hot(names)), as_of)
        sought = set(names)
        for month in reversed(self._sealed.months(topic)):
            _keep_known(found, self._sealed.rows(topic, month, sorted(sought)), as_of)
            sought -= {name for name in sought if name in found and month_of(found[name].ts_event) >= month}
            if not sought:
                break
        return found

    def _seal(self) -> None:
        if self._tail.count:
            self._sealed.add(list(self._tail.observations()))
            self._tail.begin_anew()
            self._refresh()

    # A value is known already when the newest revision that was known by then holds it.
    def _unknown(self, given: Sequence[Observation]) -> list[Observation]:
        before = self._revisions(given)
        fresh = []
        for observation in given:
            revisions = before[observation.series, observation.ts_event]
            at = bisect_right(revisions, observation.ts_known, key=lambda revision: revision[0])
            if not at or revisions[at - 1][1] != observation.value:
                revisions.insert(at, (observation.ts_known, observation.value))
                fresh.append(observation)
        return fresh

    def _revisions(self, given: Sequence[Observation]) -> dict[tuple[str, int], _Revisions]:
        known: dict[tuple[str, int], _Revisions] = defaultdict(list)
        sought: dict[tuple[str, str], set[str]] = defaultdict(set)
        # What is newer than everything was never known before.
        wanted = {(o.series, o.ts_event) for o in given if self._is_reached(o)}
        for name, ts in wanted:
            sought[topic_of(name), month_of(ts)].add(name)
        sealed = (
            o
            for (topic, month), names in sought.items()
            for o in to_observations(self._sealed.rows(topic, month, sorted(names)))
        )
        tail = (o for name in dict.fromkeys(name for name, _ in wanted) for o in self._tail.of(name))
        for o in chain(sealed, tail):
            if (o.series, o.ts_event) in wanted:
                known[o.series, o.ts_event].append((o.ts_known, o.value))
        for revisions in known.values():
            revisions.sort(key=lambda revision: revision[0])
        return known

    def _is_reached(self, o: Observation) -> bool:
        newest = self._newest.get(o.series)
        return newest is not None and o.ts_event <= newest.ts_event


def _check(observation: Observation) -> None:
    if not _SERIES.fullmatch(observation.series):
        raise DataError(f"series must look like market/bitcoin/cap_usd, was {observation.series!r}")
    if not math.isfinite(observation.value):
        raise DataError(f"value of {observation.series} must be finite, was {observation.value}")
    for name, ts in (("ts_event", observation.ts_event), ("ts_known", observation.ts_known)):
        if not FIRST_MS <= ts < LAST_MS:
            raise DataError(f"{name} of {observation.series} must be milliseconds of 1900 to 2200, was {ts}")


def _age(observation: Observation) -> tuple[int, int]:
    return observation.ts_event, observation.ts_known


def _keep_known(found: dict[str, Observation], rows: DataFrame, as_of: int) -> None:
    import polars as pl

    for observation in to_observations(newest_of(rows.filter(pl.col("ts_known") <= as_of))):
        before = found.get(observation.series)
        if before is None or _age(observation) >= _age(before):
            found[observation.series] = observation


def _by_topic(series: Sequence[str]) -> dict[str, list[str]]:
    topics: dict[str, list[str]] = defaultdict(list)
    for name in dict.fromkeys(series):
        topics[topic_of(name)].append(name)
    return topics
