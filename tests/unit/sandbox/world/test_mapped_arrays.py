"""Arrays in files: what was written stays when its pages are let go of, and nothing stays when the process ends."""

import gc
import mmap
import os
import sys

import numpy as np
import pytest

from vigie_sandbox.world.mapped_arrays import MappedArrays

on_linux = pytest.mark.skipif(sys.platform != "linux", reason="pages are let go of on Linux only")


@on_linux
def test_what_was_written_is_read_again_after_its_pages_are_gone(tmp_path):
    arrays = MappedArrays(tmp_path / "new")
    first, second = arrays.empty((3, 5_000), np.int32), arrays.empty((7,), np.float64)
    first[:] = np.arange(15_000).reshape(3, 5_000)
    second[:] = 0.1
    arrays.release()
    assert np.array_equal(first, np.arange(15_000).reshape(3, 5_000))
    assert second.tolist() == [0.1] * 7
    assert list((tmp_path / "new").iterdir()) == []


@on_linux
def test_array_that_nobody_has_any_more_is_gone(tmp_path):
    arrays = MappedArrays(tmp_path)
    kept, dropped = arrays.empty((10,), np.int32), arrays.empty((10,), np.int32)
    kept[:] = 3
    del dropped
    gc.collect()
    arrays.release()
    assert len(arrays._areas) == 1
    assert kept.sum() == 30


@on_linux
def test_array_for_which_there_is_no_room_on_the_disk_is_in_memory_and_not_shared(tmp_path, monkeypatch):
    def refuse(*_):
        raise OSError(28, "No space left on device")

    arrays = MappedArrays(tmp_path)
    assert arrays.empty((10,), np.int32).shape == (10,)
    assert arrays.are_shared
    monkeypatch.setattr(os, "posix_fallocate", refuse)
    assert arrays.empty((10,), np.int32).shape == (10,)
    assert not arrays.are_shared


@pytest.mark.parametrize("system", ["darwin", "win32"])
def test_arrays_are_in_memory_where_a_system_has_no_such_files(tmp_path, monkeypatch, system):
    monkeypatch.setattr(sys, "platform", system)
    monkeypatch.delattr(os, "posix_fallocate", raising=False)
    monkeypatch.delattr(mmap, "MADV_DONTNEED", raising=False)
    arrays = MappedArrays(tmp_path)
    array = arrays.empty((2, 10), np.int32)
    array[:] = 3
    arrays.release()
    assert array.sum() == 60
    assert not arrays.are_shared
