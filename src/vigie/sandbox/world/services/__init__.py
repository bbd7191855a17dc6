"""The outside services of the world, one file each: what they answer, without any server."""

from vigie.sandbox.world.services.bitget import Bitget
from vigie.sandbox.world.services.bitget_stream import BitgetTalk
from vigie.sandbox.world.services.coingecko import CoinGecko
from vigie.sandbox.world.services.feargreed import FearGreed
from vigie.sandbox.world.wire import Conversation, Service
from vigie.sandbox.world.world import World


def the_services(world: World) -> dict[str, Service]:
    """Return every service by the first part of its path."""
    return {"bitget": Bitget(world), "coingecko": CoinGecko(world), "feargreed": FearGreed(world)}


def talk_for(world: World, service: str, path: str, query: str) -> Conversation | None:
    """Return a conversation with a new client of a stream; None where there is no stream."""
    if service == "bitget" and path == "/v2/ws/public":
        return BitgetTalk(world)
    return None
