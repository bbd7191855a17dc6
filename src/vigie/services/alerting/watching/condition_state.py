"""What held when it was looked at last, kept in the home: only what changes is raised, and a restart raises nothing."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from vigie.domain.alert import AlertEvent
from vigie.ports.bookmarks import SourceBookmarks
from vigie.ports.clock import Clock
from vigie.services.alerting.dispatch import AlertDispatch, dispatch_events

Turn = Literal["enters", "leaves"]


@dataclass(frozen=True, slots=True)
class ConditionChange:
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
class ConditionState:
    """What is known of one subject: by name, whether it holds and how often that changed."""

    known: dict[str, list[int]] = field(default_factory=dict)
    is_new: bool = True

    def changes(self, now: Mapping[str, bool], *, first_counts: bool = False) -> Iterator[ConditionChange]:
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
                yield ConditionChange(name, "enters" if holds else "leaves", number)
            self.known[name] = [int(holds), number]


def raise_changes(
    dispatch: AlertDispatch,
    bookmarks: SourceBookmarks,
    clock: Clock,
    place: str,
    subjects: Sequence[str],
    find: Callable[[str, ConditionState], Sequence[AlertEvent]],
) -> int:
    """Look at every subject, raise what changed, then keep what holds; return how many alerts that makes.

    Parameters
    ----------
    place : str
        Under which it is kept; subjects that nobody asks for any more are forgotten.
    """
    before = bookmarks.get(place)
    stored: dict[str, Any] = json.loads(before or "{}")
    if not stored and not subjects:
        return 0
    states = {subject: ConditionState(stored.get(subject, {}), subject not in stored) for subject in subjects}
    events = [event for subject, state in states.items() for event in find(subject, state)]
    alert_count = dispatch_events(dispatch, clock, events)
    after = {subject: state.known for subject, state in states.items()}
    text = json.dumps(after)
    # What the looks changed in place is compared as it was read.
    if text != before:
        bookmarks.put(place, text)
    return alert_count
