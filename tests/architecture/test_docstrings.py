"""Public names of the wings that others build on say what they take, give and refuse, section by section (numpydoc).

What lacks a section is counted by wing in `docstrings.toml`, and may only become less; every refusal has its section.
"""

from __future__ import annotations

import ast
import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.source_tree import modules

KEPT = Path(__file__).with_name("docstrings.toml")
WINGS = (
    "api",
    "api_holdings",
    "api_research",
    "api_settings",
    "domain",
    "ports",
    "quant",
    "research",
    "trading",
)
# A strategy is one short page (`contracts/test_strategies.py`), its functions are those that `trading/strategy.py`
# tells of, and each change of its file makes another strategy of it for trials and accounts.
SHIPPED = "trading/strategies/"
# How far below its kept count a wing may be before that is to be lowered.
LOOSE = 0.95
Function = ast.FunctionDef | ast.AsyncFunctionDef


def lacking(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Yield each public name and the section that its docstring lacks."""
    for node in public(tree.body):
        doc = ast.get_docstring(node) or ""
        for section, is_due in due(node):
            if is_due and f"{section}\n{'-' * len(section)}" not in doc:
                yield node.name, section


def public(body: list[ast.stmt]) -> Iterator[Function | ast.ClassDef]:
    """Yield the public functions and classes, and the public methods of those."""
    for node in body:
        if isinstance(node, Function | ast.ClassDef) and not node.name.startswith("_"):
            yield node
            if isinstance(node, ast.ClassDef):
                yield from public(node.body)


def due(node: Function | ast.ClassDef) -> Iterator[tuple[str, bool]]:
    """Yield the sections that a name may need, and whether it does."""
    if isinstance(node, ast.ClassDef):
        fields = [one.target.id for one in node.body if isinstance(one, ast.AnnAssign)
                  and isinstance(one.target, ast.Name) and not one.target.id.startswith("_")]  # fmt: skip
        has_own = "Parameters\n" in (ast.get_docstring(node) or "")
        yield "Attributes", bool(fields) and not has_own
        return
    given = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
    yield "Parameters", any(one.arg not in ("self", "cls") for one in given)
    is_property = any(ast.unparse(one).endswith("property") for one in node.decorator_list)
    gives = node.returns is not None and ast.unparse(node.returns) != "None"
    yield "Returns", gives and not is_property
    yield "Raises", any(raised(node.body))


def raised(body: list[ast.stmt]) -> Iterator[bool]:
    """Yield true for each refusal that a function raises itself."""
    for node in body:
        if isinstance(node, ast.Raise) and node.exc is not None:
            yield True
        elif not isinstance(node, Function | ast.ClassDef):
            for inner in ("body", "orelse", "finalbody", "handlers", "cases"):
                for one in getattr(node, inner, []):
                    yield from raised([one] if isinstance(one, ast.stmt) else one.body)


def by_wing() -> dict[str, dict[str, int]]:
    """Return how many public names of a wing lack a section."""
    counts: dict[str, Counter[str]] = {wing: Counter() for wing in WINGS}
    for module in modules():
        wing = module.shown.partition("/")[0].removesuffix(".py")
        if wing in WINGS and not module.shown.startswith(SHIPPED):
            counts[wing].update(section for _, section in lacking(module.tree))
    return {wing: dict(sorted(found.items())) for wing, found in counts.items()}


def test_every_refusal_is_told():
    untold = [
        f"{module.shown}:{name}"
        for module in modules()
        if module.shown.partition("/")[0].removesuffix(".py") in WINGS
        for name, section in lacking(module.tree)
        if section == "Raises"
    ]
    assert untold == [], "what is raised belongs into a section Raises"


def test_no_wing_tells_less_than_before():
    kept = tomllib.loads(KEPT.read_text("utf-8"))
    assert {
        f"{wing} {section}": count
        for wing, found in by_wing().items()
        for section, count in found.items()
        if count > kept[wing].get(section, 0)
    } == {}, "write these sections"


def test_kept_counts_are_lowered_when_sections_are_written():
    found = by_wing()
    assert {
        f"{wing} {section}": found[wing].get(section, 0)
        for wing, limits in tomllib.loads(KEPT.read_text("utf-8")).items()
        for section, limit in limits.items()
        if found[wing].get(section, 0) < int(limit * LOOSE)
    } == {}, "python -m tests.architecture.test_docstrings"


@pytest.mark.parametrize(
    ("source", "sections"),
    [
        ("def f(x): 'F.'", ["Parameters"]),
        ("def f() -> int: 'F.'", ["Returns"]),
        ("def f():\n    'F.'\n    if 1:\n        raise E('x')", ["Raises"]),
        ("def f():\n    'F.'\n    def g():\n        raise E('x')\n    raise", []),
        ("class C:\n    'C.'\n    x: int\n    @property\n    def y(self) -> int: 'Y.'", ["Attributes"]),
        ("def _f(x): 'F.'", []),
        ("def f(x):\n    '''F.\n\n    Parameters\n    ----------\n    x : int\n    '''", []),
    ],
)
def test_a_lacking_section_is_found(source, sections):
    assert [section for _, section in lacking(ast.parse(source))] == sections


if __name__ == "__main__":
    KEPT.write_text(
        "# Public names whose docstring lacks a section of numpydoc; may only become less.\n"
        + "".join(
            f"\n[{wing}]\n" + "".join(f"{section} = {count}\n" for section, count in found.items())
            for wing, found in by_wing().items()
        ),
        "utf-8",
    )
