"""How a text is written as Python literals again, and a sentence of a docstring in its paragraph."""

from __future__ import annotations

import re
import textwrap
from typing import Final

from tools.texts.literals import FIRST, Literal
from tools.texts.rows import Refused
from tools.texts.tree import Edit, Tree

WIDTH: Final = 106
_SPACES: Final = re.compile(r"(?:\\n|\s)+")


def flat(text: str) -> str:
    """Return a text with one space for each run of spaces and line breaks."""
    return _SPACES.sub(" ", text).strip()


def shaped(text: str, fields: tuple[str, ...]) -> str:
    """Return a text whose fields in braces are one sign each.

    Raises
    ------
    Refused
        Where a field of the literal is missing.
    """
    for place, source in enumerate(fields):
        if "{" + source + "}" not in text:
            raise Refused("other places for values", source)
        text = text.replace("{" + source + "}", chr(FIRST + place))
    return text


def rewritten(literal: Literal, source: str, shape: str) -> Edit:
    """Return the edit that puts a text in the place of a literal.

    Parameters
    ----------
    literal : Literal
        What stands there.
    source : str
        The file.
    shape : str
        The new text, fields as in the literal's own shape.
    """
    line = source[source.rfind("\n", 0, literal.start) + 1 : literal.start]
    room = WIDTH - len(line)
    may_be_long = re.search(r"^# ruff: noqa: E501", source, re.MULTILINE)
    if may_be_long or len(_written(shape, literal.fields)) <= room:
        return Edit(literal.path, literal.start, literal.end, _written(shape, literal.fields))
    indent = len(line) if not line.strip() else len(line) - len(line.lstrip()) + 4
    lines = [_written(part, literal.fields) for part in _cut(shape, literal.fields, max(40, WIDTH - indent))]
    text = ("\n" + " " * indent).join(lines)
    return Edit(
        literal.path, literal.start, literal.end, text if literal.is_open else f"(\n{' ' * indent}{text}\n)"
    )


def _written(shape: str, fields: tuple[str, ...]) -> str:
    used = [fields[ord(sign) - FIRST] for sign in shape if _is_field(sign, fields)]
    sources = "".join(used)
    plain = "".join(sign for sign in shape if not _is_field(sign, fields))
    single = '"' in sources or ('"' in plain and "'" not in plain and "'" not in sources)
    quote = "'" if single else '"'
    said = ""
    for sign in shape:
        if _is_field(sign, fields):
            said += "{" + fields[ord(sign) - FIRST] + "}"
        elif sign in "{}" and used:
            said += sign * 2
        elif sign in ("\\", quote):
            said += "\\" + sign
        else:
            said += {"\n": "\\n", "\t": "\\t", "\u00a0": "\\u00a0", "\u202f": "\\u202f"}.get(sign, sign)
    return ("f" if used else "") + quote + said + quote


def _is_field(sign: str, fields: tuple[str, ...]) -> bool:
    return FIRST <= ord(sign) < FIRST + len(fields)


def _cut(shape: str, fields: tuple[str, ...], room: int) -> list[str]:
    found = [""]
    for word in re.findall(r"\S+\s*|\s+", shape):
        if found[-1] and len(_written((found[-1] + word).rstrip(), fields)) > room:
            found.append("")
        found[-1] += word
    return found


def in_docstring(literal: Literal, tree: Tree, old: str, new: str) -> Edit | None:
    """Return the edit that replaces sentences of a docstring, None where they are not in it.

    Parameters
    ----------
    literal : Literal
        The docstring.
    tree : Tree
        Its files; another row may have changed the paragraph.
    old, new : str
        Sentences of one paragraph or more.
    """
    source = tree.text(literal.path)
    raw = source[literal.start : literal.end]
    sentence = re.compile(r"(?<![\w`])" + r"\s+".join(map(re.escape, flat(old).split(" "))) + r"(?![\w`])")
    found = sentence.search(raw)
    if found is None:
        return None
    indent = " " * (literal.start - source.rfind("\n", 0, literal.start) - 1)
    first = raw.rfind("\n\n", 0, found.start())
    first = 3 if first < 0 else first + 2
    last = raw.find("\n\n", found.end())
    is_last = last < 0
    last = len(raw) - 3 if is_last else last
    start, end = literal.start + first, literal.start + last
    paragraph = tree.pending(literal.path, start, end)
    changed = sentence.sub(lambda _: flat(new), paragraph)
    tail = re.search(r"\s*$", paragraph)[0] if is_last else ""  # type: ignore[index]
    lead = len(indent) + 3 if first == 3 else 0
    wrapped = textwrap.wrap(
        flat(changed), WIDTH + 8, initial_indent=" " * lead if lead else indent, subsequent_indent=indent,
        break_long_words=False, break_on_hyphens=False,
    )  # fmt: skip
    return Edit(literal.path, start, end, "\n".join(wrapped)[lead:] + tail, is_further=True)
