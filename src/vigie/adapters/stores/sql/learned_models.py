"""The registry of what was learned, in the database; keeps the contract of `vigie.ports.learned_models`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, fields, replace
from typing import Final

from sqlalchemy import JSON, Connection, RowMapping, func, insert, select, update
from sqlalchemy.orm import Mapped, mapped_column

from vigie.adapters.stores.sql.sql_store import SqlStore
from vigie.adapters.stores.sql.tables import Base
from vigie.domain.errors import Conflict
from vigie.domain.learned import (
    ColumnEffect,
    FitFigures,
    LearnedExperiment,
    LearnedFile,
    LearnedFit,
    LearnedModel,
    ModelOpening,
    ShadowDecision,
    Stage,
)

_LOCK: Final = "learned models"


class ExperimentRow(Base):
    """What is asked of the data under one name."""

    __tablename__ = "experiments"
    name: Mapped[str] = mapped_column(primary_key=True)
    owner: Mapped[str]
    ts_created: Mapped[int]
    parameters: Mapped[object] = mapped_column(JSON)


class FitRow(Base):
    """One fit, with all that makes it reproducible."""

    __tablename__ = "fits"
    experiment: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    ts_created: Mapped[int]
    owner: Mapped[str]
    data: Mapped[object] = mapped_column(JSON)
    code: Mapped[object] = mapped_column(JSON)
    until_ms: Mapped[int]
    figures: Mapped[object] = mapped_column(JSON)
    evaluation: Mapped[object] = mapped_column(JSON)
    card: Mapped[object] = mapped_column(JSON)
    files: Mapped[object] = mapped_column(JSON)


class ModelRow(Base):
    """A version of a model, and how far it has risen."""

    __tablename__ = "models"
    name: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    stage: Mapped[str]
    ts_changed: Mapped[int]
    # None is no JSON here: a model that was never opened has no value at all.
    opening: Mapped[object] = mapped_column(JSON(none_as_null=True), nullable=True)


class ShadowRow(Base):
    """What a model in the shadow said at a close."""

    __tablename__ = "shadow_decisions"
    name: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    ts_bar: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    # On whose bars, of a model that has several markets.
    instrument: Mapped[str] = mapped_column(primary_key=True)
    flags: Mapped[int]
    log_odds: Mapped[float | None]
    bars: Mapped[str]
    effects: Mapped[object] = mapped_column(JSON)


class SqlLearnedModels(SqlStore):
    """The registry of what was learned."""

    __slots__ = ()

    def experiment(self, name: str) -> LearnedExperiment | None:
        """Return an experiment."""
        with self.database.reading() as connection:
            return _find_experiment(connection, name)

    def experiments(self) -> Sequence[LearnedExperiment]:
        """Return all experiments, by name."""
        with self.database.reading() as connection:
            rows = connection.execute(select(ExperimentRow.__table__)).mappings().all()
        return sorted((LearnedExperiment(**row) for row in rows), key=lambda one: one.name)

    def add(self, experiment: LearnedExperiment, fit: LearnedFit) -> LearnedModel:
        """Keep a fit, its experiment where that is new, and its model as a candidate: all or nothing."""
        now = self.clock.wall_now()
        with self.database.writing(_LOCK, durable=True) as connection:
            kept = _find_experiment(connection, experiment.name)
            if kept is None:
                values = {**asdict(experiment), "ts_created": now}
                connection.execute(insert(ExperimentRow).values(values))
            elif kept.parameters != experiment.parameters:
                raise Conflict(
                    "experiment_has_other_parameters",
                    "{name} was trained with other parameters: give this model another name",
                    name=experiment.name,
                )
            newest = connection.scalar(
                select(func.max(FitRow.version)).where(FitRow.experiment == experiment.name)
            )
            if fit.version != (newest or 0) + 1:
                raise Conflict(
                    "model_version_taken",
                    "another fit of {name} became version {version} meanwhile: train it again",
                    name=experiment.name,
                    version=fit.version,
                )
            connection.execute(insert(FitRow).values({**asdict(fit), "ts_created": now}))
            model = LearnedModel(experiment.name, fit.version, "candidate", now)
            connection.execute(insert(ModelRow).values(asdict(model)))
        return model

    def fit(self, name: str, version: int) -> LearnedFit | None:
        """Return a fit."""
        query = select(FitRow.__table__).where(FitRow.experiment == name, FitRow.version == version)
        with self.database.reading() as connection:
            row = connection.execute(query).mappings().first()
        return None if row is None else _to_fit(row)

    def fits(self, name: str = "") -> Sequence[LearnedFit]:
        """Return fits by name and version."""
        query = select(FitRow.__table__)
        query = query.where(FitRow.experiment == name) if name else query
        with self.database.reading() as connection:
            rows = connection.execute(query).mappings().all()
        return sorted(map(_to_fit, rows), key=lambda one: (one.experiment, one.version))

    def models(self, name: str = "") -> Sequence[LearnedModel]:
        """Return models by name and version."""
        query = select(ModelRow.__table__)
        query = query.where(ModelRow.name == name) if name else query
        with self.database.reading() as connection:
            rows = connection.execute(query).mappings().all()
        return sorted(map(_to_model, rows), key=lambda one: (one.name, one.version))

    def move(self, model: LearnedModel, stage: Stage, opening: ModelOpening | None = None) -> LearnedModel:
        """Bring a model to another stage; one that moved meanwhile is refused."""
        row = ModelRow
        moved = replace(
            model, stage=stage, ts_changed=self.clock.wall_now(), opening=model.opening or opening
        )
        with self.database.writing(_LOCK, durable=True) as connection:
            risen = connection.scalar(
                select(row.version).where(
                    row.name == model.name, row.version != model.version, row.stage != "candidate"
                )
            )
            if risen is not None and stage != "candidate":
                raise Conflict(
                    "another_version_stands",
                    "{name} {version} stands above candidate: take it back first",
                    name=model.name,
                    version=risen,
                )
            if model.opening is None and opening is not None:
                # Counted where nobody counts beside it.
                kept = [
                    _to_model(mapping).opening
                    for mapping in connection.execute(select(row.__table__)).mappings()
                ]
                look = 1 + sum(one is not None and one.shares_market(opening) for one in kept)
                moved = replace(moved, opening=replace(opening, look=look))
            changed = connection.execute(
                update(row)
                .where(row.name == model.name, row.version == model.version, row.stage == model.stage)
                .values(
                    stage=stage,
                    ts_changed=moved.ts_changed,
                    opening=None if moved.opening is None else asdict(moved.opening),
                )
            ).rowcount
            if not changed:
                raise Conflict(
                    "model_moved_meanwhile",
                    "{name} {version} came to another stage meanwhile: look again",
                    name=model.name,
                    version=model.version,
                )
        return moved

    def note_shadow(self, name: str, version: int, decision: ShadowDecision) -> None:
        """Keep what a model said at a close; the first word on a bar stays."""
        row = ShadowRow
        with self.database.writing(_LOCK) as connection:
            found = connection.scalar(
                select(row.ts_bar).where(
                    row.name == name,
                    row.version == version,
                    row.ts_bar == decision.ts_bar,
                    row.instrument == decision.instrument,
                )
            )
            if found is None:
                values = {"name": name, "version": version, **asdict(decision)}
                connection.execute(insert(row).values(values))

    def shadow(
        self, name: str, version: int, *, instrument: str = "", last: int = 0, ts_bar: int | None = None
    ) -> Sequence[ShadowDecision]:
        """Return what a model said in the shadow, in the order of time."""
        row = ShadowRow
        query = select(row.ts_bar, row.flags, row.log_odds, row.bars, row.effects, row.instrument).where(
            row.name == name, row.version == version, row.instrument == instrument
        )
        query = query if ts_bar is None else query.where(row.ts_bar == ts_bar)
        query = query.order_by(row.ts_bar.desc())
        query = query.limit(last) if last else query
        with self.database.reading() as connection:
            found = [_to_decision(mapping) for mapping in connection.execute(query).mappings()]
        return found[::-1]

    def shadow_closes(self, name: str, version: int, *, instrument: str = "") -> int:
        """Return at how many closes a model said something in the shadow."""
        row = ShadowRow
        query = select(func.count(row.log_odds)).where(
            row.name == name, row.version == version, row.instrument == instrument
        )
        with self.database.reading() as connection:
            return connection.scalar(query) or 0

    def hand_over(self, before: str, after: str) -> None:
        """Give what a person ordered to another."""
        with self.database.writing(_LOCK) as connection:
            for row in (ExperimentRow, FitRow):
                connection.execute(update(row).where(row.owner == before).values(owner=after))


def _find_experiment(connection: Connection, name: str) -> LearnedExperiment | None:
    query = select(ExperimentRow.__table__).where(ExperimentRow.name == name)
    row = connection.execute(query).mappings().one_or_none()
    return None if row is None else LearnedExperiment(**row)


def _to_model(row: RowMapping) -> LearnedModel:
    values = {field.name: row[field.name] for field in fields(LearnedModel)}
    opened = values["opening"]
    if opened is not None:
        values["opening"] = ModelOpening(opened["family"], opened["look"], FitFigures(**opened["figures"]))
    return LearnedModel(**values)


def _to_decision(row: RowMapping) -> ShadowDecision:
    effects = tuple(ColumnEffect(**one) for one in row["effects"])
    return ShadowDecision(
        row["ts_bar"], row["flags"], row["log_odds"], row["bars"], effects, row["instrument"]
    )


def _to_fit(row: RowMapping) -> LearnedFit:
    values = {field.name: row[field.name] for field in fields(LearnedFit)}
    values["figures"] = FitFigures(**row["figures"])
    values["files"] = tuple(LearnedFile(**one) for one in row["files"])
    return LearnedFit(**values)
