"""CoinGecko: markets, totals, trends, categories, exchanges, texts, charts, rates and new pools."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np

from vigie.domain.bar import FloatArray, IntArray
from vigie.domain.time import DAY_MS, HOUR_MS, MINUTE_MS, iso
from vigie_sandbox.world import economy
from vigie_sandbox.world.about import describe_coin
from vigie_sandbox.world.catalogue import CATEGORIES, Coin, make_namesake
from vigie_sandbox.world.newcomers import list_newcomers
from vigie_sandbox.world.price_walk import CLOSE, HIGH, LOW
from vigie_sandbox.world.services.coingecko_exchanges import rank_exchanges
from vigie_sandbox.world.services.coingecko_pools import new_pools, trending_pools
from vigie_sandbox.world.wire import Reply, Service, ServiceRefusal, ServiceRequest
from vigie_sandbox.world.world import World

_CHANGES: Final = {"1h": 1, "24h": 24, "7d": 168, "14d": 336, "30d": 720, "200d": 4_800, "1y": 8_760}
_NOT_FOUND: Final = {"error": "coin not found"}
_CURRENCY_NAMES: Final = {
    "USD": "US Dollar",
    "EUR": "Euro",
    "JPY": "Japanese Yen",
    "GBP": "British Pound Sterling",
}


def open_service(world: World) -> Service:
    """Return what answers for this service in a world."""
    return CoinGecko(world)


class CoinGecko:
    """Answers the keyless questions from the world.

    Parameters
    ----------
    world : World
        What is shown.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self._namesake = make_namesake(world.coins)
        self._handlers: dict[str, Callable[[ServiceRequest], Any]] = {
            "ping": lambda _: {"gecko_says": "(V3) To the Moon!"},
            "coins/markets": self._markets,
            "coins/list": self._list,
            "coins/categories": self._categories,
            "global": self._global,
            "search/trending": self._trending,
            "exchanges": lambda request: rank_exchanges(self._world, request.now_ms),
            "exchange_rates": self._rates,
            "simple/price": self._simple_prices,
            "onchain/networks/new_pools": lambda request: new_pools(self._world, request.now_ms),
            "onchain/networks/trending_pools": lambda request: trending_pools(self._world, request.now_ms),
        }

    def answer(self, request: ServiceRequest) -> Reply:
        """Return the answer to a path below ``/api/v3``."""
        path = request.path.removeprefix("/api/v3").strip("/")
        handler = self._handlers.get(path)
        if handler is not None:
            return Reply(handler(request))
        parts = path.split("/")
        if parts[0] == "coins" and len(parts) == 2:
            return Reply(self._coin(parts[1], request))
        if parts[0] == "coins" and parts[2:3] == ["market_chart"]:
            return Reply(self._chart(parts[1], request))
        raise ServiceRefusal(404, {"error": "Incorrect path. Please check https://docs.coingecko.com"})

    def _find_coin(self, id_: str) -> Coin:
        coin = self._namesake if id_ == self._namesake.id else self._world.coin_by_id.get(id_)
        if coin is None:
            raise ServiceRefusal(404, _NOT_FOUND)
        return coin

    def _units_per_dollar(self, request: ServiceRequest) -> float:
        """Return the units of the wanted currency for one dollar."""
        currency = request.query.get("vs_currency", "usd").upper()
        if currency == "USD":
            return 1.0
        if currency == "BTC":
            return 1.0 / self._world.price(self._world.coin_by_symbol["BTC"], request.now_ms)
        if currency != "EUR" and currency not in economy.CURRENCIES:
            raise ServiceRefusal(422, {"error": "invalid vs_currency"})
        return economy.per_dollar(self._world, currency, request.now_ms)

    def _rank_by_cap(self, now_ms: int) -> list[tuple[Coin, float]]:
        caps = [(coin, economy.market_cap(self._world, coin, now_ms)) for coin in self._world.coins]
        return sorted(caps, key=lambda pair: -pair[1])

    def _markets(self, request: ServiceRequest) -> list[dict[str, Any]]:
        rate = self._units_per_dollar(request)
        ids = set(filter(None, request.query.get("ids", "").split(",")))
        category = request.query.get("category")
        change_names = [
            name for name in request.query.get("price_change_percentage", "").split(",") if name in _CHANGES
        ]
        size, page = min(250, request.get_int("per_page", 100)), max(1, request.get_int("page", 1))
        rows = []
        namesake = self._namesake, economy.market_cap(self._world, self._namesake, request.now_ms)
        ranked = sorted((*self._rank_by_cap(request.now_ms), namesake), key=lambda pair: -pair[1])
        for rank, (coin, cap) in enumerate(ranked, start=1):
            if (ids and coin.id not in ids) or (category and coin.category != category):
                continue
            row = self._market_row(coin, cap, rank, rate, request.now_ms, change_names)
            if request.query.get("sparkline") == "true":
                row["sparkline_in_7d"] = {"price": self._week_prices(coin, rate, request.now_ms)}
            rows.append(row)
        order = request.query.get("order", "market_cap_desc")
        if order.startswith("volume"):
            rows.sort(key=lambda row: row["total_volume"], reverse=order.endswith("desc"))
        elif order.endswith("_asc"):
            rows.reverse()
        return rows[(page - 1) * size : page * size]

    def _market_row(
        self, coin: Coin, cap: float, rank: int, rate: float, now: int, change_names: list[str]
    ) -> dict[str, Any]:
        world = self._world
        day = world.day_stats(now // MINUTE_MS * MINUTE_MS)
        price, i = world.price(coin, now), coin.number
        hours = economy.hours_so_far(world, now)
        tape, so_far = world.tape.hours(), slice(hours)
        highs, lows = tape[i, HIGH, so_far], tape[i, LOW, so_far]
        top, bottom = int(np.argmax(highs)), int(np.argmin(lows))
        ath, atl = max(float(highs[top]), price), min(float(lows[bottom]), price)
        open_price = float(day.first[i])
        coins = cap / price
        row: dict[str, Any] = {
            "id": coin.id,
            "symbol": coin.symbol.lower(),
            "name": coin.name,
            "image": "",
            "current_price": _round(price * rate),
            "market_cap": round(cap * rate),
            "market_cap_rank": rank,
            "fully_diluted_valuation": round(cap * rate * 1.05),
            "total_volume": round(float(day.volume[i]) * price * rate),
            "high_24h": _round(max(float(day.high[i]), price) * rate),
            "low_24h": _round(min(float(day.low[i]), price) * rate),
            "price_change_24h": _round((price - open_price) * rate),
            "price_change_percentage_24h": round((price / open_price - 1.0) * 100.0, 5),
            "market_cap_change_24h": round((price - open_price) * coins * rate),
            "market_cap_change_percentage_24h": round((price / open_price - 1.0) * 100.0, 5),
            "circulating_supply": round(coins, 2),
            "total_supply": round(coins * 1.05, 2),
            "max_supply": 21_000_000.0 if coin.symbol == "BTC" else None,
            "ath": _round(ath * rate),
            "ath_change_percentage": round((price / ath - 1.0) * 100.0, 5),
            "ath_date": _format_time(world.tape.first_ms + top * HOUR_MS),
            "atl": _round(atl * rate),
            "atl_change_percentage": round((price / atl - 1.0) * 100.0, 5),
            "atl_date": _format_time(world.tape.first_ms + bottom * HOUR_MS),
            "roi": None,
            "last_updated": _format_time(now // MINUTE_MS * MINUTE_MS),
        }
        for name in change_names:
            hours_back = _CHANGES[name]
            past_price = float(tape[i, CLOSE, hours - hours_back]) if hours >= hours_back else None
            change = None if past_price is None else round((price / past_price - 1.0) * 100.0, 5)
            row[f"price_change_percentage_{name}_in_currency"] = change
        return row

    def _week_prices(self, coin: Coin, rate: float, now: int) -> list[float]:
        hours = economy.hours_so_far(self._world, now)
        closes = self._world.tape.hours()[coin.number, CLOSE, max(0, hours - 168) : hours]
        return [_round(price * rate) for price in closes.tolist()]

    def _list(self, request: ServiceRequest) -> list[dict[str, str]]:
        known_rows = [
            {"id": item.id, "symbol": item.symbol.lower(), "name": item.name}
            for item in (*self._world.coins, self._namesake)
        ]
        new_coins = list_newcomers(self._world, request.now_ms)
        return known_rows + [
            {"id": item.id, "symbol": item.symbol.lower(), "name": item.name} for item in new_coins
        ]

    def _categories(self, request: ServiceRequest) -> list[dict[str, Any]]:
        rows = []
        day = self._world.day_stats(request.now_ms // MINUTE_MS * MINUTE_MS)
        for id_, name in CATEGORIES:
            members = [(coin, cap) for coin, cap in self._rank_by_cap(request.now_ms) if coin.category == id_]
            prices = [self._world.price(coin, request.now_ms) for coin, _ in members]
            cap = sum(member_cap for _, member_cap in members)
            open_prices = [float(day.first[coin.number]) for coin, _ in members]
            changes = zip(members, prices, open_prices, strict=True)
            previous_cap = sum(
                member_cap * open_price / price for (_, member_cap), price, open_price in changes
            )
            turnover = sum(
                float(day.volume[coin.number]) * price
                for (coin, _), price in zip(members, prices, strict=True)
            )
            rows.append(
                {
                    "id": id_,
                    "name": name,
                    "market_cap": cap,
                    "market_cap_change_24h": (cap / previous_cap - 1.0) * 100.0,
                    "content": "",
                    "top_3_coins_id": [coin.id for coin, _ in members[:3]],
                    "top_3_coins": ["" for _ in members[:3]],
                    "volume_24h": turnover,
                    "updated_at": _format_time(request.now_ms),
                }
            )
        return sorted(rows, key=lambda row: -row["market_cap"])

    def _global(self, request: ServiceRequest) -> dict[str, Any]:
        now, world = request.now_ms, self._world
        ranked = self._rank_by_cap(now)
        total = sum(cap for _, cap in ranked)
        day = world.day_stats(now // MINUTE_MS * MINUTE_MS)
        prices = {coin.symbol: world.price(coin, now) for coin, _ in ranked}
        turnover = sum(float(day.volume[coin.number]) * prices[coin.symbol] for coin, _ in ranked)
        previous_cap = sum(cap * float(day.first[coin.number]) / prices[coin.symbol] for coin, cap in ranked)
        euro, leader = economy.per_dollar(world, "EUR", now), prices["BTC"]
        sums = {
            name: {"usd": value, "eur": value * euro, "btc": value / leader}
            for name, value in (("cap", total), ("volume", turnover))
        }
        return {
            "data": {
                "active_cryptocurrencies": len(ranked) + len(list_newcomers(world, now)),
                "upcoming_icos": 0,
                "ongoing_icos": 49,
                "ended_icos": 3_376,
                "markets": sum(len(venue.coins) for venue in world.venues.values()),
                "total_market_cap": sums["cap"],
                "total_volume": sums["volume"],
                "market_cap_percentage": {c.symbol.lower(): cap / total * 100.0 for c, cap in ranked[:10]},
                "market_cap_change_percentage_24h_usd": (total / previous_cap - 1.0) * 100.0,
                "volume_change_percentage_24h_usd": 0.0,
                "updated_at": now // 1_000,
            }
        }

    def _trending(self, request: ServiceRequest) -> dict[str, Any]:
        world = self._world
        day = world.day_stats(request.now_ms // MINUTE_MS * MINUTE_MS)
        ranks = {coin.id: rank for rank, (coin, _) in enumerate(self._rank_by_cap(request.now_ms), start=1)}

        def change(coin: Coin) -> float:
            return (world.price(coin, request.now_ms) / float(day.first[coin.number]) - 1.0) * 100.0

        movers = sorted(world.coins, key=lambda coin: -abs(change(coin)) / coin.profile.sigma_day)[:10]
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
                    "score": position,
                    "data": {
                        "price": world.price(coin, request.now_ms),
                        "price_change_percentage_24h": {"usd": change(coin)},
                    },
                }
            }
            for position, coin in enumerate(movers)
        ]
        category_rows = [
            {"id": n, "name": name, "slug": id_, "coins_count": 5} for n, (id_, name) in enumerate(CATEGORIES)
        ]
        return {"coins": items, "nfts": [], "categories": category_rows[:5]}

    def _rates(self, request: ServiceRequest) -> dict[str, Any]:
        leader = self._world.price(self._world.coin_by_symbol["BTC"], request.now_ms)
        rates: dict[str, Any] = {"btc": {"name": "Bitcoin", "unit": "BTC", "value": 1.0, "type": "crypto"}}
        for currency in ("USD", "EUR", *[name for name in economy.CURRENCIES if name != "USD"]):
            value = leader * economy.per_dollar(self._world, currency, request.now_ms)
            name = _CURRENCY_NAMES.get(currency, currency)
            rates[currency.lower()] = {"name": name, "unit": currency, "value": value, "type": "fiat"}
        return {"rates": rates}

    def _simple_prices(self, request: ServiceRequest) -> dict[str, Any]:
        day = self._world.day_stats(request.now_ms // MINUTE_MS * MINUTE_MS)
        prices: dict[str, Any] = {}
        for id_ in request.query.get("ids", "").split(","):
            coin = self._world.coin_by_id.get(id_)
            if coin is None:
                continue
            price = self._world.price(coin, request.now_ms)
            prices[id_] = {
                "usd": _round(price),
                "eur": _round(price * economy.per_dollar(self._world, "EUR", request.now_ms)),
                "usd_24h_change": (price / float(day.first[coin.number]) - 1.0) * 100.0,
                "last_updated_at": request.now_ms // 1_000,
            }
        return prices

    def _coin(self, id_: str, request: ServiceRequest) -> dict[str, Any]:
        coin = self._find_coin(id_)
        ranked = self._rank_by_cap(request.now_ms)
        rank = next(n for n, (ranked_coin, _) in enumerate(ranked, start=1) if ranked_coin is coin)
        row = self._market_row(coin, ranked[rank - 1][1], rank, 1.0, request.now_ms, list(_CHANGES))
        euro = economy.per_dollar(self._world, "EUR", request.now_ms)
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
            "description": describe_coin(coin),
            "links": {"homepage": [""], "blockchain_site": [""], "subreddit_url": None},
            "image": {"thumb": "", "small": "", "large": ""},
            "genesis_date": None,
            "market_cap_rank": rank,
            "market_data": market
            | {name: row[name] for name in flat}
            | {"last_updated": row["last_updated"]},
            "last_updated": row["last_updated"],
        }

    def _chart(self, id_: str, request: ServiceRequest) -> dict[str, Any]:
        coin, rate, now = self._find_coin(id_), self._units_per_dollar(request), request.now_ms
        days = 365 if request.query.get("days") == "max" else request.get_int("days", 1)
        if days > 365:
            status = {"error_code": 10012, "error_message": "Public users are limited to the past 365 days."}
            raise ServiceRefusal(401, {"error": {"status": status}})
        if days <= 1:
            ts, price, turnover = self._five_minutes(coin, now)
        elif days <= 90 and request.query.get("interval") != "daily":
            ts, price, turnover = economy.hourly(self._world, coin, now)
        else:
            starts, price, turnover = economy.daily(self._world, coin, now)
            # A point is of the moment at which its day has ended.
            ts = starts + DAY_MS
        is_within = ts >= now - days * DAY_MS
        ts, price, turnover = ts[is_within], price[is_within] * rate, turnover[is_within] * rate
        caps = price * economy.supply(self._world, coin, ts)
        series = (("prices", price), ("market_caps", caps), ("total_volumes", turnover))
        return {
            name: [list(pair) for pair in zip(ts.tolist(), v.tolist(), strict=True)] for name, v in series
        }

    def _five_minutes(self, coin: Coin, now: int) -> tuple[IntArray, FloatArray, FloatArray]:
        tape = self._world.tape
        end = (now // MINUTE_MS * MINUTE_MS - tape.minutes_start_ms) // MINUTE_MS
        indices = np.arange(max(0, end - 1_440), end, 5)
        price = tape.minutes()[coin.number, CLOSE, indices]
        day = self._world.day_stats(now // MINUTE_MS * MINUTE_MS)
        ts: IntArray = tape.minutes_start_ms + (indices + 1) * MINUTE_MS
        return ts, price, price * float(day.volume[coin.number])


def _round(value: float) -> float:
    """Keep eight significant figures."""
    return float(f"{value:.8g}")


def _format_time(ms: int) -> str:
    return iso(ms - ms % 1_000).replace("Z", ".000Z")
