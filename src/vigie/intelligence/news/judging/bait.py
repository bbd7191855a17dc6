"""Wordings of giveaways, scams, clickbait and claims that nobody signs, in English and French."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from functools import lru_cache
from importlib.resources import files
from typing import Final

from vigie.intelligence.news.judging.grams import plain

_WRITTEN: Final = tomllib.loads(
    files("vigie.intelligence.news.judging").joinpath("data", "wordings.toml").read_text(encoding="utf-8")
)


def _one_of(wordings: Sequence[str]) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{'|'.join(wordings)})(?!\w)")


_KINDS: Final = {kind: _one_of(wordings) for kind, wordings in _WRITTEN["signs"].items()}
_WARNS: Final = _one_of(_WRITTEN["warning"]["words"])
# What is told at once, and what can wait until the evening.
NOW: Final = _one_of(_WRITTEN["urgency"]["now"])
CAN_WAIT: Final = _one_of(_WRITTEN["urgency"]["can_wait"])
_SHOUTS: Final = re.compile(r"[!?]{2,}|\U0001F680|(?:\b[A-Z]{4,}\b[ ,!]*){3,}")
# A denial may be a claim's own news: «SEC denies application» refuses, it contradicts nobody.
_REFUSAL: Final = re.compile(
    r"den(?:y|ies|ied|ying) .{0,40}"
    r"(?:application|bail|request|motion|membership|permission|licen[cs]e|appeal|etf|entry)"
)


def spoken(text: str) -> str:
    """Return text as wordings are written: small letters, no accents, no apostrophes, single spaces."""
    return " ".join(re.sub(r"['\u2019]", " ", plain(text)).split())


@lru_cache(maxsize=2048)
def bait(text: str) -> dict[str, str]:
    """Return the kinds of wording that stand in a text, each with the words."""
    said = spoken(text)
    found = {kind: hit.group() for kind, words in _KINDS.items() if (hit := words.search(said))}
    if "clickbait" not in found and (shout := _SHOUTS.search(text)):
        found["clickbait"] = shout.group().strip()
    # Who warns of a lure quotes it.
    if _WARNS.search(said):
        found = {kind: words for kind, words in found.items() if kind not in {"giveaway", "promise"}}
    if "denial" in found and _REFUSAL.search(said):
        del found["denial"]
    return found


@lru_cache(maxsize=1)
def known_bad() -> frozenset[str]:
    """Return the domains of the shipped list of invented-news and scam sites."""
    text = (
        files("vigie.intelligence.news.judging").joinpath("data", "known_bad.txt").read_text(encoding="utf-8")
    )
    lines = (line.partition("#")[0].strip() for line in text.splitlines())
    return frozenset(line for line in lines if line)
