"""What reading a revision of a news item gave: findings, tags, and stories that end with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from vigie.domain.item import ItemFinding, NewsItem


@dataclass(frozen=True, slots=True)
class StoryJoin:
    """A story that ended because it tells of the same event as another one, with the item that showed it.

    Attributes
    ----------
    story, kept : str
        The story that ended, and the one that its items are of since.
    item, revision
        What was read when it ended.
    ts : int
        When that was seen, epoch milliseconds.
    by : str
        The item of the ended story that speaks most for it.
    signs : tuple of str
        What speaks for it, what tells most first.
    """

    story: str
    kept: str
    item: str
    revision: int
    ts: int
    by: str
    signs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ItemReading:
    """What reading one revision gave.

    Attributes
    ----------
    steps : str
        Names and versions of the steps.
    findings : sequence of (finding, error, microseconds)
        With an error, the finding holds its step and version only.
    tags : mapping
        Values by kind: asset, entity, topic, story.
    joins : sequence of StoryJoin
        Stories that end with it: their items are of the kept story from then on.
    words : str
        To be found by.
    language : str
    is_relevant : bool or None
        None where no step says.
    """

    number: int
    item: NewsItem
    steps: str
    findings: Sequence[tuple[ItemFinding, str, int]]
    tags: Mapping[str, Sequence[str]]
    words: str
    language: str = ""
    is_relevant: bool | None = None
    joins: Sequence[StoryJoin] = ()
