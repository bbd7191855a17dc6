"""Rules by which a headline has a topic: names of authorities as they are written, and stems of both languages."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from typing import Final

from vigie.intelligence.news.judging.ngrams import fold_text
from vigie.intelligence.news.judging.phrase_matcher import PhraseMatcher

# Case matters: «sec» is a second, «mas» a word of other languages.
_AUTHORITIES: Final = re.compile(
    r"\b(?:SEC|CFTC|FCA|AMF|ACPR|ESMA|EBA|ABE|BaFin|FINMA|FinCEN|DOJ|OCC|FDIC|MAS|FATF|GAFI|FSMA|CySEC|VARA|SEBI|"
    r"Consob|CNMV|NYDFS|FSB|IOSCO|AUSTRAC|ASIC|HKMA|OFAC|IRS|HMRC|Tracfin|CNIL|MiCA|MiCAR|DAC ?8|PSAN|PSCA|Europol|"
    r"Interpol|Gensler|Peirce|Atkins)\b"
)
_WRITTEN: Final = tomllib.loads(
    files("vigie.intelligence.news.judging").joinpath("data", "subjects.toml").read_text(encoding="utf-8")
)
_TOPICS: Final = frozenset(_WRITTEN["topics"])
_MARKS: Final = PhraseMatcher({**_WRITTEN["topics"], **_WRITTEN["telling"]}, edges=(r"\b", r"\b"))
_NAMES: Final = tuple(_MARKS.patterns)
_TOGETHER: Final = (
    ("official", "measure"),
    ("country", "measure"),
    ("authority", "measure"),
    ("country", "official"),
)
_SINGLE: Final = ("authority", *_NAMES)
RULE_FEATURES: Final = (*_SINGLE, *(f"{a} {b}" for a, b in _TOGETHER))


@lru_cache(maxsize=256)
def find_authorities(text: str) -> tuple[str, ...]:
    """Return the authorities and laws that are named, as they are written."""
    return tuple(dict.fromkeys(match.group() for match in _AUTHORITIES.finditer(text)))


@lru_cache(maxsize=256)
def topics_by_rule(text: str) -> dict[str, str]:
    """Return the topics whose words stand in a text, each with the word."""
    return {name: word for name, word in find_rules(text).items() if name in _TOPICS}


@lru_cache(maxsize=64)
def find_rules(text: str) -> Mapping[str, str]:
    """Return the rules whose words stand in a text, each with the first of them."""
    return _MARKS.find(fold_text(text).replace("'", " ").replace("\u2019", " "))


def rule_features(text: str) -> tuple[float, ...]:
    """Return which of `RULE_FEATURES` a text has, 0 or 1 each: what a linear model sees of the rules."""
    return _rule_vector(frozenset(find_rules(text)), bool(find_authorities(text)))


# Few rules hold of a headline, and the same ones again and again.
@lru_cache(maxsize=2048)
def _rule_vector(rules: frozenset[str], is_named: bool) -> tuple[float, ...]:
    rules_and_names = rules | {"authority"} if is_named else rules
    single = map(float, map(rules_and_names.__contains__, _SINGLE))
    return (*single, *(float(a in rules_and_names and b in rules_and_names) for a, b in _TOGETHER))
