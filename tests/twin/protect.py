"""Protections of an account: portfolio rules sections 3 and 4. `now` is the instant T of the walk."""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.twin.records import DAY, HOUR, Account, Position, TwinSlot, quote


def share(fallen: float, whole: float) -> float:
    """Section 4: of nothing, or of a debt, the value is the whole."""
    return 1.0 if whole <= 0 else fallen / whole


@dataclass
class Lock:
    """A lock that holds for decisions before `until`, with what it will say."""

    until: int = 0
    value: float = 0.0
    on: bool = False

    def holds(self, now: int) -> bool:
        """Whether entries are refused now."""
        return self.on and now < self.until

    def extend(self, until: int, value: float) -> None:
        """Set the lock; a later end is never shortened."""
        self.until = max(self.until, until)
        self.value = value
        self.on = True


@dataclass
class Protect:
    """State of all protections of one account."""

    rules: dict
    capital: float
    slots: list[TwinSlot]
    day: int
    day_opening: float = 0.0
    daily_count: int = 0
    daily_latched: bool = False
    daily_value: float = 0.0
    trades: list[dict] = field(default_factory=list)  # those that count, in booking order
    losses_in_a_row: int = 0
    streak_pause: bool = False
    halving_losses: int = 0
    halving_wins: int = 0
    halved: bool = False
    exits: list[list[tuple[int, int]]] = field(default_factory=list)  # per slot: (bar of the exit, k)
    instrument_stops: dict[str, Lock] = field(default_factory=dict)
    instrument_profit: dict[str, Lock] = field(default_factory=dict)
    account_stops: Lock = field(default_factory=Lock)
    window: Lock = field(default_factory=Lock)
    window_samples: list[tuple[int, float]] = field(default_factory=list)  # (day, equity)
    slot_locks: list[Lock] = field(default_factory=list)
    slot_peaks: list[float] = field(default_factory=list)
    overall: Lock = field(default_factory=Lock)
    overall_peak: float = 0.0
    halt: Lock = field(default_factory=Lock)
    halt_peak: float = 0.0
    daily: list[dict[str, float]] = field(default_factory=list)  # a dict of closes per day that ended

    def __post_init__(self) -> None:
        """Fill what depends on the number of slots."""
        self.day_opening = self.overall_peak = self.halt_peak = self.capital
        self.exits = [[] for _ in self.slots]
        self.slot_locks = [Lock() for _ in self.slots]
        self.slot_peaks = [0.0 for _ in self.slots]
        for slot in self.slots:
            self.instrument_stops.setdefault(slot.instrument, Lock())
            self.instrument_profit.setdefault(slot.instrument, Lock())

    # ---- trades as they are booked (section 3)

    def trade_booked(self, trade: dict, index: int) -> None:
        """Tell every rule that counts trades; those that end with the data count nowhere."""
        if trade["reason"] == "end_of_data":
            return
        self.trades.append(trade)
        stopped = trade["reason"] in ("stop", "liquidation")
        if stopped:
            self.stop_guard(trade)
        self.low_profit(trade)
        self.count_losses(trade["pnl"])
        self.count_for_halving(trade["pnl"])
        bars = self.rules["cooldown_stop_bars"] if stopped else self.rules["cooldown_bars"]
        self.exits[trade["slot"]].append((index, bars))

    def stop_guard(self, trade: dict) -> None:
        """Stop guard, of the instrument and of the account."""
        name, booked = self.slots[trade["slot"]].instrument, trade["exit_ts"]
        since = booked - self.rules["stop_guard_window_hours"] * HOUR
        until = booked + self.rules["stop_guard_lock_hours"] * HOUR
        everywhere, here = 0, 0
        for other in self.trades:
            if other["reason"] in ("stop", "liquidation") and other["exit_ts"] > since:
                everywhere += 1
                here += self.slots[other["slot"]].instrument == name
        allowed = self.rules["stop_guard_instrument_stops"]
        if allowed and here >= allowed:
            self.instrument_stops[name].extend(until, float(allowed))
        allowed = self.rules["stop_guard_account_stops"]
        if allowed and everywhere >= allowed:
            self.account_stops.extend(until, float(allowed))

    def low_profit(self, trade: dict) -> None:
        """Low profit of the instrument."""
        name, booked = self.slots[trade["slot"]].instrument, trade["exit_ts"]
        since = booked - self.rules["low_profit_days"] * DAY
        count, booked_total = 0, 0
        for other in self.trades:
            if self.slots[other["slot"]].instrument == name and other["exit_ts"] > since:
                count += 1
                booked_total += round(other["pnl"] * 1e8)  # what a float sum ends beside may lock
        total = quote(booked_total)
        if self.rules["low_profit_trades"] and count >= self.rules["low_profit_trades"] and total < 0:
            self.instrument_profit[name].extend(booked + self.rules["low_profit_lock_days"] * DAY, total)

    def count_losses(self, pnl: float) -> None:
        """Loss streak: at the limit entries pause and the count starts again."""
        self.losses_in_a_row = self.losses_in_a_row + 1 if pnl < 0 else 0
        if self.rules["loss_streak_trades"] and self.losses_in_a_row >= self.rules["loss_streak_trades"]:
            self.streak_pause = True
            self.losses_in_a_row = 0

    def count_for_halving(self, pnl: float) -> None:
        """Smaller after losses, counted apart from the pause."""
        self.halving_losses = self.halving_losses + 1 if pnl < 0 else 0
        self.halving_wins = self.halving_wins + 1 if pnl > 0 else 0
        if self.rules["halve_after_losses"] and self.halving_losses >= self.rules["halve_after_losses"]:
            self.halved = True
        if self.halved and self.halving_wins >= self.rules["restore_after_wins"]:
            self.halved = False

    def risk_factor(self) -> float:
        """Smaller after losses."""
        return 0.5 if self.halved else 1.0

    # ---- samples (sections 1.3, 3 and 4)

    def sample(self, account: Account, now: int, equity: float) -> None:
        """Day change first, then the limits, on a new sample of the equity."""
        day = now // DAY
        if day != self.day:
            self.daily.append(dict(account.latest))  # the closes of the day that ended
            self.day = day
            self.day_opening = equity
            self.daily_count = 0
            self.daily_latched = False
            self.streak_pause = False
        self.judge_day(equity)
        self.judge_window(now, equity)
        self.judge_slots(account, now)
        unlock = now + self.rules["drawdown_unlock_days"] * DAY
        self.overall_peak = self.judge_peak(
            self.overall, self.overall_peak, now, equity, "global_drawdown_fraction", unlock
        )
        self.halt_peak = self.judge_peak(
            self.halt, self.halt_peak, now, equity, "account_drawdown_fraction", unlock
        )

    def judge_day(self, equity: float) -> None:
        """Daily loss: so many samples in a row latch the day."""
        loss = self.day_opening - equity
        over = loss >= self.rules["daily_loss_fraction"] * self.day_opening
        self.daily_count = self.daily_count + 1 if over else 0
        if not self.daily_latched and over and self.daily_count >= self.rules["daily_loss_readings"]:
            self.daily_latched = True
            self.daily_value = share(loss, self.day_opening)

    def judge_window(self, now: int, equity: float) -> None:
        """Window drawdown: the peak of the last days."""
        lock, fraction = self.window, self.rules["window_drawdown_fraction"]
        if lock.holds(now):
            return
        if lock.on:
            lock.on = False
            self.window_samples.clear()
        self.window_samples.append((self.day, equity))
        oldest = self.day - self.rules["window_drawdown_days"] + 1
        peak = max(value for day, value in self.window_samples if day >= oldest)
        if fraction and peak - equity >= fraction * peak:
            lock.extend(now + self.rules["drawdown_unlock_days"] * DAY, share(peak - equity, peak))

    def judge_slots(self, account: Account, now: int) -> None:
        """Slot drawdown: booked amounts plus the open price difference, against its own peak."""
        fraction = self.rules["slot_drawdown_fraction"]
        for number, lock in enumerate(self.slot_locks):
            result, position = quote(account.booked[number]), account.positions[number]
            if position is not None:
                close = account.latest[self.slots[number].instrument]
                result += position.side * (close - position.entry) * position.qty
            if lock.holds(now):
                continue
            if lock.on:
                lock.on = False
                self.slot_peaks[number] = result
            self.slot_peaks[number] = max(self.slot_peaks[number], result)
            fallen = self.slot_peaks[number] - result
            if fraction and fallen >= fraction * self.capital:
                until = now + self.rules["drawdown_unlock_days"] * DAY
                lock.extend(until, fallen / self.capital)

    def judge_peak(self, lock: Lock, peak: float, now: int, equity: float, rule: str, until: int) -> float:
        """Global and account drawdown: from the peak of all samples; return the new peak."""
        fraction = self.rules[rule]
        if lock.holds(now):
            return peak
        if lock.on:
            lock.on = False
            peak = equity
        peak = max(peak, equity)
        if fraction and peak - equity >= fraction * peak:
            lock.extend(until, share(peak - equity, peak))
        return peak

    # ---- the exits of section 4

    def halted(self, now: int) -> bool:
        """Account drawdown: open positions leave."""
        return self.halt.holds(now)

    def asset_loss(self, position: Position, close: float) -> bool:
        """Asset loss: the open position has lost a multiple of its planned risk."""
        times = self.rules["asset_loss_risks"]
        lost = -position.side * (close - position.entry) * position.qty
        return bool(times) and lost >= times * position.planned_risk
