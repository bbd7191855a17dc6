"""What the account pays at its venue, asked once a day: where sizes count with something else, it is recorded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from vigie.domain.errors import AuthError, ConnectorError, TransientError
from vigie.domain.order import TradeRun
from vigie.ports.clock import PatientClock
from vigie.ports.trading import ListedVenue
from vigie.services.house import House
from vigie.services.trading.happenings import Happening, happenings
from vigie.services.trading.opening import fee_levels
from vigie.services.trading.plan import TradePlan

_KIND: Final = "trade.fees"
_EVERY_S: Final = 86_400.0
_AGAIN_S: Final = 600.0


@dataclass(frozen=True, slots=True)
class Fees:
    """The level of one account's fees.

    What a venue takes is booked as it takes it; what sizes count with is the run's for as long as it lasts.
    """

    house: House
    run: TradeRun
    plan: TradePlan
    venue: ListedVenue
    clock: PatientClock

    async def watch(self) -> None:
        """Ask for ever, sooner where there was no answer."""
        while True:
            await self.clock.pause(_EVERY_S if await self.look() else _AGAIN_S)

    async def look(self) -> bool:
        """Ask once and record what is new; whether there was an answer."""
        try:
            levels = await fee_levels(self.venue, self.plan)
        except AuthError:
            raise
        except (TransientError, ConnectorError):
            return False
        counted = {one.slot.instrument: one.counted.taker for one in self.plan.slots}
        told = {one.text.get("instrument"): one.text for one in reversed(self._before())}
        for name, level in levels.items():
            said = {"instrument": name, "taker": float(level.taker), "counted": counted[name]}
            if said["taker"] != said["counted"] and told.get(name) != said:
                self.house.audit.append(_KIND, actor=self.run.owner, subject=self.run.account, text=said)
        return True

    def _before(self) -> list[Happening]:
        return [one for one in happenings(self.house, self.run) if one.kind == _KIND]
