"""Orders and triggers that arrive: what the wire says, as the exchange takes it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from vigie_sandbox.exchange.core.entities import (
    ZERO,
    Contract,
    ExchangeRefusal,
    Order,
    OrderRequest,
    PlanOrder,
    TimeInForce,
)
from vigie_sandbox.exchange.hyperliquid.account_rows import AccountRows
from vigie_sandbox.exchange.hyperliquid.errors import MESSAGES, NOT_MATCHED, BadRequest, format_refusal
from vigie_sandbox.exchange.hyperliquid.market import HyperliquidMarketInfo
from vigie_sandbox.exchange.hyperliquid.shapes import (
    count_size_decimals,
    format_client_id,
    format_price,
    parse_client_id,
)
from vigie_sandbox.exchange.venue_context import VenueContext

MAX_FIGURES: Final = 5
_MAX_DECIMALS: Final = 6
# Power of ten beyond which arithmetic is not exact, and soon overflows.
_MAX_EXPONENT: Final = 15
# A limit so far beyond the price is how a market order is written.
_MARKET_DISTANCE: Final = Decimal("0.01")
_CLOID_PATTERN: Final = re.compile(r"0x[0-9a-fA-F]{32}")
_FORCES: Final[dict[str, TimeInForce]] = {
    "Gtc": "gtc", "Ioc": "ioc", "Alo": "post_only", "FrontendMarket": "ioc", "LiquidationMarket": "ioc",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class ParsedOrder:
    """One order of an action, in the exchange's words.

    Attributes
    ----------
    tpsl : str
        ``sl`` or ``tp`` of a trigger; empty for an order that is to trade now or rest.
    trigger : Decimal
        Zero without one.
    """

    request: OrderRequest
    contract: Contract
    asset: int
    tpsl: str = ""
    trigger: Decimal = ZERO


class OrderPlacer:
    """Takes orders, alone and in groups.

    Parameters
    ----------
    context : VenueContext
        Whose exchange takes them.
    market_info : HyperliquidMarketInfo
        The contracts.
    account_rows : AccountRows
        What is known already.
    """

    def __init__(
        self, context: VenueContext, market_info: HyperliquidMarketInfo, account_rows: AccountRows
    ) -> None:
        self._context = context
        self._market_info = market_info
        self._account_rows = account_rows

    def place(self, account: str, action: Mapping[str, Any], path: str) -> list[Any]:
        """Return what became of each order of an action."""
        rows, grouping = action.get("orders"), action.get("grouping")
        if not isinstance(rows, list) or not rows or grouping not in ("na", "normalTpsl", "positionTpsl"):
            raise BadRequest("orders")
        orders = [self.parse_order(row) for row in rows]
        if grouping == "positionTpsl":
            return [self._place_trigger(self._place_position_level, account, order) for order in orders]
        if grouping == "normalTpsl" and not orders[0].tpsl:
            return self._place_group(account, orders, path)
        return [self.place_one(account, order, path) for order in orders]

    def place_one(self, account: str, parsed: ParsedOrder, path: str) -> Any:
        """Return what became of one order."""
        if parsed.tpsl:
            return self._place_trigger(self._place_part_level, account, parsed)
        if self._has_client_id(account, parsed.request.client_id):
            return {"error": f"{MESSAGES['duplicate_id']} asset={parsed.asset}"}
        try:
            order = self._context.place(account, self._to_market_order(parsed), path)
        except ExchangeRefusal as refusal:
            return {"error": format_refusal(refusal, parsed.asset)}
        return self._make_status(account, order, parsed)

    def parse_order(self, row: Any) -> ParsedOrder:
        """Return one order of an action as the exchange understands it."""
        try:
            contract = self._market_info.find_by_asset(row["a"])
            side, price, qty = (
                (1 if _read_bool(row["b"]) else -1),
                _read_decimal(row["p"]),
                _read_decimal(row["s"]),
            )
            is_reduce_only, kind, client_order_id = _read_bool(row["r"]), row["t"], row.get("c")
            limit, trigger = kind.get("limit"), kind.get("trigger")
        except (KeyError, TypeError, AttributeError) as error:
            raise BadRequest(f"order {error!r}") from None
        if contract is None or (limit is None) == (trigger is None):
            raise BadRequest("order")
        if client_order_id is not None and not (
            isinstance(client_order_id, str) and _CLOID_PATTERN.fullmatch(client_order_id)
        ):
            raise BadRequest("cloid")
        client_id = parse_client_id(client_order_id)
        if limit is not None:
            force = _FORCES.get(str(limit.get("tif")))
            if force is None:
                raise BadRequest("tif")
            request = OrderRequest(
                client_id, contract.symbol, side, "limit", qty, price, reduce_only=is_reduce_only, force=force
            )
            return ParsedOrder(request, contract, row["a"])
        request = OrderRequest(
            client_id, contract.symbol, side, "market", qty, price, reduce_only=is_reduce_only
        )
        return self._parse_trigger(row["a"], contract, trigger, request)

    def _parse_trigger(
        self, asset: int, contract: Contract, trigger_fields: Any, request: OrderRequest
    ) -> ParsedOrder:
        try:
            is_market, level, tpsl = (
                _read_bool(trigger_fields["isMarket"]),
                _read_decimal(trigger_fields["triggerPx"]),
                trigger_fields["tpsl"],
            )
        except (KeyError, TypeError) as error:
            raise BadRequest(f"trigger {error!r}") from None
        if tpsl not in ("sl", "tp"):
            raise BadRequest("tpsl")
        request = replace(request, kind="market" if is_market else "limit")
        return ParsedOrder(request, contract, asset, tpsl, level)

    # -- groups and levels ---------------------------------------------------------------------------------------

    def _place_group(self, account: str, orders: Sequence[ParsedOrder], path: str) -> list[Any]:
        """Place an entry whose stop and target wait until it is filled."""
        entry, levels = orders[0], {order.tpsl: order for order in orders[1:]}
        fault = self._context.faults.on_order("stop-refused", path) if "sl" in levels else None
        request = entry.request
        for tpsl, order in levels.items():
            error = self._find_price_error(order) or (
                fault.code if fault is not None and tpsl == "sl" else ""
            )
            limit = order.request.price if order.request.kind == "limit" else None
            if error:
                levels[tpsl] = replace(order, tpsl=error)
            elif tpsl == "sl":
                request = replace(request, stop=order.trigger, stop_limit=limit)
            else:
                request = replace(request, target=order.trigger, target_limit=limit)
        status = self.place_one(account, replace(entry, request=request), path)
        level_status = (
            "waitingForTrigger" if isinstance(status, dict) and "filled" in status else "waitingForFill"
        )
        if isinstance(status, dict) and "error" in status:
            return [status]
        return [
            status,
            *(
                level_status if order.tpsl in ("sl", "tp") else {"error": f"{order.tpsl} asset={order.asset}"}
                for order in levels.values()
            ),
        ]

    def _place_trigger(self, place: Any, account: str, parsed: ParsedOrder) -> Any:
        """Return what became of a trigger: it rests, or is refused."""
        error = self._find_price_error(parsed)
        if error or self._has_client_id(account, parsed.request.client_id):
            return {"error": f"{error or MESSAGES['duplicate_id']} asset={parsed.asset}"}
        try:
            plan: PlanOrder = place(account, parsed)
        except ExchangeRefusal as refusal:
            return {"error": format_refusal(refusal, parsed.asset)}
        return {"resting": _make_ids(plan.number, plan.client_id)}

    def _place_position_level(self, account: str, parsed: ParsedOrder) -> PlanOrder:
        """Place a level of a whole position."""
        is_stop = parsed.tpsl == "sl"
        plans = self._context.exchange.set_levels(
            account,
            parsed.request.symbol,
            stop=parsed.trigger if is_stop else None,
            target=None if is_stop else parsed.trigger,
            stop_client_id=parsed.request.client_id if is_stop else "",
            target_client_id="" if is_stop else parsed.request.client_id,
        )
        return plans[-1]

    def _place_part_level(self, account: str, parsed: ParsedOrder) -> PlanOrder:
        """Place a trigger of a quantity."""
        kind: Any = (
            "trigger" if not parsed.request.reduce_only else "stop" if parsed.tpsl == "sl" else "target"
        )
        return self._context.exchange.place_plan(account, parsed.request, trigger=parsed.trigger, kind=kind)

    # -- what is asked for, and what is told ---------------------------------------------------------------------

    def _has_client_id(self, account: str, client_id: str) -> bool:
        """Whether an order or a trigger has a client's id: here they share one list."""
        return bool(client_id) and self._account_rows.find(account, client_id) is not None

    def _to_market_order(self, parsed: ParsedOrder) -> OrderRequest:
        """Return what is to be traded at once as a market order, where its limit is far beyond the price."""
        error = self._find_price_error(parsed)
        if error:
            raise ExchangeRefusal("bad_price", error)
        request, last = parsed.request, self._context.quotes.last(parsed.request.symbol)
        if request.force != "ioc" or last is None or request.price is None:
            return request
        is_far = (request.price - last) * request.side >= last * _MARKET_DISTANCE
        return replace(request, kind="market", price=None, force="gtc") if is_far else request

    def _find_price_error(self, parsed: ParsedOrder) -> str:
        """Return what is wrong with the prices: five figures, or whole; and not too many decimals."""
        for price in (parsed.request.price, parsed.trigger):
            if price and not is_valid_price(price, parsed.contract):
                return MESSAGES["bad_price"]
        return ""

    def _make_status(self, account: str, order: Order, parsed: ParsedOrder) -> Any:
        if parsed.request.force == "ioc" and order.state == "partial":
            order = self._context.exchange.cancel(account, order_id=order.id)
        if order.filled:
            filled = {"totalSz": format_price(order.filled), "avgPx": format_price(order.average)}
            return {"filled": {**filled, **_make_ids(order.number, order.client_id)}}
        if not order.is_open:
            return {"error": f"{NOT_MATCHED} asset={parsed.asset}"}
        return {"resting": _make_ids(order.number, order.client_id)}


def is_valid_price(price: Decimal, contract: Contract) -> bool:
    """Whether a price has at most five figures, or none behind the point, and no more decimals than are left."""
    normalized = price.normalize()
    decimals = max(0, -int(normalized.as_tuple().exponent))
    return decimals == 0 or (
        len(normalized.as_tuple().digits) <= MAX_FIGURES
        and decimals <= _MAX_DECIMALS - count_size_decimals(contract)
    )


def _make_ids(number: int, client_id: str) -> dict[str, Any]:
    wire_client_id = format_client_id(client_id)
    return {"oid": number} if wire_client_id is None else {"oid": number, "cloid": wire_client_id}


def _read_bool(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError(f"{value!r} is not true or false")
    return value


def _read_decimal(value: Any) -> Decimal:
    try:
        number = Decimal(value) if isinstance(value, str) else None
    except InvalidOperation:
        number = None
    if number is None or not number.is_finite() or number < 0 or number.adjusted() > _MAX_EXPONENT:
        raise TypeError(f"{value!r} is not a number")
    return number
