"""Whether a happening fulfils a rule, condition by condition."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

from vigie.domain.alert import AlertEvent, AlertRule
from vigie.intelligence.alerts.phrases import Test, compiled

# Conditions whose values are looked for among several facts of the same name.
LISTED: Final = ("assets", "entities", "topics")
# Conditions whose values are one fact.
SINGLE: Final = ("tier", "source", "language", "status", "sentiment", "subject", "turn", "warned")
WORDS: Final = "words"
# Names of assets or entities, whichever it is about.
FOLLOWED: Final = "followed"
CONDITIONS: Final = (*LISTED, *SINGLE, WORDS, FOLLOWED)


def misses(rule: AlertRule, happening: AlertEvent) -> str:
    """Return the first condition that does not hold; empty where all do.

    Parameters
    ----------
    rule : AlertRule
        On or not: who asks what a rule would have told asks of rules that are off as well.
    """
    if rule.kind != happening.kind:
        return "kind"
    facts = happening.facts
    if facts.get("owner", rule.owner) != rule.owner:
        return "owner"
    # What began to meet conditions of others is not new to who asked for all that is new.
    if facts.get("is_narrowed") and not rule.when.get("subject"):
        return "subject"
    # Who asked for what is new on a list, without a word on what goes, is not told of that.
    if facts.get("is_exit") and not rule.when.get("turn"):
        return "turn"
    for name, wanted in rule.when.items():
        if wanted and not _holds(name, wanted, happening, facts):
            return name
    return ""


def _holds(name: str, wanted: tuple[str, ...], happening: AlertEvent, facts: Mapping[str, Any]) -> bool:
    if name == WORDS:
        text = f"{happening.title}\n{facts.get('text', '')}"
        return any(_test(query)(text) for query in wanted)
    if name in LISTED:
        return not set(wanted).isdisjoint(facts.get(name, ()))
    if name == FOLLOWED:
        return not set(wanted).isdisjoint((*facts.get("assets", ()), *facts.get("entities", ())))
    if name == "status":
        return happening.status in wanted
    if name == "source":
        return happening.source in wanted
    return facts.get(name) in wanted


@lru_cache(maxsize=512)
def _test(query: str) -> Test:
    return compiled(query)
