"""The words of the simulated exchange: contracts, orders, trades, positions, plans, bills, events; exact decimals.

Quantities are base units, prices and amounts quote units, times epoch milliseconds. A `side` is +1 (buys, long) or -1
(sells, short). A position lies in a *hold*: ``net`` in one-way mode, ``long`` or ``short`` in hedge mode.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Literal

from vigie.domain.account import DEFAULT_MAINTENANCE, DEFAULT_MAKER, DEFAULT_TAKER
from vigie_sandbox.exchange.core.moves import Move

ZERO: Final = Decimal(0)

OrderKind = Literal["market", "limit"]
TimeInForce = Literal["gtc", "ioc", "fok", "post_only"]
HoldSide = Literal["net", "long", "short"]
OrderState = Literal["live", "partial", "filled", "cancelled"]
PlanKind = Literal["stop", "target", "pos_stop", "pos_target", "trigger"]
"""Levels that came with an order, levels of a whole position, and an order that waits for a price."""
PlanState = Literal["live", "executed", "cancelled", "failed"]
TriggerBy = Literal["last", "mark"]
TradeCause = Literal[
    "order", "stop", "target", "pos_stop", "pos_target", "trigger", "liquidation", "adl", "delisting", "person",
]  # fmt: skip
"""Why there was a trade: an order of the account, one of its levels, the exchange itself, or a person in the app."""
MarginMode = Literal["isolated", "crossed"]
PositionMode = Literal["one_way", "hedge"]
ContractStatus = Literal["listed", "normal", "maintain", "limit_open", "restricted", "off"]
HALTED_STATUSES: Final[tuple[ContractStatus, ...]] = ("maintain", "off", "listed")
"""In which nobody trades."""
BillKind = Literal["open", "close", "liquidation", "funding", "deposit", "withdrawal"]
EventKind = Literal["order", "plan", "trade", "position", "balance", "bill", "move", "contract"]

RefusalCode = Literal[
    "duplicate_id", "bad_id", "unknown_symbol", "unknown_account", "order_not_found", "order_ended",
    "plan_not_found", "no_balance", "no_position", "too_small", "too_large", "bad_qty", "bad_price", "bad_level",
    "wrong_form", "would_take", "leverage_refused", "leverage_locked", "margin_mode_locked",
    "position_mode_locked", "bad_amount", "no_funds", "too_little_margin", "not_isolated", "halted",
    "only_closing", "delisted", "no_price",
]  # fmt: skip
"""``bad_level``: it would trigger at once. ``wrong_form``: hold or side do not fit the account's position mode.
``would_take``: post-only, and it would trade at once. ``no_price``: the market has not begun. ``no_funds``: the wallet
has not that much. ``too_little_margin``: what an isolated position would keep is less than it must."""


class ExchangeRefusal(Exception):
    """The exchange says no; nothing has happened.

    Attributes
    ----------
    code : str
        One of `RefusalCode`.
    """

    def __init__(self, code: RefusalCode, message: str) -> None:
        super().__init__(message)
        self.code: RefusalCode = code


@dataclass(frozen=True, slots=True)
class Contract:
    """The rules of one perpetual.

    Attributes
    ----------
    symbol : str
        ``BTCUSDT``.
    tick, lot : Decimal
        Grid of prices and quantities.
    max_qty : Decimal or None
        Most in one order.
    maintenance_rate, taker, maker : Decimal
        Fractions of notional.
    funding_hours : int
        Hours between settlements.
    """

    symbol: str
    base: str
    quote: str
    tick: Decimal
    lot: Decimal
    min_qty: Decimal = ZERO
    min_notional: Decimal = ZERO
    max_qty: Decimal | None = None
    max_leverage: Decimal = Decimal(125)
    maintenance_rate: Decimal = Decimal(str(DEFAULT_MAINTENANCE))
    taker: Decimal = Decimal(str(DEFAULT_TAKER))
    maker: Decimal = Decimal(str(DEFAULT_MAKER))
    funding_hours: int = 8
    status: ContractStatus = "normal"


@dataclass(frozen=True, slots=True)
class OrderRequest:
    """What a client asks for when it places an order.

    Attributes
    ----------
    client_id : str
        The client's own id; empty lets the exchange give one.
    side : int
        Direction of the trade, also in hedge mode (closing a long sells).
    price : Decimal or None
        Of a limit order.
    stop, target : Decimal or None
        Levels that are attached to what this order fills.
    stop_limit, target_limit : Decimal or None
        Limit price of the order that the level makes; None is a market order.
    hold : str
        ``net`` in one-way mode; in hedge mode ``long`` or ``short``.
    margin_mode : str or None
        As the order says it; None takes the account's.
    """

    client_id: str
    symbol: str
    side: int
    kind: OrderKind
    qty: Decimal
    price: Decimal | None = None
    reduce_only: bool = False
    stop: Decimal | None = None
    target: Decimal | None = None
    stop_limit: Decimal | None = None
    target_limit: Decimal | None = None
    hold: HoldSide = "net"
    force: TimeInForce = "gtc"
    margin_mode: MarginMode | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """An order as the exchange knows it.

    Attributes
    ----------
    number : int
        Rises with every order, plan, trade and bill of the exchange; ids are made of it.
    average : Decimal or None
        Mean price of what was filled.
    fee : Decimal
        Paid so far, positive when paid.
    profit : Decimal
        Realised by it, before fees.
    cause : str
        ``order`` for a client's own; otherwise what made it.
    reason : str
        Why it was cancelled.
    series : str
        In lock-step: on which bars it fills, ``BTCUSDT/1d``.
    """

    id: str
    number: int
    account: str
    client_id: str
    symbol: str
    side: int
    kind: OrderKind
    qty: Decimal
    price: Decimal | None
    reduce_only: bool
    hold: HoldSide
    force: TimeInForce
    margin_mode: MarginMode
    leverage: Decimal
    ts: int
    ts_updated: int
    state: OrderState = "live"
    filled: Decimal = ZERO
    average: Decimal | None = None
    fee: Decimal = ZERO
    profit: Decimal = ZERO
    stop: Decimal | None = None
    target: Decimal | None = None
    stop_limit: Decimal | None = None
    target_limit: Decimal | None = None
    cause: TradeCause = "order"
    reason: str = ""
    series: str = ""

    @property
    def rest(self) -> Decimal:
        """What is not filled."""
        return self.qty - self.filled

    @property
    def is_open(self) -> bool:
        """Whether it may still trade."""
        return self.state in ("live", "partial")


@dataclass(frozen=True, slots=True)
class ExchangeTrade:
    """One execution.

    Attributes
    ----------
    fee, profit : Decimal
        Fee positive when paid; profit before fees, zero where it opened.
    is_opening : bool
        Whether it made the position larger.
    series : str
        In lock-step: the bars it was filled on.
    """

    id: str
    number: int
    order_id: str
    client_id: str
    account: str
    symbol: str
    side: int
    hold: HoldSide
    qty: Decimal
    price: Decimal
    fee: Decimal
    profit: Decimal
    ts: int
    is_opening: bool
    is_maker: bool = False
    cause: TradeCause = "order"
    series: str = ""


@dataclass(frozen=True, slots=True)
class Position:
    """An open position; one with `qty` zero is told once, when it has ended.

    Attributes
    ----------
    entry : Decimal
        Mean price.
    margin : Decimal
        Initial margin, ``qty * entry / leverage``, and what was `added` to it or, below zero, taken out.
    liquidation : Decimal or None
        Price at which it is taken away; None where no price does it.
    fees, funding, realised : Decimal
        Sums over its life: paid, received, and realised before fees.
    closed, exit : Decimal
        Quantity closed so far, and at what mean price.
    ts_entered : int
        Of its first trade; funding of that very instant is not charged.
    series : str
        In lock-step: the bars it lives on.
    """

    account: str
    symbol: str
    hold: HoldSide
    side: int
    qty: Decimal
    entry: Decimal
    leverage: Decimal
    margin_mode: MarginMode
    margin: Decimal
    liquidation: Decimal | None
    ts_entered: int
    ts_updated: int
    fees: Decimal = ZERO
    funding: Decimal = ZERO
    realised: Decimal = ZERO
    closed: Decimal = ZERO
    exit: Decimal | None = None
    series: str = ""
    added: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class PlanOrder:
    """An order that waits for a price.

    Attributes
    ----------
    side : int
        Of the order it makes.
    way : int
        +1 fires when the price rises to `trigger`, -1 when it falls to it.
    qty : Decimal or None
        None is the whole position.
    price : Decimal or None
        Limit of the order it makes; None is a market order.
    parent : str
        The order it came with.
    order_id : str
        The order it made.
    """

    id: str
    number: int
    account: str
    client_id: str
    symbol: str
    kind: PlanKind
    side: int
    hold: HoldSide
    trigger: Decimal
    way: int
    qty: Decimal | None
    price: Decimal | None
    trigger_by: TriggerBy
    reduce_only: bool
    ts: int
    ts_updated: int
    state: PlanState = "live"
    parent: str = ""
    order_id: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Bill:
    """One booked change of an account's cash: ``amount - fee``, and the `cash` afterwards.

    Attributes
    ----------
    amount : Decimal
        Realised result, funding (negative when paid) or money moved.
    ts : int
        When it was due; funding inside a bar is booked when the bar has closed, at `ts_booked`.
    rate, mark : Decimal or None
        Of a funding settlement.
    """

    id: str
    number: int
    account: str
    kind: BillKind
    symbol: str
    amount: Decimal
    fee: Decimal
    ts: int
    ts_booked: int
    cash: Decimal
    side: int = 0
    qty: Decimal = ZERO
    rate: Decimal | None = None
    mark: Decimal | None = None
    trade_id: str = ""
    series: str = ""


@dataclass(frozen=True, slots=True)
class Money:
    """What an account has; `cash` is the sum of its bills.

    Attributes
    ----------
    equity : Decimal
        With open results at the mark.
    margin : Decimal
        Bound by positions.
    frozen : Decimal
        Bound by open orders.
    available : Decimal
        What new orders may bind; never negative.
    """

    account: str
    cash: Decimal
    equity: Decimal
    unrealised: Decimal
    margin: Decimal
    frozen: Decimal
    available: Decimal
    ts: int


EventBody = Order | PlanOrder | ExchangeTrade | Position | Bill | Move | Money | Contract


@dataclass(frozen=True, slots=True)
class ExchangeEvent:
    """Something that has happened and is already remembered.

    Attributes
    ----------
    seq : int
        From 1, without holes, over all accounts.
    account : str
        Empty for contracts.
    body : record
        As it is afterwards.
    """

    seq: int
    kind: EventKind
    account: str
    ts: int
    body: EventBody


EventListener = Callable[[ExchangeEvent], None]
