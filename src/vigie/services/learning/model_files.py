"""Files of learned models in the home: size and hash are checked before anything in them is read."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from vigie.domain.bar import FloatArray
from vigie.domain.errors import DataError, NotFound
from vigie.domain.learned import ColumnEffect, LearnedFile, LearnedFit
from vigie.ports.home import HomeFolder
from vigie.quant.models.network_weights import NetworkWeights
from vigie.quant.models.storing import StoredScorer, from_bytes
from vigie.quant.models.trees import FlatTrees, leaf_paths
from vigie.services.learning.model_card import LearnedCard

CARD: Final = "card.json"
NUMBERS: Final = "model.npz"


@dataclass(frozen=True, slots=True, eq=False)
class StoredModel:
    """A model as it is used: what it scores with, and its card.

    Attributes
    ----------
    scorer : LinearScorer, FlatTrees or NetworkWeights
    card : LearnedCard
    """

    scorer: StoredScorer
    card: LearnedCard

    def log_odds(self, rows: FloatArray) -> FloatArray:
        """Return the log-odds of rows of its columns; NaN where one is NaN."""
        return self.card.score.line.log_odds(self.scorer.scores(rows))

    def largest_effects(self, row: FloatArray, most: int = 5) -> tuple[ColumnEffect, ...]:
        """Return what adds or takes most log-odds in one row, the most first; empty where a column is NaN.

        Of a network nothing is told: what it adds up is no sum over columns.
        """
        scorer = self.scorer
        if isinstance(scorer, NetworkWeights):
            return ()
        raw = (leaf_paths(scorer) if isinstance(scorer, FlatTrees) else scorer).effects(row)
        effects = self.card.score.slope * raw
        if np.isnan(effects).any():
            return ()
        order = np.argsort(-np.abs(effects), kind="stable")[:most].tolist()
        return tuple(
            ColumnEffect(self.card.columns[place], float(row[place]), float(effects[place]))
            for place in order
            if effects[place]
        )


def model_folder(home: HomeFolder, name: str, version: int | None = None) -> Path:
    """Return where a model's files lie, or those of all its versions."""
    folder = home / "models" / "trading" / name
    return folder if version is None else folder / str(version)


def describe_files(contents: Mapping[str, bytes]) -> tuple[LearnedFile, ...]:
    """Return names, sizes and hashes of files, by name."""
    return tuple(
        LearnedFile(name, len(data), hashlib.sha256(data).hexdigest())
        for name, data in sorted(contents.items())
    )


def read_stored_model(home: HomeFolder, fit: LearnedFit) -> StoredModel:
    """Read a model whose files are those that its fit wrote.

    Raises
    ------
    NotFound
        If the fit left no file that can be scored, or one is missing.
    DataError
        If a file is not the one that was written.
    """
    contents = {file.name: _read_checked(home, fit, file) for file in fit.files}
    if NUMBERS not in contents:
        raise NotFound(
            "model_without_numbers",
            "{name} {version} kept no numbers: it is a yardstick, or a network of an earlier version of Vigie, which "
            "can be trained anew",
            name=fit.experiment,
            version=fit.version,
        )
    card = LearnedCard.model_validate_json(contents[CARD])
    return StoredModel(from_bytes(contents[NUMBERS], len(card.columns)), card)


def _read_checked(home: HomeFolder, fit: LearnedFit, file: LearnedFile) -> bytes:
    path = model_folder(home, fit.experiment, fit.version) / file.name
    if not path.is_file():
        raise NotFound(
            "learned_file_missing",
            "{file} of {name} {version} is missing: restore it from a backup, or train the model anew",
            file=file.name,
            name=fit.experiment,
            version=fit.version,
        )
    # A file of another size is not even read.
    data = path.read_bytes() if path.stat().st_size == file.size else b""
    if hashlib.sha256(data).hexdigest() != file.sha256:
        raise DataError(
            "learned_file_changed",
            "{file} of {name} {version} is not the file that its training wrote: restore it from a backup, "
            "or train the model anew",
            file=file.name,
            name=fit.experiment,
            version=fit.version,
        )
    return data
