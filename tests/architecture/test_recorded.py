"""What tests take is recorded by file, and an area gets dearer for the same cases only with a word why."""

from __future__ import annotations

import json
import subprocess
import sys
from argparse import Namespace
from types import SimpleNamespace

import pytest

from tests import spending
from tests.architecture.source_tree import ROOT
from tests.houses import until

sys.path.insert(0, str(ROOT / "tools"))

import run_tests
from recorded import TOGETHER, Record, area, compared, dearer, keep, load, merged

ONE, TWO, OTHER = (
    "tests/unit/domain/test_one.py",
    "tests/unit/domain/test_two.py",
    "tests/crash/test_other.py",
)
BEFORE = Record(1.0, {ONE: (40.0, 10, 0.0, 0), TWO: (60.0, 10, 60.0, 10), OTHER: (2.0, 1, 0.0, 0)})


def test_what_is_recorded_is_of_files_that_are_there():
    kept = load(ROOT / "tests" / "durations.toml")
    assert kept
    assert [name for name in kept.files if not (ROOT / name).is_file()] == []
    assert sum(cases for _, cases in kept.areas().values()) == sum(one[1] for one in kept.files.values())


def test_an_area_is_a_folder_of_tests_or_a_wing_below_unit():
    names = (ONE, OTHER, "tests/unit/test_api.py", "tests/unit/views/web/test_x.py")
    assert [area(name) for name in names] == [
        "tests/unit/domain",
        "tests/crash",
        "tests/unit",
        "tests/unit/views",
    ]


def test_what_several_runs_spent_is_added_up_and_what_no_test_took_left_out():
    assert merged([{"": [9.0, 0, 0, 0], ONE: [1.0, 2, 0.5, 1]}, {ONE: [2.0, 1, 0.0, 0]}]) == {
        ONE: (3.0, 3, 0.5, 1)
    }


@pytest.mark.parametrize(
    ("seconds", "cases", "yardstick", "named"),
    [
        (112.0, 20, 1.0, []),  # within what chance adds
        (120.0, 20, 1.0, [TOGETHER]),  # for one area, not for all there are
        (140.0, 20, 1.0, ["tests/unit/domain"]),
        (140.0, 20, 1.4, []),  # the machine is slower
        (200.0, 40, 1.0, []),  # twice the cases
        (140.0, 10, 1.0, ["tests/unit/domain"]),  # fewer cases earn no room
    ],
)
def test_the_same_cases_may_not_take_more(seconds, cases, yardstick, named):
    new = Record(yardstick, {ONE: (seconds, cases, 0.0, 0)})
    assert list(dearer(BEFORE, new)) == named


def test_many_areas_may_not_take_a_little_more_each():
    files = [f"tests/unit/{wing}/test_one.py" for wing in ("data", "domain", "engine", "quant")]
    old = Record(1.0, dict.fromkeys(files, (50.0, 10, 0.0, 0)))
    assert dearer(old, Record(1.0, dict.fromkeys(files, (56.0, 10, 0.0, 0)))) == {}
    worse = Record(1.0, dict.fromkeys(files, (60.0, 10, 0.0, 0)))
    assert dearer(old, worse) == {TOGETHER: "240.0 yardsticks, 200.0 for as many cases before"}
    other = Record(1.0, {name: (60.0 if name == files[0] else 50.0, 10, 0.0, 0) for name in files})
    assert dearer(old, other) == {}


def test_seconds_of_chance_and_new_areas_are_not_held():
    new = Record(1.0, {OTHER: (6.0, 1, 0.0, 0), "tests/new/test_new.py": (900.0, 1, 0.0, 0)})
    assert dearer(BEFORE, new) == {}


def test_a_dearer_record_needs_a_word_why_and_keeps_it(tmp_path):
    path, worse = (
        tmp_path / "durations.toml",
        Record(1.0, {ONE: (300.0, 20, 0.0, 0), OTHER: (1.0, 1, 0.0, 0)}),
    )
    assert keep(path, BEFORE, "") == ""
    assert load(path) == BEFORE
    assert "tests/unit/domain: 300.0 yardsticks for 20 cases, before 100.0 for 20" in keep(path, worse, "")
    assert load(path) == BEFORE
    assert keep(path, worse, 'asks a real "server" now') == ""
    assert load(path).because == {"tests/unit/domain": 'asks a real "server" now'}
    assert load(path).files == worse.files
    assert keep(path, worse, "") == ""
    assert load(path).because == {"tests/unit/domain": 'asks a real "server" now'}


def test_a_run_says_what_areas_take_against_the_record():
    table = compared(BEFORE, Record(2.0, {ONE: (100.0, 20, 0.0, 0)}))
    assert "   100.0 s     20  tests/unit/domain             0.50 of before (20 cases)" in table


def test_a_whole_run_prints_and_keeps_what_it_spent(tmp_path, monkeypatch, capsys):
    parts = [tmp_path / "a.json", tmp_path / "b.json"]
    tally, asked = run_tests.Tally(), Namespace(record=True, because="")
    monkeypatch.setattr(run_tests, "DURATIONS", tmp_path / "durations.toml")
    monkeypatch.setattr(run_tests.recorded, "yardstick", lambda: 1.0)
    parts[0].write_text(json.dumps({ONE: [10.0, 1, 0.0, 0]}))
    run_tests.processor(tally, parts, asked)
    assert not run_tests.DURATIONS.exists()
    parts[1].write_text(json.dumps({OTHER: [20.0, 1, 0.0, 0]}))
    run_tests.processor(tally, parts, asked)
    assert set(load(run_tests.DURATIONS).files) == {ONE, OTHER}
    parts[1].write_text(json.dumps({OTHER: [90.0, 1, 0.0, 0]}))
    run_tests.processor(tally, parts, asked)
    assert (tally.passed, tally.failed) == (1, 1)
    assert "dearer: tests/crash" in capsys.readouterr().out


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only on Linux")
def test_a_process_that_goes_on_is_counted_while_it_lives():
    before = spending.living()
    with subprocess.Popen([sys.executable, "-c", "while True: pass"]) as busy:
        try:
            assert until(lambda: spending.living() - before > 0.1)
        finally:
            busy.kill()


def test_each_process_measures_its_tests_and_the_leader_adds_up(tmp_path):
    def session(**more):
        options = {"numprocesses": 2, "--spent": str(tmp_path / "spent.json")}
        config = SimpleNamespace(
            stash=pytest.Stash(), getoption=lambda name, default=None: options[name], **more
        )
        spending.pytest_configure(config)
        return SimpleNamespace(config=config)

    lead, worker = session(), session(workerinput={}, workeroutput={})
    marks = {"slow": True}
    item = SimpleNamespace(config=worker.config, nodeid=f"{ONE}::test", get_closest_marker=marks.get)
    for _ in range(2):
        wrapped = spending.pytest_runtest_protocol(item, item)
        next(wrapped)
        with pytest.raises(StopIteration):
            wrapped.send(None)
    spending.pytest_sessionfinish(worker)
    spending.pytest_testnodedown(SimpleNamespace(config=lead.config, workeroutput=worker.config.workeroutput))
    spending.pytest_sessionfinish(lead)
    kept = json.loads((tmp_path / "spent.json").read_text())
    assert set(kept) == {"", ONE}
    assert (kept[ONE][1], kept[ONE][3]) == (2, 2)
    assert kept[""][0] > 0
