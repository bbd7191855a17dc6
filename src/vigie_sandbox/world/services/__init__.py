"""The outside services of the world: what they answer, without any server.

binance             Binance's USD-M futures over REST
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
feargreed           alternative.me's Fear and Greed index
gleif               records of firms by their identifier
hyperliquid         Hyperliquid's info endpoint
hyperliquid_stream  its stream
mempool             mempool.space
nyfed               the New York Fed's federal funds rate
wikidata            Wikidata's query service
"""

from collections.abc import Callable
from typing import Final

from vigie_sandbox.world.newsroom.newsroom import Newsroom
from vigie_sandbox.world.services.binance import Binance
from vigie_sandbox.world.services.binance_stream import BinanceStreamSession
from vigie_sandbox.world.services.bitget import Bitget
from vigie_sandbox.world.services.bitget_stream import BitgetStreamSession
from vigie_sandbox.world.services.bls import Bls
from vigie_sandbox.world.services.coingecko import CoinGecko
from vigie_sandbox.world.services.coinmetrics import CoinMetrics
from vigie_sandbox.world.services.defillama import DefiLlama
from vigie_sandbox.world.services.deribit import Deribit
from vigie_sandbox.world.services.ecb import Ecb
from vigie_sandbox.world.services.ecb_data import EcbData
from vigie_sandbox.world.services.feargreed import FearGreed
from vigie_sandbox.world.services.gleif import Gleif
from vigie_sandbox.world.services.hyperliquid import Hyperliquid
from vigie_sandbox.world.services.hyperliquid_stream import HyperliquidStreamSession
from vigie_sandbox.world.services.mempool import Mempool
from vigie_sandbox.world.services.nyfed import NyFed
from vigie_sandbox.world.services.wikidata import Wikidata
from vigie_sandbox.world.wire import Service, WorldStreamSession
from vigie_sandbox.world.world import World


def make_services(world: World, newsroom: Newsroom | None = None) -> dict[str, Service]:
    """Return every service by the first part of its path; the newsroom may be given."""
    return {
        "bitget": Bitget(world),
        "binance": Binance(world),
        "hyperliquid": Hyperliquid(world),
        "coingecko": CoinGecko(world),
        "feargreed": FearGreed(world),
        "defillama": DefiLlama(world),
        "mempool": Mempool(world),
        "coinmetrics": CoinMetrics(world),
        "deribit": Deribit(world),
        "ecb": Ecb(world),
        "ecb_data": EcbData(world),
        "nyfed": NyFed(world),
        "bls": Bls(world),
        "wikidata": Wikidata(world),
        "gleif": Gleif(world),
        "newsroom": newsroom or Newsroom(world),
    }


def open_stream(world: World, service: str, path: str, query: str) -> WorldStreamSession | None:
    """Return a conversation with a new client of a stream; None where there is no stream."""
    for name, part, open_session in _STREAMS:
        if name == service and part in path:
            return open_session(world, path, query)
    return None


_STREAMS: Final[tuple[tuple[str, str, Callable[[World, str, str], WorldStreamSession]], ...]] = (
    ("bitget", "/v2/ws/public", lambda world, _, __: BitgetStreamSession(world)),
    ("binance", "/ws", BinanceStreamSession),
    ("binance", "/stream", BinanceStreamSession),
    ("hyperliquid", "/ws", lambda world, _, __: HyperliquidStreamSession(world)),
)
