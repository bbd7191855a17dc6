"""What held when it was looked at last, kept in the home: only what changes is raised, and a restart raises nothing."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from vigie.domain.alert import AlertEvent
from vigie.services.alerting.telling import on_happenings
from vigie.services.house import House

Turn = Literal["enters", "leaves"]


@dataclass(frozen=True, slots=True)
class Change:
    """Something began or ceased to hold.

    Attributes
    ----------
    name : str
        Of what: an asset, a stream.
    number : int
        How often that was so: who is killed before it is kept raises the same number once more.
    """

    name: str
    turn: Turn
    number: int


@dataclass(slots=True)
class Standing:
    """What is known of one subject: by name, whether it holds and how often that changed."""

    known: dict[str, list[int]] = field(default_factory=dict)
    is_new: bool = True

    def changes(self, now: Mapping[str, bool], *, first_counts: bool = False) -> Iterator[Change]:
        """Take what holds now and yield what is other than before; a name that is left out stays as it was.

        Parameters
        ----------
        first_counts : bool
            Whether a name that was never seen counts as one that did not hold; of a new subject it never does.
        """
        for name, holds in now.items():
            before, number = self.known.get(name, (None, 0))
            if before is None and first_counts and not self.is_new:
                before = 0
            if before is not None and bool(before) != holds:
                number += 1
                yield Change(name, "enters" if holds else "leaves", number)
            self.known[name] = [int(holds), number]


def watched(
    house: House, place: str, subjects: Sequence[str], find: Callable[[str, Standing], Sequence[AlertEvent]]
) -> int:
    """Look at every subject, raise what changed, then keep what holds; return how many alerts that makes.

    Parameters
    ----------
    place : str
        Under which it is kept; subjects that nobody asks for any more are forgotten.
    """
    before = house.bookmarks.get(place)
    kept: dict[str, Any] = json.loads(before or "{}")
    if not kept and not subjects:
        return 0
    held = {one: Standing(kept.get(one, {}), one not in kept) for one in subjects}
    happenings = [told for one, standing in held.items() for told in find(one, standing)]
    made = on_happenings(house, happenings)
    after = {one: standing.known for one, standing in held.items()}
    text = json.dumps(after)
    # What the looks changed in place is compared as it was read.
    if text != before:
        house.bookmarks.put(place, text)
    return made
