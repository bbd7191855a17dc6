"""Pages read operations only: whatever a page shows, a program can ask for as well."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest

from tests.architecture.source_tree import modules

# What a page may look at itself: no figure, and nothing of anybody.
AROUND = {"clock", "is_simulated", "settings"}
# Where a page does something that is no operation, and why.
DOORS = {
    "views/web/pages/login/page.py": "signing in comes before there is anybody who may ask",
    "views/web/pages/alerts/page.py": "who ends mails of a rule is known by the word in the mail alone",
}
PAGES = [one for one in modules() if one.shown.startswith("views/web/pages/")]


def is_house(node: ast.AST) -> bool:
    return (isinstance(node, ast.Attribute) and node.attr == "house") or (
        isinstance(node, ast.Name) and node.id == "house"
    )


def breaches(tree: ast.AST) -> Iterator[str]:
    """Yield where the house is reached past the operations: a store of it, or the whole of it handed on."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and is_house(node.value) and node.attr not in AROUND:
            yield f"line {node.lineno}: house.{node.attr}"
        given = [*node.args, *(one.value for one in node.keywords)] if isinstance(node, ast.Call) else []
        yield from (f"line {one.lineno}: the house is handed on" for one in given if is_house(one))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.shown)
def test_page_reaches_stores_by_operations_only(page):
    found = list(breaches(page.tree))
    assert bool(found) == (page.shown in DOORS), found


@pytest.mark.parametrize(
    "planted", ["visit.house.quotes.since(0)", "find(visit.house, 1)", "find(1, house=visit.house)"]
)
def test_planted_breaches_are_found(planted):
    assert len(list(breaches(ast.parse(planted)))) == 1
