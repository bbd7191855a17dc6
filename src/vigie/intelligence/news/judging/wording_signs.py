"""Wordings of giveaways, scams, clickbait and claims that nobody signs, in English and French."""

from __future__ import annotations

import re
import tomllib
from functools import lru_cache
from importlib.resources import files
from typing import Final

from vigie.intelligence.news.judging.ngrams import fold_text
from vigie.intelligence.news.judging.phrase_matcher import PhraseMatcher

_WRITTEN: Final = tomllib.loads(
    files("vigie.intelligence.news.judging").joinpath("data", "wordings.toml").read_text(encoding="utf-8")
)


_AGAINST: Final = ("denial", "correction")
_CONTRADICTS: Final = PhraseMatcher({kind: _WRITTEN["signs"][kind] for kind in _AGAINST})
_LURES: Final = PhraseMatcher(
    {kind: every for kind, every in _WRITTEN["signs"].items() if kind not in _AGAINST}
)
# Who uses these tells of a lure and does not lay one.
_WARNS: Final = PhraseMatcher({"warning": _WRITTEN["warning"]["words"]})
_URGENCY: Final = PhraseMatcher(_WRITTEN["urgency"])
_QUOTED: Final = frozenset({"giveaway", "promise"})
_SHOUTS: Final = re.compile(r"[!?]{2,}|\U0001F680|(?:\b[A-Z]{4,}\b[ ,!]*){3,}")
# Without these there is no shout, and to see that takes a tenth of the time.
_MAY_SHOUT: Final = re.compile(r"[!?][!?]|\U0001F680|[A-Z][A-Z]{3}")
# A denial may be a claim's own news: «SEC denies application» refuses, it contradicts nobody.
_REFUSAL: Final = re.compile(
    r"den(?:y|ies|ied|ying) .{0,40}"
    r"(?:application|bail|request|motion|membership|permission|licen[cs]e|appeal|etf|entry)"
)


# Several rules read the same headline one after the other.
@lru_cache(maxsize=64)
def normalise_text(text: str) -> str:
    """Return text as wordings are written: small letters, no accents, no apostrophes, single spaces."""
    return " ".join(fold_text(text).replace("'", " ").replace("\u2019", " ").split())


@lru_cache(maxsize=256)
def find_lures(text: str) -> dict[str, str]:
    """Return the kinds of giveaway, promise, clickbait and unnamed sources in a text, each with the words."""
    normalised = normalise_text(text)
    lures_found = _LURES.find(normalised)
    if "clickbait" not in lures_found and _MAY_SHOUT.search(text) and (shout := _SHOUTS.search(text)):
        lures_found["clickbait"] = shout.group().strip()
    # Who warns of a lure quotes it.
    if not _QUOTED.isdisjoint(lures_found) and _WARNS.find(normalised):
        lures_found = {kind: words for kind, words in lures_found.items() if kind not in _QUOTED}
    return lures_found


@lru_cache(maxsize=256)
def find_contradiction(text: str) -> dict[str, str]:
    """Return ``denial`` and ``correction`` where a text is one, each with the words."""
    normalised = normalise_text(text)
    contradictions = _CONTRADICTS.find(normalised)
    if "denial" in contradictions and _REFUSAL.search(normalised):
        del contradictions["denial"]
    return contradictions


def find_urgency(text: str) -> dict[str, str]:
    """Return ``now`` with the words that ask to be told at once, ``can_wait`` with those that say it may wait."""
    return _URGENCY.find(normalise_text(text))


@lru_cache(maxsize=1)
def load_bad_domains() -> frozenset[str]:
    """Return the domains of the shipped list of invented-news and scam sites."""
    text = (
        files("vigie.intelligence.news.judging").joinpath("data", "known_bad.txt").read_text(encoding="utf-8")
    )
    lines = (line.partition("#")[0].strip() for line in text.splitlines())
    return frozenset(line for line in lines if line)
