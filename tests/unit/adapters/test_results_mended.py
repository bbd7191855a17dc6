"""Results behind links and on other file systems, and what is advised where nothing can be written."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from vigie.adapters.stores import results
from vigie.adapters.stores.results import write_together
from vigie.domain.errors import StorageError, UsageError
from vigie.services.runs.folders import refuse_foreign_folder
from vigie.services.runs.results import read_result

NEW = {"a.csv": b"new a", "b.csv": b"new b"}


def read(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.fixture
def other_file_system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder from and to which nothing can be moved or linked, as a mount point."""
    mount = tmp_path / "mount"
    mount.mkdir()

    def checked(real):
        def move(source: Path, target: Path) -> None:
            inside = [Path(os.path.realpath(path)).is_relative_to(mount) for path in (source, target)]
            if inside[0] != inside[1]:
                raise OSError(errno.EXDEV, "Invalid cross-device link")
            real(source, target)

        return move

    monkeypatch.setattr(results.os, "replace", checked(os.replace))
    monkeypatch.setattr(results.os, "link", checked(os.link))
    return mount


@pytest.mark.parametrize("again", [1, 2])
def test_a_mount_point_is_written_to(other_file_system: Path, again: int):
    for _ in range(again):
        write_together(other_file_system, NEW)
    assert read(other_file_system) == NEW


@pytest.mark.skipif(sys.platform == "win32", reason="not on Windows: links need a right")
@pytest.mark.parametrize("there", [True, False])
def test_a_link_into_another_file_system_is_followed(other_file_system: Path, tmp_path: Path, there: bool):
    target = other_file_system / "deep" / "r"
    if there:
        target.mkdir(parents=True)
    link = tmp_path / "link"
    link.symlink_to(target)
    write_together(link, NEW)
    assert link.is_symlink()
    assert read(target) == NEW
    assert sorted(path.name for path in tmp_path.iterdir()) == ["link", "mount"]


@pytest.mark.parametrize(
    ("number", "advice"),
    [
        (errno.EACCES, "You cannot write there: give another --out"),
        (errno.EROFS, "You cannot write there: give another --out"),
        (errno.ENOSPC, "Free some space or give another --out"),
    ],
)
def test_the_advice_fits_the_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, advice: str):
    def refused(source: Path, target: Path) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(results.os, "replace", refused)
    with pytest.raises(StorageError) as caught:
        write_together(tmp_path / "x" / "r", NEW)
    assert str(caught.value).endswith(f"the old result is intact. {advice}")
    assert list(tmp_path.iterdir()) == [], "folders that were made are gone again"


def test_ctrl_c_between_two_moves_takes_the_first_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    write_together(tmp_path, {"a.csv": b"old"})
    real, moved = os.replace, []

    def replace(source: Path, target: Path) -> None:
        if target.name == "b.csv":
            raise KeyboardInterrupt
        moved.append(target.name)
        real(source, target)

    monkeypatch.setattr(results.os, "replace", replace)
    with pytest.raises(KeyboardInterrupt):
        write_together(tmp_path, NEW)
    assert moved == ["a.csv", "a.csv"]
    assert read(tmp_path) == {"a.csv": b"old"}


KILLED = """
import os, signal, sys
from pathlib import Path
from vigie.adapters.stores import results

def killed(*_): os.kill(os.getpid(), signal.SIGKILL)

results._move_files = killed
results.write_together(Path(sys.argv[1]), {"result.json": b"half", "b.csv": b"half"})
"""


@pytest.mark.skipif(sys.platform == "win32", reason="not on Windows: there is no SIGKILL")
@pytest.mark.parametrize("there", [True, False])
def test_what_a_killed_writer_left_is_cleared_by_the_next(tmp_path: Path, there: bool):
    folder = tmp_path / "r"
    if there:
        write_together(folder, {"result.json": b"old"})
    done = subprocess.run([sys.executable, "-c", KILLED, str(folder)], capture_output=True, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert len(list(folder.glob(".*.part"))) == 1
    refuse_foreign_folder(folder)  # a leftover is nobody else's file
    write_together(folder, {"result.json": b"new"})
    assert read(folder) == {"result.json": b"new"}


KILLED_BETWEEN_MOVES = """
import os, signal, sys
from pathlib import Path
from vigie.adapters.stores import results

real = os.replace

def replace(source, target):
    if target.name == "result.json": os.kill(os.getpid(), signal.SIGKILL)
    real(source, target)

results.os.replace = replace
results.write_together(Path(sys.argv[1]), {"trades.csv": b"newer", "result.json": b"newer"})
"""


@pytest.mark.skipif(sys.platform == "win32", reason="not on Windows: there is no SIGKILL")
@pytest.mark.parametrize("then", ["another", "full", "written since"])
def test_a_writer_killed_between_two_moves_leaves_no_files_of_two_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, then: str
):
    old = {"trades.csv": b"old", "result.json": b"old"}
    write_together(tmp_path, old)
    done = subprocess.run(
        [sys.executable, "-c", KILLED_BETWEEN_MOVES, str(tmp_path)], capture_output=True, check=False
    )
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert (tmp_path / "trades.csv").read_bytes() == b"newer"
    with pytest.raises(UsageError, match="contains files of two runs: the newer one was"):
        read_result(tmp_path)
    if then == "another":
        write_together(tmp_path, {"summary.csv": b"new"})
        assert read(tmp_path) == {**old, "summary.csv": b"new"}
    elif then == "full":
        monkeypatch.setattr(results.os, "fsync", _no_room)
        with pytest.raises(StorageError, match="the old result is intact"):
            write_together(tmp_path, {"trades.csv": b"new", "result.json": b"new"})
        assert read(tmp_path) == old
    else:
        left = next(tmp_path.glob(".*.part"))
        os.utime(tmp_path / "trades.csv", ns=(0, left.stat().st_mtime_ns + 1))
        results.remove_leftovers(tmp_path)
        assert read(tmp_path) == {**old, "trades.csv": b"newer"}


@pytest.mark.skipif(sys.platform == "win32", reason="not on Windows: there is no SIGKILL")
def test_a_first_result_that_was_killed_between_two_moves_is_written_again(tmp_path: Path):
    folder = tmp_path / "r"
    done = subprocess.run(
        [sys.executable, "-c", KILLED_BETWEEN_MOVES, str(folder)], capture_output=True, check=False
    )
    assert done.returncode == -signal.SIGKILL, done.stderr
    refuse_foreign_folder(folder)  # what was moved already is nobody else's file either
    (folder / "diary.txt").touch()
    with pytest.raises(UsageError, match="--out must be a new folder or that of an earlier"):
        refuse_foreign_folder(folder)


def _no_room(_: int) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


def test_a_writer_at_work_and_foreign_names_keep_their_folders(tmp_path: Path):
    at_work = [tmp_path / f".{os.getppid()}.part", tmp_path / ".mine.part"]
    for folder in at_work:
        folder.mkdir()
    (tmp_path / f".{os.getpid()}.part").mkdir()
    results.remove_leftovers(tmp_path)
    assert sorted(tmp_path.iterdir()) == sorted(at_work)
