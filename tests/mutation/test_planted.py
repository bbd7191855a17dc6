"""Ten faults in ten wings: what notices each is among the tests that `make check` runs for it.

That those tests fail is tried by `make mutants`, which plants every fault; it takes minutes. Here it is held that they
are still chosen, from the graph and the recorded durations of this tree.
"""

from __future__ import annotations

import pytest
from tools import affected
from tools.affected import Changes

from tests.mutation import planted
from tests.mutation.planted import FAULTS, ROOT, Fault, Found, copied


@pytest.fixture(scope="module")
def tree() -> Changes:
    found = affected.changes(ROOT)
    assert found is not None
    return found


@pytest.fixture(scope="module")
def graph(tree: Changes) -> affected.Graph:
    return affected.graph_of(ROOT, tree)


def test_there_are_ten_and_no_two_in_one_file():
    assert len(FAULTS) == 10 == len({fault.path for fault in FAULTS.values()})


@pytest.mark.parametrize("name", FAULTS)
def test_the_text_of_a_fault_stands_in_its_file_once(name: str):
    assert (ROOT / FAULTS[name].path).read_text(encoding="utf-8").count(FAULTS[name].old) == 1


@pytest.mark.parametrize("name", FAULTS)
def test_what_notices_a_fault_is_run_for_it(name: str, tree: Changes, graph: affected.Graph):
    fault = FAULTS[name]
    alone = Changes(tree.since, (fault.path,), (), tree.files)
    choice = affected.plan(ROOT, alone, graph=graph)
    assert fault.noticed_by.partition("::")[0] in {one.path for one in choice.run}


def test_a_fault_is_planted_into_a_copy_and_taken_out_again(tmp_path, monkeypatch):
    """A small tree stands for the real one: one file, one test of it."""
    asked = []

    def python(copy, fault, *words):
        text = (copy / fault.path).read_text("utf-8")
        asked.append(text)
        said, files = "", [word for word in words if word.startswith("tests/")]
        if words[-1] == "--chosen":
            said = '{"run": ["tests/test_a.py", "tests/test_b.py"], "reached": 5, "line": "so many"}'
        # One test fails whatever the tree is, another on the fault alone.
        elif (
            files[0].startswith("tests/test_a.py")
            and "--deselect=tests/test_a.py::test_ill[a b]" not in words
        ):
            said = "FAILED tests/test_a.py::test_ill[a b] - assert False\n"
        elif files[0] == "tests/test_b.py" and "wrong" in text:
            said = "FAILED tests/test_b.py::test_it - assert False\n"
        return planted.subprocess.CompletedProcess(words, int("FAILED" in said), said, "")

    monkeypatch.setattr(planted, "_python", python)
    monkeypatch.setattr(planted, "TOGETHER", 1)
    monkeypatch.setitem(FAULTS, "small", Fault("a.txt", "right", "wrong", "tests/test_b.py::test_it"))
    (tmp_path / "a.txt").write_text("all right")
    found = planted.try_one(tmp_path, "small")
    assert found == Found("small", 2, 5, 2, ("tests/test_b.py::test_it",), "so many")
    assert asked == ["all wrong", "all wrong", "all right", "all wrong", "all wrong", "all right"]
    assert (tmp_path / "a.txt").read_text() == "all right"


def test_a_copy_is_the_tree_as_it_is_now_with_one_commit(tmp_path):
    for words in (("init", "-q", "-b", "main"),):
        planted.subprocess.run(["git", "-C", str(tmp_path), *words], check=True)
    (tmp_path / "new.py").write_text("here = 1\n")
    with copied(tmp_path) as copy:
        assert (copy / "new.py").read_text() == "here = 1\n"
        assert affected.changes(copy, "HEAD").changed == ()
        (copy / "new.py").write_text("here = 2\n")
        assert affected.changes(copy, "HEAD").changed == ("new.py",)
