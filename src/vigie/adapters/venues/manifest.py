"""What a venue's folder says about it, readable without importing the venue."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from vigie.adapters.manifests import TIERS, check_choice, check_id, read_record
from vigie.domain.errors import ConfigError

FOLDER: Final = Path(__file__).parent
# No placeholder in the host, no query: neither another place nor a referral nor an order can be in there.
_MARKET_PAGE: Final = re.compile(
    r"https://[a-z0-9.-]+(\{language\})?(/[A-Za-z0-9_.-]*(\{coin\}|\{quote\})?[A-Za-z0-9_.-]*(\{quote\})?)+"
)
_LANGUAGE_PART: Final = re.compile(r"(/[a-z]{2}(-[A-Za-z]{2})?)?")


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
    market_pages : tuple of str
        For each of `markets`, the page on which a person sees one there: https, with ``{coin}`` and ``{quote}``
        behind the host, ``{language}`` right behind it; empty where it is not known.
    page_languages : dict of str to str
        By language of the reader, what stands for ``{language}``: ``/fr``, or nothing; English for all others.
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
    market_pages: tuple[str, ...] = ()
    page_languages: dict[str, str] = field(default_factory=dict)

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
    for page in manifest.market_pages:
        if not _MARKET_PAGE.fullmatch(page):
            raise ConfigError(
                "bad_market_page",
                "{path}: market_pages must be https addresses with {{coin}} and {{quote}} behind the host alone, was "
                "{page!r}",
                path=path,
                page=page,
            )
    for part in manifest.page_languages.values():
        if not _LANGUAGE_PART.fullmatch(part):
            raise ConfigError(
                "bad_page_language",
                "{path}: page_languages must be like /fr, or empty, was {part!r}",
                path=path,
                part=part,
            )
    return manifest


def manifests() -> tuple[Manifest, ...]:
    """Return every venue that has a folder here, by id."""
    return tuple(read_manifest(path.parent) for path in sorted(FOLDER.glob("*/manifest.toml")))
