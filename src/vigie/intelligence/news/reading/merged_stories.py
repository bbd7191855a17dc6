"""Stories that turn out to be one: the item that shows it names them; their items are of the kept story since.

Body of the finding of such an item: ``joins``, one entry a story that ended, with ``story``, its id, ``by``, the item
of it that speaks most for it, and ``signs``, what speaks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from vigie.domain.item import ItemFinding
from vigie.domain.story import STEP, body_before, joined_body
from vigie.intelligence.news.reading.earlier_findings import story_id
from vigie.intelligence.news.step import AnalysedItem


def story_joins(findings: Mapping[str, ItemFinding]) -> Sequence[Mapping[str, Any]]:
    """Return the stories that end with an item, each with what speaks for it."""
    finding = findings.get(STEP)
    return () if finding is None else finding.body.get("joins", ())


def story_ids(findings: Mapping[str, ItemFinding]) -> frozenset[str]:
    """Return the story of an item and those that end with it; nothing where it was never put into one."""
    name = story_id(findings)
    return frozenset((name, *(str(join["story"]) for join in story_joins(findings)))) if name else frozenset()


def merge_in_window(
    window: Sequence[AnalysedItem], item: str, findings: Mapping[str, ItemFinding]
) -> list[AnalysedItem]:
    """Return a window as it is after an item was read: what was in a story that ended is in the kept one."""
    ended = {str(join["story"]) for join in story_joins(findings)}
    if not ended:
        return list(window)
    kept = story_id(findings)
    return [
        _with_body(entry, joined_body(entry.findings[STEP].body, kept, item))
        if story_id(entry.findings) in ended
        else entry
        for entry in window
    ]


def unmerge_window(window: Sequence[AnalysedItem], item: str) -> list[AnalysedItem]:
    """Return a window as it was before an item ended stories of it: for who reads that item again."""
    return [
        entry if (body := _body_before(entry, item)) is None else _with_body(entry, body) for entry in window
    ]


def _body_before(entry: AnalysedItem, item: str) -> dict[str, Any] | None:
    finding = entry.findings.get(STEP)
    return None if finding is None else body_before(finding.body, item)


def _with_body(entry: AnalysedItem, body: Mapping[str, Any]) -> AnalysedItem:
    before = entry.findings[STEP]
    return AnalysedItem(
        entry.item, {**entry.findings, STEP: ItemFinding(before.step, before.version, body, before.why)}
    )
