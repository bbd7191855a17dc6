"""Locks of open files: one holder, or several that share one; closing lets go."""

from __future__ import annotations

import sys

import pytest

from vigie.locks import acquire, release, try_acquire


def test_a_file_that_somebody_has_is_not_taken_until_they_let_go_or_close_it(tmp_path):
    path = tmp_path / "lock"
    with path.open("a+b") as one, path.open("a+b") as other:
        assert try_acquire(one)
        assert not try_acquire(other)
        release(one)
        assert try_acquire(other)
    with path.open("a+b") as one:
        acquire(one)


def test_what_is_written_and_read_goes_on_where_it_was(tmp_path):
    path = tmp_path / "lock"
    path.write_bytes(b"told")
    with path.open("r+b", buffering=0) as file:
        acquire(file)
        assert file.read() == b"told"


@pytest.mark.skipif(sys.platform == "win32", reason="not on Windows: a lock is of one holder alone there")
def test_several_share_a_lock_and_nobody_has_it_alone_meanwhile(tmp_path):
    path = tmp_path / "lock"
    with path.open("a+b") as one, path.open("a+b") as other, path.open("a+b") as third:
        assert try_acquire(one, is_shared=True)
        assert try_acquire(other, is_shared=True)
        assert not try_acquire(third)
