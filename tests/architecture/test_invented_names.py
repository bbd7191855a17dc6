"""Names that the field has words for are not used again: classes, helpers named by a participle, loops over `one`."""

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
# A loop names its thing: `bar`, `order`, `row`. So many do not yet; may only become fewer.
LOOPS = 95


def invented(tree: ast.AST) -> Iterator[str]:
    """Yield the invented names that are defined in a file."""
    for node in ast.walk(tree):
        is_class, is_helper = (isinstance(node, kind) for kind in (ast.ClassDef, ast.FunctionDef))
        if (is_class and node.name in CLASSES) or (is_helper and node.name in HELPERS):
            yield node.name


def test_no_class_and_no_helper_has_an_invented_name():
    assert [f"{module.shown}: {name}" for module in modules() for name in invented(module.tree)] == []


def test_an_invented_name_is_found():
    tree = ast.parse("class Visit:\n    def _told(self): ...\n    def told(self): ...\nclass Visitor: ...\n")
    assert list(invented(tree)) == ["Visit", "_told"]


def loops(tree: ast.AST) -> int:
    """Count loops whose thing is called `one`."""
    loop = (ast.For, ast.AsyncFor, ast.comprehension)
    return sum(isinstance(node, loop) and ast.unparse(node.target) == "one" for node in ast.walk(tree))


def test_no_more_loops_than_before_leave_their_thing_without_a_name():
    assert sum(loops(module.tree) for module in modules()) <= LOOPS


def test_a_loop_over_one_is_counted():
    assert (
        loops(
            ast.parse(
                "for one in x: [one for one in one for bar in one]\nasync def f():\n async for one in x: ..."
            )
        )
        == 3
    )
