"""Whom earlier steps found named in an item, and what else they found; nothing where a step did not run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from vigie.domain.item import ItemFinding


def all_mentions(findings: Mapping[str, ItemFinding]) -> Sequence[Mapping[str, Any]]:
    """Return every mention that the step `entities` found."""
    finding = findings.get("entities")
    return () if finding is None else finding.body["found"]


def named_ids(findings: Mapping[str, ItemFinding]) -> frozenset[str]:
    """Return the ids of everybody and everything that is named, countries too."""
    return frozenset(mention["id"] for mention in all_mentions(findings))


def title_ids(findings: Mapping[str, ItemFinding]) -> frozenset[str]:
    """Return the ids that stand in the title."""
    return frozenset(mention["id"] for mention in all_mentions(findings) if mention["in"] == "title")


def title_places(findings: Mapping[str, ItemFinding]) -> list[tuple[int, int]]:
    """Return start and end of every name in the title, in characters."""
    return [
        (mention["start"], mention["end"]) for mention in all_mentions(findings) if mention["in"] == "title"
    ]


def copy_source(findings: Mapping[str, ItemFinding]) -> str:
    """Return the item that one is a copy of, or nothing."""
    finding = findings.get("duplicate")
    return "" if finding is None else str(finding.body["of"])


def nearest_likeness(findings: Mapping[str, ItemFinding]) -> float:
    """Return how like an item is to the nearest one before it, as the step `duplicate` found."""
    finding = findings.get("duplicate")
    return 0.0 if finding is None else float(finding.body["likeness"])


def story_id(findings: Mapping[str, ItemFinding]) -> str:
    """Return the story of an item, nothing where it was never put into one."""
    finding = findings.get("story")
    return "" if finding is None else str(finding.body["story"])


def entity_kind(entity: str) -> str:
    """Return what stands before the colon of an id."""
    return entity.partition(":")[0]
