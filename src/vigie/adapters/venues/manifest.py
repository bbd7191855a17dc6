"""What a venue's folder says about it, readable without importing the venue."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from vigie.adapters.manifests import TIERS, check_choice, check_id, read_record

FOLDER: Final = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Manifest:
    """One venue.

    Attributes
    ----------
    id, title, docs : str
        Name of the folder, name for people, the venue's own documentation.
    kind : str
        ``venue``.
    markets : tuple of str
        ``perp``, ``spot``: with the id they make venue ids such as ``bitget-perp``.
    capabilities : tuple of str
        ``history``, ``instruments``.
    timeframes : tuple of str
        Those the history serves with UTC boundaries.
    page_bars : int
        Bars a page may span.
    page_days : int
        Days a page may span; 0 means no such limit.
    depth_bars : int
        Newest bars that are served; 0 means all.
    interval_ms : int
        Our budget: the shortest time between two requests of weight one.
    live_url, test_url : str
        Endpoints.
    secrets, optional : tuple of str
        Keys by name, extra packages.
    terms : str
        What the venue allows its public data to be used for.
    tier : str
        One of `TIERS`.
    verified : str
        When and how it was last checked.
    credentials : tuple of str
        What the parts of a key of an account are called, in the order of key, secret and passphrase.
    """

    id: str
    kind: str
    title: str
    docs: str
    markets: tuple[str, ...]
    capabilities: tuple[str, ...]
    timeframes: tuple[str, ...]
    page_bars: int
    page_days: int
    depth_bars: int
    interval_ms: int
    live_url: str
    test_url: str
    secrets: tuple[str, ...]
    optional: tuple[str, ...]
    terms: str
    tier: str
    verified: str
    credentials: tuple[str, ...] = ("API key", "secret", "passphrase")

    @property
    def venues(self) -> tuple[str, ...]:
        """The venue ids of this exchange, ``bitget-perp``."""
        return tuple(f"{self.id}-{market}" for market in self.markets)


def read_manifest(folder: Path) -> Manifest:
    """Read ``manifest.toml`` of a venue's folder.

    Raises
    ------
    ConfigError
        If a key is missing, unknown, or has a value it cannot have; the message names key and file.
    """
    path = folder / "manifest.toml"
    manifest = read_record(Manifest, path, tomllib.loads(path.read_text("utf-8")))
    check_choice(path, "tier", manifest.tier, TIERS)
    check_id(path, manifest.id)
    return manifest


def manifests() -> tuple[Manifest, ...]:
    """Return every venue that has a folder here, by id."""
    return tuple(read_manifest(path.parent) for path in sorted(FOLDER.glob("*/manifest.toml")))
