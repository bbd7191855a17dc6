"""A tree that is drawn says of every row what the model says of it, in the picture and in sentences."""

from __future__ import annotations

import numpy as np
import pytest

from tests.unit.drawing.material import export, page, parsed
from tests.unit.quant.models.material import random_trees
from vigie.domain.errors import UsageError
from vigie.drawing.decision_tree import decision_tree, tree_sentences
from vigie.quant.models.calibration import ScoreLine, probabilities
from vigie.quant.models.trees import LEAF

COLUMNS = ("price.return_24", "price.body", "volume.relative_24", "calendar.hour_sine")
LINE = ScoreLine(0.7, -0.2)


@pytest.mark.parametrize("seed", [0, 2, 3, 5])
def test_sentences_lead_each_row_to_the_chance_that_the_model_gives(seed):
    trees = random_trees(seed, trees=1)
    sentences = tree_sentences(trees, COLUMNS, language="en", line=LINE)
    assert len(sentences) == int((trees.column == LEAF).sum())
    rows = np.random.default_rng(seed).normal(size=(40, 4))
    said = probabilities(LINE.log_odds(trees.scores(rows)))
    for row, chance in zip(rows, said.tolist(), strict=True):
        known = dict(zip(COLUMNS, row.tolist(), strict=True))
        met = [sentence for sentence in sentences if _holds(sentence, known)]
        assert any(f": {100 * chance:.1f}%" in sentence for sentence in met), (row, met)


def _holds(sentence: str, known: dict[str, float]) -> bool:
    conditions = sentence.removeprefix("Where ").split(": ")[0].split(" and ")
    for condition in conditions:
        name, sign, value = condition.split(" ")
        bound, slack = float(value.replace("\u2212", "-")), 0.006
        # Bounds are rounded where they are told.
        if (known[name] > bound + slack) if sign == "\u2264" else (known[name] <= bound - slack):
            return False
    return True


def test_picture_has_a_box_for_every_node_and_the_sentences_for_who_does_not_see_it():
    trees = random_trees(0, trees=1)
    for frame in (page(), export()):
        tree = parsed(decision_tree(trees, COLUMNS, frame=frame, line=LINE))
        words = ["".join(element.itertext()) for element in tree.iter() if element.tag.endswith("text")]
        leaves = [text for text in words if text.endswith("of rows")]
        questions = [text for text in words if text in COLUMNS]
        assert len(leaves) == int((trees.column == LEAF).sum())
        assert len(questions) == int((trees.column != LEAF).sum())
        told = next("".join(element.itertext()) for element in tree.iter() if element.tag.endswith("desc"))
        for sentence in tree_sentences(trees, COLUMNS, language="en", line=LINE):
            assert sentence in told


def test_french_has_its_decimal_mark_and_a_leaf_alone_is_told():
    told = tree_sentences(random_trees(0, trees=1), COLUMNS, language="fr", line=LINE)
    assert told[0].startswith("Si ")
    assert "." not in told[0].rsplit(" (", 1)[0].split(" ")[-1]
    alone = random_trees(1, trees=1, depth=0)
    assert tree_sentences(alone, COLUMNS, language="en", line=LINE)[0].startswith("Always ")


def test_several_trees_and_one_that_nobody_reads_are_refused():
    for trees in (random_trees(1, trees=2), random_trees(2, trees=1, depth=9)):
        with pytest.raises(UsageError, match="choose a model of the kind tree"):
            decision_tree(trees, COLUMNS, frame=page())
