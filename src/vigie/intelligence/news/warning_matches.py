"""Firms that stand on a list of warnings, found where an item names them or leads to their website.

A namesake is not suspected: a firm is found by its identifier, by its website, or by its whole name, never by a part of
one. A name of ordinary words, one that another firm has a licence under, and one that is known as somebody else's
count only with what the firm is by law ("Ltd") beside them, or not at all.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal
from urllib.parse import urlsplit

from vigie.domain.register import RegisterEntry
from vigie.intelligence.news.firms import (
    LEI,
    FirmName,
    legal_form,
    normalise_word,
    parse_firm_name,
    word_spans,
)

How = Literal["lei", "website", "name"]

# What stands behind an at sign is where somebody has mail, not a website.
_HOST: Final = re.compile(
    r"(?<![@\w.-])(?:https?://)?((?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,24})(/[^\s,;|<>\"']*)?",
    re.IGNORECASE,
)
# Many have a page there: only the page is somebody's.
_SHARED: Final = frozenset(
    "t.me telegram.me telegram.org wa.me whatsapp.com facebook.com fb.com instagram.com x.com twitter.com youtube.com "
    "youtu.be linkedin.com medium.com reddit.com discord.gg discord.com tiktok.com github.com github.io google.com "
    "apple.com wordpress.com blogspot.com wixsite.com linktr.ee bit.ly trustpilot.com".split()
)
# Here a host below is one person's; elsewhere it is another door to the same pages.
_ONES_OWN: Final = frozenset("t.me medium.com github.io wordpress.com blogspot.com wixsite.com".split())
# Ordinary words of the trade: a name of these alone is in many headlines that mean nobody.
_ORDINARY: Final = frozenset(
    "bitcoin btc ether ethereum eth crypto cryptos cryptocurrency cryptocurrencies coin coins token tokens blockchain "
    "digital asset assets trading trade trader traders exchange market markets capital invest investment investments "
    "investing investor investors finance financial fund funds bank banking group global international online pro "
    "plus option options forex fx wallet mining mine profit profits gain gains pay payment payments money cash broker "
    "brokers wealth management services solutions systems the and et de la le les club world first smart safe secure "
    "best new euro europe european american swiss royal union united national central general".split()
)
_BEFORE: Final = frozenset(
    "the a an in on at by of for from with against and or but why how when who what is are le la les un une des du de "
    "l d par pour avec contre chez selon et ou mais pourquoi comment quand qui".split()
)
_SENTENCE_ENDS: Final = re.compile(r"[.!?:;»«\"“”\n]\s*$")
_LEAST_WORDS: Final = 2
# So many capitals among the words beside a name: a headline in which they say nothing.
_MOSTLY: Final = 0.6


@dataclass(frozen=True, slots=True)
class WarningMatch:
    """A firm of a list that a text names.

    Attributes
    ----------
    how : str
        By its identifier (``lei``), its ``website`` or its whole ``name``.
    evidence : str
        What stands in the text.
    """

    entry: RegisterEntry
    how: How
    evidence: str


@dataclass(frozen=True, slots=True)
class WarningIndex:
    """The firms of lists of warnings, by what they are found by."""

    leis: Mapping[str, RegisterEntry] = field(default_factory=dict)
    hosts: Mapping[str, Sequence[tuple[str, RegisterEntry]]] = field(default_factory=dict)
    names: Mapping[str, Sequence[tuple[FirmName, RegisterEntry]]] = field(default_factory=dict)
    protected_names: frozenset[tuple[str, ...]] = frozenset()

    def find(self, title: str, text: str, url: str = "") -> list[WarningMatch]:
        """Return the firms that an item names or leads to, each once, what is surest first."""
        matches = [
            *self._by_lei(f"{title}\n{text}"),
            *self._by_website((url, title, text)),
            *self._by_name(title),
            *self._by_name(text),
        ]
        unique: dict[tuple[str, str], WarningMatch] = {}
        for match in matches:
            unique.setdefault((match.entry.register, match.entry.key), match)
        return list(unique.values())

    def _by_lei(self, text: str) -> Iterable[WarningMatch]:
        for match in LEI.finditer(text) if self.leis else ():
            if entry := self.leis.get(match[0]):
                yield WarningMatch(entry, "lei", match[0])

    def _by_website(self, texts: Iterable[str]) -> Iterable[WarningMatch]:
        for text in texts if self.hosts else ():
            for match in _HOST.finditer(text):
                pieces = match[1].lower().split(".")
                path = (match[2] or "/").rstrip("/.")
                for start in range(len(pieces) - 1):
                    for page, entry in self.hosts.get(".".join(pieces[start:]), ()):
                        if not page or path == page or path.startswith(f"{page}/"):
                            yield WarningMatch(entry, "website", f"{match[1]}{path if page else ''}")

    def _by_name(self, text: str) -> Iterable[WarningMatch]:
        words = word_spans(text) if self.names else []
        for place, (word, _, _) in enumerate(words):
            for name, entry in self.names.get(word, ()):
                end = place + len(name.core)
                if tuple(part for part, _, _ in words[place:end]) != name.core:
                    continue
                form = legal_form(words[end][0]) if end < len(words) else ""
                if form and form != name.form and name.form:
                    continue
                is_whole = bool(form) and form == name.form
                if not is_whole and (
                    name.core in self.protected_names
                    or not _is_distinctive(name)
                    or _is_in_capitals(text, words, place, end)
                ):
                    continue
                name_end = end + bool(form)
                if _stands_alone(text, words, place, name_end):
                    matched_text = text[words[place][1] : words[name_end - 1][2]]
                    yield WarningMatch(entry, "name", matched_text if form else matched_text.rstrip("."))


def build_warning_index(
    listed: Iterable[RegisterEntry],
    *,
    licensed: Iterable[RegisterEntry] = (),
    known: Collection[tuple[str, ...]] = (),
) -> WarningIndex:
    """Return firms of lists of warnings, ready to be found.

    Parameters
    ----------
    listed, licensed : iterable of RegisterEntry
        Rows of lists of warnings, and of registers of licences.
    known : collection of tuple of str
        Names, as compared, of those who are known otherwise.
    """
    leis: dict[str, RegisterEntry] = {}
    hosts: dict[str, list[tuple[str, RegisterEntry]]] = {}
    names: dict[str, list[tuple[FirmName, RegisterEntry]]] = {}
    licensed_entries = list(licensed)
    licensed_leis = {entry.lei for entry in licensed_entries if entry.lei}
    for entry in listed:
        if entry.lei and entry.lei not in licensed_leis:
            leis[entry.lei] = entry
        for host, page in parse_websites(entry.website):
            hosts.setdefault(host, []).append((page, entry))
        name = parse_firm_name(entry.name)
        if name.core and (name.form or len(name.core) >= _LEAST_WORDS):
            names.setdefault(name.core[0], []).append((name, entry))
    protected_names = {parse_firm_name(entry.name).core for entry in licensed_entries} | set(known)
    return WarningIndex(leis, hosts, names, frozenset(protected_names))


def parse_websites(cell: str) -> list[tuple[str, str]]:
    """Return the hosts of a cell, each with its page where many share the host.

    A page of many that only its query tells from others is left out: the others are not warned of.
    """
    pages: dict[tuple[str, str], None] = {}
    for match in _HOST.finditer(cell):
        host = match[1].lower().removeprefix("www.")
        rest = urlsplit(f"//x{match[2] or ''}")
        page = rest.path.rstrip("/.")
        is_shared = host in _SHARED or host.endswith(tuple(f".{domain}" for domain in _SHARED - _ONES_OWN))
        if is_shared and (not page or rest.query):
            continue
        pages[host, page if is_shared else ""] = None
    return list(pages)


def _is_distinctive(name: FirmName) -> bool:
    return len(name.core) >= _LEAST_WORDS and not all(word in _ORDINARY for word in name.core)


def _is_in_capitals(text: str, words: Sequence[tuple[str, int, int]], place: int, end: int) -> bool:
    """Tell whether most words beside a name have capitals too, as in titles: then they say nothing."""
    beside = [start for word, start, _ in (*words[:place], *words[end:]) if word not in _BEFORE]
    return len(beside) > 1 and sum(text[start].isupper() for start in beside) > _MOSTLY * len(beside)


def _stands_alone(text: str, words: Sequence[tuple[str, int, int]], place: int, end: int) -> bool:
    """Tell whether a name is written as one and is no part of a longer one."""
    if not all(text[start].isupper() or text[start].isdigit() for _, start, _ in words[place:end]):
        return False
    if place:
        word, start, stop = words[place - 1]
        is_sentence_start = _SENTENCE_ENDS.search(text[stop : words[place][1]]) or text[stop - 1] == "."
        if text[start].isupper() and not is_sentence_start and normalise_word(word) not in _BEFORE:
            return False
    if end < len(words):
        _, start, _ = words[end]
        before = text[words[end - 1][2] : start]
        is_over = bool(before.strip()) or text[words[end - 1][2] - 1] == "."
        return is_over or not text[start].isupper()
    return True
