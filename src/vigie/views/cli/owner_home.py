"""The home of a command, and its owner."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vigie.domain.person import Caller
    from vigie.services.app_context import AppContext


def opened_owner(home: Path | None, *, is_dated: bool = True) -> tuple[AppContext, Caller]:
    """Return the home, with the market's clock, and its owner.

    Parameters
    ----------
    is_dated : bool
        Whether the command asks what day it is at the market.
    """
    from vigie.domain.person import OWNER
    from vigie.wiring.app_context import open_app_context
    from vigie.wiring.market_clock import open_market_clock

    return open_app_context(home, clock=open_market_clock(home, is_needed=is_dated)), OWNER
