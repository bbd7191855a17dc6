"""A plug-in with its files, as they were hashed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from vigie.ports.plugins import PluginInfo


@dataclass(frozen=True, slots=True)
class PluginContent:
    """A plug-in with the files that were hashed; they are what runs.

    Attributes
    ----------
    module : str
        What it is imported as.
    """

    info: PluginInfo
    folder: Path
    module: str
    files: Mapping[str, bytes] = field(repr=False)
