"""Amounts of dollars told in euros: the one place where they are converted, each by the rate of its own time.

Takes a house and an instant; gives what a dollar was worth at any time before it. A rate counts from when it was
known, so that a value of the past never changes by a rate that came later.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final, Literal

import numpy as np
from pydantic import BaseModel

from vigie.domain.bar import Bars, FloatArray, IntArray
from vigie.services.house import House
from vigie.services.operation import Answer, Counted, Figure, Table

# Dollars for a euro, by the ECB; euros for a dollar, by CoinGecko where the ECB has not been read.
REFERENCE: Final = "fx/usd/per_eur"
MEAN: Final = "fx/eur/per_usd"
Money = Literal["usd", "eur"]
# What holds an amount in a record that says its unit.
AMOUNTS: Final = ("value", "low", "high")


@dataclass(frozen=True, slots=True, eq=False)
class Rates:
    """Euros for a dollar over time.

    Attributes
    ----------
    known : int64 array, shape (n,)
        Epoch milliseconds from which each rate counts, ascending.
    values : float64 array, shape (n,)
    """

    known: IntArray
    values: FloatArray

    def of(self, ts: IntArray) -> FloatArray:
        """Return the rate of each time; NaN before the first one."""
        at = np.searchsorted(self.known, ts, side="right") - 1
        return np.where(at >= 0, self.values[np.maximum(at, 0)], np.nan)

    def amount(self, dollars: Any, ts: int | None = None) -> Any:
        """Return an amount, or a list of them, in euros of a time, by default of now; None where not known."""
        rate = float(self.values[-1] if ts is None else self.of(np.array([ts], dtype=np.int64))[0])
        if isinstance(dollars, list):
            return [None if one is None else one * rate for one in dollars]
        return None if dollars is None or rate != rate else dollars * rate

    def bars(self, bars: Bars) -> Bars:
        """Return bars in euros, each by the rate of its close; those before the first rate are left out."""
        rates = self.of(bars.ts + bars.span_ms)
        first = int(np.count_nonzero(np.isnan(rates)))
        held, by = bars.slice(first, len(bars)), rates[first:]
        return replace(
            held, open=held.open * by, high=held.high * by, low=held.low * by, close=held.close * by
        )


def rates_of(house: House, currency: Money, as_of: int | None = None) -> Rates | None:
    """Return the rates known at an instant; None for who counts in dollars, and where no rate is known."""
    if currency == "usd":
        return None
    for series in (REFERENCE, MEAN):
        frame = house.facts.read([series], as_of=as_of)
        frame = frame.filter(frame["value"] > 0).sort("ts_known")
        if len(frame):
            values = frame["value"].to_numpy()
            return Rates(frame["ts_known"].to_numpy(), 1.0 / values if series == REFERENCE else values)
    return None


def euro_of(house: House, ask: Counted) -> float:
    """Return what a dollar is worth to who asks in euros, 0 where amounts are told in dollars."""
    rates = rates_of(house, ask.currency, getattr(ask, "as_of", None))
    return 0.0 if rates is None else float(rates.values[-1])


def counted(house: House, ask: Any, answer: Answer) -> Answer:
    """Return an answer in the currency that was asked for: every amount that is said to be in dollars."""
    if not isinstance(ask, Counted):
        return answer
    rates = rates_of(house, ask.currency, getattr(ask, "as_of", None))
    return answer if rates is None else _model(answer, rates)


def _model(one: Any, rates: Rates) -> Any:
    """Return a record with its amounts in euros."""
    is_money = getattr(one, "unit", None) == "usd"
    ts = getattr(one, "ts_event", None)
    changed: dict[str, Any] = {}
    for name in type(one).model_fields:
        value = getattr(one, name)
        if is_money and name in AMOUNTS:
            changed[name] = rates.amount(value, ts)
        elif is_money and name == "unit":
            changed[name] = "eur"
        elif name == "units":
            changed[name] = {key: "eur" if unit == "usd" else unit for key, unit in value.items()}
        else:
            changed[name] = _value(value, rates)
    if isinstance(one, Figure) and is_money:
        changed["dollars"] = one.value
    if isinstance(one, Table):
        changed |= _table(one, rates)
    figure = getattr(one, "figure", None)
    if isinstance(figure, Figure) and figure.unit == "usd" and hasattr(one, "spark"):
        changed["spark"] = rates.amount(one.spark)
    return one.model_copy(update=changed)


def _value(value: Any, rates: Rates) -> Any:
    if isinstance(value, BaseModel):
        return _model(value, rates)
    if isinstance(value, list) and value and isinstance(value[0], BaseModel):
        return [_model(one, rates) for one in value]
    return value


def _table(table: Table, rates: Rates) -> dict[str, Any]:
    """Return columns and rows in euros: columns of dollars, and values whose row says that they are dollars."""
    names = [column.name for column in table.columns if column.unit == "usd"]
    rows = []
    for row in table.rows:
        ts = row.get("ts", row.get("ts_event"))
        changed = {name: rates.amount(row[name], ts) for name in names if name in row}
        if row.get("unit") == "usd":
            changed |= {"unit": "eur", "value": rates.amount(row.get("value"), ts)}
        rows.append(row | changed)
    columns = [
        column.model_copy(update={"unit": "eur"}) if column.unit == "usd" else column
        for column in table.columns
    ]
    return {"rows": rows, "columns": columns}


def named(table: Table) -> Table:
    """Return a table as files hold it: columns of euros are not called by dollars."""
    names = {
        column.name: f"{column.name.removesuffix('usd')}eur"
        for column in table.columns
        if column.unit == "eur" and column.name.endswith("usd")
    }
    if not names:
        return table
    columns = [
        column.model_copy(update={"name": names.get(column.name, column.name)}) for column in table.columns
    ]
    rows = [{names.get(key, key): value for key, value in row.items()} for row in table.rows]
    return table.model_copy(update={"columns": columns, "rows": rows})
