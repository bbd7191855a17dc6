"""The exchange's memory on disk: survives being killed at any point."""

from __future__ import annotations

from pathlib import Path


class Memory:
    """A file that holds the whole state; None keeps nothing (tests)."""

    def __init__(self, path: Path | None) -> None:
        raise NotImplementedError
