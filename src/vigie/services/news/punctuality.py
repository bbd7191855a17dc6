"""How complete sources of news are and how late: from what they stated and when it was first seen here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from vigie.ports.items import Arrival
from vigie.ports.source_fetches import SourceFetchState

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


def measure_punctuality(
    arrivals: Sequence[Arrival], states: Sequence[SourceFetchState], first_asked: dict[str, int]
) -> list[Punctuality]:
    """Return how each source does.

    Parameters
    ----------
    first_asked : dict
        When each source was first asked: what it had published before was not late.
    """
    by_source: dict[str, list[Arrival]] = {state.source: [] for state in states}
    for arrival in arrivals:
        by_source.setdefault(arrival.source, []).append(arrival)
    states_by_source = {state.source: state for state in states}
    return [
        _source_punctuality(
            source, by_source[source], states_by_source.get(source), first_asked.get(source, 0)
        )
        for source in sorted(by_source)
    ]


def _source_punctuality(
    source: str, arrivals: Sequence[Arrival], state: SourceFetchState | None, ts_first_asked: int
) -> Punctuality:
    delays = sorted(
        max(arrival.ts_first_seen - arrival.ts_published, 0)
        for arrival in arrivals
        if arrival.ts_published is not None and arrival.ts_published >= ts_first_asked
    )
    refused = state.refused if state else 0
    n_shown = (state.shown if state else 0) + refused
    return Punctuality(
        source,
        len(arrivals),
        refused,
        whole_share=None if not n_shown else 1 - refused / n_shown,
        dated_share=_share(sum(arrival.ts_published is not None for arrival in arrivals), len(arrivals)),
        linked_share=_share(sum(arrival.has_address for arrival in arrivals), len(arrivals)),
        half_ms=delays[(len(delays) - 1) // 2] if delays else None,
        most_ms=delays[-(-len(delays) * 19 // 20) - 1] if len(delays) >= LEAST_FOR_TAIL else None,
    )


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
