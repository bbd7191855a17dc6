"""The market that moves by itself: one seeded walk through each minute that everybody sees."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal

from vigie.domain.bar import Bars


class PathMarket:
    """Implements `Market`: open, then high and low in an order that the seed says, then close, in every bar.

    Parameters
    ----------
    bars : mapping of symbol to Bars
        Minutes, or anything else; the walk inside a bar takes its whole span.
    now : callable
        The market's time, such as ``VirtualClock.now_ms`` (speed and pause are the clock's).
    seed : int
        Of the order of high and low.
    slippage : Decimal
        Of market orders and triggers, a fraction against the taker.
    """

    def __init__(
        self,
        bars: Mapping[str, Bars],
        *,
        now: Callable[[], int],
        seed: int,
        fundings: Mapping[str, Sequence[tuple[int, Decimal]]] | None = None,
        slippage: Decimal = Decimal("0.0005"),
    ) -> None:
        raise NotImplementedError
