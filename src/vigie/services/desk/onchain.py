"""On-chain and market-wide figures at a glance, and every series there is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from pydantic import BaseModel, Field

from vigie.data.catalog import Catalog
from vigie.domain.person import Caller
from vigie.domain.time import DAY_MS
from vigie.intelligence.market.formulas import parse_formula, render_formula, series_of
from vigie.services.house import House
from vigie.services.measuring.formula_lines import evaluated
from vigie.services.measuring.series import Described, Values, describe, licensed, thinned, values_of
from vigie.services.operation import Column, Counted, Figure, Origin, Table, operation

AsOf = Field(None, ge=0, le=4_102_444_800_000, description="Epoch ms; what was known then.")
SPARK_POINTS: Final = 40
SPARK_MS: Final = 90 * DAY_MS

# The whole market's series, and those that are made of two.
GLOBAL: Final = (
    "sentiment/fear_greed_index", "market/global/cap_usd", "market/global/volume_usd",
    "market/global/btc_dominance_fraction", "stablecoins/total/supply_usd", "defi/total/tvl_usd",
    "defi/total/dex_volume_usd", "defi/total/fees_usd",
)  # fmt: skip


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
_AND: Final = "; "
# Said better by another series: the price and the cap of the market itself.
_DOUBLE: Final = ("cap_mrkt_cur_usd", "reference_rate_usd")


@dataclass(frozen=True, slots=True)
class Made:
    """A figure made of two series: its title, and the formula with ``*`` for the asset."""

    key: str
    title: str
    definition: str
    formula: str
    unit: str


MADE: Final = (
    Made(
        "ssr", "Stablecoin supply ratio",
        "Market cap over the supply of stablecoins: how much money waits beside the market. Low: much of it.",
        "ratio(market/*/cap_usd,stablecoins/total/supply_usd)", "ratio",
    ),
    Made(
        "flow_net", "Net flow to exchanges",
        "Sent to exchanges less withdrawn on a day. Labels of addresses are revised, and so is this.",
        "difference(onchain/*/flow_in_ex_usd,onchain/*/flow_out_ex_usd)", "usd",
    ),
    Made(
        "puell",
        "Puell multiple",
        "New coins of a day in dollars over their mean of a year: how well mining pays against what is usual.",
        "ratio(onchain/*/iss_tot_usd,mean(onchain/*/iss_tot_usd,365d))",
        "ratio",
    ),
)  # fmt: skip


class CardsAsk(Counted):
    """Of which asset, as of when."""

    asset: str = Field(
        "bitcoin", max_length=80, description="Catalogue id or ticker; `all` for the whole market."
    )
    as_of: int | None = AsOf


CARDS: Final = [
    Column(name="series", title="Series", definition="Its id, or the formula it is made by."),
    Column(name="title", title="Metric"),
    Column(name="value", title="Value", definition="In the unit of its row."),
    Column(name="unit", title="Unit"),
    Column(name="change_7d", title="7 d", unit="change", definition="Against the value a week before."),
    Column(name="definition", title="What it is"),
    Column(name="formula", title="Formula"),
    Column(name="source", title="Source"),
    Column(name="delay", title="Delay", definition="How late the source usually is."),
    Column(name="licence", title="Licence"),
    Column(name="is_non_commercial", title="Non-commercial", definition="Whether only such use is allowed."),
    Column(name="ts_event", title="Time", unit="ms", definition="What the value is about."),
    Column(name="ts_known", title="Known", unit="ms", definition="When it was read here."),
    Column(name="is_stale", title="Old", definition="Whether the value is old."),
]  # fmt: skip


class Card(BaseModel):
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


class Cards(Table):
    """The metrics of one asset or of the whole market; assets with their names, each credit once."""

    asset: str
    name: str
    assets: list[str]
    names: dict[str, str]
    credits: list[str]
    cards: list[Card]


@operation("onchain.cards", example={"asset": "bitcoin"})
def read_cards(house: House, caller: Caller, ask: CardsAsk) -> Cards:
    """Read metrics of an asset or of the market, each with definition, formula, source, delay, licence and age."""
    now = ask.as_of or house.clock.market_now()
    known = house.facts.list_series()
    asset, name = _subject(house, ask.asset, known)
    names = list(GLOBAL) if asset == "all" else _of_asset(asset, known)
    described = describe(house, names)
    scales = {series: one.scale for series, one in described.items()}
    values = values_of(house, names, start_ms=now - SPARK_MS, end_ms=now + 1, as_of=ask.as_of, scales=scales)
    lacking = [series for series in names if not len(values[series])]
    older = values_of(house, lacking, end_ms=now + 1, as_of=ask.as_of, scales=scales)
    cards = [
        _card(described[series], values[series] if len(values[series]) else older[series], now)
        for series in names
        if len(values[series]) or len(older[series])
    ]
    if asset != "all":
        cards += _made(house, asset, now, ask.as_of, set(known))
    order = [key for keys in GROUPS.values() for key in keys]
    cards.sort(key=lambda card: order.index(card.key) if card.key in order else len(order))
    chains: Iterable[str] = [series for series in known if series.startswith("onchain/")]
    if ask.as_of is not None:
        chains = house.facts.latest(list(chains), as_of=ask.as_of)
    assets = sorted({series.split("/")[1] for series in chains})
    rows = [
        card.model_dump(include={column.name for column in CARDS})
        | {
            "value": card.figure.value, "unit": card.figure.unit, "source": card.figure.source,
            "ts_event": card.figure.ts_event, "ts_known": card.figure.ts_known, "is_stale": card.figure.is_stale,
        }
        for card in cards
    ]  # fmt: skip
    return Cards(
        columns=CARDS, rows=rows, origins=origins([card.source_title for card in cards], cards), as_of=ask.as_of,
        asset=asset, name=name, assets=assets, names=_names(house, [*FIRST, *assets, asset]), cards=cards,
        credits=list(dict.fromkeys(one for card in cards for one in card.attribution.split(_AND) if one)),
    )  # fmt: skip


def _names(house: House, ids: Sequence[str]) -> dict[str, str]:
    """Return what the catalogue calls some assets, else their id as words."""
    called = {asset.id: asset.name for asset in Catalog(house.facts, house.shelf).assets()}
    return {one: called.get(one) or one.replace("-", " ").title() for one in ids if one != "all"}


def origins(titles: Sequence[str], cards: Sequence[Card]) -> list[Origin]:
    """Return each source once, with its licence and the newest time; non-commercial ones say so."""
    found = []
    for title in dict.fromkeys(titles):
        held = [card for card in cards if card.source_title == title]
        note = "non-commercial use only, " if held[0].is_non_commercial else ""
        newest = max((card.figure.ts_event or 0 for card in held), default=0)
        found.append(Origin(source=title, ts_event=newest or None, licence=f"{note}{held[0].licence}"))
    return found


def _subject(house: House, word: str, known: Sequence[str]) -> tuple[str, str]:
    if word == "all":
        return "all", ""
    asset = Catalog(house.facts, house.shelf).find(word)
    return asset.id, asset.name


def _of_asset(asset: str, known: Sequence[str]) -> list[str]:
    wanted = (f"onchain/{asset}/", f"volatility/{asset}/", f"stablecoins/{asset}/", f"defi/{asset}/")
    first = [f"market/{asset}/cap_usd", f"market/{asset}/volume_usd"]
    found = [series for topic in wanted for series in known if series.startswith(topic)]
    found += [series for series in first if series in known]
    has_own_rate = f"onchain/{asset}/hashrate_hs" in found
    hidden = (*_DOUBLE, "hash_rate") if has_own_rate else _DOUBLE
    return [series for series in found if series.rpartition("/")[2] not in hidden]


def _card(one: Described, values: Values, now: int, key: str = "") -> Card:
    spark = thinned(_since(values, now - SPARK_MS), SPARK_POINTS)
    ts, last = int(values.ts[-1]), float(values.values[-1])
    before = values.at(ts - 7 * DAY_MS, within_ms=3 * DAY_MS)
    is_plain = one.unit in ("index", "fraction") or not before or before < 0 or last < 0
    change = None if is_plain or before is None else last / before - 1.0
    figure = Figure(
        value=last, unit=one.unit, source=one.source_title or one.source or "unknown", ts_event=ts,
        ts_known=int(values.ts_known[-1]), formula=one.formula, is_stale=now - ts > values.stale_after_ms,
    )  # fmt: skip
    key = key or one.series.rpartition("/")[2]
    return Card(
        key=key,
        group=next((group for group, keys in GROUPS.items() if key in keys), "other"),
        series=one.series,
        subject=one.subject,
        title=one.title,
        definition=one.definition,
        formula=one.formula,
        delay=one.delay,
        source_title=figure.source,
        licence=one.licence,
        attribution=one.attribution,
        is_non_commercial=one.is_non_commercial,
        is_revised=one.history == "revised",
        change_7d=change,
        spark=spark.values.tolist(),
        figure=figure,
    )


def _since(values: Values, start: int) -> Values:
    held = values.ts >= start
    return Values(values.ts[held], values.ts_known[held], values.values[held])


def _made(house: House, asset: str, now: int, as_of: int | None, known: set[str]) -> list[Card]:
    found = []
    for made in MADE:
        formula = parse_formula(made.formula.replace("*", asset))
        parts = series_of(formula)
        if not known.issuperset(parts):
            continue
        described = describe(house, parts)
        line = evaluated(house, formula, described, start=now - SPARK_MS, end=now + 1, as_of=as_of)
        # As old as the oldest of its parts.
        newest = house.facts.latest(parts, as_of=as_of)
        oldest = min((newest[name].ts_event for name in parts if name in newest), default=0)
        held = ~np.isnan(line.values) & (line.ts <= oldest)
        if not held.any():
            continue
        values = Values(line.ts[held], line.ts[held], line.values[held])
        whole = Described(
            series=render_formula(formula), subject=asset, title=made.title, unit=made.unit, scale=1.0,
            definition=made.definition, formula=render_formula(formula),
            delay=next((one.delay for one in described.values() if one.delay), ""),
            source_title=", ".join(dict.fromkeys(one.source_title for one in described.values())),
            licence=", ".join(dict.fromkeys(one.licence for one in described.values() if one.licence)),
            attribution=_AND.join(dict.fromkeys(one.attribution for one in described.values() if one.attribution)),
            is_non_commercial=any(one.is_non_commercial for one in described.values()), history="revised",
        )  # fmt: skip
        card = _card(whole, values, now, made.key)
        parts_of = values_of(house, parts, start_ms=now - SPARK_MS, end_ms=now + 1, as_of=as_of)
        card.figure.is_stale = any(
            not len(one) or now - int(one.ts[-1]) > one.stale_after_ms for one in parts_of.values()
        )
        found.append(card)
    return found


class CatalogAsk(Counted):
    """Which series are looked for."""

    find: str = Field("", max_length=100, description="Part of an id or of a title.")
    topic: str = Field("", max_length=40, description="First part of the id, `onchain`.")
    cursor: int = Field(0, ge=0, le=1_000_000, description="Rows to leave out, from the answer before.")
    limit: int = Field(50, ge=1, le=500)
    as_of: int | None = AsOf


CATALOG: Final = [
    Column(name="series", title="Series", definition="Its id."),
    Column(name="title", title="Metric"),
    Column(name="subject", title="Of"),
    Column(name="unit", title="Unit"),
    Column(name="definition", title="What it is"),
    Column(name="formula", title="Formula"),
    Column(name="source", title="Source"),
    Column(name="delay", title="Delay", definition="How late the source usually is."),
    Column(name="licence", title="Licence"),
    Column(name="value", title="Value", definition="In the unit of its row."),
    Column(name="ts_event", title="Time", unit="ms", definition="What the value is about."),
]


@operation("onchain.catalog", example={"topic": "sentiment"})
def list_catalog(house: House, caller: Caller, ask: CatalogAsk) -> Table:
    """List every series that is known here with title, unit, definition, source, licence and its newest value."""
    prefix = f"{ask.topic}/" if ask.topic else ""
    names = house.facts.list_series(prefix)
    described = describe(house, names)
    words = ask.find.lower().split()
    found = [
        one
        for one in described.values()
        if all(word in f"{one.series} {one.title} {one.definition}".lower() for word in words)
    ]
    newest = house.facts.latest([one.series for one in found], as_of=ask.as_of)
    found = [one for one in found if one.series in newest]
    shown = found[ask.cursor : ask.cursor + ask.limit]
    rows = [
        {
            "series": one.series, "title": one.title, "subject": one.subject, "unit": one.unit,
            "definition": one.definition, "formula": one.formula, "source": one.source_title, "delay": one.delay,
            "licence": one.licence, "value": newest[one.series].value * one.scale,
            "ts_event": newest[one.series].ts_event,
        }
        for one in shown
    ]  # fmt: skip
    end = ask.cursor + ask.limit
    return Table(
        columns=CATALOG, rows=rows, origins=licensed({one.series: one for one in shown}), total=len(found),
        next_cursor=str(end) if end < len(found) else None, as_of=ask.as_of,
    )  # fmt: skip
