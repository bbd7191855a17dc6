"""Lines that got too long with new names, broken again: prose at a space, lists laid out by hand at a comma."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterable, Iterator
from typing import Final

WIDTH: Final = 120
_ITEM: Final = re.compile(r"\s*(?:[-*] |\d+\. |#\s*(?:[-*] |\d+\. )|\.\. |>>> )")
# What is said to a tool at a line's end does not count.
_PRAGMA: Final = re.compile(r"\s+# (?:noqa|type: ignore|fmt:).*$")
_TURNS: Final = 20


def reflow(text: str, width: int = WIDTH) -> str:
    """Return a file of Python without overlong prose or lists.

    Parameters
    ----------
    text : str
        The file.
    width : int
        The most columns of a line.
    """
    for _ in range(_TURNS):
        after = _once(text, width)
        if after == text:
            break
        text = after
    return text


def _once(text: str, width: int) -> str:
    lines = text.split("\n")
    if "# ruff: noqa: E501" in text or all(_length(line) <= width for line in lines):
        return text
    prose, (tokens, texts) = _prose(text), _commas(text)
    done: list[str] = []
    number = 0
    while number < len(lines):
        line = lines[number]
        number += 1
        if _length(line) <= width:
            done.append(line)
            continue
        comment = line.lstrip().startswith("#")
        if comment or number in prose:
            head, rest = _cut(line, width, "# " if comment else "")
            follows = lines[number] if number < len(lines) else ""
            if rest and _goes_on(line, follows, comment, number + 1 in prose):
                indent = line[: len(line) - len(line.lstrip())] + ("# " if comment else "")
                lines[number] = f"{indent}{rest} {follows[len(indent) :]}"
                done.append(head)
                continue
            if rest:
                indent = line[: len(line) - len(line.lstrip())] + ("# " if comment else "")
                done += [head, indent + rest]
                continue
        places = [at for at in tokens.get(number, ()) if at <= width - 1]
        if places:
            at = places[-1]
            indent = line[: len(line) - len(line.lstrip())]
            done += [line[:at], indent + line[at:].lstrip()]
            continue
        done += _halves(line, texts.get(number, ()), width)
    return "\n".join(done)


def _halves(line: str, places: Iterable[tuple[int, int]], width: int) -> list[str]:
    """Return a line with a text within brackets that is made two, one line each, or the line as it is."""
    for start, end in places:
        text = line[start:end]
        head = re.match(r"[fFrRbB]*", text).group()
        quote = text[len(head)]
        spaces = [at for at in _open_spaces(text) if start + at + 2 <= width and at > len(head) + 1]
        if end > width - 10 and spaces and not text.startswith(quote * 3, len(head)):
            at = spaces[-1] + 1
            indent = " " * (len(line) - len(line.lstrip()))
            return [line[: start + at] + quote, indent + head + quote + line[start + at :]]
    return [line]


def _open_spaces(text: str) -> Iterator[int]:
    """Give the places of spaces that are no part of an expression within the text."""
    depth = 0
    for at, sign in enumerate(text):
        depth += (sign == "{") - (sign == "}")
        if sign == " " and not depth:
            yield at


def _length(line: str) -> int:
    return len(_PRAGMA.sub("", line)) if len(line) > WIDTH else len(line)


def _cut(line: str, width: int, mark: str) -> tuple[str, str]:
    start = len(line) - len(line.lstrip()) + len(mark)
    at = line.rfind(" ", start + 1, width + 1)
    return (line, "") if at < 0 or not line[start:at].strip() else (line[:at], line[at + 1 :])


def _goes_on(line: str, follows: str, is_comment: bool, is_prose: bool) -> bool:
    """Whether the next line is of the same paragraph."""
    if not follows.strip() or _ITEM.match(follows) or follows.lstrip().startswith('"""'):
        return False
    indent = len(line) - len(line.lstrip())
    if len(follows) - len(follows.lstrip()) != indent:
        return False
    return follows.lstrip().startswith("# ") if is_comment else is_prose


def _prose(text: str) -> set[int]:
    """Return the numbers of the lines within texts in triple quotes that describe something, but not their first."""
    found: set[int] = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and node.body:
            first = node.body[0]
            is_text = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
            if is_text and isinstance(first.value.value, str) and first.end_lineno:
                found.update(range(first.lineno + 1, first.end_lineno + 1))
    return found


def _commas(text: str) -> tuple[dict[int, list[int]], dict[int, list[tuple[int, int]]]]:
    """Return by line the places after commas at the line's lowest depth, and those of texts, in brackets alone."""
    found: dict[int, list[tuple[int, int]]] = {}
    texts: dict[int, list[tuple[int, int]]] = {}
    depth = 0
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.STRING and depth and token.start[0] == token.end[0]:
            texts.setdefault(token.start[0], []).append((token.start[1], token.end[1]))
        if token.type != tokenize.OP:
            continue
        if token.string in "([{":
            depth += 1
        elif token.string in ")]}":
            depth -= 1
        elif token.string == "," and depth:
            found.setdefault(token.start[0], []).append((depth, token.end[1]))
    lowest = {
        number: [at for level, at in places if level == min(one for one, _ in places)]
        for number, places in found.items()
    }
    return lowest, texts
