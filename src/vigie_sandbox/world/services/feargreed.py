"""alternative.me: the Fear and Greed index, one value a UTC day, newest first."""

from __future__ import annotations

from typing import Any

from vigie.domain.time import DAY_MS
from vigie_sandbox.world.economy import classify_index, fear_and_greed
from vigie_sandbox.world.wire import Reply, Service, ServiceRefusal, ServiceRequest
from vigie_sandbox.world.world import World


def open_service(world: World) -> Service:
    """Return what answers for this service in a world."""
    return FearGreed(world)


class FearGreed:
    """Answers ``/fng/``.

    Parameters
    ----------
    world : World
        What the index is made from.
    """

    def __init__(self, world: World) -> None:
        self._world = world

    def answer(self, request: ServiceRequest) -> Reply:
        """Return the newest `limit` values, all for 0."""
        if request.path.strip("/") != "fng":
            raise ServiceRefusal(404, {"name": "Fear and Greed Index", "metadata": {"error": "not found"}})
        days, values = fear_and_greed(self._world, request.now_ms)
        limit = request.get_int("limit", 1)
        newest = list(zip(days.tolist(), values.tolist(), strict=True))[::-1]
        data: list[dict[str, Any]] = [
            {
                "value": str(value),
                "value_classification": classify_index(value),
                "timestamp": str(day // 1_000),
            }
            for day, value in newest[: limit or None]
        ]
        if data:
            data[0]["time_until_update"] = str((newest[0][0] + DAY_MS - request.now_ms) // 1_000)
        return Reply({"name": "Fear and Greed Index", "data": data, "metadata": {"error": None}})
