"""Where the sentences of a text begin and end, in both languages; abbreviations and figures end none."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

_ABBREVIATED: Final = frozenset(
    """mr mrs ms dr st jr sr inc corp ltd co llc vs etc no approx sen rep gov gen prof dept est jan feb mar apr jun jul
    aug sep sept oct nov dec mt fig eq al m mme mlle mm art env av janv fevr juil dec cf p pp s.a ie eg u.s u.k e.u
    d.c i.e e.g a.m p.m n.y""".split()
)
_END: Final = re.compile(r"[.!?\u2026]+[\"'\u201d\u2019\u00bb)\]]*(?=\s|$)|\n+")
_LAST_WORD: Final = re.compile(r"[^\s(\[\"'\u201c\u2018\u00ab]+$")
_OPENS: Final = "\"'\u201c\u2018\u00ab([ \u00a0\u202f"


class Sentence(NamedTuple):
    """A sentence: exactly the characters of the text from `start` to `end`."""

    text: str
    start: int
    end: int


def split_sentences(text: str, limit: int = 20_000) -> list[Sentence]:
    """Return the sentences of the first so many characters, in order."""
    sentences_found: list[Sentence] = []
    start, stop = 0, min(len(text), limit)
    for match in _END.finditer(text, 0, stop):
        if _is_sentence_end(text, match, stop):
            _append_sentence(sentences_found, text, start, match.end())
            start = match.end()
    _append_sentence(sentences_found, text, start, stop)
    return sentences_found


def _append_sentence(sentences_found: list[Sentence], text: str, start: int, end: int) -> None:
    piece = text[start:end]
    start += len(piece) - len(piece.lstrip())
    end -= len(piece) - len(piece.rstrip())
    if any(map(str.isalnum, text[start:end])):
        sentences_found.append(Sentence(text[start:end], start, end))


def _is_sentence_end(text: str, match: re.Match[str], stop: int) -> bool:
    if match.group()[0] == "\n":
        return True
    following = text[match.end() : min(match.end() + 12, stop)].lstrip(_OPENS + "\n\t")
    if following and not (following[0].isupper() or following[0].isdigit() or not following[0].isascii()):
        return False
    if match.group().rstrip("\"'\u201d\u2019\u00bb)]") != ".":
        return True
    word = _LAST_WORD.search(text, max(0, match.start() - 40), match.start())
    if word is None:
        return True
    last = word.group().lower()
    return last not in _ABBREVIATED and not (len(last) == 1 and last.isalpha())
