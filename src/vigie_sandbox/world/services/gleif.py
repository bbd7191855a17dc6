"""GLEIF's interface: records of firms by their identifier; a checksum decides which identifiers exist."""

from __future__ import annotations

from typing import Any, Final

from vigie_sandbox.world.wire import Reply, Service, ServiceRefusal, ServiceRequest
from vigie_sandbox.world.world import World

_MAX_PAGE_SIZE: Final = 200
_SYLLABLES: Final = ("bel", "cor", "dan", "fel", "gor", "lum", "mar", "nor", "pel", "tor")


def open_service(world: World) -> Service:
    """Return what answers for this service in a world."""
    return Gleif(world)


class Gleif:
    """Answers ``/api/v1/lei-records`` with names made from the identifier.

    Parameters
    ----------
    world : World
        Not used: firms of the world have their names by themselves.
    """

    def __init__(self, world: World) -> None:
        self._world = world

    def answer(self, request: ServiceRequest) -> Reply:
        """Return the records of the identifiers asked for that exist."""
        if request.path != "/api/v1/lei-records":
            raise ServiceRefusal(404, {"errors": [{"status": "404", "title": "Not Found"}]})
        identifiers = [
            identifier for identifier in request.query.get("filter[lei]", "").split(",") if identifier
        ]
        size = request.get_int("page[size]", 15)
        if not 1 <= size <= _MAX_PAGE_SIZE:
            raise ServiceRefusal(
                400, {"errors": [{"status": "400", "title": f"page[size] is 1 to {_MAX_PAGE_SIZE}"}]}
            )
        rows = [_record(lei) for lei in identifiers if is_lei(lei)]
        return Reply(
            {
                "meta": {"pagination": {"currentPage": 1, "perPage": size, "total": len(rows)}},
                "data": rows[:size],
            }
        )


def is_lei(text: str) -> bool:
    """Tell whether a text is an identifier by ISO 17442: its digits by ISO 7064 leave one."""
    if len(text) != 20 or not text.isascii() or not text.isalnum() or text != text.upper():
        return False
    return int("".join(str(int(letter, 36)) for letter in text)) % 97 == 1


def _record(lei: str) -> dict[str, Any]:
    number = int(lei[-6:], 36)
    name = "".join(_SYLLABLES[number // 10**position % 10] for position in range(3)).capitalize()
    return {
        "type": "lei-records",
        "id": lei,
        "attributes": {
            "lei": lei,
            "entity": {
                "legalName": {"name": f"{name} Digital Assets SAS", "language": "fr"},
                "otherNames": [
                    {"name": f"{name} Exchange", "type": "TRADING_OR_OPERATING_NAME", "language": "en"}
                ],
                "status": "ACTIVE",
            },
        },
    }
