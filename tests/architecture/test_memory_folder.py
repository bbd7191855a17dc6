"""What tests write lies in memory where there is enough of it, and is gone afterwards."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.architecture.source_tree import ROOT

sys.path.insert(0, str(ROOT / "tools"))

import memory_folder
from memory_folder import LEAST_MEMORY, temporary_files_in_memory


@pytest.fixture
def memory(tmp_path, monkeypatch):
    """Give a folder that passes for a file system in memory with room, and what is available."""
    monkeypatch.delenv("TMPDIR", raising=False)
    monkeypatch.setattr(tempfile, "tempdir", None)
    monkeypatch.setattr(memory_folder, "LEAST_FREE", 0)
    monkeypatch.setattr(os.path, "ismount", lambda _: True)
    (tmp_path / "shm").mkdir()
    said = tmp_path / "meminfo"
    said.write_text(f"MemTotal: 1 kB\nMemAvailable: {LEAST_MEMORY // 1024} kB\n")
    return tmp_path / "shm", said


def test_temporary_files_lie_in_memory_and_are_gone_afterwards(memory):
    with temporary_files_in_memory(*memory) as folder:
        assert Path(tempfile.mkdtemp()).parent == folder
        assert os.environ["TMPDIR"] == str(folder)
        assert folder.parent == memory[0]
    assert list(memory[0].iterdir()) == []
    assert "TMPDIR" not in os.environ


def test_what_a_killed_run_left_is_removed_and_what_another_uses_stays(memory):
    dead, alive = (memory[0] / f"{memory_folder.PREFIX}{pid}" for pid in (2**22 + 1, os.getppid()))
    for folder in (dead, alive):
        (folder / "home").mkdir(parents=True)
    with temporary_files_in_memory(*memory):
        assert not dead.exists()
    assert [folder.name for folder in memory[0].iterdir()] == [alive.name]


@pytest.mark.parametrize("lacking", ["memory", "mount", "programs", "file", "chosen"])
def test_where_memory_is_scarce_or_a_folder_is_chosen_nothing_changes(memory, monkeypatch, tmp_path, lacking):
    if lacking == "memory":
        memory[1].write_text("MemAvailable: 1000 kB\n")
    elif lacking == "mount":
        monkeypatch.setattr(os.path, "ismount", lambda _: False)
    elif lacking == "programs":
        monkeypatch.setattr(os, "statvfs", lambda _: SimpleNamespace(f_flag=os.ST_NOEXEC))
    elif lacking == "file":
        memory[1].unlink()
    else:
        monkeypatch.setenv("TMPDIR", str(tmp_path))
    with temporary_files_in_memory(*memory) as folder:
        assert folder is None
        assert os.environ.get("TMPDIR") == (str(tmp_path) if lacking == "chosen" else None)
    assert list(memory[0].iterdir()) == []
