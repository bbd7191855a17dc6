"""Which setups are asked for and how many are in each state, of places that are read once for a whole list."""

from __future__ import annotations

from collections.abc import Iterable

from vigie.domain.setup import STATES
from vigie.ports.setup_counts import SetupPlace
from vigie.ports.setups import SetupFilter


def counts_of(places: Iterable[SetupPlace], wanted: SetupFilter) -> dict[str, int]:
    """Return how many setups are in each state, whatever state is asked for; states without any are left out.

    Parameters
    ----------
    places : iterable of SetupPlace
        Of the accounts that are asked for.
    wanted : SetupFilter
        Which sides and slots, and whether of a replayed past; its accounts and states are not looked at.

    Returns
    -------
    dict of str to int
        In the order of `STATES`.
    """
    counts = dict.fromkeys(STATES, 0)
    for place in places:
        if _is_wanted(place, wanted):
            counts[place.state] += 1
    return {state: count for state, count in counts.items() if count}


def page_of(
    places: Iterable[SetupPlace], wanted: SetupFilter, *, before: tuple[int, int] | None, limit: int
) -> list[SetupPlace]:
    """Return the first places that are asked for, in their order.

    Parameters
    ----------
    places : iterable of SetupPlace
        Of the accounts that are asked for, the latest close first.
    wanted : SetupFilter
        Which states, sides and slots, and whether of a replayed past; its accounts are not looked at.
    before : tuple of int and int or None
        Only those after the one with this close and number.
    limit : int
        Most places returned.

    Returns
    -------
    list of SetupPlace
        At most `limit`.
    """
    found = [
        place
        for place in places
        if (not wanted.states or place.state in wanted.states)
        and (before is None or (place.ts_known, place.number) < before)
        and _is_wanted(place, wanted)
    ]
    return found[:limit]


def _is_wanted(one: SetupPlace, wanted: SetupFilter) -> bool:
    return (
        (not wanted.sides or one.side in wanted.sides)
        and (wanted.slots is None or one.slot in wanted.slots)
        and wanted.is_replayed in (None, one.is_replayed)
    )
