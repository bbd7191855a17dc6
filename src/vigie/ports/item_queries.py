"""Which news items are asked for: filters, words and the place in a list."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class ItemQuery:
    """Which items, newest first; what is empty does not matter.

    Attributes
    ----------
    sources : tuple of str or None
        Any of them; None for all.
    tags : mapping
        One value by kind; all of them.
    phrases : tuple of alternatives
        Each a tuple of phrases that must all be there, a phrase being stems in a row; one alternative is enough.
    is_relevant : bool
        Only what is not known to be irrelevant.
    after_ms, before_ms : int
        Of the item's time, before exclusive.
    cursor : (ts, id) or None
        Only what comes after this one in the list.
    steps : tuple of str
        Whose findings come along; empty for those of all. What decides nothing here costs most of the time.
    has_text : bool
        Whether texts come along; without them a revision's text is empty.
    """

    sources: tuple[str, ...] | None = None
    language: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    phrases: tuple[tuple[tuple[str, ...], ...], ...] = ()
    is_relevant: bool = False
    after_ms: int | None = None
    before_ms: int | None = None
    cursor: tuple[int, str] | None = None
    limit: int = 50
    steps: tuple[str, ...] = ()
    has_text: bool = True


@dataclass(frozen=True, slots=True)
class TagCount:
    """How many items have a value of a kind, and when the first and the last of them was.

    Attributes
    ----------
    ts_first, ts_last : int
        Times of items, epoch milliseconds.
    """

    value: str
    items: int
    ts_first: int
    ts_last: int
