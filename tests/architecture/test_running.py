"""What is said of test files where a run is planned is said of files that there are."""

from __future__ import annotations

import ast
import io
import re
import subprocess
import sys
import tomllib
from contextlib import contextmanager
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import SimpleNamespace

import pytest
from _pytest.assertion import rewrite
from tools import affected
from tools.affected.choice import Chosen

from tests.running import (
    CHAOS,
    COUNTED,
    DURATIONS,
    SHARED_OUT,
    UNCOUNTED,
    WAITING,
    is_counted,
    longest_first,
    pytest_collection_modifyitems,
    pytest_ignore_collect,
    share_out,
    write_bytecode,
)

ROOT = Path(__file__).resolve().parents[2]
# Take longest to load of what tests bring; see `tests.lazily`.
HEAVY = ("matplotlib", "pandas", "quantstats", "scipy", "talib")


def files(which):
    """Return the files that a run reads."""
    config = SimpleNamespace(getoption=lambda name: which, rootpath=ROOT)
    paths = sorted((ROOT / "tests").rglob("test_*.py"))
    return [path.relative_to(ROOT).as_posix() for path in paths if not pytest_ignore_collect(path, config)]


@pytest.mark.parametrize("name", sorted({*COUNTED, *UNCOUNTED, *WAITING, *SHARED_OUT}))
def test_every_name_is_there(name):
    assert (ROOT / name).exists()
    assert (ROOT / name).is_dir() == name.endswith("/")


def test_the_longest_come_first_and_tests_of_a_file_keep_their_order():
    took = tomllib.loads(DURATIONS.read_text("utf-8"))["files"]
    long, short = max(took, key=took.get), min(took, key=took.get)
    ids = [f"{short}::one", f"{WAITING[1]}::two", f"{long}::three", f"{WAITING[0]}::four", f"{short}::five"]
    items = [
        SimpleNamespace(nodeid=one, get_closest_marker=lambda mark: None, add_marker=lambda mark: None)
        for one in ids
    ]
    pytest_collection_modifyitems(SimpleNamespace(getoption=lambda name: None), items)
    assert [ids.index(one.nodeid) for one in items] == [3, 1, 2, 0, 4]


def test_of_a_file_that_is_shared_out_every_case_is_either_run_or_left_to_chaos():
    name, parts = next(iter(SHARED_OUT.items()))
    marked = []
    items = [
        SimpleNamespace(
            nodeid=f"{file}::{number}",
            get_closest_marker=lambda mark: None,
            add_marker=lambda mark, one=(file, number): marked.append((*one, mark.name)),
        )
        for number in range(7)
        for file in (name, "tests/other.py")
    ]
    share_out(items)
    assert marked == [(name, number, "chaos") for number in range(7) if number % parts]


def test_what_trades_and_whose_things_are_whose_is_never_shared_out():
    whole = ("tests/golden/", "tests/crash/", "tests/parity/", "tests/contracts/", "tests/unit/trading/")
    assert not [name for name in SHARED_OUT if name.startswith((*whole, "tests/unit/engine/"))]
    assert "tests/security/test_other_peoples_things.py" not in SHARED_OUT


def test_a_file_that_was_never_recorded_takes_its_place_among_the_others():
    took = tomllib.loads(DURATIONS.read_text("utf-8"))["files"]
    long = [name for name, entry in took.items() if entry[0] > 2][:1]
    assert longest_first(["tests/new.py", *long]) == [*long, "tests/new.py"]


def test_a_quick_run_leaves_out_deep_tests_but_those_of_changed_files_and_keeps_its_order():
    left = []
    hook = SimpleNamespace(pytest_deselected=lambda items: left.extend(items))
    config = SimpleNamespace(getoption=lambda name: "tests/a.py,tests/c.py", hook=hook)
    items = [
        SimpleNamespace(nodeid=name, get_closest_marker=lambda mark, deep=deep: mark == deep)
        for name, deep in (
            ("tests/b.py::one", ""),
            ("tests/b.py::two", "browser"),
            ("tests/a.py::one", "slow"),
            (f"{WAITING[0]}::two", "shared"),
            (f"{WAITING[0]}::one", ""),
        )
    ]
    pytest_collection_modifyitems(config, items)
    assert [one.nodeid for one in items] == ["tests/b.py::one", "tests/a.py::one", f"{WAITING[0]}::one"]
    assert [one.nodeid for one in left] == ["tests/b.py::two", f"{WAITING[0]}::two"]


def test_what_is_left_to_chaos_is_left_out_of_every_other_run(monkeypatch):
    left = []
    hook = SimpleNamespace(pytest_deselected=lambda items: left.extend(items))
    config = SimpleNamespace(getoption=lambda name: None, hook=hook)

    def found():
        return [
            SimpleNamespace(
                nodeid=f"tests/a.py::{name}", get_closest_marker=lambda mark, own=own: mark == own
            )
            for name, own in (("one", ""), ("two", "chaos"))
        ]

    monkeypatch.delenv(CHAOS, raising=False)
    pytest_collection_modifyitems(config, items := found())
    assert [one.nodeid for one in items] == ["tests/a.py::one"]
    assert [one.nodeid for one in left] == ["tests/a.py::two"]
    monkeypatch.setenv(CHAOS, "1")
    pytest_collection_modifyitems(config, items := found())
    assert len(items) == 2


def test_the_two_runs_have_every_file_once():
    counted, others = files("counted"), files("others")
    assert counted
    assert others
    assert sorted([*counted, *others]) == files("all")
    assert set(UNCOUNTED) <= set(others)
    assert all(name.startswith(COUNTED) for name in counted)


def test_what_takes_long_to_load_is_loaded_by_the_tests_that_need_it():
    named = re.compile(rf"^(import|from) ({'|'.join(HEAVY)})\b", re.MULTILINE)
    found = []
    for name in files("others"):
        text = (ROOT / name).read_text("utf-8")
        # Programs that a test writes begin their lines as well.
        for line in ast.parse(text).body if named.search(text) else ():
            modules = [one.name for one in line.names] if isinstance(line, ast.Import) else []
            modules += [line.module] if isinstance(line, ast.ImportFrom) else []
            found += [f"{name}: {one}" for one in modules if one.partition(".")[0] in HEAVY]
    assert not found


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


REPORT = '<testsuites><testsuite tests="2" failures="{failed}" errors="0" skipped="0"/></testsuites>'


@pytest.fixture
def run_tests(monkeypatch):
    """What `make test` calls."""
    spec = spec_from_file_location("run_tests", ROOT / "tools" / "run_tests.py")
    module = module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "run_tests", module)
    monkeypatch.setattr(sys, "path", [*sys.path])
    spec.loader.exec_module(module)
    return module


def test_what_is_run_beside_is_counted_and_shown_after_the_others(run_tests, monkeypatch, tmp_path, capsys):
    asked = []

    def run(command, *, env, stdout, **_):
        asked.append((command, env))
        is_plain = "NUMBA_DISABLE_JIT" in env
        report = [word.partition("=")[2] for word in command if word.startswith("--junitxml=")]
        for path in report:
            Path(path).write_text(REPORT.format(failed=int(is_plain)), encoding="utf-8")
        print(f"said by {len(asked)}", file=stdout)
        return subprocess.CompletedProcess(command, int(is_plain))

    monkeypatch.setattr(run_tests, "ROOT", tmp_path)
    monkeypatch.setattr(run_tests.subprocess, "run", run)
    monkeypatch.setattr(run_tests, "existing", list)
    tally = run_tests.Tally()
    run_tests.everything(tally)
    # Three runs of two tests, one of which fails, and the coverage.
    assert (tally.passed, tally.failed, tally.lost) == (6, 1, ["kernel without compilation"])
    told = capsys.readouterr().out
    titles = (
        "tests whose lines do not count: ok",
        "tests whose lines count: ok",
        "compilation: failed",
        "95 %: ok",
    )
    assert [told.index(one) for one in titles] == sorted(told.index(one) for one in titles)
    of = {next(word for word in command if word in ("--lines=others", "--lines=counted", "-k", "report")): command
          for command, _ in asked}  # fmt: skip
    assert {"tests.counting", "tests/golden"} <= set(of["-k"])
    assert "tests.counting" in of["--lines=counted"]
    assert "tests.counting" not in of["--lines=others"]


def test_what_both_ways_leaves_out_is_run_where_the_kernel_is_compiled(run_tests):
    words = re.findall(r"not (\w+)", run_tests.BOTH_WAYS[1])
    assert words
    for word in words:
        held = {
            path.relative_to(ROOT).as_posix()
            for folder in run_tests.PLAIN
            for path in (ROOT / folder).rglob("test_*.py")
            if word == path.stem or re.search(rf"def test_\w*{word}", path.read_text("utf-8"))
        }
        assert held
        assert all(is_counted(name) for name in held)


def test_a_run_whose_report_is_missing_has_failed(run_tests, monkeypatch):
    monkeypatch.setattr(
        run_tests.subprocess, "run", lambda command, **_: subprocess.CompletedProcess(command, 4)
    )
    tally, said = run_tests.Tally(), io.StringIO()
    run_tests.pytest_run(tally, "broken", said=said)
    assert (tally.passed, tally.failed, tally.lost) == (0, 1, ["broken"])
    assert "--- broken: failed (4)" in said.getvalue()


CHANGED = affected.Changes("abc", ("docs/one.md", "tests/test_b.py"), (), ("docs/one.md",))


@pytest.fixture
def checked(run_tests, monkeypatch):
    """What a check of two changed files asks for: titles and words of each program."""
    asked = []

    def call(title, command, extra=None, said=None):
        asked.append((title, command))
        return 0

    @contextmanager
    def beside(tally, title, *command):
        asked.append((title, command))
        yield

    monkeypatch.setattr(run_tests, "call", call)
    monkeypatch.setattr(run_tests, "beside", beside)
    monkeypatch.setattr(run_tests, "reuse_compiled", lambda graph: None)
    monkeypatch.setattr(run_tests.affected, "changes", lambda root, since: CHANGED)
    monkeypatch.setattr(run_tests.affected, "graph_of", lambda root, found: None)
    return asked


def test_a_check_runs_the_chosen_tests_in_their_order_and_says_what_is_left(
    run_tests, checked, monkeypatch, capsys
):
    run = tuple(Chosen(f"tests/test_{name}.py", 1, 1, ("docs/one.md",), 2.0) for name in "ba")
    left = (Chosen("tests/test_c.py", 4, 4, ("docs/one.md",), 90.0),)
    monkeypatch.setattr(run_tests.affected, "plan", lambda *_: affected.Choice(run, left, ()))
    run_tests.change(run_tests.Tally(), SimpleNamespace(since=None, seconds=None, why=None))
    (command,) = [command for title, command in checked if title == "tests of the change"]
    assert [word for word in command if word.startswith(("tests/", "--quick"))] == [
        "tests/test_b.py", "tests/test_a.py", "--quick=tests/test_b.py",
    ]  # fmt: skip
    said = capsys.readouterr().out
    assert said.count("2 files changed since abc; 2 of 3 test files that they can break are run, 4 s") == 2
    assert "1 farther off are left to `make test`, 90 s" in said
    checked.clear()
    run_tests.change(run_tests.Tally(), SimpleNamespace(since=None, seconds=None, why="test_c"))
    assert checked == []
    assert "left, 90.0 s: tests/test_c.py <- docs/one.md" in capsys.readouterr().out


def test_files_that_wait_come_first_and_have_a_process_more(run_tests):
    assert run_tests.spread(["tests/test_b.py", "tests/test_a.py"])[:2] == ["-n", "2"]
    words = run_tests.spread(["tests/test_b.py", "tests/test_a.py", WAITING[3]])
    assert words[:2] == ["-n", "3"]
    assert [word for word in words if word.endswith(".py")] == [
        WAITING[3],
        "tests/test_b.py",
        "tests/test_a.py",
    ]
    assert [run_tests.spread(["tests/test_b.py", *WAITING[:count]])[1] for count in range(4)] == [
        "2",
        "3",
        "4",
        "4",
    ]


def test_a_check_without_anything_to_compare_with_runs_all_quick_tests(run_tests, checked, monkeypatch):
    monkeypatch.setattr(run_tests.affected, "changes", lambda root, since: None)
    monkeypatch.setattr(run_tests, "front_end", lambda tally: None)
    run_tests.change(run_tests.Tally(), SimpleNamespace(since="nowhere", seconds=None, why=None))
    (command,) = [command for title, command in checked if title == "quick tests"]
    assert set(run_tests.QUICK) <= set(command)


def test_a_file_that_is_not_python_is_said_and_no_test_is_run(run_tests, checked, monkeypatch, capsys):
    def broken(root, found):
        raise SyntaxError("one.py, line 3")

    monkeypatch.setattr(run_tests.affected, "graph_of", broken)
    run_tests.change(run_tests.Tally(), SimpleNamespace(since=None, seconds=None, why=None))
    assert [title for title, _ in checked] == ["ruff: lint", "ruff: format"]
    assert "no tests are chosen while a file is not Python: one.py, line 3" in capsys.readouterr().out
