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
# Of the subjects that are named, by kind of event.
SUBJECTS: Final[Mapping[str, tuple[str, ...]]] = {
    "emerging": ("clean", "flagged"),
    "desk": ("state", "halt", "loss", "difference", "trouble", "job", "stream", "restart", "plan"),
    "holding": ("valuation", "volume", "share"),
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
    ReadyRule("hacks", "Corroborated hacks", {"topics": ("hack",), "status": ("confirmed", "repeated")}),
    ReadyRule("etf", "Bitcoin and Ether ETFs", {"topics": ("etf",), "assets": ("bitcoin", "ethereum")}),
    ReadyRule("stablecoins", "Stablecoins, once a day", {"topics": ("stablecoin",)}, "digest"),
)


def parse_search(words: str) -> tuple[str, ...]:
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


def parse_subjects(kind: str, subjects: Sequence[str], assets: Collection[str]) -> tuple[str, ...]:
    """Return what a rule beside news is about, each in the one form in which it is looked for.

    Raises
    ------
    UsageError
        If it cannot be read, or says less than its kind needs.
    """
    given = tuple(dict.fromkeys(subject.strip() for subject in subjects if subject.strip()))
    if kind in ("price", "screener"):
        conditions = tuple(dict.fromkeys(render_where(parse_where(subject)) for subject in given))
        if not any(conditions):
            raise UsageError(
                "price_rule_needs_condition_such",
                "a price rule needs a condition such as price>100000 or change_24h<-0.05",
            )
        if kind == "price" and not assets:
            raise UsageError(
                "price_rule_needs_asset", "a price rule needs an asset; a screener rule covers all assets"
            )
        return conditions
    if kind == "peg":
        return tuple(f"{_parse_fraction(subject):g}" for subject in given) or (f"{PEG:g}",)
    if kind == "spike":
        if not assets:
            raise UsageError("spike_rule_needs_asset", "a spike rule needs an asset")
        return tuple(_parse_spike(subject) for subject in given) or ("items>3",)
    lists: dict[str, None] = {}
    if kind == "emerging":
        # Conditions have a comparison in them, names have none; the same list is written in one way.
        lists = dict.fromkeys(
            render_newcomers(parse_newcomers(subject)) for subject in given if _COMPARED.search(subject)
        )
        given = tuple(subject for subject in given if not _COMPARED.search(subject))
    allowed = SUBJECTS.get(kind, ())
    if unknown := [subject for subject in given if subject not in allowed]:
        if not allowed:
            raise UsageError(
                "rule_kind_no_subjects",
                "a rule of kind {kind} has no subjects, was {unknown!r}",
                kind=kind,
                unknown=unknown[0],
            )
        raise UsageError(
            "rule_kind_must_among",
            "a rule of kind {kind} must be about one of {allowed}, was {unknown!r}",
            kind=kind,
            allowed=", ".join(allowed),
            unknown=unknown[0],
        )
    return (*given, *lists)


def _parse_fraction(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not LEAST_PEG <= value <= 1.0:
        raise UsageError(
            "distance_peg_must_fraction",
            "the distance from the peg must be a fraction from {least_peg:g} to 1, was {text!r}",
            least_peg=LEAST_PEG,
            text=text,
        )
    return value


def _parse_spike(text: str) -> str:
    match = _SPIKE.fullmatch(text.replace(" ", ""))
    if match is None:
        raise UsageError(
            "spike_must_look_like_items",
            "a spike must look like items>3 or sentiment>0.3, was {text!r}",
            text=text,
        )
    return f"{match[1]}>{float(match[2]):g}"


def parse_quiet_hours(begins: str, ends: str, zone: str) -> QuietHours | None:
    """Return quiet hours from two times of day, None where neither is given.

    Raises
    ------
    UsageError
        If one is missing, or is no time of day.
    """
    if not begins and not ends:
        return None
    matches = [_CLOCK.fullmatch(item) for item in (begins, ends)]
    if matches[0] is None or matches[1] is None:
        raise UsageError(
            "quiet_hours_need_start_end", "quiet hours need a start and an end time, such as 22:00 and 07:00"
        )
    first, last = (int(item[1]) * 60 + int(item[2]) for item in matches if item is not None)
    return QuietHours(first, last, zone)


def format_time_of_day(minute: int) -> str:
    """Return a minute of the day as a time of day."""
    return f"{minute // 60:02d}:{minute % 60:02d}"


def rule_row(rule: AlertRule) -> dict[str, Any]:
    """Return a rule as answers hold it."""
    when, quiet = rule.when, rule.quiet
    return {
        "rule": rule.id, "name": rule.name, "kind": rule.kind, "subjects": list(when.get("subject", ())),
        "turns": list(when.get("turn", ())), "sentiments": list(when.get("sentiment", ())),
        "followed": bool(when.get("followed")), "warned": bool(when.get("warned")), "tiers": list(when.get("tier", ())),
        "sources": list(when.get("source", ())), "assets": list(when.get("assets", ())),
        "entities": list(when.get("entities", ())), "topics": list(when.get("topics", ())),
        "languages": list(when.get("language", ())), "statuses": list(when.get("status", ())),
        "words": " ".join(when.get("words", ())), "accounts": list(when.get("account", ())),
        "strategies": list(when.get("strategy", ())), "instruments": list(when.get("instrument", ())),
        "sides": list(when.get("side", ())), "stages": list(when.get("state", ())),
        "least_total": min((float(value) for value in when.get("least_total", ())), default=None),
        "channels": list(rule.channels), "pace": rule.pace,
        "quiet_from": "" if quiet is None else format_time_of_day(quiet.begins),
        "quiet_to": "" if quiet is None else format_time_of_day(quiet.ends),
        "cool_down_minutes": rule.cool_down_s // 60, "daily_budget": rule.daily_budget,
        "ts_expires": rule.ts_expires, "ts_muted_until": rule.ts_muted_until, "is_on": rule.is_on,
        "language": rule.language, "revision": rule.revision, "is_deleted": bool(rule.ts_deleted),
    }  # fmt: skip
