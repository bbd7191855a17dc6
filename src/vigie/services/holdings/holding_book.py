"""The events of a person booked, with worth and returns day by day, kept until events or prices change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Final

from vigie.data.bar_reader import BarReader
from vigie.data.catalog import BarCatalog
from vigie.data.request_memo import NO_MEMO, RequestMemo
from vigie.domain.holding import holding_event, named_coins
from vigie.domain.person import Caller
from vigie.intelligence.holdings.amounts import COIN_STEP, ZERO, exactly
from vigie.intelligence.holdings.bank_products import booked_events, find_products
from vigie.intelligence.holdings.booking import BookRules, book_events
from vigie.intelligence.holdings.events import read_events
from vigie.intelligence.holdings.price_table import PriceTable, Ratio
from vigie.intelligence.holdings.records import BookedHoldings, DayFlow, HoldingEvent
from vigie.intelligence.holdings.returns import money_weighted, time_weighted
from vigie.intelligence.holdings.worth import daily_worths, worth_at
from vigie.ports.accounts import UserStore
from vigie.ports.audit import AuditLog
from vigie.ports.clock import Clock
from vigie.ports.facts import FactStore
from vigie.ports.holdings import HoldingStore
from vigie.services.caches.holding_books import CoinMarket, HoldingBook, HoldingBookCache, HoldingLines
from vigie.services.holdings.day_prices import (
    Base,
    PriceQuestion,
    day_of,
    prices_version,
    read_markets,
    read_price_table,
)
from vigie.services.holdings.own_lots import OwnLots, lots_in
from vigie.services.people.ownership import owner_of

BITCOIN: Final = "bitcoin"


@dataclass(frozen=True, slots=True)
class HoldingSources:
    """What holdings are read from."""

    accounts: UserStore
    holdings: HoldingStore
    catalog: BarCatalog
    bar_reader: BarReader
    facts: FactStore
    clock: Clock
    audit: AuditLog
    books: HoldingBookCache
    memo: RequestMemo = NO_MEMO

    @property
    def today(self) -> date:
        """The market's day."""
        return day_of(self.clock.market_now())


def base_for(sources: HoldingSources, caller: Caller, currency: str = "") -> Base:
    """Return the currency of all money that the caller is told."""
    return base_of(sources, owner_of(sources.accounts, caller), currency)


def base_of(sources: HoldingSources, owner: str, currency: str = "") -> Base:
    """Return the currency of all money: the one asked for, else the person's own, else that of the lines."""
    own = currency or _settings(sources, owner).get("currency") or lines_of(sources, owner).currency
    return "EUR" if own in ("eur", "EUR") else "USD"


def read_book(
    sources: HoldingSources, caller: Caller, base: Base, asked: OwnLots | None = None
) -> HoldingBook:
    """Return the book of the caller, as it was made last where neither events nor prices have changed."""
    return book_of(sources, owner_of(sources.accounts, caller), base, asked)


def book_of(sources: HoldingSources, owner: str, base: Base, asked: OwnLots | None = None) -> HoldingBook:
    """Return the book of a person, whoever looks; with the lots of their settings where no others are asked for."""
    own = lots_in(_settings(sources, owner)) if asked is None else asked
    return sources.memo.once(("book", owner, base, own), lambda: _present_book(sources, owner, base, own))


def _settings(sources: HoldingSources, owner: str) -> Mapping[str, object]:
    return sources.memo.once(("settings", owner), lambda: sources.accounts.settings(owner)[1])


def _present_book(sources: HoldingSources, owner: str, base: Base, own: OwnLots) -> HoldingBook:
    now = sources.clock.market_now()
    today, version = day_of(now), _version(sources, owner)
    lines = lines_of(sources, owner)
    question = _question(lines, base, lines.first or today, now)
    facts, bars = sources.facts, sources.bar_reader
    prices = sources.books.table(
        prices_version(facts, bars, question), lambda: read_price_table(facts, bars, question)
    )
    return sources.books.book(
        (owner, base, own, version, today),
        prices,
        lambda: make_book(lines, prices, read_markets(facts, bars, question.coins, now), own.rules, today),
    )


def with_prices_since(sources: HoldingSources, book: HoldingBook, base: Base, first: date) -> HoldingBook:
    """Return a book with the prices of all days from one on, also of those before its first line."""
    question = _question(book.lines, base, first, sources.clock.market_now())
    prices = read_price_table(sources.facts, sources.bar_reader, question)
    return replace(book, prices=prices, worth_prices=_worth_prices(prices, book.today, book.price_day))


def _question(lines: HoldingLines, base: Base, first: date, now: int) -> PriceQuestion:
    # Bitcoin stands beside whatever is held.
    coins = tuple(sorted({*lines.coins, BITCOIN}))
    return PriceQuestion(coins, base, first, now, tuple(lines.products.values()))


def lines_of(sources: HoldingSources, owner: str) -> HoldingLines:
    """Return the lines of a person, read once until they change."""
    version = _version(sources, owner)
    return sources.books.lines((owner, version), lambda: _read_lines(sources.holdings, owner))


def _version(sources: HoldingSources, owner: str) -> str:
    return sources.memo.once(("holdings", owner), lambda: sources.holdings.version(owner))


def _read_lines(holdings: HoldingStore, owner: str) -> HoldingLines:
    lines = [(record, holding_event(record)) for record in holdings.records(owner)]
    lines.sort(key=lambda line: (str(line[1]["at"]), line[0].event), reverse=True)
    told = [event for _, event in lines]
    products = find_products(told)
    return HoldingLines(
        tuple(lines),
        tuple(sorted({coin for event in told for coin in named_coins(event)})),
        date.fromisoformat(str(told[-1]["at"])[:10]) if told else None,
        tuple(booked_events(told, products)),
        products,
        _only_currency(told),
    )


def _only_currency(events: Sequence[Mapping[str, object]]) -> str:
    """Return the currency of all money that was given; nothing where there is none, or several."""
    named = {
        part["cur"]
        for event in events
        for part in event.values()
        if isinstance(part, Mapping) and "cur" in part
    }
    return str(named.pop()) if len(named) == 1 else ""


def make_book(
    lines: HoldingLines,
    prices: PriceTable,
    markets: Mapping[str, CoinMarket],
    rules: BookRules,
    today: date,
) -> HoldingBook:
    """Book events and work out worth and returns until a day."""
    events, refused = read_events(lines.events, datetime.combine(today, time.max, UTC))
    booked = book_events(events, prices, rules)
    costs = _costs(booked)
    price_day = _price_day(costs, lines, markets)
    worth_prices = _worth_prices(prices, today, price_day)
    worths: tuple[tuple[date, Decimal | None], ...] = ()
    by_time = by_money = None
    if events:
        first = events[0].at.date()
        worths = tuple(daily_worths(booked, worth_prices, first, today))
        by_time = time_weighted(booked, worth_prices, first, today)
        by_money = money_weighted(booked, worth_prices, first, today)
    days = [day for day, _ in worths]
    return HoldingBook(
        today=today,
        events=tuple(events),
        lines=lines,
        refused=tuple(refused),
        booked=booked,
        held=_held_by_place(events, prices, rules, booked) if rules.is_one_queue else _held(booked),
        costs=costs,
        codes=_codes(booked, refused),
        prices=prices,
        worth_prices=worth_prices,
        price_day=price_day,
        markets=markets,
        worths=worths,
        in_bitcoin=tuple(_in_bitcoin(booked, worth_prices, days)),
        put_in=tuple(_put_in(booked, days)),
        worth=worth_at(booked, worth_prices, today),
        time_weighted=by_time,
        money_weighted=by_money,
    )


def _price_day(
    costs: Mapping[str, Decimal | None], lines: HoldingLines, markets: Mapping[str, CoinMarket]
) -> date | None:
    held = {lines.products[coin].underlying if coin in lines.products else coin for coin in costs}
    return max((market.last_day for coin, market in markets.items() if coin in held), default=None)


def _worth_prices(prices: PriceTable, today: date, price_day: date | None) -> PriceTable:
    """Return prices in whose money the last closes stay what they were when their day ended."""
    return prices if price_day is None else prices.at_last_close(today, price_day)


@exactly
def _held(booked: BookedHoldings) -> dict[tuple[str, str], Decimal]:
    found: dict[tuple[str, str], Decimal] = {}
    for lot in booked.lots:
        found[lot.asset, lot.place] = found.get((lot.asset, lot.place), ZERO) + lot.quantity
    return found


@exactly
def _held_by_place(
    events: Sequence[HoldingEvent], prices: PriceTable, rules: BookRules, booked: BookedHoldings
) -> dict[tuple[str, str], Decimal]:
    """Return where coins of one queue lie: lots carry no place, so each place is booked alone.

    Where the places do not add up to the queue, as after a sale at a place that had none, no place is told.
    """
    placed = _held(book_events(events, prices, replace(rules, is_one_queue=False)))
    found: dict[tuple[str, str], Decimal] = {}
    for pair, quantity in _held(booked).items():
        places = {one: part for one, part in placed.items() if one[0] == pair[0]}
        found |= places if sum(places.values(), ZERO) == quantity else {pair: quantity}
    return found


@exactly
def _costs(booked: BookedHoldings) -> dict[str, Decimal | None]:
    found: dict[str, Decimal | None] = {}
    for lot in booked.lots:
        before = found.get(lot.asset, ZERO)
        found[lot.asset] = None if before is None or lot.cost is None else before + lot.cost
    return found


def _codes(booked: BookedHoldings, refused: Sequence[tuple[str, str]]) -> dict[str, tuple[str, ...]]:
    """Return the codes of each line, each once and in the order of the book."""
    found: dict[str, dict[str, None]] = {}
    for event, code in (*refused, *booked.notes, *((gap.event, "gap") for gap in booked.gaps)):
        found.setdefault(event, {})[code] = None
    return {event: tuple(codes) for event, codes in found.items()}


@exactly
def _put_in(booked: BookedHoldings, days: Sequence[date]) -> list[Decimal | None]:
    """Return money in less money out until each day; unknown from a flow on that is not known."""
    total: Decimal | None = ZERO
    found: list[Decimal | None] = []
    for day in days:
        flow = booked.flows.get(day)
        if flow is not None and total is not None:
            known = flow.money_in is not None and flow.money_out is not None
            total = total + (flow.money_in or ZERO) - (flow.money_out or ZERO) if known else None
        found.append(total)
    return found


@exactly
def _in_bitcoin(booked: BookedHoldings, prices: PriceTable, days: Sequence[date]) -> list[Decimal | None]:
    """Return what the same money would be worth, had all of it bought Bitcoin on its day.

    Unknown from the day on where a flow or its price is not known, or where more would be taken out than is there.
    """
    coins: Decimal | None = ZERO
    found: list[Decimal | None] = []
    for day in days:
        flow = booked.flows.get(day)
        if flow is not None and coins is not None:
            coins = _after_flow(coins, flow, prices.ratio(BITCOIN, day))
        found.append(None if coins is None else prices.value(BITCOIN, coins, day))
    return found


def _after_flow(coins: Decimal, flow: DayFlow, price: Ratio | None) -> Decimal | None:
    if price is None or flow.money_in is None or flow.money_out is None or not price[0]:
        return None
    left = coins + ((flow.money_in - flow.money_out) * price[1] / price[0]).quantize(COIN_STEP)
    return left if left >= 0 else None
