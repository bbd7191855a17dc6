"""A folder of code as one content: every file counts, and one digest stands for all."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
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


def read_folder(folder: Path) -> dict[str, bytes]:
    """Return every file of a folder by its path below it, caches of Python left out.

    Raises
    ------
    ConfigError
        If it holds a link or compiled code, is too large, or cannot be read.
    """
    files: dict[str, bytes] = {}
    try:
        for parent, folders, names in os.walk(folder, onerror=_raise):
            folders[:] = sorted(name for name in folders if name != _CACHE)
            for name in sorted([*folders, *names]):
                path = Path(parent, name)
                relative = path.relative_to(folder).as_posix()
                if path.is_symlink():
                    raise ConfigError(
                        "must_not_contain_links",
                        "{name} must not contain links, has {relative}",
                        name=folder.name,
                        relative=relative,
                    )
                if name in folders:
                    continue
                if path.suffix.lower() in _COMPILED:
                    raise ConfigError(
                        "must_not_contain_compiled_code",
                        "{name} must not contain compiled code, has {relative}",
                        name=folder.name,
                        relative=relative,
                    )
                files[relative] = path.read_bytes()
                if sum(map(len, files.values())) > MAX_BYTES:
                    raise ConfigError(
                        "must_most_mb_files",
                        "{name} must have at most {max_bytes} MB of files",
                        name=folder.name,
                        max_bytes=MAX_BYTES // 1_000_000,
                    )
    except OSError as fault:
        raise ConfigError(
            "cannot_read", "{title} cannot be read: {fault}", title=folder.name, fault=fault.strerror
        ) from fault
    return files


def digest_files(files: Mapping[str, bytes]) -> str:
    """Return the SHA-256 of all files with their paths: another one if any changes, comes or goes."""
    hasher = hashlib.sha256()
    for name, content in sorted(files.items()):
        hasher.update(f"{len(name.encode())}:{name}\0{len(content)}:".encode())
        hasher.update(content)
    return hasher.hexdigest()


def _raise(fault: OSError) -> None:
    raise fault
