"""ccxt's own `hyperliquid` class, unmodified but for addresses, trades at the sandbox exchange in another process.

Nothing of the product is imported here: what speaks to the exchange is what speaks to the real venue.
"""

import asyncio
import hashlib

import pytest

from tests.independence.children import FALL, FIRST, MINUTE, QUIET, control, spoken, started, watched

pro = pytest.importorskip("ccxt.pro")
rest = pytest.importorskip("ccxt.async_support")

BTC = "BTC/USDC:USDC"
CLOID = "0x0123456789abcdef0123456789abcdef"
MARKETS = {"fetchMarkets": {"types": ["swap"]}}


@pytest.fixture
def exchange(tmp_path):
    """Return address, account, key of its agent, nothing, and the address of the control of a running exchange."""
    with started(tmp_path, "hyperliquid", "BTCUSDC") as (_, told):
        yield told


@pytest.fixture(scope="module")
def calm(tmp_path_factory):
    """Return an exchange at which nothing is traded."""
    with started(tmp_path_factory.mktemp("exchange"), "hyperliquid", "BTCUSDC") as (_, told):
        yield told


def settings(exchange, *, is_test=True):
    """Return what the client needs to know: addresses, the account and the key of its agent."""
    address, account, agent, *_ = exchange
    stream = address.replace("http", "ws") + "/ws"
    return {
        "walletAddress": account,
        "privateKey": agent,
        "urls": {"api": {"public": address, "private": address, "ws": {"public": stream}}},
        "options": {"sandboxMode": is_test, **MARKETS},
    }


def talked(exchange, kind, conversation, **more):
    return spoken(kind, settings(exchange, **more), conversation)


def test_the_plain_client_reads_everything_that_it_can(calm):
    async def read(client):
        return {
            "status": await client.fetch_status(),
            "time": await client.fetch_time(),
            "balance": await client.fetch_balance(),
            "tickers": await client.fetch_tickers([BTC]),
            "book": await client.fetch_order_book(BTC, 5),
            "bars": await client.fetch_ohlcv(
                BTC, "1m", FIRST + 21 * MINUTE, params={"until": FIRST + 30 * MINUTE}
            ),
            "rates": await client.fetch_funding_rates([BTC]),
            "interest": await client.fetch_open_interest(BTC),
            "fee": await client.fetch_trading_fee(BTC),
            "positions": await client.fetch_positions(),
            "orders": await client.fetch_open_orders(BTC),
            "closed": await client.fetch_closed_orders(BTC),
            "trades": await client.fetch_my_trades(BTC),
            "funding": await client.fetch_funding_history(BTC, FIRST),
            "ledger": await client.fetch_ledger("USDC", FIRST),
            "market": client.market(BTC),
        }

    told = talked(calm, rest.hyperliquid, read)
    assert told["market"]["precision"]["amount"] == 0.0001
    assert told["balance"]["USDC"]["total"] == 10_000.0
    assert told["tickers"][BTC]["last"] == pytest.approx(50_000.0, abs=10.0)
    assert told["book"]["bids"][0][0] < told["book"]["asks"][0][0]
    assert [bar[0] for bar in told["bars"]] == [FIRST + number * MINUTE for number in range(21, 31)]
    assert (told["positions"], told["orders"], told["closed"], told["trades"]) == ([], [], [], [])
    assert told["ledger"][0]["amount"] == 10_000.0
    assert told["fee"]["taker"] == 0.0006


def test_a_protected_entry_its_stop_and_what_is_left_are_seen_by_the_streaming_client(exchange):
    seen = {"watch_orders": [], "watch_my_trades": []}

    async def trade(client):
        await client.set_margin_mode("isolated", BTC, {"leverage": 5})
        before = (await client.watch_balance({"type": "swap"}))["USDC"]["total"]
        tasks = watched(client, BTC, seen)
        # Subscriptions are answered in turn: this one's answer comes after theirs.
        await client.watch_order_book(BTC)
        levels = {
            "stopLoss": {"triggerPrice": 49_000.0, "type": "market"},
            "takeProfit": {"triggerPrice": 53_000.0, "type": "market"},
        }
        placed = await client.create_order(
            BTC, "market", "buy", 0.05, 50_000, {"clientOrderId": CLOID, **levels}
        )
        read = await client.fetch_order(None, BTC, {"clientOrderId": CLOID})
        (held,) = await client.fetch_positions([BTC])
        levels = await client.fetch_open_orders(BTC)
        await asyncio.to_thread(control, exchange, "clock", jump_to=FIRST + (QUIET + FALL + 10) * MINUTE)
        while len({one["id"] for one in seen["watch_my_trades"]}) < 2:
            await asyncio.sleep(0.02)
        after = await client.fetch_positions([BTC])
        trades = await client.fetch_my_trades(BTC)
        left = await client.fetch_balance()
        for task in tasks:
            task.cancel()
        return before, placed, read, held, levels, after, trades, left

    before, placed, read, held, levels, after, trades, left = talked(exchange, pro.hyperliquid, trade)
    assert before == 10_000.0
    assert (read["id"], read["clientOrderId"], read["status"]) == (placed["id"], CLOID, "closed")
    assert (read["filled"], placed["average"]) == (0.05, pytest.approx(50_025.0, abs=10.0))
    assert (held["contracts"], held["side"], held["leverage"], held["marginMode"]) == (
        0.05,
        "long",
        5,
        "isolated",
    )
    assert sorted(one["triggerPrice"] for one in levels) == [49_000.0, 53_000.0]
    assert all(one["reduceOnly"] for one in levels)
    assert after == []
    entry, stop = sorted(trades, key=lambda one: one["timestamp"])
    stops = next(one for one in levels if one["triggerPrice"] == 49_000.0)
    assert (entry["order"], stop["order"]) == (placed["id"], stops["id"])
    assert 48_900.0 < stop["price"] <= 49_000.0
    assert {one["id"] for one in seen["watch_my_trades"]} == {entry["id"], stop["id"]}
    assert {one["id"] for one in seen["watch_orders"]} >= {placed["id"], stops["id"]}
    paid = sum(one["fee"]["cost"] for one in trades)
    gross = (stop["price"] - entry["price"]) * 0.05
    assert left["USDC"]["total"] == pytest.approx(10_000.0 + gross - paid, abs=1e-6)


def test_resting_orders_are_changed_and_cancelled_and_a_trigger_stands_alone(exchange):
    async def trade(client):
        await client.set_margin_mode("isolated", BTC, {"leverage": 5})
        limit = await client.create_order(BTC, "limit", "buy", 0.01, 49_900.0, {"clientOrderId": CLOID})
        (waiting,) = await client.fetch_open_orders(BTC)
        changed = await client.edit_order(limit["id"], BTC, "limit", "buy", 0.02, 49_800.0)
        now = await client.fetch_order(changed["id"], BTC)
        await client.cancel_order(changed["id"], BTC)
        gone = await client.fetch_order(changed["id"], BTC)
        with pytest.raises(Exception, match="never placed, already canceled, or filled"):
            await client.cancel_order(changed["id"], BTC)
        await client.create_order(BTC, "market", "sell", 0.0137, 50_000)
        stop = await client.create_order(
            BTC, "market", "buy", 0.0137, 50_500.0, {"stopLossPrice": 50_500.0, "reduceOnly": True}
        )
        with pytest.raises(Exception, match="Price must be divisible by tick size"):
            await client.privatePostExchange(signed(client, "50000.5"))
        await client.create_order(BTC, "market", "buy", 0.0137, 50_000, {"reduceOnly": True})
        return waiting, now, gone, stop, await client.fetch_positions([BTC]), await client.fetch_orders(BTC)

    waiting, now, gone, stop, left, orders = talked(exchange, rest.hyperliquid, trade)
    assert (waiting["clientOrderId"], waiting["price"], waiting["status"]) == (CLOID, 49_900.0, "open")
    assert (now["amount"], now["price"]) == (0.02, 49_800.0)
    assert gone["status"] == "canceled"
    assert left == []
    assert next(one for one in orders if one["id"] == stop["id"])["status"] == "canceled"


def signed(client, price):
    """Return an order at a price that the client itself would round."""
    order = {"a": 0, "b": True, "p": price, "s": "0.01", "r": False, "t": {"limit": {"tif": "Gtc"}}}
    action, nonce = {"type": "order", "orders": [order], "grouping": "na"}, client.incrementing_nonce()
    return {"action": action, "nonce": nonce, "signature": client.sign_l1_action(action, nonce)}


def test_the_network_is_inside_the_signature(calm):
    async def trade(client):
        await client.create_order(BTC, "limit", "buy", 0.01, 49_900.0)

    with pytest.raises(Exception, match=r"User or API Wallet 0x[0-9a-f]{40} does not exist"):
        talked(calm, rest.hyperliquid, trade, is_test=False)


def test_an_agent_cannot_withdraw_and_a_request_cannot_be_sent_twice(calm):
    async def trade(client):
        before = await client.fetch_balance()
        request = signed(client, "40000")
        await client.privatePostExchange(request)
        with pytest.raises(Exception, match="duplicate nonce"):
            await client.privatePostExchange(request)
        with pytest.raises(Exception, match="Must deposit before performing actions"):
            await client.withdraw("USDC", 100, "0x" + "1" * 40)
        # The switch is known, and kept from who has traded as little as most have.
        with pytest.raises(Exception, match=r"until enough volume traded\. Required: \$1000000"):
            await client.cancel_all_orders_after(60_000)
        return before["USDC"]["total"], (await client.fetch_balance())["USDC"]["total"]

    before, after = talked(calm, rest.hyperliquid, trade)
    assert before == after


def test_an_exchange_that_was_killed_knows_every_order_and_id_when_it_is_back(tmp_path):
    levels = {"stopLoss": {"triggerPrice": 49_000.0, "type": "market"}}

    async def enter(client):
        await client.set_margin_mode("isolated", BTC, {"leverage": 5})
        return await client.create_order(
            BTC, "market", "buy", 0.01, 50_000, {"clientOrderId": CLOID, **levels}
        )

    async def look(client):
        with pytest.raises(Exception, match="Duplicate cloid"):
            await client.create_order(BTC, "market", "buy", 0.01, 50_000, {"clientOrderId": CLOID})
        return await client.fetch_order(CLOID, BTC), await client.fetch_open_orders(BTC)

    with started(tmp_path, "hyperliquid", "BTCUSDC") as (child, told):
        placed = talked(told, rest.hyperliquid, enter)
        child.kill()
    with started(tmp_path, "hyperliquid", "BTCUSDC") as (_, told):
        read, plans = talked(told, rest.hyperliquid, look)
    assert (read["id"], read["status"]) == (placed["id"], "closed")
    assert [one["triggerPrice"] for one in plans] == [49_000.0]


def test_the_plain_client_moves_money_as_the_account_s_own_wallet_and_reads_every_list_of_it(tmp_path):
    stranger = "0x" + "12" * 20

    async def move(client):
        await client.transfer("USDC", 40.5, "swap", "spot")
        await client.transfer("USDC", 0.5, "spot", "swap")
        with pytest.raises(Exception, match="Insufficient balance"):
            await client.transfer("USDC", 1_000, "spot", "swap")
        await client.withdraw("USDC", 100, stranger)
        return {
            "perp": await client.fetch_balance({"type": "swap"}),
            "spot": await client.fetch_balance({"type": "spot"}),
            "deposits": await client.fetch_deposits("USDC", FIRST),
            "withdrawals": await client.fetch_withdrawals("USDC", FIRST),
            "ledger": await client.fetch_ledger("USDC", FIRST),
        }

    with started(tmp_path, "hyperliquid", "BTCUSDC", "--seed", "11") as (_, told):
        # The wallet of the account itself is grown from the seed; the exchange prints its agent's only.
        main = "0x" + hashlib.sha256(b"11/0/main").hexdigest()
        address, account, _, *rest_of = told
        told = talked([address, account, main, *rest_of], rest.hyperliquid, move)
    assert told["perp"]["USDC"]["total"] == 10_000.0 - 40.0 - 100.0
    assert told["spot"]["USDC"]["total"] == 40.0
    assert [one["amount"] for one in told["deposits"]] == [10_000.0]
    assert [(one["amount"], one["fee"]["cost"]) for one in told["withdrawals"]] == [(99.0, 1)]
    assert [(one["type"], one["amount"]) for one in told["ledger"]] == [
        ("deposit", 10_000.0),
        ("transfer", 40.5),
        ("transfer", 0.5),
        ("withdraw", 99.0),
    ]


def test_the_plain_client_adds_margin_takes_it_out_and_reads_weeks(exchange):
    async def trade(client):
        # The open result is part of what is read: the price stands still.
        await asyncio.to_thread(control, exchange, "clock", paused=True)
        await client.set_margin_mode("isolated", BTC, {"leverage": 5})
        await client.create_order(BTC, "market", "buy", 0.01, 50_000)
        (before,) = await client.fetch_positions([BTC])
        await client.add_margin(BTC, 20)
        (more,) = await client.fetch_positions([BTC])
        await client.reduce_margin(BTC, 19)
        (less,) = await client.fetch_positions([BTC])
        with pytest.raises(Exception, match="would remain"):
            await client.reduce_margin(BTC, 20)
        return before, more, less, await client.fetch_balance(), await client.fetch_ohlcv(BTC, "1w", FIRST)

    before, more, less, money, weeks = talked(exchange, rest.hyperliquid, trade)
    assert more["collateral"] == pytest.approx(before["collateral"] + 20)
    assert less["collateral"] == pytest.approx(before["collateral"] + 1)
    assert more["liquidationPrice"] == pytest.approx(before["liquidationPrice"] - 2_000)
    assert money["USDC"]["total"] == pytest.approx(10_000.0, abs=1.0)
    # The first of January 2026 is a Thursday, as the venue's weeks begin.
    assert [week[0] for week in weeks] == [FIRST]
