"""Series over time, and formulas made of them: what charts are drawn from."""

from __future__ import annotations

from typing import Final, Literal

import numpy as np
from pydantic import BaseModel, Field

from vigie.domain.errors import UsageError
from vigie.domain.person import Caller
from vigie.domain.time import DAY_MS, HOUR_MS
from vigie.intelligence.market.formulas import (
    Formula,
    KnownSeries,
    SeriesRef,
    parse_formula,
    render_formula,
    series_of,
    unit_of,
)
from vigie.ports.clock import Clock
from vigie.ports.connectors import ConnectorDirectory
from vigie.ports.facts import FactStore
from vigie.services.market_data.onchain import evaluate_formula
from vigie.services.market_data.series import SeriesDescription, describe_series, series_origins, values_of
from vigie.services.operation import Column, CurrencyInput, Figure, Table, operation
from vigie.services.rows import Row, row_columns, shown

AsOf = Field(None, ge=0, le=4_102_444_800_000, description="Epoch ms; what was known then.")
MOST_POINTS: Final = 2_000
MOST_SERIES: Final = 8


class SeriesInput(CurrencyInput):
    """Which series, over which time."""

    series: str = Field(..., max_length=1_000, description="Ids, comma-separated, at most 8.")
    days: int = Field(365, ge=1, le=5_000)
    as_of: int | None = AsOf


class OnchainPointRow(Row):
    """One point of a series."""

    series: str = shown("Series", definition="Its id.")
    ts_event: int = shown("Time", unit="ms", definition="Time the value refers to.")
    ts_known: int = shown("Known", unit="ms", definition="When Vigie received it.")
    value: float = shown("Value", definition="In the unit of its row.")
    unit: str = shown("Unit")


class SeriesTable(Table[OnchainPointRow]):
    """Values of series, as they were known."""

    units: dict[str, str]


@operation(
    "onchain.series", example={"series": "sentiment/fear_greed_index", "days": 30, "as_of": 1_700_000_000_000}
)
def read_series(
    caller: Caller, params: SeriesInput, facts: FactStore, clock: Clock, directory: ConnectorDirectory
) -> SeriesTable:
    """Read the values of series over a range, as they were known at an instant, with when each was read."""
    now = params.as_of or clock.market_now()
    names = [word.strip() for word in params.series.split(",") if word.strip()]
    if not 1 <= len(names) <= MOST_SERIES:
        raise UsageError(
            "give_series_ids",
            "give 1 to {most_series} series ids, had {names_count}",
            most_series=MOST_SERIES,
            names_count=len(names),
        )
    descriptions = describe_series(directory, names)
    values = values_of(
        facts,
        names,
        start_ms=now - params.days * DAY_MS,
        as_of=params.as_of,
        scales={name: description.scale for name, description in descriptions.items()},
    )
    rows = [
        OnchainPointRow(
            series=name, ts_event=ts, ts_known=ts_known, value=value, unit=descriptions[name].unit
        )
        for name in names
        for ts, ts_known, value in zip(
            values[name].ts.tolist(),
            values[name].ts_known.tolist(),
            values[name].values.tolist(),
            strict=True,
        )
    ]
    return SeriesTable(
        columns=row_columns(OnchainPointRow),
        rows=rows,
        origins=series_origins(descriptions),
        total=len(rows),
        as_of=params.as_of,
        units={name: description.unit for name, description in descriptions.items()},
    )


class FormulaInput(CurrencyInput):
    """One or two formulas on one chart."""

    f: str = Field(
        ..., max_length=500, description="`ratio(market/bitcoin/cap_usd,stablecoins/total/supply_usd)`."
    )
    g: str = Field("", max_length=500, description="Another one beside it.")
    days: int = Field(365, ge=1, le=5_000)
    joined: Literal["event", "known"] = Field(
        "event",
        description="event: at the time a value is about; known: at the time it could first be read here.",
    )
    as_of: int | None = AsOf


class FormulaLine(BaseModel):
    """What one line of a chart is."""

    key: str
    formula: str
    title: str
    subject: str
    unit: str
    series: list[str]
    sources: list[str]
    is_non_commercial: bool
    last: Figure


# Of two lines one may be missing: then so is its column, and rows are mappings.
FORMULA: Final = [
    Column(
        name="ts", title="Time", unit="ms", definition="Time the values refer to, or when they were known."
    ),
    Column(name="first", title="First", definition="Value of the first formula."),
    Column(name="second", title="Second", definition="Value of the second formula."),
]


class FormulasTable(Table):
    """Lines made of series."""

    lines: list[FormulaLine]
    days: int
    step_ms: int


@operation(
    "onchain.formula", example={"f": "ratio(market/bitcoin/cap_usd,market/global/cap_usd)", "days": 30}
)
def read_formula(
    caller: Caller, params: FormulaInput, facts: FactStore, clock: Clock, directory: ConnectorDirectory
) -> FormulasTable:
    """Read one or two formulas of series over time: ratio, difference, index = 100, mean, change, log, z-score."""
    now = params.as_of or clock.market_now()
    start = now - params.days * DAY_MS
    # A point a span: more cannot be told apart in any chart, and windows stay quick.
    step = max(1, params.days * DAY_MS // MOST_POINTS // HOUR_MS) * HOUR_MS if params.days > 7 else 0
    values_by_key: dict[str, KnownSeries] = {}
    lines = []
    for key, text in (("first", params.f), ("second", params.g)):
        if not text.strip():
            continue
        formula = parse_formula(text)
        descriptions = describe_series(directory, series_of(formula))
        values = evaluate_formula(
            facts,
            formula,
            descriptions,
            start=start,
            end=now + 1,
            as_of=params.as_of,
            joined=params.joined,
            step=step,
        )
        in_range = values.ts >= start
        values_by_key[key] = KnownSeries(values.ts[in_range], values.values[in_range])
        lines.append(_formula_line(key, formula, descriptions, values_by_key[key]))
    all_ts = (
        np.unique(np.concatenate([entry.ts for entry in values_by_key.values()]))
        if values_by_key
        else np.zeros(0, np.int64)
    )
    columns = {
        key: dict(zip(entry.ts.tolist(), entry.values.tolist(), strict=True))
        for key, entry in values_by_key.items()
    }
    rows = [
        {"ts": ts, **{key: _finite_or_none(column.get(ts)) for key, column in columns.items()}}
        for ts in all_ts.tolist()
    ]
    units = {line.key: line.unit for line in lines}
    columns_shown = [
        column.model_copy(update={"unit": units.get(column.name, column.unit)})
        for column in FORMULA
        if column.name == "ts" or column.name in values_by_key
    ]
    sources = {
        name: entry for line in lines for name, entry in describe_series(directory, line.series).items()
    }
    return FormulasTable(
        columns=columns_shown,
        rows=rows,
        origins=series_origins(sources),
        total=len(rows),
        as_of=params.as_of,
        lines=lines,
        days=params.days,
        step_ms=step,
    )


def _finite_or_none(value: float | None) -> float | None:
    return None if value is None or not np.isfinite(value) else value


def _formula_line(
    key: str, formula: Formula, descriptions: dict[str, SeriesDescription], values: KnownSeries
) -> FormulaLine:
    unit = unit_of(formula, {name: description.unit for name, description in descriptions.items()})
    finite_indexes = np.flatnonzero(np.isfinite(values.values))
    sources = list(
        dict.fromkeys(
            description.source_title for description in descriptions.values() if description.source_title
        )
    )
    text = render_formula(formula)
    plain = descriptions[formula.series] if isinstance(formula, SeriesRef) else None
    last = Figure(
        value=float(values.values[finite_indexes[-1]]) if len(finite_indexes) else None,
        unit=unit,
        source=", ".join(sources) or "unknown",
        ts_event=int(values.ts[finite_indexes[-1]]) if len(finite_indexes) else None,
        formula="" if isinstance(formula, SeriesRef) else text,
    )
    return FormulaLine(
        key=key,
        formula=text,
        title=plain.title if plain else text,
        subject=plain.subject if plain else "",
        unit=unit,
        series=list(descriptions),
        sources=sources,
        is_non_commercial=any(description.is_non_commercial for description in descriptions.values()),
        last=last,
    )
