"""What a source's folder says about it, readable without importing the source."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from vigie.adapters.manifests import TIERS, FeedManifest, check_choice, check_id, read_record
from vigie.domain.errors import ConfigError

FOLDER: Final = Path(__file__).parent
# immutable: a value stays as it was published; late: it stays, but comes after its time; revised: it may change.
HISTORIES: Final = ("immutable", "late", "revised")


@dataclass(frozen=True, slots=True)
class SourceManifest:
    """One source.

    Attributes
    ----------
    id, title, docs : str
        Name of the folder, name for people, the source's own documentation.
    kind : str
        ``source``.
    live_url, test_url : str
        Endpoints.
    hosts : dict of str to str
        Further hosts by name, for sources that have several.
    service : str
        Whose ``VIGIE_<SERVICE>_URL`` moves it; the id where the source is a service of its own.
    requests_per_minute, burst : float
        Our budget for it.
    max_bytes : int
        Its largest answer.
    history : str
        One of `HISTORIES`.
    secrets, optional : tuple of str
        Keys by name, extra packages.
    terms, licence, attribution : str
        What the data may be used for, under which licence, and what is shown beside it.
    is_non_commercial : bool
        Exports warn where it is.
    tier, verified : str
        One of `TIERS`; when and how it was last checked.
    feeds : tuple of FeedManifest
    stores : tuple of str
        Stores of the home that it declares to read, besides the facts that it delivers.
    calendar : str
        Id of the source of news that states when figures come out; empty where none does.
    """

    id: str
    kind: str
    title: str
    docs: str
    live_url: str
    test_url: str
    service: str
    requests_per_minute: float
    burst: float
    max_bytes: int
    history: str
    secrets: tuple[str, ...]
    optional: tuple[str, ...]
    terms: str
    licence: str
    attribution: str
    is_non_commercial: bool
    tier: str
    verified: str
    feeds: tuple[FeedManifest, ...]
    hosts: dict[str, str]
    stores: tuple[str, ...]
    calendar: str


def read_manifest(folder: Path) -> SourceManifest:
    """Read ``manifest.toml`` of a source's folder.

    Raises
    ------
    ConfigError
        If a key is missing, unknown, or has a value it cannot have; the message names key and file.
    """
    path = folder / "manifest.toml"
    return parse_manifest(path, path.read_text("utf-8"))


def parse_manifest(path: Path, text: str) -> SourceManifest:
    """Read what a manifest says, as `read_manifest` does; the file itself is not opened."""
    data: dict[str, Any] = {"hosts": {}, "stores": (), "calendar": "", **tomllib.loads(text)}
    feeds = tuple(
        read_record(FeedManifest, path, {"name": name, **feed})
        for name, feed in data.pop("feeds", {}).items()
    )
    manifest = read_record(SourceManifest, path, {**data, "feeds": feeds})
    check_id(path, manifest.id)
    check_choice(path, "tier", manifest.tier, TIERS)
    check_choice(path, "history", manifest.history, HISTORIES)
    if not feeds:
        raise ConfigError("missing_feeds", "{path}: missing: feeds", path=path)
    return manifest


def manifests() -> tuple[SourceManifest, ...]:
    """Return every source that has a folder here, by id."""
    return tuple(read_manifest(path.parent) for path in sorted(FOLDER.glob("*/manifest.toml")))
