"""An account's money adds up to the last decimal, in any order of arrival, duplicates included."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal, localcontext
from fractions import Fraction
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vigie.domain.errors import InvariantBroken
from vigie.domain.order import Fill, FundingPayment, Intent, Leg
from vigie.quant.money import amount_of
from vigie.trading import ledger
from vigie.trading.balances import balances
from vigie.trading.statement import EXACT, NOBODY, Adjustment, Share, Statement, booked

BTC, ETH = "btc-usdt-perp", "eth-usdt-perp"
A, B = f"{BTC}/1d/macd_cross", f"{ETH}/4h/ema_cross"
SLOT = {BTC: A, ETH: B}
CAPITAL = Decimal("10000.12345678")
ALWAYS = settings(derandomize=True, deadline=None, max_examples=150)


def fill(number: int, side: int, qty: str, price: str, **more: object) -> Fill:
    given: dict[str, object] = {
        "instrument": BTC, "id": str(number), "order_id": "", "client_id": "", "side": side,
        "qty": Decimal(qty), "price": Decimal(price), "fee": Decimal(0), "ts": number,
    }  # fmt: skip
    return Fill(**{**given, **more})  # type: ignore[arg-type]


def intent(client_id: str, slot: str = A, leg: Leg = "entry", side: int = 1) -> Intent:
    return Intent(client_id, "r", "main", slot, slot.split("/")[0], leg, side, 1, Decimal(1), 0, 0)


ENTER, LEAVE = intent("in"), intent("out", leg="exit", side=-1)
OURS = {"in": ENTER, "out": LEAVE}


@dataclass
class Life:
    """What may happen to an account, and what it must come to, worked out while it happens."""

    fills: list[Fill] = field(default_factory=list)
    fundings: list[FundingPayment] = field(default_factory=list)
    adjustments: list[Adjustment] = field(default_factory=list)
    intents: dict[str, Intent] = field(default_factory=dict)
    held: dict[str, tuple[int, Decimal]] = field(default_factory=dict)
    ts: int = 0


def decimals(low: int, high: int, places: int) -> st.SearchStrategy[Decimal]:
    return st.integers(low, high).map(lambda number: Decimal(number).scaleb(-places))


@st.composite
def lives(draw: st.DrawFn, price_places: int = 5, qty_places: int = 6, *, adds: bool = True) -> Life:
    """Draw what happens: entries in parts, exits in parts, levels, funding, money put in and taken out."""
    life = Life()
    for number in range(draw(st.integers(0, 25))):
        life.ts += draw(st.integers(0, 2))
        what = draw(st.sampled_from("trade trade trade trade funding adjustment".split()))
        instrument = draw(st.sampled_from([BTC, ETH]))
        if what == "funding":
            amount = draw(decimals(-(10**12), 10**12, 11))
            life.fundings.append(FundingPayment(instrument, f"f{number}", amount, life.ts))
        elif what == "adjustment":
            life.adjustments.append(Adjustment(f"a{number}", draw(decimals(-(10**6), 10**6, 3)), life.ts))
        else:
            trade(draw, life, number, instrument, price_places, qty_places, may_add=adds)
    return life


def trade(
    draw: st.DrawFn,
    life: Life,
    number: int,
    instrument: str,
    price_places: int,
    qty_places: int,
    *,
    may_add: bool,
) -> None:
    side, held = life.held.get(instrument, (0, Decimal(0)))
    price = draw(decimals(1, 10**9, price_places))
    adds = not held or (may_add and draw(st.sampled_from([True, False, False])))
    client, cause = f"c{number}", "order"
    if adds:
        side = side or draw(st.sampled_from([1, -1]))
        qty = draw(decimals(1, 10**9, qty_places))
        life.held[instrument] = (side, held + qty)
        life.intents[client] = intent(client, SLOT[instrument], "entry", side)
    else:
        share = draw(st.sampled_from([1, 2, 3, 7]))
        lots = int(held.scaleb(qty_places)) // share
        qty = Decimal(lots).scaleb(-qty_places) or held
        left = held - qty
        life.held[instrument] = (side, left) if left else (0, left)
        cause = draw(st.sampled_from(["order", "stop", "target"]))
        client = client if cause == "order" else ""
        life.intents[f"c{number}"] = intent(f"c{number}", SLOT[instrument], "exit", -side)
    life.fills.append(
        Fill(
            instrument=instrument, id=str(1000 + number), order_id=f"o{number}", client_id=client,
            side=side if adds else -side, qty=qty, price=price, fee=draw(decimals(-(10**9), 10**12, 12)),
            ts=life.ts, cause=cause,
        )
    )  # fmt: skip


def settled(life: Life) -> Statement:
    return balances(
        CAPITAL, fills=life.fills, fundings=life.fundings, adjustments=life.adjustments, intents=life.intents
    )


def exact_sum(amounts: Sequence[Decimal]) -> Fraction:
    return sum((Fraction(amount) for amount in amounts), Fraction(0))


@ALWAYS
@given(life=lives(), seed=st.integers(0, 2**32))
def test_any_order_of_arrival_with_duplicates_gives_the_same_statement(life, seed):
    chance = Random(seed)
    told = replace_all(life, chance)
    assert settled(told) == settled(life)


def replace_all(life: Life, chance: Random) -> Life:
    def stirred(entries: list) -> list:
        more = [*entries, *chance.choices(entries, k=len(entries))] if entries else []
        chance.shuffle(more)
        return more

    fills = [
        # The stream says less of a fill than the venue's own list.
        replace(one, client_id="", cause="order") if n and one.client_id and chance.random() < 0.5 else one
        for n, one in enumerate(stirred(life.fills))
    ]
    return replace(
        life,
        fills=stirred([*fills, *life.fills]),
        fundings=stirred(life.fundings),
        adjustments=stirred(life.adjustments),
    )


@ALWAYS
@given(life=lives())
def test_cash_is_the_sum_of_everything_booked_to_the_last_decimal(life):
    found = settled(life)
    fees = exact_sum([one.fee for one in life.fills])
    funding = exact_sum([one.amount for one in life.fundings])
    adjusted = exact_sum([one.amount for one in life.adjustments])
    realised = exact_sum([one.realised for one in found.shares])
    assert Fraction(found.fees) == fees
    assert Fraction(found.funding) == funding
    assert Fraction(found.adjusted) == adjusted
    assert Fraction(found.realised) == realised
    assert Fraction(found.cash) == Fraction(CAPITAL) + adjusted + realised - fees + funding


@ALWAYS
@given(life=lives())
def test_shares_and_trades_each_add_up_to_the_whole(life):
    found = settled(life)
    assert exact_sum([one.net for one in found.shares]) == Fraction(found.cash) - Fraction(
        CAPITAL
    ) - Fraction(found.adjusted)
    each = [*found.trades, *found.held]
    assert exact_sum([one.gross for one in each]) == Fraction(found.realised)
    assert exact_sum([one.fees for one in each]) == Fraction(found.fees)
    nobodys = exact_sum([one.funding for one in found.shares if one.slot == NOBODY])
    assert exact_sum([one.funding for one in each]) + nobodys == Fraction(found.funding)
    for slot in (A, B):
        mine = exact_sum([one.net for one in each if one.slot == slot])
        assert mine == exact_sum([one.net for one in found.shares if one.slot == slot])
    assert {one.slot for one in found.shares} <= {A, B, NOBODY}
    assert found.unasked == ()


def left_over(life: Life, found: Statement) -> Fraction:
    """Return what trading brought by its own flows (paid, received, still held) but the books do not say."""
    flows = -sum((one.side * Fraction(one.qty) * Fraction(one.price) for one in life.fills), Fraction(0))
    held = sum((one.side * Fraction(one.qty) * one.entry for one in found.held), Fraction(0))
    return flows + held - Fraction(found.realised)


@ALWAYS
@given(life=lives())
def test_results_are_what_was_received_less_what_was_paid_but_for_half_a_unit_a_closing(life):
    closings = len([one for one in life.fills if not one.client_id]) + len(
        [one for one in life.fills if one.client_id and life.intents[one.client_id].is_reduce_only]
    )
    assert abs(left_over(life, settled(life))) <= closings * Fraction(1, 2 * 10**8)


@ALWAYS
@given(life=lives(price_places=3, qty_places=5, adds=False))
def test_where_nothing_needs_rounding_results_are_exact(life):
    assert left_over(life, settled(life)) == 0


@ALWAYS
@given(life=lives(adds=False))
def test_a_closed_position_brings_what_the_kernel_books(life):
    for one in settled(life).trades:
        closings = [
            f for f in life.fills if f.instrument == one.instrument and one.ts_entry <= f.ts <= one.ts_exit
        ]
        if len(closings) == 2 and abs(one.gross) < 10**7:
            entry, leave = float(closings[0].price), float(closings[1].price)
            said = amount_of(ledger.gross_result(one.side, float(one.qty), entry, leave))
            assert abs(float(one.gross) - said) <= 1e-7


@ALWAYS
@given(life=lives(), data=st.data())
def test_what_others_do_is_booked_and_said_and_positions_are_the_sum_of_all_fills(life, data):
    for number in range(data.draw(st.integers(1, 4))):
        life.fills.append(
            fill(
                1000 + number, data.draw(st.sampled_from([1, -1])), str(data.draw(decimals(1, 10**9, 6))), "250.5",
                id=f"{data.draw(st.integers(900, 1030))}x{number}", ts=data.draw(st.integers(0, life.ts + 1)),
                cause=data.draw(st.sampled_from(["order", "other", "adl", "liquidation"])),
                fee=data.draw(decimals(0, 10**6, 8)),
            )
        )  # fmt: skip
    try:
        found = settled(life)
    except InvariantBroken:
        return
    for instrument in (BTC, ETH):
        net = sum((f.side * Fraction(f.qty) for f in life.fills if f.instrument == instrument), Fraction(0))
        held = [one.side * Fraction(one.qty) for one in found.held if one.instrument == instrument]
        assert sum(held, Fraction(0)) == net
    said = {one.fill.id: one for one in found.unasked}
    foreign = [f for f in life.fills if "x" in f.id]
    assert {f.id for f in foreign} <= set(said)
    assert all(said[f.id].closed + said[f.id].opened == f.qty for f in foreign)
    assert exact_sum([one.net for one in found.shares]) == Fraction(found.cash) - Fraction(
        CAPITAL
    ) - Fraction(found.adjusted)
    assert abs(left_over(life, found)) <= len(life.fills) * Fraction(1, 2 * 10**8)


# By hand


def test_a_trade_in_parts_has_average_prices_and_exact_money():
    found = balances(
        Decimal(1000),
        fills=[
            fill(1, 1, "1", "100", client_id="in", fee=Decimal("0.06")),
            fill(2, 1, "2", "103", client_id="in", fee=Decimal("0.1236")),
            fill(4, -1, "1", "110", client_id="out", fee=Decimal("0.066")),
            fill(5, -1, "2", "90", cause="stop", fee=Decimal("0.108")),
        ],
        fundings=[FundingPayment(BTC, "f1", Decimal("-0.5"), 3)],
        intents=OURS,
    )
    (one,) = found.trades
    assert (one.slot, one.side, one.qty, one.entry, one.exit) == (A, 1, 3, 102, Fraction(290, 3))
    assert (one.gross, one.fees, one.funding) == (-16, Decimal("0.3576"), Decimal("-0.5"))
    assert (one.ts_entry, one.ts_exit, one.client_id, one.cause, one.closed_by) == (1, 5, "in", "stop", "")
    assert found.held == found.unasked == ()
    assert found.cash == 1000 + one.net == Decimal("983.1424")


def test_an_open_position_says_its_average_and_what_closing_would_bring():
    found = balances(
        Decimal(1000),
        fills=[fill(1, -1, "3", "100", client_id="in"), fill(2, 1, "1", "99.5", cause="target")],
        intents={"in": replace(ENTER, side=-1)},
    )
    (one,) = found.held
    assert (one.side, one.qty, one.entry, one.gross, one.ts_exit) == (-1, 2, 100, Decimal("0.5"), None)
    assert one.open_result(Decimal("99")) == 2
    assert found.cash == Decimal("1000.5")


def test_a_third_is_booked_to_eight_decimals_once():
    fills = [
        fill(1, 1, "1", "100", client_id="in"), fill(2, 1, "2", "100.00000001", client_id="in"),
        fill(3, -1, "1", "100", client_id="out"),
    ]  # fmt: skip
    found = balances(Decimal(0), fills=fills, intents=OURS)
    assert found.realised == Decimal("-0.00000001")
    assert booked(Fraction(-1, 2 * 10**8)) == 0
    assert booked(Fraction(3, 2 * 10**8)) == Decimal("0.00000002")


def test_sums_longer_than_a_usual_decimal_lose_no_digit():
    long = "0.0000000000000000000000000001"
    found = balances(
        Decimal("123456789012.5"),
        fills=[fill(1, 1, "1", "1", client_id="in", fee=Decimal(long))],
        intents=OURS,
    )
    with localcontext(EXACT):
        assert found.cash == Decimal("123456789012.5") - Decimal(long)
        assert Share("s", fees=Decimal(long), funding=Decimal(10**9)).net == Decimal(10**9) - Decimal(long)


@pytest.mark.parametrize(
    ("fills", "words"),
    [
        (
            [fill(1, 1, "1", "9", client_id="in"), fill(2, -1, "2", "9", client_id="out")],
            ("was held at most"),
        ),
        ([fill(1, 1, "1", "9", client_id="in"), fill(2, -1, "2", "9", cause="stop")], "was held at most"),
        ([fill(1, -1, "2", "9", client_id="out")], "was held at most"),
        (
            [fill(1, -1, "2", "9", client_id="out"), fill(2, 1, "2", "9", client_id="in")],
            ("was held at most"),
        ),
        ([fill(1, 1, "1", "9", client_id="in"), fill(2, -1, "1", "9", client_id="in")], "is an entry"),
        ([fill(1, 1, "1", "9", client_id="in"), fill(2, 1, "1", "9", client_id="b")], "into a position of"),
        ([fill(1, 1, "1", "9", client_id="in"), fill(1, 1, "2", "9", client_id="in")], "different amounts"),
        ([fill(1, 1, "0", "9", client_id="in")], "must buy or sell"),
        ([fill(1, 2, "1", "9", client_id="in")], "must buy or sell"),
    ],
)
def test_orders_of_ours_never_turn_a_position_round(fills, words):
    with pytest.raises(InvariantBroken, match=words):
        balances(Decimal(0), fills=fills, intents={**OURS, "b": intent("b", f"{BTC}/4h/rsi")})


def test_somebody_who_turns_our_position_round_is_said_and_the_slot_keeps_its_part_only():
    other = fill(2, -1, "3", "110", cause="other", fee=Decimal("0.9"))
    found = balances(Decimal(0), fills=[fill(1, 1, "1", "100", client_id="in"), other], intents=OURS)
    assert [(one.fill, one.slot, one.closed, one.opened) for one in found.unasked] == [(other, A, 1, 2)]
    assert found.shares == (Share(NOBODY, fees=Decimal("0.6")), Share(A, Decimal(10), Decimal("0.3")))
    assert [(one.slot, one.side, one.qty, one.entry) for one in found.held] == [(NOBODY, -1, 2, 110)]


def test_what_meets_somebody_elses_position_is_said_not_refused_until_it_is_flat_again():
    theirs = fill(1, -1, "1", "100", cause="other")
    ours = fill(2, 1, "3", "90", client_id="in")
    found = balances(Decimal(0), fills=[theirs, ours], intents=OURS)
    assert [(one.fill.id, one.closed, one.opened) for one in found.unasked] == [("1", 0, 1), ("2", 1, 2)]
    flat = [theirs, replace(theirs, id="2", side=1, ts=2), fill(3, -1, "1", "9", client_id="out")]
    with pytest.raises(InvariantBroken, match="was held at most"):
        balances(Decimal(0), fills=flat, intents=OURS)


def test_a_liquidation_costs_the_margin_where_that_is_the_rule_and_is_said():
    fills = [fill(1, 1, "2", "100", client_id="in"), fill(2, -1, "2", "80.5", cause="liquidation")]
    found = balances(Decimal(100), fills=fills, intents=OURS, leverage=Decimal(5))
    assert (found.cash, found.trades[0].cause, found.unasked[0].closed) == (60, "liquidation", 2)
    assert balances(Decimal(100), fills=fills, intents=OURS).cash == 61


def test_funding_that_comes_after_the_end_belongs_to_the_position_that_was():
    found = balances(
        Decimal(0),
        fills=[fill(1, 1, "1", "100", client_id="in"), fill(3, -1, "1", "100", client_id="out")],
        fundings=[FundingPayment(BTC, "f1", Decimal(-1), 4), FundingPayment(ETH, "f1", Decimal(-2), 4)],
        intents=OURS,
    )
    assert found.trades[0].funding == -1
    assert found.shares == (Share(NOBODY, funding=Decimal(-2)), Share(A, funding=Decimal(-1)))


def test_of_one_instant_funding_comes_first_and_fills_in_the_venues_order():
    fills = [
        fill(10, 1, "1", "110", client_id="again", ts=5), fill(9, -1, "1", "110", client_id="out", ts=5),
        fill(1, 1, "1", "100", client_id="in", ts=1),
    ]  # fmt: skip
    found = balances(
        Decimal(0), fills=fills, fundings=[FundingPayment(BTC, "f", Decimal(-1), 5)],
        intents={**OURS, "again": intent("again")},
    )  # fmt: skip
    assert (found.trades[0].funding, found.held[0].funding, found.realised) == (-1, 0, 10)
