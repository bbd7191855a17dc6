"""The ECB Data Portal: the deposit facility rate by day, prices of the euro area by month, as tables of text."""

from __future__ import annotations

from typing import Final

from vigie.domain.time import DAY_MS
from vigie.sandbox.world import figures
from vigie.sandbox.world.wire import Ask, Refusal, Reply
from vigie.sandbox.world.world import World

_DATA: Final = "/service/data/"
_RATE: Final = "FM/D.U2.EUR.4F.KR.DFR.LEV"
_PRICES: Final = "ICP/M.U2.N.000000.4.ANR"


class EcbData:
    """Answers two series.

    Parameters
    ----------
    world : World
        What is shown.
    """

    def __init__(self, world: World) -> None:
        self._world = world

    def answer(self, ask: Ask) -> Reply:
        """Return the periods from ``startPeriod`` on, oldest first."""
        key = ask.path.removeprefix(_DATA)
        if key not in (_RATE, _PRICES) or key == ask.path:
            raise Refusal(404, "No results found.")
        if ask.query.get("format") != "csvdata":
            raise Refusal(406, "Not acceptable.")
        rows = self._rates(ask.now_ms) if key == _RATE else self._prices(ask.now_ms)
        since = ask.query.get("startPeriod", "")
        name = key.replace("/", ".")
        lines = [f"{name},{period},{value}" for period, value in rows if period >= since]
        if not lines:
            raise Refusal(404, "No results found.")
        return Reply("\r\n".join(["KEY,TIME_PERIOD,OBS_VALUE", *lines, ""]), media="text/csv")

    def _rates(self, now_ms: int) -> list[tuple[str, str]]:
        seed, last = self._world.seed, now_ms // DAY_MS
        return [
            (figures.date_of(day), f"{figures.rate_on(seed, 'euro', day, figures.EURO_LAG):g}")
            for day in range(figures.FIRST_DAY, last + 1)
        ]

    def _prices(self, now_ms: int) -> list[tuple[str, str]]:
        last = figures.last_month(now_ms, figures.EURO_PRICES)
        return [
            (figures.month_name(month), f"{figures.yearly_prices(self._world.seed, month):g}")
            for month in range(figures.FIRST_MONTH, last + 1)
        ]
