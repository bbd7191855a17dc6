import ctypes
import gc
import threading
import weakref

from vigie.adapters.spare import be_thrifty, given_back, trim_of


def test_spare_memory_is_given_back_again_and_again_until_the_end():
    times = threading.Semaphore(0)
    with given_back(times.release, every_s=0.001):
        assert all(times.acquire(timeout=30) for _ in range(3))
        assert "vigie-spare" in {one.name for one in threading.enumerate()}
    assert "vigie-spare" not in {one.name for one in threading.enumerate()}


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
        with given_back(trim, every_s=0.001):
            assert done.wait(30)
    finally:
        gc.enable()
    assert seen[0]


def test_where_the_allocator_cannot_give_back_nothing_is_started():
    assert trim_of("win32") is None
    with given_back(None):
        assert "vigie-spare" not in {one.name for one in threading.enumerate()}


def test_process_that_has_begun_is_told_what_a_variable_tells_one_that_begins(monkeypatch):
    told = []

    class Library:
        mallopt = staticmethod(lambda *given: told.append(given))

    monkeypatch.setattr(ctypes, "CDLL", lambda _: Library)
    monkeypatch.setenv("MALLOC_ARENA_MAX", "3")
    monkeypatch.setenv("NUMPY_MADVISE_HUGEPAGE", "")
    wanted = {"MALLOC_ARENA_MAX": "2", "NUMPY_MADVISE_HUGEPAGE": "0"}
    be_thrifty(wanted, platform="darwin")
    assert told == []
    be_thrifty(wanted, platform="linux")
    assert told == [(-8, 3)]
