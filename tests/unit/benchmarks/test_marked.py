"""Parts of pages that benchmarks rewrite: one piece puts them there, and every benchmark that writes one uses it."""

import re
from importlib import import_module
from pathlib import Path

import pytest
from benchmarks import marked

ROOT = Path(__file__).parents[3]
USERS = {
    "benchmarks.wire": "wire",
    "benchmarks.web_strategies": "web strategies",
    "benchmarks.web_routes": "web routes",
    "benchmarks.web_load": "web load",
    "benchmarks.soak": "soak",
    "benchmarks.demo_memory": "demo memory",
    "benchmarks.bar_store": "bar store",
    "benchmarks.data_status": "data status",
    "benchmarks.speed_page": "table",
}


@pytest.mark.parametrize("name", USERS)
def test_a_benchmark_finds_its_part_on_its_page_and_leaves_the_rest(name, tmp_path):
    module = import_module(name)
    assert USERS[name] == module.NAME
    assert module.put is marked.put
    before = module.PAGE.read_text(encoding="utf-8")
    page = tmp_path / "page.md"
    page.write_text(before, encoding="utf-8")
    marked.put(page, module.NAME, r"| a \1 table |")
    after = page.read_text(encoding="utf-8")
    ends = [f"<!-- {module.NAME}: {word} -->" for word in ("begin", "end")]
    assert after.partition(ends[0])[0] == before.partition(ends[0])[0]
    assert after.partition(ends[1])[2] == before.partition(ends[1])[2]
    assert r"| a \1 table |" in after
    assert [after.count(one) for one in ends] == [1, 1]


def test_no_benchmark_writes_between_marks_by_itself():
    own = [
        file.name
        for file in (ROOT / "benchmarks").rglob("*.py")
        if file.name not in ("marked.py", "readme.py")
        and re.search(r"<!-- [\w ]+: begin -->", file.read_text("utf-8"))
    ]
    assert own == []


@pytest.mark.parametrize(
    "whole",
    ["a <!-- x: begin --> b", "a <!-- x: end --> b", "<!-- x: end --> a <!-- x: begin -->",
     "<!-- x: begin -->a<!-- x: end --><!-- x: begin -->b<!-- x: end -->"],
)  # fmt: skip
def test_a_page_whose_marks_are_broken_is_left_as_it_is(whole, tmp_path):
    page = tmp_path / "page.md"
    page.write_text(whole, encoding="utf-8")
    with pytest.raises(ValueError, match="marks of 'x'"):
        marked.put(page, "x", "new")
    assert page.read_text(encoding="utf-8") == whole
