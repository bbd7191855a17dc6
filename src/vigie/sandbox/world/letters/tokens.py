"""A command of a client as its words: atoms, quoted strings, literals, lists."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

_WORD: Final = re.compile(
    rb"\s*(?:(?P<open>\()|(?P<close>\))|\"(?P<quoted>(?:[^\"\\\r\n]|\\[\"\\])*)\"|\{(?P<size>\d{1,6})\+?\}\r\n"
    rb"|(?P<atom>[^\s()\"{\[]+(?:\[[^\]]*\](?:<\d{1,10}(?:\.\d{1,10})?>)?)?))"
)
LITERAL: Final = re.compile(rb"\{(\d{1,6})(\+?)\}\r\n\Z")
_MOST: Final = 200
_DEEPEST: Final = 4

Word = str | list["Word"]


class NotSpokenError(Exception):
    """What was said is no command, or none that is spoken here."""


@dataclass(frozen=True, slots=True)
class Command:
    """What a client wants: its mark, a verb in capitals, and words; `UID` stands before the verb where it was said."""

    mark: str
    verb: str
    words: list[Word]


def command(said: bytes) -> Command:
    """Return what was said, with its literals in it, as a command.

    Raises
    ------
    NotSpokenError
        If it is none.
    """
    found = words(said)
    if len(found) < 2 or not all(isinstance(one, str) for one in found[:2]):
        raise NotSpokenError("a command is a mark and a verb")
    mark, verb, *rest = found
    if str(verb).upper() == "UID" and rest and isinstance(rest[0], str):
        return Command(str(mark), f"UID {rest[0].upper()}", rest[1:])
    return Command(str(mark), str(verb).upper(), rest)


def words(said: bytes) -> list[Word]:
    """Return the words of a line.

    Raises
    ------
    NotSpokenError
        If it cannot be read.
    """
    stack: list[list[Word]] = [[]]
    place, count = 0, 0
    while said[place:].strip():
        found = _WORD.match(said, place)
        count += 1
        if found is None or count > _MOST:
            raise NotSpokenError("the command cannot be read")
        place = found.end()
        if found["open"]:
            stack.append([])
        elif found["close"]:
            if len(stack) == 1:
                raise NotSpokenError("a list ends that never began")
            inner = stack.pop()
            stack[-1].append(inner)
        else:
            text, place = _text(said, found)
            stack[-1].append(text)
        if len(stack) > _DEEPEST:
            raise NotSpokenError("lists lie too deep")
    if len(stack) > 1:
        raise NotSpokenError("a list has no end")
    return stack[0]


def _text(said: bytes, found: re.Match[bytes]) -> tuple[str, int]:
    end = found.end()
    if found["size"] is not None:
        size = int(found["size"])
        return said[end : end + size].decode("utf-8", "replace"), end + size
    if found["quoted"] is not None:
        return re.sub(rb"\\(.)", rb"\1", found["quoted"]).decode("utf-8", "replace"), end
    return found["atom"].decode("utf-8", "replace"), end
