"""How often the venue is asked, and how long lists are read."""

import asyncio
from dataclasses import replace
from decimal import Decimal

import pytest

from tests.clocks import JumpingClock
from vigie.adapters.venues.hyperliquid.lookups import HyperliquidLookups
from vigie.adapters.venues.hyperliquid.trading import HyperliquidTrading
from vigie.adapters.venues.hyperliquid.wire import HyperliquidWire
from vigie.adapters.venues.rank_queue import Rank
from vigie.adapters.venues.weight_budget import WeightBudget
from vigie.domain.errors import OrderWithheld, TransientError
from vigie.ports.trading import Levels, NewOrder
from vigie.services.trading.process.trading import LEASE_S


def spent(clock, parts, *, most=1_200, rank=Rank.READ):
    async def spend():
        budget = WeightBudget(clock, most)
        for weight in parts:
            await budget.spend(weight, rank)
        return sum(clock.waits)

    return asyncio.run(spend())


def test_reads_wait_for_room_in_the_minute_and_leave_some_to_orders():
    assert spent(JumpingClock(), [20] * 50) == 0
    assert spent(JumpingClock(), [20] * 51) >= 60
    assert spent(JumpingClock(), [20] * 500, most=0) == 0


def test_what_makes_a_position_smaller_never_waits_and_an_entry_leaves_it_room():
    assert spent(JumpingClock(), [20] * 500, rank=Rank.EXIT) == 0
    assert spent(JumpingClock(), [1] * 1_170, rank=Rank.ENTRY) == 0
    assert spent(JumpingClock(), [1] * 1_171, rank=Rank.ENTRY) >= 60


def test_a_look_at_positions_has_the_room_that_reads_leave_and_leaves_some_to_orders():
    async def look(looks):
        clock = JumpingClock()
        budget = WeightBudget(clock, 1_200)
        for _ in range(50):
            await budget.spend(20)
        for _ in range(looks):
            await budget.spend(20, Rank.LOOK)
        return clock.waits

    assert asyncio.run(look(7)) == []
    assert asyncio.run(look(8)) != []


class Protecting:
    """A venue with one position that takes its time to answer questions; keeps when actions expire."""

    def __init__(self, clock, answers_s=0.0):
        self.clock, self.answers_s, self.expires = clock, answers_s, []

    async def request(self, path, api, method, body):
        if path == "exchange":
            self.expires.append(body["expiresAfter"])
            statuses = [{"resting": {"oid": 7}}, {"resting": {"oid": 8}}]
            return {
                "status": "ok",
                "response": {"data": {"statuses": statuses[: len(body["action"].get("orders", [1]))]}},
            }
        self.clock.now += round(self.answers_s * 1_000)
        held = {"coin": "BTC", "szi": "1", "entryPx": "100", "leverage": {"value": 5}, "positionValue": "100"}
        return {
            "exchangeStatus": {"time": self.clock.now},
            "userRole": {"role": "agent", "data": {"user": "0x" + "1" * 40}},
            "meta": {"universe": [{"name": "BTC", "szDecimals": 4}]},
            "allMids": {"BTC": "100"},
            "orderStatus": {"status": "unknownOid"},
            "frontendOpenOrders": [],
            "clearinghouseState": {"time": self.clock.now, "assetPositions": [{"position": held}]},
        }[body["type"]]

    def sign_l1_action(self, *_):
        return {}


BTC = "btc-usdc-perp"
LEVELS = Levels(BTC, 1, Decimal(90), Decimal(110))
EXIT = NewOrder(BTC, "a" * 32, -1, Decimal(1), is_reduce_only=True, ts=JumpingClock().now)


def trading(clock, client):
    wire = HyperliquidWire(
        clock, url="http://127.0.0.1:1", account="0x" + "1" * 40, secret="2" * 64, demo=True, is_paced=True
    )
    wire._is_signer_known, wire._client = True, client
    return wire, HyperliquidTrading("hyperliquid-perp", wire, "ws://127.0.0.1:1", clock)


@pytest.mark.parametrize(
    "deed",
    [
        lambda venue: venue.positions(),
        lambda venue: venue.protect(LEVELS),
        lambda venue: venue.flash_close(BTC),
        lambda venue: venue.place(EXIT),
    ],
    ids=["look", "protect", "close", "exit"],
)
def test_nothing_that_protects_a_position_waits_where_reads_have_used_up_theirs(deed):
    pytest.importorskip("ccxt")
    clock = JumpingClock()
    wire, venue = trading(clock, Protecting(clock))

    async def story():
        await wire.know_the_time()
        for _ in range(49):
            await wire._budget.spend(20)
        await deed(venue)

    asyncio.run(story())
    assert clock.waits == []


@pytest.mark.parametrize("deed", [
    lambda venue: venue.protect(LEVELS), lambda venue: venue.flash_close(BTC), lambda venue: venue.place(EXIT),
    lambda venue: venue.cancel(BTC, "a" * 32),
], ids=["protect", "close", "exit", "cancel"])  # fmt: skip
def test_what_protects_a_position_asks_for_the_time_and_the_signer_before_looks_do(deed):
    """After an answer that the request was too late, or that the key does not sign, neither is known any more."""
    pytest.importorskip("ccxt")
    clock = JumpingClock()
    told = Protecting(clock)
    wire, venue = trading(clock, told)
    wire._is_signer_known, wire._offset = False, None

    async def story():
        while not wire._budget.take(20, Rank.LOOK):
            pass
        await deed(venue)

    asyncio.run(story())
    assert clock.waits == []
    assert told.expires


def test_an_entry_dies_with_the_right_to_trade_however_long_the_questions_before_it_took():
    pytest.importorskip("ccxt")
    clock = JumpingClock()
    told = Protecting(clock, answers_s=9.0)
    _, venue = trading(clock, told)
    entry = NewOrder(BTC, "b" * 32, 1, Decimal(1), is_reduce_only=False, ts=clock.now)
    asyncio.run(venue.place(entry))
    # Signed as of the intent, from which on the right lasts as long: not as of the sending, 9 s and more after it.
    assert clock.now >= entry.ts + 9_000
    assert max(told.expires) <= entry.ts + round(LEASE_S * 1_000)


class Pages:
    """A wire whose list has more rows than a page; several share a time."""

    account = "0x1"

    def __init__(self, times, most):
        self.times = times
        self.most = most

    async def ask_account(self, _kind, startTime, **_):
        found = [{"tid": number, "time": ts} for number, ts in enumerate(self.times) if ts >= startTime]
        return found[: self.most]


def read(times, most):
    return asyncio.run(HyperliquidLookups(Pages(times, most)).list_since("userFillsByTime", 0, most, "tid"))


def test_a_list_is_read_page_by_page_each_row_once():
    times = [number // 3 for number in range(100)]
    assert [row["tid"] for row in read(times, 10)] == list(range(100))


def test_more_rows_of_one_time_than_a_page_holds_are_not_taken_for_all():
    with pytest.raises(TransientError, match="same page"):
        read([5] * 30, 10)


def test_orders_of_one_moment_share_one_question_for_prices_and_later_ones_ask_again():
    pytest.importorskip("ccxt")
    clock = JumpingClock()
    told, asked = Protecting(clock), []
    _, venue = trading(clock, told)
    request = told.request

    async def counted(path, api, method, body):
        asked.append(body.get("type", path))
        return await request(path, api, method, body)

    told.request = counted

    async def story():
        await venue.place(EXIT)
        asked.clear()
        await asyncio.gather(
            *(venue.place(replace(EXIT, client_id=f"{k}" * 32)) for k in range(5)),
        )
        assert (asked.count("allMids"), asked.count("orderStatus")) == (1, 5)
        await venue.place(replace(EXIT, client_id="f" * 32))
        assert asked.count("allMids") == 2

    asyncio.run(story())


def test_what_belongs_to_the_account_is_not_asked_for_each_contract_that_is_set_up():
    pytest.importorskip("ccxt")
    clock, asked = JumpingClock(), []
    wire, venue = trading(clock, None)

    class Told:
        async def request(self, path, api, method, body):
            asked.append(body["type"])
            return {"userCrossRate": "0.00045", "userAddRate": "0.00015"}

    wire._client = Told()

    async def story():
        for coin in ("btc", "eth", "sol"):
            await venue.fee_level(f"{coin}-usdc-perp")
        clock.now += 61_000
        await venue.fee_level(BTC)

    asyncio.run(story())
    assert asked == ["userFees", "userFees"], "once, and again after a minute"


def test_an_order_that_has_waited_for_room_asks_once_more_whether_it_may_leave():
    pytest.importorskip("ccxt")
    clock = JumpingClock()
    told = Protecting(clock)
    wire, venue = trading(clock, told)
    why = ["the bar was corrected"]
    waited = []

    def held_back():
        waited.append(sum(clock.waits))
        return why[0]

    entry = NewOrder(BTC, "b" * 32, 1, Decimal(1), is_reduce_only=False, ts=clock.now, withheld=held_back)

    async def story():
        await wire.know_the_time()
        await wire._budget.spend(1_165, Rank.EXIT)
        await venue.place(entry)

    with pytest.raises(OrderWithheld, match="corrected"):
        asyncio.run(story())
    assert told.expires == [], "nothing was sent"
    assert waited[0] > 30, "it was asked after the wait"
