"""What is said of test files where a run is planned is said of files that there are."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.running import COUNTED, FIRST, UNCOUNTED, is_counted, pytest_collection_modifyitems

ROOT = Path(__file__).resolve().parents[2]


def config(which):
    """Return what pytest says of a run."""
    hook = SimpleNamespace(pytest_deselected=lambda items: None)
    return SimpleNamespace(getoption=lambda name: which, hook=hook)


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
    pytest_collection_modifyitems(config("all"), items)
    assert [ids.index(one.nodeid) for one in items] == [3, 1, 0, 2, 4]


def test_the_two_runs_have_every_test_once():
    ids = [
        "tests/unit/trading/test_any.py::one",
        "tests/unit/views/test_any.py::two",
        f"{UNCOUNTED[0]}::three",
    ]
    found = {}
    for which in ("counted", "others"):
        items = [SimpleNamespace(nodeid=one) for one in ids]
        pytest_collection_modifyitems(config(which), items)
        found[which] = sorted(one.nodeid for one in items)
    assert found == {"counted": ids[:1], "others": sorted(ids[1:])}


def test_lines_count_where_trading_is_meant():
    counted = (
        "tests/unit/trading/test_any.py::one",
        "tests/unit/views/test_any.py::one",
        f"{UNCOUNTED[0]}::one",
    )
    assert [is_counted(SimpleNamespace(nodeid=one)) for one in counted] == [True, False, False]
