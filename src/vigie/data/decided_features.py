"""Features of the history that decisions were made on, as they were then: what is learned late is told, not used."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from vigie.data.feature_columns import add_columns
from vigie.data.features import add_recorded
from vigie.data.other_closes import with_decided_closes
from vigie.domain.bar import Bars, FloatArray, IntArray
from vigie.domain.ids import SeriesId
from vigie.ports.facts import FactStore
from vigie.ports.store import BarStore


@dataclass(slots=True)
class DecidedFeatures:
    """The features of one series of bars, as decisions see them.

    Attributes
    ----------
    names : sequence of str
        Features that are recorded, such as ``news.sentiment.btc``.
    decided : mapping of int to mapping of str to float
        What earlier processes of the run decided on, by the bar's open time: the store may say something else now.
    on_late : callable
        Told the feature and the open time of each bar whose value became another after a decision; once a process.
    plan_key : str
        Whose plans are read; empty for nobody's.
    columns : sequence of str
        Features that are computed anew from the bars and the others, such as ``feature.price.return_24``.
    decided_bars : callable
        Gives the bars of another series that decisions were made on: a pushed one is stored only later.
    """

    store: BarStore
    facts: FactStore
    names: Sequence[str]
    decided: Mapping[int, Mapping[str, float]] = field(default_factory=dict)
    on_late: Callable[[str, int], None] = lambda _name, _ts: None
    plan_key: str = ""
    columns: Sequence[str] = ()
    decided_bars: Callable[[SeriesId], Bars | None] = lambda _: None
    _plain: Bars | None = None
    _used: Bars | None = None
    _given: Bars | None = None
    _reported: set[tuple[str, int]] = field(default_factory=set)

    def add_features(self, bars: Bars) -> Bars:
        """Return bars with their features; the same object when asked again of the same bars."""
        if not self.names and not self.columns:
            return bars
        if self._used is None or self._given is None or bars is not self._plain:
            stored = self._read_features(bars)
            self._used = (
                self._restore_decided(stored) if self._used is None else self._extend(self._used, stored)
            )
            self._plain = bars
            self._given = add_columns(self._used, self.columns)
        return self._given

    def check(self) -> None:
        """Tell what the store says otherwise now of what decisions were made on."""
        if self._used is not None and self._plain is not None:
            self._extend(self._used, self._read_features(self._plain))

    def fingerprint(self, of_bars: str) -> str:
        """Return the SHA-256 of a history's own and of its features; its own where it has none."""
        if not self.names or not of_bars or self._used is None:
            return of_bars
        digest = hashlib.sha256(of_bars.encode())
        for name in sorted(self.names):
            digest.update(name.encode() + b"\0" + np.ascontiguousarray(self._used.feature(name)).tobytes())
        return digest.hexdigest()

    def _read_features(self, bars: Bars) -> Bars:
        """Return bars with the features that are recorded, as they are known now."""
        stored = add_recorded(bars, self.store, self.facts, self.names, self.plan_key)
        return with_decided_closes(stored, self.names, self.decided_bars)

    def _restore_decided(self, stored: Bars) -> Bars:
        """Return stored bars with the features that earlier processes decided on."""
        decided_times = [ts for ts in stored.ts.tolist() if ts in self.decided]
        rows = np.searchsorted(stored.ts, decided_times)
        known = {}
        for name in self.names:
            stored_values = stored.feature(name)[rows].tolist()
            values = [
                self.decided[ts].get(name, stored_value)
                for ts, stored_value in zip(decided_times, stored_values, strict=True)
            ]
            known[name] = np.array(values, np.float64)
        return self._replace_known(np.array(decided_times, np.int64), known, stored)

    def _extend(self, used: Bars, stored: Bars) -> Bars:
        """Return stored bars with the features of those that were decided on as they were then."""
        return self._replace_known(used.ts, {name: used.feature(name) for name in self.names}, stored)

    def _replace_known(self, ts: IntArray, known: Mapping[str, FloatArray], stored: Bars) -> Bars:
        """Return stored bars with other features at some times, and tell where that makes a difference."""
        # Both are in order; numpy's `isin` would make an object for each bar and leave the heap in pieces.
        places = np.searchsorted(ts, stored.ts)
        is_known = places < len(ts)
        is_known[is_known] = ts[places[is_known]] == stored.ts[is_known]
        rows, before = np.flatnonzero(is_known), places[is_known]
        columns: dict[str, FloatArray] = {}
        for name in self.names:
            fresh, used_values = stored.feature(name).copy(), known[name][before]
            is_same = (fresh[rows] == used_values) | (np.isnan(fresh[rows]) & np.isnan(used_values))
            for changed in stored.ts[rows][~is_same].tolist():
                self._report_late(name, changed)
            fresh[rows] = used_values
            columns[name] = fresh
        return replace(stored, features={**stored.features, **columns}, _memo={})

    def _report_late(self, name: str, ts: int) -> None:
        if (name, ts) not in self._reported:
            self._reported.add((name, ts))
            self.on_late(name, ts)
