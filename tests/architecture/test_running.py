"""What is said of test files where a run is planned is said of files that there are."""

from __future__ import annotations

from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import SimpleNamespace

import pytest
from _pytest.assertion import rewrite

from tests.running import (
    COUNTED,
    FIRST,
    UNCOUNTED,
    is_counted,
    pytest_collection_modifyitems,
    pytest_ignore_collect,
    write_bytecode,
)

ROOT = Path(__file__).resolve().parents[2]


def files(which):
    """Return the files that a run reads."""
    config = SimpleNamespace(getoption=lambda name: which, rootpath=ROOT)
    paths = sorted((ROOT / "tests").rglob("test_*.py"))
    return [path.relative_to(ROOT).as_posix() for path in paths if not pytest_ignore_collect(path, config)]


@pytest.mark.parametrize("name", sorted({*COUNTED, *UNCOUNTED, *FIRST}))
def test_every_name_is_there(name):
    assert (ROOT / name).exists()
    assert (ROOT / name).is_dir() == name.endswith("/")


def test_the_longest_come_first_and_the_others_keep_their_order():
    ids = [
        "tests/b.py::one",
        f"{FIRST[1]}::two",
        "tests/a.py::three",
        f"{FIRST[0]}::four",
        "tests/b.py::five",
    ]
    items = [SimpleNamespace(nodeid=one) for one in ids]
    pytest_collection_modifyitems(items)
    assert [ids.index(one.nodeid) for one in items] == [3, 1, 0, 2, 4]


def test_the_two_runs_have_every_file_once():
    counted, others = files("counted"), files("others")
    assert counted
    assert others
    assert sorted([*counted, *others]) == files("all")
    assert set(UNCOUNTED) <= set(others)
    assert all(name.startswith(COUNTED) for name in counted)


def test_lines_count_where_trading_is_meant():
    names = ("tests/unit/trading/test_any.py", "tests/unit/views/test_any.py", UNCOUNTED[0])
    assert [is_counted(name) for name in names] == [True, False, False]


def test_helpers_and_folders_are_read_in_both_runs():
    for which in ("counted", "others"):
        config = SimpleNamespace(getoption=lambda name, which=which: which, rootpath=ROOT)
        for name in ("tests", "tests/crash", "tests/conftest.py", "tests/crash/killing.py"):
            assert pytest_ignore_collect(ROOT / name, config) is None


def test_bytecode_that_was_written_before_is_what_pytest_reads(tmp_path, pytestconfig, monkeypatch):
    source = tmp_path / "test_one.py"
    source.write_text("def test_one():\n    assert 1 + 1 == 2\n", encoding="utf-8")
    write_bytecode(source, pytestconfig)
    (written,) = (tmp_path / "__pycache__").iterdir()

    def refused(*_):
        raise AssertionError("rewritten again")

    monkeypatch.setattr(rewrite, "_rewrite_test", refused)
    hook = rewrite.AssertionRewritingHook(pytestconfig)
    loader = spec_from_file_location("test_one", source, loader=hook)
    module = module_from_spec(loader)
    hook.exec_module(module)
    module.test_one()
    before = written.stat().st_mtime_ns
    write_bytecode(source, pytestconfig)
    assert written.stat().st_mtime_ns == before
