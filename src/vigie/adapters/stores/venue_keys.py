"""Keys of accounts at venues in one encrypted file.

Every key is sealed by itself with AES-256-GCM, its exchange, mode and time bound to it. What opens them comes from a
password by scrypt, or is random and kept by the system's keyring, where the package `keyring` is installed.
"""

from __future__ import annotations

import base64
import json
import os
import shlex
from collections.abc import Callable, Sequence
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from vigie.adapters.stores.files import write_atomically
from vigie.domain.errors import ConfigError, NotFound, UsageError
from vigie.ports.keys import KeyLabel, KeyMode, VenueKey

_FORMAT: Final = 1
_SERVICE: Final = "vigie"
# A guess takes 128 MB and a good part of a second.
_SCRYPT_COST: Final = {"n": 1 << 17, "r": 8, "p": 1}
_SALT_BYTES: Final = 16
_NONCE_BYTES: Final = 12
_MIN_PASSWORD_LENGTH: Final = 12
# What was written by another hand must not make this machine compute for ever.
_LARGEST_N: Final = 1 << 20

AskPassword = Callable[[bool], str]
"""Asks for the password of the store; True where there is no store yet and one is chosen."""


class SealedKeys:
    """The store of a home; fulfils `vigie.ports.keys.KeyStore`.

    Parameters
    ----------
    path : Path
        Where it is, or will be.
    ask_password : callable
        Asked for the password when one is needed.
    is_system : bool
        Whether a new store is opened by the system's keyring.
    """

    def __init__(self, path: Path, ask_password: AskPassword, *, is_system: bool = False) -> None:
        self._path = path
        self._ask_password = ask_password
        self._is_system = is_system

    def labels(self) -> Sequence[KeyLabel]:
        """Return what may be shown of every key; nothing is opened."""
        return [_to_label(row) for row in self._read_file()["keys"]]

    def open(self, exchange: str, mode: KeyMode) -> VenueKey:
        """Return a key."""
        content = self._read_file()
        for row in content["keys"]:
            if (row["exchange"], row["mode"]) == (exchange, mode):
                return self._decrypt(row, self._derive_master_key(content["lock"]))
        raise NotFound(
            f"there is no {mode} key of {exchange}; add one: vigie keys add {exchange} --mode {mode}"
        )

    def put(self, key: VenueKey) -> None:
        """Keep a key in place of the one that was there."""
        if find_spec("cryptography") is None:
            raise ConfigError("stored keys need the package cryptography; run: pip install 'vigie[live]'")
        content = self._read_file()
        if not content["keys"]:
            content["lock"] = self._new_lock()
        master = self._derive_master_key(content["lock"], is_new=not content["keys"])
        if content["keys"]:
            # A second password would leave a store that opens in parts.
            self._decrypt(content["keys"][0], master)
        exchange_and_mode = (key.label.exchange, key.label.mode)
        rest = [row for row in content["keys"] if (row["exchange"], row["mode"]) != exchange_and_mode]
        content["keys"] = [*rest, _encrypt(key, master)]
        self._write_file(content)

    def remove(self, exchange: str, mode: KeyMode) -> bool:
        """Forget a key; False where there is none."""
        content = self._read_file()
        rest = [row for row in content["keys"] if (row["exchange"], row["mode"]) != (exchange, mode)]
        if len(rest) == len(content["keys"]):
            return False
        content["keys"] = rest
        self._write_file(content)
        return True

    # The file --------------------------------------------------------------------------------------------------

    def _read_file(self) -> dict[str, Any]:
        try:
            mode = self._path.stat().st_mode
        except FileNotFoundError:
            return {"format": _FORMAT, "lock": {}, "keys": []}
        if os.name == "posix" and mode & 0o077:
            raise ConfigError(
                f"other users can read {self._path}; run: chmod 600 {shlex.quote(str(self._path))}"
            )
        try:
            content = json.loads(self._path.read_text("utf-8"))
            if content["format"] != _FORMAT:
                raise ConfigError(f"{self._path} was written by another version of Vigie")
            [_to_label(row) for row in content["keys"]]
        except (ValueError, KeyError, TypeError) as error:
            raise ConfigError(
                f"{self._path} is no store of keys any more; move it away and add the keys again"
            ) from error
        return dict(content)

    def _write_file(self, content: dict[str, Any]) -> None:
        write_atomically(self._path, json.dumps(content, indent=1).encode(), is_private=True)

    # What opens it ---------------------------------------------------------------------------------------------

    def _new_lock(self) -> dict[str, Any]:
        if self._is_system:
            _load_keyring().set_password(_SERVICE, str(self._path), _to_base64(os.urandom(32)))
            return {"by": "keyring"}
        return {"by": "password", "salt": _to_base64(os.urandom(_SALT_BYTES)), **_SCRYPT_COST}

    def _derive_master_key(self, lock: dict[str, Any], *, is_new: bool = False) -> bytes:
        if lock["by"] == "keyring":
            stored_key = _load_keyring().get_password(_SERVICE, str(self._path))
            if stored_key is None:
                raise ConfigError(
                    f"the system's keyring does not know what opens {self._path}; move it away and add the keys again"
                )
            return _from_base64(stored_key)
        if not 2 <= lock["n"] <= _LARGEST_N or lock["r"] > 64 or lock["p"] > 16:
            raise ConfigError(f"{self._path} asks for a cost that this version never writes")
        password = self._ask_password(is_new)
        if is_new and len(password) < _MIN_PASSWORD_LENGTH:
            raise UsageError(
                f"the password of the store must have at least {_MIN_PASSWORD_LENGTH} characters"
            )
        from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

        return Scrypt(_from_base64(lock["salt"]), 32, lock["n"], lock["r"], lock["p"]).derive(
            password.encode()
        )

    def _decrypt(self, row: dict[str, Any], master: bytes) -> VenueKey:
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        label = _to_label(row)
        try:
            plaintext = AESGCM(master).decrypt(
                _from_base64(row["nonce"]), _from_base64(row["sealed"]), _associated_data(label)
            )
        except InvalidTag:
            raise ConfigError(
                f"{self._path} was not opened: the password is wrong, or the file was changed by another hand"
            ) from None
        return VenueKey(label, **json.loads(plaintext))


def has_keyring() -> bool:
    """Whether the system keeps passwords for programs, and the package that asks it is installed."""
    return find_spec("keyring") is not None and _load_keyring().get_keyring().priority > 0


def _load_keyring() -> Any:
    if find_spec("keyring") is None:
        raise ConfigError("the system's keyring needs the package keyring; run: pip install keyring")
    return import_module("keyring")


def _encrypt(key: VenueKey, master: bytes) -> dict[str, Any]:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    label, nonce = key.label, os.urandom(_NONCE_BYTES)
    plaintext = json.dumps({"key": key.key, "secret": key.secret, "passphrase": key.passphrase})
    return {
        "exchange": label.exchange,
        "mode": label.mode,
        "ts": label.ts,
        "nonce": _to_base64(nonce),
        "sealed": _to_base64(AESGCM(master).encrypt(nonce, plaintext.encode(), _associated_data(label))),
    }


def _to_label(row: dict[str, Any]) -> KeyLabel:
    return KeyLabel(str(row["exchange"]), row["mode"], "store", int(row["ts"]))


def _associated_data(label: KeyLabel) -> bytes:
    return f"{label.exchange}/{label.mode}/{label.ts}".encode()


def _to_base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _from_base64(text: str) -> bytes:
    return base64.b64decode(text)
