"""Lists that programs read: JSON whose entries lie somewhere, each with a title and an address."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import quote

from vigie.adapters.sources.news.parsing import ParsedSource, gather_sightings
from vigie.adapters.sources.news.source_response import SourceResponse
from vigie.domain.errors import TransientError

_FIELD: Final = re.compile(r"\{([\w.]+)\}")
_MILLISECONDS: Final = re.compile(r"\d{13}")


def read_json(response: SourceResponse) -> ParsedSource:
    """Read a list; where each thing lies is told by paths such as ``data.0.title``.

    Raises
    ------
    TransientError
        If it is no JSON, or has no such list: an error under HTTP 200, a service that became another.
    """
    reads = response.entry.reads
    try:
        document = json.loads(response.text)
    except (ValueError, RecursionError):
        raise TransientError(
            "answered_no_json", "answered {body!r}, which is not JSON", body=response.body[:60]
        ) from None
    items = value_at(document, reads["items"]) if reads["items"] != "." else document
    if not isinstance(items, list):
        raise TransientError(
            "answered_which_no_list",
            "answered {body!r}, which has no list at {items!r}",
            body=response.body[:60],
            items=reads["items"],
        )
    return gather_sightings(
        response.feed_context, (_build_entry(reads, item) for item in items), document=response.document
    )


def value_at(value: Any, path: str) -> Any:
    """Return what lies at a path of names and places, None where nothing does; ``*`` joins all of a list."""
    names = path.split(".")
    for depth, name in enumerate(names):
        if name == "*" and isinstance(value, list):
            rest = ".".join(names[depth + 1 :])
            parts = [value_at(item, rest) if rest else item for item in value]
            return [item for part in parts for item in (part if isinstance(part, list) else [part])]
        if isinstance(value, dict):
            value = value.get(name)
        elif isinstance(value, list) and name.isdigit() and int(name) < len(value):
            value = value[int(name)]
        else:
            return None
    return value


def _build_entry(reads: dict[str, str], item: Any) -> dict[str, Any]:
    if not isinstance(item, dict):
        return {"fault": f"an entry must be an object, was {type(item).__name__}"}
    link = _text_at(item, reads.get("url", ""))
    if not link and "url_form" in reads:
        link = _FIELD.sub(lambda match: quote(_text_at(item, match[1]), safe=""), reads["url_form"])
    return {
        "key": _text_at(item, reads.get("key", "")),
        "link": link,
        "title": _text_at(item, reads["title"]),
        "text": _text_at(item, reads.get("text", "")),
        "author": _text_at(item, reads.get("author", "")),
        "language": "",
        "dates": list(_date_texts(_text_at(item, reads.get("date", "")))),
    }


def _text_at(item: Any, path: str) -> str:
    value = value_at(item, path) if path else None
    return str(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else ""


def _date_texts(text: str) -> Iterator[str]:
    if text:
        yield text[:-3] if _MILLISECONDS.fullmatch(text) else text
