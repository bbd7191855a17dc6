"""The European Central Bank's reference rates: working days, published in the afternoon."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from vigie.domain.time import DAY_MS, HOUR_MS
from vigie_sandbox.world.earlier_days import EARLIER_DAYS
from vigie_sandbox.world.economy import CURRENCIES, euro_rates_between
from vigie_sandbox.world.macro_figures import format_day
from vigie_sandbox.world.wire import Reply, Service, ServiceRefusal, ServiceRequest
from vigie_sandbox.world.world import World

_PUBLISHED_MS: Final = 15 * HOUR_MS
_FOLDER: Final = "/stats/eurofxref/"
_FIRST_WEEKDAY: Final = 3
# Whose rates go back further than the tape, as some of the bank's series begin later than others.
_EARLIER: Final = ("USD", "JPY", "GBP", "CHF")
_FILES: Final = {"eurofxref-daily.xml": 1, "eurofxref-hist-90d.xml": 64, "eurofxref-hist.xml": 10_000}


def open_service(world: World) -> Service:
    """Return what answers for this service in a world."""
    return Ecb(world)


class Ecb:
    """Answers the three files of reference rates.

    Parameters
    ----------
    world : World
        What is shown.
    """

    def __init__(self, world: World) -> None:
        self._world = world

    def answer(self, request: ServiceRequest) -> Reply:
        """Return the newest working days, newest first."""
        max_days = _FILES.get(request.path.removeprefix(_FOLDER))
        if max_days is None:
            raise ServiceRefusal(404, "<html><body>Not found</body></html>")
        last = (request.now_ms - _PUBLISHED_MS) // DAY_MS
        first = self._world.tape.first_ms // DAY_MS - EARLIER_DAYS
        days = [day for day in range(last, first - 1, -1) if (day + _FIRST_WEEKDAY) % 7 < 5][:max_days]
        firsts = {name: first if name in _EARLIER else first + EARLIER_DAYS for name in CURRENCIES}
        rates = {
            name: dict(enumerate(euro_rates_between(self._world.seed, name, start, days[0]), start))
            for name, start in firsts.items()
        }
        cubes = "".join(f'<Cube time="{format_day(day)}">{_format_rates(rates, day)}</Cube>' for day in days)
        return Reply(_ENVELOPE.format(cubes=cubes), media="text/xml")


_ENVELOPE: Final = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<gesmes:Envelope xmlns:gesmes="http://www.gesmes.org/xml/2002-08-01" '
    'xmlns="http://www.ecb.int/vocabulary/2002-08-01/eurofxref">'
    "<gesmes:subject>Reference rates</gesmes:subject>"
    "<gesmes:Sender><gesmes:name>European Central Bank</gesmes:name></gesmes:Sender>"
    "<Cube>{cubes}</Cube></gesmes:Envelope>\n"
)


def _format_rates(rates_by_currency: Mapping[str, Mapping[int, float]], day: int) -> str:
    return "".join(
        f'<Cube currency="{name}" rate="{rates[day]:.5g}"/>'
        for name, rates in rates_by_currency.items()
        if day in rates
    )
