"""Strategies from outside: the file that was allowed is copied into the folder of own strategies.

So it is listed, checked, swept and traded like a file of one's own, in every process, and an update of a package does
not change what trades: its new content is off until it is allowed as well.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from vigie.adapters.plugins.content import PluginContent
from vigie.adapters.plugins.kinds import KINDS
from vigie.adapters.stores.files import write_atomically
from vigie.adapters.stores.programs import AllowedPrograms
from vigie.domain.errors import ConfigError

STRATEGY: Final = "strategy"
FOLDER: Final = "strategies"


def copy_strategy(content: PluginContent, home: Path, allowed: AllowedPrograms) -> None:
    """Copy the file of a strategy that an admin allows, and allow the copy.

    Raises
    ------
    ConfigError
        If a file of its name is there that is not an earlier copy of it.
    """
    name = _file_of(content.info.name)
    target, text = home / name, content.files[KINDS[STRATEGY].program]
    is_copy = allowed.allowed_digest(content.info.name) != ""
    if target.exists() and not is_copy and target.read_bytes() != text:
        raise ConfigError(
            "cannot_allowed_exists",
            "{name} cannot be allowed: {name_2} exists already; rename one of them",
            name=content.info.name,
            name_2=name,
        )
    target.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(target, text)
    allowed.allow([name])


def remove_strategy(plugin: str, home: Path, allowed: AllowedPrograms) -> None:
    """Remove the copy of a strategy that is no longer allowed, unless somebody has changed it."""
    name = _file_of(plugin)
    target = home / name
    if allowed.allowed_digest(plugin) and target.is_file() and allowed.is_allowed(name, target.read_bytes()):
        target.unlink()
        allowed.forbid([name])


def _file_of(plugin: str) -> str:
    return f"{FOLDER}/{plugin.rpartition('/')[2]}.py"
