"""Models that were learned: which there are, how they did out of sample, and the order to train one."""

from __future__ import annotations

from functools import partial
from typing import Final, Literal

from pydantic import BaseModel, Field

from vigie.data.stores import DataStores
from vigie.domain.errors import Forbidden
from vigie.domain.learned import STAGES, LearnedExperiment, LearnedFit, LearnedModel, Stage
from vigie.domain.person import Caller
from vigie.ports.accounts import UserStore
from vigie.ports.audit import AuditLog
from vigie.ports.jobs import JobQueue
from vigie.ports.learned_models import LearnedModels
from vigie.ports.tradebook import TradeBook
from vigie.services.languages import Language
from vigie.services.learning.gates import LEAST_CLOSES, LEAST_TRADES, Gates
from vigie.services.learning.holding_words import say_against_holding
from vigie.services.learning.kept_evaluation import (
    KeptMarketResult,
    ModelCoverage,
    ModelFold,
    ModelHolding,
    ModelImportance,
    ModelTold,
    ModelValues,
    ModelYear,
    to_holding,
)
from vigie.services.learning.model_card import LearnedCard
from vigie.services.learning.model_strategy import (
    STRATEGY_FILE,
    Obstacle,
    beyond_accounts,
    find_obstacle,
    strategy_name,
)
from vigie.services.learning.promotion import demote_model, promote_model, scope_of
from vigie.services.learning.row_choices import Label
from vigie.services.learning.shadow_failures import say_failures
from vigie.services.learning.stage_words import STAGE_WORDS
from vigie.services.learning.training import (
    NAME_PATTERN,
    TrainingHome,
    check_training,
    find_experiment,
    find_fit,
    find_model,
    request_of,
)
from vigie.services.operation import OperationInput, OperationResult, Origin, Table, operation
from vigie.services.operations.jobs import JobResult, queue_job
from vigie.services.rows import Row, shown, table_of
from vigie.services.running.work import train
from vigie.services.trading.log.holding import list_holders

SOURCE: Final = "Vigie models"


class LearnedModelRow(Row):
    """One version of a model, with its figures out of sample."""

    name: str = shown("Model")
    version: int = shown("Version")
    stage: Stage = shown("Stage", definition="How far it may go: a candidate is only judged.")
    kind: str = shown("Kind")
    rule: str = shown(
        "Rule", definition="Whose signals it lets through or skips; empty where it judges every bar."
    )
    label: Label = shown("Label", definition="What it was fitted on: direction, or return.")
    venue: str = shown("Venue")
    instrument: str = shown("Instrument", definition="Several have commas between them.")
    timeframe: str = shown("Timeframe")
    horizon: int = shown("Horizon", unit="bars", definition="Bars ahead that the label is about.")
    column_count: int = shown("Columns", unit="count")
    ts_created: int = shown("Trained", unit="ms")
    rows: int = shown("Rows judged", unit="count")
    auc: float | None = shown(
        "AUC", definition="How often a rise has higher odds than a fall; 0.5 is chance."
    )
    log_loss_gain: float = shown(
        "Log loss gained", definition="The usual rate's log loss minus the model's: above 0 it says more."
    )
    log_loss_low: float = shown("Lower bound", definition="Of the 95% interval of the log loss gained.")
    log_loss_high: float = shown("Upper bound", definition="Of the 95% interval of the log loss gained.")
    brier_gain: float = shown(
        "Brier score gained",
        definition="The usual rate's Brier score minus the model's: above 0 it says more.",
    )
    brier_low: float | None = shown(
        "Lower bound", definition="Of the 95% interval of the Brier score gained."
    )
    brier_high: float | None = shown(
        "Upper bound", definition="Of the 95% interval of the Brier score gained."
    )
    trades: int = shown("Trades", unit="count")
    earned: float | None = shown(
        "Result", unit="change", definition="Out of sample, after costs; none in older models."
    )
    held: float | None = shown(
        "Buy and hold", unit="change", definition="Of the same days, bought and sold with costs."
    )
    sharpe: float | None = shown("Sharpe ratio", definition="Annualised, after costs, out of sample.")
    can_rise: bool = shown(
        "Tradable", definition="Whether an account could follow it; else it goes no further than the shadow."
    )
    is_luck: bool = shown("Luck", definition="Whether the result cannot be told from luck.")
    beats_holding: bool | None = shown(
        "Beats holding",
        definition="Whether the 95% interval of its Sharpe ratio minus that of buy and hold is above 0.",
    )


class ListModelsInput(OperationInput):
    """Of which name."""

    name: str = Field("", max_length=40, description="Of one model only; empty for all.")
    language: Language = Field("en", description="Of the remarks.")


class ModelInput(OperationInput):
    """Which version of which model."""

    name: str = Field(max_length=40, pattern=f"^{NAME_PATTERN}$", description="Of the model.")
    version: int | None = Field(None, ge=1, le=1_000_000, description="The newest where none is given.")


class GetModelInput(ModelInput):
    """Which version of which model, and in which language its verdict is said."""

    language: Language = Field("en", description="Of the verdict.")


class PromoteInput(ModelInput):
    """Which model, and gates that may only be tighter."""

    trades: int = Field(LEAST_TRADES, ge=LEAST_TRADES, le=1_000_000, description="Out of sample, at least.")
    closes: int = Field(
        LEAST_CLOSES,
        ge=LEAST_CLOSES,
        le=100_000,
        description="In the shadow and equal to their replay, at least.",
    )


class DemoteInput(ModelInput):
    """Which model, and how far back."""

    stage: Literal["candidate", "shadow", "paper"] = Field("candidate", description="An earlier one.")


class ModelStage(OperationResult):
    """Where a model stands, and what the newest part of time said when it was opened."""

    name: str
    version: int
    stage: Stage
    look: int | None = Field(
        description="How often models of its market looked at that part; 1 is the honest one."
    )
    opened_log_loss_gain: float | None
    opened_trades: int | None
    opened_sharpe: float | None


class ModelFile(BaseModel):
    """A file that a training wrote."""

    name: str
    size: int
    sha256: str


class ModelDetails(OperationResult):
    """One version of a model: its card, its folds, and what it was made of."""

    name: str
    version: int
    stage: Stage
    can_rise: bool = Field(description="Whether an account could follow it.")
    obstacle: Obstacle = Field(
        description="Why none could: it kept no numbers, its library alone scores it (it may decide in the shadow), "
        "accounts lack columns, or no odds exceed costs."
    )
    lacking: list[str] = Field(description="Columns that it reads and accounts do not have.")
    kind: str
    rule: str = Field(description="Whose signals it lets through or skips; empty where it judges every bar.")
    label: Label = Field(description="What it was fitted on; of both it says the odds of a rise.")
    values: ModelValues | None = Field(description="How close it came to returns; of directions empty.")
    strategy: str = Field(description="How accounts and backtests name it.")
    venue: str
    instrument: str
    timeframe: str
    horizon: int
    ts_created: int
    columns: list[str]
    left_out: list[str]
    peers: list[str] = Field(
        description="Instruments that stand for the market of columns that compare with others."
    )
    markets: list[KeptMarketResult] = Field(
        description="How it did on each of several markets; empty where it learned from one."
    )
    remark: str = Field(description="What is to be known of its markets: several, or bars that are missing.")
    learned_rows: int = Field(description="Rows that it was fitted and calibrated on.")
    learned_from: int = Field(description="When the first of them was known, epoch ms.")
    learned_until: int = Field(description="From when on nothing taught it, epoch ms.")
    long_from: float | None = Field(description="Log-odds from which on it buys; empty where never.")
    short_from: float | None = Field(description="Log-odds down to which it sells short; empty where never.")
    usual: float = Field(description="Log-odds of the usual rate.")
    seed: int = Field(description="What its fit drew by.")
    rows: int
    auc: float | None
    brier_gain: float
    brier_low: float | None = Field(description="Of the 95% interval of `brier_gain`, as `brier_high`.")
    brier_high: float | None
    log_loss_gain: float
    log_loss_low: float
    log_loss_high: float
    trades: int
    sharpe: float | None
    is_luck: bool
    verdict: str
    holding: ModelHolding | None = Field(description="Beside buy and hold; empty in fits of older versions.")
    holding_text: str = Field(description="Whether it beats buy and hold, in a sentence.")
    coverage: ModelCoverage | None = Field(description="Of intervals; empty in fits of older versions.")
    folds: list[ModelFold]
    years: list[ModelYear]
    importance: list[ModelImportance]
    data: dict[str, str] = Field(description="SHA-256 of what it was learned from.")
    code: dict[str, str] = Field(description="Versions of what it was learned with.")
    files: list[ModelFile]


@operation("models.list", example={})
def list_models(
    caller: Caller, params: ListModelsInput, models: LearnedModels, jobs: JobQueue
) -> Table[LearnedModelRow]:
    """List the models of this home, each version with how it did on bars that it was not fitted on."""
    if params.name:
        find_fit(models, params.name)
    fits = {(fit.experiment, fit.version): fit for fit in models.fits(params.name)}
    experiments = {experiment.name: experiment for experiment in models.experiments()}
    versions = [(model, fits[model.name, model.version]) for model in models.models(params.name)]
    rows = [model_row(model, fit, experiments[model.name]) for model, fit in versions]
    remarks = say_failures(jobs, versions, params.language)
    return table_of(LearnedModelRow, rows, total=len(rows), origins=origins_of(rows), remarks=remarks)


@operation("models.get", example={"name": "btc_day"})
def get_model(caller: Caller, params: GetModelInput, models: LearnedModels) -> ModelDetails:
    """Show one version of a model: its card, its folds, its years, and what it was made of."""
    fit = find_fit(models, params.name, params.version)
    model = find_model(models, fit.experiment, fit.version)
    row = model_row(model, fit, find_experiment(models, model.name))
    card, told = LearnedCard.model_validate(fit.card), ModelTold.model_validate(fit.evaluation)
    beside = told.compare_holding()
    return ModelDetails(
        name=fit.experiment, version=fit.version, stage=model.stage, can_rise=row.can_rise, kind=row.kind,
        obstacle=find_obstacle(card, fit), lacking=beyond_accounts(card),
        rule=row.rule, label=row.label, values=told.values, strategy=strategy_name(fit.experiment, row.rule),
        venue=row.venue, instrument=row.instrument, timeframe=row.timeframe, horizon=row.horizon,
        ts_created=fit.ts_created, columns=list(card.columns), left_out=list(card.left_out),
        peers=list(card.peers), markets=told.markets,
        remark=told.say_remark(row.venue, row.timeframe, params.language),
        learned_rows=card.learned_from.fitted + card.learned_from.calibrated,
        learned_from=card.learned_from.from_ms, learned_until=card.learned_from.until_ms,
        long_from=card.score.long_from, short_from=card.score.short_from, usual=card.score.usual,
        seed=card.seed, rows=row.rows, auc=row.auc, brier_gain=row.brier_gain, brier_low=row.brier_low,
        brier_high=row.brier_high, log_loss_gain=row.log_loss_gain,
        log_loss_low=row.log_loss_low, log_loss_high=row.log_loss_high, trades=row.trades, sharpe=row.sharpe,
        is_luck=row.is_luck, coverage=told.coverage,
        verdict=card.verdict if params.language == "en" else told.say_verdict(params.language),
        holding=None if beside is None else to_holding(beside),
        holding_text="" if beside is None else say_against_holding(beside, params.language),
        folds=told.skill.folds, years=told.years,
        importance=told.importance, data=dict(fit.data), code=dict(fit.code),
        files=[ModelFile(name=file.name, size=file.size, sha256=file.sha256) for file in fit.files],
    )  # fmt: skip


@operation("models.promote", scope="write", example={"name": "btc_day"})
def promote(
    caller: Caller, params: PromoteInput, parts: TrainingHome, audit: AuditLog, trades: TradeBook
) -> ModelStage:
    """Bring a model to its next stage, where it passes the gates before it."""
    model = find_model(parts.models, params.name, params.version)
    _require(caller, STAGES[min(STAGES.index(model.stage) + 1, len(STAGES) - 1)])
    gates = Gates(params.trades, params.closes)
    moved = promote_model(
        parts, audit, caller.user, model, gates=gates, holders=partial(list_holders, parts.results, trades)
    )
    return _to_stage(moved)


@operation("models.demote", scope="write", example={"name": "btc_day", "stage": "candidate"})
def demote(
    caller: Caller, params: DemoteInput, parts: TrainingHome, audit: AuditLog, trades: TradeBook
) -> ModelStage:
    """Bring a model back to an earlier stage: accounts enter nothing by it, but lead what they hold to its end.

    One that is flat is refused at its next start.
    """
    model = find_model(parts.models, params.name, params.version)
    _require(caller, model.stage)
    holders = partial(list_holders, parts.results, trades)
    return _to_stage(demote_model(parts, audit, caller.user, model, params.stage, holders=holders))


@operation(
    "models.train", scope="write", example={"name": "btc_day", "instrument": "BTC", "kind": "logistic"}
)
def order_training(
    caller: Caller,
    params: train.TrainOrder,
    data: DataStores,
    models: LearnedModels,
    jobs: JobQueue,
    accounts: UserStore,
    audit: AuditLog,
) -> JobResult:
    """Order the training of a model; it runs as a job and goes on after a restart."""
    check_training(data, models, params.name, train.training_request(params))
    return queue_job(jobs, accounts, audit, caller, train.KIND, params)


def _require(caller: Caller, stage: Stage) -> None:
    if not caller.may(scope_of(stage)):
        raise Forbidden(
            "model_stage_needs_trade",
            "the stage {stage} needs the right to trade",
            stage=STAGE_WORDS[stage],
        )


def _to_stage(model: LearnedModel) -> ModelStage:
    opened = model.opening
    return ModelStage(
        name=model.name, version=model.version, stage=model.stage,
        look=None if opened is None else opened.look,
        opened_log_loss_gain=None if opened is None else opened.figures.log_loss_gain,
        opened_trades=None if opened is None else opened.figures.trades,
        opened_sharpe=None if opened is None else opened.figures.sharpe,
    )  # fmt: skip


def model_row(model: LearnedModel, fit: LearnedFit, experiment: LearnedExperiment) -> LearnedModelRow:
    """Return what is listed of one version of a model."""
    request, figures, told = request_of(experiment), fit.figures, ModelTold.model_validate(fit.evaluation)
    beside = told.compare_holding()
    return LearnedModelRow(
        name=model.name, version=model.version, stage=model.stage, kind=request.kind, rule=request.rule,
        label=request.label, venue=request.venue, instrument=", ".join(request.instruments),
        timeframe=request.timeframe, horizon=request.horizon,
        column_count=len(LearnedCard.model_validate(fit.card).columns), ts_created=fit.ts_created,
        rows=figures.rows, auc=figures.auc, log_loss_gain=figures.log_loss_gain,
        log_loss_low=figures.log_loss_low, log_loss_high=figures.log_loss_high,
        brier_gain=figures.brier_gain, brier_low=told.skill.brier_interval.low,
        brier_high=told.skill.brier_interval.high, trades=figures.trades,
        earned=told.equity.made("earned") if told.equity else None,
        held=told.equity.made("held") if told.equity else None, sharpe=figures.sharpe, is_luck=figures.is_luck,
        beats_holding=None if beside is None else beside.answer == "beats",
        can_rise=any(file.name == STRATEGY_FILE for file in fit.files),
    )  # fmt: skip


def origins_of(rows: list[LearnedModelRow]) -> list[Origin]:
    """Return where rows of models come from."""
    return [Origin(source=SOURCE, ts_event=row.ts_created) for row in rows[:1]]
