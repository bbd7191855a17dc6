"""What Vigie says in a made-up language, each text of a catalogue in brackets.

`python -m tests.made_up_language FOLDER WHAT:LANGUAGE ...` reads what `tests.made_up_readings` calls so. It prints as
JSON, by reading and page, what stands outside of brackets and is no number: data, names, and texts that no catalogue
holds. It is a program of its own, because a process keeps the catalogues that it has read; one program does all
readings, because loading Vigie takes longer than most of them.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable
from html.parser import HTMLParser
from importlib import import_module
from io import BytesIO
from pathlib import Path

from babel.messages.pofile import read_po, write_po

from vigie import catalogue

OPEN, CLOSE = "\u27e6", "\u27e7"
# What holds no texts: code, pictures, times as every language writes them.
SKIPPED = {"script", "style", "code", "svg", "pre", "time", "kbd"}
VOID = {"br", "img", "input", "link", "meta", "hr", "wbr", "col", "source"}
SAID = ("title", "aria-label", "placeholder", "alt")


def made_up(folder: Path, languages: Iterable[str]) -> Path:
    """Write the catalogues, those of some languages in brackets; return the folder."""
    folder.mkdir()
    asked = set(languages)
    for path in catalogue.LOCALES.glob("*.po"):
        if path.stem in asked:
            _write_in_brackets(path, folder, path.stem)
        else:
            (folder / path.name).write_bytes(path.read_bytes())
    for language in asked - {path.stem for path in catalogue.LOCALES.glob("*.po")}:
        # One that Vigie is not in: it says what French says.
        _write_in_brackets(catalogue.LOCALES / "fr.po", folder, language)
    return folder


def _write_in_brackets(path: Path, folder: Path, language: str) -> None:
    with path.open("rb") as file:
        messages = read_po(file, locale=path.stem)
    for message in messages:
        if message.id:
            many = isinstance(message.string, tuple)
            message.string = tuple(map(bracketed, message.string)) if many else bracketed(message.string)
    # What tells of the language stands in the first lines, as it does in the file.
    head = path.read_text("utf-8").partition("\n\n")[0]
    if language != path.stem:
        head = re.sub(r'"X-Vigie-Locale: .*\n', "", head)
    body = BytesIO()
    write_po(body, messages, width=0, omit_header=True)
    (folder / f"{language}.po").write_text(f"{head}\n\n{body.getvalue().decode()}", encoding="utf-8")


def bracketed(text: str) -> str:
    """Return a text in brackets; empty ones stay so."""
    return text and f"{OPEN}{text}{CLOSE}"


class Outside(HTMLParser):
    """Gathers what stands outside of brackets."""

    def __init__(self, language: str, *, is_drawn: bool = False) -> None:
        super().__init__(convert_charrefs=True)
        self._skipped = SKIPPED - {"svg"} if is_drawn else SKIPPED
        self._language = language
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
            is_foreign = values.get("lang") not in (None, self._language)
            self._tags.append((tag, tag in self._skipped or is_foreign))

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


def bare_words(page: str, language: str, *, is_drawn: bool = False) -> list[str]:
    """Return what stands outside of brackets on a page, or in a drawing."""
    found = Outside(language, is_drawn=is_drawn)
    found.feed(page)
    return sorted(set(found.found))


def bare_lines(texts: Iterable[str]) -> list[str]:
    """Return what stands outside of brackets in lines of texts, where one may go on in the next."""
    found, depth = set(), 0
    for text in texts:
        bare, depth = outside(text, depth)
        found |= set(bare)
    return sorted(found)


def main() -> None:
    """Read what is asked for."""
    folder, wanted = Path(sys.argv[1]), [word.split(":") for word in sys.argv[2:]]
    catalogue.LOCALES = made_up(folder / "locales", {language for _, language in wanted})  # type: ignore[misc]
    readings = import_module("tests.made_up_readings")
    found = {}
    for what, language in wanted:
        own = folder / what
        own.mkdir()
        found[what] = getattr(readings, what)(own, language)
    print(json.dumps(found))


if __name__ == "__main__":
    main()
