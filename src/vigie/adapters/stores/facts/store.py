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
    SealedFacts,
    deduplicate,
    series_topic,
    to_frame,
    to_month,
    to_observations,
)
from vigie.adapters.stores.facts.tail import FactTail
from vigie.adapters.stores.files import lock_folder
from vigie.domain.errors import DataError
from vigie.domain.fact import Observation
from vigie.domain.time_bounds import FIRST_MS, LAST_MS

if TYPE_CHECKING:
    from polars import DataFrame

# Every process that reads facts holds those that are not sealed: 24 bytes each.
SEAL_LINES: Final = 30_000
# What is known of each new fact is looked up in memory: of the years that a first fetch brings, so many at a time.
BATCH_OBSERVATIONS: Final = 10_000
_Revisions = list[tuple[int, float]]
_SERIES_PATTERN: Final = re.compile(r"[a-z0-9_]+(/[A-Za-z0-9_.:+-]+)+")


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
        self._tail = FactTail(root / "tail.log")
        self._sealed = SealedFacts(root)
        self._documents = DocumentFiles(root / "documents")
        self._newest: dict[str, Observation] = {}
        self._lock = threading.RLock()

    def append(self, observations: Iterable[Observation]) -> int:
        """Store observations durably and return how many were new."""
        batch = list(observations)
        for observation in batch:
            _check_observation(observation)
        if not batch:
            return 0
        with self._lock, lock_folder(self.root):
            self._refresh()
            return sum(
                self._add(batch[offset : offset + BATCH_OBSERVATIONS])
                for offset in range(0, len(batch), BATCH_OBSERVATIONS)
            )

    def _add(self, batch: Sequence[Observation]) -> int:
        fresh = self._drop_known(batch)
        if fresh:
            self._tail.append(fresh)
            self._refresh()
        if self._tail.count >= self._seal_lines:
            self._seal()
        return len(fresh)

    def seal(self) -> None:
        """Move the tail into Parquet files now."""
        with self._lock, lock_folder(self.root):
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

        in_tail = self._read_tail(
            series
        )  # before the files: a sealing in between then shows rows twice, never not at all
        first = "" if start_ms is None else to_month(start_ms)
        last = "9999" if end_ms is None else to_month(end_ms - 1)
        frames = [
            self._sealed.rows(topic, month, names)
            for topic, names in _group_by_topic(series).items()
            for month in self._sealed.months(topic)
            if first <= month <= last
        ]
        frame = to_frame(in_tail)
        if frames:
            frame = pl.concat([pl.concat(frames).with_columns(pl.col("series").cast(pl.String)), frame])
        filters = [
            pl.col(column) >= bound if is_low else pl.col(column) < bound
            for column, bound, is_low in (
                ("ts_event", start_ms, True),
                ("ts_event", end_ms, False),
                ("ts_known", None if as_of is None else as_of + 1, False),
            )
            if bound is not None
        ]
        # Pages ask for many series that hold little: each pass over a table costs more than its rows.
        if filters and len(frame):
            frame = frame.filter(*filters)
        if not len(frame):
            return frame
        if with_revised:
            return deduplicate(frame).sort("ts_event", "series", maintain_order=True)
        ordered = frame.sort("ts_event", "series", "ts_known", maintain_order=True)
        # Revisions stand together: to look for them in a table of names takes ten times as long.
        event, name = (
            pl.col(column).ne_missing(pl.col(column).shift(-1)) for column in ("ts_event", "series")
        )
        return ordered.filter(event | name)

    def latest(self, series: Sequence[str], *, as_of: int | None = None) -> dict[str, Observation]:
        """Return the newest observation of each series that was known at `as_of`."""
        if as_of is None:
            with self._lock:
                self._refresh()
                return {name: self._newest[name] for name in series if name in self._newest}
        newest: dict[str, Observation] = {}
        for topic, names in _group_by_topic(series).items():
            newest |= self._find_latest(topic, names, as_of)
        return newest

    def version(self, series: Sequence[str]) -> object:
        """Return something that differs as soon as facts of one of the series are stored."""
        with self._lock:
            self._refresh()
            return self._tail.number, tuple(self._tail.count_of(name) for name in series)

    def list_series(self, prefix: str = "") -> list[str]:
        """Return the series that begin with a prefix, sorted."""
        with self._lock:
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
        is_new_tail, fresh = self._tail.refresh()
        if is_new_tail:
            sealed = to_observations(self._sealed.newest())
            self._newest = {observation.series: observation for observation in sealed}
        _add_newest(self._newest, fresh)

    def _read_tail(self, series: Sequence[str]) -> list[Observation]:
        with self._lock:
            self._refresh()
            return [o for name in series for o in self._tail.read_series(name)]

    def _find_latest(self, topic: str, names: Sequence[str], as_of: int) -> dict[str, Observation]:
        newest: dict[str, Observation] = {}
        _add_newest(newest, (o for o in self._read_tail(names) if o.ts_known <= as_of))
        missing = set(names)
        for month in reversed(self._sealed.months(topic)):
            _add_newest(newest, self._sealed.newest_rows(topic, month, sorted(missing), as_of))
            missing -= {
                name for name in missing if name in newest and to_month(newest[name].ts_event) >= month
            }
            if not missing:
                break
        return newest

    def _seal(self) -> None:
        if self._tail.count:
            self._sealed.add(self._tail.frame())
            self._tail.start_new()
            self._refresh()

    # A value is known already when the newest revision that was known by then holds it.
    def _drop_known(self, batch: Sequence[Observation]) -> list[Observation]:
        known_revisions = self._read_revisions(batch)
        fresh = []
        for observation in batch:
            revisions = known_revisions[observation.series, observation.ts_event]
            index = bisect_right(revisions, observation.ts_known, key=lambda revision: revision[0])
            if not index or revisions[index - 1][1] != observation.value:
                revisions.insert(index, (observation.ts_known, observation.value))
                fresh.append(observation)
        return fresh

    def _read_revisions(self, batch: Sequence[Observation]) -> dict[tuple[str, int], _Revisions]:
        known_revisions: dict[tuple[str, int], _Revisions] = defaultdict(list)
        series_by_file: dict[tuple[str, str], set[str]] = defaultdict(set)
        # What is newer than everything was never known before.
        wanted_events = {(o.series, o.ts_event) for o in batch if self._may_be_known(o)}
        for name, ts in wanted_events:
            series_by_file[series_topic(name), to_month(ts)].add(name)
        sealed = (
            o
            for (topic, month), names in series_by_file.items()
            for o in to_observations(self._sealed.rows(topic, month, sorted(names)))
        )
        tail = (
            o
            for name in dict.fromkeys(name for name, _ in wanted_events)
            for o in self._tail.read_series(name)
        )
        for o in chain(sealed, tail):
            if (o.series, o.ts_event) in wanted_events:
                known_revisions[o.series, o.ts_event].append((o.ts_known, o.value))
        for revisions in known_revisions.values():
            revisions.sort(key=lambda revision: revision[0])
        return known_revisions

    def _may_be_known(self, o: Observation) -> bool:
        newest = self._newest.get(o.series)
        return newest is not None and o.ts_event <= newest.ts_event


def _check_observation(observation: Observation) -> None:
    if not _SERIES_PATTERN.fullmatch(observation.series):
        raise DataError(
            "series_must_look_like_market",
            "series must look like market/bitcoin/cap_usd, was {series!r}",
            series=observation.series,
        )
    if not math.isfinite(observation.value):
        raise DataError(
            "value_must_finite",
            "value of {series} must be finite, was {value}",
            series=observation.series,
            value=observation.value,
        )
    for name, ts in (("ts_event", observation.ts_event), ("ts_known", observation.ts_known)):
        if not FIRST_MS <= ts < LAST_MS:
            raise DataError(
                "must_milliseconds",
                "{name} of {series} must be milliseconds of 1900 to 2200, was {ts}",
                name=name,
                series=observation.series,
                ts=ts,
            )


def _sort_key(observation: Observation) -> tuple[int, int]:
    return observation.ts_event, observation.ts_known


def _add_newest(newest: dict[str, Observation], observations: Iterable[Observation]) -> None:
    for observation in observations:
        before = newest.get(observation.series)
        if before is None or _sort_key(observation) >= _sort_key(before):
            newest[observation.series] = observation


def _group_by_topic(series: Sequence[str]) -> dict[str, list[str]]:
    topics: dict[str, list[str]] = defaultdict(list)
    for name in dict.fromkeys(series):
        topics[series_topic(name)].append(name)
    return topics
