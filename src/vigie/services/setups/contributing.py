"""What counts for and against a setup, from the facts that were known at an instant."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from vigie.data.features import feature_series
from vigie.domain.bar import FloatArray, IntArray
from vigie.domain.ids import parse_instrument, parse_slot
from vigie.domain.signal import CriterionState
from vigie.domain.time import DAY_MS, HOUR_MS
from vigie.intelligence.setups.contributions import (
    FAMILIES,
    Contribution,
    Family,
    SetupReading,
    against_the_crowd,
    contribution_of,
    criteria_readings,
    of_forced_orders,
    total_of,
    with_the_move,
)
from vigie.ports.facts import FactStore
from vigie.ports.setups import StoredChange
from vigie.ports.store import BarStore
from vigie.services.setups.chart_patterns import history_until, pattern_readings

# What is usual is read from so long before, and what is older than this says nothing any more.
PAST_MS: Final = 90 * DAY_MS
MVRV_PAST_MS: Final = 730 * DAY_MS
FRESH_MS: Final = {
    "funding": 16 * HOUR_MS, "basis": 3 * HOUR_MS, "open_interest": 3 * HOUR_MS, "liquidations": 3 * HOUR_MS,
    "mvrv": 4 * DAY_MS, "news": 6 * HOUR_MS,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Contributions:
    """What counts for and against a setup.

    Attributes
    ----------
    ts : int
        What was known then, epoch milliseconds.
    parts : tuple of Contribution
        One a family, those that say nothing too.
    total : float or None
        Weighted mean of the parts; None where none counts.
    """

    ts: int
    parts: tuple[Contribution, ...]
    total: float | None


@dataclass(frozen=True, slots=True, eq=False)
class _Past:
    """One series as it was known: event times, times known and values, ascending."""

    ts: IntArray
    known: IntArray
    values: FloatArray

    def age(self, ts: int) -> int:
        """Return how old the newest value is, however late it was read, ms."""
        return ts - int(self.ts[-1])


def contributions_of(
    facts: FactStore, bars: BarStore, change: StoredChange, weights: Mapping[Family, float]
) -> Contributions:
    """Return what counts for and against a setup at one of its changes.

    Parameters
    ----------
    facts : FactStore
        Read as it was known at the change's close: what came later shows nowhere.
    bars : BarStore
        Read up to that close, for chart patterns.
    change : StoredChange
        Whose criteria, side and time are meant.
    weights : mapping of str to float
        Of each family in the total.
    """
    ticker = parse_instrument(parse_slot(change.slot).instrument).base.lower()
    criteria = change.body["criteria"]
    states = [_state(item) for item in (criteria if isinstance(criteria, list) else [])]
    readings: dict[Family, list[SetupReading]] = {
        "criteria": criteria_readings(states, change.ts_known),
        "patterns": pattern_readings(history_until(bars, change)),
        "news": [_news(facts, ticker, change.ts_known)],
        "derivatives": list(_derivatives(facts, ticker, change.ts_known)),
        "traders": [],
    }
    parts = tuple(
        contribution_of(family, readings[family], change.side, weights.get(family, 0.0))
        for family in FAMILIES
    )
    return Contributions(change.ts_known, parts, total_of(parts))


def _state(item: Mapping[str, object]) -> CriterionState:
    def number(name: str) -> float:
        value = item.get(name)
        return float(value) if isinstance(value, int | float) else float("nan")

    return CriterionState(
        str(item["name"]), number("value"), number("threshold"), number("weight"), bool(item["required"]),
        bool(item["holds"]), number("nearness"), "above",
    )  # fmt: skip


def _news(facts: FactStore, ticker: str, ts: int) -> SetupReading:
    """Return the sentiment of the last day's stories, each weighted by how far it can be believed."""
    past = _read_past(facts, f"news.sentiment.{ticker}", ts, DAY_MS)
    if past is None:
        return SetupReading("news", 0.0, unit="index", absence="missing")
    value, known = float(past.values[-1]), int(past.known[-1])
    if past.age(ts) > FRESH_MS["news"]:
        return SetupReading("news", 0.0, value, "index", known, absence="stale")
    return SetupReading("news", value / 100.0, value, "index", known)


def _derivatives(facts: FactStore, ticker: str, ts: int) -> Iterator[SetupReading]:
    yield _crowded(facts, "funding", f"derivatives.funding.{ticker}", "rate", ts, PAST_MS)
    yield _crowded(facts, "basis", f"derivatives.basis.{ticker}", "rate", ts, PAST_MS)
    yield _open_interest(facts, ticker, ts)
    yield _liquidations(facts, ticker, ts)
    yield _crowded(facts, "mvrv", f"onchain.mvrv.{ticker}", "ratio", ts, MVRV_PAST_MS)


def _crowded(facts: FactStore, name: str, feature: str, unit: str, ts: int, span_ms: int) -> SetupReading:
    past = _read_past(facts, feature, ts, span_ms)
    if past is None:
        return SetupReading(name, 0.0, unit=unit, absence="missing")
    value, known = float(past.values[-1]), int(past.known[-1])
    if past.age(ts) > FRESH_MS[name]:
        return SetupReading(name, 0.0, value, unit, known, absence="stale")
    lean = against_the_crowd(past.values[:-1], value)
    return SetupReading(name, lean or 0.0, value, unit, known, absence="short_past" if lean is None else "")


def _open_interest(facts: FactStore, ticker: str, ts: int) -> SetupReading:
    """Return what new positions of a day say: with the move of the price that they came with."""
    name, unit = "open_interest", "change"
    past = _read_past(facts, f"derivatives.open_interest.{ticker}", ts, PAST_MS)
    price = _read_past(facts, f"market.price.{ticker}", ts, 2 * DAY_MS)
    if past is None or price is None:
        return SetupReading(name, 0.0, unit=unit, absence="missing")
    known = int(past.known[-1])
    if max(past.age(ts), price.age(ts)) > FRESH_MS[name]:
        return SetupReading(name, 0.0, unit=unit, ts_known=known, absence="stale")
    # Of each day as it ended: changes of one day overlap no others.
    newest = int(past.ts[-1])
    days = np.arange(newest, int(past.ts[0]), -DAY_MS)[::-1]
    levels = past.values[np.searchsorted(past.ts, days, side="right") - 1]
    begin = max(0, int(np.searchsorted(price.ts, int(price.ts[-1]) - DAY_MS, side="right")) - 1)
    is_apart = int(price.ts[-1] - price.ts[begin]) >= DAY_MS - FRESH_MS[name]
    if len(levels) < 2 or not is_apart or not (levels[:-1] > 0.0).all() or price.values[begin] <= 0.0:
        return SetupReading(name, 0.0, unit=unit, ts_known=known, absence="missing")
    changes = levels[1:] / levels[:-1] - 1.0
    move = float(price.values[-1] / price.values[begin] - 1.0)
    lean = with_the_move(changes[:-1], float(changes[-1]), move)
    return SetupReading(
        name, lean or 0.0, float(changes[-1]), unit, known, absence="short_past" if lean is None else ""
    )


def _liquidations(facts: FactStore, ticker: str, ts: int) -> SetupReading:
    """Return what the liquidations of a day say."""
    sums, known, age = [], 0, 0
    for side in ("long", "short"):
        past = _read_past(facts, f"derivatives.liquidations_{side}.{ticker}", ts, DAY_MS)
        if past is None:
            return SetupReading("liquidations", 0.0, unit="usd", absence="missing")
        known, age = max(known, int(past.known[-1])), max(age, past.age(ts))
        sums.append(float(past.values.sum()))
    if age > FRESH_MS["liquidations"]:
        return SetupReading("liquidations", 0.0, sum(sums), "usd", known, absence="stale")
    lean = of_forced_orders(*sums)
    return SetupReading(
        "liquidations", lean or 0.0, sum(sums), "usd", known, absence="missing" if lean is None else ""
    )


def _read_past(facts: FactStore, feature: str, ts: int, span_ms: int) -> _Past | None:
    """Return a series as it was known at an instant; None where nothing was."""
    frame = facts.read([feature_series(feature)], start_ms=ts - span_ms, end_ms=ts + 1, as_of=ts)
    if not len(frame):
        return None
    return _Past(
        frame["ts_event"].to_numpy(),
        frame["ts_known"].to_numpy(),
        frame["value"].to_numpy().astype(np.float64),
    )
