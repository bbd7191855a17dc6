"""Any series: what it is, from what its connector says of it, and its values as arrays, as known at an instant."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Final

import numpy as np

from vigie.data.features import is_plan_series
from vigie.domain.bar import FloatArray, IntArray
from vigie.domain.errors import NotFound
from vigie.domain.fact import Measure
from vigie.domain.time import DAY_MS, HOUR_MS
from vigie.ports.connectors import ConnectorDirectory, ConnectorInfo
from vigie.ports.facts import FactStore
from vigie.services.market_data.derived_measures import DERIVED_MEASURES
from vigie.services.operation import Origin

# Units as people write them, and what a stored value is multiplied by to be in them.
UNITS: Final[dict[str, tuple[str, float]]] = {
    "hashes_s": ("EH/s", 1e-18),
    "terahashes_s": ("EH/s", 1e-6),
    "sat_vb": ("sat/vB", 1.0),
    "percent_year": ("index", 1.0),
    "currency": ("", 1.0),
}
# The year 2100: no later moment is asked for.
LAST_MS: Final = 4_102_444_800_000
# A value is old when nothing newer came for so many times the usual gap between values.
_STALE_GAPS: Final = 3
_MIN_STALE_MS: Final = 2 * HOUR_MS
_UNKNOWN_MS: Final = 3 * DAY_MS


@dataclass(frozen=True, slots=True)
class SeriesDescription:
    """What is known about a series.

    Attributes
    ----------
    series, subject : str
        Its id and the middle of it: an asset, an instrument, ``total``.
    title, unit, definition, formula, delay : str
        For people, in English; pages translate them.
    scale : float
        What a stored value is multiplied by.
    source, source_title : str
        Id and name of who delivers it; empty where no connector does.
    licence, attribution : str
    is_non_commercial : bool
    history : str
        ``immutable``, ``late`` or ``revised``.
    """

    series: str
    subject: str
    title: str
    unit: str
    scale: float
    definition: str = ""
    formula: str = ""
    delay: str = ""
    source: str = ""
    source_title: str = ""
    licence: str = ""
    attribution: str = ""
    is_non_commercial: bool = False
    history: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Values:
    """Values of a series, ascending by the time they are about; the newest revision that was known."""

    ts: IntArray
    ts_known: IntArray
    values: FloatArray

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self.ts)

    def at(self, ts: int, *, within_ms: int | None = None) -> float | None:
        """Return the newest value at a time; None where there is none, or only one that is too old."""
        place = int(np.searchsorted(self.ts, ts, side="right")) - 1
        if place < 0 or (within_ms is not None and ts - int(self.ts[place]) > within_ms):
            return None
        return float(self.values[place])

    @property
    def stale_after_ms(self) -> int:
        """From which age on the newest value is old: three times the median of the last twenty gaps."""
        gaps = np.diff(self.ts[-21:])
        return max(_MIN_STALE_MS, _STALE_GAPS * int(np.median(gaps))) if len(gaps) else _UNKNOWN_MS


NO_VALUES: Final = Values(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0))


def describe_series(directory: ConnectorDirectory, names: Sequence[str]) -> dict[str, SeriesDescription]:
    """Return what is known about each series; one that no connector delivers is described by its id.

    Raises
    ------
    NotFound
        If it is of somebody's plans: those are theirs, whoever learned the name of the series.
    """
    if planned := next(filter(is_plan_series, names), ""):
        raise NotFound(
            "series_unknown_lists",
            "series {unknown} is unknown; `onchain.catalog` lists the known ones",
            unknown=planned,
        )
    measures = (*directory.measures(), *DERIVED_MEASURES)
    by_id = {
        measure_pattern.pattern: measure_pattern
        for measure_pattern in measures
        if "*" not in measure_pattern.pattern
    }
    with_wildcard = [measure_pattern for measure_pattern in measures if "*" in measure_pattern.pattern]
    notes: dict[str, ConnectorInfo] = {}
    for note in directory.notes():
        notes.setdefault(note.source, note)
    descriptions = {}
    for name in names:
        measure = by_id.get(name) or next(
            (
                measure_pattern
                for measure_pattern in with_wildcard
                if fnmatchcase(name, measure_pattern.pattern)
            ),
            None,
        )
        descriptions[name] = _describe(name, measure, notes.get(measure.source) if measure else None)
    return descriptions


def _describe(name: str, measure: Measure | None, note: ConnectorInfo | None) -> SeriesDescription:
    parts = name.split("/")
    subject = "/".join(parts[1:-1])
    if measure is None:
        return SeriesDescription(name, subject, parts[-1].replace("_", " "), "", 1.0)
    unit, scale = UNITS.get(measure.unit, (measure.unit, 1.0))
    return SeriesDescription(
        series=name, subject=subject, title=measure.title, unit=unit, scale=scale, definition=measure.definition,
        formula=measure.formula, delay=measure.delay, source=measure.source,
        source_title=note.title if note else measure.source, licence=note.licence if note else "",
        attribution=note.attribution if note else "", is_non_commercial=bool(note and note.is_non_commercial),
        history=note.history if note else "",
    )  # fmt: skip


def values_of(
    facts: FactStore,
    names: Sequence[str],
    *,
    start_ms: int | None = None,
    end_ms: int | None = None,
    as_of: int | None = None,
    scales: Mapping[str, float] | None = None,
) -> dict[str, Values]:
    """Return the values of each series; those without any are empty.

    Parameters
    ----------
    start_ms, end_ms : int, optional
        Of the time that values are about; the end is not included.
    as_of : int, optional
        What became known later is left out, and so is what is about a later time.
    """
    if as_of is not None:
        end_ms = as_of + 1 if end_ms is None else min(end_ms, as_of + 1)
    values_by_name = dict.fromkeys(names, NO_VALUES)
    if not names:
        return values_by_name
    frame = facts.read(list(values_by_name), start_ms=start_ms, end_ms=end_ms, as_of=as_of)
    if not len(frame):
        return values_by_name
    columns = [frame[column].to_numpy() for column in ("ts_event", "ts_known", "value")]
    # Taken apart without the table's own way: that wakes the threads of all processors, and waits for them where
    # these are busy, for a few hundred rows.
    rows = np.zeros(len(frame), np.int64)
    if len(values_by_name) > 1:
        numbers = {name: number for number, name in enumerate(values_by_name)}
        rows = np.fromiter(map(numbers.__getitem__, frame["series"].to_list()), np.int64, len(frame))
        order = np.argsort(rows, kind="stable")
        columns = [column[order] for column in columns]
    ends = np.cumsum(np.bincount(rows, minlength=len(values_by_name)))
    for name, start, end in zip(list(values_by_name), [0, *ends[:-1]], ends, strict=True):
        if start == end:
            continue
        ts, ts_known, values = (column[start:end] for column in columns)
        scale = (scales or {}).get(name, 1.0)
        values_by_name[name] = Values(ts, ts_known, values * scale if scale != 1.0 else values)
    return values_by_name


def thin_values(values: Values, max_values: int) -> Values:
    """Return at most so many values: the newest of each span."""
    if len(values) <= max_values:
        return values
    step = max(1, (int(values.ts[-1]) - int(values.ts[0])) // max_values + 1)
    spans = (values.ts - values.ts[0]) // step
    last = np.flatnonzero(np.diff(spans, append=spans[-1] + 1))
    return Values(values.ts[last], values.ts_known[last], values.values[last])


def series_origins(descriptions: Mapping[str, SeriesDescription]) -> list[Origin]:
    """Return each source of some series once, with its licence; non-commercial ones say so."""
    origins: dict[str, Origin] = {}
    for description in descriptions.values():
        note = "non-commercial use only, " if description.is_non_commercial else ""
        title = description.source_title or "unknown"
        origins.setdefault(title, Origin(source=title, licence=f"{note}{description.licence}"))
    return list(origins.values())
