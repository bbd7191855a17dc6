"""What people search for in a text: words, "phrases in quotes", AND, OR, NOT, brackets.

``etf OR "spot fund" NOT futures``; words side by side must all be there. Case and accents do not count; a word is
found as a whole word, with ``*`` at its end as the beginning of one. French operators (ET, OU, SAUF) are understood.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from vigie.domain.accents import fold_text
from vigie.domain.errors import UsageError

Test = Callable[[str], bool]
MOST_CHARACTERS: Final = 500
# Each takes a few calls within calls, of which there are only so many.
DEEPEST: Final = 20
_TOKEN: Final = re.compile(r'\s*(?:(?P<quoted>"[^"]*")|(?P<bracket>[()])|(?P<word>[^\s()"]+))')
_LETTER: Final = re.compile(r"\w")
_OPERATORS: Final = {"AND": "and", "ET": "and", "OR": "or", "OU": "or", "NOT": "not", "SAUF": "not"}


def compile_query(query: str) -> Test:
    """Return a test for what is searched; it takes a text and says whether that is it.

    Raises
    ------
    UsageError
        If the query cannot be read; the message says where.
    """
    if len(query) > MOST_CHARACTERS:
        raise UsageError(
            "search_most_characters",
            "a search has at most {most_characters} characters, had {query_count}",
            most_characters=MOST_CHARACTERS,
            query_count=len(query),
        )
    parser = _QueryParser(_tokenize_query(query), query)
    test = parser.parse_any()
    if parser.rest:
        raise UsageError(
            "not_valid", "{query!r} is not valid from {text!r} on", query=query, text=parser.rest[0].text
        )
    return lambda text: test(_folded(text))


# Every rule that searches asks the same few texts.
_folded = lru_cache(maxsize=256)(fold_text)


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str


def _tokenize_query(query: str) -> list[_Token]:
    tokens, at = [], 0
    while query[at:].strip():
        match = _TOKEN.match(query, at)
        if match is None:
            raise UsageError(
                "quotation_mark_not_closed", "{query!r} has a quotation mark that is not closed", query=query
            )
        at = match.end()
        word = match["word"] or ""
        if match["bracket"]:
            tokens.append(_Token(match["bracket"], match["bracket"]))
        elif word in _OPERATORS:
            tokens.append(_Token(_OPERATORS[word], word))
        else:
            tokens.append(_Token("term", match["quoted"] or word))
    return tokens


class _QueryParser:
    def __init__(self, tokens: list[_Token], query: str) -> None:
        self.rest = tokens
        self._query = query
        self._depth = 0

    def parse_any(self) -> Test:
        tests = [self._parse_all()]
        while self.rest and self.rest[0].kind == "or":
            self.rest.pop(0)
            tests.append(self._parse_all())
        return tests[0] if len(tests) == 1 else lambda text: any(test(text) for test in tests)

    def _parse_all(self) -> Test:
        tests = [self._parse_term()]
        while self.rest and self.rest[0].kind in ("and", "not", "term", "("):
            if self.rest[0].kind == "and":
                self.rest.pop(0)
            tests.append(self._parse_term())
        return tests[0] if len(tests) == 1 else lambda text: all(test(text) for test in tests)

    def _parse_term(self) -> Test:
        if not self.rest:
            raise UsageError(
                "ends_where_word_expected", "{query!r} ends where a word was expected", query=self._query
            )
        token = self.rest.pop(0)
        if token.kind in ("not", "("):
            return self._parse_group(token.kind)
        if token.kind != "term":
            raise UsageError(
                "where_word_expected",
                "{query!r} has {text!r} where a word was expected",
                query=self._query,
                text=token.text,
            )
        return _word_test(token.text, self._query)

    def _parse_group(self, kind: str) -> Test:
        self._depth += 1
        if self._depth > DEEPEST:
            raise UsageError(
                "search_nest_most_brackets_nots",
                "a search can nest at most {deepest} brackets and NOTs",
                deepest=DEEPEST,
            )
        test = self._parse_term() if kind == "not" else self.parse_any()
        if kind == "(" and (not self.rest or self.rest.pop(0).kind != ")"):
            raise UsageError(
                "bracket_not_closed", "{query!r} has a bracket that is not closed", query=self._query
            )
        self._depth -= 1
        return test if kind == "(" else lambda text: not test(text)


def _word_test(phrase: str, query: str) -> Test:
    words = re.findall(r"[\w$€.\-&']+\*?", fold_text(phrase.strip('"')))
    if not words:
        raise UsageError(
            "searches_nothing", "{query!r} searches for nothing in {phrase!r}", query=query, phrase=phrase
        )
    # What stands between words also matches a sign that is no word: a row of such signs would be tried in every way.
    words = [word for word in words if _LETTER.search(word)] or words[:1]
    parts = [re.escape(word.removesuffix("*")) + (r"\w*" if word.endswith("*") else "") for word in words]
    pattern = re.compile(r"(?<!\w)" + r"\W+".join(parts) + r"(?!\w)")
    return lambda text: pattern.search(text) is not None
