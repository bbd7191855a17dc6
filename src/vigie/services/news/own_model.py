"""A person's own model of sentiment: fitted to their labels, kept in the home folder, read with in place of ours."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from vigie.domain.errors import DataError
from vigie.intelligence.news.judging.linear_model import LinearModel, load_model
from vigie.intelligence.news.registry import make_steps
from vigie.intelligence.news.step import ReadingStep
from vigie.intelligence.news.steps import sentiment

FOLDER: Final = "models"
NAME: Final = "sentiment.npz"


def load_own_model(home: Path) -> LinearModel | None:
    """Return the model of a home; None where there is none.

    Raises
    ------
    DataError
        If the file is no model of this release.
    """
    file = home / FOLDER / NAME
    return load_model(file.read_bytes()) if file.is_file() else None


def steps_of(home: Path, say: Callable[[str], None]) -> Sequence[ReadingStep]:
    """Return the steps of reading, with a home's own model of sentiment where it has one.

    A model that cannot be read is told; ours reads then. What another model found is read anew.
    """
    try:
        model = load_own_model(home)
    except DataError as fault:
        say(
            f"the own model of sentiment is not used, Vigie's reads: {fault}; `vigie news model` fits it anew"
        )
        model = None
    if model is None:
        return make_steps()
    own = sentiment.make(model)
    return tuple(own if step.name == own.name else step for step in make_steps())
