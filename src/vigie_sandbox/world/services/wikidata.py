"""Wikidata's query service: exchanges and coins of the world, with names in two languages."""

from __future__ import annotations

import re
from typing import Any, Final

from vigie_sandbox.world.wire import Reply, Service, ServiceRefusal, ServiceRequest
from vigie_sandbox.world.world import World

_EXCHANGES: Final = (
    ("Harborlight Exchange", "Harborlight|Bourse Harborlight"),
    ("Kestrel Markets", "Kestrel Markets SA|Marchés Kestrel"),
)
_EXCHANGE: Final = "Q25401607"
_COIN: Final = "Q13479982"
_LIMIT: Final = re.compile(r"\bLIMIT\s+(\d+)\s*$")


def open_service(world: World) -> Service:
    """Return what answers for this service in a world."""
    return Wikidata(world)


class Wikidata:
    """Answers one shape of query: items of some classes with their labels.

    Parameters
    ----------
    world : World
        Whose coins are told.
    """

    def __init__(self, world: World) -> None:
        self._world = world

    def answer(self, request: ServiceRequest) -> Reply:
        """Return the bindings of a query at ``/sparql``."""
        query = request.query.get("query", "")
        limit = _LIMIT.search(query.strip())
        if request.path != "/sparql" or limit is None:
            raise ServiceRefusal(400, {"error": "MalformedQueryException"})
        rows = [_row(_EXCHANGE, name, others) for name, others in _EXCHANGES if _EXCHANGE in query]
        if _COIN in query:
            rows += [_row(_COIN, coin.name, coin.name) for coin in self._world.coins]
        bindings = [
            {"item": _uri(f"Q9{number:07}"), **row} for number, row in enumerate(rows[: int(limit[1])])
        ]
        return Reply(
            {
                "head": {"vars": ["item", "class", "name", "others"]},
                "results": {"bindings": bindings},
            }
        )


def _row(kind: str, name: str, others: str) -> dict[str, Any]:
    return {
        "class": _uri(kind),
        "name": {"type": "literal", "xml:lang": "en", "value": name},
        "others": {"type": "literal", "value": others},
    }


def _uri(code: str) -> dict[str, str]:
    return {"type": "uri", "value": f"http://www.wikidata.org/entity/{code}"}
