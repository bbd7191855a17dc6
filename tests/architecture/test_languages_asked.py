"""No module and no page asks whether somebody reads French: texts and marks stand in catalogues, forms in locales.

What is left is about things that exist in some languages only, each place with its reason; they may only become fewer.
"""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "src" / "vigie"
FRENCH = "fr"
IN_TEMPLATE = re.compile(r"""[=!]=\s*["']fr["']|\[["']fr["']\]|\bin\s+\([^)]*["']fr["']|["']fr["']\s*:""")
# News are read, and models judge them, in English and French: what they are made of is in these languages.
READ = ("intelligence/news/", "adapters/sources/news/")
# How often, and why.
LEFT = {
    "api_holdings.py": (2, "France, as the country of a tax"),
    "services/operations/mood.py": (1, "fields of the API, of headlines that a model was judged on"),
}


def asks(text: str, suffix: str) -> int:
    """Return how often a file chooses by French: compares with it, looks it up, or keeps something under it."""
    if suffix != ".py":
        return len(IN_TEMPLATE.findall(text))
    return sum(1 for node in ast.walk(ast.parse(text)) if any(map(_is_french, _choosing(node))))


def _choosing(node: ast.AST) -> Iterator[ast.expr | None]:
    match node:
        case ast.Compare():
            for side in (node.left, *node.comparators):
                yield from side.elts if isinstance(side, ast.Tuple | ast.List | ast.Set) else (side,)
        case ast.Dict():
            yield from node.keys
        case ast.Subscript():
            yield node.slice
        case ast.For() | ast.comprehension() if isinstance(node.iter, ast.Tuple | ast.List):
            yield from node.iter.elts
        case ast.Assign() | ast.AnnAssign() if isinstance(node.value, ast.Tuple | ast.List):
            yield from node.value.elts
        case ast.Call(func=ast.Attribute(attr="get" | "startswith")):
            yield from node.args[:1]


def _is_french(node: ast.expr | None) -> bool:
    return isinstance(node, ast.Constant) and node.value == FRENCH


def found() -> Counter[str]:
    """Return how often each place asks."""
    count: Counter[str] = Counter()
    for path in sorted(PACKAGE.rglob("*")):
        place = path.relative_to(PACKAGE).as_posix()
        if (
            path.suffix in (".py", ".html", ".j2")
            and "static" not in path.parts
            and not place.startswith(READ)
        ):
            count[place] = asks(path.read_text("utf-8"), path.suffix)
    return +count


def test_nothing_asks_for_french_but_what_exists_in_it():
    assert {place: number for place, (number, _) in LEFT.items()} == dict(found())


@pytest.mark.parametrize(
    ("text", "suffix", "expected"),
    [
        ('a = "," if language == "fr" else "."', ".py", 1),
        ('a = {"en": ".", "fr": ","}[language]', ".py", 1),
        ('a = TEXTS["fr"]', ".py", 1),
        ('a = names.get("fr")', ".py", 1),
        ('a = locale.startswith("fr")', ".py", 1),
        ('a = language in ("en", "fr")', ".py", 1),
        ('for a in ("en", "fr"): pass', ".py", 1),
        ('LANGUAGES: Final = ("en", "fr")', ".py", 1),
        ('a = title_of(event, "fr")', ".py", 0),
        ('{{ row.title_fr if lang.language == "fr" else row.title }}', ".html", 1),
        ("{{ lang.said(row.title) }}", ".html", 0),
    ],
)
def test_asking_is_found(text, suffix, expected):
    assert asks(text, suffix) == expected
