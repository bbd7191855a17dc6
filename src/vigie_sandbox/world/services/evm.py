"""A node of Ethereum: what lies at an address, in the native coin and in tokens, by JSON-RPC."""

from __future__ import annotations

import re
from typing import Final

from vigie_sandbox.world.hashed_random import derive_key, uniform
from vigie_sandbox.world.wire import Reply, Service, ServiceRefusal, ServiceRequest
from vigie_sandbox.world.world import World

_CHAIN_ID: Final = 1
_ADDRESS: Final = re.compile(r"0x[0-9a-fA-F]{40}")
_BALANCE_OF: Final = re.compile(r"0x70a082310{24}([0-9a-fA-F]{40})")
_USED_SHARE: Final = 0.6
_MOST_UNITS: Final = 3 * 10**18
_MOST_TOKEN_UNITS: Final = 5 * 10**9


def open_service(world: World) -> Service:
    """Return what answers for this service in a world."""
    return EvmNode(world)


class EvmNode:
    """Answers its questions from the world.

    Parameters
    ----------
    world : World
        What is shown.
    """

    def __init__(self, world: World) -> None:
        self._world = world

    def answer(self, request: ServiceRequest) -> Reply:
        """Return the answer to a posted question; what a node refuses is an error under 200."""
        asked = request.body
        if not isinstance(asked, dict) or not isinstance(asked.get("params"), list):
            raise ServiceRefusal(400, {"error": {"code": -32600, "message": "invalid request"}})
        shell = {"jsonrpc": "2.0", "id": asked.get("id")}
        result = self._result(str(asked.get("method")), asked["params"])
        if result is None:
            return Reply({**shell, "error": {"code": -32602, "message": "invalid argument"}})
        return Reply({**shell, "result": result})

    def _result(self, method: str, params: list[object]) -> str | None:
        if method == "eth_chainId":
            return hex(_CHAIN_ID)
        first = params[0] if params else None
        if method == "eth_getBalance" and isinstance(first, str) and _ADDRESS.fullmatch(first):
            return hex(self._units(first, "native", _MOST_UNITS))
        if method != "eth_call" or not isinstance(first, dict):
            return None
        token, call = str(first.get("to")), _BALANCE_OF.fullmatch(str(first.get("data")))
        if call is None or not _ADDRESS.fullmatch(token):
            return None
        return f"0x{self._units('0x' + call[1], token.lower(), _MOST_TOKEN_UNITS):064x}"

    def _units(self, address: str, coin: str, most: int) -> int:
        """Return what lies at an address: three of five hold something."""
        key = derive_key(self._world.seed, "evm", address.lower(), coin)
        return round(most * uniform(key, 1)) if uniform(key, 0) < _USED_SHARE else 0
