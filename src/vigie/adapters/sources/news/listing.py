"""Which feeds of news there are: tables in files, read strictly and without asking anyone."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from vigie.adapters.manifests import TIERS as MATURITIES
from vigie.adapters.manifests import check_word, read_record
from vigie.domain.errors import ConfigError
from vigie.domain.item import TIERS as PUBLISHERS
from vigie.domain.item import SourceTier

FOLDER: Final = Path(__file__).parent
SHIPPED: Final = FOLDER / "shipped.toml"
SIMULATED: Final = FOLDER / "simulated.toml"


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """One feed of news.

    Attributes
    ----------
    id, title : str
        Name of its table in the list; name for people.
    url : str
        Where its newest entries are.
    publisher : SourceTier
        What its publisher is.
    owner, domain : str
        Who is behind it; where its articles are. A redirect that leads elsewhere is not followed.
    language : str
        Of what it publishes, where it does not say.
    every_s : float
        How often it is asked.
    docs, terms, licence : str
        Where it is described, what its text may be used for, under which licence.
    zone : str
        Of times that it writes without one.
    is_whole : bool
        It shows all it has: what is missing was withdrawn.
    requests_per_minute, max_bytes : float, int
        Our limits for it.
    tier, verified : str
        How far this program proved it; when it was last checked.
    """

    id: str
    title: str
    url: str
    publisher: SourceTier
    owner: str
    domain: str
    language: str
    every_s: float
    docs: str
    terms: str
    licence: str
    zone: str = "UTC"
    is_whole: bool = False
    requests_per_minute: float = 6.0
    max_bytes: int = 4_000_000
    tier: str = "draft"
    verified: str = "never verified"


@cache
def feeds(path: Path) -> tuple[FeedEntry, ...]:
    """Return the feeds of a list, in its order.

    Raises
    ------
    ConfigError
        If a key is missing, unknown, or has a value it cannot have; the message names key and file.
    """
    data: dict[str, Any] = tomllib.loads(path.read_text("utf-8"))
    common = data.pop("all", {})
    owners = data.pop("owners", {})
    found = []
    for name, entry in data.items():
        shared = owners.get(entry.get("owner", ""), {})
        found.append(_checked(path, read_record(FeedEntry, path, {"id": name, **common, **shared, **entry})))
    return tuple(found)


def _checked(path: Path, entry: FeedEntry) -> FeedEntry:
    check_word(path, f"{entry.id}.publisher", entry.publisher, PUBLISHERS)
    check_word(path, f"{entry.id}.tier", entry.tier, MATURITIES)
    if not entry.url.startswith(("https://", "http://")):
        raise ConfigError(f"{path}: {entry.id}.url must be http or https, was {entry.url!r}")
    ZoneInfo(entry.zone)
    return entry
