"""Rules of wordings, many of them asked of one text: only those are searched for whose beginning stands there.

A wording is a regular expression of small letters that is found at the beginning of a word. Nearly every one begins
with letters, so the words of a text tell which rules can hold at all.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from vigie.intelligence.news.word_cache import WordCache

_WORD: Final = re.compile(r"\w+")
_SIGN: Final = re.compile(r"\\[^\w\s]")
_LETTERS: Final = re.compile(r"[a-z0-9]+")
_REMEMBERED: Final = 16_384
# After these the letter before may be missing.
_MAY_LACK: Final = ("?", "*", "{")


class PhraseMatcher:
    """Rules by name, each a list of wordings of which one must stand in a text.

    Parameters
    ----------
    rules : mapping of str to sequence of str
        Small letters without accents, as regular expressions.
    edges : tuple of str
        What must hold before and after a wording; the first one lets words begin only.
    """

    def __init__(
        self, rules: Mapping[str, Sequence[str]], *, edges: tuple[str, str] = (r"(?<!\w)", r"(?!\w)")
    ) -> None:
        before, after = edges
        self.patterns: Mapping[str, re.Pattern[str]] = {
            name: re.compile(f"{before}(?:{'|'.join(wordings)}){after}") for name, wordings in rules.items()
        }
        begins = {name: set().union(*map(first_words, wordings)) for name, wordings in rules.items()}
        self._always = frozenset(name for name, begins_of_rule in begins.items() if "" in begins_of_rule)
        # What may begin with anything is searched for in every text; a sign is no word, and stands in few of them.
        self._by_sign = [("", name) for name in self._always] + [
            (head[1], name)
            for name, begins_of_rule in begins.items()
            for head in begins_of_rule
            if _SIGN.match(head)
        ]
        self._begins = {
            name: re.compile("|".join(begins_of_rule))
            for name, begins_of_rule in begins.items()
            if name not in self._always
        }
        self._by_word = WordCache(self._begun_by, _REMEMBERED)

    def find(self, text: str) -> dict[str, str]:
        """Return the rules that hold in a text, in their order, each with the first words that it knows."""
        hits: dict[str, re.Match[str]] = {}
        for sign, name in self._by_sign:
            if sign in text and (hit := self.patterns[name].search(text)) is not None:
                hits[name] = hit
        # Few words are such with which a rule begins; edges refuse what stands inside of others.
        for word in {word for word in _WORD.findall(text) if self._by_word[word]}:
            position = text.find(word)
            while position >= 0:
                # A short word stands inside of many others.
                if not position or not text[position - 1].isalnum():
                    for name in self._by_word[word]:
                        hit = self.patterns[name].match(text, position)
                        if hit is not None and (name not in hits or position < hits[name].start()):
                            hits[name] = hit
                position = text.find(word, position + 1)
        return {name: hits[name].group() for name in self.patterns if name in hits} if hits else {}

    def _begun_by(self, word: str) -> tuple[str, ...]:
        return tuple([name for name, begins in self._begins.items() if begins.match(word)])


def first_words(wording: str) -> set[str]:
    r"""Return what the first word of a wording may begin with, as regular expressions; empty where it may be anything.

    Examples
    --------
    >>> sorted(heads(r"giv(?:e|ing) ?away")), sorted(heads("fake news")), sorted(heads(r"(?:de)?list\w*"))
    (['giv'], ['fake\\Z'], ['de', 'list'])
    """
    return {head for part in _alternatives(wording) for head in _first_words_of(part)}


def _first_words_of(wording: str) -> set[str]:
    wording = wording.removeprefix("^")
    if wording.startswith(r"\d"):
        return {r"\d"} if not wording[2:].startswith(_MAY_LACK) else {""}
    if _SIGN.match(wording):
        return {wording[:2]} if not wording[2:].startswith(_MAY_LACK) else {""}
    if wording.startswith("(?:"):
        end = _closing_bracket(wording)
        rest = wording[end + 1 :]
        # Something may follow the group, so that none of its parts is a whole word.
        begins = {head.removesuffix(r"\Z") for head in first_words(wording[3:end])}
        return begins | first_words(rest[1:]) if rest.startswith(_MAY_LACK) else begins
    letters = _LETTERS.match(wording)
    if letters is None:
        return {""}
    head, rest = letters.group(), wording[letters.end() :]
    if not rest or (rest[0] == " " and not rest[1:].startswith(_MAY_LACK)):
        return {rf"{head}\Z"}
    return {head[:-1] if rest.startswith(_MAY_LACK) else head}


def _alternatives(wording: str) -> Iterator[str]:
    # What stands between the bars that are in no group.
    begins = 0
    for at, depth in _bracket_depths(wording):
        if wording[at] == "|" and not depth:
            yield wording[begins:at]
            begins = at + 1
    yield wording[begins:]


def _closing_bracket(wording: str) -> int:
    return next(at for at, depth in _bracket_depths(wording) if wording[at] == ")" and not depth)


def _bracket_depths(wording: str) -> Iterator[tuple[int, int]]:
    # Every sign that no backslash precedes, and in how many groups it stands.
    depth, at = 0, 0
    while at < len(wording):
        if wording[at] == "\\":
            at += 2
            continue
        depth += (wording[at] == "(") - (wording[at] == ")")
        yield at, depth
        at += 1
