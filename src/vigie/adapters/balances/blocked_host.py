"""A host that asked to be left alone: who asks again is told so at once, and waits for nothing."""

from __future__ import annotations

import math
from typing import Final

from vigie.adapters.net.token_bucket import TokenBucket
from vigie.domain.errors import TransientError
from vigie.ports.clock import Clock

_PATIENCE_S: Final = 10.0


def refuse_blocked(budget: TokenBucket, clock: Clock, host: str) -> None:
    """Refuse to ask a host that wants a longer pause than a person waits.

    Raises
    ------
    TransientError
        If it does; the sentence says how long.
    """
    pause_s = budget.blocked_s(clock.wall_now())
    if pause_s > _PATIENCE_S:
        raise TransientError(
            "balance_host_pauses",
            "{host} asks for a pause of {minutes} minutes; read it again after that",
            host=host,
            minutes=math.ceil(pause_s / 60),
        )
