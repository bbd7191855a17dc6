"""The Bureau of Labor Statistics: the consumer price index of three years, newest month first."""

from __future__ import annotations

import calendar
from typing import Any, Final

from vigie_sandbox.world import macro_figures
from vigie_sandbox.world.wire import Reply, Service, ServiceRefusal, ServiceRequest
from vigie_sandbox.world.world import World

_SERIES: Final = "CUUR0000SA0"
_PATH: Final = f"/publicAPI/v1/timeseries/data/{_SERIES}"
_YEARS: Final = 3


def open_service(world: World) -> Service:
    """Return what answers for this service in a world."""
    return Bls(world)


class Bls:
    """Answers one series.

    Parameters
    ----------
    world : World
        What is shown.
    """

    def __init__(self, world: World) -> None:
        self._world = world

    def answer(self, request: ServiceRequest) -> Reply:
        """Return the months of this year and the two before it."""
        if request.path.rstrip("/") != _PATH:
            raise ServiceRefusal(
                404, {"status": "REQUEST_NOT_PROCESSED", "message": ["Not found"], "Results": {}}
            )
        last = macro_figures.newest_month(request.now_ms, macro_figures.DOLLAR_PRICES_RELEASE)
        first = max((last // 12 - _YEARS + 1) * 12, macro_figures.FIRST_MONTH)
        rows = [self._row(month) for month in range(last, first - 1, -1)]
        rows[0]["latest"] = "true"
        series = [{"seriesID": _SERIES, "data": rows}]
        return Reply(
            {
                "status": "REQUEST_SUCCEEDED",
                "responseTime": 90,
                "message": [],
                "Results": {"series": series},
            }
        )

    def _row(self, month: int) -> dict[str, Any]:
        return {
            "year": str(month // 12),
            "period": f"M{month % 12 + 1:02d}",
            "periodName": calendar.month_name[month % 12 + 1],
            "value": f"{macro_figures.price_index(self._world.seed, month):.3f}",
            "footnotes": [{}],
        }
