"""Names of classes: one class has a name, and no other, here or in the web libraries that the package stands on."""

from __future__ import annotations

import ast
from collections import defaultdict
from functools import cache
from pathlib import Path
from types import ModuleType

import babel
import fastapi
import starlette

from tests.architecture.source_tree import modules

# What a strategy file calls its parameters is its contract with the loader: every file has them.
OF_EVERY_STRATEGY = {"Params"}
# The record that `@operation` makes, known by this name in the documents; FastAPI's is a part of OpenAPI's description.
MEANT = {"Operation"}


@cache
def places() -> dict[str, list[str]]:
    """Return where each class of the packages stands, by name."""
    found: dict[str, list[str]] = defaultdict(list)
    for module in modules():
        for node in ast.walk(module.tree):
            if isinstance(node, ast.ClassDef):
                found[node.name].append(f"{module.shown}:{node.lineno}")
    return found


def public_classes(library: ModuleType) -> set[str]:
    """Return the names of the classes that a library defines for others."""
    assert library.__file__ is not None
    return {
        node.name
        for path in Path(library.__file__).parent.rglob("*.py")
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_")
    }


def test_no_two_classes_have_one_name():
    twice = {name: where for name, where in places().items() if len(where) > 1}
    assert set(twice) <= OF_EVERY_STRATEGY, twice
    assert all(place.startswith("trading/strategies/") for name in twice for place in twice[name])


def test_no_class_is_named_as_one_of_the_web_libraries():
    taken = {name for library in (fastapi, starlette, babel) for name in public_classes(library)}
    assert {"Request", "Depends", "Locale"} <= taken, "the libraries were read"
    assert set(places()) & taken == MEANT
