"""What connectors say of themselves: what each delivers, how often, under which terms, how well it is proven."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from vigie.domain.fact import Measure
from vigie.domain.item import SourceTier
from vigie.ports.own_feeds import FeedTrial, NoFeeds, OwnFeed, OwnFeeds, trial_not_run


@dataclass(frozen=True, slots=True)
class ConnectorInfo:
    """One connector, as its folder describes it.

    Attributes
    ----------
    id, source : str
        ``coingecko/markets``, and what stands before the slash.
    kind : str
        ``source`` or ``venue``.
    title, feed : str
        Of the source, and of what is asked for; for people.
    docs, address : str
        The source's own documentation, and where it is read.
    mode : str
        ``stream`` or ``schedule``.
    every_s : float
        How often it is asked, on the wall; a stream, while it is silent.
    depth, history : str
        How far back it goes; whether published values stay (``immutable``), come late or are revised.
    requests_per_minute : float or None
        Our budget for the source.
    secrets, optional : tuple of str
        Keys by name, extra packages.
    terms, licence, attribution : str
        What the data may be used for, and what is shown beside it.
    is_non_commercial : bool
        Exports warn where it is.
    tier, verified : str
        ``draft``, ``data``, ``paper`` or ``live``; when and how it was last checked.
    pages : tuple of str
        Names of the pages that show what it brings.
    """

    id: str
    source: str
    kind: str
    title: str
    feed: str
    docs: str
    address: str
    mode: str
    every_s: float
    depth: str
    history: str
    requests_per_minute: float | None
    secrets: tuple[str, ...]
    optional: tuple[str, ...]
    terms: str
    licence: str
    attribution: str
    is_non_commercial: bool
    tier: str
    verified: str
    pages: tuple[str, ...] = ()

    @property
    def is_verified(self) -> bool:
        """Whether it was ever seen to work with the real service."""
        return self.tier != "draft" and "no live call" not in self.verified


@dataclass(frozen=True, slots=True)
class OwnSourceInfo:
    """A folder of an own source; `fault` says why it cannot be used, empty where it can.

    Attributes
    ----------
    name, title : str
        Of the folder below ``sources``, and for people.
    feeds : tuple of str
        Names of its feeds, without the folder's; empty where the folder cannot be read.
    fault : str
        Why it cannot be used, in English; empty where it can.
    """

    name: str
    title: str
    feeds: tuple[str, ...]
    fault: str


@dataclass(frozen=True, slots=True)
class NewsSourceInfo:
    """A source of news, as its list describes it.

    Attributes
    ----------
    id, title : str
        As items name it; for people.
    tier : SourceTier
        What its publisher is.
    owner, domain : str
        Who is behind it, where its articles are.
    language, licence : str
        Of what it publishes.
    lists : str
        What the rows of a register are: ``licences``, ``warnings`` or ``papers``; nothing for other sources.
    kind : str
        How it is read: ``feed``, ``page``, ``calendar``, ``register``.
    is_own : bool
        Whether somebody of this home added it.
    """

    id: str
    title: str
    tier: SourceTier
    owner: str
    domain: str
    language: str
    licence: str
    lists: str = ""
    kind: str = "feed"
    is_own: bool = False


def _no_news() -> Sequence[NewsSourceInfo]:
    return ()


def _no_own_sources() -> Sequence[OwnSourceInfo]:
    return ()


@dataclass(frozen=True, slots=True)
class MarketPages:
    """Where a person sees the markets of a venue.

    Attributes
    ----------
    venue, title : str
        ``bitget-perp`` and ``Bitget``.
    template : str
        Its address with ``{coin}`` and ``{quote}``, and ``{language}`` where it has several; the host is fixed.
    languages : mapping of str to str
        By language, what stands in its place: ``/fr``.
    """

    venue: str
    title: str
    template: str
    languages: Mapping[str, str] = field(default_factory=dict)


def _no_market_pages() -> Sequence[MarketPages]:
    return []


def _no_connectors() -> Sequence[ConnectorInfo]:
    return ()


def _no_measures() -> Sequence[Measure]:
    return ()


@dataclass(frozen=True, slots=True)
class ConnectorDirectory:
    """Every connector, every kind of series they deliver, own sources, sources of news, those of news added.

    Attributes
    ----------
    trial : callable
        Asks an address once that somebody wants to add; refuses what leads inside with a `UsageError`.
    """

    notes: Callable[[], Sequence[ConnectorInfo]] = _no_connectors
    market_pages: Callable[[], Sequence[MarketPages]] = _no_market_pages
    measures: Callable[[], Sequence[Measure]] = _no_measures
    own: Callable[[], Sequence[OwnSourceInfo]] = _no_own_sources
    news: Callable[[], Sequence[NewsSourceInfo]] = _no_news
    feeds: OwnFeeds = field(default_factory=NoFeeds)
    trial: Callable[[OwnFeed], FeedTrial] = trial_not_run
