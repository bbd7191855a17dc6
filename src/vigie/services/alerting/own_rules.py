"""Rules that a person has one of at most, and the language of all that a person has."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from vigie.catalogue import NamedTexts, complete_language, translate
from vigie.domain.alert import BRIEF, LETTER, AlertRule
from vigie.ports.alert_rules import AlertRuleStore

_NAMES: Final[Mapping[str, NamedTexts]] = {
    BRIEF: NamedTexts("brief_rule", {"name": "Weekly brief"}),
    LETTER: NamedTexts("letter_rule", {"name": "Letter about what you own"}),
}


def own_rule_id(kind: str, owner: str) -> str:
    """Return the id of a person's rule of a kind."""
    key = f"{kind}\0{owner}".encode()
    return f"a{hashlib.sha256(key).hexdigest()[:16]}"


def own_rule_name(kind: str, language: str) -> str:
    """Return what a person's only rule of a kind is called."""
    return _NAMES[kind][language]["name"]


def follow_language(alerts: AlertRuleStore, owner: str, before: str, after: str) -> None:
    """Let a person's rules that spoke their language speak the new one; those of another language stay.

    Parameters
    ----------
    alerts : AlertRuleStore
        Keeps the rules.
    owner : str
        Whose.
    before, after : str
        Codes of languages; empty, or one that is only a part translated, is English.
    """
    old, new = complete_language(before or "en"), complete_language(after or "en")
    if old == new:
        return
    for rule in alerts.rules(owner):
        if rule.language == old:
            alerts.put_rule(replace(rule, language=new, name=_name_in(rule, new)))


def _name_in(rule: AlertRule, language: str) -> str:
    """Return a rule's name in another language where Vigie gave it; a person's own stays, whatever it says."""
    if rule.kind in _NAMES:
        return own_rule_name(rule.kind, language)
    return translate(rule.given_name, language) if rule.given_name else rule.name
