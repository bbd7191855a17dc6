"""A rule as people write one, and the rules that are ready for a first visit."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from vigie.domain.alert import AlertRule, Pace, QuietHours
from vigie.domain.errors import UsageError
from vigie.intelligence.alerts.phrases import compile_query
from vigie.intelligence.market.newcomers import parse_newcomers, render_newcomers
from vigie.intelligence.market.screener import parse_where, render_where

TOPICS: Final = (
    "regulation", "enforcement", "etf", "hack", "listing", "stablecoin", "macro", "technology", "legal",
    "adoption", "exchange", "policy", "elections", "sanctions", "tax",
)  # fmt: skip
# Of the subjects that are named, by kind of happening.
KNOWN: Final[Mapping[str, tuple[str, ...]]] = {
    "emerging": ("clean", "flagged"),
    "desk": ("state", "halt", "loss", "difference", "trouble", "job", "stream", "restart"),
}
# So far from its dollar a stablecoin usually is not.
PEG: Final = 0.01
LEAST_PEG: Final = 0.001
_SPIKE: Final = re.compile(r"(items|sentiment)>(\d{1,4}(?:\.\d{1,4})?)")
_COMPARED: Final = re.compile(r"[<>=]")
_CLOCK: Final = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")


@dataclass(frozen=True, slots=True)
class ReadyRule:
    """A rule that only has to be taken; `name` is English, pages translate it."""

    key: str
    name: str
    when: Mapping[str, tuple[str, ...]]
    pace: Pace = "at_once"


READY: Final = (
    ReadyRule("bitcoin", "Regulators on Bitcoin", {"tier": ("regulator",), "assets": ("bitcoin",)}),
    ReadyRule(
        "enforcement", "Enforcement by regulators", {"tier": ("regulator",), "topics": ("enforcement",)}
    ),
    ReadyRule(
        "hacks", "Hacks that others confirm", {"topics": ("hack",), "status": ("confirmed", "repeated")}
    ),
    ReadyRule("etf", "Funds on Bitcoin and Ether", {"topics": ("etf",), "assets": ("bitcoin", "ethereum")}),
    ReadyRule("stablecoins", "Stablecoins, once a day", {"topics": ("stablecoin",)}, "digest"),
)


def checked_words(words: str) -> tuple[str, ...]:
    """Return the search of a rule, nothing where it is empty.

    Raises
    ------
    UsageError
        If it cannot be read; the message says where.
    """
    words = " ".join(words.split())
    if words:
        compile_query(words)
    return (words,) if words else ()


def checked_subjects(kind: str, subjects: Sequence[str], assets: Collection[str]) -> tuple[str, ...]:
    """Return what a rule beside news is about, each in the one form in which it is looked for.

    Raises
    ------
    UsageError
        If it cannot be read, or says less than its kind needs.
    """
    given = tuple(dict.fromkeys(one.strip() for one in subjects if one.strip()))
    if kind in ("price", "screener"):
        found = tuple(dict.fromkeys(render_where(parse_where(one)) for one in given))
        if not any(found):
            raise UsageError("a rule about prices needs a condition such as price>100000 or change_24h<-0.05")
        if kind == "price" and not assets:
            raise UsageError("a rule about a price needs an asset; a screen is about all of them")
        return found
    if kind == "peg":
        return tuple(f"{_fraction(one):g}" for one in given) or (f"{PEG:g}",)
    if kind == "spike":
        if not assets:
            raise UsageError("a rule about a spike needs an asset")
        return tuple(_spike(one) for one in given) or ("items>3",)
    lists: dict[str, None] = {}
    if kind == "emerging":
        # Conditions have a comparison in them, names have none; the same list is written in one way.
        lists = dict.fromkeys(
            render_newcomers(parse_newcomers(one)) for one in given if _COMPARED.search(one)
        )
        given = tuple(one for one in given if not _COMPARED.search(one))
    known = KNOWN.get(kind, ())
    if unknown := [one for one in given if one not in known]:
        if not known:
            raise UsageError(f"a rule of kind {kind} has no subjects, was {unknown[0]!r}")
        raise UsageError(f"a rule of kind {kind} must be among {', '.join(known)}, was {unknown[0]!r}")
    return (*given, *lists)


def _fraction(text: str) -> float:
    try:
        found = float(text)
    except ValueError:
        found = 0.0
    if not LEAST_PEG <= found <= 1.0:
        raise UsageError(f"the bound of a peg must be a fraction from {LEAST_PEG:g} to 1, was {text!r}")
    return found


def _spike(text: str) -> str:
    match = _SPIKE.fullmatch(text.replace(" ", ""))
    if match is None:
        raise UsageError(f"a spike must look like items>3 or sentiment>0.3, was {text!r}")
    return f"{match[1]}>{float(match[2]):g}"


def quiet_of(begins: str, ends: str, zone: str) -> QuietHours | None:
    """Return quiet hours from two times of day, None where neither is given.

    Raises
    ------
    UsageError
        If one is missing, or is no time of day.
    """
    if not begins and not ends:
        return None
    found = [_CLOCK.fullmatch(one) for one in (begins, ends)]
    if found[0] is None or found[1] is None:
        raise UsageError("quiet hours must be two times of day such as 22:00 and 07:00")
    first, last = (int(one[1]) * 60 + int(one[2]) for one in found if one is not None)
    return QuietHours(first, last, zone)


def clock_of(minute: int) -> str:
    """Return a minute of the day as a time of day."""
    return f"{minute // 60:02d}:{minute % 60:02d}"


def told(rule: AlertRule) -> dict[str, Any]:
    """Return a rule as answers hold it."""
    when, quiet = rule.when, rule.quiet
    return {
        "rule": rule.id, "name": rule.name, "kind": rule.kind, "subjects": list(when.get("subject", ())),
        "turns": list(when.get("turn", ())), "sentiments": list(when.get("sentiment", ())),
        "followed": bool(when.get("followed")), "warned": bool(when.get("warned")), "tiers": list(when.get("tier", ())),
        "sources": list(when.get("source", ())), "assets": list(when.get("assets", ())),
        "entities": list(when.get("entities", ())), "topics": list(when.get("topics", ())),
        "languages": list(when.get("language", ())), "statuses": list(when.get("status", ())),
        "words": " ".join(when.get("words", ())), "channels": list(rule.channels), "pace": rule.pace,
        "quiet_from": "" if quiet is None else clock_of(quiet.begins),
        "quiet_to": "" if quiet is None else clock_of(quiet.ends),
        "cool_down_minutes": rule.cool_down_s // 60, "daily_budget": rule.daily_budget,
        "ts_expires": rule.ts_expires, "ts_muted_until": rule.ts_muted_until, "is_on": rule.is_on,
        "language": rule.language, "revision": rule.revision, "is_deleted": bool(rule.ts_deleted),
    }  # fmt: skip
