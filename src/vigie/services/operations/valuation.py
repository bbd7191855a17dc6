"""Valuations: an asset against its own past, what speaks for it, and what followed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

from pydantic import BaseModel, Field

from vigie.data.catalog import BarCatalog
from vigie.domain.asset import Asset
from vigie.domain.person import Caller
from vigie.domain.time import DAY_MS
from vigie.intelligence.market.words import load_texts
from vigie.intelligence.valuation.episodes import Following
from vigie.intelligence.valuation.reading import ComponentReading, Missing, Valuation, Word
from vigie.intelligence.valuation.sentences import (
    ValuationSentence,
    what_would_change,
    why_buy,
    why_sell,
)
from vigie.intelligence.valuation.states import State
from vigie.ports.clock import Clock
from vigie.services.caches.valuations import AssetValuation, ValuationSource
from vigie.services.languages import answer_languages
from vigie.services.market_data.euros import euro_per_dollar
from vigie.services.market_data.series import LAST_MS
from vigie.services.market_data.valuations import ValuationSources, read_valuation
from vigie.services.operation import Column, CurrencyInput, Figure, OperationResult, Origin, Table, operation
from vigie.services.rows import Row, shown, table_of

# Two closes that are missing are usual of no source.
_STALE_MS: Final = 2 * DAY_MS
# Of each component; titles and definitions are translated like those of tables.
COMPONENTS: Final = [
    Column(
        name="weekly_rsi", title="Weekly RSI", unit="index",
        definition="RSI over 14 weeks, of the newest week that is over.",
    ),
    Column(
        name="mean_distance", title="Distance from 200-day average", unit="change",
        definition="Close against its 200-day average, minus 1.",
    ),
    Column(
        name="drawdown", title="Drawdown", unit="change", definition="Close against the highest close so far, minus 1.",
    ),
    Column(
        name="mvrv", title="MVRV", unit="ratio",
        definition="Market cap divided by realised cap; above 1, the average holder is in profit.",
    ),
    Column(
        name="funding", title="Funding rate (8 h)", unit="rate",
        definition="Mean of the rates that were settled on the day, for 8 hours.",
    ),
    Column(
        name="fear_greed", title="Fear and greed", unit="index",
        definition="Mood of the whole market, from 0 to 100; it is not about this asset alone.",
    ),
]  # fmt: skip
_COLUMNS: Final = {column.name: column for column in COMPONENTS}


class ValuationInput(CurrencyInput):
    """Of which asset, as of when."""

    asset: str = Field(
        "bitcoin", max_length=80, description="Catalogue id, or a ticker that only one asset has."
    )
    as_of: int | None = Field(None, ge=0, le=LAST_MS, description="Epoch ms; what was known then.")


class ValuationComponent(BaseModel):
    """One component with its rank among its own earlier values, from -1 to 1.

    `missing` says why there is no rank: `none`, no value is known; `old`, only older ones; `short`, fewer than 730
    earlier ones. `share_below` is the share of earlier values below, `since` when they begin.
    """

    name: str
    title: str
    definition: str
    is_of_price: bool = Field(
        description="Whether it is a third of the price's vote, else a vote of its own."
    )
    is_of_market: bool = Field(description="Whether it is of the whole market.")
    figure: Figure
    rank: float | None
    share_below: float | None
    earlier: int
    since: int | None
    missing: Missing | Literal[""]


class ChangeLevel(BaseModel):
    """At which score the state changes, and at which next close, with all else as it is."""

    state: State
    score: float
    is_above: bool
    price: Figure


class ValuationSentences(BaseModel):
    """A sentence each, from a component with its source; empty where nothing is known."""

    word: str
    why_buy: str
    why_sell: str
    change: str


class ValuationResult(OperationResult):
    """The valuation of one asset at its newest close; `word` is the state unless a sharp move overrides it.

    Where no close is known, the word is `unknown` and there is nothing else.
    """

    asset: str
    symbol: str
    name: str
    word: Word = "unknown"
    ts: int | None = Field(default=None, description="When the newest day was over, epoch ms.")
    is_stale: bool = False
    state: State | None = None
    since: int | None = Field(default=None, description="Close from which on the state holds.")
    score: float | None = None
    price_vote: float | None = None
    price: Figure | None = None
    move: Figure | None = None
    move_ranges: float | None = Field(default=None, description="The day's move in average daily ranges.")
    volatility: Figure | None = None
    volatility_rank: float | None = Field(default=None, description="It has no direction and no vote.")
    components: list[ValuationComponent] = Field(default_factory=list)
    level: ChangeLevel | None = None
    days: int = 0
    carried_days: int = Field(
        default=0, description="Days without a price, which keep that of the day before."
    )
    says: dict[str, ValuationSentences] = Field(description="By language.")
    origins: list[Origin] = Field(default_factory=list)


@operation("valuation.of", example={"asset": "bitcoin"})
def read_asset_valuation(
    caller: Caller, params: ValuationInput, catalog: BarCatalog, sources: ValuationSources, clock: Clock
) -> ValuationResult:
    """Read whether an asset is stretched, normal or depressed against its own past, why, and what would change it."""
    asset = catalog.find(params.asset)
    now = clock.market_now() if params.as_of is None else params.as_of
    read = read_valuation(sources, asset, now, params.as_of)
    titles = {name: source.title for name, source in read.sources.items()} if read else {}
    euro = euro_per_dollar(sources.facts, params)
    says = {
        language: _sentences(read.valuation if read else None, titles, language, euro)
        for language in answer_languages(caller)
    }
    if read is None:
        return ValuationResult(
            as_of=params.as_of, asset=asset.id, symbol=asset.symbol, name=asset.name, says=says
        )
    valuation, source = read.valuation, titles["drawdown"]
    end = (valuation.day + 1) * DAY_MS
    is_stale = now - end > _STALE_MS
    return ValuationResult(
        as_of=params.as_of,
        asset=asset.id,
        symbol=asset.symbol,
        name=asset.name,
        word=valuation.word,
        ts=end,
        is_stale=is_stale,
        state=valuation.state,
        since=_close_of(valuation.since_day),
        score=valuation.score,
        price_vote=valuation.price_vote,
        price=Figure(value=valuation.price, unit="usd", source=source, ts_event=end, is_stale=is_stale),
        move=Figure(value=valuation.move, unit="change", source=source, ts_event=end),
        move_ranges=valuation.move_ranges,
        volatility=Figure(
            value=valuation.volatility, unit="fraction", source=source, ts_event=end,
            formula="root of 365 x mean of squared log changes of 30 days",
        ),
        volatility_rank=valuation.volatility_rank,
        components=[
            _component(component, read.sources[component.name], now)
            for component in valuation.components
        ],
        level=_level(valuation, source, end),
        days=valuation.days,
        carried_days=valuation.carried_days,
        says=says,
        origins=_origins(read),
    )  # fmt: skip


def _component(component: ComponentReading, source: ValuationSource, now: int) -> ValuationComponent:
    column = _COLUMNS[component.name]
    age = None if source.ts_event is None else now - source.ts_event
    return ValuationComponent(
        name=component.name,
        title=column.title,
        definition=column.definition,
        is_of_price=component.is_of_price,
        is_of_market=component.name == "fear_greed",
        figure=Figure(
            value=component.value, unit=column.unit, source=source.title, ts_event=source.ts_event,
            ts_known=source.ts_known, formula=column.definition,
            is_stale=component.value is None and age is not None,
        ),
        rank=component.rank,
        share_below=component.share_below,
        earlier=component.earlier,
        since=_close_of(component.first_day),
        missing=component.missing,
    )  # fmt: skip


def _level(valuation: Valuation, source: str, end: int) -> ChangeLevel | None:
    level = valuation.level
    if level is None:
        return None
    figure = Figure(
        value=level.price, unit="usd", source=source, ts_event=end, formula="next close, all else equal"
    )
    return ChangeLevel(state=level.state, score=level.score, is_above=level.is_above, price=figure)


def _sentences(
    valuation: Valuation | None, titles: Mapping[str, str], language: str, euro: float
) -> ValuationSentences:
    word = load_texts(language)(f"valuation.words.{valuation.word if valuation else 'unknown'}")
    if valuation is None:
        return ValuationSentences(word=word, why_buy="", why_sell="", change="")

    def text(sentence: ValuationSentence | None) -> str:
        return sentence.render(language, euro) if sentence else ""

    return ValuationSentences(
        word=word,
        why_buy=text(why_buy(valuation, titles)),
        why_sell=text(why_sell(valuation, titles)),
        change=text(what_would_change(valuation)),
    )


def _origins(read: AssetValuation | None) -> list[Origin]:
    origins: dict[str, Origin] = {}
    for source in read.sources.values() if read else ():
        if source.ts_event is not None:
            origin = Origin(
                source=source.title,
                ts_event=source.ts_event,
                ts_known=source.ts_known,
                licence=source.licence,
            )
            origins.setdefault(source.title, origin)
    return list(origins.values())


def _close_of(day: int | None) -> int | None:
    return None if day is None else (day + 1) * DAY_MS


class EpisodesInput(ValuationInput):
    """Of which state and horizon."""

    state: Literal["", "stretched", "depressed"] = Field("", description="Empty for both.")
    horizon: Literal[0, 30, 91, 365] = Field(0, description="Days; 0 for all.")


class EpisodeRow(Row):
    """One episode: a close in a state, and what the price did in the days after."""

    state: str = shown("State", definition="stretched or depressed at the start.")
    horizon_days: int = shown(
        "Days after", unit="count", definition="Over how many days the change is counted."
    )
    ts: int = shown("Start", unit="ms", definition="Close at which the episode starts.")
    price: float = shown("Price", unit="usd", definition="That close.")
    change: float | None = shown(
        "Change", unit="change", definition="Of the price over these days; empty while they are not over."
    )


class FollowedResult(BaseModel):
    """What followed a state over a horizon; figures from ten episodes on.

    `differs` only where p < 0.05 / 4 by circular shift; a year is not tested.
    """

    state: State
    horizon_days: int
    count: int = Field(description="Episodes that are over.")
    median: float | None
    low: float | None = Field(description="Of the 95 % interval of the median.")
    high: float | None
    random_median: float | None = Field(description="Of as many random starts.")
    random_low: float | None
    random_high: float | None
    p_value: float | None
    differs: bool


class EpisodesTable(Table[EpisodeRow]):
    """Episodes of one asset, the newest first; those of one horizon do not overlap."""

    asset: str
    name: str
    followed: list[FollowedResult]


@operation("valuation.episodes", example={"asset": "bitcoin"})
def list_episodes(
    caller: Caller, params: EpisodesInput, catalog: BarCatalog, sources: ValuationSources, clock: Clock
) -> EpisodesTable:
    """List when an asset was stretched or depressed and what followed, beside as many random starts."""
    asset: Asset = catalog.find(params.asset)
    now = clock.market_now() if params.as_of is None else params.as_of
    read = read_valuation(sources, asset, now, params.as_of)
    chosen = [
        entry
        for entry in (read.followed if read else ())
        if params.state in ("", entry.state) and params.horizon in (0, entry.horizon_days)
    ]
    rows = [
        EpisodeRow(
            state=entry.state, horizon_days=entry.horizon_days, ts=(episode.day + 1) * DAY_MS,
            price=episode.price, change=episode.change,
        )
        for entry in chosen
        for episode in reversed(entry.episodes)
    ]  # fmt: skip
    table = table_of(EpisodeRow, rows, origins=_origins(read), total=len(rows), as_of=params.as_of)
    return EpisodesTable(
        **{name: getattr(table, name) for name in Table.model_fields},
        asset=asset.id,
        name=asset.name,
        followed=[_followed(entry) for entry in chosen],
    )


def _followed(entry: Following) -> FollowedResult:
    return FollowedResult(**{name: getattr(entry, name) for name in FollowedResult.model_fields})
