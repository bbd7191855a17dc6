"""Names that the field has words for are not used again: classes, and helpers named by a participle alone."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tests.architecture.source_tree import modules

# Invented once, and replaced by what a reader who knows trading platforms or Python would guess.
CLASSES = set(
    "Visit Knock Tongue House Ask Nothing Counted Gauge Shelf Desk DataDesk NewsDesk Courier Post Happening Chronicle "
    "Story Guardian Stem Shoot Playbill Tape Front Doorway Door Papers".split()
)
# A helper is a verb and its object: `_parse_row`, `_alert_text`.
HELPERS = {"_told", "_said", "_written", "_named", "_shown"}


def invented(tree: ast.AST) -> Iterator[str]:
    """Yield the invented names that are defined in a file."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef) and node.name in CLASSES:
            yield node.name
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name in HELPERS:
            yield node.name


def test_no_class_and_no_helper_has_an_invented_name():
    assert [f"{module.shown}: {name}" for module in modules() for name in invented(module.tree)] == []


def test_an_invented_name_is_found():
    tree = ast.parse("class Visit:\n    def _told(self): ...\n    def told(self): ...\nclass Visitor: ...\n")
    assert list(invented(tree)) == ["Visit", "_told"]
