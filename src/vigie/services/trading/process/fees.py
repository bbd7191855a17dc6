"""What the account pays at its venue, asked once a day: where sizes count with something else, it is recorded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from vigie.domain.errors import AuthError, ConnectorError, TransientError
from vigie.domain.order import TradeRun
from vigie.ports.audit import AuditLog
from vigie.ports.clock import PatientClock
from vigie.ports.listed_venue import ListedVenue
from vigie.ports.tradebook import TradeBook
from vigie.services.trading.account_plans.account_plan import AccountPlan
from vigie.services.trading.log.trading_events import TradingEvent, list_trading_events
from vigie.services.trading.process.startup import read_fee_levels

_KIND: Final = "trade.fees"
_EVERY_S: Final = 86_400.0
_AGAIN_S: Final = 600.0


@dataclass(frozen=True, slots=True)
class FeeMonitor:
    """The level of one account's fees.

    What a venue takes is booked as it takes it; what sizes count with is the run's for as long as it lasts.
    """

    audit: AuditLog
    trades: TradeBook
    run: TradeRun
    plan: AccountPlan
    venue: ListedVenue
    clock: PatientClock

    async def watch(self) -> None:
        """Ask for ever, sooner where there was no answer."""
        while True:
            await self.clock.pause(_EVERY_S if await self.check() else _AGAIN_S)

    async def check(self) -> bool:
        """Ask once and record what is new; whether there was an answer."""
        try:
            levels = await read_fee_levels(self.venue, self.plan)
        except AuthError:
            raise
        except (TransientError, ConnectorError):
            return False
        counted = {item.slot.instrument: item.effective_costs.taker for item in self.plan.slots}
        recorded = {item.text.get("instrument"): item.text for item in reversed(self._recorded_events())}
        for name, level in levels.items():
            details = {"instrument": name, "taker": float(level.taker), "counted": counted[name]}
            if details["taker"] != details["counted"] and recorded.get(name) != details:
                self.audit.append(_KIND, actor=self.run.owner, subject=self.run.account, text=details)
        return True

    def _recorded_events(self) -> list[TradingEvent]:
        return [
            event for event in list_trading_events(self.audit, self.trades, self.run) if event.kind == _KIND
        ]
