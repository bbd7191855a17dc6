"""What a trader is given: its run, its slots, who judges and vetoes them, and how long is waited for what."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field

from vigie.domain.account import Protections
from vigie.domain.ids import SlotId
from vigie.domain.instrument import Instrument
from vigie.domain.order import TradeRun
from vigie.engine.live.account_monitor import CheckIntervals
from vigie.engine.live.book.account_memory import LogReplay
from vigie.engine.live.book.foreign import Ledger
from vigie.engine.live.book.orders import OrderTimeouts
from vigie.engine.live.fold import steps
from vigie.engine.live.fold.account import LiveAccount
from vigie.engine.live.fold.empty_account import LiveSlot
from vigie.engine.live.fold.evaluation import Evaluator
from vigie.engine.live.stops.stop_guard import StopDeadlines
from vigie.engine.live.stops.stop_monitor import LastPrice, no_price
from vigie.ports.feed import MarketInstant

EndingInstruments = Callable[[], Collection[str]]
FindVetoes = Callable[[LiveAccount, Sequence[int], MarketInstant], Sequence[steps.EntryVeto]]


async def ask_nothing(_instrument: str) -> None:
    """Know nobody who could be asked for rules."""


@dataclass(frozen=True, slots=True)
class TraderConfig:
    """What a trader trades.

    Attributes
    ----------
    find_vetoes : callable
        The gateway: which of the entering slots are refused, and why.
    lease_s : float
        How long the right to trade lasts without being kept.
    entry_age_s : float
        An entry that could not be sent for so long is not sent any more.
    ending_instruments : callable
        Gives the instruments that the venue will soon take away: nothing enters them, and what is held is closed.
    replay : LogReplay or None
        How far the account's log was folded already; it is the trader's from then on.
    rules : callable
        Gives the newest rules of instruments, as far as they are known; they hold from the next instant on.
    on_rules : callable
        Told of rules that hold from now on: a model fills by them as well.
    last_price : callable
        Gives the last price of an instrument as it was heard just now; None where nobody knows one.
    is_allowed : callable
        Whether a slot is of what the account may order; asked again before every entry is sent.
    ask_rules : callable
        Asks the venue for the rules of an instrument now; `TransientError` where it does not say.
    is_revised : callable
        Whether the bar that a slot was decided on last was corrected since: nothing enters on it any more.
    tell : callable
        Gives what watchers are told beside how the account stands, by name.
    ledger : callable or None
        Gives the venue's ledger from a time on; None where it keeps none.
    """

    run: TradeRun
    slots: tuple[LiveSlot, ...]
    protections: Protections | None
    evaluator: Evaluator
    find_vetoes: FindVetoes
    timeouts: OrderTimeouts = field(default_factory=OrderTimeouts)
    deadlines: StopDeadlines = field(default_factory=StopDeadlines)
    intervals: CheckIntervals = field(default_factory=CheckIntervals)
    lease_s: float = 10.0
    entry_age_s: float = 60.0
    ending_instruments: EndingInstruments = frozenset
    replay: LogReplay | None = None
    rules: Callable[[], Sequence[Instrument]] = tuple
    on_rules: Callable[[steps.RulesChanged], None] = lambda _: None
    last_price: LastPrice = no_price
    is_allowed: Callable[[SlotId], bool] = lambda _: True
    ask_rules: Callable[[str], Awaitable[None]] = ask_nothing
    ledger: Ledger | None = None
    is_revised: Callable[[int], bool] = lambda _: False
    tell: Callable[[], Mapping[str, int]] = dict
