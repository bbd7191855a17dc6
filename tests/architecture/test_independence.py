"""Proofs of independence import nothing of the product: they speak to it as strangers do."""

from __future__ import annotations

import ast

import pytest

from tests.architecture.source_tree import ROOT

PROOFS = sorted((ROOT / "tests" / "independence").glob("[!_]*.py"))
# What proofs share lies beside them and is held to the same.
SHARED = "tests.independence."
# A reference is independent; the test that compares the product with it has to import both.
COMPARES = {"test_holdings_agree.py", "test_valuation_agree.py", "test_valuation_from_texts.py"}


def imported(tree):
    """Return the first word of every module that a file imports, but for what proofs share."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not (node.module or "").startswith(SHARED):
            yield (node.module or "").split(".")[0]


@pytest.mark.parametrize("path", PROOFS, ids=lambda path: path.name)
def test_a_proof_of_independence_imports_nothing_of_ours(path):
    ours = {"tests", ""} if path.name in COMPARES else {"vigie", "tests", ""}
    assert ours.isdisjoint(imported(ast.parse(path.read_text(encoding="utf-8"))))


def test_there_are_proofs_and_an_import_of_ours_is_found():
    assert PROOFS
    assert "vigie" in set(imported(ast.parse("def f():\n    from vigie.domain import bar")))
