"""Catalogues: entries of ``.po`` files in their order, with their comments."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from tools.texts.rows import FORMS, Refused

_FIELD = re.compile(r"(msgid|msgid_plural|msgstr(?:\[\d\])?) (\".*\")$")


@dataclass(slots=True)
class Entry:
    """An entry: what stands before it, its English and its French, plural forms joined by `FORMS`."""

    comments: list[str]
    english: str
    french: str

    def written(self) -> str:
        """Return the lines of the entry."""
        one, *many = self.english.split(FORMS)
        french = self.french.split(FORMS)
        said = [f"msgid {quoted(one)}", *(f"msgid_plural {quoted(text)}" for text in many)]
        if many:
            said += [f"msgstr[{place}] {quoted(text)}" for place, text in enumerate(french)]
        else:
            said.append(f"msgstr {quoted(self.french)}")
        return "\n".join([*self.comments, *said])


@dataclass(slots=True)
class Catalogue:
    """A ``.po`` file.

    Parameters
    ----------
    path : str
        Below the repository.
    head : str
        Its first entry, as it is.
    entries : list of Entry
        The others, in order.
    """

    path: str
    head: str
    entries: list[Entry] = field(default_factory=list)

    def french(self) -> dict[str, str]:
        """Return the French by its English."""
        return {entry.english: entry.french for entry in self.entries}

    def written(self) -> str:
        """Return the file."""
        return "\n\n".join([self.head, *(entry.written() for entry in self.entries)]) + "\n"


def quoted(text: str) -> str:
    """Return a text as a catalogue writes it."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")
    return f'"{escaped}"'


def read_catalogue(path: str, text: str) -> Catalogue:
    """Return a catalogue.

    Parameters
    ----------
    path : str
        Below the repository.
    text : str
        What the file holds.
    """
    head, *blocks = re.split(r"\n\s*\n", text.strip())
    return Catalogue(path, head, [_entry(block) for block in blocks])


def _entry(block: str) -> Entry:
    comments, fields, last = [], {}, ""
    for line in block.splitlines():
        found = _FIELD.match(line)
        if found:
            last = found[1]
            fields[last] = ast.literal_eval(found[2])
        elif line.startswith('"'):
            fields[last] += ast.literal_eval(line)
        else:
            comments.append(line)
    english = FORMS.join(fields[name] for name in ("msgid", "msgid_plural") if name in fields)
    return Entry(
        comments, english, FORMS.join(text for name, text in fields.items() if name.startswith("msgstr"))
    )


def renamed(catalogue: Catalogue, rows: Mapping[str, tuple[str, str]]) -> list[Entry]:
    """Return the entries of a catalogue after renames.

    Parameters
    ----------
    catalogue : Catalogue
        As it is.
    rows : mapping of str to (str, str)
        New English and French by the old English.

    Raises
    ------
    Refused
        Where two entries become one and their French differs; `where` is the old English.
    """
    found: dict[str, Entry] = {}
    for entry in catalogue.entries:
        english, french = rows.get(entry.english, (entry.english, entry.french))
        had = found.get(english)
        if had is None:
            found[english] = Entry(entry.comments, english, french)
        elif had.french != french:
            raise Refused("two texts become one, with another French", entry.english)
        else:
            had.comments += [line for line in entry.comments if line not in had.comments]
    return list(found.values())
