import threading

from vigie.adapters.spare import given_back, trim_of


def test_spare_memory_is_given_back_again_and_again_until_the_end():
    times = threading.Semaphore(0)
    with given_back(times.release, every_s=0.001):
        assert all(times.acquire(timeout=30) for _ in range(3))
        assert "vigie-spare" in {one.name for one in threading.enumerate()}
    assert "vigie-spare" not in {one.name for one in threading.enumerate()}


def test_where_the_allocator_cannot_give_back_nothing_is_started():
    assert trim_of("win32") is None
    with given_back(None):
        assert "vigie-spare" not in {one.name for one in threading.enumerate()}
