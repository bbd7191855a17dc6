"""The New York Fed: the federal funds rate of working days with its target range, out on the next one."""

from __future__ import annotations

from typing import Any, Final

from vigie.domain.time import DAY_MS, HOUR_MS
from vigie_sandbox.world import macro_figures
from vigie_sandbox.world.hashed_random import derive_key, uniform
from vigie_sandbox.world.wire import Reply, Service, ServiceRefusal, ServiceRequest
from vigie_sandbox.world.world import World

_PATH_START: Final = "/api/rates/unsecured/effr/last/"
_PATH_END: Final = ".json"
# 9:00 in New York, in winter.
_PUBLISHED_MS: Final = 14 * HOUR_MS
_TARGET_WIDTH: Final = 0.25


def open_service(world: World) -> Service:
    """Return what answers for this service in a world."""
    return NyFed(world)


class NyFed:
    """Answers the newest rates.

    Parameters
    ----------
    world : World
        What is shown.
    """

    def __init__(self, world: World) -> None:
        self._world = world

    def answer(self, request: ServiceRequest) -> Reply:
        """Return so many working days, newest first."""
        count = request.path.removeprefix(_PATH_START).removesuffix(_PATH_END)
        if not request.path.startswith(_PATH_START) or not count.isdecimal():
            raise ServiceRefusal(404, {"message": "Not found"})
        # On the working day that has come last, the one before it is out.
        days = range((request.now_ms - _PUBLISHED_MS) // DAY_MS, macro_figures.FIRST_DAY, -1)
        working = [day for day in days if macro_figures.is_working_day(day)][1 : int(count) + 1]
        return Reply({"refRates": [self._row(day) for day in working]})

    def _row(self, day: int) -> dict[str, Any]:
        seed = self._world.seed
        low = macro_figures.policy_rate(seed, "dollar", day, macro_figures.DOLLAR_LAG_DAYS)
        rate = round(low + 0.07 + 0.02 * uniform(derive_key(seed, "effr"), day), 2)
        return {
            "effectiveDate": macro_figures.format_day(day),
            "type": "EFFR",
            "percentRate": rate,
            "percentPercentile1": round(rate - 0.03, 2),
            "percentPercentile99": round(rate + 0.06, 2),
            "targetRateFrom": low,
            "targetRateTo": low + _TARGET_WIDTH,
            "volumeInBillions": 95,
            "revisionIndicator": "",
        }
