"""The floors of the house: contracts on imports, and no cycle in whichever way a module is imported."""

from __future__ import annotations

import ast
import subprocess
import sys
import tomllib

from tests.architecture.source_tree import ROOT, cycles, imports, imports_of, modules

FLOORS = set(
    "catalogue domain ports quant data intelligence trading engine drawing research services wiring".split()
)
FLOORS |= {
    "reading",
    "views",
    "api",
    "api_holdings",
    "api_research",
    "api_settings",
}


def test_import_contracts_are_kept():
    # In a process of its own: it sets up logging anew and thereby silences every logger that is there already.
    program = "import sys; from importlinter.cli import lint_imports_command as c; sys.exit(c())"
    ran = subprocess.run(
        [sys.executable, "-c", program, "--no-cache"], cwd=ROOT, capture_output=True, text=True
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_no_import_cycle_counting_typing_and_local_imports():
    edges: dict[str, set[str]] = {}
    for found in imports():
        edges.setdefault(found.importer, set()).add(found.imported)
    assert cycles(edges) == []


def test_a_planted_cycle_is_found_even_when_one_half_hides_in_a_function():
    known = frozenset({"vigie.a", "vigie.b", "vigie.c"})
    first = ast.parse("from vigie import b\nfrom vigie.c import anything")
    second = ast.parse("def f():\n    from vigie.a import g\n")
    edges: dict[str, set[str]] = {}
    for name, tree in (("vigie.a", first), ("vigie.b", second)):
        for found in imports_of(name, tree, known):
            edges.setdefault(found.importer, set()).add(found.imported)
    assert edges == {"vigie.a": {"vigie.b", "vigie.c"}, "vigie.b": {"vigie.a"}}
    assert cycles(edges) == [["vigie.a", "vigie.b"]]


def test_typing_imports_are_told_apart():
    tree = ast.parse(
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import vigie.b\nimport vigie.c\n"
    )
    kinds = {
        found.imported: found.kind for found in imports_of("vigie.a", tree, frozenset({"vigie.b", "vigie.c"}))
    }
    assert kinds == {"vigie.b": "typing", "vigie.c": "top"}


def test_own_modules_are_imported_inside_functions_only_by_the_doors():
    doors = ("vigie.views.cli", "vigie.api", "vigie.reading")
    hidden = [
        f"{found.importer}:{found.line} imports {found.imported}"
        for found in imports()
        if found.kind == "local" and not found.importer.startswith(doors)
    ]
    assert hidden == []


def test_every_top_level_module_is_on_a_floor_or_named_beside_the_column():
    # In `sandbox` stand the former names of `vigie_sandbox`.
    beside = {
        "adapters",
        "sandbox",
        "config",
        "compiled",
        "locks",
        "run_file",
        "template_cache",
        "version",
        "__main__",
    }
    tops = {module.name.split(".")[1] for module in modules() if module.name.startswith("vigie.")}
    assert tops <= FLOORS | beside, "a new wing needs a floor in pyproject.toml and a place here"


def test_contracts_name_every_wing_that_exists():
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = settings["tool"]["importlinter"]["contracts"]
    rows = [row for contract in contracts if contract["type"] == "layers" for row in contract["layers"]]
    layers = {name.strip(" ()").removeprefix("vigie.") for row in rows for name in row.split("|")}
    tops = {module.name.split(".")[1] for module in modules() if module.name.startswith("vigie.")}
    assert (tops & FLOORS) <= layers
