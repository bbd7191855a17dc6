"""Where types are left open is counted by wing, and may only become less: `types.toml` keeps the counts."""

from __future__ import annotations

import ast
import io
import re
import tokenize
import tomllib
from collections import Counter
from functools import cache
from pathlib import Path

from tests.architecture.source_tree import modules

KEPT = Path(__file__).with_name("types.toml")
IGNORE = re.compile(r"#\s*type:\s*ignore")
# How far below its kept count a wing may be before that is to be lowered.
LOOSE = 0.95


def holes(source: str, tree: ast.AST) -> Counter[str]:
    """Count names `Any`, calls of `cast`, and lines that mypy is told to pass over."""
    found: Counter[str] = Counter()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            found["Any"] += node.id == "Any"
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            found["cast"] += node.func.id == "cast"
    # Only a comment counts: the words may stand in a text too.
    tokens = tokenize.generate_tokens(io.StringIO(source).readline) if IGNORE.search(source) else ()
    for token in tokens:
        if token.type == tokenize.COMMENT:
            found["ignore"] += bool(IGNORE.search(token.string))
    return found


@cache
def by_wing() -> dict[str, dict[str, int]]:
    """Return the counts of every wing that has some."""
    counts: dict[str, Counter[str]] = {}
    for module in modules():
        wing = module.shown.partition("/")[0].removesuffix(".py")
        counts.setdefault(wing, Counter()).update(holes(module.path.read_text("utf-8"), module.tree))
    return {wing: dict(sorted((+found).items())) for wing, found in sorted(counts.items()) if +found}


def kept() -> dict[str, dict[str, int]]:
    """Return the counts that are kept."""
    return tomllib.loads(KEPT.read_text("utf-8"))


def test_no_wing_leaves_more_types_open_than_before():
    limits = kept()
    assert {
        f"{wing} {what}": count
        for wing, found in by_wing().items()
        for what, count in found.items()
        if count > limits.get(wing, {}).get(what, 0)
    } == {}


def test_kept_counts_are_lowered_when_types_are_told():
    found = by_wing()
    assert {
        f"{wing} {what}": found.get(wing, {}).get(what, 0)
        for wing, limits in kept().items()
        for what, limit in limits.items()
        if found.get(wing, {}).get(what, 0) < int(limit * LOOSE)
    } == {}, "python -m tests.architecture.test_types"


def test_holes_are_counted_where_they_are():
    source = (
        "from typing import Any, cast\nx: Any = cast(Any, 1)  # type: ignore[assignment]\ny = 'Any'  # cast\n"
    )
    assert holes(source, ast.parse(source)) == {"Any": 2, "cast": 1, "ignore": 1}


if __name__ == "__main__":
    KEPT.write_text(
        "# Names `Any`, calls of `cast` and lines passed over by mypy; may only become less.\n"
        + "".join(
            f"\n[{wing}]\n" + "".join(f"{what} = {count}\n" for what, count in found.items())
            for wing, found in by_wing().items()
        ),
        "utf-8",
    )
