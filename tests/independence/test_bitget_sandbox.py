"""ccxt's own `bitget` class, unmodified but for addresses, trades at the sandbox exchange in another process.

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
    with started(tmp_path, "bitget", "BTCUSDT", tick="0.1") as (_, told):
        yield told


def settings(exchange, kind):
    """Return what the client needs to know: addresses and keys."""
    address, key, secret, passphrase, _ = exchange
    plain = kind()
    api = {name: address for name, value in plain.urls["api"].items() if isinstance(value, str)}
    for group in ("ws", "demo"):
        if group in plain.urls["api"]:
            stream = address.replace("http", "ws") + "/v2/ws/"
            api[group] = {
                name: stream + ("private" if "rivate" in name else "public")
                for name in plain.urls["api"][group]
            }
    return {
        "apiKey": key,
        "secret": secret,
        "password": passphrase,
        "urls": {"api": api},
        "options": {"defaultType": "swap", "sandboxMode": True},
    }


def talked(exchange, kind, conversation):
    return spoken(kind, settings(exchange, kind), conversation)


def test_the_plain_client_reads_everything_that_it_can(exchange):
    async def read(client):
        markets = await client.load_markets()
        told = {
            "balance": await client.fetch_balance(),
            "time": await client.fetch_time(),
            "ticker": await client.fetch_ticker(BTC),
            "tickers": await client.fetch_tickers([BTC]),
            "book": await client.fetch_order_book(BTC, 5),
            "bars": await client.fetch_ohlcv(BTC, "1m", limit=10),
            "rate": await client.fetch_funding_rate(BTC),
            "interest": await client.fetch_open_interest(BTC),
            "tiers": await client.fetch_market_leverage_tiers(BTC),
            "lever": await client.fetch_leverage(BTC),
            "mode": await client.fetch_margin_mode(BTC),
            "positions": await client.fetch_positions(),
            "orders": await client.fetch_open_orders(BTC),
            "closed": await client.fetch_closed_orders(BTC),
            "trades": await client.fetch_my_trades(BTC),
            "ledger": await client.fetch_ledger("USDT", params={"type": "swap"}),
        }
        return markets, told

    markets, told = talked(exchange, rest.bitget, read)
    assert list(markets) == [BTC]
    assert [markets[BTC]["precision"][name] for name in ("amount", "price")] == [0.0001, 0.1]
    assert told["balance"]["USDT"]["total"] == 10_000.0
    assert told["ticker"]["last"] == pytest.approx(50_000.0, abs=10.0)
    assert told["book"]["bids"][0][0] < told["ticker"]["last"] + 1 < told["book"]["asks"][0][0] + 2
    assert [bar[0] for bar in told["bars"]] == [FIRST + number * MINUTE for number in range(21, 31)]
    assert told["tiers"][0]["maintenanceMarginRate"] == 0.005
    assert told["mode"]["info"]["posMode"] == "one_way_mode"
    assert (told["positions"], told["orders"], told["closed"], told["trades"]) == ([], [], [], [])
    assert told["ledger"][0]["amount"] == 10_000.0


def test_a_protected_entry_its_stop_and_what_is_left_are_seen_by_the_streaming_client(exchange):
    seen = {"watch_orders": [], "watch_my_trades": []}

    async def trade(client):
        await client.load_markets()
        await client.set_position_mode(False, BTC)
        await client.set_margin_mode("isolated", BTC)
        await client.set_leverage(5, BTC)
        lever = await client.fetch_leverage(BTC)
        await client.authenticate({"url": client.urls["api"]["demo"]["private"]})
        tasks = watched(client, BTC, seen)
        # The answer to the last subscription comes after those to the ones before it.
        await asyncio.sleep(0)
        await client.watch_balance()
        levels = {"stopLoss": {"triggerPrice": 49_000.0}, "takeProfit": {"triggerPrice": 53_000.0}}
        placed = await client.create_order(
            BTC, "market", "buy", 0.05, None, {"clientOid": CLIENT_ID, "marginMode": "isolated", **levels}
        )
        read = await client.fetch_order(None, BTC, {"clientOrderId": CLIENT_ID})
        (held,) = await client.fetch_positions([BTC])
        plans = await client.fetch_open_orders(BTC, params={"planType": "profit_loss"})
        await asyncio.to_thread(control, exchange, "clock", jump_to=FIRST + (QUIET + FALL + 10) * MINUTE)
        while len(seen["watch_my_trades"]) < 2:
            await asyncio.sleep(0.02)
        after = await client.fetch_positions([BTC])
        trades = await client.fetch_my_trades(BTC)
        balance = await client.fetch_balance()
        for task in tasks:
            task.cancel()
        return lever, placed, read, held, plans, after, trades, balance

    lever, placed, read, held, plans, after, trades, balance = talked(exchange, pro.bitget, trade)
    assert lever["longLeverage"] == lever["shortLeverage"] == 5
    assert placed["id"]
    assert (read["id"], read["clientOrderId"], read["status"]) == (placed["id"], CLIENT_ID, "closed")
    assert (read["filled"], read["stopLossPrice"], read["takeProfitPrice"]) == (0.05, 49_000.0, 53_000.0)
    assert (held["contracts"], held["side"], held["leverage"], held["marginMode"]) == (
        0.05,
        "long",
        5,
        "isolated",
    )
    assert sorted(one["info"]["planType"] for one in plans) == ["loss_plan", "profit_plan"]
    assert after == []
    entry, stop = trades
    assert (entry["order"], entry["side"], stop["side"]) == (placed["id"], "buy", "sell")
    assert 48_900.0 < stop["price"] < 49_000.0
    assert stop["info"]["orderSource"] == "loss_market"
    pushed = seen["watch_my_trades"]
    assert [one["id"] for one in pushed] == [entry["id"], stop["id"]]
    assert {one["clientOrderId"] for one in seen["watch_orders"]} >= {CLIENT_ID}
    assert {"open", "closed"} >= {one["status"] for one in seen["watch_orders"]}
    paid = sum(one["fee"]["cost"] for one in trades)
    gross = (stop["price"] - entry["price"]) * 0.05
    assert balance["USDT"]["total"] == pytest.approx(10_000.0 + gross - paid, abs=1e-6)


def test_resting_orders_are_changed_cancelled_and_a_position_is_closed_whatever_its_size(exchange):
    async def trade(client):
        await client.load_markets()
        await client.set_margin_mode("isolated", BTC)
        mode = {"marginMode": "isolated"}
        limit = await client.create_order(
            BTC, "limit", "buy", 0.01, 49_900.0, {"clientOid": "rest-1", **mode}
        )
        (waiting,) = await client.fetch_open_orders(BTC)
        await client.edit_order(limit["id"], BTC, "limit", "buy", 0.02, 49_800.0, {"newClientOid": "rest-2"})
        changed = await client.fetch_order(None, BTC, {"clientOrderId": "rest-2"})
        await client.cancel_order(changed["id"], BTC)
        gone = await client.fetch_order(changed["id"], BTC)
        await client.create_order(BTC, "market", "sell", 0.0137, None, {"clientOid": "short-1", **mode})
        with pytest.raises(Exception, match="40786"):
            await client.create_order(BTC, "market", "sell", 0.0137, None, {"clientOid": "short-1", **mode})
        stop = await client.create_order(
            BTC, "market", "buy", 0.0137, None, {"stopLossPrice": 50_500.0, "clientOid": "stop-1"}
        )
        (held,) = await client.fetch_positions([BTC])
        await client.close_position(BTC)
        return waiting, changed, gone, stop, held, await client.fetch_positions([BTC])

    waiting, changed, gone, stop, held, left = talked(exchange, rest.bitget, trade)
    assert (waiting["clientOrderId"], waiting["price"], waiting["status"]) == ("rest-1", 49_900.0, "open")
    assert (changed["amount"], changed["price"]) == (0.02, 49_800.0)
    assert gone["status"] == "canceled"
    assert (held["side"], held["contracts"]) == ("short", 0.0137)
    assert held["info"]["stopLossId"] == stop["id"]
    assert left == []


def test_an_exchange_that_was_killed_knows_every_order_and_id_when_it_is_back(tmp_path):
    mode = {"marginMode": "isolated", "stopLoss": {"triggerPrice": 49_000.0}}

    async def enter(client):
        await client.load_markets()
        await client.set_margin_mode("isolated", BTC)
        return await client.create_order(BTC, "market", "buy", 0.01, None, {"clientOid": CLIENT_ID, **mode})

    async def look(client):
        await client.load_markets()
        with pytest.raises(Exception, match="40786"):
            await client.create_order(BTC, "market", "buy", 0.01, None, {"clientOid": CLIENT_ID, **mode})
        plans = await client.fetch_open_orders(BTC, params={"planType": "profit_loss"})
        return await client.fetch_order(None, BTC, {"clientOrderId": CLIENT_ID}), plans

    with started(tmp_path, "bitget", "BTCUSDT", tick="0.1") as (child, told):
        placed = talked(told, rest.bitget, enter)
        child.kill()
    with started(tmp_path, "bitget", "BTCUSDT", tick="0.1") as (_, told):
        read, plans = talked(told, rest.bitget, look)
    assert (read["id"], read["status"]) == (placed["id"], "closed")
    assert [one["info"]["planType"] for one in plans] == ["loss_plan"]


def test_the_plain_client_moves_money_between_accounts_and_reads_every_list_of_it(exchange):
    async def move(client):
        with pytest.raises(Exception, match="wallet transfer permissions"):
            await client.transfer("USDT", 1, "spot", "swap")
        rights = ["coow", "coor", "cpow", "cpor", "wtow"]
        await asyncio.to_thread(control, exchange, "do", what="rights", authorities=rights)
        await asyncio.to_thread(control, exchange, "do", what="deposit", amount="100", wallet="main")
        there = await client.transfer("USDT", 40, "spot", "swap")
        await client.transfer("USDT", 15.5, "swap", "spot")
        with pytest.raises(Exception, match="Insufficient balance") as refused:
            await client.transfer("USDT", 1_000, "spot", "swap")
        await asyncio.to_thread(control, exchange, "do", what="deposit", amount="-5")
        window = {"until": FIRST + 24 * 60 * MINUTE}
        return {
            "there": there,
            "refused": type(refused.value).__name__,
            "in": await client.fetch_transfers("USDT", FIRST, params={"fromAccount": "spot", **window}),
            "out": await client.fetch_transfers("USDT", FIRST, params={"fromAccount": "swap", **window}),
            "deposits": await client.fetch_deposits("USDT", FIRST, params=window),
            "withdrawals": await client.fetch_withdrawals("USDT", FIRST, params=window),
            "ledger": await client.fetch_ledger("USDT", params={"type": "swap"}),
            "balance": await client.fetch_balance(),
            "spot": await client.fetch_balance({"type": "spot"}),
        }

    told = talked(exchange, rest.bitget, move)
    assert told["refused"] == "InsufficientFunds"
    assert sorted((one["amount"], one["toAccount"]) for one in told["in"]) == [
        (40.0, "swap"),
        (10_000.0, "swap"),
    ]
    assert told["there"]["id"] in {one["id"] for one in told["in"]}
    assert sorted((one["amount"], one["fromAccount"]) for one in told["out"]) == [
        (5.0, "swap"),
        (15.5, "swap"),
    ]
    assert sorted(one["amount"] for one in told["deposits"]) == [100.0, 10_000.0]
    assert [(one["amount"], one["status"]) for one in told["withdrawals"]] == [(5.0, "ok")]
    flows = sorted(one["amount"] * (1 if one["direction"] == "in" else -1) for one in told["ledger"])
    assert flows == [-15.5, -5.0, 40.0, 10_000.0]
    assert told["balance"]["USDT"]["total"] == sum(flows) == 10_019.5
    assert told["spot"]["USDT"]["total"] == 100.0 - 40.0 + 15.5


def test_the_plain_client_reads_weeks_trades_and_who_is_long(exchange):
    async def read(client):
        weeks = await client.fetch_ohlcv(BTC, "1w", FIRST - 30 * 24 * 60 * MINUTE, 10)
        trades = await client.fetch_trades(BTC, limit=50)
        recent = await client.fetch_trades(BTC, params={"method": "publicMixGetV2MixMarketFills"})
        ratios = await client.fetch_long_short_ratio_history(BTC, "5m")
        return weeks, trades, recent, ratios

    weeks, trades, recent, ratios = talked(exchange, rest.bitget, read)
    assert [week[0] for week in weeks] == [1_766_966_400_000]
    assert (len(trades), len(recent)) == (50, 100)
    assert [one["timestamp"] for one in trades] == sorted(one["timestamp"] for one in trades)
    assert all(one["price"] == pytest.approx(50_000.0, abs=10.0) and one["amount"] > 0 for one in trades)
    assert {one["side"] for one in trades} <= {"buy", "sell"}
    assert {one["id"] for one in trades[:40]} <= {one["id"] for one in recent}
    assert [one["timestamp"] for one in ratios] == [FIRST + 5 * MINUTE * place for place in range(1, 7)]
    assert all(one["longShortRatio"] == pytest.approx(1.0, abs=0.01) for one in ratios)
