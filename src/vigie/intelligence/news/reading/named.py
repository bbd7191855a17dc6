"""Whom earlier steps found named in an item."""

from __future__ import annotations

from collections.abc import Mapping

from vigie.domain.item import Finding


def named(found: Mapping[str, Finding]) -> frozenset[str]:
    """Return the ids of everybody and everything that is named, countries too."""
    finding = found.get("entities")
    return frozenset() if finding is None else frozenset(one["id"] for one in finding.body["found"])


def named_in_title(found: Mapping[str, Finding]) -> frozenset[str]:
    """Return the ids that stand in the title."""
    finding = found.get("entities")
    if finding is None:
        return frozenset()
    return frozenset(one["id"] for one in finding.body["found"] if one["in"] == "title")


def kind(entity: str) -> str:
    """Return what stands before the colon of an id."""
    return entity.partition(":")[0]
