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

from vigie.adapters.stores.files import write_whole
from vigie.domain.errors import ConfigError, NotFound, UsageError
from vigie.ports.keys import KeyLabel, KeyMode, VenueKey

_FORMAT: Final = 1
_SERVICE: Final = "vigie"
# A guess takes 128 MB and a good part of a second.
_COST: Final = {"n": 1 << 17, "r": 8, "p": 1}
_SALT: Final = 16
_NONCE: Final = 12
_SHORTEST: Final = 12
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
    ask : callable
        Asked for the password when one is needed.
    is_system : bool
        Whether a new store is opened by the system's keyring.
    """

    def __init__(self, path: Path, ask: AskPassword, *, is_system: bool = False) -> None:
        self._path = path
        self._ask = ask
        self._is_system = is_system

    def labels(self) -> Sequence[KeyLabel]:
        """Return what may be shown of every key; nothing is opened."""
        return [_label(row) for row in self._read()["keys"]]

    def open(self, exchange: str, mode: KeyMode) -> VenueKey:
        """Return a key."""
        held = self._read()
        for row in held["keys"]:
            if (row["exchange"], row["mode"]) == (exchange, mode):
                return self._opened(row, self._master(held["lock"]))
        raise NotFound(
            f"there is no {mode} key of {exchange}; add one: vigie keys add {exchange} --mode {mode}"
        )

    def put(self, key: VenueKey) -> None:
        """Keep a key in place of the one that was there."""
        if find_spec("cryptography") is None:
            raise ConfigError("stored keys need the package cryptography; run: pip install 'vigie[live]'")
        held = self._read()
        if not held["keys"]:
            held["lock"] = self._new_lock()
        master = self._master(held["lock"], is_new=not held["keys"])
        if held["keys"]:
            # A second password would leave a store that opens in parts.
            self._opened(held["keys"][0], master)
        named = (key.label.exchange, key.label.mode)
        rest = [row for row in held["keys"] if (row["exchange"], row["mode"]) != named]
        held["keys"] = [*rest, _sealed(key, master)]
        self._write(held)

    def remove(self, exchange: str, mode: KeyMode) -> bool:
        """Forget a key; False where there is none."""
        held = self._read()
        rest = [row for row in held["keys"] if (row["exchange"], row["mode"]) != (exchange, mode)]
        if len(rest) == len(held["keys"]):
            return False
        held["keys"] = rest
        self._write(held)
        return True

    # The file --------------------------------------------------------------------------------------------------

    def _read(self) -> dict[str, Any]:
        try:
            mode = self._path.stat().st_mode
        except FileNotFoundError:
            return {"format": _FORMAT, "lock": {}, "keys": []}
        if os.name == "posix" and mode & 0o077:
            raise ConfigError(
                f"{self._path} can be read by others; run: chmod 600 {shlex.quote(str(self._path))}"
            )
        try:
            held = json.loads(self._path.read_text("utf-8"))
            if held["format"] != _FORMAT:
                raise ConfigError(f"{self._path} was written by another version of Vigie")
            [_label(row) for row in held["keys"]]
        except (ValueError, KeyError, TypeError) as error:
            raise ConfigError(
                f"{self._path} is no store of keys any more; move it away and add the keys again"
            ) from error
        return dict(held)

    def _write(self, held: dict[str, Any]) -> None:
        write_whole(self._path, json.dumps(held, indent=1).encode(), is_private=True)

    # What opens it ---------------------------------------------------------------------------------------------

    def _new_lock(self) -> dict[str, Any]:
        if self._is_system:
            _keyring().set_password(_SERVICE, str(self._path), _text(os.urandom(32)))
            return {"by": "keyring"}
        return {"by": "password", "salt": _text(os.urandom(_SALT)), **_COST}

    def _master(self, lock: dict[str, Any], *, is_new: bool = False) -> bytes:
        if lock["by"] == "keyring":
            kept = _keyring().get_password(_SERVICE, str(self._path))
            if kept is None:
                raise ConfigError(
                    f"the system's keyring does not know what opens {self._path}; move it away and add the keys again"
                )
            return _bytes(kept)
        if not 2 <= lock["n"] <= _LARGEST_N or lock["r"] > 64 or lock["p"] > 16:
            raise ConfigError(f"{self._path} asks for a cost that this version never writes")
        word = self._ask(is_new)
        if is_new and len(word) < _SHORTEST:
            raise UsageError(f"the password of the store must have at least {_SHORTEST} characters")
        from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

        return Scrypt(_bytes(lock["salt"]), 32, lock["n"], lock["r"], lock["p"]).derive(word.encode())

    def _opened(self, row: dict[str, Any], master: bytes) -> VenueKey:
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        label = _label(row)
        try:
            held = AESGCM(master).decrypt(_bytes(row["nonce"]), _bytes(row["sealed"]), _bound(label))
        except InvalidTag:
            raise ConfigError(
                f"{self._path} was not opened: the password is wrong, or the file was changed by another hand"
            ) from None
        return VenueKey(label, **json.loads(held))


def has_keyring() -> bool:
    """Whether the system keeps passwords for programs, and the package that asks it is installed."""
    return find_spec("keyring") is not None and _keyring().get_keyring().priority > 0


def _keyring() -> Any:
    if find_spec("keyring") is None:
        raise ConfigError("the system's keyring needs the package keyring; run: pip install keyring")
    return import_module("keyring")


def _sealed(key: VenueKey, master: bytes) -> dict[str, Any]:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    label, nonce = key.label, os.urandom(_NONCE)
    held = json.dumps({"key": key.key, "secret": key.secret, "passphrase": key.passphrase})
    return {
        "exchange": label.exchange,
        "mode": label.mode,
        "ts": label.ts,
        "nonce": _text(nonce),
        "sealed": _text(AESGCM(master).encrypt(nonce, held.encode(), _bound(label))),
    }


def _label(row: dict[str, Any]) -> KeyLabel:
    return KeyLabel(str(row["exchange"]), row["mode"], "store", int(row["ts"]))


def _bound(label: KeyLabel) -> bytes:
    return f"{label.exchange}/{label.mode}/{label.ts}".encode()


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _bytes(text: str) -> bytes:
    return base64.b64decode(text)
