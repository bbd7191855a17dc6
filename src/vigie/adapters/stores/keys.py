"""Secrets of a home: the key that stamps forms and cookies, and links that work once."""

from __future__ import annotations

import hashlib
import os
import secrets
from pathlib import Path
from typing import Final

from vigie.adapters.stores.files import own_folder
from vigie.domain.errors import ConfigError

SIZE: Final = 32


class HomeKey:
    """A random key in a file that only its owner may read; made when it is first asked for."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> bytes:
        """Return the key.

        Raises
        ------
        ConfigError
            If others may read the file; the message names the command that cures it.
        """
        try:
            mode = self._path.stat().st_mode
        except FileNotFoundError:
            return self._made()
        if os.name == "posix" and mode & 0o077:
            raise ConfigError(f"{self._path} can be read by others; run `chmod 600 {self._path}`")
        return bytes.fromhex(self._path.read_text("ascii").strip())

    def _made(self) -> bytes:
        own_folder(self._path.parent)
        key = secrets.token_bytes(SIZE)
        try:
            handle = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:  # another process was first
            return self.read()
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(key.hex())
        return key


class OneTimeLinks:
    """Words that let the local owner in, each once; only their hashes are stored."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def issue(self) -> str:
        """Make a word; those issued before stop working."""
        own_folder(self._folder)
        for old in self._folder.iterdir():
            old.unlink(missing_ok=True)
        word = secrets.token_urlsafe(24)
        (self._folder / _hash(word)).touch(mode=0o600)
        return word

    def use(self, word: str) -> bool:
        """Tell whether a word was issued and not used yet, and use it up."""
        try:
            (self._folder / _hash(word)).unlink()
        except FileNotFoundError:
            return False
        return True


def _hash(word: str) -> str:
    return hashlib.sha256(word.encode()).hexdigest()
