"""A folder of code as one content: every file counts, and one digest stands for all."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from vigie.domain.errors import ConfigError

MANIFEST: Final = "manifest.toml"
# Made again by Python from the files that count.
_CACHE: Final = "__pycache__"
# Loaded as machine code from the disk, so that a hash of what was read says nothing of what runs.
_COMPILED: Final = (".so", ".pyd", ".dll", ".dylib", ".pyc")
# Of all files together: a plug-in is read whole, each time it is looked at.
MAX_BYTES: Final = 20_000_000
MAX_FILES: Final = 2_000


def read_folder(folder: Path) -> dict[str, bytes]:
    """Return every file of a folder by its path below it, caches of Python left out.

    Raises
    ------
    ConfigError
        If it holds a link, compiled code or what is no regular file, is too large, or cannot be read.
    """
    files: dict[str, bytes] = {}
    n_bytes = 0
    try:
        for n_files, path in enumerate(_list_paths(folder), 1):
            size = _check_file(folder, path)
            n_bytes += size
            if n_bytes > MAX_BYTES:
                raise ConfigError(
                    "must_most_mb_files",
                    "{name} must have at most {max_bytes} MB of files",
                    name=folder.name,
                    max_bytes=MAX_BYTES // 1_000_000,
                )
            if n_files > MAX_FILES:
                raise ConfigError(
                    "must_most_files",
                    "{name} must have at most {max_files} files and folders",
                    name=folder.name,
                    max_files=MAX_FILES,
                )
            if path.is_file():
                with path.open("rb") as file:
                    # Not more than was counted, if it grows meanwhile.
                    files[path.relative_to(folder).as_posix()] = file.read(size)
    except OSError as fault:
        raise ConfigError(
            "cannot_read", "{title} cannot be read: {fault}", title=folder.name, fault=fault.strerror
        ) from fault
    return files


def _list_paths(folder: Path) -> Iterator[Path]:
    """Return files and folders, parents first; without recursion, however deep they lie."""
    pending = [folder]
    while pending:
        with os.scandir(pending.pop()) as entries:
            for entry in entries:
                if entry.name == _CACHE and entry.is_dir(follow_symlinks=False):
                    continue
                if entry.is_dir(follow_symlinks=False):
                    pending.append(Path(entry.path))
                yield Path(entry.path)


def _check_file(folder: Path, path: Path) -> int:
    """Return how many bytes a file has, before it is opened; none for a folder."""
    status = path.lstat()
    name, relative = folder.name, path.relative_to(folder).as_posix()
    if stat.S_ISLNK(status.st_mode):
        raise ConfigError(
            "must_not_contain_links",
            "{name} must not contain links, has {relative}",
            name=name,
            relative=relative,
        )
    if stat.S_ISDIR(status.st_mode):
        return 0
    if not stat.S_ISREG(status.st_mode):
        raise ConfigError(
            "must_contain_regular_files",
            "{name} must contain regular files only, has {relative}",
            name=name,
            relative=relative,
        )
    if path.suffix.lower() in _COMPILED:
        raise ConfigError(
            "must_not_contain_compiled_code",
            "{name} must not contain compiled code, has {relative}",
            name=name,
            relative=relative,
        )
    return status.st_size


def digest_files(files: Mapping[str, bytes]) -> str:
    """Return the SHA-256 of all files with their paths: another one if any changes, comes or goes."""
    hasher = hashlib.sha256()
    for name, content in sorted(files.items()):
        hasher.update(f"{len(name.encode())}:{name}\0{len(content)}:".encode())
        hasher.update(content)
    return hasher.hexdigest()
