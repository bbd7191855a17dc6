"""Limits of loss that outlive a run: what the records of one account say of them, and what another goes on with.

They belong to the money, not to a run: a new run, or another account on the same money, takes them over. Peaks are
multiples of equity, so that a drawdown stays the share that it was whatever capital the next run has.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from vigie.domain.account import Protections
from vigie.domain.state import NEVER, RING
from vigie.domain.time import DAY_MS
from vigie.engine import kernel
from vigie.engine.books import Books, Slots
from vigie.engine.live.fold.cash_flows import BASES
from vigie.engine.live.fold.limit_steps import LossLimit
from vigie.quant import money
from vigie.trading.risk import locks
from vigie.trading.risk.samples import NO_DAY

ACCOUNT, INSTRUMENT, SLOT = "account", "instrument", "slot"
FALL: Final = "fall"
_LATCHES: Final = ("daily_latched", "daily_count", "paused")
_OF_DAY: Final = ("day_open", "daily_value", "pause_losses", *_LATCHES)
# By the field that says until when a limit holds: its scope, its name, and the field of what was measured; in the order
# in which an entry is refused.
LOCKS_OF_ACCOUNT: Final = {
    "stops_until": (ACCOUNT, "stops_of_account", "stops_value"),
    "window_until": (ACCOUNT, "window_drawdown", "window_value"),
    "global_until": (ACCOUNT, "global_drawdown", "global_value"),
    "halt_until": (ACCOUNT, "account_drawdown", "halt_value"),
}
_LOCKS_OF_INSTRUMENT: Final = {
    "stops_until": (INSTRUMENT, "stops_of_instrument", "stops_value"),
    "low_until": (INSTRUMENT, "low_profit", "low_value"),
}
_LOCKS_OF_SLOT: Final = {"lock_until": (SLOT, "slot_drawdown", "lock_value")}
_SCOPES: Final = {ACCOUNT: LOCKS_OF_ACCOUNT, INSTRUMENT: _LOCKS_OF_INSTRUMENT, SLOT: _LOCKS_OF_SLOT}
# Hold for the rest of the day on which they came.
LOCKS_OF_DAY: Final = {"paused": "loss_streak", "daily_latched": "daily_loss"}
_COUNTERS: Final = ("streak", "size_losses", "halved")
_FIELDS: Final = (
    "day",
    *_OF_DAY,
    *BASES[1:],
    *_COUNTERS,
    "size_wins",
    *LOCKS_OF_ACCOUNT,
    *(lock[2] for lock in LOCKS_OF_ACCOUNT.values()),
)
NAMES: Final = (
    *LOCKS_OF_DAY.values(), *(lock[1] for scope in _SCOPES.values() for lock in scope.values()),
)  # fmt: skip
Values: TypeAlias = dict[str, float]


@dataclass(frozen=True, slots=True)
class LossLimits:
    """Limits of loss of an account; fields as in `vigie.engine.live.fold.steps.LimitsInherited`."""

    limits: tuple[LossLimit, ...]
    peaks: tuple[tuple[int, float], ...] = ()

    def values(self, scope: str = ACCOUNT, name: str = "") -> Values:
        """Return the fields of one record; empty where there is nothing of it."""
        matching = (limit for limit in self.limits if (limit.scope, limit.name) == (scope, name))
        return dict(next((limit.values for limit in matching), ()))

    def active_until(self, now: int) -> dict[str, int]:
        """Return the limits that refuse entries at a time, by name, each with when its last one ends."""
        ends_by_name: dict[str, int] = {}
        for limit in self.limits:
            values = dict(limit.values)
            for field, (_, name, _) in _SCOPES[limit.scope].items():
                ends = int(values.get(field, 0))
                if now < ends:
                    ends_by_name[name] = max(ends, ends_by_name.get(name, 0))
            if limit.scope == ACCOUNT and int(values.get("day", NO_DAY)) == now // DAY_MS:
                ends = (now // DAY_MS + 1) * DAY_MS
                ends_by_name |= {name: ends for field, name in LOCKS_OF_DAY.items() if values.get(field)}
        return ends_by_name

    def count_stops(self, since: int) -> int:
        """Return how many stops of the account came after a time, also in a run before."""
        return sum(ts > since for ts in _stops_of(self, ACCOUNT, ""))

    def day_loss(self, now: int) -> float:
        """Return what was lost since 00:00 UTC, as a share of what was there then."""
        values = self.values()
        if int(values.get("day", NO_DAY)) != now // DAY_MS:
            return 0.0
        opened = values["day_open"]
        return max(0.0, 1.0 - 1.0 / opened) if opened > 0.0 else 1.0


@dataclass(frozen=True, slots=True)
class DayLoss:
    """What was lost on a UTC day that nobody here watched, as shares of what was there before.

    Attributes
    ----------
    day : int
        Days since 1970.
    now, worst : float
        At its end, and at its deepest; below 0 is a gain.
    """

    day: int
    now: float
    worst: float


def add_day_loss(limits: LossLimits | None, day_loss: DayLoss, rules: Protections) -> LossLimits:
    """Return limits after a loss on top of what they know; the day is latched where that reaches its limit.

    Parameters
    ----------
    limits : LossLimits or None
        None where nothing is known of the time before: drawdowns begin with what is there now.
    """
    before = LossLimits(()) if limits is None else limits
    known = before.values()
    fall = 1.0 / (1.0 - day_loss.now) if day_loss.now < 1.0 else 0.0
    is_same_day = int(known.get("day", NO_DAY)) == day_loss.day
    opened = known["day_open"] if is_same_day else 1.0
    values: Values = {name: known[name] * fall for name in BASES[1:] if name in known}
    values |= {"day": day_loss.day, "day_open": opened * fall}
    if not is_same_day:
        values |= dict.fromkeys((*_LATCHES, "daily_value"), 0)
    worst = 1.0 - min(1.0 - day_loss.now, 1.0 - day_loss.worst) / opened if opened > 0.0 else 1.0
    if worst >= rules.daily_loss_fraction and not (is_same_day and known.get("daily_latched")):
        values |= {"daily_latched": 1, "daily_count": rules.daily_loss_readings, "daily_value": worst}
    account = LossLimit(ACCOUNT, "", tuple((known | values).items()), tuple(_stops_of(before, ACCOUNT, "")))
    other_limits = (limit for limit in before.limits if limit.scope != ACCOUNT)
    return LossLimits((account, *other_limits), tuple((day, peak * fall) for day, peak in before.peaks))


# Records and limits --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class AccountRecords:
    """The records of an account, and what they are of.

    Attributes
    ----------
    slots : sequence of str
        Ids, in slot order.
    instruments : sequence of str
        Names, in the order of their records.
    """

    books: Books
    shared: Slots
    slots: Sequence[str]
    instruments: Sequence[str]

    @property
    def capital(self) -> float:
        """Capital of the account."""
        return float(self.shared.settings[0]["capital"])

    def slot_result(self, number: int) -> float:
        """Return what a slot has made: booked amounts and its open price difference at the latest close."""
        slot = self.books.slots[number]
        close = self.books.instruments[self.shared.instrument[number]]["last_close"]
        return float(money.amount_of(slot["result_minor"]) + kernel.open_result(slot, close))


def read_limits(records: AccountRecords, equity: float) -> LossLimits:
    """Return the limits of an account as its records have them."""
    books, base = records.books, max(equity, 0.0)
    account = books.account[0]
    values: Values = {name: account[name].item() for name in _FIELDS}
    for name in BASES:
        values[name] = _multiple(values[name], base)
    limits = [LossLimit(ACCOUNT, "", tuple(values.items()), _stop_times(books.rings[-1]))]
    for number, name in enumerate(records.instruments):
        limits += _record_limits(
            books.instruments[number], INSTRUMENT, name, _stop_times(books.rings[number])
        )
    for number, name in enumerate(records.slots):
        slot = books.slots[number]
        fall = max(0.0, slot["peak"].item() - records.slot_result(number)) / records.capital
        limits += _record_limits(slot, SLOT, name, (), fall)
    days = zip(books.peak_days.tolist(), books.peaks.tolist(), strict=True)
    peaks = tuple(sorted((day, _multiple(peak, base)) for day, peak in days if day != NO_DAY))
    return LossLimits(tuple(limits), peaks)


def _record_limits(
    record: Any, scope: str, name: str, stops: tuple[int, ...], fall: float = 0.0
) -> list[LossLimit]:
    fields = [column for field, (_, _, value) in _SCOPES[scope].items() for column in (field, value)]
    values: Values = {field: record[field].item() for field in fields}
    if fall:
        values[FALL] = fall
    return [LossLimit(scope, name, tuple(values.items()), stops)] if any(values.values()) or stops else []


def _stop_times(ring: Any) -> tuple[int, ...]:
    return tuple(sorted(ts for ts in ring.tolist() if ts != NEVER))


def _multiple(value: float, equity: float) -> float:
    return value / equity if equity > 0.0 else 0.0


def find_refusal(records: AccountRecords, number: int, now: int, bar: int) -> tuple[int, float, float]:
    """Return the code of the first limit of loss that refuses an entry of a slot, with limit and value; or 0."""
    books, instrument = records.books, records.shared.instrument[number]
    account, rules = books.account[0], books.protections[0]
    loss_refusal: tuple[int, float, float] = locks.loss_refusal(account, now, rules)
    if loss_refusal[0]:
        return loss_refusal
    return locks.protection_refusal(
        account, books.instruments[instrument], books.slots[number], now, bar, rules
    )


def write_limits(records: AccountRecords, limits: LossLimits, equity: float) -> None:
    """Write limits into the records of an account; what they do not name stays."""
    books = records.books
    for limit in limits.limits:
        values = dict(limit.values)
        if limit.scope == ACCOUNT:
            _write_account(books.account[0], values, equity)
            _write_stop_times(books.rings[-1], limit.stops)
        elif limit.scope == INSTRUMENT and limit.name in records.instruments:
            number = records.instruments.index(limit.name)
            _set_fields(books.instruments[number], values)
            _write_stop_times(books.rings[number], limit.stops)
        elif limit.scope == SLOT and limit.name in records.slots:
            number = records.slots.index(limit.name)
            fall = values.pop(FALL, 0.0)
            _set_fields(books.slots[number], values)
            books.slots[number]["peak"] = records.slot_result(number) + fall * records.capital
    for day, peak in limits.peaks[-len(books.peaks) :]:
        row = day % len(books.peaks)
        books.peak_days[row], books.peaks[row] = day, _to_amount(peak, equity)


def _to_amount(multiple: float, equity: float) -> float:
    """Return a peak; of what was lost whole there is no share: it begins anew with what is there now."""
    amount = multiple * equity
    return amount if amount > 0.0 else equity


def _write_account(account: Any, values: Values, equity: float) -> None:
    for name in BASES:
        if name in values:
            values[name] = _to_amount(values[name], equity)
    _set_fields(account, values)


def _set_fields(record: Any, values: Values) -> None:
    for name, value in values.items():
        record[name] = value


def _write_stop_times(ring: Any, times: Sequence[int]) -> None:
    ring[:] = NEVER
    last_times = times[-RING:]
    ring[: len(last_times)] = last_times


# Limits together -----------------------------------------------------------------------------------------------


def merge_stricter(first: LossLimits, second: LossLimits) -> LossLimits:
    """Return limits that hold wherever one of two does: later ends, deeper falls, higher counters."""
    keys = list(dict.fromkeys((limit.scope, limit.name) for limit in (*first.limits, *second.limits)))
    merged = []
    for scope, name in keys:
        a, b = first.values(scope, name), second.values(scope, name)
        values = _merge_locks(a, b, _SCOPES[scope]) | (_merge_account(a, b) if scope == ACCOUNT else {})
        times = {ts for limits in (first, second) for ts in _stops_of(limits, scope, name)}
        merged.append(LossLimit(scope, name, tuple(values.items()), tuple(sorted(times)[-RING:])))
    peaks = dict(first.peaks)
    for day, peak in second.peaks:
        peaks[day] = max(peak, peaks.get(day, 0.0))
    return LossLimits(tuple(merged), tuple(sorted(peaks.items())))


def _stops_of(limits: LossLimits, scope: str, name: str) -> Iterable[int]:
    return (ts for limit in limits.limits if (limit.scope, limit.name) == (scope, name) for ts in limit.stops)


def _merge_locks(a: Values, b: Values, untils: Mapping[str, tuple[str, str, str]]) -> Values:
    merged: Values = {}
    for field, (_, _, value) in untils.items():
        later = a if a.get(field, 0) >= b.get(field, 0) else b
        merged |= {field: later.get(field, 0), value: later.get(value, 0.0)}
    fall = max(a.get(FALL, 0.0), b.get(FALL, 0.0))
    return merged | ({FALL: fall} if fall else {})


def _merge_account(a: Values, b: Values) -> Values:
    merged: Values = {name: _max_of(a, b, name) for name in (*_COUNTERS, *BASES[1:])}
    merged["size_wins"] = min(a.get("size_wins", 0), b.get("size_wins", 0))
    newer, older = sorted((a, b), key=lambda values: values.get("day", NO_DAY), reverse=True)
    if newer.get("day", NO_DAY) != older.get("day", NO_DAY):
        older = {}
    return (
        merged | {"day": newer.get("day", NO_DAY)} | {name: _max_of(newer, older, name) for name in _OF_DAY}
    )


def _max_of(a: Values, b: Values, name: str) -> float:
    return max(a.get(name, 0), b.get(name, 0))


# Lifting -------------------------------------------------------------------------------------------------------


def lift_limits(records: AccountRecords, names: Sequence[str], equity: float, now: int) -> None:
    """End limits that hold now before their time; what they measure begins anew, as where they end by themselves."""
    books = records.books
    account, active = books.account[0], read_limits(records, equity).active_until(now)
    lifted = [name for name in names if name in active]
    of_account: dict[str, Callable[[], None]] = {
        "daily_loss": lambda: _set_fields(
            account, {"daily_latched": 0, "daily_count": 0, "daily_value": 0.0, "day_open": equity}
        ),
        "loss_streak": lambda: _set_fields(account, {"paused": 0}),
        "window_drawdown": lambda: _clear_window(books),
        "global_drawdown": lambda: _set_fields(account, {"global_until": 0, "global_peak": equity}),
        "account_drawdown": lambda: _set_fields(account, {"halt_until": 0, "halt_peak": equity}),
        "stops_of_account": lambda: _clear_stops(account, books.rings[-1]),
    }
    for name in lifted:
        of_account.get(name, lambda: None)()
    for number, instrument in enumerate(books.instruments):
        if "stops_of_instrument" in lifted:
            _clear_stops(instrument, books.rings[number])
        if "low_profit" in lifted:
            instrument["low_until"] = 0
    for number, slot in enumerate(books.slots):
        if "slot_drawdown" in lifted and slot["lock_until"] > 0:
            _set_fields(slot, {"lock_until": 0, "peak": records.slot_result(number)})


def _clear_window(books: Books) -> None:
    books.account[0]["window_until"] = 0
    books.peak_days[:] = NO_DAY


def _clear_stops(record: Any, ring: Any) -> None:
    record["stops_until"] = 0
    ring[:] = NEVER
