"""What the palette offers: a title, and where it leads or what it changes at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


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
