"""A house without bars: two venues that quote two assets, their facts, tables of a source, states of connectors."""

from __future__ import annotations

from pathlib import Path

from tests.clocks import JumpingClock
from tests.houses import house
from vigie.domain.fact import Observation
from vigie.domain.quote import Quote
from vigie.domain.time import DAY_MS, HOUR_MS, MINUTE_MS
from vigie.ports.quotes import SourceHealth
from vigie.services.app_context import AppContext

# A whole UTC day.
NOW = 1_760_054_400_000
EIGHT = "bitget-perp:btc-usdt-perp"
HOURLY = "hyperliquid-perp:btc-usdc-perp"
THIRD = "binance-perp:btc-usdt-perp"
OLD = "bitget-perp:eth-usdt-perp"
SETTLED = 120


def quote(place: str, ts: int = NOW - MINUTE_MS, **more: float | int | None) -> Quote:
    venue, _, instrument = place.partition(":")
    return Quote(venue, instrument, ts, ts, **{"last": 100.0, **more})


def funding(place: str, hours: int, rate: float, count: int = SETTLED, end: int = NOW) -> list[Observation]:
    """Settlements up to a time: a rate that swings around a level, so that it has a history."""
    times = [end - k * hours * HOUR_MS for k in range(count)][::-1]
    return [
        Observation(f"derivatives/{place}/funding_fraction", ts, ts, rate * (1.0 + 0.5 * ((k % 5) - 2)))
        for k, ts in enumerate(times)
    ]


def derivatives() -> list[Observation]:
    of = f"derivatives/{EIGHT}"
    facts = [*funding(EIGHT, 8, 0.0001), *funding(HOURLY, 1, 0.00002), *funding(THIRD, 8, 0.0001)]
    for hour in range(72):
        ts = NOW - (71 - hour) * HOUR_MS
        facts += [
            Observation(f"{of}/open_interest_coins", ts, ts, 1_000.0 + hour),
            Observation(f"{of}/open_interest_usd", ts, ts, 100.0 * (1_000.0 + hour)),
            Observation(f"{of}/basis_fraction", ts, ts, 0.0001 * (hour % 7)),
            Observation(f"derivatives/{THIRD}/long_short_ratio", ts, ts, 1.0 + 0.01 * hour),
            Observation("volatility/bitcoin/dvol_index", ts, ts, 40.0 + 0.1 * hour),
        ]
    for part in range(36):
        ts = NOW - part * 5 * MINUTE_MS
        facts += [
            Observation(f"derivatives/{THIRD}/liquidations_long_usd", ts, ts, 100.0),
            Observation(f"derivatives/{THIRD}/liquidations_short_usd", ts, ts, 50.0),
        ]
    return facts


def chains() -> list[Observation]:
    """Daily series, read half a day late; the last of active addresses was revised an hour ago."""
    facts = []
    for day in range(400):
        ts = NOW - (400 - day) * DAY_MS
        facts += [
            Observation("onchain/bitcoin/adr_act_cnt", ts, ts + DAY_MS // 2, 1_000.0 + day),
            Observation("onchain/bitcoin/cap_mvrv_cur", ts, ts + DAY_MS // 2, 1.0 + day / 400),
            Observation("market/bitcoin/cap_usd", ts, ts, 2e12 + day * 1e9),
            Observation("market/bitcoin/price_usd", ts, ts, 100_000.0 + day),
            Observation("market/ethereum/price_usd", ts, ts, 4_000.0 - day),
            Observation("stablecoins/total/supply_usd", ts, ts, 2e11),
            Observation("defi/total/tvl_usd", ts, ts, 1e11 + day * 1e8),
        ]
    facts.append(Observation("onchain/bitcoin/adr_act_cnt", NOW - DAY_MS, NOW - HOUR_MS, 5_000.0))
    facts.append(Observation("sentiment/fear_greed_index", NOW - 40 * DAY_MS, NOW - 40 * DAY_MS, 30.0))
    facts.append(Observation("stablecoins/usd-coin/peg_usd", NOW - HOUR_MS, NOW - HOUR_MS, 0.9))
    return facts


def tables(house: AppContext, ts: int = NOW - HOUR_MS) -> None:
    """Tables of DeFi, one row that knows nothing."""
    put = house.facts.put_document
    put("defillama", "chains", ts, {"rows": [
        {"id": "ethereum", "name": "Ethereum", "tvl": 75.0, "symbol": "ETH", "asset": "ethereum"},
        {"id": "solana", "name": "Solana", "tvl": 25.0, "symbol": "SOL", "asset": "solana"},
        {"id": "new", "name": "New", "tvl": None},
    ]})  # fmt: skip
    put("defillama", "protocols", ts, {"rows": [
        {"name": "=HYPERLINK()", "category": "Lending", "chains": ["Ethereum"], "tvl": 5.0, "change_1d": -2.0},
    ]})  # fmt: skip
    put("defillama", "stablecoins", ts, {"rows": [
        {"id": "tether", "name": "Tether", "symbol": "USDT", "peg": "peggedUSD", "price_usd": 0.97, "supply_usd": 90.0},
        {"id": "eurc", "name": "EURC", "symbol": "EURC", "peg": "peggedEUR", "price_usd": 1.08, "supply_usd": 10.0},
    ]})  # fmt: skip
    put("defillama", "yields", ts, {"rows": [
        {"symbol": "ETH", "project": "p", "chain": "Ethereum", "tvlUsd": 9.0, "apy": 4.0, "ilRisk": "yes"},
    ]})  # fmt: skip
    put("defillama", "dexs", ts, {"rows": [{"name": "Swap", "total24h": 7.0, "change_1d": 10.0}]})
    put("defillama", "fees", ts, {"rows": [{"name": "Swap", "total24h": 1.0}]})


def quotes() -> list[Quote]:
    return [
        quote(
            EIGHT, mark=101.0, index=100.0, open_interest=1_071.0, funding_rate=0.0008, funding_hours=8.0,
            funding_next_ts=NOW + HOUR_MS,
        ),
        quote(HOURLY, mark=100.0, index=100.0, open_interest=500.0, funding_rate=0.00002, funding_hours=1.0),
        quote(OLD, NOW - DAY_MS, mark=10.0, open_interest=1e9, funding_rate=0.0),
    ]  # fmt: skip


def states() -> list[SourceHealth]:
    return [
        SourceHealth("coingecko/markets", "live", NOW - 1_000, NOW - 1_000, 120.0, 4.0),
        SourceHealth(
            "coingecko/global", "failing", NOW - HOUR_MS, NOW - 1_000, 300.0, 4.0, 3, "CoinGecko: too many"
        ),
        SourceHealth("bitget/quotes", "stale", NOW - HOUR_MS, NOW - 1_000, 2.0, None, 0, "", "poll"),
    ]


def full(home: Path) -> AppContext:
    """Return a house with everything."""
    made = house(home, with_bars=False, clock=JumpingClock(NOW))
    made.facts.append([*derivatives(), *chains()])
    made.quotes.put(quotes())
    made.quotes.put_health(states())
    tables(made)
    return made


def empty(home: Path) -> AppContext:
    """Return a house with nothing."""
    return house(home, with_bars=False, clock=JumpingClock(NOW))
