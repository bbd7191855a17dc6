"""Whether an event fulfils a rule, condition by condition."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

from vigie.domain.alert import AlertEvent, AlertRule
from vigie.intelligence.alerts.phrases import Test, compile_query

# Conditions whose values are looked for among several facts of the same name.
LISTED: Final = ("assets", "entities", "topics")
# Conditions whose values are one fact.
SINGLE: Final = (
    "tier", "source", "language", "status", "sentiment", "subject", "turn", "warned",
    "account", "strategy", "instrument", "side", "state",
)  # fmt: skip
WORDS: Final = "words"
# Names of assets or entities, whichever it is about.
FOLLOWED: Final = "followed"
# A number that a fact must reach.
LEAST: Final = "least_total"
CONDITIONS: Final = (*LISTED, *SINGLE, WORDS, FOLLOWED, LEAST)


def first_unmet_condition(rule: AlertRule, event: AlertEvent) -> str:
    """Return the first condition that does not hold; empty where all do.

    Parameters
    ----------
    rule : AlertRule
        On or not: who asks what a rule would have told asks of rules that are off as well.
    """
    if rule.kind != event.kind:
        return "kind"
    facts = event.facts
    if facts.get("owner", rule.owner) != rule.owner:
        return "owner"
    # What began to meet conditions of others is not new to who asked for all that is new.
    if facts.get("is_narrowed") and not rule.when.get("subject"):
        return "subject"
    # Who asked for what is new on a list, without a word on what goes, is not told of that.
    if facts.get("is_exit") and not rule.when.get("turn"):
        return "turn"
    for name, values in rule.when.items():
        if values and not _holds(name, values, event, facts):
            return name
    return ""


def _holds(name: str, values: tuple[str, ...], event: AlertEvent, facts: Mapping[str, Any]) -> bool:
    if name == WORDS:
        text = f"{event.title}\n{facts.get('text', '')}"
        return any(_compile_query(query)(text) for query in values)
    if name in LISTED:
        return not set(values).isdisjoint(facts.get(name, ()))
    if name == FOLLOWED:
        return not set(values).isdisjoint((*facts.get("assets", ()), *facts.get("entities", ())))
    if name == LEAST:
        total = facts.get("total")
        return isinstance(total, int | float) and total >= min(float(value) for value in values)
    if name == "status":
        return event.status in values
    if name == "source":
        return event.source in values
    return facts.get(name) in values


@lru_cache(maxsize=512)
def _compile_query(query: str) -> Test:
    return compile_query(query)
