"""ccxt's own `binanceusdm` class, unmodified but for addresses, trades at the sandbox exchange in another process.

Nothing of the product is imported here: what speaks to the exchange is what speaks to the real venue.
"""

import asyncio

import pytest

from tests.independence.children import FALL, FIRST, MINUTE, QUIET, control, spoken, started, watched

pro = pytest.importorskip("ccxt.pro")
rest = pytest.importorskip("ccxt.async_support")

BTC = "BTC/USDT:USDT"
CLIENT_ID = "0123456789abcdef0123456789abcdef"


@pytest.fixture
def exchange(tmp_path):
    """Return address, key, secret, passphrase and the address of the control of a running exchange."""
    with started(tmp_path, "binance", "BTCUSDT") as (_, told):
        yield told


def settings(exchange, kind):
    """Return what the client needs to know: addresses and key."""
    address, key, secret, *_ = exchange
    plain = kind()
    api = {
        name: address + value[value.index("/", 8) :]
        for name, value in plain.urls["api"].items()
        if isinstance(value, str)
    }
    if "ws" in plain.urls["api"]:
        api["ws"] = {"linear": address.replace("http", "ws") + "/ws"}
    return {"apiKey": key, "secret": secret, "urls": {"api": api}, "has": {"fetchCurrencies": False}}


def talked(exchange, kind, conversation):
    return spoken(kind, settings(exchange, kind), conversation)


def test_the_plain_client_reads_everything_that_it_can(exchange):
    async def read(client):
        return {
            "balance": await client.fetch_balance(),
            "time": await client.fetch_time(),
            "ticker": await client.fetch_ticker(BTC),
            "tickers": await client.fetch_tickers([BTC]),
            "bids": await client.fetch_bids_asks([BTC]),
            "book": await client.fetch_order_book(BTC, 5),
            "bars": await client.fetch_ohlcv(BTC, "1m", limit=10),
            "rate": await client.fetch_funding_rate(BTC),
            "rates": await client.fetch_funding_rate_history(BTC),
            "hours": await client.fetch_funding_intervals([BTC]),
            "interest": await client.fetch_open_interest(BTC),
            "tiers": await client.fetch_market_leverage_tiers(BTC),
            "lever": await client.fetch_leverage(BTC),
            "mode": await client.fetch_margin_mode(BTC),
            "hedged": await client.fetch_position_mode(BTC),
            "fee": await client.fetch_trading_fee(BTC),
            "positions": await client.fetch_positions(),
            "orders": await client.fetch_open_orders(BTC),
            "plans": await client.fetch_open_orders(BTC, params={"trigger": True}),
            "closed": await client.fetch_closed_orders(BTC),
            "trades": await client.fetch_my_trades(BTC),
            "paid": await client.fetch_funding_history(BTC),
            "ledger": await client.fetch_ledger("USDT"),
        }

    told = talked(exchange, rest.binanceusdm, read)
    assert told["balance"]["USDT"]["total"] == 10_000.0
    assert told["ticker"]["last"] == pytest.approx(50_000.0, abs=10.0)
    assert told["book"]["bids"][0][0] < told["ticker"]["last"] + 1 < told["book"]["asks"][0][0] + 2
    assert [bar[0] for bar in told["bars"]] == [FIRST + number * MINUTE for number in range(21, 31)]
    assert told["tiers"][0]["maintenanceMarginRate"] == 0.005
    assert told["mode"]["marginMode"] == "isolated"
    assert told["hedged"]["hedged"] is False
    assert told["hours"][BTC]["interval"] == "8h"
    lists = ("positions", "orders", "plans", "closed", "trades", "paid")
    assert [told[name] for name in lists] == [[]] * len(lists)
    assert told["ledger"][0]["amount"] == 10_000.0


def test_the_plain_client_changes_an_order_in_place(exchange):
    async def change(client):
        placed = await client.create_order(BTC, "limit", "buy", 0.01, 40_000.0)
        changed = await client.edit_order(placed["id"], BTC, "limit", "buy", 0.02, 41_000.0)
        rests = await client.fetch_open_orders(BTC)
        await client.cancel_order(placed["id"], BTC)
        return placed, changed, rests

    placed, changed, (rests,) = talked(exchange, rest.binanceusdm, change)
    assert placed["id"] == changed["id"] == rests["id"]
    assert (rests["amount"], rests["price"], rests["status"]) == (0.02, 41_000.0, "open")


def test_an_entry_its_own_stop_order_and_what_is_left_are_seen_by_the_streaming_client(exchange):
    seen = {"watch_orders": [], "watch_my_trades": []}

    async def told_of_deposits(client):
        """Give money until the stream tells of it: then it stands."""
        heard, given = asyncio.ensure_future(client.watch_balance()), 0
        while not heard.done():
            await asyncio.to_thread(control, exchange, "do", what="deposit", amount="1")
            given += 1
            await asyncio.wait({heard}, timeout=0.1)
        return given

    async def trade(client):
        await client.set_leverage(5, BTC)
        lever = await client.fetch_leverage(BTC)
        tasks = watched(client, BTC, seen)
        deposits = await told_of_deposits(client)
        bar = (await client.watch_ohlcv(BTC, "1m"))[-1]
        ticker = await client.watch_ticker(BTC)
        placed = await client.create_order(BTC, "market", "buy", 0.05, None, {"newClientOrderId": CLIENT_ID})
        read = await client.fetch_order(None, BTC, {"origClientOrderId": CLIENT_ID})
        stop = await client.create_order(
            BTC, "market", "sell", 0.05, None, {"stopLossPrice": 49_000.0, "closePosition": True}
        )
        target = await client.create_order(
            BTC, "market", "sell", 0.05, None, {"takeProfitPrice": 53_000.0, "reduceOnly": True}
        )
        (held,) = await client.fetch_positions([BTC])
        plans = await client.fetch_open_orders(BTC, params={"trigger": True})
        await asyncio.to_thread(control, exchange, "clock", jump_to=FIRST + (QUIET + FALL + 10) * MINUTE)
        while len(seen["watch_my_trades"]) < 2:
            await asyncio.sleep(0.02)
        after = await client.fetch_positions([BTC])
        trades, balance = await client.fetch_my_trades(BTC), await client.fetch_balance()
        ended = await client.fetch_order(stop["id"], BTC, {"trigger": True})
        await client.cancel_order(target["id"], BTC, {"trigger": True})
        for task in tasks:
            task.cancel()
        return lever, bar, ticker, placed, read, held, plans, after, trades, balance, ended, deposits

    told = talked(exchange, pro.binanceusdm, trade)
    lever, bar, ticker, placed, read, held, plans, after, trades, balance, ended, deposits = told
    assert lever["longLeverage"] == lever["shortLeverage"] == 5
    assert bar[0] == FIRST + 30 * MINUTE
    assert ticker["last"] == pytest.approx(50_000.0, abs=10.0)
    assert (placed["status"], placed["filled"]) == ("closed", 0.05)
    assert (read["id"], read["clientOrderId"], read["status"]) == (placed["id"], CLIENT_ID, "closed")
    assert (held["contracts"], held["side"], held["marginMode"]) == (0.05, "long", "isolated")
    assert sorted(one["info"]["orderType"] for one in plans) == ["STOP_MARKET", "TAKE_PROFIT_MARKET"]
    assert after == []
    entry, out = trades
    assert (entry["order"], entry["side"], out["side"]) == (placed["id"], "buy", "sell")
    assert 48_900.0 < out["price"] < 49_000.0
    assert (ended["info"]["algoStatus"], ended["info"]["actualOrderId"]) == ("FINISHED", out["order"])
    assert [one["id"] for one in seen["watch_my_trades"]] == [entry["id"], out["id"]]
    assert {one["clientOrderId"] for one in seen["watch_orders"]} >= {CLIENT_ID}
    paid = sum(one["fee"]["cost"] for one in trades)
    gross = (out["price"] - entry["price"]) * 0.05
    assert balance["USDT"]["total"] == pytest.approx(10_000.0 + deposits + gross - paid, abs=1e-6)


def test_resting_orders_are_cancelled_and_an_id_is_taken_while_its_order_is_open_only(exchange):
    named = {"newClientOrderId": "mine-1"}

    async def trade(client):
        limit = await client.create_order(BTC, "limit", "buy", 0.01, 49_900.0, named)
        (waiting,) = await client.fetch_open_orders(BTC)
        with pytest.raises(Exception, match="-4116"):
            await client.create_order(BTC, "limit", "buy", 0.01, 49_800.0, named)
        await client.cancel_order(limit["id"], BTC)
        gone = await client.fetch_order(limit["id"], BTC)
        again = await client.create_order(BTC, "market", "sell", 0.0137, None, named)
        read = await client.fetch_order(None, BTC, {"origClientOrderId": "mine-1"})
        with pytest.raises(Exception, match="-4120"):
            await client.fapiPrivatePostOrder(
                {
                    "symbol": "BTCUSDT",
                    "side": "BUY",
                    "type": "STOP_MARKET",
                    "stopPrice": "51000",
                    "quantity": "0.01",
                }
            )
        await client.create_order(BTC, "market", "buy", 0.0137, None, {"reduceOnly": True})
        with pytest.raises(Exception, match="-2022"):
            await client.create_order(BTC, "market", "buy", 0.0137, None, {"reduceOnly": True})
        return waiting, gone, again, read, await client.fetch_positions([BTC])

    waiting, gone, again, read, left = talked(exchange, rest.binanceusdm, trade)
    assert (waiting["clientOrderId"], waiting["price"], waiting["status"]) == ("mine-1", 49_900.0, "open")
    assert gone["status"] == "canceled"
    assert again["id"] == read["id"] != waiting["id"]
    assert left == []


def test_an_exchange_that_was_killed_knows_every_order_when_it_is_back(tmp_path):
    async def enter(client):
        placed = await client.create_order(BTC, "market", "buy", 0.01, None, {"newClientOrderId": CLIENT_ID})
        await client.create_order(
            BTC, "market", "sell", 0.01, None, {"stopLossPrice": 49_000.0, "closePosition": True}
        )
        return placed

    async def look(client):
        plans = await client.fetch_open_orders(BTC, params={"trigger": True})
        return await client.fetch_order(None, BTC, {"origClientOrderId": CLIENT_ID}), plans

    with started(tmp_path, "binance", "BTCUSDT") as (child, told):
        placed = talked(told, rest.binanceusdm, enter)
        child.kill()
    with started(tmp_path, "binance", "BTCUSDT") as (_, told):
        read, plans = talked(told, rest.binanceusdm, look)
    assert (read["id"], read["status"]) == (placed["id"], "closed")
    assert [(one["info"]["orderType"], one["info"]["closePosition"]) for one in plans] == [
        ("STOP_MARKET", True)
    ]


def test_the_plain_client_moves_money_between_wallets_and_reads_every_list_of_it(exchange):
    async def move(client):
        with pytest.raises(Exception, match="not authorized"):
            await client.transfer("USDT", 1, "spot", "linear")
        rights = ["enableReading", "enableFutures", "permitsUniversalTransfer"]
        await asyncio.to_thread(control, exchange, "do", what="rights", authorities=rights)
        await asyncio.to_thread(control, exchange, "do", what="deposit", amount="100", wallet="main")
        there = await client.transfer("USDT", 40, "spot", "linear")
        await client.transfer("USDT", 15.5, "linear", "spot")
        with pytest.raises(Exception, match="insufficient balance"):
            await client.transfer("USDT", 1_000, "spot", "linear")
        await asyncio.to_thread(control, exchange, "do", what="deposit", amount="-5")
        until = FIRST + 24 * 60 * MINUTE
        return {
            "there": there,
            "in": await client.fetch_transfers(
                "USDT", FIRST, params={"fromAccount": "spot", "toAccount": "linear", "until": until}
            ),
            "out": await client.fetch_transfers(
                "USDT", FIRST, params={"fromAccount": "linear", "until": until}
            ),
            "deposits": await client.fetch_deposits("USDT", FIRST),
            "withdrawals": await client.fetch_withdrawals("USDT", FIRST),
            "ledger": await client.fetch_ledger("USDT", FIRST),
            "balance": await client.fetch_balance(),
            "spot": (await client.privateGetAccount())["balances"],
        }

    told = talked(exchange, rest.binanceusdm, move)
    assert [(one["amount"], one["toAccount"]) for one in told["in"]] == [
        (10_000.0, "linear"),
        (40.0, "linear"),
    ]
    assert told["in"][-1]["id"] == told["there"]["id"]
    assert [(one["amount"], one["fromAccount"], one["status"]) for one in told["out"]] == [
        (15.5, "linear", "ok"),
        (5.0, "linear", "ok"),
    ]
    assert sorted(one["amount"] for one in told["deposits"]) == [100.0, 10_000.0]
    assert [(one["amount"], one["status"]) for one in told["withdrawals"]] == [(5.0, "ok")]
    flows = [one["amount"] * (1 if one["direction"] == "in" else -1) for one in told["ledger"]]
    assert flows == [10_000.0, 40.0, -15.5, -5.0]
    assert told["balance"]["USDT"]["total"] == sum(flows) == 10_019.5
    assert float(told["spot"][0]["free"]) == 100.0 - 40.0 + 15.5


def test_the_plain_client_reads_weeks_trades_and_open_interest_and_cancels_many_at_once(exchange):
    async def read(client):
        made = [await client.create_order(BTC, "limit", "buy", 0.01, 40_000.0 + place) for place in range(3)]
        weeks = await client.fetch_ohlcv(BTC, "1w")
        trades = await client.fetch_trades(BTC, limit=50)
        since = await client.fetch_trades(BTC, FIRST + 5 * MINUTE, 20)
        interest = await client.fetch_open_interest_history(BTC, "5m", limit=5)
        gone = await client.cancel_orders([made[0]["id"], made[1]["id"]], BTC)
        left = await client.fetch_open_orders(BTC)
        timer = await client.fapiPrivatePostCountdownCancelAll({"symbol": "BTCUSDT", "countdownTime": 60_000})
        await asyncio.to_thread(control, exchange, "clock", jump_to=FIRST + 32 * MINUTE)
        after = await client.fetch_open_orders(BTC)
        last = await client.fetch_order(made[2]["id"], BTC)
        return weeks, trades, since, interest, gone, left, timer, after, last

    weeks, trades, since, interest, gone, left, timer, after, last = talked(exchange, rest.binanceusdm, read)
    monday = 1_766_966_400_000
    assert [week[0] for week in weeks] == [monday]
    assert len(trades) == 50
    assert [one["timestamp"] for one in trades] == sorted(one["timestamp"] for one in trades)
    assert all(one["price"] == pytest.approx(50_000.0, abs=10.0) and one["amount"] > 0 for one in trades)
    ends = [FIRST + 5 * MINUTE + 5_000 * place - 1 for place in range(1, 21)]
    assert [one["timestamp"] for one in since] == ends
    assert [one["timestamp"] for one in interest] == [FIRST + 5 * MINUTE * place for place in range(2, 7)]
    assert [one["status"] for one in gone] == ["canceled", "canceled"]
    assert len(left) == 1
    assert timer == {"symbol": "BTCUSDT", "countdownTime": "60000"}
    assert after == []
    assert last["status"] == "canceled"
