"""Amounts of dollars told in euros: the one place where they are converted, each by the rate of its own time.

Takes a house and an instant; gives what a dollar was worth at any time before it. A rate counts from when it was
known, so that a value of the past never changes by a rate that came later.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict

from vigie.domain.bar import Bars, FloatArray, IntArray
from vigie.ports.facts import FactStore
from vigie.services.operation import CurrencyInput, Figure, OperationResult, Table
from vigie.services.rows import Row

# Dollars for a euro, by the ECB; euros for a dollar, by CoinGecko where the ECB has not been read.
ECB_RATE: Final = "fx/usd/per_eur"
COINGECKO_RATE: Final = "fx/eur/per_usd"
Money = Literal["usd", "eur"]
# What holds an amount in a record that says its unit.
AMOUNTS: Final = ("value", "low", "high")


@dataclass(frozen=True, slots=True, eq=False)
class EuroRates:
    """Euros for a dollar over time.

    Attributes
    ----------
    ts_known : int64 array, shape (n,)
        Epoch milliseconds from which each rate counts, ascending.
    values : float64 array, shape (n,)
    """

    ts_known: IntArray
    values: FloatArray

    def rates_at(self, ts: IntArray) -> FloatArray:
        """Return the rate of each time; NaN before the first one."""
        indexes = np.searchsorted(self.ts_known, ts, side="right") - 1
        return np.where(indexes >= 0, self.values[np.maximum(indexes, 0)], np.nan)

    def convert(self, amounts: Any, ts: int | None = None) -> Any:
        """Return an amount, or a list of them, in euros of a time, by default of now; None where not known."""
        rate = float(self.values[-1] if ts is None else self.rates_at(np.array([ts], dtype=np.int64))[0])
        if isinstance(amounts, list):
            return [None if amount is None else amount * rate for amount in amounts]
        return None if amounts is None or rate != rate else amounts * rate

    def convert_bars(self, bars: Bars) -> Bars:
        """Return bars in euros, each by the rate of its close; those before the first rate are left out."""
        rates = self.rates_at(bars.ts + bars.span_ms)
        first = int(np.count_nonzero(np.isnan(rates)))
        rated, bar_rates = bars.slice(first, len(bars)), rates[first:]
        return replace(
            rated,
            open=rated.open * bar_rates,
            high=rated.high * bar_rates,
            low=rated.low * bar_rates,
            close=rated.close * bar_rates,
        )


def read_rates(facts: FactStore, currency: Money, as_of: int | None = None) -> EuroRates | None:
    """Return the rates known at an instant; None for who counts in dollars, and where no rate is known."""
    if currency == "usd":
        return None
    for series in (ECB_RATE, COINGECKO_RATE):
        frame = facts.read([series], as_of=as_of)
        frame = frame.filter(frame["value"] > 0).sort("ts_known")
        if len(frame):
            values = frame["value"].to_numpy()
            return EuroRates(frame["ts_known"].to_numpy(), 1.0 / values if series == ECB_RATE else values)
    return None


def euro_per_dollar(facts: FactStore, params: CurrencyInput) -> float:
    """Return what a dollar is worth to who asks in euros, 0 where amounts are told in dollars."""
    rates = read_rates(facts, params.currency, getattr(params, "as_of", None))
    return 0.0 if rates is None else float(rates.values[-1])


def convert_result(facts: FactStore, params: Any, result: OperationResult) -> OperationResult:
    """Return an answer in the currency that was asked for: every amount that is said to be in dollars."""
    if not isinstance(params, CurrencyInput):
        return result
    rates = read_rates(facts, params.currency, getattr(params, "as_of", None))
    return result if rates is None else _convert_record(result, rates)


def _convert_record(record: Any, rates: EuroRates) -> Any:
    """Return a record with its amounts in euros."""
    is_money = getattr(record, "unit", None) == "usd"
    ts = getattr(record, "ts_event", None)
    changed: dict[str, Any] = {}
    for name in type(record).model_fields:
        value = getattr(record, name)
        if is_money and name in AMOUNTS:
            changed[name] = rates.convert(value, ts)
        elif is_money and name == "unit":
            changed[name] = "eur"
        elif name == "units":
            changed[name] = {key: "eur" if unit == "usd" else unit for key, unit in value.items()}
        else:
            changed[name] = _convert_value(value, rates)
    if isinstance(record, Figure) and is_money:
        changed["dollars"] = record.value
    if isinstance(record, Table):
        changed |= _convert_table(record, rates)
    figure = getattr(record, "figure", None)
    if isinstance(figure, Figure) and figure.unit == "usd" and hasattr(record, "spark"):
        changed["spark"] = rates.convert(record.spark)
    return record.model_copy(update=changed)


def _convert_value(value: Any, rates: EuroRates) -> Any:
    if isinstance(value, BaseModel):
        return _convert_record(value, rates)
    if isinstance(value, list) and value and isinstance(value[0], BaseModel):
        return [_convert_record(record, rates) for record in value]
    return value


def _convert_table(table: Table[Any], rates: EuroRates) -> dict[str, Any]:
    """Return columns and rows in euros: columns of dollars, and values whose row says that they are dollars."""
    names = [column.name for column in table.columns if column.unit == "usd"]
    rows = []
    for row in table.rows:
        ts = row.get("ts", row.get("ts_event"))
        changed = {name: rates.convert(row[name], ts) for name in names if name in row}
        if row.get("unit") == "usd":
            amounts = {name: rates.convert(row[name], ts) for name in AMOUNTS if name in row}
            changed |= {"unit": "eur", **amounts}
        rows.append(row.with_values(**changed) if isinstance(row, Row) else row | changed)
    columns = [
        column.model_copy(update={"unit": "eur"}) if column.unit == "usd" else column
        for column in table.columns
    ]
    return {"rows": rows, "columns": columns}


class RenamedTable(Table[dict[str, Any]]):
    """A table whose columns of dollars became columns of euros, with whatever else it told."""

    model_config = ConfigDict(extra="allow")


def rename_euro_columns(table: Table[Any]) -> Table[Any]:
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
    rows = [{names.get(key, key): row[key] for key in row} for row in table.rows]
    return RenamedTable(**{**dict(table), "columns": columns, "rows": rows})
