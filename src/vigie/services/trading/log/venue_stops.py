"""Where stops stand at the venue, where that is elsewhere than decided: from the records of the trading process.

A process that begins says again what stands elsewhere: what one before it saw does not count any more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from vigie.domain.order import TradeRun
from vigie.ports.audit import AuditEvent, AuditLog
from vigie.services.trading.log.trading_events import named_account

_PAGE: Final = 500
# Of those that began last, of all accounts.
_BEGINNINGS: Final = 20
_BEGUN: Final = "trade.lease"
_BACK: Final = "trade.stop_back"
_KINDS: Final = (_BEGUN, _BACK, "trade.stop_moved", "trade.stop_nearer")


@dataclass(slots=True)
class VenueStops:
    """Reads the records of an account as they grow.

    Attributes
    ----------
    levels : dict of (str, int) to str
        By instrument and entry of a position, where its stop stands.
    """

    levels: dict[tuple[str, int], str] = field(default_factory=dict)
    _seq: int = 0

    def update(self, audit: AuditLog, run: TradeRun) -> None:
        """Read what was written since it was looked last."""
        newest = audit.newest()
        self._seq = self._seq or _last_start(audit, run, newest)
        while page := audit.after(self._seq, limit=_PAGE, kinds=_KINDS):
            for event in page:
                self._seq, text = event.seq, event.text or {}
                if named_account(event) != run.account:
                    continue
                if event.kind == _BEGUN:
                    if _watches_stops(event):
                        self.levels.clear()
                    continue
                position_key = event.subject, int(text.get("begun", 0))
                self.levels.pop(position_key, None)
                if event.kind != _BACK and "stop" in text:
                    self.levels[position_key] = str(text["stop"])
        self._seq = max(self._seq, newest)

    def apply_to(self, rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        """Return positions with their stop where it stands, and beside it where it was decided."""
        return [
            row
            | {
                "stop": self.levels.get((row["instrument"], row["entry_ts"]), row["stop"]),
                "stop_decided": row["stop"],
            }
            for row in rows
        ]


def _watches_stops(event: AuditEvent) -> bool:
    """Tell whether who took the right to trade looks at stops: who closes everything by force does not, and goes."""
    return not (event.text or {}).get("by_force")


def _last_start(audit: AuditLog, run: TradeRun, newest: int) -> int:
    """Return the record with which the last process that looks began; 0 where none did."""
    seq = newest + 1
    while page := audit.before(seq, limit=_BEGINNINGS, kinds=(_BEGUN,)):
        for event in page:
            if named_account(event) == run.account and _watches_stops(event):
                return event.seq
        seq = page[-1].seq
    return 0
