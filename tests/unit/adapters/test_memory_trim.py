import ctypes
import gc
import mmap
import re
import sys
import threading
import weakref
from pathlib import Path

import pytest

from vigie.adapters import memory_trim
from vigie.adapters.memory_trim import apply_memory_environ, drop_library_pages, make_trim, trim_periodically


@pytest.fixture
def without_garbage(monkeypatch):
    """Look for no garbage: among all that other tests left in this process that takes ten seconds."""
    monkeypatch.setattr(memory_trim.gc, "collect", lambda: 0)


@pytest.mark.usefixtures("without_garbage")
def test_spare_memory_is_given_back_again_and_again_until_the_end():
    times = threading.Semaphore(0)
    with trim_periodically(times.release, every_s=0.001):
        assert all(times.acquire(timeout=30) for _ in range(3))
        assert "vigie-spare" in {one.name for one in threading.enumerate()}
    assert "vigie-spare" not in {one.name for one in threading.enumerate()}


@pytest.mark.usefixtures("without_garbage")
def test_pages_of_libraries_are_dropped_between_two_times(monkeypatch):
    seen, looks, done = [], [], threading.Event()

    def trim():
        seen.append("trim")
        if seen.count("trim") == 2:
            done.set()

    def look(libraries):
        looks.append(libraries)
        # The first is seen once only, as of a library that is just being loaded.
        return [(len(looks), 7), (4_096, 4_096)]

    monkeypatch.setattr(memory_trim, "_read_clean_ranges", look)
    monkeypatch.setattr(memory_trim, "_drop_ranges", seen.extend)
    with trim_periodically(trim, every_s=0.001):
        assert done.wait(120)
    assert seen[:40] == [*[(4_096, 4_096)] * 19, "trim", *[(4_096, 4_096)] * 20][:40]
    assert set(looks) == {("libllvmlite", "_polars_runtime")}
    assert len(looks) < 6, "where libraries lie is read now and then"


class Ring:
    """Refers to itself: gone only when somebody looks for garbage."""

    def __init__(self):
        self.itself = self


def test_what_is_garbage_is_free_before_memory_is_given_back():
    ring = Ring()
    # Among what has lived long, where Python seldom looks.
    gc.collect()
    known, seen, done = weakref.ref(ring), [], threading.Event()

    def trim():
        seen.append(known() is None)
        done.set()

    gc.disable()
    try:
        del ring
        assert known() is not None
        with trim_periodically(trim, every_s=0.001):
            assert done.wait(120)
    finally:
        gc.enable()
    assert seen[0]


def test_where_the_allocator_cannot_give_back_nothing_is_started():
    assert make_trim("win32") is None
    with trim_periodically(None):
        assert "vigie-spare" not in {one.name for one in threading.enumerate()}


def test_process_that_has_begun_is_told_what_a_variable_tells_one_that_begins(monkeypatch):
    told = []

    class Library:
        mallopt = staticmethod(lambda *given: told.append(given))

    monkeypatch.setattr(ctypes, "CDLL", lambda _: Library)
    monkeypatch.setenv("MALLOC_ARENA_MAX", "3")
    monkeypatch.setenv("NUMPY_MADVISE_HUGEPAGE", "")
    wanted = {"MALLOC_ARENA_MAX": "2", "NUMPY_MADVISE_HUGEPAGE": "0"}
    apply_memory_environ(wanted, platform="darwin")
    assert told == []
    apply_memory_environ(wanted, platform="linux")
    assert told == [(-8, 3)]


def held_of(name):
    """Return how many kilobytes of a mapped file lie in this process, and whether there is such a file."""
    of_file = re.compile(rf"{re.escape(name)}\n(?:[A-Z].*\n)*?Rss:\s+(\d+) kB")
    found = of_file.findall(Path("/proc/self/smaps").read_text())
    return sum(map(int, found)), bool(found)


@pytest.fixture
def library(tmp_path):
    path = tmp_path / "libsome-library.so"
    path.write_bytes(b"read" * mmap.PAGESIZE)
    return path


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells what lies in a process")
def test_library_that_was_only_read_is_let_go_and_is_read_again(library):
    with library.open("rb") as file, mmap.mmap(file.fileno(), 0, mmap.MAP_PRIVATE, mmap.PROT_READ) as held:
        assert held[:] == library.read_bytes()
        assert held_of(library.name)[0] > 0
        assert drop_library_pages(["libsome-other"]) == 0
        assert drop_library_pages(["libsome-other", "libsome-library"]) == len(held)
        assert held_of(library.name) == (0, True)
        assert held[:] == library.read_bytes()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells what lies in a process")
def test_part_of_a_library_that_was_written_to_stays_as_it_is(library):
    protection = mmap.PROT_READ | mmap.PROT_WRITE
    with library.open("rb") as file, mmap.mmap(file.fileno(), 0, mmap.MAP_PRIVATE, protection) as held:
        assert drop_library_pages(["libsome-other", "libsome-library"]) == 0
        held[:4] = b"done"
        # As the loader does with what it has put in order.
        place = ctypes.addressof(ctypes.c_char.from_buffer(held))
        assert ctypes.CDLL(None).mprotect(ctypes.c_void_p(place), len(held), mmap.PROT_READ) == 0
        assert drop_library_pages(["libsome-other", "libsome-library"]) == 0
        assert held[:8] == b"doneread"


@pytest.mark.parametrize(
    ("anonymous", "swap", "is_clean"), [(0, 0, True), (1_808, 0, False), (0, 1_808, False), (12, 40, False)]
)
def test_what_was_written_to_stays_also_where_it_is_swapped_out(anonymous, swap, is_clean):
    maps = (
        "7f0000000000-7f0000002000 r--p 00000000 fe:00 12 /x/libllvmlite.so\n"
        f"Rss: 8 kB\nAnonymous: {anonymous} kB\nAnonHugePages: 0 kB\nSwap: {swap} kB\nSwapPss: 0 kB\n"
        "7f0000002000-7f0000004000 rw-p 00000000 fe:00 12 /x/libllvmlite.so\nAnonymous: 0 kB\nSwap: 0 kB\n"
    )
    found = list(memory_trim._clean_ranges(["libllvmlite"], maps))
    assert found == ([(0x7F0000000000, 0x2000)] if is_clean else [])
