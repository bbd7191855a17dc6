"""What was read from files is kept until they change, and no more of it than there is room for."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from vigie.adapters.stores.file_cache import FileCache, read_file_state
from vigie.adapters.stores.files import write_atomically


class Reader:
    """Reads texts and counts how often."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def __call__(self, path: Path) -> str:
        self.asked.append(path.name)
        return path.read_text("utf-8")


@pytest.fixture
def texts(tmp_path: Path) -> list[Path]:
    paths = [tmp_path / name for name in ("a", "b", "c")]
    for path in paths:
        write_atomically(path, path.name.encode() * 4)
    return paths


def test_a_file_is_read_once_and_again_when_it_is_another(texts: list[Path]) -> None:
    read, kept = Reader(), FileCache(100, len)
    assert [kept.get(texts[0], read) for _ in range(3)] == ["aaaa"] * 3
    assert read.asked == ["a"]
    # As long as before, and with the time of the former: another file all the same.
    before = texts[0].stat()
    write_atomically(texts[0], b"bbbb")
    os.utime(texts[0], ns=(before.st_atime_ns, before.st_mtime_ns))
    assert kept.get(texts[0], read) == "bbbb"
    assert read.asked == ["a", "a"]


def test_where_there_is_no_file_there_is_nothing(texts: list[Path]) -> None:
    read, kept = Reader(), FileCache(100, len)
    assert kept.get(texts[0], read) == "aaaa"
    texts[0].unlink()
    assert (kept.get(texts[0], read), read_file_state(texts[0])) == (None, None)
    assert read.asked == ["a"]


def test_each_reading_of_a_file_stands_for_itself(texts: list[Path]) -> None:
    read, kept = Reader(), FileCache(100, len)
    kept.get(texts[0], read, "whole")
    kept.get(texts[0], lambda path: "half", "half")
    assert (kept.get(texts[0], read, "whole"), kept.get(texts[0], read, "half")) == ("aaaa", "half")
    assert read.asked == ["a"]


def test_the_one_asked_for_longest_ago_goes_where_there_is_no_room(texts: list[Path]) -> None:
    a, b, c = texts
    read, kept = Reader(), FileCache(8, len)
    for path in (a, b, a, c, a, c, b):
        kept.get(path, read)
    assert read.asked == ["a", "b", "c", "b"]


def test_what_has_no_room_at_all_is_given_all_the_same(texts: list[Path]) -> None:
    read, kept = Reader(), FileCache(3, len)
    assert [kept.get(path, read) for path in (texts[0], texts[1], texts[0])] == ["aaaa", "bbbb", "aaaa"]


def test_a_file_that_is_replaced_while_it_is_read_is_read_again(texts: list[Path]) -> None:
    kept: FileCache[str] = FileCache(100, len)

    def overtaken(path: Path) -> str:
        old = path.read_text("utf-8")
        write_atomically(path, b"newer")
        return old

    assert kept.get(texts[0], overtaken) == "aaaa"
    assert kept.get(texts[0], Reader()) == "newer"


def test_what_cannot_be_read_is_not_kept(texts: list[Path]) -> None:
    kept: FileCache[str] = FileCache(100, len)

    def broken(path: Path) -> str:
        raise ValueError(path.name)

    with pytest.raises(ValueError, match="a"):
        kept.get(texts[0], broken)
    assert kept.get(texts[0], Reader()) == "aaaa"


def test_a_file_that_goes_while_it_is_read_is_not_there(texts: list[Path]) -> None:
    kept: FileCache[str] = FileCache(100, len)

    def removed(path: Path) -> str:
        path.unlink()
        return path.read_text("utf-8")

    assert kept.get(texts[0], removed) is None
