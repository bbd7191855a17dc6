"""A live account before its first step: what its slots trade, and records with room for one bar of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from vigie.domain import state
from vigie.domain.account import Costs, Protections, Sizing
from vigie.domain.bar import IntArray
from vigie.domain.ids import SlotId
from vigie.domain.instrument import Instrument
from vigie.domain.state import Records
from vigie.domain.time import DAY_MS
from vigie.engine import kernel, portfolio
from vigie.engine.books import Books, Histories, Slots
from vigie.quant import money
from vigie.trading.risk.samples import NO_DAY


@dataclass(frozen=True, slots=True)
class LiveSlot:
    """What a slot trades.

    Attributes
    ----------
    first_bar : int
        Number of the bar in progress when the run began: bars are counted from the history's first.
    detail : str
        Timeframe of the finer bars on which paper meets its levels; empty where it meets them on its own bars.
    """

    id: SlotId
    span_ms: int
    versions: tuple[Instrument, ...]
    sizing: Sizing
    costs: Costs
    first_bar: int = 0
    detail: str = ""

    @property
    def finer(self) -> str:
        """What its positions meet their levels on, ``btc-usdt-perp/1m``; empty where that is its own bars."""
        return f"{self.id.instrument}/{self.detail}" if self.detail else ""

    @property
    def series(self) -> str:
        """What it trades on, ``btc-usdt-perp/1h``."""
        return f"{self.id.instrument}/{self.id.timeframe}"


def empty_histories(slots: Sequence[LiveSlot]) -> Histories:
    """Return one row a slot, which is its present bar, and room for its two last settlements."""
    n = len(slots)
    no_values, no_rows = np.zeros(0), np.zeros(0, np.int64)
    return Histories(
        ts=np.zeros(n, np.int64), open=np.zeros(n), high=np.zeros(n), low=np.zeros(n), close=np.zeros(n),
        start=np.zeros(n + 1, np.int64), span=np.array([slot.span_ms for slot in slots], np.int64),
        detail_ts=no_rows, detail_open=no_values, detail_high=no_values, detail_low=no_values,
        detail_from=np.zeros(n, np.int64), detail_to=np.zeros(n, np.int64), detail_span=0,
        funding_ts=np.full(2 * n, portfolio.FAR, np.int64), funding_rate=np.zeros(2 * n),
        funding_mark=np.full(2 * n, np.nan), funding_start=np.arange(0, 2 * n + 1, 2, dtype=np.int64),
    )  # fmt: skip


def empty_slots(slots: Sequence[LiveSlot], instruments: list[str]) -> Slots:
    """Return what each slot trades, with room for one bar's flags and distances."""
    n = len(slots)
    rules, starts = stack_rules(slots, instruments)
    return Slots(
        series=np.arange(n, dtype=np.int64),
        instrument=np.array([instruments.index(slot.id.instrument) for slot in slots], np.int64),
        first=np.zeros(n, np.int64), flags=np.zeros(n, np.uint8), units=np.full(2 * n, np.nan),
        flag_start=np.zeros(n, np.int64), stop_start=np.zeros(n, np.int64), target_start=np.zeros(n, np.int64),
        settings=np.concatenate([state.settings_of(slot.sizing, slot.costs) for slot in slots]),
        rules=rules, rule_start=starts,
    )  # fmt: skip


def stack_rules(slots: Sequence[LiveSlot], instruments: Sequence[str]) -> tuple[Records, IntArray]:
    """Return the versions of the rules of all instruments, one after the other, and where each one's begin."""
    by_instrument = {slot.id.instrument: slot for slot in reversed(slots)}
    rules = [
        state.rules_of(list(by_instrument[name].versions), costs=by_instrument[name].costs)
        for name in instruments
    ]
    starts = np.concatenate(([0], np.cumsum([len(rows) for rows in rules]))).astype(np.int64)
    return np.concatenate(rules), starts


def empty_books(
    slots: Sequence[LiveSlot],
    n_instruments: int,
    protections: Protections | None,
    slot_records: Slots,
    ts: int,
) -> Books:
    """Return the account's own records at its first instant."""
    account = np.zeros(1, state.ACCOUNT)
    capital = slot_records.settings[0]["capital"]
    account["cash_minor"] = money.minor_of(capital)
    for name in ("global_peak", "halt_peak", "day_open"):
        account[name] = capital
    account["day"] = ts // DAY_MS
    records = np.zeros(len(slots), state.SLOT)
    for record in records:
        kernel.reset_slot(record)
    days = max(protections.window_drawdown_days if protections else 0, 1)
    correlation_days = max(protections.correlation_days if protections else 0, 1)
    rows = np.arange(len(slots), dtype=np.int64)
    return Books(
        account=account, slots=records, instruments=np.zeros(n_instruments, state.INSTRUMENT),
        protections=state.protections_of(protections),
        rings=np.full((n_instruments + 1, state.RING), state.NEVER, np.int64),
        peaks=np.zeros(days), peak_days=np.full(days, NO_DAY, np.int64),
        closes=np.full((correlation_days, n_instruments), np.nan),
        together=np.ones((n_instruments, n_instruments), np.bool_),
        equity_ts=np.zeros(1, np.int64), equity=np.zeros(1), row=rows, end=rows + 1,
        due=np.zeros(len(slots), np.int64), fine=np.zeros(len(slots), np.int64),
        opened=np.zeros(len(slots), np.bool_),
        closed=np.zeros(len(slots), np.bool_), counts=np.zeros(4, np.int64),
    )  # fmt: skip
