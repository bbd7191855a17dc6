"""On-chain figures: formulas over stored series, and the rows of tables.

Formulas are read with what they need, joined and kept to a time: windows reach back before the span.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from vigie.domain.errors import NotFound
from vigie.domain.time import DAY_MS
from vigie.intelligence.market.formulas import Formula, FunctionCall, KnownSeries, evaluate
from vigie.ports.facts import FactStore
from vigie.services.market_data.series import SeriesDescription, Values, values_of
from vigie.services.rows import Row, shown


def evaluate_formula(
    facts: FactStore,
    formula: Formula,
    descriptions: Mapping[str, SeriesDescription],
    *,
    start: int,
    end: int,
    as_of: int | None,
    joined: str = "event",
    step: int = 0,
) -> KnownSeries:
    """Return the values of a formula; windows reach back before the start, joins look back three days.

    Parameters
    ----------
    descriptions : mapping of str to SeriesDescription
        Every series of the formula.
    joined : str
        ``event``: at the time a value is about; ``known``: at the time it could first be read here.
    step : int
        Milliseconds; of each span the newest value is taken. 0 takes all.

    Raises
    ------
    NotFound
        If a series is not known here.
    """
    scales = {name: entry.scale for name, entry in descriptions.items()}
    read_start = start - _lookback_ms(formula) - 3 * DAY_MS
    values = values_of(facts, list(descriptions), start_ms=read_start, end_ms=end, as_of=as_of, scales=scales)
    empty_names = [name for name, entry in values.items() if not len(entry)]
    unknown = sorted(set(empty_names) - set(facts.list_series()))
    if unknown:
        raise NotFound(
            "series_unknown_lists",
            "series {unknown} is unknown; `onchain.catalog` lists the known ones",
            unknown=unknown[0],
        )
    return evaluate(
        formula,
        {
            name: _join_values(entry, joined, step, _lookback_ms(formula) > 0, start)
            for name, entry in values.items()
        },
    )


def _join_values(values: Values, joined: str, step: int, has_window: bool, start: int) -> KnownSeries:
    ts = values.ts if joined == "event" else values.ts_known
    order = np.argsort(ts, kind="stable")
    ts, joined_values = ts[order], values.values[order]
    if step and len(ts):
        last = np.flatnonzero(np.diff(ts // step, append=ts[-1] // step + 1))
        ts, joined_values = ts[last], joined_values[last]
    if not has_window and len(ts):
        # Nothing reaches back: what begins at 100 begins with the chart.
        first = max(int(np.searchsorted(ts, start, side="left")) - 1, 0)
        ts, joined_values = np.maximum(ts[first:], start), joined_values[first:]
    last = np.flatnonzero(np.diff(ts, append=ts[-1] + 1)) if len(ts) else np.zeros(0, np.int64)
    return KnownSeries(ts[last].astype(np.int64), joined_values[last])


def _lookback_ms(formula: Formula) -> int:
    if isinstance(formula, FunctionCall):
        return formula.span_ms + max(_lookback_ms(part) for part in formula.operands)
    return 0


class OnchainCardRow(Row):
    """One metric at a glance."""

    series: str = shown("Series", definition="Its id, or its formula.")
    title: str = shown("Metric")
    value: float | None = shown("Value", definition="In the unit of its row.")
    unit: str = shown("Unit")
    change_7d: float | None = shown("7 d", unit="change", definition="Change since the week before.")
    definition: str = shown("Definition")
    formula: str = shown("Formula")
    source: str = shown("Source")
    delay: str = shown("Delay", definition="How late the source usually delivers.")
    licence: str = shown("Licence")
    is_non_commercial: bool = shown(
        "Non-commercial", definition="Whether only non-commercial use is allowed."
    )
    ts_event: int | None = shown("Time", unit="ms", definition="Time the value refers to.")
    ts_known: int | None = shown("Known", unit="ms", definition="When Vigie received it.")
    is_stale: bool = shown("Stale", definition="Whether the value is stale.")


class OnchainSeriesRow(Row):
    """One on-chain series of the catalogue."""

    series: str = shown("Series", definition="Its id.")
    title: str = shown("Metric")
    subject: str = shown("Scope")
    unit: str = shown("Unit")
    definition: str = shown("Definition")
    formula: str = shown("Formula")
    source: str = shown("Source")
    delay: str = shown("Delay", definition="How late the source usually delivers.")
    licence: str = shown("Licence")
    value: float = shown("Value", definition="In the unit of its row.")
    ts_event: int = shown("Time", unit="ms", definition="Time the value refers to.")
