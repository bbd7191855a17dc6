"""How many setups are in each state, of tallies that are read once for a whole list."""

from __future__ import annotations

from collections.abc import Iterable

from vigie.domain.setup import STATES
from vigie.ports.setup_counts import SetupTally
from vigie.ports.setups import SetupFilter


def counts_of(tallies: Iterable[SetupTally], wanted: SetupFilter) -> dict[str, int]:
    """Return how many setups are in each state, whatever state is asked for; states without any are left out.

    Parameters
    ----------
    tallies : iterable of SetupTally
        Of the accounts that are asked for.
    wanted : SetupFilter
        Which sides and slots, and whether of a replayed past; its accounts and states are not looked at.

    Returns
    -------
    dict of str to int
        In the order of `STATES`.
    """
    counts = dict.fromkeys(STATES, 0)
    for one in tallies:
        if (
            (not wanted.sides or one.side in wanted.sides)
            and (wanted.slots is None or one.slot in wanted.slots)
            and wanted.is_replayed in (None, one.is_replayed)
        ):
            counts[one.state] += one.count
    return {state: count for state, count in counts.items() if count}
