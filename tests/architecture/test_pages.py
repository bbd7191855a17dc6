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


def is_app_context(node: ast.AST) -> bool:
    return (isinstance(node, ast.Attribute) and node.attr == "app_context") or (
        isinstance(node, ast.Name) and node.id == "app_context"
    )


def breaches(tree: ast.AST) -> Iterator[str]:
    """Yield where stores are reached past the operations: one of app_context, or the whole of it handed on."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and is_app_context(node.value) and node.attr not in AROUND:
            yield f"line {node.lineno}: app_context.{node.attr}"
        given = [*node.args, *(one.value for one in node.keywords)] if isinstance(node, ast.Call) else []
        yield from (f"line {one.lineno}: app_context is handed on" for one in given if is_app_context(one))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.shown)
def test_page_reaches_stores_by_operations_only(page):
    found = list(breaches(page.tree))
    assert bool(found) == (page.shown in DOORS), found


@pytest.mark.parametrize(
    "planted",
    [
        "context.app_context.quotes.since(0)",
        "find(context.app_context, 1)",
        "find(1, app_context=context.app_context)",
    ],
)
def test_planted_breaches_are_found(planted):
    assert len(list(breaches(ast.parse(planted)))) == 1
