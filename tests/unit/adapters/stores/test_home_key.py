"""The key of a home: whole or not there, the same for all who ask at once, its owner's alone."""

from __future__ import annotations

import os
import stat
import threading

import pytest

from vigie.adapters.stores.keys import KEY_BYTES, HomeKey
from vigie.domain.errors import ConfigError, StorageError


@pytest.fixture
def path(tmp_path):
    return tmp_path / "my home" / "secrets" / "web.key"


def test_a_key_is_made_once_and_stays(path):
    made = HomeKey(path).read()
    assert len(made) == KEY_BYTES
    assert HomeKey(path).read() == made
    assert [one.name for one in path.parent.iterdir()] == ["web.key"]


@pytest.mark.parametrize(
    "content", [b"", b"00" * (KEY_BYTES - 1), b"zz" * KEY_BYTES, b"\xff" * 64, b"00" * (KEY_BYTES + 1)]
)
def test_a_file_that_holds_no_whole_key_is_refused_with_the_cure(path, content):
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    path.chmod(0o600)
    with pytest.raises(ConfigError, match=r"contains no key; .* run: rm '.*my home/secrets/web\.key'"):
        HomeKey(path).read()
    path.unlink()
    assert len(HomeKey(path).read()) == KEY_BYTES


@pytest.mark.skipif(os.name != "posix", reason="not on Windows: files have no modes there")
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o622])
def test_a_key_that_others_can_read_is_refused_with_the_cure(path, mode):
    HomeKey(path).read()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    path.chmod(mode)
    with pytest.raises(
        ConfigError,
        match=r"other users can read .*my home/secrets/web\.key; run: chmod 600 '.*my home/secrets/web\.key'",
    ):
        HomeKey(path).read()


def test_who_asks_while_a_key_is_written_gets_the_same_one(path, monkeypatch):
    """Two parts begin together: what one has only begun to write is no key for the other."""
    has_begun, may_go_on, found = threading.Event(), threading.Event(), list[bytes]()
    begin = os.open

    def slow(*given: object, **more: object) -> int:
        handle = begin(*given, **more)
        if threading.current_thread() is first and not has_begun.is_set():
            has_begun.set()
            may_go_on.wait(20)
        return handle

    first = threading.Thread(target=lambda: found.append(HomeKey(path).read()))
    monkeypatch.setattr(os, "open", slow)
    first.start()
    assert has_begun.wait(20)
    second = HomeKey(path).read()
    may_go_on.set()
    first.join(20)
    assert len(second) == KEY_BYTES
    assert found == [second]


def test_a_full_disk_leaves_no_empty_key(path, monkeypatch):
    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StorageError, match="No space left"):
        HomeKey(path).read()
    assert list(path.parent.iterdir()) == []
