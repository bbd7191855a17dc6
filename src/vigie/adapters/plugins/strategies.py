"""Strategies from outside: the file that was allowed is copied into the folder of own strategies.

So it is listed, checked, swept and traded like a file of one's own, in every process, and an update of a package does
not change what trades: its new content is off until it is allowed as well.

The list of allowed programs keeps the digest of the copy under the name of the plug-in's own file, such as
``plugins/calm/strategy.py``. A file with any other digest belongs to a person, and is neither replaced nor removed.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Final

from vigie.adapters.plugins.content import PluginContent
from vigie.adapters.plugins.kinds import KINDS
from vigie.adapters.stores.files import write_atomically
from vigie.adapters.stores.programs import AllowedPrograms
from vigie.domain.errors import ConfigError

STRATEGY: Final = "strategy"
FOLDER: Final = "strategies"


def copy_strategy(content: PluginContent, home: Path, allowed: AllowedPrograms) -> dict[str, str]:
    """Copy the file of a strategy that an admin allows, and return what to allow and to record with it.

    Raises
    ------
    ConfigError
        If a file of its name is there that is not an earlier copy of it.
    """
    name, record = copy_name(content.info.name), _record_name(content.info.name)
    target, text = home / name, content.files[KINDS[STRATEGY].program]
    digest = _digest(text)
    if target.exists():
        existing = _digest(target.read_bytes())
        if existing != allowed.allowed_digest(record):
            if existing != digest:
                raise ConfigError(
                    "cannot_allowed_exists",
                    "{name} cannot be allowed: {name_2} exists already; rename one of them",
                    name=content.info.name,
                    name_2=name,
                )
            # The same text, and a person's file: it stays when the plug-in goes.
            return {name: digest}
    target.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(target, text)
    return {name: digest, record: digest}


def remove_strategy(plugin: str, home: Path, allowed: AllowedPrograms) -> list[str]:
    """Remove the copy of a strategy that is no longer allowed, and return the names to take off the list."""
    name, record = copy_name(plugin), _record_name(plugin)
    target, copied = home / name, allowed.allowed_digest(record)
    if not copied:
        return []
    if target.is_file() and _digest(target.read_bytes()) == copied:
        target.unlink()
    return [name, record] if allowed.allowed_digest(name) == copied else [record]


def copy_name(plugin: str) -> str:
    """Return where below the home folder a strategy is copied to."""
    return f"{FOLDER}/{plugin.rpartition('/')[2]}.py"


def _record_name(plugin: str) -> str:
    return f"{plugin}/{KINDS[STRATEGY].program}"


def _digest(text: bytes) -> str:
    return hashlib.sha256(text).hexdigest()
