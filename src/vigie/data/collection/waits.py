"""What the loop of a connector waits for: that it is due, and that its stream has been silent for long."""

from __future__ import annotations

import asyncio

from vigie.data.collection.connector import ConnectorMonitor
from vigie.domain.time import SECOND_MS
from vigie.ports.clock import PatientClock


async def wait_until_due(clock: PatientClock, monitor: ConnectorMonitor) -> None:
    """Wait until a connector is due; whoever sets another time for it wakes it."""
    while (left := monitor.due_ms - clock.wall_now()) > 0:
        monitor.woken.clear()
        waits = [
            asyncio.ensure_future(clock.pause(left / SECOND_MS)),
            asyncio.ensure_future(monitor.woken.wait()),
        ]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()


async def wait_until_silent(clock: PatientClock, monitor: ConnectorMonitor) -> None:
    """Wait until a stream has been silent for long while the market went on."""
    market = clock.market_now()
    while True:
        now = clock.wall_now()
        if monitor.is_silent(now):
            if clock.market_now() != market:
                return
            monitor.note_connected(now)  # the market itself stands still: nothing to hear
        market = clock.market_now()
        await clock.pause(max(monitor.silent_in_s(now), 0.05))
