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

from vigie.adapters.sources.news.cleaning import MAX_TITLE_LENGTH, plain_text
from vigie.adapters.sources.news.parsing import ParsedSource, gather_sightings
from vigie.adapters.sources.news.source_response import SourceResponse
from vigie.adapters.sources.news.tree import Node, parse_html, select_nodes
from vigie.domain.errors import TransientError
from vigie.domain.item import Sighting

_MAX_LINES: Final = 600
# Elements of all rows together, and of their texts as many: rows within rows are read once for each of them.
MAX_ELEMENTS: Final = 400_000
_LETTERS_PER_ELEMENT: Final = 64
_MAX_LINE_LENGTH: Final = 400
# Of a change as much as of any text: a short quote.
_MAX_CHANGE_LENGTH: Final = 1_000
_DATE_ATTRIBUTES: Final = ("datetime", "content", "data-date")


def read_page(response: SourceResponse) -> ParsedSource:
    """Read a list: each picked row is an item, with its link and its date.

    Raises
    ------
    TransientError
        If the selector picks nothing: the page became another, or is an error page under HTTP 200.
    """
    entries = list(_page_entries(response.entry.reads, pick_rows(response)))
    if not entries:
        raise TransientError(
            "no_row_link",
            "{public_address}: no row of {rows!r} has a link",
            public_address=response.entry.public_address,
            rows=response.entry.reads["rows"],
        )
    return gather_sightings(response.feed_context, entries, document=response.document)


def read_text(response: SourceResponse) -> ParsedSource:
    """Read a text: what came and what went since the last look is one item; the first look is none.

    Raises
    ------
    TransientError
        As `read_page`.
    """
    lines = list(
        islice(
            (line for node in outermost_nodes(pick_rows(response)) for line in _text_lines(node)), _MAX_LINES
        )
    )
    if not lines:
        raise TransientError(
            "finds_no_text",
            "{public_address}: {rows!r} finds no text",
            public_address=response.entry.public_address,
            rows=response.entry.reads["rows"],
        )
    former_lines, memory = _unpack_lines(response.memory), _pack_lines(lines)
    diff = tuple(_diff_lines(former_lines, lines)) if former_lines else ()
    if not diff:
        return ParsedSource((), memory=memory)
    digest = hashlib.sha256("\n".join([*former_lines, "", *lines]).encode()).hexdigest()[:32]
    first = next((line[2:] for line in diff if line.startswith("+")), diff[0][2:])
    sighting = Sighting(
        source=response.entry.id,
        key=digest,
        url=response.entry.public_address,
        title=plain_text(f"{response.entry.title}: {first}", MAX_TITLE_LENGTH),
        text=_shorten_diff(diff),
        language=response.entry.language,
        document=response.document,
    )
    return ParsedSource((sighting,), memory=memory)


def pick_rows(response: SourceResponse) -> list[Node]:
    """Return the parts of a page that its selector picks; `TransientError` where it picks nothing."""
    reads = response.entry.reads
    rows = select_nodes(parse_html(response.text), reads["rows"])
    if not rows:
        raise TransientError(
            "matches_nothing",
            "{public_address}: {rows!r} matches nothing; the page may have changed",
            public_address=response.entry.public_address,
            rows=reads["rows"],
        )
    return rows


def outermost_nodes(nodes: Iterable[Node]) -> list[Node]:
    """Return nodes in the order of their page without those that lie within another: their words are its words."""
    outer, inside = [], set[int]()
    for node in nodes:
        if id(node) not in inside:
            outer.append(node)
            inside.update(id(inner) for inner in node.walk())
    return outer


def _page_entries(reads: Mapping[str, str], rows: Iterable[Node]) -> Iterator[dict[str, Any]]:
    remaining = MAX_ELEMENTS
    for row in rows:
        remaining -= sum(
            _cost(element) for node in (row, *islice(row.walk(), remaining)) for element in node.children
        )
        if remaining < 0:
            yield {"fault": f"rows of a page must hold at most {MAX_ELEMENTS} elements together"}
            return
        if (entry := _row_entry(reads, row)) is not None:
            yield entry


def _cost(child: Node | str) -> int:
    return 1 + len(child) // _LETTERS_PER_ELEMENT if isinstance(child, str) else 1


def _row_entry(reads: Mapping[str, str], row: Node) -> dict[str, Any] | None:
    links = [row] if row.tag == "a" else select_nodes(row, reads.get("link", "a[href]"))
    link = next((node for node in links if node.attributes.get("href")), None)
    if link is None:
        return None
    title_nodes = select_nodes(row, reads["title"]) if "title" in reads else [link]
    title = title_nodes[0].text() if title_nodes else link.text()
    date_nodes = select_nodes(row, reads.get("date", "time"))
    return {
        "key": "",
        "link": link.attributes["href"],
        "title": title,
        "text": "",
        "author": "",
        "language": "",
        "dates": [date_text for node in date_nodes for date_text in _date_texts(node)],
    }


def _date_texts(node: Node) -> Iterator[str]:
    yield from (node.attributes[name] for name in _DATE_ATTRIBUTES if node.attributes.get(name))
    yield node.text()


def _text_lines(node: Node) -> Iterator[str]:
    """Yield the words of each innermost part of a text."""
    parts = ("p", "li", "h1", "h2", "h3", "h4", "td", "dd", "dt", "th")
    inner = [part for part in node.walk() if part.tag in parts]
    for part in inner or [node]:
        if not any(inner_node.tag in parts for inner_node in part.walk()) and (
            line := plain_text(part.text(), _MAX_LINE_LENGTH)
        ):
            yield line


def _diff_lines(former: list[str], current: list[str]) -> Iterator[str]:
    for change, start, end, first, last in SequenceMatcher(
        None, former, current, autojunk=False
    ).get_opcodes():
        if change != "equal":
            yield from (f"- {line}" for line in former[start:end])
            yield from (f"+ {line}" for line in current[first:last])


def _shorten_diff(lines: tuple[str, ...]) -> str:
    shown_lines, size = [], 0
    for line in lines:
        size += len(line) + 1
        if size > _MAX_CHANGE_LENGTH:
            shown_lines.append("…")
            break
        shown_lines.append(line)
    return "\n".join(shown_lines)


def _pack_lines(lines: list[str]) -> str:
    return b64encode(zlib.compress(json.dumps(lines).encode())).decode()


def _unpack_lines(memory: str) -> list[str]:
    return [str(line) for line in json.loads(zlib.decompress(b64decode(memory)))] if memory else []
