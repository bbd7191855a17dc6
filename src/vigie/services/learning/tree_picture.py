"""The picture of a registered model that is one tree: its questions, its leaves, and the same in sentences."""

from __future__ import annotations

from typing import Final

from vigie.catalogue import translate
from vigie.domain.errors import UsageError
from vigie.domain.learned import LearnedFit
from vigie.drawing.decision_tree import MOST_LEAVES, decision_tree, tree_sentences
from vigie.drawing.frame import Frame
from vigie.ports.home import HomeFolder
from vigie.quant.models.trees import FlatTrees
from vigie.services.learning.model_files import StoredModel, read_stored_model

_TITLE: Final = "How {name}/{version} decides: {instrument}, next {horizon} bars"
_LEAVES: Final = "Each leaf: the chance of a rise."


def draw_model_tree(
    home: HomeFolder, fit: LearnedFit, *, language: str = "en", standalone: bool = False
) -> tuple[str, list[str]]:
    """Return the tree of a fit as SVG, for a page or as a file of its own, and a sentence a leaf.

    Raises
    ------
    NotFound
        If the fit left no file that can be scored, or one is missing.
    UsageError
        If it is no single tree.
    """
    stored = read_stored_model(home, fit)
    trees = _tree_of(stored)
    card = stored.card
    title = translate(_TITLE, language).format(
        name=card.name, version=card.version, instrument=", ".join(card.instruments), horizon=card.horizon
    )
    frame = Frame(
        f"tree-{card.version}", title, translate(_LEAVES, language), language=language, standalone=standalone,
        source="Vigie", ts=card.learned_from.until_ms,
    )  # fmt: skip
    line = card.score.line
    return decision_tree(trees, card.columns, frame=frame, line=line), tree_sentences(
        trees, card.columns, language=language, line=line
    )


def _tree_of(stored: StoredModel) -> FlatTrees:
    if isinstance(stored.scorer, FlatTrees):
        return stored.scorer
    raise UsageError(
        "tree_not_readable",
        "only one tree of at most {most} leaves is drawn: choose a model of the kind tree",
        most=MOST_LEAVES,
    )
