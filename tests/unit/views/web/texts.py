"""The texts of pages: which there are, and which of them have their French."""

from __future__ import annotations

import ast
import io
import tomllib
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

from babel.messages.pofile import read_po
from jinja2.ext import babel_extract

from tests.architecture.source_tree import parsed
from vigie.catalogue import LOCALES
from vigie.intelligence.news.known_dates import load_known_dates
from vigie.services.glossary import TERMS
from vigie.services.operation import Column, operations
from vigie.services.rows import Row, row_columns
from vigie.views.web import language
from vigie.views.web.menu import GROUPS
from vigie.views.web.page import FOLDER, pages

WEB = Path(language.__file__).parent
PACKAGE = WEB.parents[1]
SANDBOX = PACKAGE.with_name("vigie_sandbox")
CATALOGUE = LOCALES / "fr.po"
KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2)}


def template_texts(path: Path) -> set[str]:
    """Return the texts a template asks for by name."""
    options = {"extensions": "jinja2.ext.do", "trimmed": "true"}
    found = set()
    with path.open("rb") as file:
        for _line, _function, messages, _comments in babel_extract(file, list(KEYWORDS), [], options):
            found |= {text for text in (messages if isinstance(messages, tuple) else (messages,)) if text}
    return found


def code_texts(path: Path) -> set[str]:
    """Return the texts that a page's code hands to `context.text("...")`."""
    found = set()
    for node in ast.walk(parsed(path)):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in ("text", "plural")
        ):
            found |= {
                arg.value for arg in node.args if isinstance(arg, ast.Constant) and isinstance(arg.value, str)
            }
    return found


def declared_columns() -> Iterator[Column]:
    """Yield the columns of operations: of their classes of rows, and those that stand in lists."""
    for declared in operations().values():
        for value in vars(import_module(declared.run.__module__)).values():
            if isinstance(value, type) and issubclass(value, Row) and value is not Row:
                yield from row_columns(value)
            for entry in value if isinstance(value, list | tuple) else ():
                if isinstance(entry, Column):
                    yield entry


def column_texts() -> set[str]:
    """Return titles and definitions of the columns that operations declare."""
    return {text for column in declared_columns() for text in (column.title, column.definition) if text}


def said_in_sources() -> set[str]:
    """Return every text of code and templates, and those that files of facts and strategies hold."""
    found: set[str] = set()
    for path in (*PACKAGE.rglob("*.py"), *SANDBOX.rglob("*.py")):
        tree = parsed(path)
        found |= {
            node.value
            for node in ast.walk(tree)
            if isinstance(node, ast.Constant) and isinstance(node.value, str)
        }
        found.add((ast.get_docstring(tree) or "").partition("\n")[0])
    found |= {date.en for date in load_known_dates()}
    for path in PACKAGE.rglob("*.html"):
        found |= template_texts(path)
    for path in (*PACKAGE.rglob("*.toml"), *SANDBOX.rglob("*.toml")):
        found |= _strings_of(tomllib.loads(path.read_text("utf-8")))
    return found


def _strings_of(value: object) -> set[str]:
    match value:
        case str():
            return {value}
        case dict():
            return set().union(*map(_strings_of, value.values()))
        case list():
            return set().union(*map(_strings_of, value))
    return set()


def asked(folder: Path) -> set[str]:
    """Return the texts of one page's folder, with its titles and descriptions."""
    found: set[str] = set()
    for path in folder.glob("*.html"):
        found |= template_texts(path)
    for path in folder.glob("*.py"):
        found |= code_texts(path)
    for page in pages().values():
        if page.folder == folder.name:
            found |= {page.title, page.description}
    return found


def shell() -> set[str]:
    """Return the texts of the shell and of all columns."""
    found = column_texts() | {title for title, _icon, _folders in GROUPS.values()}
    found |= {text for term in TERMS for text in (term.word, term.meaning)}
    for path in (WEB / "templates").glob("*.html"):
        found |= template_texts(path)
    for path in WEB.glob("*.py"):
        found |= code_texts(path)
    return found


def folders() -> Iterator[Path]:
    """Yield the folders of pages."""
    yield from sorted(path.parent for path in FOLDER.glob("*/page.py"))


def has_letters(text: str) -> bool:
    """Tell whether there is something to translate."""
    return any(character.isalpha() for character in text)


def po_of(path: Path) -> dict[str, str]:
    """Return what a file of texts holds."""
    found: dict[str, str] = {}
    for message in read_po(io.BytesIO(path.read_bytes())):
        keys = message.id if isinstance(message.id, tuple) else (message.id,)
        texts = message.string if isinstance(message.string, tuple) else (message.string,)
        found.update({key: text for key, text in zip(keys, texts, strict=False) if key})
    return found
