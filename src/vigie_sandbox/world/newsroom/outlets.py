"""Who publishes in the simulated world: every name and host is invented."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

Form = Literal["rss", "atom", "json", "page"]
Language = Literal["en", "fr"]


@dataclass(frozen=True, slots=True)
class Outlet:
    """One publisher.

    Attributes
    ----------
    id, title, owner : str
        For sources and people.
    host, path : str
        Where its newest pieces are listed.
    form : Form
        How they are.
    language : Language
    tier : str
        As in `vigie.domain.item.TIERS`.
    soonest, latest : int
        Market minutes between an event and its piece, where it is not the first to publish.
    folder : str
        Folder of its articles.
    is_dated : bool
        Whether its feed tells times; else only the pages do.
    """

    id: str
    title: str
    owner: str
    host: str
    path: str
    form: Form
    language: Language
    tier: str
    soonest: int
    latest: int
    folder: str
    is_dated: bool = True

    @property
    def site(self) -> str:
        """The address of its front page."""
        return f"https://{self.host}/"

    @property
    def address(self) -> str:
        """Where its newest pieces are listed."""
        return f"https://{self.host}{self.path}"


REGULATOR: Final = Outlet(
    "valmer", "Valmer Markets Authority", "Valmer Markets Authority", "valmer-markets.example", "/news/feed.xml",
    "rss", "en", "regulator", 0, 0, "news",
)  # fmt: skip
OFFICE: Final = Outlet(
    "orvane", "Office de stabilité d'Orvane", "Office de stabilité d'Orvane", "stabilite-orvane.example",
    "/communiques.html", "page", "fr", "regulator", 0, 0, "communiques",
)  # fmt: skip
MEDIA: Final = (
    Outlet("chainpost", "Chainpost", "Halden Media", "chainpost.example", "/rss.xml",
           "rss", "en", "media", 3, 45, "story"),
    Outlet("tessel", "The Tessel Herald", "Oru Press", "tessel-herald.example", "/feed.atom",
           "atom", "en", "media", 15, 180, "articles"),
    Outlet("marketlamp", "Marketlamp", "Lamp and Sons", "marketlamp.example", "/feed.json",
           "json", "en", "media", 8, 90, "p"),
    Outlet("veille", "La Veille du Jeton", "Éditions Corvane", "veille-jeton.example", "/flux.xml",
           "rss", "fr", "media", 5, 60, "actu"),
    Outlet("filblocs", "Le Fil des Blocs", "Presse Mirandole", "fil-des-blocs.example", "/flux.atom",
           "atom", "fr", "media", 20, 200, "articles"),
    Outlet("brague", "Quotidien de Brague", "Halden Media", "quotidien-brague.example", "/flux.json",
           "json", "fr", "media", 30, 240, "crypto", is_dated=False),
)  # fmt: skip
MIRROR: Final = Outlet(
    "coinmirror", "Coinmirror", "unknown", "coinmirror.example", "/rss.xml",
    "rss", "en", "aggregator", 10, 40, "m",
)  # fmt: skip
OUTLETS: Final = (REGULATOR, OFFICE, *MEDIA, MIRROR)
BY_HOST: Final = {outlet.host: outlet for outlet in OUTLETS}
REGISTER_PATH: Final = "/register/providers.csv"
# The regulator's name with two letters that look like one: nobody's source, only linked to.
LOOK_ALIKE: Final = "valmer-rnarkets.example"
