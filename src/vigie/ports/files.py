"""Files for people and other programs."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol


class FileWriter(Protocol):
    """Writes a file whole or not at all."""

    def __call__(self, path: Path, content: bytes) -> None:
        """Write; a crash or a full disk leaves the old file as it was and raises `StorageError`."""
        ...
