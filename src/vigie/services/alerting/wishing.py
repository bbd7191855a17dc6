"""A rule as people write one, and the rules that are ready for a first visit."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from vigie.domain.alert import Pace, Quiet
from vigie.domain.errors import UsageError
from vigie.intelligence.alerts.phrases import compiled

TOPICS: Final = (
    "regulation", "enforcement", "etf", "hack", "listing", "stablecoin", "macro", "technology", "legal",
    "adoption", "exchange", "policy", "elections", "sanctions", "tax",
)  # fmt: skip
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
        compiled(words)
    return (words,) if words else ()


def quiet_of(begins: str, ends: str, zone: str) -> Quiet | None:
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
    return Quiet(first, last, zone)


def clock_of(minute: int) -> str:
    """Return a minute of the day as a time of day."""
    return f"{minute // 60:02d}:{minute % 60:02d}"
