"""The files that a new plug-in starts from: a manifest, a program that keeps its contract, and a simulated service."""

from __future__ import annotations

import keyword
import re
from pathlib import Path
from string import Template
from typing import Final

from vigie.adapters.plugins.conflicts import is_reserved
from vigie.adapters.plugins.kinds import PluginKind
from vigie.adapters.stores.files import write_atomically
from vigie.adapters.stores.program_folders import MANIFEST
from vigie.domain.errors import UsageError

_TEMPLATES: Final = Path(__file__).parent / "templates"
_NAME: Final = re.compile(r"[a-z][a-z0-9_]{1,39}")


def create_plugin(kind: PluginKind, name: str, folder: Path) -> list[Path]:
    """Write the files of a new plug-in into a folder of its name, and return them.

    Raises
    ------
    UsageError
        If the name cannot be one, is taken by Vigie, or the folder exists.
    """
    if not _NAME.fullmatch(name) or keyword.iskeyword(name):
        raise UsageError(
            f"name must be 2..40 lower-case letters, digits and _, starting with a letter, was {name!r}"
        )
    if name in kind.shipped():
        raise UsageError(f"Vigie already has a {kind.id} {name}; choose another name")
    if is_reserved(name):
        raise UsageError(f"{name} has a key of Vigie's own in the settings; choose another name")
    target = folder / name
    if target.exists():
        raise UsageError(f"{target} exists already; choose another name or remove it")
    # Addresses have no "_" before their "://".
    values = {
        "name": name,
        "title": name.replace("_", " ").capitalize(),
        "scheme": name.replace("_", "-"),
    }
    texts = {
        file: (_TEMPLATES / kind.id / f"{file}.template").read_text("utf-8")
        for file in ("__init__.py", MANIFEST, kind.program, "simulated.py")
        if (_TEMPLATES / kind.id / f"{file}.template").is_file()
    }
    target.mkdir(parents=True)
    for file, text in texts.items():
        write_atomically(target / file, Template(text).substitute(values).encode())
    return [target / file for file in texts]
