"""Texts of Jinja templates: strings that a call translates, other strings, and blocks of ``trans``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from jinja2 import Environment

CALLS: Final = {"_", "gettext", "ngettext"}
_ENVIRONMENT: Final = Environment(extensions=["jinja2.ext.i18n", "jinja2.ext.do"], autoescape=True)
Token = tuple[str, str, int]


@dataclass(frozen=True, slots=True)
class Said:
    """A text of a template.

    Parameters
    ----------
    path : str
        The template.
    start, end : int
        Where it stands, in characters.
    text : str
        What it says.
    kind : str
        call, string, or trans.
    """

    path: str
    start: int
    end: int
    text: str
    kind: str


def texts_of(path: str, source: str) -> list[Said]:
    """Return the texts of a template.

    Parameters
    ----------
    path : str
        The template.
    source : str
        What it holds.
    """
    tokens = [token for token in _tokens(source) if token[0] not in ("whitespace", "comment")]
    found: list[Said] = []
    at = 0
    while at < len(tokens):
        kind, _text, start = tokens[at]
        if kind == "block_begin" and at + 1 < len(tokens) and tokens[at + 1][1] == "trans":
            at = _trans(path, source, tokens, at, found)
            continue
        if kind == "string":
            last = at
            while last + 1 < len(tokens) and tokens[last + 1][0] == "string":
                last += 1
            said = "".join(_value(text) for _, text, _ in tokens[at : last + 1])
            end = tokens[last][2] + len(tokens[last][1])
            found.append(Said(path, start, end, said, "call" if _is_asked(tokens, at) else "string"))
            at = last
        at += 1
    return found


def written(said: Said, source: str, new: str) -> str:
    """Return how a text is written in the place of another.

    Parameters
    ----------
    said : Said
        What stands there.
    source : str
        The template.
    new : str
        What it says afterwards.
    """
    if said.kind == "trans":
        return re.sub(r"%\((\w+)\)s", r"{{ \1 }}", new)
    quote = source[said.start]
    if quote in new:
        quote = "'" if quote == '"' else '"'
    return quote + new.replace("\\", "\\\\").replace(quote, "\\" + quote).replace("\n", "\\n") + quote


def _tokens(source: str) -> list[Token]:
    found, at = [], 0
    # The lexer leaves out spaces that a tag eats: each token is looked for behind the one before.
    for _, kind, value in _ENVIRONMENT.lexer.tokeniter(source, None):
        start = source.find(value, at) if value else at
        if start < 0:
            continue
        found.append((kind, value, start))
        at = start + len(value)
    return found


def _value(text: str) -> str:
    return text[1:-1].encode("ascii", "backslashreplace").decode("unicode-escape")


def _is_asked(tokens: list[Token], at: int) -> bool:
    # `_("…"`, or the second text of `ngettext("…", "…"`; adjacent strings are one text.
    back = at - 1
    while back >= 1 and tokens[back][0] == "string":
        back -= 1
    if tokens[back][1] == ",":
        back -= 1
        while back >= 1 and tokens[back][0] == "string":
            back -= 1
        return back >= 1 and tokens[back][1] == "(" and tokens[back - 1][1] == "ngettext"
    if back < 1 or tokens[back][1] != "(":
        # A choice inside a call: `_("a" if b else "c")`.
        return _in_call(tokens, back)
    return tokens[back - 1][1] in CALLS


def _in_call(tokens: list[Token], at: int) -> bool:
    depth = 0
    if tokens[at][1] not in ("if", "else", "or", "("):
        return False
    while at > 0 and tokens[at][0] not in ("variable_begin", "block_begin"):
        if tokens[at][1] in (")", "]", "}"):
            depth += 1
        elif tokens[at][1] in ("(", "[", "{"):
            if depth == 0:
                return tokens[at - 1][1] in CALLS
            depth -= 1
        elif tokens[at][1] == "," and depth == 0:
            return False
        at -= 1
    return False


def _trans(path: str, source: str, tokens: list[Token], at: int, found: list[Said]) -> int:
    """Read a block of ``trans``; return where the tokens go on behind it."""
    while tokens[at][0] != "block_end":
        at += 1
    start = tokens[at][2] + len(tokens[at][1])
    while at < len(tokens):
        at += 1
        if tokens[at][0] == "block_begin" and tokens[at + 1][1] in ("pluralize", "endtrans"):
            end = tokens[at][2]
            inner = source[start:end]
            kept = inner.strip()
            first = start + inner.index(kept) if kept else start
            text = re.sub(r"\{\{-?\s*(\w+)\s*-?\}\}", r"%(\1)s", re.sub(r"\s*\n\s*", " ", kept))
            found.append(Said(path, first, first + len(kept), text, "trans"))
            is_end = tokens[at + 1][1] == "endtrans"
            while tokens[at][0] != "block_end":
                at += 1
            if is_end:
                return at + 1
            start = tokens[at][2] + len(tokens[at][1])
    return at
