"""The outside services of the world: what they answer, without any server.

binance             Binance's USD-M futures over REST
binance_spot        daily bars of Binance's spot markets
binance_stream      its streams
bitget              Bitget's USDT futures over REST
bitget_stream       its public stream
bls                 consumer prices of the United States
coingecko           CoinGecko
coingecko_exchanges its list of exchanges
coingecko_pools     how it writes pools of new coins
coinmetrics         Coin Metrics community data
defillama           DefiLlama's three hosts
deribit             Deribit's volatility index
ecb                 the European Central Bank's reference rates
ecb_data            its key rate, and prices of the euro area
evm                 a node of Ethereum
feargreed           alternative.me's Fear and Greed index
gleif               records of firms by their identifier
hyperliquid         Hyperliquid's info endpoint
hyperliquid_stream  its stream
hyperliquid_users   an account of it whose fills anybody may read
mempool             mempool.space
nyfed               the New York Fed's federal funds rate
wikidata            Wikidata's query service

A module that defines `open_service` is the service of its name, one that defines `open_stream` is the stream of the
service before ``_stream``: the folder is the registry.
"""

import pkgutil
from collections.abc import Iterator
from importlib import import_module
from types import ModuleType
from typing import Final

from vigie_sandbox.world.newsroom.newsroom import Newsroom
from vigie_sandbox.world.service_names import NEWSROOM, STREAM_SUFFIX
from vigie_sandbox.world.wire import Service, WorldStreamSession
from vigie_sandbox.world.world import World

# Loaded with this package, so that copies of a process share them.
_MODULES: Final = {
    entry.name: import_module(f"{__name__}.{entry.name}") for entry in pkgutil.iter_modules(__path__)
}


def make_services(world: World, newsroom: Newsroom | None = None) -> dict[str, Service]:
    """Return every service by the first part of its path; the newsroom may be given."""
    services: dict[str, Service] = {
        name: module.open_service(world) for name, module in _defining("open_service")
    }
    return {**services, NEWSROOM: newsroom or Newsroom(world)}


def open_stream(world: World, service: str, path: str, query: str) -> WorldStreamSession | None:
    """Return a conversation with a new client of a stream; None where there is no stream."""
    for name, module in _defining("open_stream"):
        if name.removesuffix(STREAM_SUFFIX) == service:
            session: WorldStreamSession | None = module.open_stream(world, path, query)
            return session
    return None


def _defining(function: str) -> Iterator[tuple[str, ModuleType]]:
    return ((name, module) for name, module in _MODULES.items() if hasattr(module, function))
