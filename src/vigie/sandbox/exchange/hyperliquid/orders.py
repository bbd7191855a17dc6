"""Orders and triggers that arrive: what the wire says, as the exchange takes it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from vigie.sandbox.exchange.core.words import ZERO, Ask, Contract, Force, Order, Plan, Refused
from vigie.sandbox.exchange.desk import Desk
from vigie.sandbox.exchange.hyperliquid.errors import NOT_MATCHED, WORDS, BadRequest, words_of
from vigie.sandbox.exchange.hyperliquid.ledger import Ledger
from vigie.sandbox.exchange.hyperliquid.market import MarketAnswers
from vigie.sandbox.exchange.hyperliquid.shapes import client_id_of, cloid, px, sz_decimals

FIGURES: Final = 5
_DECIMALS: Final = 6
# Power of ten beyond which arithmetic is not exact, and soon overflows.
_LARGEST: Final = 15
# A limit so far beyond the price is how a market order is written.
_FAR: Final = Decimal("0.01")
_CLOID: Final = re.compile(r"0x[0-9a-fA-F]{32}")
_FORCES: Final[dict[str, Force]] = {
    "Gtc": "gtc", "Ioc": "ioc", "Alo": "post_only", "FrontendMarket": "ioc", "LiquidationMarket": "ioc",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Wanted:
    """One order of an action, in the exchange's words.

    Attributes
    ----------
    tpsl : str
        ``sl`` or ``tp`` of a trigger; empty for an order that is to trade now or rest.
    trigger : Decimal
        Zero without one.
    """

    ask: Ask
    contract: Contract
    asset: int
    tpsl: str = ""
    trigger: Decimal = ZERO


class OrderTaker:
    """Takes orders, alone and in groups.

    Parameters
    ----------
    desk : Desk
        Whose exchange takes them.
    market : MarketAnswers
        The contracts.
    ledger : Ledger
        What is known already.
    """

    def __init__(self, desk: Desk, market: MarketAnswers, ledger: Ledger) -> None:
        self._desk = desk
        self._market = market
        self._ledger = ledger

    def place(self, account: str, action: Mapping[str, Any], path: str) -> list[Any]:
        """Return what became of each order of an action."""
        rows, grouping = action.get("orders"), action.get("grouping")
        if not isinstance(rows, list) or not rows or grouping not in ("na", "normalTpsl", "positionTpsl"):
            raise BadRequest("orders")
        wanted = [self.read(row) for row in rows]
        if grouping == "positionTpsl":
            return [self._kept(self._whole, account, one) for one in wanted]
        if grouping == "normalTpsl" and not wanted[0].tpsl:
            return self._group(account, wanted, path)
        return [self.place_one(account, one, path) for one in wanted]

    def place_one(self, account: str, one: Wanted, path: str) -> Any:
        """Return what became of one order."""
        if one.tpsl:
            return self._kept(self._part, account, one)
        if self._is_known(account, one.ask.client_id):
            return {"error": f"{WORDS['duplicate_id']} asset={one.asset}"}
        try:
            order = self._desk.place(account, self._as_market(one), path)
        except Refused as no:
            return {"error": words_of(no, one.asset)}
        return self._told(account, order, one)

    def read(self, row: Any) -> Wanted:
        """Return one order of an action as the exchange understands it."""
        try:
            contract = self._market.by_asset(row["a"])
            side, price, qty = (1 if _truth(row["b"]) else -1), _number(row["p"]), _number(row["s"])
            reduces, kind, told = _truth(row["r"]), row["t"], row.get("c")
            limit, trigger = kind.get("limit"), kind.get("trigger")
        except (KeyError, TypeError, AttributeError) as error:
            raise BadRequest(f"order {error!r}") from None
        if contract is None or (limit is None) == (trigger is None):
            raise BadRequest("order")
        if told is not None and not (isinstance(told, str) and _CLOID.fullmatch(told)):
            raise BadRequest("cloid")
        client_id = client_id_of(told)
        if limit is not None:
            force = _FORCES.get(str(limit.get("tif")))
            if force is None:
                raise BadRequest("tif")
            ask = Ask(client_id, contract.symbol, side, "limit", qty, price, reduce_only=reduces, force=force)
            return Wanted(ask, contract, row["a"])
        ask = Ask(client_id, contract.symbol, side, "market", qty, price, reduce_only=reduces)
        return self._trigger(row["a"], contract, trigger, ask)

    def _trigger(self, asset: int, contract: Contract, told: Any, ask: Ask) -> Wanted:
        try:
            is_market, level, tpsl = _truth(told["isMarket"]), _number(told["triggerPx"]), told["tpsl"]
        except (KeyError, TypeError) as error:
            raise BadRequest(f"trigger {error!r}") from None
        if tpsl not in ("sl", "tp"):
            raise BadRequest("tpsl")
        ask = replace(ask, kind="market" if is_market else "limit")
        return Wanted(ask, contract, asset, tpsl, level)

    # -- groups and levels ---------------------------------------------------------------------------------------

    def _group(self, account: str, wanted: Sequence[Wanted], path: str) -> list[Any]:
        """Place an entry whose stop and target wait until it is filled."""
        entry, levels = wanted[0], {one.tpsl: one for one in wanted[1:]}
        refused = self._desk.faults.on_order("stop-refused", path) if "sl" in levels else None
        ask = entry.ask
        for tpsl, one in levels.items():
            wrong = self._wrong(one) or (refused.code if refused is not None and tpsl == "sl" else "")
            limit = one.ask.price if one.ask.kind == "limit" else None
            if wrong:
                levels[tpsl] = replace(one, tpsl=wrong)
            elif tpsl == "sl":
                ask = replace(ask, stop=one.trigger, stop_limit=limit)
            else:
                ask = replace(ask, target=one.trigger, target_limit=limit)
        told = self.place_one(account, replace(entry, ask=ask), path)
        rest = "waitingForTrigger" if isinstance(told, dict) and "filled" in told else "waitingForFill"
        if isinstance(told, dict) and "error" in told:
            return [told]
        return [
            told,
            *(
                rest if one.tpsl in ("sl", "tp") else {"error": f"{one.tpsl} asset={one.asset}"}
                for one in levels.values()
            ),
        ]

    def _kept(self, take: Any, account: str, one: Wanted) -> Any:
        """Return what became of a trigger: it rests, or is refused."""
        wrong = self._wrong(one)
        if wrong or self._is_known(account, one.ask.client_id):
            return {"error": f"{wrong or WORDS['duplicate_id']} asset={one.asset}"}
        try:
            plan: Plan = take(account, one)
        except Refused as no:
            return {"error": words_of(no, one.asset)}
        return {"resting": _ids(plan.number, plan.client_id)}

    def _whole(self, account: str, one: Wanted) -> Plan:
        """Place a level of a whole position."""
        stops = one.tpsl == "sl"
        made = self._desk.exchange.set_levels(
            account,
            one.ask.symbol,
            stop=one.trigger if stops else None,
            target=None if stops else one.trigger,
            stop_client_id=one.ask.client_id if stops else "",
            target_client_id="" if stops else one.ask.client_id,
        )
        return made[-1]

    def _part(self, account: str, one: Wanted) -> Plan:
        """Place a trigger of a quantity."""
        kind: Any = "trigger" if not one.ask.reduce_only else "stop" if one.tpsl == "sl" else "target"
        return self._desk.exchange.place_plan(account, one.ask, trigger=one.trigger, kind=kind)

    # -- what is asked for, and what is told ---------------------------------------------------------------------

    def _is_known(self, account: str, client_id: str) -> bool:
        """Whether an order or a trigger has a client's id: here they share one list."""
        return bool(client_id) and self._ledger.found(account, client_id) is not None

    def _as_market(self, one: Wanted) -> Ask:
        """Return what is to be traded at once as a market order, where its limit is far beyond the price."""
        wrong = self._wrong(one)
        if wrong:
            raise Refused("bad_price", wrong)
        ask, last = one.ask, self._desk.quotes.last(one.ask.symbol)
        if ask.force != "ioc" or last is None or ask.price is None:
            return ask
        is_far = (ask.price - last) * ask.side >= last * _FAR
        return replace(ask, kind="market", price=None, force="gtc") if is_far else ask

    def _wrong(self, one: Wanted) -> str:
        """Return what is wrong with the prices: five figures, or whole; and not too many decimals."""
        for price in (one.ask.price, one.trigger):
            if price and not fits(price, one.contract):
                return WORDS["bad_price"]
        return ""

    def _told(self, account: str, order: Order, one: Wanted) -> Any:
        if one.ask.force == "ioc" and order.state == "partial":
            order = self._desk.exchange.cancel(account, order_id=order.id)
        if order.filled:
            filled = {"totalSz": px(order.filled), "avgPx": px(order.average)}
            return {"filled": {**filled, **_ids(order.number, order.client_id)}}
        if not order.is_open:
            return {"error": f"{NOT_MATCHED} asset={one.asset}"}
        return {"resting": _ids(order.number, order.client_id)}


def fits(price: Decimal, contract: Contract) -> bool:
    """Whether a price has at most five figures, or none behind the point, and no more decimals than are left."""
    bare = price.normalize()
    decimals = max(0, -int(bare.as_tuple().exponent))
    return decimals == 0 or (
        len(bare.as_tuple().digits) <= FIGURES and decimals <= _DECIMALS - sz_decimals(contract)
    )


def _ids(number: int, client_id: str) -> dict[str, Any]:
    named = cloid(client_id)
    return {"oid": number} if named is None else {"oid": number, "cloid": named}


def _truth(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError(f"{value!r} is not true or false")
    return value


def _number(value: Any) -> Decimal:
    try:
        found = Decimal(value) if isinstance(value, str) else None
    except InvalidOperation:
        found = None
    if found is None or not found.is_finite() or found < 0 or found.adjusted() > _LARGEST:
        raise TypeError(f"{value!r} is not a number")
    return found
