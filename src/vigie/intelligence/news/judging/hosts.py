"""Domains that are made to look like another's: the same name elsewhere, letters exchanged, letters of other scripts.

A host is compared with brands that were often imitated, and with the publishers that Vigie knows. Theirs and what lies
below them is never suspected.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Final

from vigie.domain.accents import strip_accents

# Letters of other scripts and digits, each before the Latin letter it is drawn like.
_DRAWN: Final = (
    "\u0430a \u0435e \u043eo \u0440p \u0441c \u0445x \u0443y \u0456i \u0458j \u04bbh \u0501d \u043ak \u043cm "
    "\u04c0l \u04cfl "
    "\u0442t \u043dh \u0432b \u03b1a \u03bfo \u03c1p \u03bdv \u03b9i \u03bak \u03c4t \u03b5e \u0131i \u0142l "
    "\u0111d \u0127h \u0180b \u0253b \u0261g \u0251a 0o 1l 3e 5s"
)
_DRAWN_LIKE: Final = str.maketrans({pair[0]: pair[1] for pair in _DRAWN.split()})
_PAIRS: Final = (("rn", "m"), ("vv", "w"), ("cl", "d"), ("nn", "m"))
_BAIT: Final = frozenset(
    "wallet login signin secure security claim claims airdrop bonus gift give giveaway event events verify free "
    "verification verified support help promo swap app apps official online connect token tokens live sync restore "
    "recover recovery unlock dex defi exchange trade trading pro web my get reward rewards mint nft staking stake pay "
    "account myaccount update service auth www market foundation portal desk".split()
)
_PARTS: Final = re.compile(r"[.-]+")
_PUBLIC_SECOND: Final = frozenset("co com org net gov ac edu gouv".split())
# Shorter names are a letter away from too many others.
_SHORTEST = 5


@dataclass(frozen=True, slots=True)
class Likeness:
    """A host looks like another's: how, and whose.

    Attributes
    ----------
    how : str
        name, letters or script.
    """

    host: str
    like: str
    how: str


@dataclass(frozen=True, slots=True)
class Brands:
    """Who is imitated.

    Attributes
    ----------
    names : mapping of str to str
        Name without signs to the domain it belongs to.
    own : frozenset of str
        Domains that are never suspected.
    plain_words : frozenset of str
        Names that are words as well: suspected only beside bait.
    """

    names: Mapping[str, str]
    own: frozenset[str]
    plain_words: frozenset[str]

    def find_likeness(self, host: str) -> Likeness | None:
        """Return whom a host imitates, if anybody."""
        host = host.lower().rstrip(".").removeprefix("www.")
        if not host or self._is_own(host):
            return None
        decoded = _decoded(host)
        how = "name" if decoded == host and decoded.isascii() else "script"
        folded_forms = dict.fromkeys(
            (_fold_lookalikes(decoded), _fold_letter_pairs(_fold_lookalikes(decoded)))
        )
        for text in folded_forms:
            parts, registered = _split_host(text)
            if name := self._by_name(parts, registered, how):
                return Likeness(host, self.names[name], how)
        for text in folded_forms:
            parts, registered = _split_host(text)
            if name := self._by_letters([*parts, registered.replace("-", "")]):
                return Likeness(host, self.names[name], "letters" if how == "name" else how)
        return None

    def _is_own(self, host: str) -> bool:
        pieces = host.split(".")
        return any(".".join(pieces[start:]) in self.own for start in range(len(pieces)))

    def _by_name(self, parts: list[str], registered: str, how: str) -> str:
        has_bait = any(part in _BAIT for part in parts)
        registered_name = registered.replace("-", "")
        names = (name for name in self.names if len(name) >= _SHORTEST - 1)
        return next(
            (
                name
                for name in names
                if self._is_named(name, parts, registered_name, has_bait or how == "script")
            ),
            "",
        )

    def _is_named(self, name: str, parts: list[str], registered_name: str, is_suspect: bool) -> bool:
        if any(_is_name_with_bait(part, name) for part in parts):
            return True
        if name in self.plain_words:
            return is_suspect and name in parts
        if len(name) < _SHORTEST:
            return name == registered_name or (is_suspect and name in parts)
        if len(name) == _SHORTEST + 1 and (
            registered_name.startswith(name) or registered_name.endswith(name)
        ):
            return True
        return name in parts or (len(name) > _SHORTEST + 1 and name in registered_name)

    def _by_letters(self, parts: list[str]) -> str:
        near = (
            (distance, name)
            for part in parts
            for name in self.names
            if (distance := self._letter_distance(part, name))
        )
        return min(near, default=(0, ""))[1]

    def _letter_distance(self, part: str, name: str) -> int:
        allowed = 0 if len(name) < _SHORTEST + 1 else 1 if len(name) < 8 else 2 if len(name) < 11 else 3
        if name in self.plain_words:
            allowed = min(allowed, 1) if len(name) >= 7 else 0
        if abs(len(part) - len(name)) > allowed or part == name:
            return 0
        # Small l and i are drawn alike; where nothing else differs, that is the change.
        distance = max(1, edit_distance(part.replace("i", "l"), name.replace("i", "l")))
        return distance if distance <= allowed else 0


def _is_name_with_bait(part: str, name: str) -> bool:
    if part == name or name not in part:
        return False
    rest = part.replace(name, "", 1)
    return rest in _BAIT or rest.isdigit()


def _split_host(text: str) -> tuple[list[str], str]:
    # Words of a host without its ending, and the label that was bought.
    labels = [label for label in text.split(".") if label]
    host_name = ".".join(labels[:-1]) if len(labels) > 1 else text
    return [part for part in _PARTS.split(host_name) if part], _registered_label(labels)


def _registered_label(labels: list[str]) -> str:
    # The label that somebody bought: the one before the public ending.
    if len(labels) >= 3 and labels[-2] in _PUBLIC_SECOND:
        return labels[-3]
    return labels[-2] if len(labels) >= 2 else "".join(labels)


def _decoded(host: str) -> str:
    labels = []
    for label in host.split("."):
        try:
            labels.append(label[4:].encode("ascii").decode("punycode") if label.startswith("xn--") else label)
        except UnicodeError:
            labels.append(label)
    return ".".join(labels)


def _fold_lookalikes(host: str) -> str:
    return strip_accents(host.translate(_DRAWN_LIKE)).translate(_DRAWN_LIKE)


def _fold_letter_pairs(text: str) -> str:
    for pair, letter in _PAIRS:
        text = text.replace(pair, letter)
    return text


@lru_cache(maxsize=65536)
def edit_distance(text: str, other: str) -> int:
    """Return the number of letters added, lost, changed, or swapped with a neighbour, from one to the other."""
    previous_row: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(text, start=1):
        current = [i]
        for j, wanted in enumerate(other, start=1):
            cost = min(row[j] + 1, current[j - 1] + 1, row[j - 1] + (letter != wanted))
            if i > 1 and j > 1 and letter == other[j - 2] and text[i - 2] == wanted:
                cost = min(cost, previous_row[j - 2] + 1)
            current.append(cost)
        previous_row, row = row, current
    return row[-1]


def load_brands(known: Iterable[str] = ()) -> Brands:
    """Return the shipped list with the domains of known publishers."""
    names: dict[str, str] = {}
    own: set[str] = set()
    words: set[str] = set()
    for row in _brand_rows():
        domains = row["domains"].split("|")
        folded_name = row["name"].replace("-", "")
        names[folded_name] = domains[0]
        own.update(domains)
        words.update({folded_name} if row["is_word"] else set())
    for domain in known:
        host = domain.lower().removeprefix("www.")
        own.add(host)
        name = _registered_label(host.split(".")).replace("-", "")
        if len(name) >= _SHORTEST + 3:
            names.setdefault(name, host)
    own.update(_trusted_domains())
    return Brands(names, frozenset(own), frozenset(words))


def _brand_rows() -> list[dict[str, str]]:
    text = files("vigie.intelligence.news.judging").joinpath("data", "brands.csv").read_text(encoding="utf-8")
    return list(csv.DictReader(io.StringIO(text)))


@lru_cache(maxsize=1)
def _trusted_domains() -> frozenset[str]:
    text = (
        files("vigie.intelligence.news.judging").joinpath("data", "trusted.txt").read_text(encoding="utf-8")
    )
    return frozenset(line for line in text.split() if line)
