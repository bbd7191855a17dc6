"""What the clients of public lists share: one bounded answer, and names that are clean."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, TypeVar

from vigie.adapters.net.fetch import Fetcher
from vigie.domain.accents import fold_text
from vigie.domain.errors import TransientError

MAX_NAME_LENGTH: Final = 80
MAX_NAMES: Final = 12
_MAX_SLUG: Final = 70
_NON_SLUG: Final = re.compile(r"[^a-z0-9]+")
Parsed = TypeVar("Parsed")


async def read_json(
    fetcher: Fetcher,
    url: str,
    params: Mapping[str, Any],
    max_bytes: int,
    title: str,
    parse: Callable[[Any], Parsed],
    kind: type = dict,
) -> Parsed:
    """Ask once and read the answer; one of an unknown form is an error, never an empty list.

    Raises
    ------
    TransientError
        If it does not answer, or in an unknown form.
    """
    answer = await fetcher.get(url, params=params, max_bytes=max_bytes)
    try:
        return parse(answer.json(kind))
    except (KeyError, ValueError, TypeError, IndexError, AttributeError) as error:
        raise TransientError(
            "unknown_answer_form",
            "{title} answered in an unknown form: {error!r}",
            title=title,
            error=error,
        ) from error


def clean_names(texts: Iterable[str]) -> list[str]:
    """Return names that can be read, each once: printable, with a letter, not too long."""
    clean = (" ".join(text.split()) for text in texts)
    valid = (
        text
        for text in clean
        if 2 <= len(text) <= MAX_NAME_LENGTH
        and text.isprintable()
        and any(map(str.isalpha, text))
        and "|" not in text
    )
    return list(dict.fromkeys(valid))[:MAX_NAMES]


def entity_id(kind: str, name: str) -> str:
    """Return the id of an entity by its name."""
    slug = _NON_SLUG.sub("-", fold_text(name)).strip("-")[:_MAX_SLUG].strip("-")
    return f"{kind}:{slug or 'x' + hashlib.sha256(name.encode()).hexdigest()[:12]}"
