"""The gateway: what is refused before the kernel is asked, because it needs a book, a feed or a person's word."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from vigie.data.instruments.caps import is_small_cap
from vigie.domain.order import TradingState
from vigie.domain.time import DAY_MS, SECOND_MS
from vigie.engine.live.account import LiveAccount
from vigie.engine.live.steps import EntryVeto
from vigie.ports.clock import Clock
from vigie.ports.feed import MarketInstant
from vigie.ports.tradebook import TradeBook
from vigie.ports.trading import InstrumentPhase
from vigie.services.trading.caps import OrderCaps
from vigie.services.trading.rules import Moment, Seen, first_refusal, pace
from vigie.services.trading.wishes import Wishes


def _nothing(_instrument: str, _side: int) -> Seen | None:
    return None


def _unsaid(_instrument: str) -> InstrumentPhase | None:
    return None


def _real_time() -> float:
    return 1.0


@dataclass(slots=True)
class Gateway:
    """Judges the entries of one account.

    Attributes
    ----------
    stale : callable
        Gives the series whose first price is not known.
    wishes : callable
        Gives what the owner asks of the account now.
    seen : callable
        Gives the present market of an instrument, as the side that enters finds it.
    drift_s : callable
        Gives this machine's clock less the venue's; None where nobody measured.
    speed : callable
        Gives the seconds of the market in one on the wall.
    is_real : bool
        Whether a venue fills the entries.
    phase : callable
        Gives how the venue trades an instrument; None where it has not said so.
    minute : callable
        Gives what an ordinary minute trades of an instrument, base units; None where nobody knows.
    under_way : callable
        Gives the instruments of the orders that have not ended.
    cancelled : callable
        Gives how many orders of the account were cancelled since a wall time.
    of_run : callable
        Gives how many orders the run has written.
    caps : OrderCaps
        What the settings let accounts order.
    passed : list of int
        When entries were let through, on the wall.
    """

    book: TradeBook
    account: str
    stale: Callable[[], frozenset[str]]
    clock: Clock
    wishes: Callable[[], Wishes] = Wishes
    seen: Callable[[str, int], Seen | None] = _nothing
    drift_s: Callable[[], float | None] = lambda: None
    speed: Callable[[], float] = _real_time
    is_real: bool = False
    passed: list[int] = field(default_factory=list)
    phase: Callable[[str], InstrumentPhase | None] = _unsaid
    minute: Callable[[str], float | None] = lambda _: None
    under_way: Callable[[], Sequence[str]] = tuple
    cancelled: Callable[[int], int] = lambda _: 0
    of_run: Callable[[], int] = lambda: 0
    caps: OrderCaps = field(default_factory=OrderCaps)

    def vetoes(
        self, account: LiveAccount, entering: Sequence[int], instant: MarketInstant
    ) -> list[EntryVeto]:
        """Return which of the entering slots are refused, each with the first reason."""
        state, stale, now = self.book.state(self.account), self.stale(), self.clock.wall_now()
        self.passed = [ts for ts in self.passed if ts // DAY_MS == now // DAY_MS]
        prices, under_way = dict(instant.opened), list(self.under_way())
        cancelled, of_run = self.cancelled(now // DAY_MS * DAY_MS), self.of_run()
        found = {}
        for number in entering:
            moment = self._moment(account, number, instant, prices, state, stale, under_way)
            refused = first_refusal(replace(moment, cancels_today=cancelled, of_run=of_run))
            if refused is not None:
                found[number] = EntryVeto(number, *refused)
            else:
                self.passed.append(now)
                under_way.append(account.slots[number].id.instrument)
                of_run += 1
        left = [number for number in entering if number not in found]
        unwished = self.wishes().vetoes(account, left, instant.ts)
        # What its owner stopped was not entered, and does not use up the day's.
        del self.passed[len(self.passed) - len(unwished) :]
        return [*found.values(), *unwished]

    def _moment(
        self,
        account: LiveAccount,
        number: int,
        instant: MarketInstant,
        prices: dict[str, float],
        state: TradingState,
        stale: frozenset[str],
        under_way: Sequence[str],
    ) -> Moment:
        slot, record = account.slots[number], account.slot(number)
        now = self.clock.wall_now()
        waited_ms = (self.clock.market_now() - instant.ts) / max(self.speed(), 1e-9)
        return Moment(
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
            seen=self.seen(slot.id.instrument, int(record["pending_side"])),
            phase=self.phase(slot.id.instrument),
            minute=self.minute(slot.id.instrument),
            at_once=pace(self.passed, now),
            today=len(self.passed),
            trades_today=int((account.trades["exit_ts"] >= instant.ts // DAY_MS * DAY_MS).sum()),
            under_way=len(under_way),
            here=under_way.count(slot.id.instrument),
            is_allowed=self.caps.allows(slot.id),
            most_of_run=self.caps.most_orders,
        )
