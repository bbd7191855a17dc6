"""On-chain and market-wide figures at a glance, and every series there is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from pydantic import BaseModel, Field

from vigie.data.catalog import BarCatalog
from vigie.data.features import is_plan_series
from vigie.domain.person import Caller
from vigie.domain.time import DAY_MS
from vigie.intelligence.market.formulas import parse_formula, render_formula, series_of
from vigie.ports.clock import Clock
from vigie.ports.connectors import ConnectorDirectory
from vigie.ports.facts import FactStore
from vigie.services.market_data.onchain import OnchainCardRow, OnchainSeriesRow, evaluate_formula
from vigie.services.market_data.series import (
    SeriesDescription,
    Values,
    describe_series,
    series_origins,
    thin_values,
    values_of,
)
from vigie.services.operation import CurrencyInput, Figure, Origin, Table, operation
from vigie.services.rows import row_columns, table_of

AsOf = Field(None, ge=0, le=4_102_444_800_000, description="Epoch ms; what was known then.")
SPARK_POINTS: Final = 40
SPARK_MS: Final = 90 * DAY_MS

# The whole market's series, and those that are made of two.
GLOBAL: Final = (
    "sentiment/fear_greed_index",
    "market/global/cap_usd",
    "market/global/volume_usd",
    "market/global/btc_dominance_fraction",
    "stablecoins/total/supply_usd",
    "defi/total/tvl_usd",
    "defi/total/dex_volume_usd",
    "defi/total/fees_usd",
)


# What cards are about, by the end of their series' name, in the order they are shown.
GROUPS: Final = {
    "valuation": ("cap_mvrv_cur", "ssr", "puell", "cap_usd", "cap_real_usd", "btc_dominance_fraction"),
    "activity": (
        "adr_act_cnt",
        "tx_cnt",
        "fee_tot_usd",
        "volume_usd",
        "tvl_usd",
        "dex_volume_usd",
        "fees_usd",
    ),
    "flows": ("flow_net", "flow_in_ex_usd", "flow_out_ex_usd", "supply_usd", "peg_usd", "sply_cur"),
    "mining": ("hashrate_hs", "hash_rate", "difficulty", "fee_fast_sat_vb", "fee_hour_sat_vb", "iss_tot_usd"),
    "mood": ("fear_greed_index", "dvol_index"),
}
# Offered first, whatever is known.
FIRST: Final = ("bitcoin", "ethereum")
# Between the credits of a figure made of several sources.
_CREDIT_SEPARATOR: Final = "; "
# Said better by another series: the price and the cap of the market itself.
_DUPLICATE_METRICS: Final = ("cap_mrkt_cur_usd", "reference_rate_usd")


@dataclass(frozen=True, slots=True)
class DerivedMetric:
    """A figure made of two series: its title, and the formula with ``*`` for the asset."""

    key: str
    title: str
    definition: str
    formula: str
    unit: str


DERIVED_METRICS: Final = (
    DerivedMetric(
        "ssr",
        "Stablecoin supply ratio (SSR)",
        "Market cap divided by the supply of stablecoins. Low: a lot of money is waiting on the sidelines.",
        "ratio(market/*/cap_usd,stablecoins/total/supply_usd)",
        "ratio",
    ),
    DerivedMetric(
        "flow_net",
        "Exchange net flow",
        "Sent to exchanges minus withdrawn in a day. Address labels are revised, and so is this figure.",
        "difference(onchain/*/flow_in_ex_usd,onchain/*/flow_out_ex_usd)",
        "usd",
    ),
    DerivedMetric(
        "puell",
        "Puell multiple",
        "Dollar value of the coins mined in a day divided by its 1-year average: how well mining pays "
        "compared with usual.",
        "ratio(onchain/*/iss_tot_usd,mean(onchain/*/iss_tot_usd,365d))",
        "ratio",
    ),
)


class CardsInput(CurrencyInput):
    """Of which asset, as of when."""

    asset: str = Field(
        "bitcoin", max_length=80, description="Catalogue id or ticker; `all` for the whole market."
    )
    as_of: int | None = AsOf


class MetricCard(BaseModel):
    """A metric at a glance; `group` says what it is about."""

    key: str
    group: str
    series: str
    subject: str
    title: str
    definition: str
    formula: str
    delay: str
    source_title: str
    licence: str
    attribution: str
    is_non_commercial: bool
    is_revised: bool
    change_7d: float | None
    spark: list[float]
    figure: Figure


class CardsTable(Table[OnchainCardRow]):
    """The metrics of one asset or of the whole market; assets with their names, each credit once."""

    asset: str
    name: str
    assets: list[str]
    names: dict[str, str]
    credits: list[str]
    cards: list[MetricCard]


@operation("onchain.cards", example={"asset": "bitcoin"})
def read_cards(
    caller: Caller,
    params: CardsInput,
    catalog: BarCatalog,
    facts: FactStore,
    clock: Clock,
    directory: ConnectorDirectory,
) -> CardsTable:
    """Read metrics of an asset or of the market, each with definition, formula, source, delay, licence and age."""
    now = params.as_of or clock.market_now()
    end, known_series = now + 1, facts.list_series()
    asset, name = _parse_subject(catalog, params.asset, known_series)
    names = list(GLOBAL) if asset == "all" else asset_series(asset, known_series)
    described = describe_series(directory, names)
    scales = {series: entry.scale for series, entry in described.items()}
    values = values_of(facts, names, start_ms=now - SPARK_MS, end_ms=end, as_of=params.as_of, scales=scales)
    empty_series = [series for series in names if not len(values[series])]
    older_values = values_of(facts, empty_series, end_ms=end, as_of=params.as_of, scales=scales)
    cards = [
        _metric_card(described[series], values[series] if len(values[series]) else older_values[series], now)
        for series in names
        if len(values[series]) or len(older_values[series])
    ]
    if asset != "all":
        cards += _derived_cards(facts, directory, asset, now, params.as_of, set(known_series))
    order = [key for keys in GROUPS.values() for key in keys]
    cards.sort(key=lambda card: order.index(card.key) if card.key in order else len(order))
    chains: Iterable[str] = [series for series in known_series if series.startswith("onchain/")]
    if params.as_of is not None:
        chains = facts.latest(list(chains), as_of=params.as_of)
    assets = sorted({series.split("/")[1] for series in chains})
    rows = [
        OnchainCardRow(
            series=card.series,
            title=card.title,
            value=card.figure.value,
            unit=card.figure.unit,
            change_7d=card.change_7d,
            definition=card.definition,
            formula=card.formula,
            source=card.figure.source,
            delay=card.delay,
            licence=card.licence,
            is_non_commercial=card.is_non_commercial,
            ts_event=card.figure.ts_event,
            ts_known=card.figure.ts_known,
            is_stale=card.figure.is_stale,
        )
        for card in cards
    ]
    return CardsTable(
        columns=row_columns(OnchainCardRow),
        rows=rows,
        origins=card_origins([card.source_title for card in cards], cards),
        as_of=params.as_of,
        asset=asset,
        name=name,
        assets=assets,
        names=_asset_names(catalog, [*FIRST, *assets, asset]),
        cards=cards,
        credits=list(
            dict.fromkeys(
                entry for card in cards for entry in card.attribution.split(_CREDIT_SEPARATOR) if entry
            )
        ),
    )


def _asset_names(catalog: BarCatalog, ids: Sequence[str]) -> dict[str, str]:
    """Return what the catalogue calls some assets, else their id as words."""
    catalogue_names = {asset.id: asset.name for asset in catalog.assets()}
    return {
        asset_id: catalogue_names.get(asset_id) or asset_id.replace("-", " ").title()
        for asset_id in ids
        if asset_id != "all"
    }


def card_origins(titles: Sequence[str], cards: Sequence[MetricCard]) -> list[Origin]:
    """Return each source once, with its licence and the newest time; non-commercial ones say so."""
    result = []
    for title in dict.fromkeys(titles):
        source_cards = [card for card in cards if card.source_title == title]
        note = "non-commercial use only, " if source_cards[0].is_non_commercial else ""
        newest = max((card.figure.ts_event or 0 for card in source_cards), default=0)
        result.append(
            Origin(source=title, ts_event=newest or None, licence=f"{note}{source_cards[0].licence}")
        )
    return result


def _parse_subject(catalog: BarCatalog, word: str, known_series: Sequence[str]) -> tuple[str, str]:
    if word == "all":
        return "all", ""
    asset = catalog.find(word)
    return asset.id, asset.name


def asset_series(asset: str, known_series: Sequence[str]) -> list[str]:
    """Return the series that are about one asset, without those said better by another."""
    prefixes = (f"onchain/{asset}/", f"volatility/{asset}/", f"stablecoins/{asset}/", f"defi/{asset}/")
    own = [series for series in known_series if series.startswith(prefixes)]
    matches = [series for topic in prefixes for series in own if series.startswith(topic)]
    first = f"market/{asset}/cap_usd", f"market/{asset}/volume_usd"
    matches += [series for series in first if series in known_series]
    hidden = {*_DUPLICATE_METRICS, *(["hash_rate"] if f"onchain/{asset}/hashrate_hs" in matches else [])}
    return [series for series in matches if series.rpartition("/")[2] not in hidden]


def _metric_card(description: SeriesDescription, values: Values, now: int, key: str = "") -> MetricCard:
    spark = thin_values(_values_since(values, now - SPARK_MS), SPARK_POINTS)
    ts, last = int(values.ts[-1]), float(values.values[-1])
    before = values.at(ts - 7 * DAY_MS, within_ms=3 * DAY_MS)
    is_plain = description.unit in ("index", "fraction") or not before or before < 0 or last < 0
    change = None if is_plain or before is None else last / before - 1.0
    figure = Figure(
        value=last,
        unit=description.unit,
        source=description.source_title or description.source or "unknown",
        ts_event=ts,
        ts_known=int(values.ts_known[-1]),
        formula=description.formula,
        is_stale=now - ts > values.stale_after_ms,
    )
    key = key or description.series.rpartition("/")[2]
    return MetricCard(
        key=key,
        group=next((group for group, keys in GROUPS.items() if key in keys), "other"),
        series=description.series,
        subject=description.subject,
        title=description.title,
        definition=description.definition,
        formula=description.formula,
        delay=description.delay,
        source_title=figure.source,
        licence=description.licence,
        attribution=description.attribution,
        is_non_commercial=description.is_non_commercial,
        is_revised=description.history == "revised",
        change_7d=change,
        spark=spark.values.tolist(),
        figure=figure,
    )


def _values_since(values: Values, start: int) -> Values:
    in_range = values.ts >= start
    return Values(values.ts[in_range], values.ts_known[in_range], values.values[in_range])


def _derived_cards(
    facts: FactStore, directory: ConnectorDirectory, asset: str, now: int, as_of: int | None, known: set[str]
) -> list[MetricCard]:
    cards = []
    for metric in DERIVED_METRICS:
        formula = parse_formula(metric.formula.replace("*", asset))
        parts = series_of(formula)
        if not known.issuperset(parts):
            continue
        described = describe_series(directory, parts)
        line = evaluate_formula(facts, formula, described, start=now - SPARK_MS, end=now + 1, as_of=as_of)
        # As old as the oldest of its parts.
        newest = facts.latest(parts, as_of=as_of)
        oldest = min((newest[name].ts_event for name in parts if name in newest), default=0)
        is_usable = ~np.isnan(line.values) & (line.ts <= oldest)
        if not is_usable.any():
            continue
        values = Values(line.ts[is_usable], line.ts[is_usable], line.values[is_usable])
        description = SeriesDescription(
            series=render_formula(formula),
            subject=asset,
            title=metric.title,
            unit=metric.unit,
            scale=1.0,
            definition=metric.definition,
            formula=render_formula(formula),
            delay=next((entry.delay for entry in described.values() if entry.delay), ""),
            source_title=", ".join(dict.fromkeys(entry.source_title for entry in described.values())),
            licence=", ".join(dict.fromkeys(entry.licence for entry in described.values() if entry.licence)),
            attribution=_CREDIT_SEPARATOR.join(
                dict.fromkeys(entry.attribution for entry in described.values() if entry.attribution)
            ),
            is_non_commercial=any(entry.is_non_commercial for entry in described.values()),
            history="revised",
        )
        card = _metric_card(description, values, now, metric.key)
        parts_of = values_of(facts, parts, start_ms=now - SPARK_MS, end_ms=now + 1, as_of=as_of)
        card.figure.is_stale = any(
            not len(entry) or now - int(entry.ts[-1]) > entry.stale_after_ms for entry in parts_of.values()
        )
        cards.append(card)
    return cards


class CatalogInput(CurrencyInput):
    """Which series are looked for."""

    find: str = Field("", max_length=100, description="Part of an id or of a title.")
    topic: str = Field("", max_length=40, description="First part of the id, `onchain`.")
    cursor: int = Field(0, ge=0, le=1_000_000, description="Rows to leave out, from the answer before.")
    limit: int = Field(50, ge=1, le=500)
    as_of: int | None = AsOf


@operation("onchain.catalog", example={"topic": "sentiment"})
def list_catalog(
    caller: Caller, params: CatalogInput, facts: FactStore, directory: ConnectorDirectory
) -> Table[OnchainSeriesRow]:
    """List every series that is known here with title, unit, definition, source, licence and its newest value."""
    prefix = f"{params.topic}/" if params.topic else ""
    names = [name for name in facts.list_series(prefix) if not is_plan_series(name)]
    described = describe_series(directory, names)
    words = params.find.lower().split()
    matches = [
        description
        for description in described.values()
        if all(
            word in f"{description.series} {description.title} {description.definition}".lower()
            for word in words
        )
    ]
    newest = facts.latest([description.series for description in matches], as_of=params.as_of)
    matches = [description for description in matches if description.series in newest]
    page_series = matches[params.cursor : params.cursor + params.limit]
    rows = [
        OnchainSeriesRow(
            series=description.series,
            title=description.title,
            subject=description.subject,
            unit=description.unit,
            definition=description.definition,
            formula=description.formula,
            source=description.source_title,
            delay=description.delay,
            licence=description.licence,
            value=newest[description.series].value * description.scale,
            ts_event=newest[description.series].ts_event,
        )
        for description in page_series
    ]
    end = params.cursor + params.limit
    return table_of(
        OnchainSeriesRow,
        rows,
        origins=series_origins({description.series: description for description in page_series}),
        total=len(matches),
        next_cursor=str(end) if end < len(matches) else None,
        as_of=params.as_of,
    )
