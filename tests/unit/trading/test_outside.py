"""What the scan of a strategy's source finds, and what it lets pass."""

from __future__ import annotations

from pathlib import Path

import pytest

from vigie.trading import catalogue
from vigie.trading.outside import outside_uses


def said(tmp_path: Path, text: str) -> list[str]:
    path = tmp_path / "one.py"
    path.write_text(text, encoding="utf-8")
    return outside_uses(path)


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("import os, numpy", "imports os"),
        ("from pathlib import Path", "imports pathlib"),
        ("import pickle", "imports pickle"),
        ("import numpy.random as chance", "imports numpy.random"),
        ("import importlib.util", "imports importlib.util"),
        ("known = np.load('closes.npy')", "uses np.load"),
        ("np.save('closes.npy', known)", "uses np.save"),
        ("bars.close.tofile('x')", "calls .tofile()"),
        ("frame = pl.read_parquet('x')", "calls .read_parquet()"),
        ("whole = bars.close.base", "uses .base"),
        ("bars.close.setflags(write=True)", "calls .setflags()"),
        ("bars.close.flags.writeable = True", "uses .writeable"),
        ("globals()['x'] = 1", "calls globals()"),
    ],
)
def test_what_reads_the_outside_is_found_with_its_line(tmp_path: Path, line: str, found: str):
    assert f"line 2: {found}" in said(tmp_path, f"import math\n{line}\n")


@pytest.mark.parametrize(
    ("body", "name"),
    [
        ("SEEN[1] = bars", "SEEN"),
        ("SEEN.update(a=bars)", "SEEN"),
        ("SEEN[0].append(bars)", "SEEN"),
        ("global LAST; LAST = bars", "LAST"),
        ("SEEN.kept = bars", "SEEN"),
        ("del SEEN[1]", "SEEN"),
    ],
)
def test_what_is_kept_between_calls_is_found(tmp_path: Path, body: str, name: str):
    text = f"SEEN = {{}}\nLAST = None\n\ndef criteria(bars, params):\n    {body}\n"
    assert said(tmp_path, text) == [f"line 5: keeps {name} between calls"]


def test_names_of_the_function_itself_may_be_written_to(tmp_path: Path):
    lines = ("out = bars.close.copy()", "out[0] = WIDTHS[1]", "HERE = []", "HERE.append(out)")
    text = "WIDTHS = [1, 2]\n\ndef criteria(bars, params):\n    " + "\n    ".join(lines)
    assert said(tmp_path, text) == []


@pytest.mark.parametrize("path", catalogue.available().values(), ids=lambda path: path.stem)
def test_shipped_strategies_read_bars_and_parameters_only(path: Path):
    assert outside_uses(path) == []
