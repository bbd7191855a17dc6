"""Lists that programs read: JSON whose entries lie somewhere, each with a title and an address."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import quote

from vigie.adapters.sources.news.answers import Answer
from vigie.adapters.sources.news.parsing import Parsed, gathered
from vigie.domain.errors import TransientError

_FIELD: Final = re.compile(r"\{([\w.]+)\}")
_MILLIS: Final = re.compile(r"\d{13}")


def read_json(answer: Answer) -> Parsed:
    """Read a list; where each thing lies is told by paths such as ``data.0.title``.

    Raises
    ------
    TransientError
        If it is no JSON, or has no such list: an error under HTTP 200, a service that became another.
    """
    reads = answer.entry.reads
    try:
        whole = json.loads(answer.text)
    except (ValueError, RecursionError):
        raise TransientError(f"answered {answer.body[:60]!r}, which is not JSON") from None
    held = at(whole, reads["items"]) if reads["items"] != "." else whole
    if not isinstance(held, list):
        raise TransientError(f"answered {answer.body[:60]!r}, which has no list at {reads['items']!r}")
    return gathered(answer.feeder, (_entry(reads, one) for one in held), document=answer.document)


def at(value: Any, path: str) -> Any:
    """Return what lies at a path of names and places, None where nothing does; ``*`` joins all of a list."""
    names = path.split(".")
    for depth, name in enumerate(names):
        if name == "*" and isinstance(value, list):
            rest = ".".join(names[depth + 1 :])
            parts = [at(one, rest) if rest else one for one in value]
            return [one for part in parts for one in (part if isinstance(part, list) else [part])]
        if isinstance(value, dict):
            value = value.get(name)
        elif isinstance(value, list) and name.isdigit() and int(name) < len(value):
            value = value[int(name)]
        else:
            return None
    return value


def _entry(reads: dict[str, str], one: Any) -> dict[str, Any]:
    if not isinstance(one, dict):
        return {"fault": f"an entry must be an object, was {type(one).__name__}"}
    link = _word(one, reads.get("url", ""))
    if not link and "url_form" in reads:
        link = _FIELD.sub(lambda found: quote(_word(one, found[1]), safe=""), reads["url_form"])
    return {
        "key": _word(one, reads.get("key", "")),
        "link": link,
        "title": _word(one, reads["title"]),
        "text": _word(one, reads.get("text", "")),
        "author": _word(one, reads.get("author", "")),
        "language": "",
        "dates": list(_dates(_word(one, reads.get("date", "")))),
    }


def _word(one: Any, path: str) -> str:
    found = at(one, path) if path else None
    return str(found) if isinstance(found, str | int | float) and not isinstance(found, bool) else ""


def _dates(written: str) -> Iterator[str]:
    if written:
        yield written[:-3] if _MILLIS.fullmatch(written) else written
