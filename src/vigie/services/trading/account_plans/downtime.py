"""When nobody traded an account: bars that had long ended when a process heard of them, in the audit chain."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from vigie.domain.ids import SeriesId
from vigie.domain.order import TradeRun
from vigie.ports.audit import AuditLog
from vigie.ports.clock import Clock
from vigie.ports.feed import FeedBar

_KIND: Final = "trade.absent"
_PAGE: Final = 500


class DowntimeRecorder:
    """Notes, before it is traded on, what was missed: the log is the same whether bars came in time or later."""

    def __init__(self, audit: AuditLog, run: TradeRun, series: Sequence[SeriesId], clock: Clock) -> None:
        self._audit = audit
        self._run, self._clock = run, clock
        self._spans = {
            f"{series_id.instrument}/{series_id.timeframe}": series_id.span_ms for series_id in series
        }
        self._until = 0

    def record(self, closed: Sequence[FeedBar]) -> None:
        """Note an absence where a bar that ended is heard of after the next one has ended too."""
        now = self._clock.market_now()
        own_bars = [bar for bar in closed if bar.series in self._spans]
        late_times = [bar.ts for bar in own_bars if bar.ts + 2 * self._spans[bar.series] <= now]
        if not late_times or max(late_times) < self._until:
            return
        self._until = now
        details = {"run": self._run.id, "since": min(late_times), "until": now}
        self._audit.append(_KIND, actor=self._run.owner, subject=self._run.account, text=details)


def list_downtimes(audit: AuditLog) -> dict[str, list[tuple[int, int]]]:
    """Return when runs were not traded, by the id of the run: (since, until) in times of the market."""
    downtimes: dict[str, list[tuple[int, int]]] = {}
    seq = 0
    while page := audit.after(seq, limit=_PAGE, kinds=(_KIND,)):
        seq = page[-1].seq
        for details in (event.text for event in page if event.text):
            downtimes.setdefault(details["run"], []).append((details["since"], details["until"]))
    return downtimes
