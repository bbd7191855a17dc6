"""The bars of test houses that are made alike: their files are shared, and read once a process."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import pytest

from vigie.adapters.stores.parquet import bars, frames, sealing
from vigie.domain.bar import BAR_COLUMNS

# Which file it is, its size, and when it was last written.
State = tuple[int, int, int]
# Files that are shared, as they were then, with the one that each was made from.
_SHARED: Final[dict[State, Path]] = {}


def _state(path: Path) -> State:
    found = path.stat()
    return found.st_ino, found.st_size, found.st_mtime_ns


def share_bars(made: Path, here: Path) -> None:
    """Give a home the bars of another one: its files, not copies; a store puts new files in their place."""
    shutil.copytree(made, here, copy_function=_link)


def _link(source: str, target: str) -> None:
    path = Path(source)
    if path.suffix != ".parquet":
        shutil.copy2(source, target)
        return
    state = _state(path)
    assert state in _SHARED or path not in _SHARED.values(), f"{path} was written into"
    _SHARED.setdefault(state, path)
    try:
        os.link(source, target)
    except OSError:  # the home lies on a disk of its own
        shutil.copy2(source, target)


@pytest.fixture(scope="session", autouse=True)
def _shared_bars_are_read_once() -> Iterator[None]:
    """Keep what shared files hold: a run of an account reads some file at every bar. Others are read each time."""
    read = frames.load_bars

    @lru_cache(maxsize=64)
    def read_shared(state: State, columns: tuple[str, ...]) -> Any:
        return read(_SHARED[state], columns)

    def load(path: Path, columns: Sequence[str] = BAR_COLUMNS) -> Any:
        with suppress(FileNotFoundError):
            state = _state(path)
            # The home that a file was made from may be gone; the file is there as long as anybody has it.
            if state in _SHARED and _state(_SHARED[state]) == state:
                return read_shared(state, tuple(columns))
        return read(path, columns)

    with pytest.MonkeyPatch.context() as patch:
        for module in (bars, sealing):
            patch.setattr(module, "load_bars", load)
        yield
