"""A fitted linear model: arrays in a file without code in it, scored with numpy only."""

from __future__ import annotations

import io
import json
import math
import zipfile
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import files
from itertools import chain
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from vigie.domain.errors import DataError
from vigie.intelligence.news.judging.grams import inside, letter_grams, pieces, word_grams, words
from vigie.intelligence.news.judging.lexicon import SCORES, scores_of
from vigie.intelligence.news.judging.subjects import MARKS, marks

FORMAT: Final = 1
LETTERS: Final = "letters"
GRAMS: Final[Mapping[str, Callable[[str], Mapping[str, int]]]] = {
    "words": word_grams,
    LETTERS: letter_grams,
}
_REMEMBERED: Final = 16_384


@dataclass(frozen=True, slots=True)
class Figures:
    """Named figures of a text that are seen beside its grams: what a list of words or a set of rules knows of it."""

    names: tuple[str, ...]
    of: Callable[[str], tuple[float, ...]]


FIGURES: Final[Mapping[str, Figures]] = {
    "lexicon": Figures(SCORES, scores_of),
    "rules": Figures(MARKS, marks),
}
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Block:
    """Grams of one kind with their inverse document frequency and their weights.

    Attributes
    ----------
    kind : str
        Key of `GRAMS`.
    places : mapping of str to int
        Row of a gram in the two arrays.
    rarity : float array, shape (n_grams,)
    weights : float array, shape (n_grams, n_labels)
    """

    kind: str
    places: Mapping[str, int]
    rarity: Floats
    weights: Floats

    # Rows of the runs of letters that are known, by word: the same words come again and again.
    _rows: Callable[[str], tuple[int, ...]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Prepare what is remembered, and rows that are read at once."""
        object.__setattr__(self, "weights", np.ascontiguousarray(self.weights))
        object.__setattr__(self, "_rows", lru_cache(maxsize=_REMEMBERED)(self._rows_in))

    def logits(self, text: str) -> Floats:
        """Return what these grams say for each label: sublinear counts by rarity, scaled to length one."""
        counted = Counter(self._known(text))
        if not counted:
            return np.zeros(self.weights.shape[1])
        places = np.fromiter(counted, dtype=np.int64, count=len(counted))
        often = np.fromiter(counted.values(), dtype=np.float64, count=len(counted))
        values = (1.0 + np.log(often)) * self.rarity.take(places)
        return np.asarray(values @ self.weights.take(places, axis=0) / math.sqrt(values @ values))

    def _known(self, text: str) -> Iterable[int]:
        if self.kind == LETTERS:
            return chain.from_iterable(map(self._rows, words(text)))
        return self._placed(pieces(text))

    def _rows_in(self, word: str) -> tuple[int, ...]:
        return tuple(self._placed(inside(word)))

    def _placed(self, grams: Iterable[str]) -> list[int]:
        return [self.places[gram] for gram in grams if gram in self.places]


@dataclass(frozen=True, slots=True)
class LinearModel:
    """Labels with their probabilities for a text.

    Attributes
    ----------
    is_exclusive : bool
        One label holds (softmax), or any number of them (each its own logistic).
    figures : str
        Key of `FIGURES`.
    scores : float array, shape (n_figures, n_labels)
        Their weights.
    heat : float
        What logits are divided by, so that probabilities hold on rows that were left out.
    threshold : float
        Below it the likeliest label is not said.
    about : mapping
        What it was fitted on and how: the data of the model card.
    """

    labels: tuple[str, ...]
    is_exclusive: bool
    blocks: tuple[Block, ...]
    figures: str
    scores: Floats
    bias: Floats
    heat: float
    threshold: float
    about: Mapping[str, Any]

    def logits(self, text: str) -> Floats:
        """Return the weighted sum for each label."""
        total = self.bias + np.array(FIGURES[self.figures].of(text)) @ self.scores
        for block in self.blocks:
            total = total + block.logits(text)
        return total

    def probabilities(self, text: str) -> dict[str, float]:
        """Return how likely each label is."""
        warm = self.logits(text) / self.heat
        if self.is_exclusive:
            few = warm.tolist()
            raised = [math.exp(one - max(few)) for one in few]
            found = [one / sum(raised) for one in raised]
        else:
            found = (1.0 / (1.0 + np.exp(-warm))).tolist()
        return dict(zip(self.labels, found, strict=True))


def save(model: LinearModel) -> bytes:
    """Return a model as the bytes of an ``.npz`` file; the same model is the same bytes."""
    head = {
        "format": FORMAT,
        "labels": model.labels,
        "is_exclusive": model.is_exclusive,
        "heat": model.heat,
        "threshold": model.threshold,
        "kinds": [block.kind for block in model.blocks],
        "figures": model.figures,
        "names": FIGURES[model.figures].names,
        "about": model.about,
    }
    arrays: dict[str, Any] = {
        "head": _as_bytes(json.dumps(head, sort_keys=True)),
        "bias": model.bias,
        "scores": model.scores,
    }
    for block in model.blocks:
        grams = sorted(block.places, key=block.places.__getitem__)
        arrays[f"{block.kind}_grams"] = _as_bytes("\n".join(grams))
        arrays[f"{block.kind}_rarity"] = block.rarity.astype(np.float32)
        arrays[f"{block.kind}_weights"] = block.weights.astype(np.float16)
    held = io.BytesIO()
    np.savez_compressed(held, **arrays)
    return held.getvalue()


def load(data: bytes) -> LinearModel:
    """Return the model in the bytes of a file; nothing in it is ever run.

    Raises
    ------
    DataError
        If they are no model of this format.
    """
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
            head = json.loads(_as_text(arrays["head"]))
            if head["format"] != FORMAT or tuple(head["names"]) != FIGURES[head["figures"]].names:
                raise DataError(f"the model's format must be {FORMAT}, was {head['format']}: fit it anew")
            return LinearModel(
                labels=tuple(head["labels"]),
                is_exclusive=bool(head["is_exclusive"]),
                blocks=tuple(_block(kind, arrays) for kind in head["kinds"]),
                figures=head["figures"],
                scores=arrays["scores"].astype(np.float64),
                bias=arrays["bias"].astype(np.float64),
                heat=float(head["heat"]),
                threshold=float(head["threshold"]),
                about=head["about"],
            )
    except (ValueError, KeyError, OSError, EOFError, zipfile.BadZipFile) as error:
        raise DataError(f"this is no model's file: {error}") from error


def _block(kind: str, arrays: Mapping[str, NDArray[Any]]) -> Block:
    grams = _as_text(arrays[f"{kind}_grams"]).split("\n")
    return Block(
        kind,
        {gram: place for place, gram in enumerate(grams)},
        arrays[f"{kind}_rarity"].astype(np.float64),
        arrays[f"{kind}_weights"].astype(np.float64),
    )


def _as_bytes(text: str) -> NDArray[np.uint8]:
    return np.frombuffer(text.encode(), dtype=np.uint8)


def _as_text(data: NDArray[np.uint8]) -> str:
    return bytes(data).decode()


@lru_cache(maxsize=4)
def shipped_model(name: str) -> LinearModel:
    """Return a model that Vigie comes with: ``sentiment`` or ``topics``."""
    return load(files("vigie.intelligence.news.judging").joinpath("data", f"{name}.npz").read_bytes())


def likeliest(probabilities: Mapping[str, float]) -> tuple[str, float]:
    """Return the likeliest label with its probability."""
    return max(probabilities.items(), key=lambda entry: entry[1])


def logits_of(model: LinearModel, texts: Sequence[str]) -> Floats:
    """Return the logits of many texts, shape (n_texts, n_labels)."""
    return np.array([model.logits(text) for text in texts])
