"""DefiLlama: value locked by chain and protocol, trading and fees, stablecoins, yields.

Its hosts are the first part of the path: ``/api``, ``/stablecoins``, ``/yields``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from vigie.domain.bar import FloatArray, IntArray
from vigie.domain.time import DAY_MS
from vigie_sandbox.world import economy
from vigie_sandbox.world.catalogue import Coin
from vigie_sandbox.world.hashed_random import derive_key, uniform
from vigie_sandbox.world.price_walk import CLOSE, VOLUME
from vigie_sandbox.world.wire import Reply, Service, ServiceRefusal, ServiceRequest
from vigie_sandbox.world.world import World


@dataclass(frozen=True, slots=True)
class _Chain:
    name: str
    symbol: str
    number: int
    locked: float


@dataclass(frozen=True, slots=True)
class _Protocol:
    name: str
    category: str
    chain: str
    share: float


_CHAINS: Final = (
    _Chain("Ethereum", "ETH", 1, 62e9),
    _Chain("Solana", "SOL", 101, 8.4e9),
    _Chain("BSC", "BNB", 56, 6.1e9),
    _Chain("Tron", "TRX", 728126428, 5.3e9),
    _Chain("Avalanche", "AVAX", 43114, 1.3e9),
    _Chain("Cardano", "ADA", 2001, 0.35e9),
    _Chain("Polkadot", "DOT", 3003, 0.16e9),
    _Chain("CosmosHub", "ATOM", 4004, 0.03e9),
)
_PROTOCOLS: Final = (
    _Protocol("Harbour Staking", "Liquid Staking", "Ethereum", 0.36),
    _Protocol("Quay Lending", "Lending", "Ethereum", 0.24),
    _Protocol("Breakwater", "Dexs", "Ethereum", 0.09),
    _Protocol("Lantern Vaults", "Yield", "Ethereum", 0.06),
    _Protocol("Sunmill", "Dexs", "Solana", 0.30),
    _Protocol("Kite Staking", "Liquid Staking", "Solana", 0.27),
    _Protocol("Granary", "Lending", "BSC", 0.34),
    _Protocol("Pancroft", "Dexs", "BSC", 0.28),
    _Protocol("Tidehouse", "Lending", "Tron", 0.55),
    _Protocol("Snowline", "Lending", "Avalanche", 0.40),
    _Protocol("Fernway", "Dexs", "Cardano", 0.45),
    _Protocol("Dotmill", "Liquid Staking", "Polkadot", 0.50),
)
_STABLES: Final = (("1", "USDT", "fiat-backed"), ("2", "USDC", "fiat-backed"))


def open_service(world: World) -> Service:
    """Return what answers for this service in a world."""
    return DefiLlama(world)


class DefiLlama:
    """Answers its questions from the world.

    Parameters
    ----------
    world : World
        What is shown.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self._handlers: dict[str, Callable[[ServiceRequest], Any]] = {
            "api/v2/chains": self._chains,
            "api/protocols": self._protocols,
            "api/v2/historicalChainTvl": lambda request: self._history(None, request),
            "api/overview/dexs": lambda request: self._overview(request, "dexs"),
            "api/overview/fees": lambda request: self._overview(request, "fees"),
            "stablecoins/stablecoins": self._stablecoins,
            "stablecoins/stablecoincharts/all": self._stable_chart,
            "yields/pools": self._pools,
        }

    def answer(self, request: ServiceRequest) -> Reply:
        """Return the answer of one of the hosts."""
        path = request.path.strip("/")
        handler = self._handlers.get(path)
        if handler is not None:
            return Reply(handler(request))
        host, _, name = path.rpartition("/")
        chain = next((candidate for candidate in _CHAINS if candidate.name.lower() == name.lower()), None)
        if host == "api/v2/historicalChainTvl" and chain is not None:
            return Reply(self._history(chain, request))
        raise ServiceRefusal(404, {"message": "Not Found"})

    def _value_locked(self, chain: _Chain, at_ms: IntArray, price: FloatArray) -> FloatArray:
        """Return the value locked at times, from the price of the chain's own coin then."""
        coin = self._world.coin_by_symbol[chain.symbol]
        days = (at_ms - self._world.tape.first_ms) / DAY_MS
        walk = economy.random_walk(self._world, f"{chain.name}/locked", days, 0.007, 0.0002)
        locked: FloatArray = chain.locked * (price / coin.profile.level) ** 0.8 * np.exp(walk)
        return locked

    def _value_locked_now(self, chain: _Chain, now: int) -> float:
        coin = self._world.coin_by_symbol[chain.symbol]
        price = np.array([self._world.price(coin, now)])
        return float(self._value_locked(chain, np.array([now]), price)[0])

    def _value_locked_by_day(self, chain: _Chain, now: int) -> tuple[IntArray, FloatArray]:
        """Return midnights and the value then."""
        coin = self._world.coin_by_symbol[chain.symbol]
        days, close, _ = economy.daily(self._world, coin, now)
        midnights = days + DAY_MS
        return midnights, self._value_locked(chain, midnights, close)

    def _chains(self, request: ServiceRequest) -> list[dict[str, Any]]:
        return [
            {
                "gecko_id": self._world.coin_by_symbol[chain.symbol].id,
                "tvl": self._value_locked_now(chain, request.now_ms),
                "tokenSymbol": chain.symbol,
                "cmcId": None,
                "name": chain.name,
                "chainId": chain.number,
            }
            for chain in _CHAINS
        ]

    def _history(self, chain: _Chain | None, request: ServiceRequest) -> list[dict[str, Any]]:
        chains = [chain] if chain is not None else list(_CHAINS)
        histories = [self._value_locked_by_day(selected, request.now_ms) for selected in chains]
        total = np.sum([locked for _, locked in histories], axis=0)
        return [
            {"date": day // 1_000, "tvl": round(value)}
            for day, value in zip(histories[0][0].tolist(), total.tolist(), strict=True)
        ]

    def _protocols(self, request: ServiceRequest) -> list[dict[str, Any]]:
        rows = []
        for number, protocol in enumerate(_PROTOCOLS):
            chain = next(chain for chain in _CHAINS if chain.name == protocol.chain)
            _, days = self._value_locked_by_day(chain, request.now_ms)
            now = self._value_locked_now(chain, request.now_ms)
            rows.append(
                {
                    "id": str(number + 1),
                    "name": protocol.name,
                    "slug": protocol.name.lower().replace(" ", "-"),
                    "symbol": "-",
                    "category": protocol.category,
                    "chains": [protocol.chain],
                    "chain": protocol.chain,
                    "tvl": now * protocol.share,
                    "chainTvls": {protocol.chain: now * protocol.share},
                    "change_1h": None,
                    "change_1d": _change(now, days, 1),
                    "change_7d": _change(now, days, 7),
                    "url": "",
                    "description": "",
                }
            )
        return rows

    def _overview(self, request: ServiceRequest, kind: str) -> dict[str, Any]:
        turnover = self._daily_turnover(request.now_ms)
        total = turnover * 0.09 if kind == "dexs" else turnover * 0.00042 + 6e6
        days = economy.day_times(self._world, len(total))
        chart = (
            []
            if request.query.get("excludeTotalDataChart") == "true"
            else [
                [day // 1_000, round(value)] for day, value in zip(days.tolist(), total.tolist(), strict=True)
            ]
        )
        protocols = [protocol for protocol in _PROTOCOLS if kind == "fees" or protocol.category == "Dexs"]
        weight = sum(protocol.share for protocol in protocols)
        return {
            "totalDataChart": chart,
            "totalDataChartBreakdown": [],
            "breakdown24h": None,
            "chain": None,
            "allChains": [chain.name for chain in _CHAINS],
            "total24h": float(total[-1]),
            "total48hto24h": float(total[-2]),
            "total7d": float(total[-7:].sum()),
            "total30d": float(total[-30:].sum()),
            "change_1d": _change(float(total[-1]), total, 2),
            "change_7d": _change(float(total[-1]), total, 8),
            "protocols": [
                {
                    "name": protocol.name,
                    "displayName": protocol.name,
                    "category": protocol.category,
                    "chains": [protocol.chain],
                    "total24h": float(total[-1]) * protocol.share / weight,
                    "total7d": float(total[-7:].sum()) * protocol.share / weight,
                    "change_1d": _change(float(total[-1]), total, 2),
                }
                for protocol in protocols
            ],
        }

    def _daily_turnover(self, now: int) -> FloatArray:
        """Return the turnover of every coin together, by whole day."""
        days = economy.hours_so_far(self._world, now) // 24
        hours, so_far = self._world.tape.hours(), slice(days * 24)
        hourly = np.einsum("ij,ij->j", hours[:, CLOSE, so_far], hours[:, VOLUME, so_far])
        by_day: FloatArray = hourly.reshape(days, 24).sum(axis=1)
        return by_day

    def _stablecoins(self, request: ServiceRequest) -> dict[str, Any]:
        rows = []
        for id_, symbol, mechanism in _STABLES:
            coin = self._world.coin_by_symbol[symbol]
            at = request.now_ms - np.array([0, 1, 7, 30]) * DAY_MS
            now, day, week, month = economy.supply(self._world, coin, at).tolist()
            rows.append(
                {
                    "id": id_,
                    "name": coin.name,
                    "symbol": symbol,
                    "gecko_id": coin.id,
                    "pegType": "peggedUSD",
                    "pegMechanism": mechanism,
                    "priceSource": "defillama",
                    "circulating": {"peggedUSD": now},
                    "circulatingPrevDay": {"peggedUSD": day},
                    "circulatingPrevWeek": {"peggedUSD": week},
                    "circulatingPrevMonth": {"peggedUSD": month},
                    "chainCirculating": {},
                    "chains": ["Ethereum", "Tron", "Solana"],
                    "price": round(self._world.price(coin, request.now_ms), 6),
                }
            )
        return {"peggedAssets": rows, "chains": []}

    def _stable_chart(self, request: ServiceRequest) -> list[dict[str, Any]]:
        wanted_id = request.query.get("stablecoin")
        coins: list[Coin] = [
            self._world.coin_by_symbol[symbol] for id_, symbol, _ in _STABLES if wanted_id in (None, id_)
        ]
        if not coins:
            raise ServiceRefusal(404, {"message": "Not Found"})
        days = (
            economy.day_times(self._world, economy.hours_so_far(self._world, request.now_ms) // 24) + DAY_MS
        )
        total = np.sum([economy.supply(self._world, coin, days) for coin in coins], axis=0)
        return [
            {
                "date": str(day // 1_000),
                "totalCirculating": {"peggedUSD": value},
                "totalCirculatingUSD": {"peggedUSD": value},
            }
            for day, value in zip(days.tolist(), total.tolist(), strict=True)
        ]

    def _pools(self, request: ServiceRequest) -> dict[str, Any]:
        rows = []
        day = request.now_ms // DAY_MS
        for protocol in _PROTOCOLS:
            chain = next(chain for chain in _CHAINS if chain.name == protocol.chain)
            locked = self._value_locked_now(chain, request.now_ms) * protocol.share
            for symbol, part in (("USDC", 0.3), ("USDT", 0.25), (chain.symbol, 0.45)):
                key = derive_key(self._world.seed, protocol.name, symbol, "yield")
                base = 1.0 + 7.0 * uniform(key, 0) + 1.5 * uniform(key, day)
                reward = 2.0 * uniform(key, 1) if uniform(key, 2) > 0.6 else None
                rows.append(
                    {
                        "chain": protocol.chain,
                        "project": protocol.name.lower().replace(" ", "-"),
                        "symbol": symbol,
                        "tvlUsd": round(locked * part),
                        "apyBase": round(base, 4),
                        "apyReward": None if reward is None else round(reward, 4),
                        "apy": round(base + (reward or 0.0), 4),
                        "pool": f"{key:016x}",
                        "stablecoin": symbol in ("USDC", "USDT"),
                        "ilRisk": "no",
                        "exposure": "single",
                    }
                )
        return {"status": "success", "data": rows}


def _change(now: float, past: FloatArray, days_back: int) -> float | None:
    """Return a change in percent against so many values before."""
    return (now / float(past[-days_back]) - 1.0) * 100.0 if len(past) >= days_back else None
