"""Room that is kept aside for closing positions: as much as a disk of any size can spare."""

from __future__ import annotations

import zlib
from collections import namedtuple
from pathlib import Path

import pytest

from vigie.adapters.stores import disk_space
from vigie.domain.errors import DiskFull

MIB = 1 << 20
Usage = namedtuple("Usage", "free")


@pytest.fixture
def disk(tmp_path, monkeypatch):
    """Give what sets the size of the disk; what is kept aside takes from it."""
    size = [0]

    def used(_path):
        return Usage(size[0] - sum(one.stat().st_size for one in tmp_path.iterdir()))

    monkeypatch.setattr(disk_space, "disk_usage", used)

    def resize(free):
        size[0] = free

    return resize


SIZES = [
    (10**12, 16 * MIB), (1 << 30, 16 * MIB), (32 * MIB, 16 * MIB), (20 * MIB, 10 * MIB), (4 * MIB, 2 * MIB),
    (3 * MIB, 0), (0, 0),
]  # fmt: skip


@pytest.mark.parametrize(("free", "kept"), SIZES)
def test_a_disk_of_any_size_keeps_what_it_can_spare(tmp_path, disk, free, kept):
    disk(free)
    assert disk_space.keep_reserve(tmp_path) == kept
    assert [one.stat().st_size for one in tmp_path.iterdir()] == ([kept] if kept else [])
    assert disk_space.keep_reserve(tmp_path) == kept, "and again the same"


def test_what_is_kept_cannot_be_compressed_and_grows_with_the_disk(tmp_path, disk):
    disk(8 * MIB)
    assert disk_space.keep_reserve(tmp_path) == 4 * MIB
    assert len(zlib.compress((tmp_path / disk_space.RESERVE).read_bytes())) >= 4 * MIB
    disk(64 * MIB)
    assert disk_space.keep_reserve(tmp_path) == disk_space.RESERVE_BYTES


def test_one_that_was_begun_and_cut_off_is_made_whole(tmp_path, disk):
    disk(64 * MIB)
    (tmp_path / disk_space.RESERVE).write_bytes(b"cut")
    assert disk_space.keep_reserve(tmp_path) == disk_space.RESERVE_BYTES


def test_a_disk_that_has_no_room_after_all_keeps_what_it_had(tmp_path, disk, monkeypatch):
    disk(8 * MIB)
    disk_space.keep_reserve(tmp_path)
    disk(64 * MIB)

    def refuse(_number):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(disk_space.os, "fsync", refuse)
    assert disk_space.keep_reserve(tmp_path) == 4 * MIB
    assert [one.name for one in tmp_path.iterdir()] == [disk_space.RESERVE]


@pytest.mark.parametrize("enough", [True, False])
def test_it_is_given_back_once_and_what_still_finds_no_room_says_so(tmp_path, disk, enough):
    disk(64 * MIB)
    disk_space.keep_reserve(tmp_path)
    tries: list[bool] = []

    def act() -> str:
        tries.append(is_kept(tmp_path))
        if tries[-1] or not enough:
            raise DiskFull("full")
        return "done"

    if enough:
        assert disk_space.run_with_reserve(tmp_path, act) == "done"
    else:
        with pytest.raises(DiskFull):
            disk_space.run_with_reserve(tmp_path, act)
    assert tries == [True, False]


def is_kept(home: Path) -> bool:
    return (home / disk_space.RESERVE).exists()
