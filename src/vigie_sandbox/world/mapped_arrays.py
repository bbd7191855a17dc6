"""Arrays in files of one process: in memory is only what is read, and what a fork of it writes is seen here, too."""

from __future__ import annotations

import math
import mmap
import os
import sys
from pathlib import Path
from tempfile import TemporaryFile
from typing import Protocol, TypeVar
from weakref import WeakSet

import numpy as np
from numpy.typing import NDArray

ScalarType = TypeVar("ScalarType", bound=np.generic)


class MakeArray(Protocol):
    """Makes an array whose contents are not set, as `numpy.empty` does."""

    def __call__(self, shape: tuple[int, ...], dtype: type[ScalarType], /) -> NDArray[ScalarType]:
        """Return it."""


class MappedArrays:
    """Makes arrays, each in a file of a folder without a name: it is gone with the process.

    On other systems than Linux they are in memory: nothing forks there, and these calls are missing.

    Parameters
    ----------
    folder : Path, optional
        Where, made where there is none; by default the system's for temporary files.

    Attributes
    ----------
    are_shared : bool
        Whether there was room for all files so far: an array without one is in memory, and a fork's own.
    """

    def __init__(self, folder: Path | None) -> None:
        self.are_shared = True
        self._folder = folder
        self._areas: WeakSet[mmap.mmap] = WeakSet()

    def empty(self, shape: tuple[int, ...], dtype: type[ScalarType]) -> NDArray[ScalarType]:
        """Return a new array."""
        if sys.platform != "linux":
            self.are_shared = False
            return np.empty(shape, dtype)
        size = math.prod(shape) * np.dtype(dtype).itemsize
        try:
            if self._folder is not None:
                self._folder.mkdir(parents=True, exist_ok=True)
            with TemporaryFile(dir=self._folder) as file:
                # All of its room now: a page that finds none later would end the process.
                os.posix_fallocate(file.fileno(), 0, size)
                area = mmap.mmap(file.fileno(), size)
        except OSError:  # a full disk, or a folder that cannot be written to
            self.are_shared = False
            return np.empty(shape, dtype)
        self._areas.add(area)
        return np.frombuffer(area, dtype).reshape(shape)

    def release(self) -> None:
        """Let go of the pages that were read or written; they are read from the files when they are needed again."""
        for area in self._areas:
            area.madvise(mmap.MADV_DONTNEED)
