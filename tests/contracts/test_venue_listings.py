"""What every trading venue promises of its instruments' life, card by card: listed, halted, taken away, renamed, paid.

The numbers go on from the contract of orders, positions and money.
"""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.clocks import StandingClock
from tests.contracts.test_trading_venues import entered, exit_of, order, talked
from tests.contracts.trading_exchanges import HOUR, START, VENUES, Running
from vigie.domain import codes
from vigie.domain.errors import ConnectorError, OrderRejected, TransientError
from vigie.ports.listed_venue import FeeLevel, InstrumentState
from vigie.services.trading.gateway.entry_rules import EntryCheck, MarketSnapshot, first_refusal
from vigie.services.trading.process.listings import ListingMonitor

pytest.importorskip("ccxt")

D = Decimal
DOGE = {"bitget": "doge-usdt-perp", "binance": "doge-usdt-perp", "hyperliquid": "doge-usdc-perp"}
# What each calls a contract of a thousand coins.
PEPE = {
    "bitget": ("1000pepe-usdt-perp", "1000PEPEUSDT"), "binance": ("1000pepe-usdt-perp", "1000PEPEUSDT"),
    "hyperliquid": ("kpepe-usdc-perp", "kPEPE"),
}  # fmt: skip
# How each names the contract, and what it is renamed to.
NAMES = {
    "bitget": ("BTCUSDT", "XBTUSDT"), "binance": ("BTCUSDT", "XBTUSDT"), "hyperliquid": ("BTC", "XBT"),
}  # fmt: skip
# What each says of a contract whose positions may be made smaller, and of one that takes no order.
LIMITED = {"bitget": "reducing", "binance": "trading", "hyperliquid": "trading"}
HALTED = {"bitget": "halted", "binance": "halted", "hyperliquid": "trading"}
HALT_WORDS = {"bitget": "40308", "binance": "-4108", "hyperliquid": "halted"}


def phase_of(exchange: Running) -> InstrumentState:
    (told,) = talked(exchange, lambda venue: venue.states([exchange.words.btc]))
    return told


def test_card_47_instruments_are_listed_by_their_symbols_and_what_is_not_there_has_ended(exchange, words):
    asked = [words.btc, DOGE[words.venue], PEPE[words.venue][0]]
    btc, doge, pepe = talked(exchange, lambda venue: venue.states(asked))
    assert (btc.instrument, btc.symbol, btc.phase) == (words.btc, NAMES[words.venue][0], "trading")
    assert (btc.reduces_ts, btc.halts_ts, btc.ends_ts) == (None, None, None)
    assert (doge.instrument, doge.phase) == (DOGE[words.venue], "ended")
    assert (pepe.instrument, pepe.symbol) == PEPE[words.venue]


def test_card_48_a_status_that_changes_is_told(exchange, words):
    told = {}
    for what in ("limit_open", "halt", "delist", "resume"):
        exchange.do(what)
        told[what] = phase_of(exchange).phase
    assert told == {
        "limit_open": LIMITED[words.venue], "halt": HALTED[words.venue], "delist": "ended", "resume": "trading",
    }  # fmt: skip


def test_card_49_what_is_announced_is_told_with_its_time_where_the_venue_announces(exchange, words):
    for status, in_ms in (("off", HOUR), ("limit_open", 2 * HOUR), ("maintain", 3 * HOUR)):
        exchange.do("announce", status=status, in_ms=in_ms)
    now = exchange.control("GET", "clock")["market_ms"]
    told = phase_of(exchange)
    times = {
        "bitget": (2 * HOUR, 3 * HOUR, HOUR), "binance": (None, None, HOUR), "hyperliquid": (None, None, None),
    }[words.venue]  # fmt: skip
    for ts, ahead in zip((told.reduces_ts, told.halts_ts, told.ends_ts), times, strict=True):
        assert (ts is None) == (ahead is None)
        assert ts is None or now + ahead - 60_000 < ts <= now + ahead
    assert told.phase == "trading"


@pytest.mark.parametrize("kind", ["html", "cut-json", "null-data", "empty-body"])
def test_card_50_an_answer_that_cannot_be_understood_says_nothing_of_what_is_listed(exchange, kind, words):
    async def look(venue):
        exchange.fault(kind, method="GET", path={"hyperliquid": "meta", "binance": "exchangeInfo"}.get(
            words.venue, "contracts"))  # fmt: skip
        with pytest.raises(TransientError):
            await venue.states([words.btc])
        return await venue.states([words.btc])

    (told,) = talked(exchange, look)
    assert told.phase == "trading"


def test_card_51_the_accounts_own_fees_are_those_that_its_fills_pay(exchange, words):
    exchange.do("contract", taker="0.00037", maker="0.00011")

    async def trade(venue):
        level = await venue.fee_level(words.btc)
        await entered(words, venue)
        return level, (await venue.fills(0))[0]

    level, fill = talked(exchange, trade)
    assert level == FeeLevel(D("0.00037"), D("0.00011"))
    # Hyperliquid writes fees to six places.
    assert abs(fill.fee - fill.qty * fill.price * level.taker) <= D("0.000001")


def test_card_52_a_halted_contract_takes_no_exit_and_the_same_exit_afterwards(exchange, words):
    async def trade(venue):
        await entered(words, venue)
        exchange.do("halt")
        for _ in range(3):
            with pytest.raises(ConnectorError, match=HALT_WORDS[words.venue]) as caught:
                await venue.place(exit_of(words))
            assert venue._wire.meaning_under(caught.value) == "halted"
        exchange.do("resume")
        await venue.place(exit_of(words))
        return await venue.positions(), await venue.fills(0)

    held, fills = talked(exchange, trade)
    assert held == []
    assert [one.client_id for one in fills] == [f"{1:032x}", f"{2:032x}"]


def test_card_53_an_exit_that_is_refused_for_maintenance_is_no_refusal_of_the_exit(exchange, words):
    async def trade(venue):
        await entered(words, venue)
        exchange.fault("maintenance", times=2)
        for _ in range(2):
            with pytest.raises(ConnectorError, match=words.halted):
                await venue.place(exit_of(words))
        await venue.place(exit_of(words))
        return await venue.positions()

    assert talked(exchange, trade) == []


def test_card_54_an_exit_that_is_throttled_rejected_or_halted_is_told_apart(exchange, words):
    async def trade(venue):
        await entered(words, venue)
        met = []
        for kind in ("rate-limit", "refused", "maintenance"):
            exchange.fault(kind, method="POST", path=words.orders, times=1)
            with pytest.raises((TransientError, OrderRejected, ConnectorError)) as caught:
                await venue.place(exit_of(words))
            met.append((type(caught.value), venue._wire.meaning_under(caught.value)))
        await venue.place(exit_of(words))
        return met, await venue.positions()

    met, held = talked(exchange, trade)
    assert met == [
        (TransientError, "throttled"), (OrderRejected, "rejected"), (ConnectorError, "halted"),
    ]  # fmt: skip
    assert held == []


# A new name -----------------------------------------------------------------------------------------------------


def test_card_55_a_position_under_a_name_that_nobody_told_is_refused_and_never_nothing(exchange, words):
    old, new = NAMES[words.venue]

    async def trade(venue):
        await entered(words, venue)
        assert len(await venue.positions()) == 1
        exchange.do("rename", to=new)
        for _ in range(2):
            with pytest.raises(
                ConnectorError,
                match=rf"no longer lists {old}; what was traded now shows as {new}.*\[renamed\]",
            ):
                await venue.positions()
            with pytest.raises(ConnectorError):
                await venue.fills(0)

    talked(exchange, trade)
    with pytest.raises(ConnectorError):
        talked(exchange, lambda venue: venue.prepare(words.btc, D(5)))
    assert [one["qty"] for one in exchange.state()["positions"]] == ["0.05"]


def test_card_56_a_process_that_placed_nothing_knows_which_are_ours_once_it_was_told_or_asked(
    exchange, words
):
    async def trade(venue):
        await entered(words, venue)

    talked(exchange, trade)
    exchange.do("rename", to=NAMES[words.venue][1])

    async def look(venue):
        (told,) = await venue.states([words.btc])
        assert told.phase == "ended"
        with pytest.raises(ConnectorError, match="renamed"):
            await venue.positions()

    async def close(venue):
        with pytest.raises(ConnectorError, match="renamed"):
            await venue.positions()

    talked(exchange, look)
    talked(exchange, close, ours=[words.btc])


def test_card_57_told_of_a_new_name_everything_is_read_and_closed_under_the_instrument(exchange, words):
    new = NAMES[words.venue][1]

    async def trade(venue):
        await entered(words, venue)

    talked(exchange, trade)
    exchange.do("rename", to=new)

    async def close(venue):
        (told,), setup = await venue.states([words.btc]), await venue.prepare(words.btc, D(5))
        held, waiting = await venue.positions(), await venue.open_orders()
        known = await venue.order(words.btc, f"{1:032x}")
        level = await venue.fee_level(words.btc)
        await venue.place(exit_of(words))
        fills = await venue.fills(0)
        return (told, setup, held, waiting, known, level), fills, await venue.positions()

    seen, fills, left = talked(exchange, close, renamed={words.btc: new})
    told, setup, (held,), waiting, known, level = seen
    assert (told.symbol, told.phase) == (new, "trading")
    assert setup.leverage == D(5)
    assert (held.instrument, held.qty, held.stop, held.target) == (words.btc, D("0.05"), D(49_000), D(53_000))
    assert {one.instrument for one in waiting} == {words.btc}
    assert (known.instrument, known.state) == (words.btc, "filled")
    assert level.taker > 0
    assert [(one.instrument, one.client_id) for one in fills] == [
        (words.btc, f"{1:032x}"), (words.btc, f"{2:032x}"),
    ]  # fmt: skip
    assert left == []


def test_card_58_told_of_a_new_name_a_position_is_protected_and_closed_whatever_its_size(exchange, words):
    new = NAMES[words.venue][1]
    exchange.do("rename", to=new)

    async def trade(venue):
        await entered(words, venue)
        (held,) = await venue.positions()
        await venue.flash_close(words.btc)
        return held, await venue.positions()

    held, left = talked(exchange, trade, renamed={words.btc: new})
    assert (held.stop, held.target) == (D(49_000), D(53_000))
    assert left == []


# The gateway, over each of them ------------------------------------------------------------------------------------


def judged(exchange: Running) -> tuple[int, float, float] | None:
    """Return what the gateway says to an entry that keeps every other rule, from what the venue lists."""
    name = exchange.words.btc
    clock = StandingClock(START + HOUR)

    async def look(venue):
        sight = ListingMonitor(venue, {name: HOUR}, clock, lambda: 1.0, lambda line: None)
        # What is gone is believed at the third answer.
        for _ in range(3):
            await sight.check()
        return sight.phase(name), name in sight.ending_instruments()

    phase, is_ending = talked(exchange, look)
    seen = MarketSnapshot(
        last=100.0, age_s=1.0, bid=99.99, ask=100.01, reference=100.0, levels=((100.01, 50.0),)
    )
    entry = EntryCheck(
        "active", False, False, True, 3.0, 3_600.0, 100.0, 1.0, drift_s=0.0, market=seen, phase=phase
    )
    assert is_ending == (phase == "ended")
    return first_refusal(entry)


def test_card_59_an_entry_in_what_the_venue_says_it_does_not_trade_is_refused_with_why(exchange, words):
    assert judged(exchange) is None
    for what, phases in (
        ("limit_open", LIMITED),
        ("halt", HALTED),
        ("delist", dict.fromkeys(HALTED, "ended")),
    ):
        exchange.do(what)
        phase, refused = phases[words.venue], judged(exchange)
        if phase == "trading":
            # What the venue does not say is found out by the order.
            assert refused is None
            continue
        assert refused is not None
        code, limit, value = refused
        assert (codes.VETOES[code], limit, codes.INSTRUMENT_STATES[value]) == ("instrument_state", 0.0, phase)


def test_card_60_where_the_list_is_silent_an_entry_in_a_halted_contract_is_told_at_the_order(exchange, words):
    async def trade(venue):
        await venue.prepare(words.btc, D(5))
        exchange.do("halt")
        with pytest.raises(ConnectorError, match=HALT_WORDS[words.venue]):
            await venue.place(order(words))

    talked(exchange, trade)
    assert exchange.state()["orders"] == []


def test_cards_are_of_every_venue():
    assert set(NAMES) == set(HALTED) == set(LIMITED) == {one.venue for one in VENUES}
