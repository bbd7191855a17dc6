"""What a channel's folder says about it, readable without importing the channel."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from vigie.adapters.manifests import check_choice, check_id, read_record
from vigie.domain.errors import ConfigError

FOLDER: Final = Path(__file__).parent
PROGRAM: Final = "notifier.py"


@dataclass(frozen=True, slots=True)
class NotifierManifest:
    r"""One kind of channel.

    Attributes
    ----------
    id, title, docs : str
        Name of the folder, which is stored with each address; name for people; the service's documentation.
    kind : str
        ``notifier``.
    schemes : tuple of str
        How addresses begin that mean this channel: ``https``; ``*`` for any other scheme, nothing for none.
    address : str
        Pattern of a whole address; empty where the channel checks it itself.
    hint : str
        What an address must look like.
    is_secret : bool
        Addresses are encrypted and never shown again; the channel is a `vigie.ports.notifier.SealingNotifier`.
    is_signed : bool
        Messages carry data for programs, signed with a key of the channel.
    simulated : str
        Simulated service that takes its messages in a simulated home; empty where nothing is sent from one.
    settings : tuple of str
        Settings that it is given.
    hosts, stores, secrets : tuple of str
        What it declares to reach: hosts (``*`` for those that people enter), stores of the home, variables of keys.
    """

    id: str
    kind: str
    title: str
    docs: str
    schemes: tuple[str, ...]
    address: str
    hint: str
    is_secret: bool
    is_signed: bool
    simulated: str
    settings: tuple[str, ...]
    hosts: tuple[str, ...]
    stores: tuple[str, ...]
    secrets: tuple[str, ...]


def read_manifest(folder: Path) -> NotifierManifest:
    """Read ``manifest.toml`` of a channel's folder.

    Raises
    ------
    ConfigError
        If a key is missing, unknown, or has a value it cannot have; the message names key and file.
    """
    path = folder / "manifest.toml"
    return parse_manifest(path, path.read_text("utf-8"))


def parse_manifest(path: Path, text: str) -> NotifierManifest:
    """Read what a manifest says, as `read_manifest` does; the file itself is not opened."""
    manifest = read_record(NotifierManifest, path, tomllib.loads(text))
    check_id(path, manifest.id)
    check_choice(path, "kind", manifest.kind, ("notifier",))
    try:
        re.compile(manifest.address)
    except re.error as fault:
        raise ConfigError(
            "address_no_pattern",
            "{path}: address must be a pattern, was {address!r}: {fault}",
            path=path,
            address=manifest.address,
            fault=fault,
        ) from fault
    return manifest


def manifests() -> tuple[NotifierManifest, ...]:
    """Return every channel that has a folder here, by id."""
    return tuple(read_manifest(path.parent) for path in sorted(FOLDER.glob("*/manifest.toml")))
