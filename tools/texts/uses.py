"""Where a text of a catalogue stands: templates, Python, labels of fields."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from tools.texts import templates
from tools.texts.catalogues import Catalogue, read_catalogue
from tools.texts.keyed import Kept, toml_texts, toml_written
from tools.texts.literals import Literal, literals
from tools.texts.templates import Said
from tools.texts.tree import Edit, Tree
from tools.texts.writing import rewritten

SOURCE: Final = "src/vigie/"
WEB: Final = SOURCE + "views/web/"
REFUSALS: Final = WEB + "locales/refusals.fr.toml"
# The command line and the report have texts of their own; what they say is in no catalogue.
APART: Final = (SOURCE + "views/cli/", SOURCE + "research/report/texts/")
SHOWN: Final = (WEB, SOURCE + "views/drawing/")
ASKED: Final = {"text", "plural", "_", "gettext", "ngettext", "Page.title", "Page.description"}


@dataclass(frozen=True, slots=True)
class Use:
    """A place where a text stands.

    Parameters
    ----------
    what : Literal, Said or Kept
        The text there.
    path : str
        The file.
    kind : str
        sure, maybe, column (goes out as JSON), data (outside the pages), or key.
    """

    what: Literal | Said | Kept
    path: str
    kind: str

    @property
    def span(self) -> tuple[int, int]:
        """Where it stands, in characters."""
        return self.what.value_at if isinstance(self.what, Kept) else (self.what.start, self.what.end)

    def edit(self, tree: Tree, new: str) -> Edit:
        """Return the edit that puts another text there."""
        if isinstance(self.what, Literal):
            return rewritten(self.what, tree.text(self.path), new)
        if isinstance(self.what, Said):
            text = templates.written(self.what, tree.text(self.path), new)
            return Edit(self.path, *self.span, text)
        return Edit(self.path, *self.span, toml_written(new))


class Uses:
    """All texts of a repository, found once.

    Parameters
    ----------
    tree : Tree
        Its files.
    """

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self._literals: dict[str, list[Literal]] = {}

    def literals(self, path: str) -> list[Literal]:
        """Return the texts of a Python file."""
        if path not in self._literals:
            self._literals[path] = literals(path, self.tree.text(path))
        return self._literals[path]

    @cached_property
    def catalogues(self) -> dict[str, Catalogue]:
        """Catalogues by their path."""
        files = self.tree.files(SOURCE + "**/*.po")
        return {path: read_catalogue(path, self.tree.text(path)) for path in files}

    @cached_property
    def python(self) -> list[Literal]:
        """Texts of all Python files of the program."""
        return [one for path in self.tree.files(SOURCE + "**/*.py") for one in self.literals(path)]

    @cached_property
    def templates(self) -> dict[str, list[Said]]:
        """Texts of templates by their path."""
        files = self.tree.files(WEB + "**/*.html")
        return {path: templates.texts_of(path, self.tree.text(path)) for path in files}

    @cached_property
    def refusals(self) -> dict[tuple[str, str], Kept]:
        """Sentences and labels of fields of `refusals.fr.toml`, by section and key."""
        return toml_texts(self.tree.text(REFUSALS)) if self.tree.has(REFUSALS) else {}

    @cached_property
    def by_text(self) -> dict[str, list[Use]]:
        """Uses by their text."""
        found: dict[str, list[Use]] = defaultdict(list)
        for said in (one for texts in self.templates.values() for one in texts):
            kind = "sure" if said.kind != "string" else "maybe"
            found[said.text].append(Use(said, said.path, kind))
        for literal in self.python:
            kind = _kind(literal)
            if kind and not literal.fields:
                found[literal.text].append(Use(literal, literal.path, kind))
        for (section, _), kept in self.refusals.items():
            if section == "fields":
                found[kept.value].append(Use(kept, REFUSALS, "sure"))
        return found


def is_word(text: str) -> bool:
    """Tell whether a text may be a code: one word in small letters."""
    return " " not in text and text[:1].islower()


def _kind(literal: Literal) -> str:
    if literal.kind == "docstring" or literal.path.startswith(APART):
        return ""
    if {"en", "EN", "_EN", "ENGLISH"} & {str(key) for key in literal.keys}:
        # A table with its own French beside it.
        return ""
    called = literal.call
    if called in ASKED or called.split(".")[0] in ASKED - {"Page.title", "Page.description"}:
        return "sure"
    if called.split(".")[0] == "Column":
        # The first argument of a column is its name.
        return "column"
    if literal.kind in ("key", "code"):
        return "key"
    return "maybe" if literal.path.startswith(SHOWN) else "data"
