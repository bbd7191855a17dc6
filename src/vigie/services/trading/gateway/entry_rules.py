"""Rules of the gateway: each a pure function of what is known at the moment of an entry, in the order they are judged.

First whether anything may be entered, then data and clock, then the order against the present market, last the rate.
The kernel's own rules come before them at the close, reconciliation beside them, and an entry needs every one.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from vigie.domain import codes
from vigie.domain.codes import NEVER_S, UNKNOWN
from vigie.domain.order import TradingState
from vigie.domain.time import SECOND_MS
from vigie.ports.listed_venue import InstrumentPhase

LONGEST_AGE_S: Final = 60.0
SHARE_OF_BAR: Final = 0.2
DRIFT_S: Final = 1.0
SILENT_S: Final = 5.0
BAND: Final = 0.01
SPREAD_LARGE, SPREAD_SMALL = 0.001, 0.004
DEPTH_TIMES: Final = 5.0
SLIP: Final = 0.003
SHARE_OF_MINUTE: Final = 0.05
JUMP: Final = 0.005
ORDERS_AT_ONCE, ORDERS_A_SECOND = 10, 5.0
ORDERS_A_DAY, TRADES_A_DAY, CANCELS_A_DAY = 500, 200, 500
ORDERS_UNDER_WAY, ORDERS_HERE = 20, 4
_STATES: Final = {word: value for value, word in codes.INSTRUMENT_STATES.items()}

RefusalValues = tuple[float, float]


@dataclass(frozen=True, slots=True)
class MarketSnapshot:
    """The present market of an instrument; None where it is not known.

    Attributes
    ----------
    age_s : float
        On the wall, since the price was heard, or since the venue's own time of it or of its book where that is
        earlier.
    reference : float or None
        Price of a second source: another venue, else the venue's own index of others.
    levels : tuple or None
        The best ten levels that the entry takes from, price and quantity in base units, the best first.
    """

    last: float
    age_s: float
    bid: float | None = None
    ask: float | None = None
    reference: float | None = None
    levels: tuple[tuple[float, float], ...] | None = None

    @property
    def offered(self) -> float | None:
        """What these levels hold."""
        return None if self.levels is None else sum(qty for _, qty in self.levels)

    def slippage(self, qty: float) -> float | None:
        """Return by what share a quantity would be filled off the best price; None where the levels lack it."""
        remaining, paid = qty, 0.0
        for price, level_qty in self.levels or ():
            filled = min(remaining, level_qty)
            remaining, paid = remaining - filled, paid + filled * price
            if remaining <= 0.0 < paid and self.levels:
                return abs(paid / qty / self.levels[0][0] - 1.0)
        return None


@dataclass(frozen=True, slots=True)
class EntryCheck:
    """An entry that is about to be sent, and everything that is known then.

    Attributes
    ----------
    is_real : bool
        Whether a venue will fill it: what is not known of the market then refuses it. Paper is filled by the model.
    age_s, bar_s : float
        On the wall, since the bar closed at which it was decided; and how long such a bar lasts on the market.
    drift_s : float or None
        This machine's clock less the venue's; None where nobody measured.
    price : float
        First price of the bar, at which the entry is sized.
    qty : float
        Base units.
    is_small_cap : bool
        Spreads of small caps are wider.
    phase : str or None
        How the venue trades the instrument; None where it has not said so.
    minute_volume : float or None
        What is traded in an ordinary minute, base units; None where nobody knows.
    burst : float
        Entries that were let through, less five for every second since: how many came faster than that.
    entries_today : int
        Entries that were let through since 00:00 UTC.
    trades_today : int
        That ended since 00:00 UTC.
    open_orders, instrument_orders : int
        Orders that have not ended, of the account and of its instrument.
    is_allowed : bool
        Whether the slot is on the account's allow-list.
    is_demoted : bool
        Whether its strategy is a model that was taken back below the stage that the account needs.
    cancels_today : int
        Orders of the account that ended by being cancelled, since 00:00 UTC.
    run_orders : int
        Orders that the run has written, whatever became of them.
    max_run_orders : int or None
        Maximum of `run_orders`, as in `OrderCaps`; None means unlimited.
    """

    state: TradingState
    is_missed: bool
    is_stale: bool
    is_real: bool
    age_s: float
    bar_s: float
    price: float
    qty: float
    is_small_cap: bool = False
    drift_s: float | None = None
    market: MarketSnapshot | None = None
    phase: InstrumentPhase | None = None
    minute_volume: float | None = None
    burst: float = 0.0
    entries_today: int = 0
    trades_today: int = 0
    open_orders: int = 0
    instrument_orders: int = 0
    is_allowed: bool = True
    is_demoted: bool = False
    cancels_today: int = 0
    run_orders: int = 0
    max_run_orders: int | None = None


@dataclass(frozen=True, slots=True)
class EntryRule:
    """One rule.

    Attributes
    ----------
    code : int
        Of `vigie.domain.codes.VETOES`.
    requirement : str
        What it asks for, with its limit.
    judge : callable
        Gives limit and value where it refuses, else None.
    """

    code: int
    requirement: str
    judge: Callable[[EntryCheck], RefusalValues | None]


def first_refusal(
    entry: EntryCheck, rules: Sequence[EntryRule] | None = None
) -> tuple[int, float, float] | None:
    """Return code, limit and value of the first rule that refuses; of all rules where none are named."""
    for rule in RULES if rules is None else rules:
        refused = rule.judge(entry)
        if refused is not None:
            return (rule.code, *refused)
    return None


def _state(entry: EntryCheck) -> RefusalValues | None:
    return None if entry.state == "active" else (0.0, 1.0)


def _allowed(entry: EntryCheck) -> RefusalValues | None:
    return None if entry.is_allowed else (0.0, 1.0)


def _demoted(entry: EntryCheck) -> RefusalValues | None:
    return (0.0, 1.0) if entry.is_demoted else None


def _missed(entry: EntryCheck) -> RefusalValues | None:
    return (0.0, 1.0) if entry.is_missed else None


def _stale(entry: EntryCheck) -> RefusalValues | None:
    return (0.0, 1.0) if entry.is_stale else None


def _drift(entry: EntryCheck) -> RefusalValues | None:
    return _refuse_above(entry, None if entry.drift_s is None else abs(entry.drift_s), DRIFT_S, NEVER_S)


def _instrument(entry: EntryCheck) -> RefusalValues | None:
    if entry.phase == "trading" or not entry.is_real:
        return None
    return 0.0, _STATES[entry.phase or "unknown"]


def _silent(entry: EntryCheck) -> RefusalValues | None:
    if not entry.is_real:
        return None
    return _refuse_above(entry, None if entry.market is None else entry.market.age_s, SILENT_S, NEVER_S)


def _age(entry: EntryCheck) -> RefusalValues | None:
    return _refuse_above(entry, entry.age_s, min(LONGEST_AGE_S, SHARE_OF_BAR * entry.bar_s), NEVER_S)


def _jump(entry: EntryCheck) -> RefusalValues | None:
    reference = None if entry.market is None else entry.market.reference
    return _refuse_above(entry, _relative_distance(entry.market, reference), JUMP, UNKNOWN)


def _band(entry: EntryCheck) -> RefusalValues | None:
    return (
        _refuse_above(entry, _relative_distance(entry.market, entry.price), BAND, UNKNOWN)
        if entry.is_real
        else None
    )


def _spread(entry: EntryCheck) -> RefusalValues | None:
    market, limit = entry.market, SPREAD_SMALL if entry.is_small_cap else SPREAD_LARGE
    if market is None or market.bid is None or market.ask is None or not 0.0 < market.bid <= market.ask:
        # Bids above asks are no spread: the stream that tells them is broken.
        return _refuse_above(entry, None, limit, UNKNOWN)
    return _refuse_above(entry, market.ask / market.bid - 1.0, limit, UNKNOWN)


def _depth(entry: EntryCheck) -> RefusalValues | None:
    offered, needed = None if entry.market is None else entry.market.offered, DEPTH_TIMES * entry.qty
    if offered is None or not math.isfinite(offered):
        return (needed, 0.0) if entry.is_real else None
    return (needed, offered) if offered < needed else None


def _slippage(entry: EntryCheck) -> RefusalValues | None:
    slipped = None if entry.market is None else entry.market.slippage(entry.qty)
    return _refuse_above(entry, slipped, SLIP, UNKNOWN)


def _volume(entry: EntryCheck) -> RefusalValues | None:
    # What is filled by the model moves no market.
    if not entry.is_real or entry.minute_volume is None or not math.isfinite(entry.minute_volume):
        return None
    most = SHARE_OF_MINUTE * entry.minute_volume
    return (most, entry.qty) if entry.qty > most else None


def _open_orders(entry: EntryCheck) -> RefusalValues | None:
    return _refuse_full((ORDERS_HERE, entry.instrument_orders), (ORDERS_UNDER_WAY, entry.open_orders))


def compute_burst(entry_times: Iterable[int], now: int) -> float:
    """Return how many entries came faster than five a second, as they stand now.

    Parameters
    ----------
    entry_times : iterable of int
        When entries were let through, on the wall, the first first.
    """
    burst, before = 0.0, now
    for ts in entry_times:
        burst = max(burst - max(ts - before, 0) / SECOND_MS * ORDERS_A_SECOND, 0.0) + 1.0
        before = ts
    return max(burst - max(now - before, 0) / SECOND_MS * ORDERS_A_SECOND, 0.0)


def _rate(entry: EntryCheck) -> RefusalValues | None:
    if entry.burst + 1.0 > ORDERS_AT_ONCE:
        return float(ORDERS_AT_ONCE), entry.burst + 1.0
    return _refuse_full((ORDERS_A_DAY, entry.entries_today), (TRADES_A_DAY, entry.trades_today))


def _cancels(entry: EntryCheck) -> RefusalValues | None:
    return _refuse_full((CANCELS_A_DAY, entry.cancels_today))


def _of_run(entry: EntryCheck) -> RefusalValues | None:
    return None if entry.max_run_orders is None else _refuse_full((entry.max_run_orders, entry.run_orders))


def _refuse_full(*pairs: tuple[int, int]) -> RefusalValues | None:
    """Refuse where one more would be more than a limit."""
    for limit, count in pairs:
        if count >= limit:
            return float(limit), float(count + 1)
    return None


def _relative_distance(market: MarketSnapshot | None, price: float | None) -> float | None:
    """Return by what share the present price is off another one."""
    return (
        abs(market.last / price - 1.0) if market is not None and price is not None and price > 0.0 else None
    )


def _refuse_above(
    entry: EntryCheck, value: float | None, limit: float, unknown: float
) -> RefusalValues | None:
    """Refuse what is above its limit; at a venue also what nobody knows, written as `unknown`."""
    if value is None or not math.isfinite(value):
        return (limit, unknown) if entry.is_real else None
    return (limit, value) if value > limit else None


RULES: Final = (
    EntryRule(codes.TRADING_STATE, "the account is active", _state),
    EntryRule(codes.NOT_ALLOWED, "the slot is on the account's allow-list", _allowed),
    EntryRule(
        codes.MODEL_DEMOTED, "its model, if it is one, is at the stage of the account's mode", _demoted
    ),
    EntryRule(codes.MISSED_BAR, "the bar that it enters in is still open", _missed),
    EntryRule(codes.STALE_DATA, "the first price of that bar is known", _stale),
    EntryRule(codes.CLOCK_DRIFT, "clock within 1 s of the venue's", _drift),
    EntryRule(codes.INSTRUMENT_STATE, "the venue takes entries in the instrument", _instrument),
    EntryRule(codes.SILENT_STREAM, "a price was heard within 5 s", _silent),
    EntryRule(codes.SIGNAL_AGE, "within a fifth of the bar, at most 60 s, after its close", _age),
    EntryRule(codes.PRICE_JUMP, "price within 0.5 % of a second source", _jump),
    EntryRule(codes.PRICE_BAND, "price within 1 % of the one it was sized at", _band),
    EntryRule(codes.SPREAD, "spread at most 0.1 %, of small caps 0.4 %", _spread),
    EntryRule(codes.DEPTH, "ten levels of the book hold five times its size", _depth),
    EntryRule(codes.SLIPPAGE, "its fill at most 0.3 % off the best price of the book", _slippage),
    EntryRule(codes.ORDER_VOLUME, "at most a twentieth of what an ordinary minute trades", _volume),
    EntryRule(codes.OPEN_ORDERS, "at most 20 orders under way, 4 of its instrument", _open_orders),
    EntryRule(codes.DAILY_CANCELS, "at most 500 orders cancelled a day", _cancels),
    EntryRule(codes.RUN_ORDERS, "at most as many orders in a run as the settings say", _of_run),
    EntryRule(codes.ORDER_RATE, "at most 5 entries a second, 10 at once; 500 and 200 trades a day", _rate),
)
