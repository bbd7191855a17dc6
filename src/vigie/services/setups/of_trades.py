"""Which setup a trade came of: the one of its slot and side that was confirmed when the trade was decided."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from operator import attrgetter

from vigie.domain.setup import SetupScope
from vigie.ports.setups import ConfirmedSpan, SetupStore

FindSetup = Callable[[str, str, int], str]
"""Takes slot, side and the open time of the deciding bar; gives the id of a setup, empty for none."""


def setups_of_trades(setups: SetupStore, scope: SetupScope) -> FindSetup:
    """Return what finds the setup of an account's trade.

    Parameters
    ----------
    setups : SetupStore
        Read once.
    scope : SetupScope
        The account, or its replayed past.
    """
    by_side: dict[tuple[str, str], list[ConfirmedSpan]] = {}
    for span in setups.confirmed(scope):
        by_side.setdefault((span.slot, span.side), []).append(span)

    def find(slot: str, side: str, ts_bar: int) -> str:
        spans: Sequence[ConfirmedSpan] = by_side.get((slot, side), ())
        place = bisect_right(spans, ts_bar, key=attrgetter("ts_bar"))
        if place == 0:
            return ""
        span = spans[place - 1]
        return span.setup if span.ts_ended is None or ts_bar < span.ts_ended else ""

    return find
