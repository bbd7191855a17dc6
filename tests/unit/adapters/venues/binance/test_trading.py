"""What is Binance's own: stops are orders, levels are replaced without a gap, fees are paid in the margin coin."""

import asyncio
from contextlib import aclosing
from decimal import Decimal

import pytest

from tests.clocks import StandingClock
from tests.contracts.test_trading_venues import entered, order, talked
from tests.contracts.trading_exchanges import BINANCE, served, walking
from vigie.adapters.venues.binance.wire import BinanceWire
from vigie.adapters.venues.manifest import FOLDER, read_manifest
from vigie.domain.errors import ConnectorError, OrderRejected, OutcomeUnknown
from vigie.ports.trading import KeyRights, Levels

pytest.importorskip("ccxt")

D = Decimal
BTC = BINANCE.btc


@pytest.fixture
def exchange():
    with served(walking(BINANCE)) as running:
        yield running


def waiting(exchange):
    return [one for one in exchange.state()["plans"] if one["state"] == "live"]


def test_the_levels_of_an_entry_follow_it_at_once(exchange):
    async def trade(venue):
        await venue.prepare(BTC, D(5))
        await venue.place(order(BINANCE, stop=D(49_000), target=D(53_000)))
        return venue.attaches_levels, await venue.positions()

    attaches, (held,) = talked(exchange, trade)
    assert (attaches, held.stop, held.target) == (False, D(49_000), D(53_000))


@pytest.mark.parametrize(
    "kind", ["level-refused", "reset", "html", "rate-limit", "system-error", "levels-dropped"]
)
def test_what_hinders_the_levels_does_not_hinder_the_entry(exchange, kind):
    async def trade(venue):
        await venue.prepare(BTC, D(5))
        exchange.fault(kind, method="POST", path="algoOrder")
        id_ = await venue.place(order(BINANCE, stop=D(49_000)))
        return id_, (await venue.order(BTC, f"{1:032x}")).order_id

    told, found = talked(exchange, trade)
    assert told == found


def test_an_entry_that_waits_has_no_levels_yet_and_an_exit_never(exchange):
    async def trade(venue):
        await venue.prepare(BTC, D(5))
        await venue.place(order(BINANCE, limit=D(40_000), stop=D(39_000)))
        await venue.place(order(BINANCE, 2))
        await venue.place(order(BINANCE, 3, -1, is_reduce_only=True, stop=D(49_000)))

    talked(exchange, trade)
    assert exchange.state()["plans"] == []


def test_a_position_never_stands_without_a_stop_while_it_is_replaced(exchange):
    """However often it moves, and wherever the process ends in between."""
    seen = []

    async def trade(venue):
        await entered(BINANCE, venue, target=None)
        seen.append([one["trigger"] for one in waiting(exchange)])
        sent = venue._wire.order

        async def watched(path, body, **more):
            answer = await sent(path, body, **more)
            seen.append([one["trigger"] for one in waiting(exchange)])
            return answer

        venue._wire.order = watched
        for stop in (49_100, 49_200, 49_300):
            await venue.protect(Levels(BTC, 1, D(stop), None))
        return await venue.positions()

    (held,) = talked(exchange, trade)
    assert all(seen)
    assert held.stop == D(49_300)
    assert [one["trigger"] for one in waiting(exchange)] == ["49300"]


def test_a_level_that_stands_already_is_not_placed_again(exchange):
    async def trade(venue):
        await entered(BINANCE, venue)
        before = waiting(exchange)
        await venue.protect(Levels(BTC, 1, D(49_000), D(53_000)))
        return before

    assert [one["id"] for one in talked(exchange, trade)] == [one["id"] for one in waiting(exchange)]


@pytest.mark.parametrize("kind", ["html", "reset", "lost-answer", "system-error", "no-order-id"])
def test_a_stop_that_may_have_arrived_is_found_by_the_next_try(exchange, kind):
    async def trade(venue):
        await venue.prepare(BTC, D(5))
        await venue.place(order(BINANCE))
        exchange.fault(kind, method="POST", path="algoOrder", seconds=0.2)
        with pytest.raises(OutcomeUnknown):
            await venue.protect(Levels(BTC, 1, D(49_000), None))
        await venue.protect(Levels(BTC, 1, D(49_000), None))

    talked(exchange, trade)
    assert [one["trigger"] for one in waiting(exchange)] == ["49000"]


def test_without_a_position_there_is_nothing_to_protect(exchange):
    async def trade(venue):
        await venue.prepare(BTC, D(5))
        with pytest.raises(OrderRejected, match="-4509"):
            await venue.protect(Levels(BTC, 1, D(49_000), None))

    talked(exchange, trade)


def test_an_id_whose_order_has_ended_is_read_back_and_not_sent_again(exchange):
    """The venue would take it: its ids are unique among open orders only."""
    first = talked(exchange, lambda venue: entered(BINANCE, venue))
    assert talked(exchange, lambda venue: venue.place(order(BINANCE))) == first
    assert len(exchange.state()["trades"]) == 1


def test_fees_in_another_coin_are_switched_off_or_the_account_is_refused(exchange):
    async def burnt(venue):
        await venue._wire.order("feeBurn", {"feeBurn": "true"})
        await venue.prepare(BTC, D(5))
        off = await venue._pays_fees_in_bnb()
        await venue._wire.order("feeBurn", {"feeBurn": "true"})
        exchange.fault("refused", path="feeBurn")
        venue._checked_ms = 0
        with pytest.raises(ConnectorError, match="charges fees in BNB, which Vigie cannot book;"):
            await venue.prepare(BTC, D(5))
        return off

    assert talked(exchange, burnt) is False


def test_a_position_larger_than_one_order_is_closed_in_several(exchange):
    async def trade(venue):
        await entered(BINANCE, venue)
        exchange.do("contract", max_qty="0.02")
        await venue.flash_close(BTC)
        return await venue.positions()

    assert talked(exchange, trade) == []
    assert [one["qty"] for one in exchange.state()["trades"]][1:] == ["0.02", "0.02", "0.01"]


def test_demo_trading_has_addresses_of_its_own_and_none_of_real_money():
    wire = BinanceWire(StandingClock(), url=None, key="k", secret="s", demo=True, is_paced=False)
    assert not wire.has_wallet
    api = wire._client.urls["api"]
    assert {value.split("/")[2].split(".")[0] for value in api.values() if isinstance(value, str)} == {
        "demo-api", "demo-dapi", "demo-fapi",
    }  # fmt: skip
    asyncio.run(wire.close())
    assert BinanceWire(StandingClock(), url=None, key="k", secret="s", demo=False, is_paced=False).has_wallet


def test_a_key_of_demo_trading_has_no_wallet_to_withdraw_from(exchange):
    async def rights(venue):
        del venue._wire._client.urls["api"]["sapi"]
        return await venue.rights()

    assert talked(exchange, rights) == KeyRights(can_read=True, can_trade=True, can_withdraw=False)


def test_the_manifest_asks_for_a_key_in_two_parts():
    assert read_manifest(FOLDER / "binance").credentials == ("API key", "secret")


def test_looking_twice_a_second_stays_within_the_venue_s_minute(exchange):
    async def look(venue):
        await entered(BINANCE, venue)
        used = []
        for _ in range(3):
            await venue.positions()
            await venue.fills(0)
            used.append(int(venue._wire._client.last_response_headers["x-mbx-used-weight-1m"]))
        return used[-1] - used[-2]

    # 2,400 a minute, of which a sixth is left to orders.
    assert 120 * talked(exchange, look) <= 2_000


def test_leverage_that_a_person_changes_is_seen_after_a_minute(exchange):
    async def look(venue):
        await entered(BINANCE, venue)
        before = (await venue.positions())[0].leverage
        venue._leverage["BTCUSDT"] = D(9)
        (cached,) = await venue.positions()
        venue._leverage_read_ms -= 60_000
        return before, cached.leverage, (await venue.positions())[0].leverage

    assert talked(exchange, look) == (D(5), D(9), D(5))


def test_a_stream_that_answers_no_question_is_heard_all_the_same(exchange):
    async def listen(venue):
        venue._stream.probe_timeout_s, venue._stream.ping_s = 0.05, 0.01
        exchange.fault("dead-stream")
        told = []
        async with aclosing(venue.hints()) as hints:
            async for hint in hints:
                told.append(hint.kind)
                if hint.kind == "connected":
                    exchange.control("DELETE", "fault", {})
                    await entered(BINANCE, venue)
                if hint.kind in ("fill", "lost"):
                    break
        return told

    assert talked(exchange, listen)[-1] == "fill"
