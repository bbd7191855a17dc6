"""Columns for models that learn: which there are, and what is seen of them before any model is fitted."""

from __future__ import annotations

from typing import Final, Literal

import numpy as np
from pydantic import Field

from vigie.catalogue import read_catalogue
from vigie.data.stores import DataStores
from vigie.domain.account import Costs, Sizing
from vigie.domain.bar import Bars
from vigie.domain.errors import UsageError
from vigie.domain.person import Caller
from vigie.engine.barrier_walk import walk_barriers
from vigie.quant.feature_causality import refuse_look_ahead
from vigie.quant.feature_table import KNOWN_BY, LEFT_OUT, FeatureColumn, compute_features
from vigie.quant.features import registry
from vigie.quant.indicators.atr import atr
from vigie.quant.labels.forward import direction, forward_return, forward_volatility
from vigie.quant.labels.label import Labels
from vigie.quant.labels.triple_barrier import meta_labels
from vigie.quant.stats.stationarity import StationarityTest
from vigie.research.learning.exploration import ColumnLook, look_at, seen_part, seen_until
from vigie.research.learning.feature_inputs import join_inputs
from vigie.services.bar_reading import find_instrument, load_bars
from vigie.services.languages import Language
from vigie.services.learning.column_bars import read_peers
from vigie.services.learning.venue_histories import say_longer_history
from vigie.services.operation import OperationInput, Origin, Table, operation
from vigie.services.rows import Row, row_columns, shown, table_of

LABELS: Final[dict[str, str]] = {
    "direction": "up or down from the next open to the close {horizon} bars ahead",
    "return": "log return from the next open to the close {horizon} bars ahead",
    "volatility": "volatility of the {horizon} bars ahead",
    "barrier": "whether a long reaches 3 ATR before 2 ATR against it, within {horizon} bars, by the fill model",
}
_ONLY_SEEN: Final = (
    "Only the first 70% of the time was read, until {until}; the rest stays unseen. Folds of an evaluation judge "
    "part of what was read: columns chosen by this look make them look better than they are. "
    "Let each fold choose (--select)."
)
_HOW_TO_READ: Final = (
    "Label: {label}. A column says something of it where its information is above chance; of 20 that say nothing, "
    "one is."
)


class FeatureRow(Row):
    """One column."""

    name: str = shown("Column")
    group: str = shown("Group")
    look_back: int = shown("Look-back", unit="bars", definition="Bars before its first value.")
    unit: str = shown("Unit")
    text: str = shown("Description")
    known_by: str = shown("Known by", definition="By which rule its value is known at the close of a bar.")


class ListFeaturesInput(OperationInput):
    """Which columns, in which language."""

    group: str = Field("", max_length=30, description="Of this group only, such as price; empty for all.")
    language: Language = Field("en", description="Of the sentences.")


class ExploreInput(OperationInput):
    """Of which bars, which columns, beside which label."""

    venue: str = Field("binance-perp", max_length=60, description="Whose bars.")
    instrument: str = Field("BTC", max_length=80, description="BTC, BTCUSDT or btc-usdt-perp.")
    timeframe: str = Field("1h", max_length=4, description="Such as 1h or 4h.")
    columns: str = Field(
        "",
        max_length=2_000,
        pattern=r"^[a-z0-9_.,]*$",
        description="Names with commas between them, such as price.return_24; empty for all.",
    )
    group: str = Field(
        "",
        max_length=30,
        description="All of this group where no column is named, such as price; empty for all.",
    )
    label: Literal["direction", "return", "volatility", "barrier"] = Field(
        "direction", description="What columns are compared with."
    )
    horizon: int = Field(24, ge=1, le=1_000, description="Bars ahead that the label is about.")
    language: Language = Field("en", description="Of the sentences.")


class ColumnLookRow(Row):
    """What is seen of one column; all is empty where it says nothing."""

    name: str = shown("Column")
    unit: str = shown("Unit")
    known: int | None = shown("Values", unit="count", definition="Bars with a value.")
    missing: float | None = shown(
        "Gaps", unit="fraction", definition="Share of bars after the first value that have none."
    )
    mean: float | None = shown("Mean")
    deviation: float | None = shown("Standard deviation")
    least: float | None = shown("Lowest value")
    low: float | None = shown("5% quantile")
    median: float | None = shown("Median value")
    high: float | None = shown("95% quantile")
    most: float | None = shown("Highest value")
    adf: float | None = shown(
        "ADF statistic", definition="Augmented Dickey-Fuller, of the newest 5,000 values seen."
    )
    adf_p: float | None = shown("ADF p-value", definition="Small: the series does not merely wander.")
    kpss: float | None = shown("KPSS statistic", definition="Of the newest 5,000 values seen.")
    kpss_p: float | None = shown(
        "KPSS p-value", definition="Small: the series does not keep to a level; from 0.01 to 0.1."
    )
    lag_one: float | None = shown("Autocorrelation 1", definition="With the value one bar before.")
    lag_horizon: float | None = shown(
        "Autocorrelation far", definition="With the value as many bars before as the label looks ahead."
    )
    information: float | None = shown(
        "Information", unit="nats", definition="Mutual information with the label; 0 where it says nothing."
    )
    by_chance: float | None = shown(
        "Chance level", unit="nats", definition="The most of 19 turns of the label to other times."
    )
    stability: float | None = shown(
        "Stability (PSI)",
        definition="Second half against the first: below 0.1 hardly moved, above 0.25 much.",
    )
    left_out: str = shown("Left out", definition="Why it has no figures.")


class ExploreTable(Table[ColumnLookRow]):
    """Columns over the first 70% of the time of some bars."""

    instrument: str
    venue: str
    timeframe: str
    label: str
    bars: int = Field(description="Bars that were read.")
    gaps: int = Field(description="Places where bars are missing among them.")
    peers: list[str] = Field(description="The other instruments that stand for the market.")
    seen_from: int = Field(description="When the first bar that was read opened, epoch ms.")
    seen_until: int = Field(description="When the last bar that was read closed, epoch ms.")


def _say(language: str, text: str) -> str:
    return text if language == "en" else read_catalogue(language).texts.get(text, text)


def _columns_of(group: str) -> dict[str, FeatureColumn]:
    """Return the columns of a group by name; all where none is named."""
    columns = registry()
    groups = dict.fromkeys(column.group for column in columns.values())
    if group and group not in groups:
        raise UsageError(
            "feature_group_unknown",
            "there is no group {group}; there are {groups}",
            group=group,
            groups=", ".join(groups),
        )
    return {name: column for name, column in columns.items() if group in ("", column.group)}


@operation("features.list", example={"group": "price"})
def list_features(caller: Caller, params: ListFeaturesInput) -> Table[FeatureRow]:
    """List the columns that models can learn from: look-back, unit, and the rule by which each is known."""
    rows = [
        FeatureRow(
            name=column.full_name,
            group=column.group,
            look_back=column.lookback,
            unit=column.unit,
            text=_say(params.language, column.text),
            known_by=_say(params.language, KNOWN_BY[column.known_by]),
        )
        for column in _columns_of(params.group).values()
    ]
    return table_of(FeatureRow, rows, total=len(rows))


@operation("features.explore", example={"columns": "price.return_24", "horizon": 24})
def explore_features(caller: Caller, params: ExploreInput, data: DataStores) -> ExploreTable:
    """Look at columns over the first 70% of the time alone: distribution, gaps, tests, what they say of a label."""
    bars = seen_part(load_bars(data.bars, params.venue, params.instrument, params.timeframe))
    peers = read_peers(data, bars)
    names = [name for name in params.columns.split(",") if name]
    columns = registry() if names else _columns_of(params.group)
    inputs = join_inputs(bars, peers, data.facts)
    table = compute_features(inputs, names, columns=columns)
    refuse_look_ahead(inputs, table)
    looks = {look.name: look for look in look_at(table, _labels(data, bars, params), params.horizon)}
    reasons = {left.name: left.reason for left in table.left_out}
    rows = [
        _row(
            columns[name],
            looks.get(name),
            _say(params.language, LEFT_OUT[reasons[name]]) if name in reasons else "",
        )
        for name in (names or columns)
    ]
    label = _say(params.language, LABELS[params.label]).format(horizon=params.horizon)
    return ExploreTable(
        columns=row_columns(ColumnLookRow),
        rows=rows,
        total=len(rows),
        origins=[
            Origin(source=f"{params.venue} {bars.instrument} {bars.timeframe}", ts_event=int(bars.ts[-1]))
        ],
        remarks=[
            *filter(
                None,
                [say_longer_history(data, params.venue, params.instrument, bars.timeframe, params.language)],
            ),
            _say(params.language, _ONLY_SEEN).format(until=seen_until(bars)),
            _say(params.language, _HOW_TO_READ).format(label=label),
        ],
        instrument=bars.instrument,
        venue=params.venue,
        timeframe=bars.timeframe,
        label=label,
        bars=len(bars),
        gaps=len(bars.gaps),
        peers=[peer.instrument for peer in peers],
        seen_from=int(bars.ts[0]),
        seen_until=int(bars.ts[-1]) + bars.span_ms,
    )


def _labels(data: DataStores, bars: Bars, params: ExploreInput) -> Labels:
    if params.label == "direction":
        return direction(bars.open, bars.close, params.horizon, 0.0, bars.gaps)
    if params.label == "return":
        return forward_return(bars.open, bars.close, params.horizon, bars.gaps)
    if params.label == "volatility":
        return forward_volatility(bars.close, params.horizon, bars.gaps)
    versions = find_instrument(data, params.venue, bars.instrument)
    if not versions:
        raise UsageError(
            "barrier_needs_rules",
            "no rules of {instrument} at {venue} are known, so no trade can be made of its bars; "
            "`vigie data instruments` fetches them, or choose another label",
            instrument=bars.instrument,
            venue=params.venue,
        )
    trades = walk_barriers(
        bars,
        np.ones(len(bars), np.int64),
        atr(bars.high, bars.low, bars.close),
        versions,
        terms=Sizing(max_bars=params.horizon),
        costs=Costs(),
    )
    return meta_labels(trades, bars.gaps)


def _row(column: FeatureColumn, look: ColumnLook | None, left_out: str) -> ColumnLookRow:
    name, unit = column.full_name, column.unit
    if look is None:
        return ColumnLookRow(
            name=name, unit=unit, left_out=left_out, known=None, missing=None, mean=None, deviation=None,
            least=None, low=None, median=None, high=None, most=None, adf=None, adf_p=None, kpss=None, kpss_p=None,
            lag_one=None, lag_horizon=None, information=None, by_chance=None, stability=None,
        )  # fmt: skip
    (adf, adf_p), (kpss, kpss_p) = _test(look.wanders), _test(look.keeps)
    return ColumnLookRow(
        name=name, unit=unit, left_out="", known=look.known, missing=look.missing_share, mean=look.mean,
        deviation=look.deviation, least=look.least, low=look.low, median=look.median, high=look.high, most=look.most,
        adf=adf, adf_p=adf_p, kpss=kpss, kpss_p=kpss_p, lag_one=look.lag_one, lag_horizon=look.lag_horizon,
        information=look.information, by_chance=look.by_chance, stability=look.stability,
    )  # fmt: skip


def _test(test: StationarityTest | None) -> tuple[float | None, float | None]:
    return (None, None) if test is None else (test.statistic, test.p_value)
