"""Whatever happens: money is conserved, lots add up, the order of a file does not matter, roots are roots."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from decimal import Decimal, localcontext
from math import fsum

from hypothesis import assume, given, settings
from hypothesis import strategies as st

import vigie
from vigie.intelligence.holdings.booking import BookRules, book_events
from vigie.intelligence.holdings.events import read_events
from vigie.intelligence.holdings.lots import METHODS
from vigie.intelligence.holdings.price_table import PriceTable
from vigie.intelligence.holdings.returns import find_roots

ALWAYS = settings(derandomize=True, deadline=None, max_examples=120)
ASSETS, PLACES = ("BTC", "ETH", "NEW"), ("A", "B")
BEGIN = datetime(2023, 12, 30, 20, tzinfo=UTC)
ALL = {
    "gains": True,
    "realised": True,
    "lots": True,
    "gaps": True,
    "income": True,
    "notes": True,
    "fr": True,
    "de": True,
}


def amounts(top, digits):
    """Draw plain decimals above zero."""
    return st.integers(1, top * 10**digits).map(lambda whole: format(Decimal(whole).scaleb(-digits), "f"))


COINS, MONEY = amounts(3, 18), amounts(5000, 8)


@st.composite
def rows(draw, *, opening=False):
    """Draw events of all kinds, each with what it needs and often a fee; with much of each coin first, if asked."""
    kinds = st.sampled_from("buy sell swap transfer income fee gift-in gift-out loss fork".split())
    drawn = []
    if opening:
        drawn = [
            {
                "id": f"o-{asset}-{place}",
                "kind": "buy",
                "place": place,
                "asset": asset,
                "qty": "1000",
                "cost": "7000.7",
            }
            for asset in ASSETS
            for place in PLACES
        ]
    for number, kind in enumerate(draw(st.lists(kinds, min_size=1, max_size=14))):
        place, asset = draw(st.sampled_from(PLACES)), draw(st.sampled_from(ASSETS))
        row = {"id": f"e{number}", "kind": kind, "place": place, "asset": asset, "qty": draw(COINS)}
        if kind in ("buy", "sell"):
            row["cost" if kind == "buy" else "proceeds"] = draw(MONEY)
        if kind in ("swap", "income", "gift-in", "gift-out"):
            row["value"] = draw(MONEY)
        if kind in ("swap", "fork"):
            row |= {"to_asset": draw(st.sampled_from(ASSETS)), "to_qty": draw(COINS)}
            assume(kind == "swap" or row["to_asset"] != asset)
        if kind == "transfer":
            row["to_place"] = "B" if place == "A" else "A"
        if kind.startswith("gift"):
            row |= {"kind": "gift", "way": kind[5:]}
        if kind == "income":
            row["sort"] = draw(st.sampled_from(("staking", "airdrop")))
        row["lots"] = (
            [{"lot": f"e{draw(st.integers(0, 14))}", "qty": draw(COINS)}] if draw(st.booleans()) else None
        )
        row["fee"] = draw(st.sampled_from((None, "money", "coins")))
        if row["fee"] == "money":
            row["fee"] = {"amount": draw(MONEY), "cur": "EUR"}
        elif row["fee"]:
            row["fee"] = {"asset": draw(st.sampled_from(ASSETS)), "qty": draw(COINS), "value": draw(MONEY)}
        drawn.append(row)
    for number, row in enumerate(drawn):
        hours = 0 if row["id"].startswith("o-") else draw(st.integers(1, 24 * 40))
        row |= {
            "at": (BEGIN + timedelta(hours=hours)).isoformat(),
            "seq": draw(st.integers(0, 1)) if number else 0,
        }
    return drawn


def prices():
    """Return a close of each coin on each day."""
    days = [(BEGIN + timedelta(days=at)).date() for at in range(-1, 45)]
    return [
        {"asset": asset, "day": day.isoformat(), "price": str(10 * at + day.day)}
        for day in days
        for at, asset in enumerate(ASSETS, start=1)
    ]


def table():
    """Return the same as a table."""
    closes = [
        (one["asset"], datetime.fromisoformat(one["day"]).date(), Decimal(one["price"]), "EUR")
        for one in prices()
    ]
    return PriceTable(closes, (), "EUR")


def came_in(events):
    """Return what all that came in cost, by the rows alone."""
    found = Decimal(0)
    for event in events:
        fee = event.fee
        fees = [
            fee.money.amount if fee and fee.money else Decimal(0),
            fee.value.amount if fee and fee.value else Decimal(0),
        ]
        if event.kind == "buy":
            found += event.cost.amount + sum(fees)
        elif event.kind in ("swap", "income") or event.way == "in":
            found += event.value.amount
    return found


@ALWAYS
@given(rows(opening=True), st.sampled_from(METHODS), st.booleans())
def test_what_came_in_and_gains_are_proceeds_and_what_is_left(drawn, method, is_one_queue):
    events, refused = read_events(drawn)
    booked = book_events(events, table(), BookRules(method, is_one_queue))
    assert not refused
    assert not booked.gaps
    parts = [part for disposal in booked.disposals for part in disposal.parts]
    with localcontext(prec=100):
        gains, proceeds = sum(part.gain for part in parts), sum(part.proceeds for part in parts)
        assert came_in(events) + gains == proceeds + sum(lot.cost for lot in booked.lots) + booked.given_cost
        assert all(amount == round(amount, 8) for part in parts for amount in (part.proceeds, part.cost))


def held_after(events):
    """Return what is held by place, and what is left where nothing may fall below zero."""
    held = defaultdict(Decimal)

    def leave(asset, place, quantity):
        held[asset, place] = max(Decimal(0), held[asset, place] - quantity)

    with localcontext(prec=100):
        for event in events:
            key = event.asset, event.place
            if event.kind in ("buy", "income") or event.way == "in":
                held[key] += event.quantity
            elif event.kind != "fork":
                leave(*key, event.quantity)
            if event.kind in ("swap", "fork"):
                held[event.to_asset, event.place] += event.to_quantity
            if event.kind == "transfer":
                held[event.asset, event.to_place] += event.quantity
            if event.fee and event.fee.asset:
                leave(event.fee.asset, event.place, event.fee.quantity)
    return {key: quantity for key, quantity in held.items() if quantity}


@ALWAYS
@given(rows(), st.sampled_from(METHODS))
def test_lots_add_up_to_holdings_after_every_event_and_none_is_below_zero(drawn, method):
    events, _ = read_events(drawn)
    known = table()
    for count in range(len(events) + 1):
        booked = book_events(events[:count], known, BookRules(method))
        lots = defaultdict(Decimal)
        with localcontext(prec=100):
            for lot in booked.lots:
                lots[lot.asset, lot.place] += lot.quantity
        assert all(lot.quantity > 0 for lot in booked.lots)
        assert lots == held_after(events[:count])
        if booked.days:
            by_asset = defaultdict(Decimal)
            for (asset, _), quantity in lots.items():
                by_asset[asset] += quantity
            assert booked.days[-1].held == by_asset


@ALWAYS
@given(rows(), st.sampled_from(METHODS), st.sampled_from(("place", "all")), st.randoms(use_true_random=False))
def test_importing_twice_and_the_order_of_the_file_change_nothing(drawn, method, pool, chance):
    case = {"settings": {"method": method, "pool": pool}, "prices": prices(), "ask": {**ALL, "refused": True}}
    found = vigie.holdings({**case, "events": drawn})
    mixed = [*drawn, *drawn]
    chance.shuffle(mixed)
    assert vigie.holdings({**case, "events": mixed}) == found
    assert found["refused"] == []


@ALWAYS
@given(rows(), st.sampled_from(METHODS))
def test_a_books_worth_does_not_depend_on_the_method(drawn, method):
    ask = {"worth": "2024-01-31", "twr": ["2023-12-30", "2024-01-31"]}
    case = {"events": drawn, "prices": prices(), "ask": ask}
    first, other = (vigie.holdings({**case, "settings": {"method": one}}) for one in ("fifo", method))
    assert first["worth"]["total"] == other["worth"]["total"]
    # Shares of what was not there are rounded by lot.
    returns = [Decimal(one["twr"]["return"]) for one in (first, other)]
    assert abs(returns[0] - returns[1]) < Decimal("1E-4") * (1 + abs(returns[0]))


FLOWS = st.dictionaries(
    st.integers(0, 3000), st.integers(-10_000, 10_000).filter(bool), min_size=2, max_size=8
)


@ALWAYS
@given(FLOWS)
def test_every_root_solves_the_equation(flows):
    begun = min(flows)
    flows = {day - begun: float(amount) for day, amount in flows.items()}
    roots = find_roots(flows)
    assert list(roots) == sorted(roots)
    for root in roots:
        parts = [amount * (1 + root) ** (-day / 365) for day, amount in flows.items()]
        assert abs(fsum(parts)) <= 1e-9 * max(map(abs, parts))


@ALWAYS
@given(FLOWS)
def test_an_odd_number_of_roots_where_the_ends_differ(flows):
    begun = min(flows)
    flows = {day - begun: float(amount) for day, amount in flows.items()}
    ends = [
        fsum(amount * growth ** (-day / 365) for day, amount in flows.items()) > 0
        for growth in (0.0001, 101.0)
    ]
    assert len(find_roots(flows)) % 2 == (ends[0] != ends[1])
