"""Fear and greed computed here: its parts now, each against its own past, and all of it day by day."""

from __future__ import annotations

from typing import Final

import numpy as np
from pydantic import Field

from vigie.domain.person import Caller
from vigie.domain.time import DAY_MS
from vigie.intelligence.market.fear_greed import WEIGHTS
from vigie.ports.clock import Clock
from vigie.ports.facts import FactStore
from vigie.services.market_data.fear_greed import OWN_INDEX, PAST_DAYS, part_series
from vigie.services.market_data.series import Values, values_of
from vigie.services.operation import NoInput, OperationInput, Origin, Table, operation
from vigie.services.rows import Row, shown, table_of

# Of fewer days nobody can say what is usual.
_LEAST_USUAL: Final = 20


class MoodPartRow(Row):
    """One part of the index."""

    part: str = shown("Component")
    weight: float = shown(
        "Weight in the index", unit="fraction", definition="Fixed weight, the same every hour."
    )
    value: float | None = shown(
        "Value",
        unit="index",
        definition="From 0 to 100; if unknown, its weight goes to the other components.",
    )
    low: float | None = shown(
        "Usually from", unit="index", definition="A tenth of its values of the last 90 days were lower."
    )
    high: float | None = shown(
        "Usually to", unit="index", definition="A tenth of its values of the last 90 days were higher."
    )


@operation("mood.parts", example={})
def list_parts(caller: Caller, params: NoInput, facts: FactStore, clock: Clock) -> Table[MoodPartRow]:
    """List the parts of the index of fear and greed that is computed here, as they were at its newest writing."""
    latest = facts.latest([part_series(name) for name in WEIGHTS] + [OWN_INDEX])
    # A part that was not known at the newest writing is not shown with an older value.
    ts = latest[OWN_INDEX].ts_event if OWN_INDEX in latest else None
    past = values_of(
        facts, [part_series(name) for name in WEIGHTS], start_ms=clock.market_now() - PAST_DAYS * DAY_MS
    )
    rows = [
        MoodPartRow(
            part=name,
            weight=weight,
            value=fact.value if fact and fact.ts_event == ts else None,
            low=usual[0],
            high=usual[1],
        )
        for name, weight in WEIGHTS.items()
        for fact in [latest.get(part_series(name))]
        for usual in [_usual_range(past[part_series(name)])]
    ]
    return table_of(MoodPartRow, rows, origins=[Origin(source="vigie", ts_event=ts)])


def _usual_range(values: Values) -> tuple[float | None, float | None]:
    is_last = np.diff(values.ts // DAY_MS, append=-1) != 0
    daily = values.values[is_last]
    if len(daily) < _LEAST_USUAL:
        return None, None
    low, high = np.quantile(daily, (0.1, 0.9)).tolist()
    return round(low, 2), round(high, 2)


class MoodHistoryInput(OperationInput):
    """How far back."""

    days: int = Field(90, ge=2, le=400, description="Days of history.")


class MoodDayRow(Row):
    """The index at the end of one day, with its parts."""

    ts: int = shown("Day", unit="ms")
    index: float | None = shown(
        "Index", unit="index", definition="From 0, extreme fear, to 100, extreme greed."
    )
    volatility: float | None = shown("Volatility", unit="index")
    momentum: float | None = shown("Momentum", unit="index")
    news: float | None = shown("News", unit="index")
    funding: float | None = shown("Funding", unit="index")
    dominance: float | None = shown("Dominance", unit="index")


@operation("mood.history", example={"days": 30})
def list_history(
    caller: Caller, params: MoodHistoryInput, facts: FactStore, clock: Clock
) -> Table[MoodDayRow]:
    """List the index of fear and greed computed here with its parts, a day a row: the last value of each day."""
    now = clock.market_now()
    series = {"index": OWN_INDEX, **{name: part_series(name) for name in WEIGHTS}}
    first_day = now - now % DAY_MS - (params.days - 1) * DAY_MS
    values = values_of(facts, list(series.values()), start_ms=first_day, as_of=now)
    rows: list[MoodDayRow] = []
    for day in range(first_day, now + 1, DAY_MS):
        found = {name: values[key].at(day + DAY_MS - 1, within_ms=DAY_MS - 1) for name, key in series.items()}
        if found["index"] is not None:
            rows.append(MoodDayRow(ts=day, **found))
    return table_of(
        MoodDayRow, rows, origins=[Origin(source="vigie", ts_event=rows[-1].ts if rows else None)]
    )
