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
    Known,
    Leaf,
    parse_formula,
    render_formula,
    series_of,
    unit_of,
)
from vigie.services.house import House
from vigie.services.measuring.formula_lines import evaluated
from vigie.services.measuring.series import Described, describe, licensed, values_of
from vigie.services.operation import Column, Counted, Figure, Table, operation

AsOf = Field(None, ge=0, le=4_102_444_800_000, description="Epoch ms; what was known then.")
MOST_POINTS: Final = 2_000
MOST_SERIES: Final = 8


class SeriesAsk(Counted):
    """Which series, over which time."""

    series: str = Field(..., max_length=1_000, description="Ids, comma-separated, at most 8.")
    days: int = Field(365, ge=1, le=5_000)
    as_of: int | None = AsOf


SERIES: Final = [
    Column(name="series", title="Series", definition="Its id."),
    Column(name="ts_event", title="Time", unit="ms", definition="What the value is about."),
    Column(name="ts_known", title="Known", unit="ms", definition="When it was read here."),
    Column(name="value", title="Value", definition="In the unit of its row."),
    Column(name="unit", title="Unit"),
]


class SeriesAnswer(Table):
    """Values of series, as they were known."""

    units: dict[str, str]


@operation(
    "onchain.series", example={"series": "sentiment/fear_greed_index", "days": 30, "as_of": 1_700_000_000_000}
)
def read_series(house: House, caller: Caller, ask: SeriesAsk) -> SeriesAnswer:
    """Read the values of series over a range, as they were known at an instant, with when each was read."""
    now = ask.as_of or house.clock.market_now()
    names = [word.strip() for word in ask.series.split(",") if word.strip()]
    if not 1 <= len(names) <= MOST_SERIES:
        raise UsageError(f"series must be 1 to {MOST_SERIES} ids, were {len(names)}")
    described = describe(house, names)
    values = values_of(
        house, names, start_ms=now - ask.days * DAY_MS, as_of=ask.as_of,
        scales={name: one.scale for name, one in described.items()},
    )  # fmt: skip
    rows = [
        {"series": name, "ts_event": ts, "ts_known": known, "value": value, "unit": described[name].unit}
        for name in names
        for ts, known, value in zip(
            values[name].ts.tolist(),
            values[name].ts_known.tolist(),
            values[name].values.tolist(),
            strict=True,
        )
    ]
    return SeriesAnswer(
        columns=SERIES, rows=rows, origins=licensed(described), total=len(rows), as_of=ask.as_of,
        units={name: one.unit for name, one in described.items()},
    )  # fmt: skip


class FormulaAsk(Counted):
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


class LineAnswer(BaseModel):
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


FORMULA: Final = [
    Column(
        name="ts", title="Time", unit="ms", definition="What the values are about, or when they were known."
    ),
    Column(name="first", title="First", definition="Of the first formula."),
    Column(name="second", title="Second", definition="Of the second formula."),
]


class Formulas(Table):
    """Lines made of series."""

    lines: list[LineAnswer]
    days: int
    step_ms: int


@operation(
    "onchain.formula", example={"f": "ratio(market/bitcoin/cap_usd,market/global/cap_usd)", "days": 30}
)
def read_formula(house: House, caller: Caller, ask: FormulaAsk) -> Formulas:
    """Read one or two formulas of series over time: ratio, difference, index = 100, mean, change, log, z-score."""
    now = ask.as_of or house.clock.market_now()
    start = now - ask.days * DAY_MS
    # A point a span: more cannot be told apart in any chart, and windows stay quick.
    step = max(1, ask.days * DAY_MS // MOST_POINTS // HOUR_MS) * HOUR_MS if ask.days > 7 else 0
    made: dict[str, Known] = {}
    lines = []
    for key, text in (("first", ask.f), ("second", ask.g)):
        if not text.strip():
            continue
        formula = parse_formula(text)
        described = describe(house, series_of(formula))
        known = evaluated(
            house, formula, described, start=start, end=now + 1, as_of=ask.as_of, joined=ask.joined, step=step
        )
        held = known.ts >= start
        made[key] = Known(known.ts[held], known.values[held])
        lines.append(_line(key, formula, described, made[key]))
    every = np.unique(np.concatenate([one.ts for one in made.values()])) if made else np.zeros(0, np.int64)
    columns = {key: dict(zip(one.ts.tolist(), one.values.tolist(), strict=True)) for key, one in made.items()}
    rows = [
        {"ts": ts, **{key: _known(column.get(ts)) for key, column in columns.items()}}
        for ts in every.tolist()
    ]
    units = {line.key: line.unit for line in lines}
    held_columns = [
        column.model_copy(update={"unit": units.get(column.name, column.unit)})
        for column in FORMULA
        if column.name == "ts" or column.name in made
    ]
    sources = {name: one for line in lines for name, one in describe(house, line.series).items()}
    return Formulas(
        columns=held_columns, rows=rows, origins=licensed(sources), total=len(rows), as_of=ask.as_of, lines=lines,
        days=ask.days, step_ms=step,
    )  # fmt: skip


def _known(value: float | None) -> float | None:
    return None if value is None or not np.isfinite(value) else value


def _line(key: str, formula: Formula, described: dict[str, Described], known: Known) -> LineAnswer:
    unit = unit_of(formula, {name: one.unit for name, one in described.items()})
    held = np.flatnonzero(np.isfinite(known.values))
    sources = list(dict.fromkeys(one.source_title for one in described.values() if one.source_title))
    text = render_formula(formula)
    plain = described[formula.series] if isinstance(formula, Leaf) else None
    last = Figure(
        value=float(known.values[held[-1]]) if len(held) else None, unit=unit, source=", ".join(sources) or "unknown",
        ts_event=int(known.ts[held[-1]]) if len(held) else None, formula="" if isinstance(formula, Leaf) else text,
    )  # fmt: skip
    return LineAnswer(
        key=key, formula=text, title=plain.title if plain else text, subject=plain.subject if plain else "",
        unit=unit, series=list(described), sources=sources,
        is_non_commercial=any(one.is_non_commercial for one in described.values()), last=last,
    )  # fmt: skip
