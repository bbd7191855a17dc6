"""The books of the holdings contract (sections 3 and 4), in the plainest way: one event after the other."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction

from tests.independence.holdings_oracle_words import OracleMarket, booked, coins, instant, total


@dataclass
class OracleLot:
    """Coins that came in together; also what a disposal took of one lot (`slices`: its days, for `average`)."""

    lot: str
    asset: str
    place: str
    time: datetime
    order: int
    quantity: Fraction
    cost: Fraction | None
    slices: list[OracleLot] = field(default_factory=list)


@dataclass
class OracleDisposal:
    """Coins that left for `proceeds`: what was there, and the gap, each with its share."""

    event: dict
    kind: str
    asset: str
    day: str
    parts: list[OracleLot]
    shares: list[Fraction | None]
    gap: Fraction
    gap_share: Fraction | None
    is_trade: bool


def shared_out(amount: Fraction | None, quantities: list[Fraction]) -> list[Fraction | None]:
    """Rule 12: by quantity, each booked, the last takes the rest."""
    if amount is None:
        return [None] * len(quantities)
    whole = sum(quantities)
    shares = [booked(amount * one / whole) for one in quantities[:-1]]
    return [*shares, amount - sum(shares, Fraction(0))]


class OracleBooks:
    """All lots, disposals and flows after the given events, in one currency and zone.

    With `german` the changes of rule 33 hold: unknown costs are zero, the giver's day and cost count.
    """

    def __init__(self, case: dict, events: list[dict], base: str, zone: str, german: bool = False) -> None:
        settings = case["settings"]
        self.market = OracleMarket(case, base, zone)
        self.method = settings.get("method", "fifo")
        self.one_queue = settings.get("pool", "place") == "all"
        self.german = german
        self.lots: list[OracleLot] = []
        self.pool_costs: dict[tuple[str, str], Fraction | None] = {}
        self.disposals: list[OracleDisposal] = []
        self.gaps: list[tuple[dict, str, str, Fraction]] = []
        self.incomes: list[tuple[dict, Fraction | None]] = []
        self.expenses: list[Fraction | None] = []
        self.notes: list[list[str]] = []
        self.flags: list[tuple[str, str]] = []
        self.flows: dict[str, tuple[list, list]] = {}
        self.states: list[tuple[str, dict[str, Fraction], Fraction | None]] = []
        self.orders = 0
        for event in events:
            self._book(event)

    # What comes in.

    def _queue(self, place: str) -> str:
        return "" if self.one_queue else place

    def _put(self, lot: OracleLot) -> None:
        """Lay a lot down, and for `average` add its cost to the pool."""
        key = lot.asset, lot.place
        is_empty = not any((one.asset, one.place) == key for one in self.lots)
        before = Fraction(0) if is_empty else self.pool_costs.get(key, Fraction(0))
        self.pool_costs[key] = total([before, lot.cost])
        self.lots.append(lot)

    def _bring(self, event: dict, asset: str, place: str, quantity: Fraction, cost: Fraction | None) -> None:
        """A new lot of an event. Orders count up, so ties in time go by order of booking."""
        time = instant(event["at"])
        if self.german and event["kind"] == "gift" and event.get("donor_at") is not None:
            time = instant(event["donor_at"])
        if self.german and cost is None:
            cost = Fraction(0)
            if event["kind"] != "transfer":
                self.flag(event, "missing_cost")
        self.orders += 1
        self._put(OracleLot(event["id"], asset, self._queue(place), time, self.orders, quantity, cost))

    # What goes out.

    def held(self, asset: str, place: str) -> Fraction:
        """Coins of an asset at a place, or over all with one queue."""
        return sum((one.quantity for one in self._there(asset, place)), Fraction(0))

    def _there(self, asset: str, place: str) -> list[OracleLot]:
        found = [one for one in self.lots if (one.asset, one.place) == (asset, self._queue(place))]
        return sorted(found, key=lambda one: (one.time, one.order))

    def _in_turn(self, asset: str, place: str) -> list[OracleLot]:
        found = self._there(asset, place)
        if self.method == "lifo":
            found.reverse()
        if self.method == "hifo":
            known = [one for one in found if one.cost is not None]
            known.sort(key=lambda one: -one.cost / one.quantity)
            found = known + [one for one in found if one.cost is None]
        return found

    def _cut(self, lot: OracleLot, quantity: Fraction) -> OracleLot:
        """Take coins off a lot; a part takes its booked share of the cost, the whole what is left."""
        if quantity == lot.quantity:
            self.lots = [one for one in self.lots if one is not lot]
            return lot
        cost = None if lot.cost is None else booked(lot.cost * quantity / lot.quantity)
        lot.quantity -= quantity
        lot.cost = None if lot.cost is None else lot.cost - cost
        return OracleLot(lot.lot, lot.asset, lot.place, lot.time, lot.order, quantity, cost)

    def _take(self, event: dict, asset: str, place: str, quantity: Fraction, named: bool = False):
        """What a disposal or a transfer takes: its parts and the gap (rules 11 and 12)."""
        if self.method == "average":
            return self._take_of_pool(event, asset, place, quantity)
        parts = []
        left = quantity
        if self.method == "specific" and named:
            for one in event.get("lots") or []:
                wanted = Fraction(one["qty"])
                for lot in self._there(asset, place):
                    if lot.lot == one["lot"] and min(wanted, left) > 0:
                        part = self._cut(lot, min(wanted, left, lot.quantity))
                        parts.append(part)
                        wanted -= part.quantity
                        left -= part.quantity
                if wanted > 0 and left > 0 and [event["id"], "lot_not_held"] not in self.notes:
                    self.note(event, "lot_not_held")
        for lot in self._in_turn(asset, place):
            if left > 0:
                parts.append(self._cut(lot, min(left, lot.quantity)))
                left -= parts[-1].quantity
        self._note_gap(event, asset, place, left)
        return parts, left

    def _take_of_pool(self, event: dict, asset: str, place: str, quantity: Fraction):
        """One part of the pool at its average cost, with the days it took by fifo."""
        key = asset, self._queue(place)
        there = self.held(asset, place)
        taken = min(there, quantity)
        self._note_gap(event, asset, place, quantity - taken)
        if taken == 0:
            return [], quantity
        whole = self.pool_costs[key]
        cost = whole if taken == there or whole is None else booked(whole * taken / there)
        slices = []
        left = taken
        for lot in self._there(asset, place):
            if left > 0:
                slices.append(self._cut(lot, min(left, lot.quantity)))
                left -= slices[-1].quantity
        for one, share in zip(slices, shared_out(cost, [one.quantity for one in slices]), strict=True):
            one.cost = share
        self.pool_costs[key] = None if whole is None else whole - cost
        first = slices[0]
        part = OracleLot("pool", asset, key[1], first.time, first.order, taken, cost, slices)
        return [part], quantity - taken

    def _note_gap(self, event: dict, asset: str, place: str, gap: Fraction) -> None:
        if gap > 0:
            self.gaps.append((event, asset, place, gap))

    def _dispose(self, event, kind, asset, quantity, proceeds, named=False, is_trade=True) -> None:
        """Rule 14, with the proceeds shared over the parts and the gap."""
        parts, gap = self._take(event, asset, event["place"], quantity, named)
        quantities = [one.quantity for one in parts] + ([gap] if gap > 0 else [])
        shares = shared_out(proceeds, quantities)
        gap_share = shares.pop() if gap > 0 else Fraction(0)
        day = self.day(event)
        self.disposals.append(
            OracleDisposal(event, kind, asset, day, parts, shares, gap, gap_share, is_trade)
        )
        if is_trade and gap > 0:
            self.flag(event, "gap")
        self._flow_in(day, gap_share)

    def _fee_coins_leave(self, event: dict, value: Fraction | None) -> None:
        """Rule 13: after the main leg."""
        fee = event.get("fee")
        if fee is None or "asset" not in fee:
            return
        is_trade = event["kind"] != "transfer"
        if not is_trade:
            self.flag(event, "fee_left")
        proceeds = value if event["kind"] in ("buy", "sell", "swap") else Fraction(0)
        self._dispose(event, "fee", fee["asset"], Fraction(fee["qty"]), proceeds, is_trade=is_trade)

    # Small words.

    def day(self, event: dict) -> str:
        """The event's calendar day."""
        return self.market.day(instant(event["at"]))

    def note(self, event: dict, code: str) -> None:
        """Say something about an event, in order of booking."""
        self.notes.append([event["id"], code])

    def flag(self, event: dict, code: str) -> None:
        """A flag of the event's year."""
        self.flags.append((self.day(event)[:4], code))

    def _flow_in(self, day: str, amount: Fraction | None) -> None:
        self.flows.setdefault(day, ([], []))[0].append(amount)

    def _flow_out(self, day: str, amount: Fraction | None) -> None:
        self.flows.setdefault(day, ([], []))[1].append(amount)

    # The events.

    def _book(self, event: dict) -> None:
        kind = event["kind"]
        day = self.day(event)
        money_fee = self.market.money_fee(event, day)
        if kind not in ("buy", "sell", "swap"):
            fee = event.get("fee")
            if fee is not None and "asset" not in fee:
                self.expenses.append(money_fee)
        if kind not in ("buy", "sell"):
            self._flow_in(day, money_fee)
        own = None
        if kind in ("buy", "sell", "swap"):
            own = {
                "buy": lambda: self.market.money(event.get("cost"), day),
                "sell": lambda: self.market.money(event["proceeds"], day),
                "swap": lambda: self.market.value(event, day),
            }[kind]()
        coin_fee = self.market.coin_fee(event, own, day)
        getattr(self, "_" + kind)(event, day, own, money_fee, coin_fee)
        self._fee_coins_leave(event, coin_fee)
        self.states.append((day, self._holdings(), self.cost()))

    def _buy(self, event, day, money, money_fee, coin_fee) -> None:
        quantity = Fraction(event["qty"])
        cost = total([money, money_fee, coin_fee])
        if cost is None:
            self.note(event, "missing_cost")
        paid = total([money, money_fee])
        if paid is None:
            self.note(event, "flow_at_market")
            paid = self.market.worth(event["asset"], quantity, day)
        self._flow_in(day, paid)
        self._bring(event, event["asset"], event["place"], quantity, cost)

    def _sell(self, event, day, money, money_fee, coin_fee) -> None:
        after_money = None if money is None or money_fee is None else money - money_fee
        net = None if after_money is None or coin_fee is None else after_money - coin_fee
        if after_money is not None and after_money < 0:
            self._flow_in(day, -after_money)
        else:
            self._flow_out(day, after_money)
        self._dispose(event, "sell", event["asset"], Fraction(event["qty"]), net, named=True)

    def _swap(self, event, day, value, money_fee, coin_fee) -> None:
        unknown = None in (value, money_fee, coin_fee)
        net = None if unknown else value - money_fee - coin_fee
        self._dispose(event, "swap", event["asset"], Fraction(event["qty"]), net, named=True)
        if value is None:
            self.note(event, "missing_cost")
        self._bring(event, event["to_asset"], event["place"], Fraction(event["to_qty"]), value)

    def _transfer(self, event, day, *_) -> None:
        if self.one_queue:
            return
        parts, gap = self._take(event, event["asset"], event["place"], Fraction(event["qty"]), named=True)
        for part in parts:
            for piece in part.slices or [part]:
                piece.place = event["to_place"]
                self._put(piece)
        if gap > 0:
            self._flow_in(day, self.market.worth(event["asset"], gap, day))
            self._bring(event, event["asset"], event["to_place"], gap, None)

    def _income(self, event, day, *_) -> None:
        value = self.market.value(event, day)
        cost = value
        if self.german and event["sort"] == "airdrop":
            self.flag(event, "airdrop_at_zero")
            cost = Fraction(0)
        else:
            self.incomes.append((event, value))
        if self.german and event["sort"] == "mining":
            self.flag(event, "may_be_business")
        if cost is None:
            self.note(event, "missing_cost")
        self._bring(event, event["asset"], event["place"], Fraction(event["qty"]), cost)

    def _fee(self, event, *_) -> None:
        self.flag(event, "fee_left")
        quantity = Fraction(event["qty"])
        self._dispose(event, "fee", event["asset"], quantity, Fraction(0), named=True, is_trade=False)

    def _loss(self, event, *_) -> None:
        self.flag(event, "loss_left")
        quantity = Fraction(event["qty"])
        self._dispose(event, "loss", event["asset"], quantity, Fraction(0), named=True, is_trade=False)

    def _gift(self, event, day, *_) -> None:
        quantity = Fraction(event["qty"])
        value = self.market.value(event, day)
        if event["way"] == "in":
            self._flow_in(day, value)
            cost = self.market.money(event.get("donor_cost"), day) if self.german else value
            if cost is None:
                self.note(event, "missing_cost")
            self._bring(event, event["asset"], event["place"], quantity, cost)
            return
        self._flow_out(day, value)
        _, gap = self._take(event, event["asset"], event["place"], quantity, named=True)
        if gap > 0:
            self._flow_in(day, self.market.worth(event["asset"], gap, day))

    def _fork(self, event, day, *_) -> None:
        """Rule 18."""
        new = Fraction(event["to_qty"])
        old_lots = self._there(event["asset"], event["place"])
        if not old_lots:
            self.note(event, "fork_without_holding")
            self._bring(event, event["to_asset"], event["place"], new, None)
            return
        old = sum(one.quantity for one in old_lots)
        new_price = self.market.price(event["to_asset"], day)
        old_price = self.market.price(event["asset"], day)
        if new_price is None:
            self.note(event, "no_price")
            part = Fraction(0)
        else:
            part = None if old_price is None else new * new_price / (new * new_price + old * old_price)
        pieces = [coins(new * one.quantity / old) for one in old_lots[:-1]]
        pieces.append(new - sum(pieces, Fraction(0)))
        if self.method == "average":
            moved = self._split_pool(event, part)
            costs = shared_out(moved, pieces)
        else:
            # A lot too small for one unit of the new coin keeps its cost.
            costs = [
                self._split(one, part if piece > 0 else Fraction(0))
                for one, piece in zip(old_lots, pieces, strict=True)
            ]
        for lot, quantity, cost in zip(old_lots, pieces, costs, strict=True):
            self.orders += 1
            piece = OracleLot(lot.lot, event["to_asset"], lot.place, lot.time, self.orders, quantity, cost)
            if quantity > 0:
                self._put(piece)

    def _split(self, lot: OracleLot, part: Fraction | None) -> Fraction | None:
        """The new coin's cost; it is taken off the old lot."""
        if part == 0:
            return Fraction(0)
        moved = None if part is None or lot.cost is None else booked(lot.cost * part)
        lot.cost = None if moved is None else lot.cost - moved
        if self.german and moved is None:
            lot.cost = moved = Fraction(0)
        return moved

    def _split_pool(self, event: dict, part: Fraction | None) -> Fraction | None:
        key = event["asset"], self._queue(event["place"])
        pool = OracleLot("pool", *key, instant(event["at"]), 0, Fraction(1), self.pool_costs[key])
        moved = self._split(pool, part)
        self.pool_costs[key] = pool.cost
        return moved

    # What is left.

    def _holdings(self) -> dict[str, Fraction]:
        return {
            asset: sum(one.quantity for one in self.lots if one.asset == asset)
            for asset in sorted({one.asset for one in self.lots})
        }

    def where(self) -> list[tuple[str, str]]:
        """Every asset and place where coins lie."""
        return sorted({(one.asset, one.place) for one in self.lots})

    def cost(self) -> Fraction | None:
        """The cost of all lots."""
        if self.method == "average":
            return total([self.pool_costs[key] for key in self.where()])
        return total([one.cost for one in self.lots])
