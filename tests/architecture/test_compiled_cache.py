"""Compiled code of before is used again where no changed file can be in it, and nowhere else."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.architecture.source_tree import ROOT

sys.path.insert(0, str(ROOT / "tools"))

import compiled_cache
from vigie import compiled

GRID, KERNEL, RSI = (
    f"src/vigie/{name}.py" for name in ("quant/grid", "engine/kernel", "quant/indicators/rsi")
)
USERS = {
    GRID: {KERNEL, "tests/unit/quant/test_grid.py"},
    RSI: {"src/vigie/trading/strategies/rsi_reversion.py"},
}
BEFORE = {GRID: "1", KERNEL: "1", RSI: "1"}
CODE = (
    "quant_0a1/grid.floor-3.py311.nbi",
    "engine_0a2/kernel.open_entry-9.py311.nbc",
    "indicators_0a3/rsi.rsi-20.py311.nbi",
)


@pytest.fixture
def before(tmp_path):
    folder = tmp_path / "kernel-before"
    for name in CODE:
        (folder / name).parent.mkdir(parents=True)
        (folder / name).write_text(name)
    compiled_cache.reuse(folder, BEFORE, USERS)
    return folder


def copied(folder):
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*.nb[ic]")}


@pytest.mark.parametrize(
    ("now", "kept"),
    [
        ({**BEFORE, RSI: "2"}, set(CODE[:2])),
        ({**BEFORE, KERNEL: "2"}, {CODE[0], CODE[2]}),
        ({**BEFORE, GRID: "2"}, {CODE[2]}),  # the kernel has it inside
        ({GRID: "1", KERNEL: "1"}, set(CODE[:2])),
        ({**BEFORE, "src/vigie/domain/new.py": "1"}, set(CODE)),
    ],
    ids=["indicator", "kernel", "used by the kernel", "gone", "new"],
)
def test_what_uses_a_changed_file_is_compiled_anew_and_all_else_is_kept(before, tmp_path, now, kept):
    folder = tmp_path / "kernel-now"
    assert compiled_cache.reuse(folder, now, USERS) == len(kept)
    assert copied(folder) == kept


def test_a_folder_that_has_code_is_left_as_it_is_and_remembered(before, tmp_path):
    folder = tmp_path / "kernel-now"
    (folder / "engine_0a2").mkdir(parents=True)
    assert compiled_cache.reuse(folder, {**BEFORE, RSI: "2"}, USERS) == 0
    assert copied(folder) == set()
    # The next state is compared with this one: it is nearer.
    assert compiled_cache.reuse(tmp_path / "kernel-next", {**BEFORE, RSI: "2"}, USERS) == 0


def test_a_damaged_memory_is_nobodys(tmp_path):
    (tmp_path / "kernel-old").mkdir()
    (tmp_path / "kernel-old" / compiled_cache.SOURCES).write_text("{")
    assert compiled_cache.reuse(tmp_path / "kernel-now", BEFORE, USERS) == 0


def test_the_sources_are_those_that_the_product_counts():
    assert compiled_cache.WINGS == compiled._SOURCES
    assert {GRID, KERNEL, RSI} <= compiled_cache.sources(ROOT).keys()


def test_names_of_compiled_files_are_those_of_numba():
    from vigie.engine import kernel

    cache = getattr(kernel.open_entry, "_cache", None)
    if cache is None:
        # Compilation is switched off: there are no names.
        return
    name, folder = cache._impl.filename_base, Path(cache.cache_path).name
    assert name.partition(".")[0] == "kernel"
    assert folder.rpartition("_")[0] == "engine"
