"""The odds of an asset: what its newest model above candidate says at the last close, with its record and effects."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from pydantic import Field

from vigie.catalogue import read_catalogue
from vigie.data.catalog import BarCatalog
from vigie.domain.asset import Asset
from vigie.domain.ids import parse_instrument
from vigie.domain.learned import LearnedModel, ShadowDecision, Stage
from vigie.domain.person import Caller
from vigie.domain.time import timeframe_ms
from vigie.ports.learned_models import LearnedModels
from vigie.quant.features import registry
from vigie.quant.models.calibration import probabilities
from vigie.services.languages import Language
from vigie.services.learning.evaluation_request import EvaluationRequest
from vigie.services.learning.model_card import LearnedCard
from vigie.services.learning.shadow import shadow_name
from vigie.services.learning.training import find_fit, request_of
from vigie.services.operation import OperationInput, Origin, Table, operation
from vigie.services.operations.models import SOURCE
from vigie.services.rows import Row, shown, table_of


class AssetOddsRow(Row):
    """What the newest model of an asset says, or that none of its models has passed."""

    asset: str = shown("Id")
    name: str = shown("Asset")
    model: str | None = shown("Model", definition="Empty where no model of it stands above candidate.")
    stage: Stage | None = shown("Stage", definition="How far it may go: a candidate is only judged.")
    rule: str | None = shown("Rule", definition="Whose signals it judges; empty where it judges every bar.")
    venue: str | None = shown("Venue")
    instrument: str | None = shown("Instrument")
    timeframe: str | None = shown("Timeframe")
    horizon: int | None = shown("Horizon", unit="bars", definition="Bars ahead that the label is about.")
    ts: int | None = shown(
        "Close of the bar", unit="ms", definition="Of the bar at which the model gave these odds."
    )
    probability: float | None = shown(
        "Probability", unit="fraction", definition="Shown only: its log-odds against a threshold decide."
    )
    usual: float | None = shown("Usual rate", unit="fraction")
    rows: int | None = shown("Rows judged", unit="count")
    log_loss_gain: float | None = shown(
        "Log loss gained", definition="The usual rate's log loss minus the model's: above 0 it says more."
    )
    log_loss_low: float | None = shown(
        "Lower bound", definition="Of the 95% interval of the log loss gained."
    )
    log_loss_high: float | None = shown(
        "Upper bound", definition="Of the 95% interval of the log loss gained."
    )
    trades: int | None = shown("Trades", unit="count")
    sharpe: float | None = shown("Sharpe ratio", definition="Annualised, after costs, out of sample.")
    is_luck: bool | None = shown("Luck", definition="Whether the result cannot be told from luck.")
    beats_holding: bool | None = shown(
        "Beats holding",
        definition="Whether the 95% interval of its Sharpe ratio minus that of buy and hold is above 0.",
    )
    closes: int | None = shown("Closes in the shadow", unit="count")
    markets: int | None = shown(
        "Markets", unit="count", definition="That the model learned from; its record is of all of them."
    )
    trained: int = shown("Models trained", unit="count", definition="Versions that were judged on it.")


class OddsEffectRow(Row):
    """What one column adds to the log-odds of the last close."""

    column: str = shown("Column")
    value: float = shown("Value")
    effect: float = shown("Effect", definition="Log-odds that the column adds to this prediction, or takes.")
    text: str = shown("Description")


class OddsInput(OperationInput):
    """Of which assets."""

    assets: str = Field(
        "", max_length=700, description="Ids or tickers, comma-separated; empty for all with a model."
    )


class OddsEffectsInput(OperationInput):
    """Of which asset, in which language."""

    asset: str = Field(max_length=60, description="Id or ticker.")
    language: Language = Field("en", description="Of the descriptions.")


_NO_MODEL: Final = {
    name: None for name in AssetOddsRow.__dataclass_fields__ if name not in ("asset", "name", "trained")
}


@operation("models.odds", example={"assets": "bitcoin"})
def list_odds(
    caller: Caller, params: OddsInput, catalog: BarCatalog, models: LearnedModels
) -> Table[AssetOddsRow]:
    """List what the newest promoted model of each asset says at the last close, or that none has passed."""
    kept = models.models()
    if not kept:
        return table_of(AssetOddsRow, [], total=0)
    requests = {experiment.name: request_of(experiment) for experiment in models.experiments()}
    rows = []
    for asset in _assets(catalog, params.assets, requests):
        own = [model for model in kept if _instrument_of(requests[model.name], asset)]
        if own:
            rows.append(_odds_row(models, asset, own, requests))
    times = [row.ts for row in rows if row.ts is not None]
    origins = [Origin(source=SOURCE, ts_event=max(times))] if times else []
    return table_of(AssetOddsRow, rows, total=len(rows), origins=origins)


@operation("models.effects", example={"asset": "bitcoin"})
def list_effects(
    caller: Caller, params: OddsEffectsInput, catalog: BarCatalog, models: LearnedModels
) -> Table[OddsEffectRow]:
    """List the columns that moved the odds of an asset most at the last close; empty where nothing is said."""
    asset = catalog.find(params.asset)
    requests = {experiment.name: request_of(experiment) for experiment in models.experiments()}
    own = [model for model in models.models() if _instrument_of(requests[model.name], asset)]
    model = _newest(own)
    said = None if model is None else _last(models, model, requests[model.name], asset)
    columns, texts = registry(), read_catalogue(params.language).texts if params.language != "en" else {}
    rows = []
    for one in said.effects if said else ():
        text = columns[one.name].text if one.name in columns else ""
        rows.append(
            OddsEffectRow(column=one.name, value=one.value, effect=one.effect, text=texts.get(text, text))
        )
    origins = [Origin(source=SOURCE, ts_event=said.ts_bar)] if said else []
    return table_of(OddsEffectRow, rows, total=len(rows), origins=origins)


def _assets(catalog: BarCatalog, asked: str, requests: Mapping[str, EvaluationRequest]) -> Sequence[Asset]:
    words = [word.strip() for word in asked.split(",") if word.strip()]
    if words:
        return list(dict.fromkeys(catalog.find(word) for word in words))
    return [
        asset
        for asset in catalog.assets()
        if any(_instrument_of(request, asset) for request in requests.values())
    ]


def _instrument_of(request: EvaluationRequest, asset: Asset) -> str:
    """Return the instrument of an asset that a model was learned from; empty where there is none."""
    symbol = asset.symbol.upper()
    return next((name for name in request.instruments if parse_instrument(name).base == symbol), "")


def _newest(models: Sequence[LearnedModel]) -> LearnedModel | None:
    """Return the model above candidate that came to its stage last."""
    risen = [model for model in models if model.stage != "candidate"]
    return max(risen, key=lambda model: model.ts_changed, default=None)


def _last(
    models: LearnedModels, model: LearnedModel, request: EvaluationRequest, asset: Asset
) -> ShadowDecision | None:
    noted_as = shadow_name(request, _instrument_of(request, asset))
    said = models.shadow(model.name, model.version, instrument=noted_as, last=1)
    return said[0] if said and said[0].log_odds is not None else None


def _odds_row(
    models: LearnedModels,
    asset: Asset,
    own: Sequence[LearnedModel],
    requests: Mapping[str, EvaluationRequest],
) -> AssetOddsRow:
    model = _newest(own)
    if model is None:
        return AssetOddsRow(**_NO_MODEL, asset=asset.id, name=asset.name, trained=len(own))
    fit, request = find_fit(models, model.name, model.version), requests[model.name]
    said, instrument = _last(models, model, request, asset), _instrument_of(request, asset)
    figures, card = fit.figures, LearnedCard.model_validate(fit.card)
    return AssetOddsRow(
        asset=asset.id, name=asset.name, model=f"{model.name}/{model.version}", stage=model.stage, rule=request.rule,
        venue=request.venue, instrument=instrument, timeframe=request.timeframe, horizon=request.horizon,
        ts=None if said is None else said.ts_bar + timeframe_ms(request.timeframe),
        probability=None if said is None else probability_of(said.log_odds), usual=probability_of(card.score.usual),
        rows=figures.rows, log_loss_gain=figures.log_loss_gain, log_loss_low=figures.log_loss_low,
        log_loss_high=figures.log_loss_high, trades=figures.trades, sharpe=figures.sharpe, is_luck=figures.is_luck,
        beats_holding=card.beats_holding,
        closes=models.shadow_closes(model.name, model.version, instrument=shadow_name(request, instrument)),
        trained=len(own), markets=len(request.instruments),
    )  # fmt: skip


def probability_of(log_odds: float | None) -> float | None:
    """Return log-odds as a probability; None where nothing was said."""
    return None if log_odds is None else float(probabilities(np.array([log_odds]))[0])
