"""What the world's services are called, read from their files: the world knows their names before they know it."""

from __future__ import annotations

from pathlib import Path
from typing import Final

NEWSROOM: Final = "newsroom"
# Reached through servers of their own.
MAIL, LETTERS = "mail", "letters"
STREAM_SUFFIX: Final = "_stream"
_FOLDER: Final = Path(__file__).parent / "services"
_MARK: Final = "\ndef open_service("


def service_names() -> tuple[str, ...]:
    """Return every service by name; a file that defines `open_service` is one."""
    files = sorted(path for path in _FOLDER.glob("[!_]*.py") if _MARK in path.read_text("utf-8"))
    return (*(path.stem for path in files), NEWSROOM, MAIL, LETTERS)
