"""Secrets of a home: the key that stamps forms and cookies, and links that work once."""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import secrets
import shlex
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

from vigie.adapters.stores.files import TEMPORARY_SUFFIX, make_private_folder, sync_folder
from vigie.domain.errors import ConfigError, StorageError

KEY_BYTES: Final = 32
_KEY_PATTERN: Final = re.compile(rb"[0-9a-f]{%d}" % (2 * KEY_BYTES))


def derive_key(read: Callable[[], bytes], use: str) -> bytes:
    """Return a key for one use, from which neither the home's nor that of another use can be found."""
    return hmac.new(read(), use.encode(), hashlib.sha256).digest()


class HomeKey:
    """A random key in a file that only its owner may read; made when it is first asked for."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> bytes:
        """Return the key.

        Raises
        ------
        ConfigError
            If others may read the file, or it holds no key; the message names the command that cures it.
        """
        try:
            mode = self._path.stat().st_mode
        except FileNotFoundError:
            return self._create_key()
        quoted_path = shlex.quote(str(self._path))
        if os.name == "posix" and mode & 0o077:
            raise ConfigError(
                "other_users_read",
                "other users can read {path}; run: chmod 600 {quoted_path}",
                path=self._path,
                quoted_path=quoted_path,
            )
        content = self._path.read_bytes().strip()
        if not _KEY_PATTERN.fullmatch(content):
            # With half a key, or none, anybody could make what is sealed with it.
            raise ConfigError(
                "contains_no_key",
                "{path} contains no key; restore it from the secrets of a backup, or run: rm "
                "{quoted_path} and restart. With a new key, the owner needs a new link, alert feeds get "
                "new addresses, and services that receive alerts must be added again",
                path=self._path,
                quoted_path=quoted_path,
            )
        return bytes.fromhex(content.decode("ascii"))

    def _create_key(self) -> bytes:
        """Make the key and return the one that counts: another process may be making one, too."""
        make_private_folder(self._path.parent)
        temporary = self._path.with_name(f"{self._path.name}.{secrets.token_hex(8)}{TEMPORARY_SUFFIX}")
        try:
            handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "w", encoding="ascii") as file:
                file.write(secrets.token_bytes(KEY_BYTES).hex())
                file.flush()
                os.fsync(file.fileno())
            # Under its name only once it is whole, and never over one that is there.
            with suppress(FileExistsError):
                os.link(temporary, self._path)
            sync_folder(self._path.parent)
        except OSError as fault:
            raise StorageError(
                "could_not_written_free",
                "{path} could not be written: {strerror}; free some space or set VIGIE_HOME",
                path=self._path,
                strerror=fault.strerror or fault,
            ) from fault
        finally:
            temporary.unlink(missing_ok=True)
        return self.read()


class HomeSeal:
    """Marks what this home made, so that it knows it again: a hash with a key that never leaves the home."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __call__(self, text: bytes, is_made: bool) -> str:
        """Return the seal over a text; empty where there is no key yet and none `is_made`, or none can be."""
        if not is_made and not self._path.exists():
            return ""
        try:
            key = HomeKey(self._path).read()
        except StorageError:
            # Without a key nothing is sealed; what is made is whole all the same.
            return ""
        return hmac.new(key, text, hashlib.sha256).hexdigest()


class OneTimeLinks:
    """Words that let the local owner in, each once; only their hashes are stored."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def issue(self) -> str:
        """Make a word; those issued before stop working."""
        make_private_folder(self._folder)
        for old in self._folder.iterdir():
            old.unlink(missing_ok=True)
        token = secrets.token_urlsafe(24)
        (self._folder / _hash_token(token)).touch(mode=0o600)
        return token

    def use(self, token: str) -> bool:
        """Tell whether a word was issued and not used yet, and use it up."""
        try:
            (self._folder / _hash_token(token)).unlink()
        except FileNotFoundError:
            return False
        return True


def _hash_token(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
