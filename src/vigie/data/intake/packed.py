"""Files that come packed, unpacked to a bound: a few bytes may stand for more than any machine holds."""

from __future__ import annotations

import gzip
import lzma
import zipfile
import zlib
from pathlib import Path
from typing import Final, Protocol

from vigie.domain.errors import DataError

LARGEST: Final = 1024**3
_CHUNK: Final = 1024**2
# What damaged, encrypted and unknown archives are answered with.
_UNREADABLE: Final = (
    OSError,
    EOFError,
    zlib.error,
    lzma.LZMAError,
    zipfile.BadZipFile,
    RuntimeError,
    ValueError,
)


class _Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


def unpack(path: Path, *, largest: int = LARGEST) -> bytes:
    """Return the content of a gzip file, or of the one CSV file in a zip.

    Raises
    ------
    DataError
        If it cannot be unpacked, holds several files, or more than `largest` bytes.
    """
    try:
        if path.name.lower().endswith(".gz"):
            with gzip.open(path) as stream:
                return _read_bounded(path, stream, largest)
        with zipfile.ZipFile(path) as archive, archive.open(_single_name(path, archive)) as part:
            return _read_bounded(path, part, largest)
    except _UNREADABLE as error:
        raise DataError(
            "cannot_unpacked", "{name} cannot be unpacked: {error}", name=path.name, error=error
        ) from error


def unpack_head(path: Path, size: int) -> bytes:
    """Return the first bytes of what `unpack` returns, without unpacking the rest.

    Raises
    ------
    DataError
        As `unpack`.
    """
    try:
        if path.name.lower().endswith(".gz"):
            with gzip.open(path) as stream:
                return stream.read(size)
        with zipfile.ZipFile(path) as archive, archive.open(_single_name(path, archive)) as part:
            return part.read(size)
    except _UNREADABLE as error:
        raise DataError(
            "cannot_unpacked", "{name} cannot be unpacked: {error}", name=path.name, error=error
        ) from error


def _single_name(path: Path, archive: zipfile.ZipFile) -> str:
    names = [name for name in archive.namelist() if name.lower().endswith((".csv", ".txt"))]
    if len(names) != 1:
        raise DataError(
            "must_contain_one_csv_file",
            "{name} must contain one CSV file, had {names_count}",
            name=path.name,
            names_count=len(names),
        )
    return names[0]


def _read_bounded(path: Path, stream: _Readable, largest: int) -> bytes:
    parts, size = [], 0
    while part := stream.read(_CHUNK):
        size += len(part)
        if size > largest:
            raise DataError(
                "unpacks_more_bytes",
                "{name} unpacks to more than {largest} bytes; unpack it and import its content",
                name=path.name,
                largest=largest,
            )
        parts.append(part)
    return b"".join(parts)
