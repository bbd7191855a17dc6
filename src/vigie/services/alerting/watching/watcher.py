"""Looks at everything that rules may be about beside news, in the process that sends alerts."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from vigie.domain.time import SECOND_MS
from vigie.services.alerting.dispatch import AlertDispatch
from vigie.services.alerting.watching import (
    briefs,
    holdings,
    letters,
    metric_conditions,
    newcomers,
    pegs,
    plans,
    registers,
    setups,
    spikes,
    system_events,
)
from vigie.services.app_context import AppContext
from vigie.services.needs import bound, provide

LOOK_S: Final = 5.0
# Takes what it needs of the home, by type.
Look = Callable[..., int]
# How often each is looked at, seconds; what reads much is looked at seldom.
LOOKS: Final[tuple[tuple[float, Look], ...]] = (
    # Before the look at the audit, whose place is where a first look at plans goes on.
    (5.0, plans.look),
    (5.0, system_events.look),
    (5.0, setups.look),
    (15.0, metric_conditions.look),
    (15.0, pegs.look),
    (15.0, plans.look_at_prices),
    (30.0, registers.look),
    (60.0, newcomers.look),
    (60.0, system_events.look_at_losses),
    (60.0, briefs.look),
    (60.0, letters.look),
    (60.0, plans.look_at_news),
    (300.0, spikes.look),
    (300.0, holdings.look),
)


@dataclass(slots=True)
class AlertWatcher:
    """Looks until it is told to stop.

    Attributes
    ----------
    looks : tuple
        Seconds between two, and what looks.
    say : callable
        Told what went wrong; the look is tried again at its next turn.
    """

    app_context: AppContext
    looks: tuple[tuple[float, Look], ...] = LOOKS
    say: Callable[[str], None] = print
    _due: dict[int, int] = field(default_factory=dict)
    _stopping: threading.Event = field(default_factory=threading.Event)

    def run_due(self) -> int:
        """Look at what is due; return how many alerts that makes."""
        now, alert_count = self.app_context.clock.wall_now(), 0
        for place, (every_s, look) in enumerate(self.looks):
            if now < self._due.get(place, 0):
                continue
            self._due[place] = now + round(every_s * SECOND_MS)
            try:
                alert_count += bound(self.app_context, look)()
            except Exception as fault:  # noqa: BLE001 - the edge of a task: what one cannot look at holds no other up
                self.say(f"alerts cannot look at {look.__module__.rpartition('.')[2]}: {fault!r}")
        return alert_count

    def run(self) -> None:
        """Say that Vigie was started, then look until `stop`."""
        try:
            system_events.record_start(
                provide(self.app_context, AlertDispatch), self.app_context.audit, self.app_context.clock
            )
        except Exception as fault:  # noqa: BLE001 - the edge of a task
            self.say(f"alerts cannot tell of the start: {fault!r}")
        while not self._stopping.is_set():
            self.run_due()
            self._stopping.wait(LOOK_S)

    def stop(self) -> None:
        """Ask it to end."""
        self._stopping.set()
