"""Pages in a made-up language, each text of the catalogue in brackets: `python -m tests.made_up_language FOLDER`.

Prints as JSON, by page, what stands outside of brackets and is no number: data, names, and texts that no catalogue
holds. It is a program of its own, because a process keeps the catalogues that it has read.
"""

from __future__ import annotations

import json
import re
import sys
from html.parser import HTMLParser
from pathlib import Path

from babel.messages.pofile import read_po, write_po

from vigie import catalogue

OPEN, CLOSE = "\u27e6", "\u27e7"
# What holds no texts: code, pictures, times as every language writes them.
SKIPPED = {"script", "style", "code", "svg", "pre", "time", "kbd"}
VOID = {"br", "img", "input", "link", "meta", "hr", "wbr", "col", "source"}
SAID = ("title", "aria-label", "placeholder", "alt")


def made_up(folder: Path) -> Path:
    """Write the catalogue of the made-up language in the place of French; return the folder."""
    with (catalogue.LOCALES / "fr.po").open("rb") as file:
        messages = read_po(file, locale="fr")
    for message in messages:
        if message.id:
            many = isinstance(message.string, tuple)
            message.string = tuple(map(bracketed, message.string)) if many else bracketed(message.string)
    folder.mkdir()
    with (folder / "fr.po").open("wb") as file:
        write_po(file, messages, width=0)
    return folder


def bracketed(text: str) -> str:
    """Return a text in brackets; empty ones stay so."""
    return text and f"{OPEN}{text}{CLOSE}"


class Outside(HTMLParser):
    """Gathers what stands outside of brackets."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self._tags: list[tuple[str, bool]] = []
        self._depth = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Look at the texts in attributes."""
        values = dict(attrs)
        for name in SAID:
            self.found += outside(values.get(name) or "", 0)[0]
        if tag not in VOID:
            # What is in another language says so.
            is_foreign = values.get("lang") not in (None, "fr")
            self._tags.append((tag, tag in SKIPPED or is_foreign))

    def handle_endtag(self, tag: str) -> None:
        """Leave an element."""
        while self._tags and self._tags.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        """Look at a text; one may go on around an element."""
        if not any(is_skipped for _, is_skipped in self._tags):
            found, self._depth = outside(data, self._depth)
            self.found += found


def outside(text: str, depth: int) -> tuple[list[str], int]:
    """Return what of a text stands outside of brackets and has letters, and how many brackets are open after it."""
    bare = []
    for part in re.split(f"([{OPEN}{CLOSE}])", text):
        if part in (OPEN, CLOSE):
            depth += 1 if part == OPEN else -1
        elif depth == 0 and re.search(r"[^\W\d_]{3,}", part):
            bare.append(" ".join(part.split()))
    return bare, depth


def main() -> None:
    """Read every page of a home with bars."""
    folder = Path(sys.argv[1])
    catalogue.LOCALES = made_up(folder / "locales")  # type: ignore[misc]
    from tests.e2e.test_pages import addresses
    from tests.houses import Browser, house

    browser = Browser(house(folder / "home"), language="fr")
    bare = {}
    for path in addresses():
        page = Outside()
        page.feed(browser.get(path).text)
        bare[path] = sorted(set(page.found))
    print(json.dumps(bare))


if __name__ == "__main__":
    main()
