"""Formulas over stored series: read what they need, join it, keep it to a time.

Takes a formula and a span; gives its values, where windows reach back before the span.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from vigie.domain.errors import NotFound
from vigie.domain.time import DAY_MS
from vigie.intelligence.market.formulas import Call, Formula, Known, evaluate
from vigie.services.house import House
from vigie.services.measuring.series import Described, Values, values_of


def evaluated(
    house: House,
    formula: Formula,
    described: Mapping[str, Described],
    *,
    start: int,
    end: int,
    as_of: int | None,
    joined: str = "event",
    step: int = 0,
) -> Known:
    """Return the values of a formula; windows reach back before the start, joins look back three days.

    Parameters
    ----------
    described : mapping of str to Described
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
    scales = {name: one.scale for name, one in described.items()}
    begin = start - _reach(formula) - 3 * DAY_MS
    values = values_of(house, list(described), start_ms=begin, end_ms=end, as_of=as_of, scales=scales)
    lacking = [name for name, one in values.items() if not len(one)]
    unknown = sorted(set(lacking) - set(house.facts.list_series()))
    if unknown:
        raise NotFound(f"series {unknown[0]} is not known here; `onchain.catalog` lists those that are")
    return evaluate(
        formula,
        {name: _joined(one, joined, step, _reach(formula) > 0, start) for name, one in values.items()},
    )


def _joined(values: Values, joined: str, step: int, has_window: bool, start: int) -> Known:
    ts = values.ts if joined == "event" else values.ts_known
    order = np.argsort(ts, kind="stable")
    ts, held = ts[order], values.values[order]
    if step and len(ts):
        last = np.flatnonzero(np.diff(ts // step, append=ts[-1] // step + 1))
        ts, held = ts[last], held[last]
    if not has_window and len(ts):
        # Nothing reaches back: what begins at 100 begins with the chart.
        first = max(int(np.searchsorted(ts, start, side="left")) - 1, 0)
        ts, held = np.maximum(ts[first:], start), held[first:]
    last = np.flatnonzero(np.diff(ts, append=ts[-1] + 1)) if len(ts) else np.zeros(0, np.int64)
    return Known(ts[last].astype(np.int64), held[last])


def _reach(formula: Formula) -> int:
    if isinstance(formula, Call):
        return formula.span_ms + max(_reach(one) for one in formula.of)
    return 0
