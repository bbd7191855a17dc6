"""Files written together: all of the new or all of the old."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from vigie.adapters.stores import results
from vigie.adapters.stores.results import write_together
from vigie.domain.errors import StorageError

OLD = {"a.csv": b"old a", "b.csv": b"old b"}
NEW = {"a.csv": b"new a", "b.csv": b"new b", "c.csv": b"new c"}


def read(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_files_are_written_into_folders_that_are_made(tmp_path: Path):
    write_together(tmp_path / "x" / "y", NEW)
    assert read(tmp_path / "x" / "y") == NEW
    assert [path.name for path in (tmp_path / "x").iterdir()] == ["y"]


def test_other_files_of_the_folder_stay(tmp_path: Path):
    write_together(tmp_path / "r", {"notes.txt": b"mine"})
    write_together(tmp_path / "r", NEW)
    assert read(tmp_path / "r") == {**NEW, "notes.txt": b"mine"}


@pytest.mark.parametrize("at", [0, 1, 2])
@pytest.mark.parametrize("links", [True, False])
def test_a_move_that_fails_is_taken_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: int, links: bool
):
    write_together(tmp_path / "r", OLD)
    moved, real = [], os.replace

    def replace(source: Path, target: Path) -> None:
        if source.parent.name.endswith(".part") and len(moved) == at:
            raise OSError(errno.ENOSPC, "No space left on device")
        moved.append(target.name)
        real(source, target)

    def refused(source: Path, target: Path) -> None:
        raise OSError(errno.EPERM, "no links here")

    monkeypatch.setattr(results.os, "replace", replace)
    if not links:
        monkeypatch.setattr(results.os, "link", refused)
    with pytest.raises(StorageError, match="could not be written: No space left on device; the old"):
        write_together(tmp_path / "r", NEW)
    assert read(tmp_path / "r") == OLD
    assert [path.name for path in tmp_path.iterdir()] == ["r"]


def test_a_folder_that_was_not_there_is_not_left_empty(tmp_path: Path):
    with pytest.raises(StorageError):
        write_together(tmp_path / "r", {"no/such/folder.csv": b""})
    assert list(tmp_path.iterdir()) == []


def test_a_file_in_the_place_of_the_folder_is_said(tmp_path: Path):
    (tmp_path / "r").write_text("a file")
    with pytest.raises(StorageError, match="give another --out"):
        write_together(tmp_path / "r", NEW)
    assert (tmp_path / "r").read_text() == "a file"
