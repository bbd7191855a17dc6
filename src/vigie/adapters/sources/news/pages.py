"""Pages without a feed: lists whose rows are items, and texts whose changes are."""

from __future__ import annotations

import hashlib
import json
import zlib
from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator, Mapping
from difflib import SequenceMatcher
from itertools import islice
from typing import Any, Final

from vigie.adapters.sources.news.answers import Answer
from vigie.adapters.sources.news.cleaning import LONGEST_TITLE, plain
from vigie.adapters.sources.news.parsing import Parsed, gathered
from vigie.adapters.sources.news.tree import Node, pick, tree_of
from vigie.domain.errors import TransientError
from vigie.domain.item import Sighting

_MOST_LINES: Final = 600
# Elements of all rows together, and of their texts as many: rows within rows are read once for each of them.
MOST_READ: Final = 400_000
_TEXT_OF_ONE: Final = 64
_LONGEST_LINE: Final = 400
# Of a change as much as of any text: a short quote.
_LONGEST_CHANGE: Final = 1_000
_DATES: Final = ("datetime", "content", "data-date")


def read_page(answer: Answer) -> Parsed:
    """Read a list: each picked row is an item, with its link and its date.

    Raises
    ------
    TransientError
        If the selector picks nothing: the page became another, or is an error page under HTTP 200.
    """
    entries = list(_entries(answer.entry.reads, picked(answer)))
    if not entries:
        raise TransientError(f"{answer.entry.shown}: no row of {answer.entry.reads['rows']!r} has a link")
    return gathered(answer.feeder, entries, document=answer.document)


def read_text(answer: Answer) -> Parsed:
    """Read a text: what came and what went since the last look is one item; the first look is none.

    Raises
    ------
    TransientError
        As `read_page`.
    """
    lines = list(islice((line for node in outermost(picked(answer)) for line in _lines(node)), _MOST_LINES))
    if not lines:
        raise TransientError(f"{answer.entry.shown}: {answer.entry.reads['rows']!r} picks no words")
    before, memory = _unpacked(answer.memory), _packed(lines)
    shown = tuple(_marked(before, lines)) if before else ()
    if not shown:
        return Parsed((), memory=memory)
    digest = hashlib.sha256("\n".join([*before, "", *lines]).encode()).hexdigest()[:32]
    first = next((line[2:] for line in shown if line.startswith("+")), shown[0][2:])
    said = Sighting(
        source=answer.entry.id,
        key=digest,
        url=answer.entry.shown,
        title=plain(f"{answer.entry.title}: {first}", LONGEST_TITLE),
        text=_short(shown),
        language=answer.entry.language,
        document=answer.document,
    )
    return Parsed((said,), memory=memory)


def picked(answer: Answer) -> list[Node]:
    """Return the parts of a page that its selector picks; `TransientError` where it picks nothing."""
    reads = answer.entry.reads
    rows = pick(tree_of(answer.text), reads["rows"])
    if not rows:
        raise TransientError(
            f"{answer.entry.shown}: {reads['rows']!r} picks nothing; the page may have become another"
        )
    return rows


def outermost(nodes: Iterable[Node]) -> list[Node]:
    """Return nodes in the order of their page without those that lie within another: their words are its words."""
    found, inside = [], set[int]()
    for node in nodes:
        if id(node) not in inside:
            found.append(node)
            inside.update(id(one) for one in node.walk())
    return found


def _entries(reads: Mapping[str, str], rows: Iterable[Node]) -> Iterator[dict[str, Any]]:
    left = MOST_READ
    for row in rows:
        left -= sum(_cost(one) for node in (row, *islice(row.walk(), left)) for one in node.children)
        if left < 0:
            yield {"fault": f"rows of a page must hold at most {MOST_READ} elements together"}
            return
        if (entry := _entry(reads, row)) is not None:
            yield entry


def _cost(child: Node | str) -> int:
    return 1 + len(child) // _TEXT_OF_ONE if isinstance(child, str) else 1


def _entry(reads: Mapping[str, str], row: Node) -> dict[str, Any] | None:
    links = [row] if row.tag == "a" else pick(row, reads.get("link", "a[href]"))
    link = next((one for one in links if one.attributes.get("href")), None)
    if link is None:
        return None
    titled = pick(row, reads["title"]) if "title" in reads else [link]
    title = titled[0].text() if titled else link.text()
    dated = pick(row, reads.get("date", "time"))
    return {
        "key": "",
        "link": link.attributes["href"],
        "title": title,
        "text": "",
        "author": "",
        "language": "",
        "dates": [written for one in dated for written in _written(one)],
    }


def _written(node: Node) -> Iterator[str]:
    yield from (node.attributes[name] for name in _DATES if node.attributes.get(name))
    yield node.text()


def _lines(node: Node) -> Iterator[str]:
    """Yield the words of each innermost part of a text."""
    parts = ("p", "li", "h1", "h2", "h3", "h4", "td", "dd", "dt", "th")
    inner = [one for one in node.walk() if one.tag in parts]
    for one in inner or [node]:
        if not any(below.tag in parts for below in one.walk()) and (line := plain(one.text(), _LONGEST_LINE)):
            yield line


def _marked(before: list[str], after: list[str]) -> Iterator[str]:
    for what, start, end, first, last in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if what != "equal":
            yield from (f"- {line}" for line in before[start:end])
            yield from (f"+ {line}" for line in after[first:last])


def _short(lines: tuple[str, ...]) -> str:
    kept, size = [], 0
    for line in lines:
        size += len(line) + 1
        if size > _LONGEST_CHANGE:
            kept.append("…")
            break
        kept.append(line)
    return "\n".join(kept)


def _packed(lines: list[str]) -> str:
    return b64encode(zlib.compress(json.dumps(lines).encode())).decode()


def _unpacked(memory: str) -> list[str]:
    return [str(line) for line in json.loads(zlib.decompress(b64decode(memory)))] if memory else []
