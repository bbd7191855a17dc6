"""When nobody traded an account: bars that had long ended when a process heard of them, in the audit chain."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from vigie.domain.ids import SeriesId
from vigie.domain.order import TradeRun
from vigie.ports.clock import Clock
from vigie.ports.feed import FeedBar
from vigie.services.house import House

_KIND: Final = "trade.absent"
_PAGE: Final = 500


class Absence:
    """Notes, before it is traded on, what was missed: the log is the same whether bars came in time or later."""

    def __init__(self, house: House, run: TradeRun, series: Sequence[SeriesId], clock: Clock) -> None:
        self._house, self._run, self._clock = house, run, clock
        self._spans = {f"{one.instrument}/{one.timeframe}": one.span_ms for one in series}
        self._until = 0

    def hear(self, closed: Sequence[FeedBar]) -> None:
        """Note an absence where a bar that ended is heard of after the next one has ended too."""
        now = self._clock.market_now()
        own = [bar for bar in closed if bar.series in self._spans]
        late = [bar.ts for bar in own if bar.ts + 2 * self._spans[bar.series] <= now]
        if not late or max(late) < self._until:
            return
        self._until = now
        told = {"run": self._run.id, "since": min(late), "until": now}
        self._house.audit.append(_KIND, actor=self._run.owner, subject=self._run.account, text=told)


def absences(house: House) -> dict[str, list[tuple[int, int]]]:
    """Return when runs were not traded, by the id of the run: (since, until) in times of the market."""
    found: dict[str, list[tuple[int, int]]] = {}
    seq = 0
    while page := house.audit.after(seq, limit=_PAGE, kinds=(_KIND,)):
        seq = page[-1].seq
        for told in (one.text for one in page if one.text):
            found.setdefault(told["run"], []).append((told["since"], told["until"]))
    return found
