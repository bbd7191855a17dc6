"""Rates of central banks and consumer prices: the newest figure of each, what it was before, and since when."""

from __future__ import annotations

from typing import Final

import numpy as np
from pydantic import Field

from vigie.domain.person import Caller
from vigie.domain.time import DAY_MS
from vigie.ports.clock import Clock
from vigie.ports.connectors import ConnectorDirectory
from vigie.ports.facts import FactStore
from vigie.services.market_data.series import (
    SeriesDescription,
    Values,
    describe_series,
    series_origins,
    values_of,
)
from vigie.services.operation import OperationInput, Table, operation
from vigie.services.rows import Row, shown, table_of

PREFIX: Final = "macro/"
# What is shown first, in this order; other series of the topic come after them.
SHOWN_FIRST: Final = (
    "macro/euro/deposit_rate_fraction",
    "macro/euro/hicp_year_fraction",
    "macro/us/fed_target_low_fraction",
    "macro/us/fed_target_high_fraction",
    "macro/us/fed_funds_rate_fraction",
    "macro/us/cpi_year_fraction",
    "macro/us/cpi_index",
)
# Long enough to hold a level that lasted for years.
_BACK_MS: Final = 5 * 365 * DAY_MS
_MONTH_MS: Final = 27 * DAY_MS
# Days have none on weekends and holidays; the figure of a month comes up to a month late, and stays for another.
_OLD_DAY_MS: Final = 7 * DAY_MS
_OLD_MONTH_MS: Final = 100 * DAY_MS


class MacroFigureRow(Row):
    """One figure of the economy."""

    title: str = shown("Metric")
    area: str = shown("Country or area")
    value: float = shown("Value", definition="In the unit of its row.")
    unit: str = shown("Unit")
    before: float | None = shown("Before", definition="The value before its last change.")
    ts_since: int | None = shown("Unchanged since", unit="ms", definition="First day or month of this value.")
    ts_event: int = shown("Period", unit="ms", definition="Time the value refers to.")
    precision: str = shown("Precision", definition="day or month: the period the value covers.")
    ts_known: int = shown(
        "Known",
        unit="ms",
        definition="When the value counts as known: the latest time it can have been published, or the time "
        "Vigie read it.",
    )
    is_stale: bool = shown("Stale", definition="Whether the value is stale.")
    definition: str = shown("Definition")
    formula: str = shown("Formula")
    source: str = shown("Source")
    delay: str = shown("Delay", definition="How late the source usually delivers.")
    licence: str = shown("Licence")
    series: str = shown("Series", definition="Its id.")


class MacroInput(OperationInput):
    """As of when."""

    as_of: int | None = Field(None, ge=0, le=4_102_444_800_000, description="Epoch ms; what was known then.")


@operation("macro.figures")
def list_macro_figures(
    caller: Caller, params: MacroInput, facts: FactStore, clock: Clock, directory: ConnectorDirectory
) -> Table[MacroFigureRow]:
    """List key rates of central banks and consumer prices, each with what it was before, and what it does not mean."""
    now = params.as_of or clock.market_now()
    names = sorted(facts.list_series(PREFIX), key=lambda name: (_sort_rank(name), name))
    descriptions = describe_series(directory, names)
    values = values_of(
        facts,
        names,
        start_ms=now - _BACK_MS,
        end_ms=now + 1,
        as_of=params.as_of,
        scales={name: description.scale for name, description in descriptions.items()},
    )
    rows = [_figure_row(descriptions[name], values[name], now) for name in names if len(values[name])]
    shown_series = {row.series: descriptions[row.series] for row in rows}
    return table_of(
        MacroFigureRow, rows, origins=series_origins(shown_series), total=len(rows), as_of=params.as_of
    )


def _sort_rank(name: str) -> int:
    return SHOWN_FIRST.index(name) if name in SHOWN_FIRST else len(SHOWN_FIRST)


def _figure_row(description: SeriesDescription, values: Values, now: int) -> MacroFigureRow:
    last = float(values.values[-1])
    earlier = np.flatnonzero(values.values != last)
    since_index = int(earlier[-1]) + 1 if len(earlier) else 0
    is_month = len(values) > 1 and int(values.ts[-1] - values.ts[-2]) >= _MONTH_MS
    ts = int(values.ts[-1])
    return MacroFigureRow(
        series=description.series,
        title=description.title,
        area=description.subject,
        value=last,
        unit=description.unit,
        before=float(values.values[earlier[-1]]) if len(earlier) else None,
        ts_since=int(values.ts[since_index]) if len(earlier) else None,
        ts_event=ts,
        precision="month" if is_month else "day",
        ts_known=int(values.ts_known[-1]),
        is_stale=now - ts > (_OLD_MONTH_MS if is_month else _OLD_DAY_MS),
        definition=description.definition,
        formula=description.formula,
        source=description.source_title,
        delay=description.delay,
        licence=description.licence,
    )
