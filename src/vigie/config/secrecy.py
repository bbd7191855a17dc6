"""Files with secrets are for their owner only, and secrets are never shown."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterable
from pathlib import Path
from typing import Final
from urllib.parse import parse_qsl, urlsplit

from vigie.config.layers import SettingsLayer
from vigie.config.names import SettingKey, is_secret, may_hold_credentials
from vigie.domain.errors import ConfigError

MASK: Final = "********"
# What containers and units of systemd mount there can be read inside them only.
_MOUNT_FOLDERS: Final = ("/run/secrets/", "/run/credentials/")


def refuse_open_files(layers: Iterable[SettingsLayer]) -> None:
    """Refuse files that hold a secret and can be read by others than their owner.

    Raises
    ------
    ConfigError
        The message names setting, file and the command that cures it.
    """
    for layer in layers:
        for key, entry in layer.entries.items():
            file = entry.file or layer.path
            if file is not None and _holds_secret(key, str(entry.value)) and _is_readable_by_others(file):
                raise ConfigError(
                    f"{entry.name} is a secret, but other users can read {file}; "
                    f"run: chmod 600 {shlex.quote(str(file))}"
                )


def _holds_secret(key: SettingKey, value: str) -> bool:
    """Tell whether a value must be its owner's alone; an address without a password need not be."""
    if key[0] == "urls":
        return may_hold_credentials(value)
    if not is_secret(key):
        return False
    # `word:word` may be a key; only what is written as an address is one.
    is_bare = "://" in value and not may_hold_credentials(value)
    return key[0] == "keys" or not is_bare


def _is_readable_by_others(path: Path) -> bool:
    if os.name != "posix" or str(path.resolve()).startswith(_MOUNT_FOLDERS):
        return False
    return bool(path.stat().st_mode & 0o077)


def mask_address(value: str) -> str:
    """Return an address without its password and its query's values; anything else as a row of stars."""
    if not value:
        return ""
    try:
        parts = urlsplit(value)
        query = "&".join(f"{name}={MASK}" for name, _ in parse_qsl(parts.query, keep_blank_values=True))
    except ValueError:
        return MASK
    if not parts.scheme or "://" not in value:
        return MASK
    user, at_sign, host = parts.netloc.rpartition("@")
    name, colon, _ = user.partition(":")
    netloc = f"{name}{colon and ':' + MASK}{at_sign}{host}"
    return parts._replace(netloc=netloc, query=query, fragment="").geturl() if netloc else value
