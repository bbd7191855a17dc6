"""What was learned before each fold, kept on disk: a training that was stopped goes on after the last whole fold."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from vigie.domain.errors import DataError
from vigie.quant.models.calibration import ScoreLine
from vigie.quant.models.conformal import ConformalBounds
from vigie.quant.models.storing import from_bytes, is_storable, to_bytes
from vigie.research.learning.folds import LearnFold
from vigie.research.learning.walking import FoldFit

_PREFIX: Final = ".folds-"
# Told the number of the fold, from 1, that is learned before.
FoldListener = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class KeptFolds:
    """Folds of one fit, in a folder named after all that it is made of.

    Attributes
    ----------
    folder : Path
        Of these folds alone.
    n_columns : int
        How many columns the model reads.
    write : callable
        Writes a set of files into a folder, all or none.
    tell : callable
        Told each fold before it is learned.
    """

    folder: Path
    n_columns: int
    write: Callable[[Path, Mapping[str, bytes]], None]
    tell: FoldListener

    def find(self, fold: LearnFold) -> FoldFit | None:
        """Return what was kept of a fold; None where it must be learned."""
        self.tell(fold.number + 1)
        text, numbers = (self.folder / f"{fold.number}{suffix}" for suffix in (".json", ".npz"))
        if not (text.exists() and numbers.exists()):
            return None
        try:
            model = from_bytes(numbers.read_bytes(), self.n_columns)
            kept = json.loads(text.read_bytes())
            line = ScoreLine(**kept["calibration"])
            return FoldFit(
                fold, model, line, kept["usual"], kept["long_from"], kept["short_from"],
                tuple(kept["columns"]), kept["options"],
                ConformalBounds(**kept["bounds"]) if kept["bounds"] else None,
            )  # fmt: skip
        except (DataError, ValueError, KeyError, TypeError):
            # Damaged on disk: learning the fold again costs time alone.
            return None

    def keep(self, fit: FoldFit) -> None:
        """Keep what was learned before a fold, where it is numbers."""
        if not is_storable(fit.model):
            return
        told = {
            "calibration": asdict(fit.calibration),
            "usual": fit.usual,
            "long_from": fit.long_from,
            "short_from": fit.short_from,
            "columns": fit.columns,
            "options": dict(fit.options),
            "bounds": asdict(fit.bounds) if fit.bounds else None,
        }
        number = fit.fold.number
        self.write(
            self.folder,
            {f"{number}.npz": to_bytes(fit.model), f"{number}.json": json.dumps(told).encode()},
        )


def fold_folder(folder: Path, made_of: Mapping[str, object]) -> Path:
    """Return where folds of a fit are kept below a model's folder: another fit has another one."""
    digest = hashlib.sha256(json.dumps(made_of, sort_keys=True).encode()).hexdigest()
    return folder / f"{_PREFIX}{digest[:16]}"


def remove_folds(folder: Path) -> None:
    """Remove all kept folds below a model's folder, those of stopped fits too."""
    for path in folder.glob(f"{_PREFIX}*"):
        shutil.rmtree(path)
