"""French stands in the catalogue: no text of a module, a template, a list or a script is in two languages."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "src" / "vigie"
SCRIPTS = ROOT / "frontend" / "src"
ACCENTED = re.compile("[àâçèéêëîïôùûœÀÂÇÈÉÊËÎÏÔÙÛŒ]")
# Two of them make a sentence; one alone may be a name or English.
SMALL_WORDS = re.compile(
    r"\b(?:le|la|les|des|du|une|est|sont|pas|pour|dans|avec|sur|aux|qui|que|ce|cette|ne|et|ou|vous|nous)\b",
    re.I,
)
# What may hold French, and why. The list may only shrink: an entry that nothing needs fails.
EXCEPTIONS = {
    "adapters/language/prompt.py": "orders in headlines that would steer a model are found in French too",
    "adapters/sources/news/decoding.py": "names of character sets, which are no French",
    "adapters/sources/news/shipped.toml": "names of sources, as their publishers write them",
    "adapters/sources/news/simulated.toml": "names of invented sources",
    "data/intake/form.py": "an example of a file with French headers",
    "domain/pasted_secrets.py": "small words, in two languages",
    "intelligence/news/facts": "French news is read",
    "intelligence/news/gazetteer/name_imports.py": "small words in names, in three languages",
    "intelligence/news/judging": "French news is read",
    "intelligence/news/reading": "French news is read",
    "intelligence/news/steps/summary.py": "French news is read",
    "intelligence/news/warning_matches.py": "French news is read",
    "services/running/work/imports.py": "an example of a file with French headers",
    "views/cli/file_options.py": "an example of a file with French headers",
    "views/web/pages/jobs/files.html": "an example of a file with French headers",
}


def is_french(text: str) -> bool:
    """Tell whether a text looks French."""
    return bool(ACCENTED.search(text)) or len(SMALL_WORDS.findall(text)) > 1


def literals(path: Path) -> Iterator[str]:
    """Yield the texts of a file; of modules, what is said and not what explains."""
    text = path.read_text("utf-8")
    # Letters may stand by their numbers.
    if not is_french(text) and not re.search(r"\\(?:u00|x)[c-f]|\\N\{", text, re.I):
        return
    match path.suffix:
        case ".py":
            tree = ast.parse(text)
            explained = {
                id(node.body[0].value)
                for node in ast.walk(tree)
                if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
                and node.body
                and isinstance(node.body[0], ast.Expr)
            }
            for node in ast.walk(tree):
                if (
                    isinstance(node, ast.Constant)
                    and isinstance(node.value, str)
                    and id(node) not in explained
                ):
                    yield node.value
        case ".toml":
            yield from _strings_of(tomllib.loads(text))
        case _:
            yield from text.splitlines()


def _strings_of(value: object) -> Iterator[str]:
    match value:
        case str():
            yield value
        case dict():
            for inner in value.values():
                yield from _strings_of(inner)
        case list():
            for inner in value:
                yield from _strings_of(inner)


def scanned() -> dict[str, Path]:
    """Return what is read, by its place in the package or in the scripts."""
    kinds = (".py", ".html", ".toml", ".js", ".j2", ".typ")
    found = {
        path.relative_to(PACKAGE).as_posix(): path
        for path in PACKAGE.rglob("*")
        if path.suffix in kinds and "static" not in path.parts and path.parent != PACKAGE / "locales"
    }
    return found | {
        f"frontend/{path.relative_to(SCRIPTS).as_posix()}": path for path in SCRIPTS.rglob("*.ts")
    }


@pytest.fixture(scope="module")
def french() -> dict[str, list[str]]:
    """Give by place the texts that look French."""
    found = {place: [text for text in literals(path) if is_french(text)] for place, path in scanned().items()}
    return {place: texts for place, texts in found.items() if texts}


def excepted(place: str) -> set[str]:
    """Return the exceptions that a place falls under."""
    return {name for name in EXCEPTIONS if place == name or place.startswith(f"{name}/")}


def test_no_french_stands_outside_of_the_catalogue(french: dict[str, list[str]]) -> None:
    assert len(scanned()) > 1_000
    assert {place: texts for place, texts in french.items() if not excepted(place)} == {}


def test_no_exception_is_left_over(french: dict[str, list[str]]) -> None:
    needed = set().union(*map(excepted, french))
    assert sorted(set(EXCEPTIONS) - needed) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [("march\u00e9", True), ("Aucun prix dans la liste des actifs", True), ("on sale: la Bourse", False)],
)
def test_a_sentence_is_told_from_a_name(text: str, expected: bool) -> None:
    assert is_french(text) is expected
