"""The ECB Data Portal: the deposit facility rate by day, prices of the euro area by month, as tables of text."""

from __future__ import annotations

from typing import Final

from vigie.domain.time import DAY_MS
from vigie_sandbox.world import macro_figures
from vigie_sandbox.world.wire import Reply, Service, ServiceRefusal, ServiceRequest
from vigie_sandbox.world.world import World

_DATA: Final = "/service/data/"
_RATE: Final = "FM/D.U2.EUR.4F.KR.DFR.LEV"
_PRICES: Final = "ICP/M.U2.N.000000.4.ANR"


def open_service(world: World) -> Service:
    """Return what answers for this service in a world."""
    return EcbData(world)


class EcbData:
    """Answers two series.

    Parameters
    ----------
    world : World
        What is shown.
    """

    def __init__(self, world: World) -> None:
        self._world = world

    def answer(self, request: ServiceRequest) -> Reply:
        """Return the periods from ``startPeriod`` on, oldest first."""
        key = request.path.removeprefix(_DATA)
        if key not in (_RATE, _PRICES) or key == request.path:
            raise ServiceRefusal(404, "No results found.")
        if request.query.get("format") != "csvdata":
            raise ServiceRefusal(406, "Not acceptable.")
        rows = self._rates(request.now_ms) if key == _RATE else self._prices(request.now_ms)
        since = request.query.get("startPeriod", "")
        name = key.replace("/", ".")
        lines = [f"{name},{period},{value}" for period, value in rows if period >= since]
        if not lines:
            raise ServiceRefusal(404, "No results found.")
        return Reply("\r\n".join(["KEY,TIME_PERIOD,OBS_VALUE", *lines, ""]), media="text/csv")

    def _rates(self, now_ms: int) -> list[tuple[str, str]]:
        seed, last = self._world.seed, now_ms // DAY_MS
        return [
            (
                macro_figures.format_day(day),
                f"{macro_figures.policy_rate(seed, 'euro', day, macro_figures.EURO_LAG_DAYS):g}",
            )
            for day in range(macro_figures.FIRST_DAY, last + 1)
        ]

    def _prices(self, now_ms: int) -> list[tuple[str, str]]:
        last = macro_figures.newest_month(now_ms, macro_figures.EURO_PRICES_RELEASE)
        return [
            (
                macro_figures.format_month(month),
                f"{macro_figures.yearly_inflation(self._world.seed, month):g}",
            )
            for month in range(macro_figures.FIRST_MONTH, last + 1)
        ]
