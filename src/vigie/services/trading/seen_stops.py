"""Where stops stand at the venue, where that is elsewhere than decided: from the records of the trading process.

A process that begins says again what stands elsewhere: what one before it saw does not count any more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from vigie.domain.order import TradeRun
from vigie.ports.audit import AuditEvent
from vigie.services.house import House
from vigie.services.trading.happenings import named_account

_PAGE: Final = 500
# Of those that began last, of all accounts.
_BEGINNINGS: Final = 20
_BEGUN: Final = "trade.lease"
_BACK: Final = "trade.stop_back"
_KINDS: Final = (_BEGUN, _BACK, "trade.stop_moved", "trade.stop_nearer")


@dataclass(slots=True)
class SeenStops:
    """Reads the records of an account as they grow.

    Attributes
    ----------
    stands : dict of (str, int) to str
        By instrument and entry of a position, where its stop stands.
    """

    stands: dict[tuple[str, int], str] = field(default_factory=dict)
    _seq: int = 0

    def look(self, house: House, run: TradeRun) -> None:
        """Read what was written since it was looked last."""
        newest = house.audit.newest()
        self._seq = self._seq or _begun(house, run, newest)
        while page := house.audit.after(self._seq, limit=_PAGE, kinds=_KINDS):
            for one in page:
                self._seq, text = one.seq, one.text or {}
                if named_account(one) != run.account:
                    continue
                if one.kind == _BEGUN:
                    if _looks(one):
                        self.stands.clear()
                    continue
                place = one.subject, int(text.get("begun", 0))
                self.stands.pop(place, None)
                if one.kind != _BACK and "stop" in text:
                    self.stands[place] = str(text["stop"])
        self._seq = max(self._seq, newest)

    def shown(self, rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        """Return positions with their stop where it stands, and beside it where it was decided."""
        return [
            row
            | {
                "stop": self.stands.get((row["instrument"], row["entry_ts"]), row["stop"]),
                "stop_decided": row["stop"],
            }
            for row in rows
        ]


def _looks(begun: AuditEvent) -> bool:
    """Tell whether who took the right to trade looks at stops: who closes everything by force does not, and goes."""
    return not (begun.text or {}).get("by_force")


def _begun(house: House, run: TradeRun, newest: int) -> int:
    """Return the record with which the last process that looks began; 0 where none did."""
    seq = newest + 1
    while page := house.audit.before(seq, limit=_BEGINNINGS, kinds=(_BEGUN,)):
        for one in page:
            if named_account(one) == run.account and _looks(one):
                return one.seq
        seq = page[-1].seq
    return 0
