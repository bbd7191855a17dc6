"""CoinGecko: markets, totals, trends, categories, exchanges, texts, charts, rates and new pools."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np

from vigie.domain.bar import FloatArray, IntArray
from vigie.domain.time import DAY_MS, HOUR_MS, MINUTE_MS, iso
from vigie.sandbox.world import economy
from vigie.sandbox.world.about import about
from vigie.sandbox.world.catalogue import CATEGORIES, VENUES, Coin
from vigie.sandbox.world.newcomers import newcomers
from vigie.sandbox.world.services.coingecko_pools import pools
from vigie.sandbox.world.walk import CLOSE, HIGH, LOW
from vigie.sandbox.world.wire import Ask, Refusal, Reply
from vigie.sandbox.world.world import World

_CHANGES: Final = {"1h": 1, "24h": 24, "7d": 168, "14d": 336, "30d": 720, "200d": 4_800, "1y": 8_760}
_NOT_FOUND: Final = {"error": "coin not found"}
_CURRENCY_NAMES: Final = {
    "USD": "US Dollar",
    "EUR": "Euro",
    "JPY": "Japanese Yen",
    "GBP": "British Pound Sterling",
}


class CoinGecko:
    """Answers the keyless questions from the world.

    Parameters
    ----------
    world : World
        What is shown.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self._answers: dict[str, Callable[[Ask], Any]] = {
            "ping": lambda _: {"gecko_says": "(V3) To the Moon!"},
            "coins/markets": self._markets,
            "coins/list": self._list,
            "coins/categories": self._categories,
            "global": self._global,
            "search/trending": self._trending,
            "exchanges": self._exchanges,
            "exchange_rates": self._rates,
            "simple/price": self._simple,
            "onchain/networks/new_pools": self._new_pools,
            "onchain/networks/trending_pools": self._trending_pools,
        }

    def answer(self, ask: Ask) -> Reply:
        """Return the answer to a path below ``/api/v3``."""
        path = ask.path.removeprefix("/api/v3").strip("/")
        found = self._answers.get(path)
        if found is not None:
            return Reply(found(ask))
        parts = path.split("/")
        if parts[0] == "coins" and len(parts) == 2:
            return Reply(self._coin(parts[1], ask))
        if parts[0] == "coins" and parts[2:3] == ["market_chart"]:
            return Reply(self._chart(parts[1], ask))
        raise Refusal(404, {"error": "Incorrect path. Please check https://docs.coingecko.com"})

    def _known(self, id_: str) -> Coin:
        coin = self._world.coin_by_id.get(id_)
        if coin is None:
            raise Refusal(404, _NOT_FOUND)
        return coin

    def _money(self, ask: Ask) -> float:
        """Return the units of the wanted currency for one dollar."""
        currency = ask.query.get("vs_currency", "usd").upper()
        if currency == "USD":
            return 1.0
        if currency == "BTC":
            return 1.0 / self._world.price(self._world.coin_by_symbol["BTC"], ask.now_ms)
        if currency != "EUR" and currency not in economy.CURRENCIES:
            raise Refusal(422, {"error": "invalid vs_currency"})
        return economy.per_dollar(self._world, currency, ask.now_ms)

    def _ranked(self, now_ms: int) -> list[tuple[Coin, float]]:
        caps = [(coin, economy.cap(self._world, coin, now_ms)) for coin in self._world.coins]
        return sorted(caps, key=lambda pair: -pair[1])

    def _markets(self, ask: Ask) -> list[dict[str, Any]]:
        money = self._money(ask)
        ids = set(filter(None, ask.query.get("ids", "").split(",")))
        category = ask.query.get("category")
        wanted = [
            name for name in ask.query.get("price_change_percentage", "").split(",") if name in _CHANGES
        ]
        size, page = min(250, ask.whole("per_page", 100)), max(1, ask.whole("page", 1))
        rows = []
        for rank, (coin, cap) in enumerate(self._ranked(ask.now_ms), start=1):
            if (ids and coin.id not in ids) or (category and coin.category != category):
                continue
            row = self._row(coin, cap, rank, money, ask.now_ms, wanted)
            if ask.query.get("sparkline") == "true":
                row["sparkline_in_7d"] = {"price": self._week(coin, money, ask.now_ms)}
            rows.append(row)
        order = ask.query.get("order", "market_cap_desc")
        if order.startswith("volume"):
            rows.sort(key=lambda row: row["total_volume"], reverse=order.endswith("desc"))
        elif order.endswith("_asc"):
            rows.reverse()
        return rows[(page - 1) * size : page * size]

    def _row(
        self, coin: Coin, cap: float, rank: int, money: float, now: int, wanted: list[str]
    ) -> dict[str, Any]:
        world = self._world
        day = world.day(now // MINUTE_MS * MINUTE_MS)
        price, i = world.price(coin, now), coin.number
        hours = economy.hours_so_far(world, now)
        tape, so_far = world.tape.hours(), slice(hours)
        highs, lows = tape[i, HIGH, so_far], tape[i, LOW, so_far]
        top, bottom = int(np.argmax(highs)), int(np.argmin(lows))
        ath, atl = max(float(highs[top]), price), min(float(lows[bottom]), price)
        before = float(day.first[i])
        coins = cap / price
        row: dict[str, Any] = {
            "id": coin.id,
            "symbol": coin.symbol.lower(),
            "name": coin.name,
            "image": "",
            "current_price": _round(price * money),
            "market_cap": round(cap * money),
            "market_cap_rank": rank,
            "fully_diluted_valuation": round(cap * money * 1.05),
            "total_volume": round(float(day.volume[i]) * price * money),
            "high_24h": _round(max(float(day.high[i]), price) * money),
            "low_24h": _round(min(float(day.low[i]), price) * money),
            "price_change_24h": _round((price - before) * money),
            "price_change_percentage_24h": round((price / before - 1.0) * 100.0, 5),
            "market_cap_change_24h": round((price - before) * coins * money),
            "market_cap_change_percentage_24h": round((price / before - 1.0) * 100.0, 5),
            "circulating_supply": round(coins, 2),
            "total_supply": round(coins * 1.05, 2),
            "max_supply": 21_000_000.0 if coin.symbol == "BTC" else None,
            "ath": _round(ath * money),
            "ath_change_percentage": round((price / ath - 1.0) * 100.0, 5),
            "ath_date": _when(world.tape.first_ms + top * HOUR_MS),
            "atl": _round(atl * money),
            "atl_change_percentage": round((price / atl - 1.0) * 100.0, 5),
            "atl_date": _when(world.tape.first_ms + bottom * HOUR_MS),
            "roi": None,
            "last_updated": _when(now // MINUTE_MS * MINUTE_MS),
        }
        for name in wanted:
            back = _CHANGES[name]
            past = float(tape[i, CLOSE, hours - back]) if hours >= back else None
            change = None if past is None else round((price / past - 1.0) * 100.0, 5)
            row[f"price_change_percentage_{name}_in_currency"] = change
        return row

    def _week(self, coin: Coin, money: float, now: int) -> list[float]:
        hours = economy.hours_so_far(self._world, now)
        closes = self._world.tape.hours()[coin.number, CLOSE, max(0, hours - 168) : hours]
        return [_round(price * money) for price in closes.tolist()]

    def _list(self, ask: Ask) -> list[dict[str, str]]:
        known = [{"id": one.id, "symbol": one.symbol.lower(), "name": one.name} for one in self._world.coins]
        fresh = newcomers(self._world, ask.now_ms)
        return known + [{"id": one.id, "symbol": one.symbol.lower(), "name": one.name} for one in fresh]

    def _categories(self, ask: Ask) -> list[dict[str, Any]]:
        rows = []
        day = self._world.day(ask.now_ms // MINUTE_MS * MINUTE_MS)
        for id_, name in CATEGORIES:
            members = [(coin, cap) for coin, cap in self._ranked(ask.now_ms) if coin.category == id_]
            prices = [self._world.price(coin, ask.now_ms) for coin, _ in members]
            cap = sum(one for _, one in members)
            firsts = [float(day.first[coin.number]) for coin, _ in members]
            changes = zip(members, prices, firsts, strict=True)
            before = sum(one * first / price for (_, one), price, first in changes)
            turnover = sum(
                float(day.volume[coin.number]) * price
                for (coin, _), price in zip(members, prices, strict=True)
            )
            rows.append(
                {
                    "id": id_,
                    "name": name,
                    "market_cap": cap,
                    "market_cap_change_24h": (cap / before - 1.0) * 100.0,
                    "content": "",
                    "top_3_coins_id": [coin.id for coin, _ in members[:3]],
                    "top_3_coins": ["" for _ in members[:3]],
                    "volume_24h": turnover,
                    "updated_at": _when(ask.now_ms),
                }
            )
        return sorted(rows, key=lambda row: -row["market_cap"])

    def _global(self, ask: Ask) -> dict[str, Any]:
        now, world = ask.now_ms, self._world
        ranked = self._ranked(now)
        total = sum(cap for _, cap in ranked)
        day = world.day(now // MINUTE_MS * MINUTE_MS)
        prices = {coin.symbol: world.price(coin, now) for coin, _ in ranked}
        turnover = sum(float(day.volume[coin.number]) * prices[coin.symbol] for coin, _ in ranked)
        before = sum(cap * float(day.first[coin.number]) / prices[coin.symbol] for coin, cap in ranked)
        euro, leader = economy.per_dollar(world, "EUR", now), prices["BTC"]
        sums = {
            name: {"usd": value, "eur": value * euro, "btc": value / leader}
            for name, value in (("cap", total), ("volume", turnover))
        }
        return {
            "data": {
                "active_cryptocurrencies": len(ranked) + len(newcomers(world, now)),
                "upcoming_icos": 0,
                "ongoing_icos": 49,
                "ended_icos": 3_376,
                "markets": sum(len(venue.coins) for venue in world.venues.values()),
                "total_market_cap": sums["cap"],
                "total_volume": sums["volume"],
                "market_cap_percentage": {c.symbol.lower(): cap / total * 100.0 for c, cap in ranked[:10]},
                "market_cap_change_percentage_24h_usd": (total / before - 1.0) * 100.0,
                "volume_change_percentage_24h_usd": 0.0,
                "updated_at": now // 1_000,
            }
        }

    def _trending(self, ask: Ask) -> dict[str, Any]:
        world = self._world
        day = world.day(ask.now_ms // MINUTE_MS * MINUTE_MS)
        ranks = {coin.id: rank for rank, (coin, _) in enumerate(self._ranked(ask.now_ms), start=1)}

        def change(coin: Coin) -> float:
            return (world.price(coin, ask.now_ms) / float(day.first[coin.number]) - 1.0) * 100.0

        lively = sorted(world.coins, key=lambda coin: -abs(change(coin)) / coin.profile.sigma_day)[:10]
        items = [
            {
                "item": {
                    "id": coin.id,
                    "coin_id": coin.number + 1,
                    "name": coin.name,
                    "symbol": coin.symbol,
                    "market_cap_rank": ranks[coin.id],
                    "thumb": "",
                    "slug": coin.id,
                    "score": place,
                    "data": {
                        "price": world.price(coin, ask.now_ms),
                        "price_change_percentage_24h": {"usd": change(coin)},
                    },
                }
            }
            for place, coin in enumerate(lively)
        ]
        named = [
            {"id": n, "name": name, "slug": id_, "coins_count": 5} for n, (id_, name) in enumerate(CATEGORIES)
        ]
        return {"coins": items, "nfts": [], "categories": named[:5]}

    def _exchanges(self, ask: Ask) -> list[dict[str, Any]]:
        world = self._world
        leader = world.price(world.coin_by_symbol["BTC"], ask.now_ms)
        rows = []
        for rank, (name, shown, year) in enumerate(
            (("binance", "Binance", 2017), ("bitget", "Bitget", 2018), ("hyperliquid", "Hyperliquid", 2023)),
            start=1,
        ):
            assert name in VENUES
            venue = world.venues[name]
            volume = sum(venue.ticker(coin, ask.now_ms).turnover_24h for coin in venue.coins) / leader
            rows.append(
                {
                    "id": name,
                    "name": shown,
                    "year_established": year,
                    "country": None,
                    "description": "",
                    "url": f"https://{name}.example/",
                    "image": "",
                    "has_trading_incentive": False,
                    "trust_score": 11 - rank,
                    "trust_score_rank": rank,
                    "trade_volume_24h_btc": volume,
                    "trade_volume_24h_btc_normalized": volume * 0.8,
                }
            )
        return rows

    def _rates(self, ask: Ask) -> dict[str, Any]:
        leader = self._world.price(self._world.coin_by_symbol["BTC"], ask.now_ms)
        rates: dict[str, Any] = {"btc": {"name": "Bitcoin", "unit": "BTC", "value": 1.0, "type": "crypto"}}
        for currency in ("USD", "EUR", *[name for name in economy.CURRENCIES if name != "USD"]):
            value = leader * economy.per_dollar(self._world, currency, ask.now_ms)
            name = _CURRENCY_NAMES.get(currency, currency)
            rates[currency.lower()] = {"name": name, "unit": currency, "value": value, "type": "fiat"}
        return {"rates": rates}

    def _simple(self, ask: Ask) -> dict[str, Any]:
        day = self._world.day(ask.now_ms // MINUTE_MS * MINUTE_MS)
        answer: dict[str, Any] = {}
        for id_ in ask.query.get("ids", "").split(","):
            coin = self._world.coin_by_id.get(id_)
            if coin is None:
                continue
            price = self._world.price(coin, ask.now_ms)
            answer[id_] = {
                "usd": _round(price),
                "eur": _round(price * economy.per_dollar(self._world, "EUR", ask.now_ms)),
                "usd_24h_change": (price / float(day.first[coin.number]) - 1.0) * 100.0,
                "last_updated_at": ask.now_ms // 1_000,
            }
        return answer

    def _coin(self, id_: str, ask: Ask) -> dict[str, Any]:
        coin = self._known(id_)
        ranked = self._ranked(ask.now_ms)
        rank = next(n for n, (one, _) in enumerate(ranked, start=1) if one is coin)
        row = self._row(coin, ranked[rank - 1][1], rank, 1.0, ask.now_ms, list(_CHANGES))
        euro = economy.per_dollar(self._world, "EUR", ask.now_ms)
        names = dict(CATEGORIES)
        market = {
            name: {"usd": row[name], "eur": _round(row[name] * euro)}
            for name in ("current_price", "market_cap", "total_volume", "high_24h", "low_24h", "ath", "atl")
        }
        flat = (
            "market_cap_rank",
            "price_change_percentage_24h",
            "circulating_supply",
            "total_supply",
            "max_supply",
        )
        return {
            "id": coin.id,
            "symbol": coin.symbol.lower(),
            "name": coin.name,
            "asset_platform_id": None,
            "categories": [names[coin.category]],
            "localization": {"en": coin.name, "fr": coin.name},
            "description": about(coin),
            "links": {"homepage": [""], "blockchain_site": [""], "subreddit_url": None},
            "image": {"thumb": "", "small": "", "large": ""},
            "genesis_date": None,
            "market_cap_rank": rank,
            "market_data": market
            | {name: row[name] for name in flat}
            | {"last_updated": row["last_updated"]},
            "last_updated": row["last_updated"],
        }

    def _chart(self, id_: str, ask: Ask) -> dict[str, Any]:
        coin, money, now = self._known(id_), self._money(ask), ask.now_ms
        days = 365 if ask.query.get("days") == "max" else ask.whole("days", 1)
        if days > 365:
            told = {"error_code": 10012, "error_message": "Public users are limited to the past 365 days."}
            raise Refusal(401, {"error": {"status": told}})
        if days <= 1:
            ts, price, turnover = self._five_minutes(coin, now)
        elif days <= 90 and ask.query.get("interval") != "daily":
            ts, price, turnover = economy.hourly(self._world, coin, now)
        else:
            ts, price, turnover = economy.daily(self._world, coin, now)
        there = ts >= now - days * DAY_MS
        ts, price, turnover = ts[there], price[there] * money, turnover[there] * money
        caps = price * economy.supply(self._world, coin, ts)
        named = (("prices", price), ("market_caps", caps), ("total_volumes", turnover))
        return {name: [list(pair) for pair in zip(ts.tolist(), v.tolist(), strict=True)] for name, v in named}

    def _five_minutes(self, coin: Coin, now: int) -> tuple[IntArray, FloatArray, FloatArray]:
        tape = self._world.tape
        end = (now // MINUTE_MS * MINUTE_MS - tape.fine_ms) // MINUTE_MS
        places = np.arange(max(0, end - 1_440), end, 5)
        price = tape.minutes()[coin.number, CLOSE, places]
        day = self._world.day(now // MINUTE_MS * MINUTE_MS)
        ts: IntArray = tape.fine_ms + (places + 1) * MINUTE_MS
        return ts, price, price * float(day.volume[coin.number])

    def _new_pools(self, ask: Ask) -> dict[str, Any]:
        fresh = [one for one in newcomers(self._world, ask.now_ms) if one.listed_ms > ask.now_ms - 2 * DAY_MS]
        return pools(fresh[::-1][:20])

    def _trending_pools(self, ask: Ask) -> dict[str, Any]:
        lately = [
            one for one in newcomers(self._world, ask.now_ms) if one.listed_ms > ask.now_ms - 14 * DAY_MS
        ]
        return pools(sorted(lately, key=lambda one: -one.turnover)[:20])


def _round(value: float) -> float:
    """Keep eight significant figures."""
    return float(f"{value:.8g}")


def _when(ms: int) -> str:
    return iso(ms - ms % 1_000).replace("Z", ".000Z")
