"""The New York Fed: the federal funds rate of working days with its target range, out on the next one."""

from __future__ import annotations

from typing import Any, Final

from vigie.domain.time import DAY_MS, HOUR_MS
from vigie.sandbox.world import figures
from vigie.sandbox.world.grains import key_of, uniform
from vigie.sandbox.world.wire import Ask, Refusal, Reply
from vigie.sandbox.world.world import World

_BEFORE: Final = "/api/rates/unsecured/effr/last/"
_AFTER: Final = ".json"
# 9:00 in New York, in winter.
_OUT_MS: Final = 14 * HOUR_MS
_WIDTH: Final = 0.25


class NyFed:
    """Answers the newest rates.

    Parameters
    ----------
    world : World
        What is shown.
    """

    def __init__(self, world: World) -> None:
        self._world = world

    def answer(self, ask: Ask) -> Reply:
        """Return so many working days, newest first."""
        count = ask.path.removeprefix(_BEFORE).removesuffix(_AFTER)
        if not ask.path.startswith(_BEFORE) or not count.isdecimal():
            raise Refusal(404, {"message": "Not found"})
        # On the working day that has come last, the one before it is out.
        days = range((ask.now_ms - _OUT_MS) // DAY_MS, figures.FIRST_DAY, -1)
        working = [day for day in days if figures.is_working(day)][1 : int(count) + 1]
        return Reply({"refRates": [self._row(day) for day in working]})

    def _row(self, day: int) -> dict[str, Any]:
        seed = self._world.seed
        low = figures.rate_on(seed, "dollar", day, figures.DOLLAR_LAG)
        rate = round(low + 0.07 + 0.02 * uniform(key_of(seed, "effr"), day), 2)
        return {
            "effectiveDate": figures.date_of(day),
            "type": "EFFR",
            "percentRate": rate,
            "percentPercentile1": round(rate - 0.03, 2),
            "percentPercentile99": round(rate + 0.06, 2),
            "targetRateFrom": low,
            "targetRateTo": low + _WIDTH,
            "volumeInBillions": 95,
            "revisionIndicator": "",
        }
