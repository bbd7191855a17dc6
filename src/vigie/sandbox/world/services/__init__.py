"""The outside services of the world, one file each: what they answer, without any server."""

from vigie.sandbox.world.services.binance import Binance
from vigie.sandbox.world.services.binance_stream import BinanceTalk
from vigie.sandbox.world.services.bitget import Bitget
from vigie.sandbox.world.services.bitget_stream import BitgetTalk
from vigie.sandbox.world.services.coingecko import CoinGecko
from vigie.sandbox.world.services.coinmetrics import CoinMetrics
from vigie.sandbox.world.services.defillama import DefiLlama
from vigie.sandbox.world.services.deribit import Deribit
from vigie.sandbox.world.services.ecb import Ecb
from vigie.sandbox.world.services.feargreed import FearGreed
from vigie.sandbox.world.services.hyperliquid import Hyperliquid
from vigie.sandbox.world.services.hyperliquid_stream import HyperliquidTalk
from vigie.sandbox.world.services.mempool import Mempool
from vigie.sandbox.world.wire import Conversation, Service
from vigie.sandbox.world.world import World


def the_services(world: World) -> dict[str, Service]:
    """Return every service by the first part of its path."""
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
    }


def talk_for(world: World, service: str, path: str, query: str) -> Conversation | None:
    """Return a conversation with a new client of a stream; None where there is no stream."""
    if service == "bitget" and path == "/v2/ws/public":
        return BitgetTalk(world)
    if service == "binance" and ("/ws" in path or "/stream" in path):
        return BinanceTalk(world, path, query)
    if service == "hyperliquid" and path == "/ws":
        return HyperliquidTalk(world)
    return None
