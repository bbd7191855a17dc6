"""A command of a client as its words: atoms, quoted strings, literals, lists."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

_TOKEN: Final = re.compile(
    rb"\s*(?:(?P<open>\()|(?P<close>\))|\"(?P<quoted>(?:[^\"\\\r\n]|\\[\"\\])*)\"|\{(?P<size>\d{1,6})\+?\}\r\n"
    rb"|(?P<atom>[^\s()\"{\[]+(?:\[[^\]]*\](?:<\d{1,10}(?:\.\d{1,10})?>)?)?))"
)
LITERAL: Final = re.compile(rb"\{(\d{1,6})(\+?)\}\r\n\Z")
_MAX_TOKENS: Final = 200
_MAX_DEPTH: Final = 4

Token = str | list["Token"]


class BadCommandError(Exception):
    """What was said is no command, or none that is spoken here."""


@dataclass(frozen=True, slots=True)
class Command:
    """What a client wants: its mark, a verb in capitals, and words; `UID` stands before the verb where it was said."""

    tag: str
    verb: str
    arguments: list[Token]


def parse_command(line: bytes) -> Command:
    """Return what was said, with its literals in it, as a command.

    Raises
    ------
    BadCommandError
        If it is none.
    """
    tokens = parse_tokens(line)
    if len(tokens) < 2 or not all(isinstance(token, str) for token in tokens[:2]):
        raise BadCommandError("a command is a mark and a verb")
    tag, verb, *rest = tokens
    if str(verb).upper() == "UID" and rest and isinstance(rest[0], str):
        return Command(str(tag), f"UID {rest[0].upper()}", rest[1:])
    return Command(str(tag), str(verb).upper(), rest)


def parse_tokens(line: bytes) -> list[Token]:
    """Return the words of a line.

    Raises
    ------
    BadCommandError
        If it cannot be read.
    """
    stack: list[list[Token]] = [[]]
    position, count = 0, 0
    while line[position:].strip():
        match = _TOKEN.match(line, position)
        count += 1
        if match is None or count > _MAX_TOKENS:
            raise BadCommandError("the command cannot be read")
        position = match.end()
        if match["open"]:
            stack.append([])
        elif match["close"]:
            if len(stack) == 1:
                raise BadCommandError("a list ends that never began")
            inner = stack.pop()
            stack[-1].append(inner)
        else:
            text, position = _parse_text(line, match)
            stack[-1].append(text)
        if len(stack) > _MAX_DEPTH:
            raise BadCommandError("lists lie too deep")
    if len(stack) > 1:
        raise BadCommandError("a list has no end")
    return stack[0]


def _parse_text(line: bytes, match: re.Match[bytes]) -> tuple[str, int]:
    end = match.end()
    if match["size"] is not None:
        size = int(match["size"])
        return line[end : end + size].decode("utf-8", "replace"), end + size
    if match["quoted"] is not None:
        return re.sub(rb"\\(.)", rb"\1", match["quoted"]).decode("utf-8", "replace"), end
    return match["atom"].decode("utf-8", "replace"), end
