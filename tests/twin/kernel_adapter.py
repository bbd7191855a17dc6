"""Runs the kernel on what the twin reads, and writes its answer as the twin would."""

from __future__ import annotations

import numpy as np

from tests.twin.records import REASONS, TwinResult, TwinSlot
from vigie.domain.account import Costs, Protections, Sizing
from vigie.domain.bar import Bars
from vigie.domain.instrument import Instrument
from vigie.domain.money import parse_step
from vigie.domain.state import LONG_ENTRY, LONG_EXIT, SHORT_ENTRY, SHORT_EXIT
from vigie.engine.backtest import Outcome, run_shared, run_slot
from vigie.engine.inputs import Settlements, SlotInput, settlements_of

COSTS = ("taker", "maker", "slippage_bps")
INTEGERS = ("slot", "side", "lots", "entry_ts", "exit_ts", "stop_ticks", "target_ticks", "bars_held")
NUMBERS = ("qty", "entry", "exit", "stop", "target", "fees", "funding", "pnl", "return_pct", "equity")
EXCURSIONS = ("mae_pct", "mfe_pct")


def kernel_run(slots: list[TwinSlot], settings: dict, protections: dict | None) -> TwinResult:
    """Trade on the kernel: one slot on its own, or many on one account; the twin's `run` in another house."""
    guards = None if protections is None else Protections(**protections)
    inputs = [] if not slots else inputs_of(slots, settings)
    if len(inputs) == 1 and guards is None:
        return written(run_slot(inputs[0]))
    return written(run_shared(inputs, protections=guards))


def account_run(slots: list[TwinSlot], settings: dict, protections: dict | None) -> TwinResult:
    """Trade on the loop of the shared account, even what the fast loop of one slot could do."""
    guards = None if protections is None else Protections(**protections)
    return written(run_shared(inputs_of(slots, settings), protections=guards))


def inputs_of(slots: list[TwinSlot], settings: dict) -> list[SlotInput]:
    """Translate; slots that share their lists share their arrays."""
    bars: dict[tuple[int, int], Bars] = {}
    series: dict[int, Settlements] = {}
    costs = Costs(**{key: settings[key] for key in COSTS if key in settings})
    sizing = Sizing(**{key: value for key, value in settings.items() if key not in COSTS})
    inputs = []
    for slot in slots:
        key = (id(slot.close), slot.timeframe_ms)
        if key not in bars:
            bars[key] = bars_of(slot)
        if id(slot.funding) not in series:
            series[id(slot.funding)] = funding_of(slot)
        inputs.append(
            SlotInput(
                bars=bars[key],
                flags=flags_of(slot),
                stop_unit=np.array(slot.stop_unit, np.float64),
                target_unit=np.array(slot.target_unit, np.float64),
                versions=tuple(instrument_of(slot.instrument, version) for version in slot.versions),
                sizing=sizing,
                costs=costs,
                funding=series[id(slot.funding)],
                first=slot.first,
                detail=detail_of(slot),
            )
        )
    return inputs


def bars_of(slot: TwinSlot) -> Bars:
    """Bars as arrays."""
    prices = [np.array(values, np.float64) for values in (slot.open, slot.high, slot.low, slot.close)]
    volume = np.ones(len(slot.ts))
    return Bars(slot.instrument, slot.timeframe_ms, np.array(slot.ts, np.int64), *prices, volume)


def detail_of(slot: TwinSlot) -> Bars | None:
    """Finer bars as arrays."""
    if slot.detail is None:
        return None
    columns = [np.array(column) for column in zip(*slot.detail, strict=True)]
    prices = [column.astype(np.float64) for column in columns[1:]]
    times = columns[0].astype(np.int64)
    return Bars(slot.instrument, slot.detail_ms, times, *prices, np.ones(len(times)))


def flags_of(slot: TwinSlot) -> np.ndarray:
    """Signals as bits."""
    flags = np.zeros(len(slot.ts), np.uint8)
    for bit, signals in (
        (LONG_ENTRY, slot.long_entry),
        (SHORT_ENTRY, slot.short_entry),
        (LONG_EXIT, slot.long_exit),
        (SHORT_EXIT, slot.short_exit),
    ):
        flags |= np.array(signals, np.uint8) * np.uint8(bit)
    return flags


def funding_of(slot: TwinSlot) -> Settlements:
    """Settlements and marks as arrays."""
    marks = sorted(slot.mark.items())
    return settlements_of(
        np.array([time for time, _ in slot.funding], np.int64),
        np.array([rate for _, rate in slot.funding], np.float64),
        np.array([time for time, _ in marks], np.int64),
        np.array([price for _, price in marks], np.float64),
    )


def instrument_of(name: str, version: dict) -> Instrument:
    """One version of the rules."""
    rules = {key: value for key, value in version.items() if key not in ("tick", "lot")}
    tick, lot = parse_step(version["tick"]), parse_step(version["lot"], name="lot")
    return Instrument("", name, tick=tick, lot=lot, **rules)


def written(outcome: Outcome) -> TwinResult:
    """Write an outcome as the twin does."""
    result = TwinResult()
    for row in outcome.trades:
        trade = {name: int(row[name]) for name in INTEGERS}
        trade.update({name: float(row[name]) for name in (*NUMBERS, *EXCURSIONS)})
        trade["reason"] = REASONS[int(row["reason"])]
        result.trades.append(trade)
    result.decisions = [tuple(int(cell) for cell in row) for row in outcome.log]
    for at in outcome.refusals:
        ts, slot, side, _, _, _, code = result.decisions[at]
        result.refusals.append((ts, slot, side, code, *(float(cell) for cell in outcome.values[at])))
    result.equity = [
        (int(ts), float(value)) for ts, value in zip(outcome.equity_ts, outcome.equity, strict=True)
    ]
    return result


# Own cases in which the kernel does not yet do what the rules say, and what it does instead.
KERNEL_DIFFERS: dict[str, str] = {}
