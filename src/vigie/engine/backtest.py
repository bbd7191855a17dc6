"""From bars and flags to trades, decisions and equity: the host that replays history.

`SlotInput` is one slot with everything the kernel reads; `run_slot` trades it on its own capital (the fast
loop where it may, else the account loop with one slot), `run_shared` trades many on one account. Both give an
`Outcome`. The Python-callable stations are in `vigie.engine.kernel`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from vigie.domain import state
from vigie.domain.account import Protections
from vigie.domain.bar import Bars, BoolArray, FloatArray, IntArray
from vigie.domain.codes import REFUSALS
from vigie.domain.errors import InvariantBroken, UsageError
from vigie.domain.state import Records
from vigie.domain.time import DAY_MS
from vigie.engine import journal, kernel
from vigie.engine.books import Books, Histories, Slots, check_money, sums_of
from vigie.engine.inputs import SlotInput
from vigie.engine.isolated import run_isolated, signals
from vigie.engine.journal import decision_hash
from vigie.engine.portfolio import FAR, run_portfolio
from vigie.quant import money
from vigie.trading.risk.samples import NO_DAY


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """What a run gave.

    Attributes
    ----------
    trades : record array of `TRADE`, shape (n_trades,)
        In booking order.
    log : int64 array, shape (n_events, 7)
        Every decision, execution and refusal in event order; see `vigie.engine.journal`.
    values : float64 array, shape (n_events, 2)
        Limit and value of refusals.
    samples_ts, samples_offset : int64 array, shape (n_samples,), and int
        Close time of each base bar less the offset.
    equity : float64 array, shape (n_samples,)
        The equity at each of these closes.
    """

    trades: Records
    log: IntArray
    values: FloatArray
    samples_ts: IntArray
    samples_offset: int
    equity: FloatArray

    @property
    def equity_ts(self) -> IntArray:
        """Close time of each base bar."""
        return closes_of(self.samples_ts, self.samples_offset)

    @property
    def refusals(self) -> IntArray:
        """Indices of the log's rows that are refusals."""
        return np.flatnonzero(self.log[:, 6] >= min(REFUSALS))

    @property
    def decision_hash(self) -> str:
        """SHA-256 of the decision log."""
        return decision_hash(self.log)


def closes_of(ts: IntArray, offset: int) -> IntArray:
    """Return times moved by an offset; the array itself where there is none."""
    return ts + offset if offset else ts


def run_slot(slot: SlotInput, *, number: int = 0, protections: Protections | None = None) -> Outcome:
    """Trade one slot on its own capital.

    Parameters
    ----------
    slot : SlotInput
        What to trade; assumed checked by `check_input`.
    number : int
        The slot's index in the decision log.
    protections : Protections, optional
        None means only the fill model's own refusals.
    """
    if protections is not None or slot.detail is not None:
        return _renumbered(run_shared([slot], protections=protections), number)
    bars = slot.bars
    equity = np.empty(len(bars) - slot.first)
    trades, log, values = journal.room(signals(slot.flags, slot.first))
    n_trades, n_log, cash = run_isolated(
        bars.ts,
        bars.open,
        bars.high,
        bars.low,
        bars.close,
        slot.flags,
        slot.stop_unit,
        slot.target_unit,
        slot.funding.ts,
        slot.funding.rate,
        slot.funding.mark,
        state.rules_of(list(slot.versions), costs=slot.costs),
        state.settings_of(slot.sizing, slot.costs),
        np.zeros(1, state.SLOT),
        bars.span_ms,
        slot.first,
        number,
        equity,
        trades,
        log,
        values,
    )
    check_money(np.array([cash]), [bars.instrument])
    return Outcome(
        trades=trades[:n_trades],
        log=log[:n_log],
        values=values[:n_log],
        samples_ts=bars.ts[slot.first :],
        samples_offset=bars.span_ms,
        equity=equity,
    )


def _renumbered(outcome: Outcome, number: int) -> Outcome:
    if number:
        outcome.trades["slot"] = number
        outcome.log[:, 1] = number
    return outcome


def run_shared(slots: Sequence[SlotInput], *, protections: Protections | None) -> Outcome:
    """Trade many slots on one account, in slot order.

    Parameters
    ----------
    slots : sequence of SlotInput
        In slot order; the first one's capital and leverage are the account's.
    protections : Protections or None
        None switches every rule of the shared account off.
    """
    if not slots:
        raise UsageError("run_needs_least_one_slot", "a run needs at least one slot")
    instruments = list(dict.fromkeys(slot.bars.instrument for slot in slots))
    histories, series_of = _histories(slots)
    shared = _slots(slots, instruments, series_of)
    books = _books(slots, instruments, protections, histories, shared)
    # Each slot may need a bar's rows at the next instant; see `journal.ROWS_PER_BAR`.
    at_once = len(slots) * journal.ROWS_PER_BAR // journal.ROWS_PER_SIGNAL
    trades, log, values = journal.room(sum(signals(slot.flags, slot.first) for slot in slots) + at_once)
    now = int(books.due.min())
    books.account["day"] = now // DAY_MS
    while (now := run_portfolio(histories, shared, books, trades, log, values, now)) < FAR:
        trades, log, values = _twice(trades), _twice(log), _twice(values)
    check_money(sums_of(books), instruments)
    n_samples, _, n_trades, n_log = books.counts.tolist()
    if n_samples > len(books.equity):
        raise InvariantBroken(
            "equity_samples_must_most",
            "equity samples must be at most {equity_count}, were {n_samples}",
            equity_count=len(books.equity),
            n_samples=n_samples,
        )
    return Outcome(
        trades=trades[:n_trades],
        log=log[:n_log],
        values=values[:n_log],
        samples_ts=books.equity_ts[:n_samples],
        samples_offset=0,
        equity=books.equity[:n_samples],
    )


def _histories(slots: Sequence[SlotInput]) -> tuple[Histories, list[int]]:
    """Lay all distinct series one after the other; return them and which one each slot reads."""
    distinct: dict[tuple[int, int], int] = {}
    chosen: list[SlotInput] = []
    series_of = []
    for slot in slots:
        key = (id(slot.bars), id(slot.funding))
        if key not in distinct:
            distinct[key] = len(chosen)
            chosen.append(slot)
        series_of.append(distinct[key])
    spans = {slot.detail.span_ms for slot in chosen if slot.detail is not None}
    if len(spans) > 1:
        raise UsageError(
            "finer_bars_must_share",
            "finer bars must share one timeframe, had {spans} ms",
            spans=sorted(spans),
        )
    for slot in chosen:
        if slot.detail is not None and slot.detail.span_ms >= slot.bars.span_ms:
            raise UsageError(
                "finer_bars_must_shorter",
                "finer bars must be shorter than {timeframe}, were {timeframe_2}",
                timeframe=slot.bars.timeframe,
                timeframe_2=slot.detail.timeframe,
            )
    details = [slot.detail if slot.detail is not None else slot.bars.slice(0, 0) for slot in chosen]
    fine_from, fine_to = _finer_rows(chosen, details)
    opened, high, low, close = _columns(chosen)
    return (
        Histories(
            ts=_joined([slot.bars.ts for slot in chosen]),
            open=opened,
            high=high,
            low=low,
            close=close,
            start=_offsets([len(slot.bars) for slot in chosen]),
            span=np.array([slot.bars.span_ms for slot in chosen], np.int64),
            detail_ts=_joined([detail.ts for detail in details]),
            detail_open=_joined([detail.open for detail in details]),
            detail_high=_joined([detail.high for detail in details]),
            detail_low=_joined([detail.low for detail in details]),
            detail_from=fine_from,
            detail_to=fine_to,
            detail_span=next(iter(spans), 0),
            funding_ts=_joined([slot.funding.ts for slot in chosen]),
            funding_rate=_joined([slot.funding.rate for slot in chosen]),
            funding_mark=_joined([slot.funding.mark for slot in chosen]),
            funding_start=_offsets([len(slot.funding.ts) for slot in chosen]),
        ),
        series_of,
    )


def _finer_rows(chosen: Sequence[SlotInput], details: Sequence[Bars]) -> tuple[IntArray, IntArray]:
    # From and to which finer bar each bar reaches.
    if not any(len(detail) for detail in details):
        nothing = np.zeros(sum(len(slot.bars) for slot in chosen), np.int64)
        return nothing, nothing
    first, last, offset = [], [], 0
    for slot, detail in zip(chosen, details, strict=True):
        low = np.searchsorted(detail.ts, slot.bars.ts)
        high = np.searchsorted(detail.ts, slot.bars.ts + slot.bars.span_ms)
        high = np.where(shows_range(slot.bars, detail, low, high), high, low)
        first.append(low + offset)
        last.append(high + offset)
        offset += len(detail)
    return _joined(first).astype(np.int64), _joined(last).astype(np.int64)


def unshown(bars: Bars, detail: Bars | None, first: int = 0) -> list[int]:
    """Return the open times of bars that are walked themselves although finer ones are given."""
    if detail is None:
        return []
    low = np.searchsorted(detail.ts, bars.ts)
    high = np.searchsorted(detail.ts, bars.ts + bars.span_ms)
    hidden: list[int] = bars.ts[first:][~shows_range(bars, detail, low, high)[first:]].tolist()
    return hidden


def shows_range(bars: Bars, detail: Bars, low: IntArray, high: IntArray) -> BoolArray:
    """Return the bars whose finer bars show their whole range; others must be walked themselves.

    Finer bars that begin late or have holes could hide the very price that touched a stop.

    Parameters
    ----------
    low, high : int64 arrays, shape (n_bars,)
        Each bar's finer bars are rows ``low`` to ``high``.
    """
    some = high > low
    shown = np.zeros(len(bars), np.bool_)
    if not some.any():
        return shown
    # `reduceat` runs from each start to the next; ends are put between and every other answer is dropped.
    edges = np.column_stack((low[some], high[some])).ravel()
    highs = np.maximum.reduceat(np.append(detail.high, -np.inf), edges)[::2]
    lows = np.minimum.reduceat(np.append(detail.low, np.inf), edges)[::2]
    shown[some] = (highs >= bars.high[some]) & (lows <= bars.low[some])
    return shown


def _slots(slots: Sequence[SlotInput], instruments: list[str], series_of: list[int]) -> Slots:
    by_instrument = {slot.bars.instrument: slot for slot in reversed(slots)}
    rules = [
        state.rules_of(list(by_instrument[name].versions), costs=by_instrument[name].costs)
        for name in instruments
    ]
    units = {id(unit): unit for slot in slots for unit in (slot.stop_unit, slot.target_unit)}
    start = dict(zip(units, _offsets([len(unit) for unit in units.values()]).tolist(), strict=False))
    return Slots(
        series=np.array(series_of, np.int64),
        instrument=np.array([instruments.index(slot.bars.instrument) for slot in slots], np.int64),
        first=np.array([slot.first for slot in slots], np.int64),
        flags=_joined([slot.flags for slot in slots]),
        units=_joined(list(units.values())),
        flag_start=_offsets([len(slot.flags) for slot in slots])[:-1],
        stop_start=np.array([start[id(slot.stop_unit)] for slot in slots], np.int64),
        target_start=np.array([start[id(slot.target_unit)] for slot in slots], np.int64),
        settings=np.concatenate([state.settings_of(slot.sizing, slot.costs) for slot in slots]),
        rules=np.concatenate(rules),
        rule_start=_offsets([len(rows) for rows in rules]),
    )


def _books(
    slots: Sequence[SlotInput],
    instruments: list[str],
    protections: Protections | None,
    histories: Histories,
    shared: Slots,
) -> Books:
    n_samples = _count_samples(slots)
    days = protections.window_drawdown_days if protections else 0
    correlation_days = protections.correlation_days if protections else 0
    n = len(instruments)
    account = np.zeros(1, state.ACCOUNT)
    capital = shared.settings[0]["capital"]
    account["cash_minor"] = money.minor_of(capital)
    for name in ("global_peak", "halt_peak", "day_open"):
        account[name] = capital
    records = np.zeros(len(slots), state.SLOT)
    for record in records:
        kernel.reset_slot(record)
    row = histories.start[shared.series] + shared.first
    return Books(
        account=account,
        slots=records,
        instruments=np.zeros(n, state.INSTRUMENT),
        protections=state.protections_of(protections),
        rings=np.full((n + 1, state.RING), state.NEVER, np.int64),
        peaks=np.zeros(max(days, 1)),
        peak_days=np.full(max(days, 1), NO_DAY, np.int64),
        closes=np.full((max(correlation_days, 1), n), np.nan),
        together=np.ones((n, n), np.bool_),
        equity_ts=np.empty(n_samples, np.int64),
        equity=np.empty(n_samples),
        row=row,
        end=histories.start[shared.series + 1],
        due=histories.ts[row],
        fine=histories.detail_from[row],
        opened=np.zeros(len(slots), np.bool_),
        closed=np.zeros(len(slots), np.bool_),
        counts=np.zeros(4, np.int64),
    )


def _count_samples(slots: Sequence[SlotInput]) -> int:
    # At most the distinct closes of all bars; slots mostly share their bars, or at least their times.
    distinct = {(id(slot.bars), slot.first): slot for slot in slots}
    closes = [slot.bars.ts[slot.first :] + slot.bars.span_ms for slot in distinct.values()]
    if all(np.array_equal(closes[0], other) for other in closes[1:]):
        return len(closes[0])
    return len(np.unique(_joined(closes)))


def _twice(log: np.ndarray) -> np.ndarray:
    longer = np.empty((2 * len(log), *log.shape[1:]), log.dtype)
    longer[: len(log)] = log
    return longer


def _joined(parts: Sequence[np.ndarray]) -> np.ndarray:
    return np.ascontiguousarray(parts[0]) if len(parts) == 1 else np.concatenate(parts)


def _columns(chosen: Sequence[SlotInput]) -> list[FloatArray]:
    """Return the four prices, each of all series one after the other."""
    prices = [
        [getattr(slot.bars, name) for slot in chosen] for name in ("open", "high", "low", "close")
    ]  # fmt: skip
    if len(chosen) == 1:
        return [_joined(parts) for parts in prices]
    # One block: the system gives it in large pages, which cost a tenth of as many small ones.
    block = np.empty((len(prices), sum(len(slot.bars) for slot in chosen)))
    for row, parts in zip(block, prices, strict=True):
        np.concatenate(parts, out=row)
    return list(block)


def _offsets(lengths: list[int]) -> IntArray:
    return np.concatenate(([0], np.cumsum(lengths))).astype(np.int64)
