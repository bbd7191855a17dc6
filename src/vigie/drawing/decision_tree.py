"""A tree of decisions, from its first question to its leaves, with the same in sentences."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from vigie.catalogue import NamedTexts
from vigie.domain.errors import UsageError
from vigie.drawing.frame import COLOURS, Frame, escape_text, short_number, wrap_chart
from vigie.intelligence.market.words import numbers_of
from vigie.quant.models.calibration import ScoreLine, probabilities
from vigie.quant.models.trees import LEAF, FlatTrees

TEXTS: Final = NamedTexts("decision_tree", {
    "leaf": "{chance}, {share} of rows", "where": "Where {conditions}: {chance} ({share} of rows).",
    "and": " and ", "always": "Always {chance}.",
})  # fmt: skip
# More leaves are no tree that is read.
MOST_LEAVES: Final = 32
_BOX_WIDTH: Final = 215
_BRANCH_WIDTH: Final = 90
_BOX_HEIGHT: Final = 34
_STEP: Final = 46
_FIGURES: Final = 3


@dataclass(frozen=True, slots=True)
class _Node:
    """A question or a leaf, with where it stands."""

    number: int
    level: int
    y: float
    path: tuple[str, ...]
    children: tuple[int, ...]


def decision_tree(
    trees: FlatTrees, columns: Sequence[str], *, frame: Frame, line: ScoreLine | None = None
) -> str:
    """Return a tree as SVG; what it says is in its description, too.

    Parameters
    ----------
    trees : FlatTrees
        One tree.
    columns : sequence of str
        Names of its columns, by number.
    frame : Frame
        Its description is followed by the sentences of the leaves.
    line : ScoreLine, optional
        From the value of a leaf to log-odds; without one a leaf's value is a probability.

    Raises
    ------
    UsageError
        If there are several trees, or the tree has too many leaves to be read.
    """
    nodes = _nodes(trees, columns, frame.language)
    levels = max(node.level for node in nodes.values()) + 1
    width = levels * (_BOX_WIDTH + _BRANCH_WIDTH) - _BRANCH_WIDTH + 2
    height = sum(not node.children for node in nodes.values()) * _STEP
    content = "".join(_element(frame, trees, columns, nodes, node, line) for node in nodes.values())
    said = " ".join(tree_sentences(trees, columns, language=frame.language, line=line))
    told = replace(frame, description=f"{frame.description} {said}".strip())
    box = f"0 0 {width} {height}"
    if frame.standalone:
        size = f'width="{frame.width - 56}" height="{frame.height - 140}"'
        content = f'<svg x="28" y="84" {size} viewBox="{box}">{content}</svg>'
    return wrap_chart(told, content, root="plot", box=box, is_natural=True)


def tree_sentences(
    trees: FlatTrees, columns: Sequence[str], *, language: str, line: ScoreLine | None = None
) -> list[str]:
    """Return a sentence a leaf, from the first: what leads to it, its chance, and how many rows it has.

    Parameters
    ----------
    trees, columns, line
        As of `decision_tree`.
    language : str
        ``fr``.

    Raises
    ------
    UsageError
        As of `decision_tree`.
    """
    texts, told = TEXTS[language], []
    for node in _nodes(trees, columns, language).values():
        if node.children:
            continue
        chance, share = _leaf(trees, node, line, language)
        told.append(
            texts["where"].format(conditions=texts["and"].join(node.path), chance=chance, share=share)
            if node.path
            else texts["always"].format(chance=chance)
        )
    return told


def _nodes(trees: FlatTrees, columns: Sequence[str], language: str) -> dict[int, _Node]:
    """Return nodes by number, leaves from top to bottom, each parent in the middle of its children."""
    if len(trees.roots) != 1 or int((trees.column == LEAF).sum()) > MOST_LEAVES:
        raise UsageError(
            "tree_not_readable",
            "only one tree of at most {most} leaves is drawn: choose a model of the kind tree",
            most=MOST_LEAVES,
        )
    found: dict[int, _Node] = {}
    numbers, leaves = numbers_of(language), 0

    def place(number: int, level: int, path: tuple[str, ...]) -> float:
        nonlocal leaves
        if trees.column[number] == LEAF:
            y = (leaves + 0.5) * _STEP
            leaves += 1
            found[number] = _Node(number, level, y, path, ())
            return y
        name = columns[int(trees.column[number])]
        value = numbers.plain(float(trees.threshold[number]), _FIGURES)
        children = int(trees.left[number]), int(trees.right[number])
        heights = [
            place(child, level + 1, (*path, f"{name} {sign} {value}"))
            for child, sign in zip(children, ("\u2264", ">"), strict=True)
        ]
        y = sum(heights) / 2.0
        found[number] = _Node(number, level, y, path, children)
        return y

    place(int(trees.roots[0]), 0, ())
    return found


def _element(
    frame: Frame,
    trees: FlatTrees,
    columns: Sequence[str],
    nodes: dict[int, _Node],
    node: _Node,
    line: ScoreLine | None,
) -> str:
    """Return a box with its words, and the branches that lead on from it."""
    x, y = 1 + node.level * (_BOX_WIDTH + _BRANCH_WIDTH), node.y - _BOX_HEIGHT / 2
    place = f'x="{x}" y="{short_number(y)}" width="{_BOX_WIDTH}" height="{_BOX_HEIGHT}" rx="4"'
    parts = [f'<rect {frame.style_attributes("axis")} fill="none" {place}/>']
    if not node.children:
        chance, share = _leaf(trees, node, line, frame.language)
        wide = short_number(_chance(trees, node, line) * _BOX_WIDTH)
        foot = short_number(y + _BOX_HEIGHT - 5)
        parts.append(
            f'<rect {frame.style_attributes("volume")} x="{x}" y="{foot}" width="{wide}" height="5"/>'
        )
        parts.append(
            _words(frame, x + 8, node.y + 1, TEXTS[frame.language]["leaf"].format(chance=chance, share=share))
        )
        return "".join(parts)
    parts.append(_words(frame, x + 8, node.y + 4, columns[int(trees.column[node.number])]))
    right = x + _BOX_WIDTH
    for number in node.children:
        child = nodes[number]
        bend = f"M{right},{short_number(node.y)}h12V{short_number(child.y)}h{_BRANCH_WIDTH - 12}"
        parts.append(f'<path {frame.style_attributes("axis")} fill="none" d="{bend}"/>')
        # The condition without the name, which the box before it has.
        condition = " ".join(child.path[-1].rsplit(" ", 2)[1:])
        parts.append(_words(frame, right + 16, child.y - 5, condition))
    return "".join(parts)


def _words(frame: Frame, x: float, y: float, content: str) -> str:
    looks = f' fill="{COLOURS[frame.theme]["text"]}"' if frame.standalone else ""
    return f'<text x="{short_number(x)}" y="{short_number(y)}" font-size="12"{looks}>{escape_text(content)}</text>'


def _leaf(trees: FlatTrees, node: _Node, line: ScoreLine | None, language: str) -> tuple[str, str]:
    numbers = numbers_of(language)
    share = float(trees.cover[node.number] / trees.cover[trees.roots[0]])
    return numbers.percent(_chance(trees, node, line)), numbers.percent(share, 0)


def _chance(trees: FlatTrees, node: _Node, line: ScoreLine | None) -> float:
    value = trees.start + float(trees.value[node.number])
    return value if line is None else float(probabilities(line.log_odds(np.array([value])))[0])
