"""How complete sources of news are and how late: from what they stated and when it was first seen here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from vigie.ports.items import Arrival, SourceFetchState

# Fewer say nothing of a tail.
LEAST_FOR_TAIL: Final = 20


@dataclass(frozen=True, slots=True)
class Punctuality:
    """One source.

    Attributes
    ----------
    items : int
        First seen in the span.
    refused : int
        Entries that could not be read, ever.
    whole_share : float or None
        Of what it shows now, how much could be read.
    dated_share, linked_share : float or None
        Items that state a time of day, and an address.
    half_ms, most_ms : int or None
        From published to seen: half of all within, 19 of 20 within; None where too few say so.
    """

    source: str
    items: int
    refused: int
    whole_share: float | None
    dated_share: float | None
    linked_share: float | None
    half_ms: int | None
    most_ms: int | None


def punctuality(
    arrivals: Sequence[Arrival], states: Sequence[SourceFetchState], begun: dict[str, int]
) -> list[Punctuality]:
    """Return how each source does.

    Parameters
    ----------
    begun : dict
        When each source was first asked: what it had published before was not late.
    """
    by_source: dict[str, list[Arrival]] = {state.source: [] for state in states}
    for one in arrivals:
        by_source.setdefault(one.source, []).append(one)
    held = {state.source: state for state in states}
    return [
        _of(source, by_source[source], held.get(source), begun.get(source, 0)) for source in sorted(by_source)
    ]


def _of(source: str, found: Sequence[Arrival], state: SourceFetchState | None, begun: int) -> Punctuality:
    late = sorted(
        max(one.ts_first_seen - one.ts_published, 0)
        for one in found
        if one.ts_published is not None and one.ts_published >= begun
    )
    refused = state.refused if state else 0
    shown = (state.shown if state else 0) + refused
    return Punctuality(
        source,
        len(found),
        refused,
        whole_share=None if not shown else 1 - refused / shown,
        dated_share=_share(sum(one.ts_published is not None for one in found), len(found)),
        linked_share=_share(sum(one.has_address for one in found), len(found)),
        half_ms=late[(len(late) - 1) // 2] if late else None,
        most_ms=late[-(-len(late) * 19 // 20) - 1] if len(late) >= LEAST_FOR_TAIL else None,
    )


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
