"""The book: events one after another into lots, disposals, income, gaps, notes, and money put in or taken out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from vigie.intelligence.holdings.amounts import ZERO, exactly, share, total
from vigie.intelligence.holdings.day_ends import DayEnds
from vigie.intelligence.holdings.event_values import value_coin_fee, value_event, value_money_fee
from vigie.intelligence.holdings.flows import FlowBook
from vigie.intelligence.holdings.lots import HeldLot, LotQueue, TakenLots
from vigie.intelligence.holdings.price_table import PriceTable, Ratio
from vigie.intelligence.holdings.records import (
    BookedHoldings,
    Disposal,
    DisposalPart,
    HoldingEvent,
    HoldingGap,
    HoldingIncome,
    LotRow,
)

TRADES = frozenset({"buy", "sell", "swap"})


@dataclass(frozen=True, slots=True)
class BookRules:
    """How a book is kept.

    Attributes
    ----------
    method : str
        Which lots leave first.
    is_one_queue : bool
        One queue over all places.
    zone : str
        Whose calendar days count.
    missing_cost : Decimal or None
        What stands for a cost that is missing.
    by_giver : bool
        Whether a gift received takes the giver's day and cost.
    free_airdrops : bool
        Whether an airdrop costs nothing and is no income.
    """

    method: str = "fifo"
    is_one_queue: bool = False
    zone: str = "UTC"
    missing_cost: Decimal | None = None
    by_giver: bool = False
    free_airdrops: bool = False


@exactly
def book_events(events: Iterable[HoldingEvent], prices: PriceTable, rules: BookRules) -> BookedHoldings:
    """Book events that are in order.

    Parameters
    ----------
    events : iterable of HoldingEvent
        As `read_events` orders them.
    prices : PriceTable
        What things were worth.
    rules : BookRules
        How the book is kept.

    Returns
    -------
    BookedHoldings
        All that follows.
    """
    keeper = _Keeper(prices, rules)
    for event in events:
        keeper.add(event)
    return keeper.close()


class _Keeper:
    """A book while it is being written."""

    def __init__(self, prices: PriceTable, rules: BookRules) -> None:
        self._prices = prices
        self._rules = rules
        self._zone = ZoneInfo(rules.zone)
        self._queues: dict[tuple[str, str], LotQueue] = {}
        self._flows = FlowBook()
        self._ends = DayEnds(self._queues)
        self._day = date.min
        self._order = 0
        self._disposals: list[Disposal] = []
        self._income: list[HoldingIncome] = []
        self._gaps: list[HoldingGap] = []
        self._notes: list[tuple[str, str]] = []
        self._expenses: list[Decimal | None] = []
        self._given: list[Decimal | None] = []
        self._missing: set[str] = set()

    def add(self, event: HoldingEvent) -> None:
        """Book one event."""
        self._day = event.at.astimezone(self._zone).date()
        self._ends.begin(self._day)
        match event.kind:
            case "buy":
                self._buy(event)
            case "sell":
                self._sell(event)
            case "swap":
                self._swap(event)
            case "transfer":
                self._transfer(event)
            case "income":
                self._receive_income(event)
            case "gift" if event.way == "in":
                self._receive_gift(event)
            case "gift":
                self._give(event)
            case "fork":
                self._fork(event)
            case _:
                self._dispose(event, event.kind, event.asset, event.quantity, ZERO, is_main=True)
        if event.kind not in TRADES:
            self._pay_other_fee(event)

    def close(self) -> BookedHoldings:
        """Return all that was booked."""
        self._ends.begin(None)
        return BookedHoldings(
            disposals=tuple(self._disposals),
            income=tuple(self._income),
            gaps=tuple(self._gaps),
            lots=tuple(self._rows()),
            notes=tuple(self._notes),
            expenses=total(self._expenses),
            given_cost=total(self._given),
            days=tuple(self._ends.found),
            flows=self._flows.by_day(),
            missing=frozenset(self._missing),
        )

    def _rows(self) -> Iterable[LotRow]:
        for (asset, place), queue in sorted(self._queues.items()):
            if queue.is_pool and queue.quantity:
                yield LotRow("pool", asset, place, None, queue.quantity, queue.cost)
            for lot in () if queue.is_pool else queue.by_age():
                yield LotRow(lot.id, asset, place, lot.acquired, lot.quantity, lot.cost)

    def _buy(self, event: HoldingEvent) -> None:
        money = None if event.cost is None else self._prices.convert(event.cost, self._day)
        fee = value_money_fee(event, self._prices, self._day)
        coins = self._coin_fee(event, event.asset, money)
        self._bring(event, event.asset, event.quantity, total((money, fee, coins)))
        if money is None or fee is None:
            self._notes.append((event.id, "flow_at_market"))
            money = self._prices.value(event.asset, event.quantity, self._day)
        self._flows.add_in(self._day, total((money, fee or ZERO)))
        self._pay_coins(event, coins)

    def _sell(self, event: HoldingEvent) -> None:
        gross = None if event.proceeds is None else self._prices.convert(event.proceeds, self._day)
        coins = self._coin_fee(event, event.asset, gross)
        money = _less(gross, value_money_fee(event, self._prices, self._day))
        self._dispose(event, "sell", event.asset, event.quantity, _less(money, coins), is_main=True)
        self._flows.add_out(self._day, money)
        self._pay_coins(event, coins)

    def _swap(self, event: HoldingEvent) -> None:
        value = self._swap_value(event)
        fee = value_money_fee(event, self._prices, self._day)
        coins = self._coin_fee(event, event.asset, value)
        proceeds = _less(_less(value, fee), coins)
        self._dispose(event, "swap", event.asset, event.quantity, proceeds, is_main=True)
        self._bring(event, event.to_asset, event.to_quantity, value)
        self._flows.add_in(self._day, fee)
        self._pay_coins(event, coins)

    def _swap_value(self, event: HoldingEvent) -> Decimal | None:
        if event.value is not None:
            return self._prices.convert(event.value, self._day)
        received = self._prices.value(event.to_asset, event.to_quantity, self._day)
        if received is not None:
            return received
        return self._prices.value(event.asset, event.quantity, self._day)

    def _transfer(self, event: HoldingEvent) -> None:
        if self._rules.is_one_queue:
            return
        taken = self._take(event, event.asset, event.quantity, is_main=True)
        target = self._queue(event.asset, event.to_place)
        for part in taken.parts:
            target.put(part)
        if taken.missing:
            self._flows.add_in(self._day, self._prices.value(event.asset, taken.missing, self._day))
            self._missing.add(event.id)
            target.put(self._lot(event.id, event.at, taken.missing, self._rules.missing_cost))
        self._ends.touch(event.asset)

    def _receive_income(self, event: HoldingEvent) -> None:
        if event.sort == "airdrop" and self._rules.free_airdrops:
            self._bring(event, event.asset, event.quantity, ZERO)
            return
        value = value_event(event, self._prices, self._day)
        self._income.append(HoldingIncome(event, value))
        self._bring(event, event.asset, event.quantity, value)

    def _receive_gift(self, event: HoldingEvent) -> None:
        value = value_event(event, self._prices, self._day)
        if self._rules.by_giver:
            at = event.giver_at or event.at
            day = at.astimezone(self._zone).date()
            cost = None if event.giver_cost is None else self._prices.convert(event.giver_cost, day)
            self._bring(event, event.asset, event.quantity, cost, at)
        else:
            self._bring(event, event.asset, event.quantity, value)
        if value is None:
            self._notes.append((event.id, "flow_at_market"))
        self._flows.add_in(self._day, value)

    def _give(self, event: HoldingEvent) -> None:
        taken = self._take(event, event.asset, event.quantity, is_main=True)
        self._given.extend(part.cost for part in taken.parts)
        if taken.missing:
            self._given.append(None)
            self._flows.add_in(self._day, self._prices.value(event.asset, taken.missing, self._day))
        self._flows.add_out(self._day, value_event(event, self._prices, self._day))

    def _fork(self, event: HoldingEvent) -> None:
        queue = self._queue(event.asset, event.place)
        if not queue.quantity:
            self._notes.append((event.id, "fork_without_holding"))
            self._missing.add(event.id)
            lots = [self._lot(event.id, event.at, event.to_quantity, self._rules.missing_cost)]
        else:
            lots = queue.split_off(event.to_quantity, self._fork_part(event, queue.quantity))
        target = self._queue(event.to_asset, event.place)
        for lot in lots:
            target.put(lot)
        self._ends.touch(event.to_asset)

    def _fork_part(self, event: HoldingEvent, held: Decimal) -> Ratio | None:
        """Return which part of the cost goes to the new coin: nothing where the old one has no price."""
        new = self._prices.ratio(event.to_asset, self._day)
        old = self._prices.ratio(event.asset, self._day)
        if new is None:
            self._notes.append((event.id, "no_price"))
            return ZERO, Decimal(1)
        if old is None:
            return None
        goes = event.to_quantity * new[0] * old[1]
        stays = held * old[0] * new[1]
        return (goes, goes + stays) if goes else (ZERO, Decimal(1))

    def _coin_fee(self, event: HoldingEvent, own: str, amount: Decimal | None) -> Decimal | None:
        """Return what the coins of a trade's fee are worth; zero where none were paid."""
        return value_coin_fee(event, own, amount, self._prices, self._day)

    def _pay_coins(self, event: HoldingEvent, proceeds: Decimal | None) -> None:
        if event.fee is not None and event.fee.asset:
            self._dispose(event, "fee", event.fee.asset, event.fee.quantity, proceeds)

    def _pay_other_fee(self, event: HoldingEvent) -> None:
        if event.fee is not None and event.fee.money is not None:
            fee = value_money_fee(event, self._prices, self._day)
            self._expenses.append(fee)
            self._flows.add_in(self._day, fee)
        self._pay_coins(event, ZERO)

    def _bring(
        self,
        event: HoldingEvent,
        asset: str,
        quantity: Decimal,
        cost: Decimal | None,
        acquired: datetime | None = None,
    ) -> None:
        if cost is None:
            self._notes.append((event.id, "missing_cost"))
            self._missing.add(event.id)
            cost = self._rules.missing_cost
        self._queue(asset, event.place).put(self._lot(event.id, acquired or event.at, quantity, cost))
        self._ends.touch(asset)

    def _dispose(
        self,
        event: HoldingEvent,
        kind: str,
        asset: str,
        quantity: Decimal,
        proceeds: Decimal | None,
        *,
        is_main: bool = False,
    ) -> None:
        taken = self._take(event, asset, quantity, is_main=is_main)
        # A pool is one part, whatever the days of what is in it.
        is_pool, there = self._rules.method == "average", [part.quantity for part in taken.parts]
        wanted = [sum(there, ZERO)] if is_pool and there else there
        shares = share(proceeds, [*wanted, taken.missing] if taken.missing else wanted)
        gap = shares.pop() if taken.missing else ZERO
        if is_pool and there:
            shares = share(shares[0], there)
        parts = [
            DisposalPart(part.id, part.acquired, part.quantity, amount, part.cost)
            for part, amount in zip(taken.parts, shares, strict=True)
        ]
        if taken.missing:
            parts.append(DisposalPart(None, None, taken.missing, gap, None))
            self._flows.add_in(self._day, gap)
        self._disposals.append(Disposal(event, kind, asset, tuple(parts)))

    def _take(self, event: HoldingEvent, asset: str, quantity: Decimal, *, is_main: bool) -> TakenLots:
        taken = self._queue(asset, event.place).take(quantity, event.lots if is_main else ())
        if taken.is_unnamed:
            self._notes.append((event.id, "lot_not_held"))
        if taken.missing:
            self._gaps.append(HoldingGap(event.id, asset, event.place, taken.missing))
        self._ends.touch(asset)
        return taken

    def _lot(self, name: str, at: datetime, quantity: Decimal, cost: Decimal | None) -> HeldLot:
        self._order += 1
        return HeldLot(name, at, self._order, quantity, cost)

    def _queue(self, asset: str, place: str) -> LotQueue:
        key = asset, "" if self._rules.is_one_queue else place
        if key not in self._queues:
            self._queues[key] = LotQueue(self._rules.method)
        return self._queues[key]


def _less(amount: Decimal | None, taken: Decimal | None) -> Decimal | None:
    return None if amount is None or taken is None else amount - taken
