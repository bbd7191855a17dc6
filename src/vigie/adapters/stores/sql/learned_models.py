"""The registry of what was learned, in the database; keeps the contract of `vigie.ports.learned_models`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, fields
from typing import Final

from sqlalchemy import JSON, Connection, RowMapping, func, insert, select, update
from sqlalchemy.orm import Mapped, mapped_column

from vigie.adapters.stores.sql.sql_store import SqlStore
from vigie.adapters.stores.sql.tables import Base
from vigie.domain.errors import Conflict
from vigie.domain.learned import FitFigures, LearnedExperiment, LearnedFile, LearnedFit, LearnedModel

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
        found = [fit for fit in self.fits(name) if fit.version == version]
        return found[0] if found else None

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
        return sorted((LearnedModel(**row) for row in rows), key=lambda one: (one.name, one.version))

    def hand_over(self, before: str, after: str) -> None:
        """Give what a person ordered to another."""
        with self.database.writing(_LOCK) as connection:
            for row in (ExperimentRow, FitRow):
                connection.execute(update(row).where(row.owner == before).values(owner=after))


def _find_experiment(connection: Connection, name: str) -> LearnedExperiment | None:
    query = select(ExperimentRow.__table__).where(ExperimentRow.name == name)
    row = connection.execute(query).mappings().one_or_none()
    return None if row is None else LearnedExperiment(**row)


def _to_fit(row: RowMapping) -> LearnedFit:
    values = {one.name: row[one.name] for one in fields(LearnedFit)}
    values["figures"] = FitFigures(**row["figures"])
    values["files"] = tuple(LearnedFile(**one) for one in row["files"])
    return LearnedFit(**values)
