"""What the clients of public lists share: one bounded answer, and names that are clean."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, TypeVar

from vigie.adapters.net.fetch import Fetcher
from vigie.domain.accents import fold_text
from vigie.domain.errors import TransientError

LONGEST: Final = 80
MOST_NAMES: Final = 12
_SLUG: Final = 70
_PLAIN: Final = re.compile(r"[^a-z0-9]+")
Read = TypeVar("Read")


async def read_json(
    fetcher: Fetcher,
    url: str,
    params: Mapping[str, Any],
    max_bytes: int,
    title: str,
    read: Callable[[Any], Read],
    kind: type = dict,
) -> Read:
    """Ask once and read the answer; one of an unknown form is an error, never an empty list.

    Raises
    ------
    TransientError
        If it does not answer, or in an unknown form.
    """
    answer = await fetcher.get(url, params=params, max_bytes=max_bytes)
    try:
        return read(answer.json(kind))
    except (KeyError, ValueError, TypeError, IndexError, AttributeError) as error:
        raise TransientError(f"{title} answered in an unknown form: {error!r}") from error


def names_in(texts: Iterable[str]) -> list[str]:
    """Return names that can be read, each once: printable, with a letter, not too long."""
    clean = (" ".join(text.split()) for text in texts)
    kept = (
        text
        for text in clean
        if 2 <= len(text) <= LONGEST
        and text.isprintable()
        and any(map(str.isalpha, text))
        and "|" not in text
    )
    return list(dict.fromkeys(kept))[:MOST_NAMES]


def entity_of(kind: str, name: str) -> str:
    """Return the id of an entity by its name."""
    plain = _PLAIN.sub("-", fold_text(name)).strip("-")[:_SLUG].strip("-")
    return f"{kind}:{plain or 'x' + hashlib.sha256(name.encode()).hexdigest()[:12]}"
