"""Files and functions stay small; what is longer is listed with its reason and may only shrink."""

from __future__ import annotations

import ast
import tomllib
from functools import cache

from tests.architecture.source_tree import modules

FILE_LINES = 400
FUNCTION_LINES = 60


def listed():
    """Return the exceptions: name to [lines, reason], for files and for functions."""
    from pathlib import Path

    return tomllib.loads(Path(__file__).with_name("sizes.toml").read_text(encoding="utf-8"))


def file_sizes():
    """Return the length of every file in lines."""
    return {module.shown: len(module.path.read_text(encoding="utf-8").splitlines()) for module in modules()}


def body_lines(node):
    """Return the lines of a function's body, its signature and docstring left out."""
    body = node.body[1:] if ast.get_docstring(node) is not None else node.body
    return node.end_lineno - body[0].lineno + 1 if body else 0


@cache
def function_sizes():
    """Return the length of every function without signature and docstring."""
    return {
        f"{module.shown}:{node.name}": body_lines(node)
        for module in modules()
        for node in ast.walk(module.tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }


def over(sizes, limit, exceptions):
    """Return what is longer than its limit, or than its own listed length."""
    return {name: size for name, size in sizes.items() if size > exceptions.get(name, [limit])[0]}


def loose(sizes, limit, exceptions):
    """Return listed lengths that are no longer needed, or too generous by a tenth."""
    return {
        name: entry[0]
        for name, entry in exceptions.items()
        if sizes.get(name, 0) <= limit or sizes[name] < entry[0] * 0.9
    }


def test_files_are_at_most_400_lines_or_listed():
    assert over(file_sizes(), FILE_LINES, listed()["files"]) == {}


def test_functions_are_at_most_60_lines_or_listed():
    assert over(function_sizes(), FUNCTION_LINES, listed()["functions"]) == {}


def test_listed_sizes_only_shrink():
    exceptions = listed()
    assert loose(file_sizes(), FILE_LINES, exceptions["files"]) == {}, "lower these in sizes.toml"
    assert loose(function_sizes(), FUNCTION_LINES, exceptions["functions"]) == {}, "lower these in sizes.toml"


def test_every_listed_size_has_a_reason():
    exceptions = listed()
    entries = {**exceptions["files"], **exceptions["functions"]}
    assert all(len(entry) == 2 and len(entry[1]) > 20 for entry in entries.values())


def test_growth_beyond_a_listed_size_is_found():
    assert over({"a.py": 451, "b.py": 401, "c.py": 400}, 400, {"a.py": [450, "a reason"]}) == {
        "a.py": 451,
        "b.py": 401,
    }
    assert loose({"a.py": 380}, 400, {"a.py": [450, "a reason"]}) == {"a.py": 450}
