"""CoinGecko, keyless or with a free demo key: markets, totals, trends, categories, exchanges, rates, history.

https://docs.coingecko.com/v3.0.1/reference/coins-markets and its neighbours, read in a copy of 2026. Answers are
cached there for about a minute; only coins that are still listed appear, so old lists are kept here.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import partial
from typing import Any, Final

from vigie.adapters.sources.coingecko.newcomers import new_coins, new_pools
from vigie.adapters.sources.site import Feed, Site, maybe, moment, number, some, word
from vigie.domain.fact import Measure, Observation
from vigie.domain.time import DAY_MS, HOUR_MS, MINUTE_MS
from vigie.ports.source import Batch, Source

_MAX_COINS: Final = 250
# Facts of watched coins every five minutes, of the others that are large every hour.
_WATCHED_EVERY_MS: Final = 5 * MINUTE_MS
_OTHERS_EVERY_MS: Final = HOUR_MS
_MAX_OTHERS: Final = 100
_SPARKLINE_STEP: Final = 4
_COIN_FIELDS: Final = (
    "id", "symbol", "name", "current_price", "market_cap", "market_cap_rank", "fully_diluted_valuation",
    "total_volume", "high_24h", "low_24h", "price_change_percentage_24h",
    "price_change_percentage_1h_in_currency", "price_change_percentage_24h_in_currency",
    "price_change_percentage_7d_in_currency", "price_change_percentage_30d_in_currency",
    "price_change_percentage_1y_in_currency", "circulating_supply", "total_supply", "max_supply", "ath",
    "ath_date", "ath_change_percentage", "atl", "atl_date", "last_updated",
)  # fmt: skip
_FACT_FIELDS: Final = (
    ("current_price", "price_usd"),
    ("market_cap", "cap_usd"),
    ("total_volume", "volume_usd"),
)
_HISTORY_DAYS: Final = 365
# Coins that are owned and not watched: one request each.
_MAX_HELD: Final = 40


def open_feeds(site: Site) -> Mapping[str, Source]:
    """Return the feeds by name."""
    make_measure = partial(Measure, source=site.manifest.id)
    coins = (
        make_measure(
            "market/*/price_usd", "Price", "usd", definition="Average of exchanges, weighted by volume."
        ),
        make_measure(
            "market/*/cap_usd",
            "Market cap",
            "usd",
            definition="Value of all coins in circulation.",
            formula="price x circulating supply",
        ),
        make_measure(
            "market/*/volume_usd",
            "Volume",
            "usd",
            definition="Traded on all exchanges in the last 24 hours.",
        ),
    )
    close = make_measure(
        "market/*/close_usd",
        "Daily close",
        "usd",
        definition="Price at the end of a UTC day: average of exchanges, weighted by volume.",
    )
    totals = (
        make_measure("market/global/cap_usd", "Total market cap", "usd", definition="All coins together."),
        make_measure(
            "market/global/volume_usd", "Total volume", "usd", definition="All coins, last 24 hours."
        ),
        make_measure(
            "market/global/btc_dominance_fraction",
            "Bitcoin dominance",
            "fraction",
            definition="Bitcoin's share of the total market cap.",
            formula="market cap of Bitcoin / total",
        ),
    )
    rates = (
        make_measure(
            "fx/*/per_usd", "Exchange rate", "currency", definition="Units of a currency for one dollar."
        ),
    )
    feeds = {
        "markets": (_pull_markets, coins),
        "global": (_pull_global, totals),
        "trending": (_pull_trending, ()),
        "categories": (_pull_categories, ()),
        "exchanges": (_pull_exchanges, ()),
        "coin_list": (_pull_coin_list, ()),
        "new_pools": (_pull_new_pools, ()),
        "exchange_rates": (_pull_rates, rates),
        "history": (_pull_history, (*coins, close)),
    }
    return {name: Feed(site, name, read, kinds) for name, (read, kinds) in feeds.items()}


async def _fetch_json(site: Site, path: str, *kinds: type, **params: Any) -> Any:
    headers = {"x-cg-demo-api-key": site.key} if site.key else None
    return await site.json(path, *kinds, params=params or None, headers=headers)


async def _pull_markets(site: Site, bookmark: str) -> Batch:
    rows = await _fetch_json(
        site,
        "/coins/markets",
        list,
        vs_currency="usd",
        order="market_cap_desc",
        per_page=_MAX_COINS,
        page=1,
        sparkline="true",
        price_change_percentage="1h,24h,7d,30d,1y",
    )
    now = site.now()
    former_marks = json.loads(bookmark) if bookmark else [0, 0]
    marks = [now // _WATCHED_EVERY_MS, now // _OTHERS_EVERY_MS]
    facts: list[Observation] = []
    coins = []
    for index, row in enumerate(some(rows, "coins")):
        coins.append(_coin_row(row))
        is_due = marks[0] != former_marks[0] if row["id"] in site.symbols else marks[1] != former_marks[1]
        if is_due and (index < _MAX_OTHERS or row["id"] in site.symbols):
            facts += _coin_facts(row, now)
    document = {"rows": coins, "unit": "usd"}
    return Batch(observations=facts, documents=[("markets", document)], bookmark=json.dumps(marks))


def _coin_row(row: Mapping[str, Any]) -> dict[str, Any]:
    fields = {name: row.get(name) for name in _COIN_FIELDS}
    number(row["current_price"] or 0.0)
    week = (row.get("sparkline_in_7d") or {}).get("price") or []
    return fields | {"sparkline_7d": [float(f"{price:.6g}") for price in week[::_SPARKLINE_STEP] if price]}


def _coin_facts(row: Mapping[str, Any], now: int) -> list[Observation]:
    ts = min(moment(row["last_updated"]), now) if row.get("last_updated") else now
    return [
        Observation(f"market/{row['id']}/{measure}", ts, now, value)
        for name, measure in _FACT_FIELDS
        if (value := maybe(row.get(name)))
    ]


async def _pull_global(site: Site, _bookmark: str) -> Batch:
    data = (await _fetch_json(site, "/global", dict))["data"]
    now = site.now()
    ts = min(int(data["updated_at"]) * 1_000, now)
    values = {
        "cap_usd": number(data["total_market_cap"]["usd"]),
        "volume_usd": number(data["total_volume"]["usd"]),
        "btc_dominance_fraction": number(data["market_cap_percentage"]["btc"]) / 100.0,
    }
    facts = [Observation(f"market/global/{name}", ts, now, value) for name, value in values.items()]
    return Batch(observations=facts, documents=[("global", data)], bookmark=str(ts))


async def _pull_trending(site: Site, _bookmark: str) -> Batch:
    answer = await _fetch_json(site, "/search/trending", dict)
    rows = []
    for entry in some(answer["coins"], "coins"):
        item = entry["item"]
        data = item.get("data") or {}
        rows.append(
            {
                "id": item["id"],
                "symbol": item["symbol"],
                "name": item["name"],
                "market_cap_rank": item.get("market_cap_rank"),
                "price_usd": data.get("price"),
                "change_24h_percent": (data.get("price_change_percentage_24h") or {}).get("usd"),
            }
        )
    names = [
        {"id": category.get("slug"), "name": category["name"]} for category in answer.get("categories") or []
    ]
    return Batch(documents=[("trending", {"rows": rows, "categories": names})], bookmark=str(site.now()))


async def _pull_categories(site: Site, _bookmark: str) -> Batch:
    rows = await _fetch_json(site, "/coins/categories", list, order="market_cap_desc")
    categories = [
        {
            name: row.get(name)
            for name in ("id", "name", "market_cap", "market_cap_change_24h", "top_3_coins_id", "volume_24h")
        }
        for row in some(rows, "categories")
        if row["name"]
    ]
    return Batch(documents=[("categories", {"rows": categories})], bookmark=str(site.now()))


async def _pull_exchanges(site: Site, _bookmark: str) -> Batch:
    rows = await _fetch_json(site, "/exchanges", list, per_page=100, page=1)
    names = (
        "id", "name", "year_established", "country", "url", "trust_score", "trust_score_rank",
        "trade_volume_24h_btc", "trade_volume_24h_btc_normalized",
    )  # fmt: skip
    exchanges = [{name: row.get(name) for name in names} for row in some(rows, "exchanges") if row["id"]]
    return Batch(documents=[("exchanges", {"rows": exchanges})], bookmark=str(site.now()))


async def _pull_coin_list(site: Site, bookmark: str) -> Batch:
    rows = await _fetch_json(site, "/coins/list", list)
    return new_coins(some(rows, "coins"), bookmark, site.now())


async def _pull_new_pools(site: Site, _bookmark: str) -> Batch:
    new = await _fetch_json(
        site, "/onchain/networks/new_pools", dict, include="base_token,dex,network", page=1
    )
    trending = await _fetch_json(
        site, "/onchain/networks/trending_pools", dict, include="base_token,dex,network", page=1
    )
    return new_pools(new, trending, site.now())


async def _pull_rates(site: Site, _bookmark: str) -> Batch:
    rates = (await _fetch_json(site, "/exchange_rates", dict))["rates"]
    now = site.now()
    dollar = number(rates["usd"]["value"])
    facts = [
        Observation(
            f"fx/{word(code)}/per_usd", now // MINUTE_MS * MINUTE_MS, now, number(rate["value"]) / dollar
        )
        for code, rate in rates.items()
        if rate.get("type") == "fiat" and code != "usd"
    ]
    return Batch(observations=some(facts, "rates"), bookmark=str(now))


async def _pull_history(site: Site, bookmark: str) -> Batch:
    """Read closes of days: of the watched coins, and by their ids of others that somebody owns."""
    now = site.now()
    seen, _, known = bookmark.partition(" ")
    before = set(known.split(",")) if known else set(site.symbols)
    others = [asset for asset in site.held() if asset not in site.symbols][:_MAX_HELD]
    facts: list[Observation] = []
    for asset in (*site.symbols, *others):
        since = int(seen or 0) if asset in before else 0
        days = min(max((now - since) // DAY_MS + 2, 2), _HISTORY_DAYS)
        path = f"/coins/{asset}/market_chart"
        chart = await _fetch_json(site, path, dict, vs_currency="usd", days=days, interval="daily")
        for name, measure in (
            ("prices", "price_usd"),
            ("market_caps", "cap_usd"),
            ("total_volumes", "volume_usd"),
        ):
            series = f"market/{asset}/{measure}"
            facts += [
                Observation(series, int(ts), now, float(value))
                for ts, value in some(chart[name], name)
                if value and int(ts) % DAY_MS == 0  # the last point is of this very moment
            ]
        # A point at midnight is the end of the day before.
        series = f"market/{asset}/close_usd"
        facts += [
            Observation(series, int(ts) - DAY_MS, now, float(value))
            for ts, value in chart["prices"]
            if value and int(ts) % DAY_MS == 0
        ]
    return Batch(observations=facts, bookmark=f"{now} {','.join((*site.symbols, *others))}")
