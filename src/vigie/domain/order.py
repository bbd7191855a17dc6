"""From a decided order to booked money: intent, order, fill, position, balance; exact, as the venue says them.

Quantities are base units, prices and amounts quote units, all `Decimal` from the venue's strings. Times are epoch
milliseconds.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Literal

Leg = Literal["entry", "exit", "stop", "target", "flatten"]
"""What an intent is for; ``stop`` and ``target`` only where they are orders of their own."""

IntentState = Literal[
    "intent", "sent", "acked", "partial", "filled", "cancelled", "rejected", "unknown", "expired"
]
ENDED: Final[tuple[IntentState, ...]] = ("filled", "cancelled", "rejected", "expired")

TradingState = Literal["active", "reducing", "halted", "flat"]
"""Trade; only close; do nothing; close everything, then do nothing."""

TradeMode = Literal["paper", "demo", "live"]

OrderState = Literal["live", "partial", "filled", "cancelled"]

FillCause = Literal["order", "stop", "target", "liquidation", "adl", "other"]
"""Why the venue traded: an order of ours, a level of the position, or the venue or a person by themselves."""


@dataclass(frozen=True, slots=True)
class Intent:
    """A decided order, before sending: written down first, and its id is the order's id at the venue.

    Attributes
    ----------
    id : str
        32 hexadecimal digits; see `vigie.trading.intents.intent_id`.
    run, account, slot, instrument : str
        Whose it is; the slot is written as ``btc-usdt-perp/1d/macd_cross``.
    leg : str
        What it is for.
    side : int
        Side of the order: +1 buys, -1 sells.
    lots : int
        In the instrument's lots.
    qty : Decimal
        The same in base units.
    stop, target : Decimal or None
        Levels that ride with an entry.
    ts_bar : int
        Open time of the bar at whose close it was decided.
    attempt : int
        From 1; rises only after a definite rejection.
    reason : str
        Word of the code of the decision: ``signal``, ``protection``, ``flatten``.
    ts, ts_expires : int
        On the wall: when it was written, and when an entry is not worth sending any more (0: never).
    """

    id: str
    run: str
    account: str
    slot: str
    instrument: str
    leg: Leg
    side: int
    lots: int
    qty: Decimal
    ts_bar: int
    ts: int
    stop: Decimal | None = None
    target: Decimal | None = None
    attempt: int = 1
    reason: str = ""
    ts_expires: int = 0

    @property
    def is_reduce_only(self) -> bool:
        """Whether it may only make a position smaller: everything but an entry."""
        return self.leg != "entry"


@dataclass(frozen=True, slots=True)
class IntentMove:
    """A change in the life of an intent.

    Attributes
    ----------
    order_id : str
        The venue's own id, empty while it is not known.
    reason : str
        The venue's code and words where it refused, or why the intent expired.
    """

    id: str
    state: IntentState
    ts: int
    order_id: str = ""
    filled: Decimal = Decimal(0)
    reason: str = ""


@dataclass(frozen=True, slots=True)
class VenueOrder:
    """An order as the venue knows it.

    Attributes
    ----------
    client_id : str
        The intent's id; empty for orders that the venue or a person made.
    side : int
        +1 buys, -1 sells.
    kind : str
        ``market``, ``limit``, or the trigger orders ``stop`` and ``target``.
    price : Decimal or None
        Limit, or trigger.
    ended_by : str
        Why it ended without being filled, in the venue's own word; empty where it says none.
    """

    instrument: str
    order_id: str
    client_id: str
    side: int
    kind: Literal["market", "limit", "stop", "target"]
    qty: Decimal
    filled: Decimal
    state: OrderState
    is_reduce_only: bool
    ts: int
    ts_updated: int
    price: Decimal | None = None
    average: Decimal | None = None
    ended_by: str = ""


@dataclass(frozen=True, slots=True)
class Fill:
    """One execution.

    Attributes
    ----------
    id : str
        The venue's trade id: one instrument never has two fills of one id.
    client_id : str
        Of the order; empty where the venue made the order.
    side : int
        +1 bought, -1 sold.
    fee : Decimal
        Quote units, positive when paid.
    cause : str
        Why the venue traded.
    """

    instrument: str
    id: str
    order_id: str
    client_id: str
    side: int
    qty: Decimal
    price: Decimal
    fee: Decimal
    ts: int
    is_maker: bool = False
    cause: FillCause = "order"


@dataclass(frozen=True, slots=True)
class FundingPayment:
    """One settlement of funding on a position; `amount` is negative when we paid.

    Attributes
    ----------
    id : str
        Of the settlement at the venue; one instrument never has two of one id.
    amount : Decimal
        Quote units, negative when paid, positive when received.
    ts : int
        Time of the settlement, epoch milliseconds.
    """

    instrument: str
    id: str
    amount: Decimal
    ts: int


@dataclass(frozen=True, slots=True)
class VenuePosition:
    """A position as the venue knows it; `side` is +1 long, -1 short.

    Attributes
    ----------
    stop, target : Decimal or None
        Levels that the venue will act on by itself: the first that is reached.
    stops : int
        How many stops are known that each close all of it; 0 is nobody counted.
    """

    instrument: str
    side: int
    qty: Decimal
    entry: Decimal
    leverage: Decimal
    ts: int
    mark: Decimal | None = None
    liquidation: Decimal | None = None
    stop: Decimal | None = None
    target: Decimal | None = None
    stops: int = 0


@dataclass(frozen=True, slots=True)
class Balance:
    """The account's money in its margin coin.

    Attributes
    ----------
    cash : Decimal
        Without open results.
    equity, available : Decimal
        With open results; what new margin may use.
    """

    currency: str
    cash: Decimal
    equity: Decimal
    available: Decimal
    ts: int


@dataclass(frozen=True, slots=True)
class TradeRun:
    """One life of an account under one configuration; its random id enters every intent's id.

    Attributes
    ----------
    id : str
        Random, stored before anything is sent.
    plan : str
        Fingerprint of the run file.
    is_replayed : bool
        It was decided afterwards, on stored bars: it tells what would have been, and never counts as record.
    """

    id: str
    account: str
    owner: str
    venue: str
    mode: TradeMode
    plan: str
    capital: Decimal
    ts: int
    is_replayed: bool = False


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to trade an account: only the holder of the highest token may write.

    Attributes
    ----------
    token : int
        Rises with every taking.
    ts_until : int
        Wall time at which it ends unless it is kept.
    """

    account: str
    holder: str
    token: int
    ts_until: int


@dataclass(frozen=True, slots=True)
class TradeStep:
    """One event of the account's own log, in order: the fold over all of them is the account's state.

    Attributes
    ----------
    number : int
        From 1 within the run; 0 before it is written.
    body : str
        Plain JSON, as `vigie.engine.live` reads and writes it.
    """

    kind: str
    ts: int
    body: str
    number: int = 0
