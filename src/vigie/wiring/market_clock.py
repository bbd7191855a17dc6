"""The clock of a command: in a simulated home the market's time is that of its world, which a command has to find."""

from __future__ import annotations

import logging
from pathlib import Path

from vigie.adapters.clock import SandboxClock, SystemClock
from vigie.config import is_simulated, resolve_paths
from vigie.domain.errors import TransientError
from vigie.ports.clock import Clock
from vigie.wiring.world_address import find_world, world_url


def open_market_clock(home: str | Path | None = None, *, is_needed: bool) -> Clock:
    """Build what tells a command the time of a home's market.

    Parameters
    ----------
    home : str or Path, optional
        As in `open_app_context`.
    is_needed : bool
        Whether something is decided by that time. Else the machine's will do where the simulated world does not run,
        with a warning: what is stored can be read without it.

    Raises
    ------
    ConfigError
        If the time is needed and nothing says where the world of a simulated home answers.
    TransientError
        If the time is needed and the world does not answer.
    """
    folder = resolve_paths(home).home
    if not is_simulated(folder):
        return SystemClock()
    url = world_url(folder) if is_needed else find_world(folder)
    if url:
        clock = SandboxClock(url)
        try:
            clock.market_now()
        except TransientError:
            if is_needed:
                raise
        else:
            return clock
    logging.getLogger(__name__).warning(
        "the simulated market of %s is not running, so times are this machine's; start it with `vigie demo`",
        folder,
    )
    return SystemClock()
