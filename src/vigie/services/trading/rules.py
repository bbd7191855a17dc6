"""Rules of the gateway: each a pure function of what is known at the moment of an entry, in the order they are judged.

First whether anything may be entered, then data and clock, then the order against the present market, last the rate.
The kernel's own rules come before them at the close, reconciliation beside them, and an entry needs every one.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from vigie.domain import codes
from vigie.domain.codes import NEVER_S, UNKNOWN
from vigie.domain.order import TradingState
from vigie.domain.time import SECOND_MS
from vigie.ports.trading import InstrumentPhase

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

Refused = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Seen:
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
        left, paid = qty, 0.0
        for price, here in self.levels or ():
            taken = min(left, here)
            left, paid = left - taken, paid + taken * price
            if left <= 0.0 < paid and self.levels:
                return abs(paid / qty / self.levels[0][0] - 1.0)
        return None


@dataclass(frozen=True, slots=True)
class Moment:
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
    minute : float or None
        What is traded in an ordinary minute, base units; None where nobody knows.
    at_once : float
        Entries that were let through, less five for every second since: how many came faster than that.
    today : int
        Entries that were let through since 00:00 UTC.
    trades_today : int
        That ended since 00:00 UTC.
    under_way, here : int
        Orders that have not ended, of the account and of its instrument.
    is_allowed : bool
        Whether the slot is on the account's allow-list.
    cancels_today : int
        Orders of the account that ended by being cancelled, since 00:00 UTC.
    of_run : int
        Orders that the run has written, whatever became of them.
    most_of_run : int or None
        From so many on nothing is entered.
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
    seen: Seen | None = None
    phase: InstrumentPhase | None = None
    minute: float | None = None
    at_once: float = 0.0
    today: int = 0
    trades_today: int = 0
    under_way: int = 0
    here: int = 0
    is_allowed: bool = True
    cancels_today: int = 0
    of_run: int = 0
    most_of_run: int | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule.

    Attributes
    ----------
    code : int
        Of `vigie.domain.codes.VETOES`.
    says : str
        What it asks for, with its limit.
    judge : callable
        Gives limit and value where it refuses, else None.
    """

    code: int
    says: str
    judge: Callable[[Moment], Refused | None]


def first_refusal(moment: Moment) -> tuple[int, float, float] | None:
    """Return code, limit and value of the first rule that refuses."""
    for rule in RULES:
        refused = rule.judge(moment)
        if refused is not None:
            return (rule.code, *refused)
    return None


def _state(moment: Moment) -> Refused | None:
    return None if moment.state == "active" else (0.0, 1.0)


def _allowed(moment: Moment) -> Refused | None:
    return None if moment.is_allowed else (0.0, 1.0)


def _missed(moment: Moment) -> Refused | None:
    return (0.0, 1.0) if moment.is_missed else None


def _stale(moment: Moment) -> Refused | None:
    return (0.0, 1.0) if moment.is_stale else None


def _drift(moment: Moment) -> Refused | None:
    return _above(moment, None if moment.drift_s is None else abs(moment.drift_s), DRIFT_S, NEVER_S)


def _instrument(moment: Moment) -> Refused | None:
    if moment.phase == "trading" or not moment.is_real:
        return None
    return 0.0, _STATES[moment.phase or "unknown"]


def _silent(moment: Moment) -> Refused | None:
    if not moment.is_real:
        return None
    return _above(moment, None if moment.seen is None else moment.seen.age_s, SILENT_S, NEVER_S)


def _age(moment: Moment) -> Refused | None:
    return _above(moment, moment.age_s, min(LONGEST_AGE_S, SHARE_OF_BAR * moment.bar_s), NEVER_S)


def _jump(moment: Moment) -> Refused | None:
    reference = None if moment.seen is None else moment.seen.reference
    return _above(moment, _apart(moment.seen, reference), JUMP, UNKNOWN)


def _band(moment: Moment) -> Refused | None:
    return _above(moment, _apart(moment.seen, moment.price), BAND, UNKNOWN) if moment.is_real else None


def _spread(moment: Moment) -> Refused | None:
    seen, limit = moment.seen, SPREAD_SMALL if moment.is_small_cap else SPREAD_LARGE
    if seen is None or seen.bid is None or seen.ask is None or not 0.0 < seen.bid <= seen.ask:
        # Bids above asks are no spread: the stream that tells them is broken.
        return _above(moment, None, limit, UNKNOWN)
    return _above(moment, seen.ask / seen.bid - 1.0, limit, UNKNOWN)


def _depth(moment: Moment) -> Refused | None:
    offered, wanted = None if moment.seen is None else moment.seen.offered, DEPTH_TIMES * moment.qty
    if offered is None or not math.isfinite(offered):
        return (wanted, 0.0) if moment.is_real else None
    return (wanted, offered) if offered < wanted else None


def _slippage(moment: Moment) -> Refused | None:
    slipped = None if moment.seen is None else moment.seen.slippage(moment.qty)
    return _above(moment, slipped, SLIP, UNKNOWN)


def _volume(moment: Moment) -> Refused | None:
    # What is filled by the model moves no market.
    if not moment.is_real or moment.minute is None or not math.isfinite(moment.minute):
        return None
    most = SHARE_OF_MINUTE * moment.minute
    return (most, moment.qty) if moment.qty > most else None


def _open_orders(moment: Moment) -> Refused | None:
    return _full((ORDERS_HERE, moment.here), (ORDERS_UNDER_WAY, moment.under_way))


def pace(passed: Iterable[int], now: int) -> float:
    """Return how many entries came faster than five a second, as they stand now.

    Parameters
    ----------
    passed : iterable of int
        When entries were let through, on the wall, the first first.
    """
    left, before = 0.0, now
    for ts in passed:
        left = max(left - max(ts - before, 0) / SECOND_MS * ORDERS_A_SECOND, 0.0) + 1.0
        before = ts
    return max(left - max(now - before, 0) / SECOND_MS * ORDERS_A_SECOND, 0.0)


def _rate(moment: Moment) -> Refused | None:
    if moment.at_once + 1.0 > ORDERS_AT_ONCE:
        return float(ORDERS_AT_ONCE), moment.at_once + 1.0
    return _full((ORDERS_A_DAY, moment.today), (TRADES_A_DAY, moment.trades_today))


def _cancels(moment: Moment) -> Refused | None:
    return _full((CANCELS_A_DAY, moment.cancels_today))


def _of_run(moment: Moment) -> Refused | None:
    return None if moment.most_of_run is None else _full((moment.most_of_run, moment.of_run))


def _full(*counted: tuple[int, int]) -> Refused | None:
    """Refuse where one more would be more than a limit."""
    for limit, there in counted:
        if there >= limit:
            return float(limit), float(there + 1)
    return None


def _apart(seen: Seen | None, price: float | None) -> float | None:
    """Return by what share the present price is off another one."""
    return abs(seen.last / price - 1.0) if seen is not None and price is not None and price > 0.0 else None


def _above(moment: Moment, value: float | None, limit: float, unknown: float) -> Refused | None:
    """Refuse what is above its limit; at a venue also what nobody knows, written as `unknown`."""
    if value is None or not math.isfinite(value):
        return (limit, unknown) if moment.is_real else None
    return (limit, value) if value > limit else None


RULES: Final = (
    Rule(codes.TRADING_STATE, "the account is active", _state),
    Rule(codes.NOT_ALLOWED, "the slot is on the account's allow-list", _allowed),
    Rule(codes.MISSED_BAR, "the bar that it enters in is still open", _missed),
    Rule(codes.STALE_DATA, "the first price of that bar is known", _stale),
    Rule(codes.CLOCK_DRIFT, "clock within 1 s of the venue's", _drift),
    Rule(codes.INSTRUMENT_STATE, "the venue takes entries in the instrument", _instrument),
    Rule(codes.SILENT_STREAM, "a price was heard within 5 s", _silent),
    Rule(codes.SIGNAL_AGE, "within a fifth of the bar, at most 60 s, after its close", _age),
    Rule(codes.PRICE_JUMP, "price within 0.5 % of a second source", _jump),
    Rule(codes.PRICE_BAND, "price within 1 % of the one it was sized at", _band),
    Rule(codes.SPREAD, "spread at most 0.1 %, of small caps 0.4 %", _spread),
    Rule(codes.DEPTH, "ten levels of the book hold five times its size", _depth),
    Rule(codes.SLIPPAGE, "its fill at most 0.3 % off the best price of the book", _slippage),
    Rule(codes.ORDER_VOLUME, "at most a twentieth of what an ordinary minute trades", _volume),
    Rule(codes.OPEN_ORDERS, "at most 20 orders under way, 4 of its instrument", _open_orders),
    Rule(codes.DAILY_CANCELS, "at most 500 orders cancelled a day", _cancels),
    Rule(codes.RUN_ORDERS, "at most as many orders in a run as the settings say", _of_run),
    Rule(codes.ORDER_RATE, "at most 5 entries a second, 10 at once; 500 and 200 trades a day", _rate),
)
