"""Which feeds of news there are: tables in files, read strictly and without asking anyone."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from vigie.adapters.manifests import TIERS as MATURITIES
from vigie.adapters.manifests import check_choice, read_record
from vigie.adapters.sources.news.day_order import DayOrder, day_order
from vigie.domain.errors import ConfigError
from vigie.domain.item import TIERS as PUBLISHERS
from vigie.domain.item import SourceTier
from vigie.ports.own_feeds import public_address

FOLDER: Final = Path(__file__).parent
SHIPPED: Final = FOLDER / "shipped.toml"
SIMULATED: Final = FOLDER / "simulated.toml"
# What each kind reads where; the first ones are needed.
READS: Final[dict[str, tuple[tuple[str, ...], tuple[str, ...]]]] = {
    "feed": ((), ()),
    "youtube": ((), ()),
    "reddit": ((), ()),
    "mastodon": ((), ()),
    "bluesky": ((), ()),
    "page": (("rows",), ("link", "title", "date")),
    "text": (("rows",), ()),
    "calendar": (("rows", "what", "area", "kind"), ("keep", "about", "what_fr")),
    "json": (("items", "title"), ("url", "url_form", "key", "date", "text", "author")),
    "register": (("key", "name"), ("lei", "country", "authority", "services", "countries", "website", "from", "until",
                                   "least", "lists", "form")),
    "edgar": (("q",), ("forms", "days")),
    "mailbox": (("host", "user"), ("port", "folder", "secret")),
}  # fmt: skip
KINDS: Final = tuple(READS)
# What the rows of a register are: firms with a licence, firms that are warned of, published papers.
LISTS: Final = ("licences", "warnings", "papers")


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
    kind : str
        How it is asked and read, one of `KINDS`.
    reads : dict
        Where things stand in what it answers, by kind: `READS`.
    has_page_dates : bool
        Where it states no date, the article's own page is asked for one.
    key_header : str
        Where its key goes; nothing where it takes none.
    is_own : bool
        Somebody added it: its address may hold a token, and is told without it.
    off : str
        Why it cannot be asked as it is, for people; nothing where it can.
    country : str
        Where it is (ISO 3166, two letters), if its domain and its time zone do not tell.
    seen : str
        Where its address was found, and when; nothing where that was not kept.
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
    kind: str = "feed"
    reads: dict[str, str] = field(default_factory=dict)
    has_page_dates: bool = False
    key_header: str = ""
    is_own: bool = False
    off: str = ""
    country: str = ""
    seen: str = ""

    @property
    def day_order(self) -> DayOrder:
        """The order in which it writes days and months."""
        return day_order(country=self.country, domain=self.domain, zone=self.zone, language=self.language)

    @property
    def lists(self) -> str:
        """What the rows of a register are, one of `LISTS`; nothing for other kinds."""
        return self.reads.get("lists", LISTS[0]) if self.kind == "register" else ""

    @property
    def public_address(self) -> str:
        """Its address as everybody may see it."""
        return public_address(self.url) if self.is_own else self.url


@cache
def feeds(path: Path) -> tuple[FeedEntry, ...]:
    """Return the feeds of a list, in its order.

    Raises
    ------
    ConfigError
        If a key is missing, unknown, or has a value it cannot have; the message names key and file.
    """
    data: dict[str, Any] = tomllib.loads(path.read_text("utf-8"))
    shared_by_all = data.pop("all", {})
    owners = data.pop("owners", {})
    entries = []
    for name, entry in data.items():
        shared = owners.get(entry.get("owner", ""), {})
        entries.append(
            check_entry(path, read_record(FeedEntry, path, {"id": name, **shared_by_all, **shared, **entry}))
        )
    return tuple(entries)


def check_entry(path: Path, entry: FeedEntry) -> FeedEntry:
    """Return an entry if it has what its kind needs; the refusal names key and file.

    Raises
    ------
    ConfigError
        If it has not.
    """
    check_choice(path, f"{entry.id}.publisher", entry.publisher, PUBLISHERS)
    check_choice(path, f"{entry.id}.tier", entry.tier, MATURITIES)
    check_choice(path, f"{entry.id}.kind", entry.kind, KINDS)
    needed, optional = READS[entry.kind]
    if set(needed) - entry.reads.keys() or entry.reads.keys() - {*needed, *optional}:
        requirement = f"{', '.join(needed) or 'nothing'}, and may say {', '.join(optional) or 'no more'}"
        raise ConfigError(
            "reads_must_say",
            "{path}: {id}.reads must say {requirement}; it says {reads}",
            path=path,
            id=entry.id,
            requirement=requirement,
            reads=", ".join(entry.reads) or "nothing",
        )
    if entry.kind != "mailbox" and not (entry.off or entry.url.startswith(("https://", "http://"))):
        raise ConfigError(
            "url_must_http_https",
            "{path}: {id}.url must be http or https, was {url!r}",
            path=path,
            id=entry.id,
            url=entry.url,
        )
    if not all(isinstance(value, str) for value in (entry.title, entry.language, *entry.reads.values())):
        raise ConfigError(
            "title_language_reads_must_text",
            "{path}: {id}: title, language and reads must be text",
            path=path,
            id=entry.id,
        )
    if entry.kind == "register":
        check_choice(path, f"{entry.id}.reads.lists", entry.lists, LISTS)
    _check_positive(path, entry)
    ZoneInfo(entry.zone)
    return entry


def _check_positive(path: Path, entry: FeedEntry) -> None:
    for name in ("every_s", "requests_per_minute", "max_bytes"):
        value = getattr(entry, name)
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 1e9:
            raise ConfigError(
                "source_key_not_positive",
                "{path}: {id}.{name} must be a number above 0, was {value!r}",
                path=path,
                id=entry.id,
                name=name,
                value=value,
            )
