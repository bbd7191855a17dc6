"""What the palette offers: a title, and where it leads or what it changes at once."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from vigie.domain.accents import fold_text

_BETWEEN: Final = re.compile(r"[\s'-]+")


def search_key(text: str) -> str:
    """Return a text as it is searched: without case and accents, with one kind of apostrophe and single blanks."""
    return " ".join(fold_text(text).replace("\u2019", "'").split())


def matches(query: str, text: str) -> bool:
    """Tell whether every word of a query, which is a key, begins a word of a text."""
    words, parts = _BETWEEN.split(search_key(text)), [part for part in _BETWEEN.split(query) if part]
    return bool(parts) and all(any(word.startswith(part) for word in words) for part in parts)


def is_called(row: Mapping[str, str], key: str) -> bool:
    """Tell whether an asset of a search is called exactly so, by id, ticker or name."""
    return key in (row["asset"], row["symbol"].lower(), search_key(row["name"]))


@dataclass(frozen=True, slots=True)
class PaletteEntry:
    """One line of the palette.

    Attributes
    ----------
    title : str
    kind : str
        "Page", "Asset", in the visitor's language.
    href : str
        Where it leads; empty where `look` is set.
    look : mapping of str to str
        What it changes of how things look: ``{"theme": "dark"}``. Nothing else is ever changed from the palette.
    language : str
        Of the title, where it is not the page's.
    """

    title: str
    kind: str
    href: str = ""
    look: Mapping[str, str] = field(default_factory=dict)
    language: str = ""

    def as_json(self) -> dict[str, object]:
        """Return it as the browser's script reads it, without what is empty."""
        values: dict[str, object] = {"title": self.title, "kind": self.kind}
        values |= {"href": self.href} if self.href else {"look": dict(self.look)}
        return values | ({"language": self.language} if self.language else {})
