"""The rows that a request learns from, read from what is stored and cut into folds: of one market, or of several."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from vigie.data.feature_columns import reads_others
from vigie.data.history import refuse_missing
from vigie.data.stores import DataStores
from vigie.domain.account import Costs
from vigie.domain.bar import Bars, IntArray
from vigie.domain.errors import UsageError
from vigie.domain.ids import SeriesId
from vigie.domain.instrument import Instrument
from vigie.domain.time import timeframe_ms
from vigie.domain.trials import TradedSeries
from vigie.engine.inputs import SlotInput
from vigie.quant.feature_causality import refuse_look_ahead
from vigie.quant.feature_table import choose_columns, compute_features
from vigie.quant.features import registry as registry_of_columns
from vigie.quant.models.model_kind import ModelKind
from vigie.research.learning.asset_rows import AssetColumns, learning_rows, moving, rising, signal_outcomes
from vigie.research.learning.combinations import JudgedPair, combinatorial_folds
from vigie.research.learning.feature_inputs import join_inputs
from vigie.research.learning.folds import LearnFold, walk_folds
from vigie.research.learning.leaks import refuse_leaking_rows
from vigie.research.learning.learning_rows import LearningRows
from vigie.research.learning.odds_trading import odds_slot
from vigie.research.learning.pooled_assets import refuse_apart, refuse_unjudged
from vigie.research.series import traded_series
from vigie.services.bar_reading import find_instrument, load_bars
from vigie.services.learning.charged_funding import stored_settlements
from vigie.services.learning.column_bars import read_peers
from vigie.services.learning.evaluation_request import EvaluationRequest, name_markets
from vigie.services.learning.row_choices import check_label, kind_of, known_enough, rule_slot

_AS_STORED: Final[Mapping[str, int]] = {}


@dataclass(frozen=True, slots=True, eq=False)
class PreparedMarket:
    """One market whose rows are learned from.

    Attributes
    ----------
    bars : Bars
    slot : SlotInput
        What trades of the model are made on.
    left_out : tuple of str
        Columns that say nothing here, or are known for too short a time.
    peers : tuple of str
        Instruments that stand for the market of columns that compare with others.
    """

    bars: Bars
    slot: SlotInput
    left_out: tuple[str, ...]
    peers: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class PreparedRows:
    """What a kind of model learns from and is judged on.

    Attributes
    ----------
    request : EvaluationRequest
        With the markets' own names.
    kind : ModelKind
    markets : tuple of PreparedMarket
        Whose rows they are, by their number in `rows.assets`.
    rows : LearningRows
    folds : tuple of LearnFold
        One a fit; cut at the same times in all markets.
    pairs : tuple of JudgedPair
        Of combinatorial folds; else empty.
    """

    request: EvaluationRequest
    kind: ModelKind
    markets: tuple[PreparedMarket, ...]
    rows: LearningRows
    folds: tuple[LearnFold, ...]
    pairs: tuple[JudgedPair, ...] = ()

    @property
    def embargo_ms(self) -> int:
        """Time between what is learned from and what is judged."""
        return self.request.horizon * self.markets[0].bars.span_ms

    @property
    def slots(self) -> tuple[SlotInput, ...]:
        """What trades are made on, by market."""
        return tuple(market.slot for market in self.markets)

    @property
    def left_out(self) -> tuple[str, ...]:
        """Columns that some market does not have: a row needs all of them."""
        return tuple(dict.fromkeys(name for market in self.markets for name in market.left_out))

    @property
    def peers(self) -> tuple[str, ...]:
        """Instruments that stand for the market; none of several markets, each of which has others."""
        return self.markets[0].peers


def prepare_rows(
    data: DataStores,
    request: EvaluationRequest,
    *,
    ends: Mapping[str, int] = _AS_STORED,
    peers: Sequence[str] = (),
) -> PreparedRows:
    """Read the rows of a request and cut them into folds.

    Parameters
    ----------
    ends : mapping of str to int, optional
        By instrument: its bars that open from then on are not read.
    peers : sequence of str, optional
        Instruments that stand for the market; else those that are stored here.

    Raises
    ------
    UsageError
        If the kind or a column is unknown, a market is named twice, rules of an instrument are missing, or nothing
        honest can come of the rows.
    """
    kind = kind_of(request.kind, request.label)
    check_label(request.label, request.rule)
    request = name_markets(request)
    refuse_compared_columns(request)
    prepared = [
        _prepare_market(data, request, name, end_ms=ends.get(name), peers=peers)
        for name in request.instruments
    ]
    markets = tuple(market for market, _ in prepared)
    rows = learning_rows([columns for _, columns in prepared], is_value=request.label != "direction")
    if request.pooled_with:
        refuse_apart(rows, request.instruments)
    embargo_ms = request.horizon * markets[0].bars.span_ms
    pairs: tuple[JudgedPair, ...] = ()
    if request.folding == "combinatorial":
        pairs = combinatorial_folds(rows, embargo_ms=embargo_ms, folds=request.folds)
        folds = tuple(pair.fold for pair in pairs)
    else:
        folds = walk_folds(rows, embargo_ms=embargo_ms, folds=request.folds)
    if request.pooled_with:
        refuse_unjudged(rows, request.instruments, folds)
    refuse_leaking_rows(rows, folds)
    return PreparedRows(request, kind, markets, rows, folds, pairs)


def judged_series(prepared: PreparedRows, judged: IntArray) -> tuple[TradedSeries, ...]:
    """Return the part of each market's history from its first row that is judged; of those that have one.

    Parameters
    ----------
    judged : int64 array
        Rows, ascending.
    """
    rows = prepared.rows
    firsts = {number: judged[rows.assets[judged] == number][:1] for number in range(len(prepared.markets))}
    return tuple(
        traded_series(prepared.markets[number].bars, int(rows.bars[first[0]]))
        for number, first in firsts.items()
        if len(first)
    )


def _prepare_market(
    data: DataStores, request: EvaluationRequest, instrument: str, *, end_ms: int | None, peers: Sequence[str]
) -> tuple[PreparedMarket, AssetColumns]:
    """Return what trades of one market are made on, and its columns with what came of each bar."""
    if end_ms is not None:
        # A fit keeps when its last bar opened, one millisecond on; where finer bars make that bar, they are read whole.
        end_ms += timeframe_ms(request.timeframe) - 1
    bars = load_bars(data.bars, request.venue, instrument, request.timeframe, end_ms=end_ms)
    versions = _find_rules(data, request.venue, bars.instrument)
    others = [] if request.pooled_with else read_peers(data, bars, peers, columns=request.columns)
    inputs = join_inputs(bars, others, data.facts)
    table = compute_features(inputs, request.columns)
    refuse_look_ahead(inputs, table)
    costs = Costs()
    values, columns = table.values, registry_of_columns()
    if request.is_for_accounts and not request.columns:
        values = {name: column for name, column in values.items() if not reads_others(columns[name])}
    known, short = known_enough(values, request.columns)
    if request.rule:
        slot = rule_slot(bars, tuple(versions), request.rule, request.horizon, costs)
        told = signal_outcomes(slot, known, request.horizon)
    else:
        slot = odds_slot(bars, versions, request.horizon, costs)
        told = (
            moving(bars, known, request.horizon)
            if request.label == "volatility"
            else rising(bars, known, request.horizon, costs)
        )
    slot = replace(slot, funding=stored_settlements(data, request.venue, bars))
    left_out = (*(column.name for column in table.left_out), *short)
    return PreparedMarket(bars, slot, left_out, tuple(other.instrument for other in others)), told


def _find_rules(data: DataStores, venue: str, instrument: str) -> list[Instrument]:
    versions = find_instrument(data, venue, instrument)
    if not versions:
        raise UsageError(
            "model_needs_rules",
            "no rules of {instrument} at {venue} are known, so its trades cannot be judged; `vigie data instruments` "
            "fetches them",
            instrument=instrument,
            venue=venue,
        )
    return versions


def refuse_missing_rows(data: DataStores, request: EvaluationRequest) -> None:
    """Refuse a request for markets or columns that are not here, before any bar is read.

    Raises
    ------
    UsageError
        If a column is unknown or given twice, a market is named twice, or its bars or its rules are missing.
    """
    refuse_compared_columns(request)
    choose_columns(request.columns)
    request = name_markets(request)
    for name in request.instruments:
        refuse_missing(data.bars, SeriesId(request.venue, name, request.timeframe))
        _find_rules(data, request.venue, name)


def refuse_compared_columns(request: EvaluationRequest) -> None:
    """Refuse columns of the market beside an instrument where several instruments are learned from.

    Raises
    ------
    UsageError
        With their names.
    """
    columns = registry_of_columns()
    compared = [name for name in request.columns if name in columns and reads_others(columns[name])]
    if request.pooled_with and compared:
        raise UsageError(
            "pooled_columns_compare",
            "{columns} compare an instrument with the others, which are not the same for each market: name other "
            "columns, or learn from one market",
            columns=", ".join(compared),
        )
