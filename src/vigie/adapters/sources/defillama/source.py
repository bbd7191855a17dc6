"""DefiLlama: totals with their history, and tables of chains, protocols, stablecoins and pools.

https://api-docs.defillama.com/, the published free operations. Histories are rewritten: a value is known from when
it was read, and an other one later is a revision.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, Final

from vigie.adapters.sources.site import Feed, Site, maybe, number, some, word
from vigie.domain.fact import Measure, Observation
from vigie.domain.time import DAY_MS, MINUTE_MS, SECOND_MS
from vigie.ports.source import Batch, Source

_MAX_CHAINS: Final = 30
_MAX_CHAIN_HISTORIES: Final = 8
_MAX_PROTOCOLS: Final = 300
_MAX_POOLS: Final = 300
_MAX_STABLECOINS: Final = 30
# After the first look only what may still change is stored again.
_RECENT_MS: Final = 14 * DAY_MS
_STEP_MS: Final = 10 * MINUTE_MS


def open_feeds(site: Site) -> Mapping[str, Source]:
    """Return the feeds by name."""
    usd = partial(Measure, unit="usd", source=site.manifest.id)
    locked = (
        usd(
            "defi/*/tvl_usd",
            "Total value locked (TVL)",
            definition="Value deposited in protocols, without liquid staking and double counts.",
            delay="an hour; the source rewrites its history",
        ),
    )
    feeds: dict[str, tuple[Any, tuple[Measure, ...]]] = {
        "chains": (_pull_chains, locked),
        "tvl": (_pull_tvl, locked),
        "protocols": (_pull_protocols, ()),
        "dexs": (
            partial(_pull_overview, kind="dexs", series="defi/total/dex_volume_usd"),
            (
                usd(
                    "defi/total/dex_volume_usd",
                    "DEX volume",
                    definition="Traded on decentralised exchanges (DEX) in a day.",
                    delay="a day",
                ),
            ),
        ),
        "fees": (
            partial(_pull_overview, kind="fees", series="defi/total/fees_usd"),
            (
                usd(
                    "defi/total/fees_usd",
                    "Fees",
                    definition="Paid by users to protocols in a day.",
                    delay="a day",
                ),
            ),
        ),
        "stablecoins": (
            _pull_stablecoins,
            (
                usd("stablecoins/*/supply_usd", "Supply", definition="Value of the coins in circulation."),
                usd(
                    "stablecoins/*/peg_usd",
                    "Price",
                    unit="price",
                    definition="Price of one coin; the peg is one dollar.",
                ),
            ),
        ),
        "stablecoin_supply": (
            _pull_stablecoin_supply,
            (
                usd(
                    "stablecoins/total/supply_usd",
                    "Stablecoin supply",
                    definition="Value of all stablecoins in circulation.",
                ),
            ),
        ),
        "yields": (_pull_yields, ()),
    }
    return {name: Feed(site, name, read, kinds) for name, (read, kinds) in feeds.items()}


async def _pull_chains(site: Site, _bookmark: str) -> Batch:
    rows = some(await site.json("/v2/chains", list, host="api"), "chains")
    ranked = sorted(rows, key=lambda row: -number(row["tvl"]))
    now = site.now()
    facts = [
        Observation(f"defi/{word(row['name'])}/tvl_usd", now // _STEP_MS * _STEP_MS, now, number(row["tvl"]))
        for row in ranked[:_MAX_CHAINS]
    ]
    chains = [
        {"id": word(row["name"]), "name": row["name"], "tvl": row["tvl"], "symbol": row.get("tokenSymbol"),
         "asset": row.get("gecko_id")}
        for row in ranked
    ]  # fmt: skip
    return Batch(observations=facts, documents=[("chains", {"rows": chains})], bookmark=str(now))


async def _pull_tvl(site: Site, bookmark: str) -> Batch:
    path = "/v2/historicalChainTvl"
    now = site.now()
    total = await site.json(path, list, host="api")
    facts = _daily_facts("defi/total/tvl_usd", [(row["date"], row["tvl"]) for row in total], bookmark, now)
    chains = some(await site.json("/v2/chains", list, host="api"), "chains")
    for chain in sorted(chains, key=lambda row: -number(row["tvl"]))[:_MAX_CHAIN_HISTORIES]:
        rows = await site.json(f"{path}/{chain['name']}", list, host="api")
        series = f"defi/{word(chain['name'])}/tvl_usd"
        facts += _daily_facts(series, [(row["date"], row["tvl"]) for row in rows], bookmark, now)
    return Batch(observations=facts, bookmark=str(now))


async def _pull_protocols(site: Site, _bookmark: str) -> Batch:
    rows = some(await site.json("/protocols", list, host="api"), "protocols")
    ranked = sorted(rows, key=lambda row: -(maybe(row.get("tvl")) or 0.0))
    names = ("name", "slug", "symbol", "category", "chains", "tvl", "change_1d", "change_7d")
    protocols = [{name: row.get(name) for name in names} for row in ranked[:_MAX_PROTOCOLS]]
    return Batch(documents=[("protocols", {"rows": protocols})], bookmark=str(site.now()))


async def _pull_overview(site: Site, bookmark: str, *, kind: str, series: str) -> Batch:
    params = {"excludeTotalDataChart": "false", "excludeTotalDataChartBreakdown": "true"}
    answer = await site.json(f"/overview/{kind}", dict, host="api", params=params)
    now = site.now()
    facts = _daily_facts(series, some(answer["totalDataChart"], "days"), bookmark, now)
    names = ("name", "category", "chains", "total24h", "total7d", "change_1d")
    rows = [{name: row.get(name) for name in names} for row in answer["protocols"]]
    rows.sort(key=lambda row: -(maybe(row["total24h"]) or 0.0))
    body = {"rows": rows[:_MAX_PROTOCOLS]} | {
        name: maybe(answer.get(name)) for name in ("total24h", "total7d", "change_1d", "change_7d")
    }
    return Batch(observations=facts, documents=[(kind, body)], bookmark=str(now))


async def _pull_stablecoins(site: Site, _bookmark: str) -> Batch:
    params = {"includePrices": "true"}
    answer = await site.json("/stablecoins", dict, host="stablecoins", params=params)
    now = site.now()
    ts = now // _STEP_MS * _STEP_MS
    rows = []
    for coin in some(answer["peggedAssets"], "stablecoins"):
        peg = coin["pegType"]
        circulating = maybe((coin.get("circulating") or {}).get(peg)) or 0.0
        former_circulating = maybe((coin.get("circulatingPrevDay") or {}).get(peg))
        price = maybe(coin.get("price"))
        rows.append(
            {
                "id": coin.get("gecko_id") or word(coin["name"]),
                "name": coin["name"],
                "symbol": coin["symbol"],
                "peg": peg,
                "mechanism": coin.get("pegMechanism"),
                "price_usd": price,
                "supply": circulating,
                "supply_usd": circulating * (1.0 if peg == "peggedUSD" else price or 0.0),
                "supply_change_1d": circulating / former_circulating - 1.0 if former_circulating else None,
                "chains": coin.get("chains"),
            }
        )
    rows.sort(key=lambda row: -row["supply_usd"])
    facts = []
    for row in rows[:_MAX_STABLECOINS]:
        if row["peg"] == "peggedUSD":
            facts.append(Observation(f"stablecoins/{row['id']}/supply_usd", ts, now, row["supply_usd"]))
            if row["price_usd"]:
                facts.append(Observation(f"stablecoins/{row['id']}/peg_usd", ts, now, row["price_usd"]))
    return Batch(observations=facts, documents=[("stablecoins", {"rows": rows})], bookmark=str(now))


async def _pull_stablecoin_supply(site: Site, bookmark: str) -> Batch:
    rows = some(await site.json("/stablecoincharts/all", list, host="stablecoins"), "days")
    now = site.now()
    days = [
        (row["date"], sum(number(part) for part in row["totalCirculatingUSD"].values() if part is not None))
        for row in rows
    ]
    return Batch(
        observations=_daily_facts("stablecoins/total/supply_usd", days, bookmark, now), bookmark=str(now)
    )


async def _pull_yields(site: Site, _bookmark: str) -> Batch:
    answer = await site.json("/pools", dict, host="yields")
    if answer.get("status") != "success":
        raise ValueError(answer.get("status"))
    names = (
        "pool", "chain", "project", "symbol", "tvlUsd", "apy", "apyBase", "apyReward", "stablecoin", "ilRisk",
        "exposure",
    )  # fmt: skip
    ranked = sorted(some(answer["data"], "pools"), key=lambda row: -(maybe(row.get("tvlUsd")) or 0.0))
    pools = [{name: row.get(name) for name in names} for row in ranked[:_MAX_POOLS]]
    return Batch(documents=[("yields", {"rows": pools})], bookmark=str(site.now()))


def _daily_facts(series: str, rows: Sequence[Sequence[Any]], bookmark: str, now: int) -> list[Observation]:
    """Return days as facts; once the history is stored, only the days that may still change."""
    since = int(bookmark) - _RECENT_MS if bookmark else 0
    days = [(int(ts) * SECOND_MS, number(value)) for ts, value in some(rows, "days") if value is not None]
    return [Observation(series, ts, now, value) for ts, value in days if since <= ts <= now]
