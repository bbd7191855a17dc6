"""A person's own model of sentiment: fitted to their labels, kept in the home folder, read with in place of ours."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from vigie.domain.errors import DataError
from vigie.intelligence.news.judging.linear import LinearModel, load
from vigie.intelligence.news.registry import made
from vigie.intelligence.news.step import Step
from vigie.intelligence.news.steps import sentiment

FOLDER: Final = "models"
NAME: Final = "sentiment.npz"


def own_model(home: Path) -> LinearModel | None:
    """Return the model of a home; None where there is none.

    Raises
    ------
    DataError
        If the file is no model of this release.
    """
    file = home / FOLDER / NAME
    return load(file.read_bytes()) if file.is_file() else None


def steps_of(home: Path, say: Callable[[str], None]) -> Sequence[Step]:
    """Return the steps of reading, with a home's own model of sentiment where it has one.

    A model that cannot be read is told; ours reads then. What another model found is read anew.
    """
    try:
        model = own_model(home)
    except DataError as fault:
        say(
            f"the own model of sentiment is not used, Vigie's reads: {fault}; `vigie news model` fits it anew"
        )
        model = None
    if model is None:
        return made()
    own = sentiment.make(model)
    return tuple(own if one.name == own.name else one for one in made())
