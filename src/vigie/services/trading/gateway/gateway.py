"""The gateway: what is refused before the kernel is asked, because it needs a book, a feed or a person's word."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from vigie.data.instruments.caps import is_small_cap
from vigie.domain.order import TradingState
from vigie.domain.order_caps import OrderCaps
from vigie.domain.time import DAY_MS, SECOND_MS
from vigie.engine.live.fold.account import LiveAccount
from vigie.engine.live.fold.steps import EntryVeto
from vigie.ports.clock import Clock
from vigie.ports.feed import MarketInstant
from vigie.ports.listed_venue import InstrumentPhase
from vigie.ports.tradebook import TradeBook
from vigie.services.trading.gateway.entry_rules import (
    RULES,
    EntryCheck,
    EntryRule,
    MarketSnapshot,
    compute_burst,
    first_refusal,
)
from vigie.services.trading.gateway.overrides import TradingOverrides


def _no_market(_instrument: str, _side: int) -> MarketSnapshot | None:
    return None


def _unknown_phase(_instrument: str) -> InstrumentPhase | None:
    return None


def _real_time() -> float:
    return 1.0


@dataclass(slots=True)
class Gateway:
    """Judges the entries of one account.

    Attributes
    ----------
    stale_series : callable
        Gives the series whose first price is not known.
    overrides : callable
        Gives what the owner asks of the account now.
    read_market : callable
        Gives the present market of an instrument, as the side that enters finds it.
    drift_s : callable
        Gives this machine's clock less the venue's; None where nobody measured.
    speed : callable
        Gives the seconds of the market in one on the wall.
    is_real : bool
        Whether a venue fills the entries.
    phase : callable
        Gives how the venue trades an instrument; None where it has not said so.
    minute_volume : callable
        Gives what an ordinary minute trades of an instrument, base units; None where nobody knows.
    open_instruments : callable
        Gives the instruments of the orders that have not ended.
    count_cancelled : callable
        Gives how many orders of the account were cancelled since a wall time.
    count_run_orders : callable
        Gives how many orders the run has written.
    caps : OrderCaps
        What the settings let accounts order.
    is_demoted : callable
        Tells by its name whether a strategy is a model that was taken back below the stage that the account needs.
    entry_times : list of int
        When entries were let through, on the wall.
    rules : sequence of EntryRule
        All of them, but where an entry is only thought of.
    """

    book: TradeBook
    account: str
    stale_series: Callable[[], frozenset[str]]
    clock: Clock
    overrides: Callable[[], TradingOverrides] = TradingOverrides
    read_market: Callable[[str, int], MarketSnapshot | None] = _no_market
    drift_s: Callable[[], float | None] = lambda: None
    speed: Callable[[], float] = _real_time
    is_real: bool = False
    entry_times: list[int] = field(default_factory=list)
    phase: Callable[[str], InstrumentPhase | None] = _unknown_phase
    minute_volume: Callable[[str], float | None] = lambda _: None
    open_instruments: Callable[[], Sequence[str]] = tuple
    count_cancelled: Callable[[int], int] = lambda _: 0
    count_run_orders: Callable[[], int] = lambda: 0
    caps: OrderCaps = field(default_factory=OrderCaps)
    rules: Sequence[EntryRule] = RULES
    is_demoted: Callable[[str], bool] = lambda _: False

    def vetoes(
        self, account: LiveAccount, entering: Sequence[int], instant: MarketInstant
    ) -> list[EntryVeto]:
        """Return which of the entering slots are refused, each with the first reason."""
        state, stale, now = self.book.state(self.account), self.stale_series(), self.clock.wall_now()
        self.entry_times = [ts for ts in self.entry_times if ts // DAY_MS == now // DAY_MS]
        prices, open_instruments = dict(instant.opened), list(self.open_instruments())
        cancelled, run_orders = self.count_cancelled(now // DAY_MS * DAY_MS), self.count_run_orders()
        refusals = {}
        for number in entering:
            entry = self._entry_check(account, number, instant, prices, state, stale, open_instruments)
            refused = first_refusal(
                replace(entry, cancels_today=cancelled, run_orders=run_orders), self.rules
            )
            if refused is not None:
                refusals[number] = EntryVeto(number, *refused)
            else:
                self.entry_times.append(now)
                open_instruments.append(account.slots[number].id.instrument)
                run_orders += 1
        allowed = [number for number in entering if number not in refusals]
        override_vetoes = self.overrides().vetoes(account, allowed, instant.ts)
        # What its owner stopped was not entered, and does not use up the day's.
        del self.entry_times[len(self.entry_times) - len(override_vetoes) :]
        return [*refusals.values(), *override_vetoes]

    def _entry_check(
        self,
        account: LiveAccount,
        number: int,
        instant: MarketInstant,
        prices: dict[str, float],
        state: TradingState,
        stale: frozenset[str],
        open_instruments: Sequence[str],
    ) -> EntryCheck:
        slot, record = account.slots[number], account.slot(number)
        now = self.clock.wall_now()
        waited_ms = (self.clock.market_now() - instant.ts) / max(self.speed(), 1e-9)
        return EntryCheck(
            state=state,
            is_missed=instant.is_missed,
            is_stale=slot.series in stale,
            is_real=self.is_real,
            age_s=waited_ms / SECOND_MS,
            bar_s=slot.span_ms / SECOND_MS,
            price=prices.get(slot.series, 0.0),
            qty=float(account.qty(number, instant.ts, int(record["pending_lots"]))),
            is_small_cap=is_small_cap(slot.id.instrument),
            drift_s=self.drift_s(),
            market=self.read_market(slot.id.instrument, int(record["pending_side"])),
            phase=self.phase(slot.id.instrument),
            minute_volume=self.minute_volume(slot.id.instrument),
            burst=compute_burst(self.entry_times, now),
            entries_today=len(self.entry_times),
            trades_today=int((account.trades["exit_ts"] >= instant.ts // DAY_MS * DAY_MS).sum()),
            open_orders=len(open_instruments),
            instrument_orders=open_instruments.count(slot.id.instrument),
            is_allowed=self.caps.allows(slot.id),
            is_demoted=self.is_demoted(slot.id.strategy),
            max_run_orders=self.caps.max_run_orders,
        )
