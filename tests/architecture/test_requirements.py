"""Requirement files: pinned, hashed, without addresses, agreeing with one another and with pyproject."""

from __future__ import annotations

import re
import tomllib

import pytest

from tests.architecture.source_tree import ROOT

FILES = sorted((ROOT / "requirements").glob("*.txt"))
PIN = re.compile(r"^([a-z0-9][a-z0-9._-]*)==([^\s;\\]+)( ; [^\\]+)?( \\)?$")
HASH = re.compile(r"^    --hash=sha256:[0-9a-f]{64}( \\)?$")


def pins(path):
    """Return (name, version, marker) of every pin, with its number of hashes; any other line is an error."""
    found = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if match := PIN.match(line):
            found.append([(match[1], match[2], (match[3] or "").strip(" ;")), 0])
        elif HASH.match(line) and found:
            found[-1][1] += 1
        else:
            raise AssertionError(f"{path.name}:{number} is neither a pin nor a hash: {line!r}")
    return found


def names(path):
    """Return the package names of a file."""
    return {pin[0] for pin, _ in pins(path)}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_requirement_is_pinned_and_hashed_and_nothing_else_is_in_the_file(path):
    assert [pin for pin, hashes in pins(path) if hashes == 0] == []
    # Node comes alone.
    assert len(pins(path)) > (0 if path.stem == "node" else 3)


def test_the_sets_contain_one_another():
    by_name = {path.stem: names(path) for path in FILES}
    assert set(by_name) == {"bootstrap", "run", "all", "test", "bench", "client", "node"}
    assert by_name["bootstrap"] <= by_name["run"] <= by_name["all"] <= by_name["test"]


def test_what_is_tested_is_what_runs():
    tested = {pin for pin, _ in pins(ROOT / "requirements" / "test.txt")}
    for name in ("bootstrap", "run", "all"):
        untested = {pin[:2] for pin, _ in pins(ROOT / "requirements" / f"{name}.txt")} - {
            pin[:2] for pin in tested
        }
        assert untested == set(), f"requirements/{name}.txt pins other versions than test.txt; run make lock"


def test_every_dependency_of_the_package_is_pinned():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = {re.split(r"[<>=!~\[; ]", line)[0].lower() for line in project["dependencies"]}
    assert wanted <= names(ROOT / "requirements" / "run.txt")


def test_a_running_vigie_needs_neither_pandas_nor_a_compiler_nor_talib():
    heavy = {"pandas", "ta-lib", "pyarrow", "torch", "cython", "setuptools", "matplotlib"}
    assert names(ROOT / "requirements" / "run.txt") & heavy == set()


def test_a_line_that_is_no_pin_is_refused(tmp_path):
    path = tmp_path / "planted.txt"
    path.write_text("numpy>=2\n", encoding="utf-8")
    with pytest.raises(AssertionError, match="neither a pin nor a hash"):
        pins(path)
