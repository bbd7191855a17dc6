"""Grams of several linear models, counted once for all of them: headlines are read by one model after the other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from typing import Final

import numpy as np
from numpy.typing import NDArray

from vigie.intelligence.news.judging.ngrams import letter_runs, split_words, words_and_pairs
from vigie.intelligence.news.word_cache import WordCache

LETTERS: Final = "letters"
Floats = NDArray[np.float64]
# As a model's file keeps them; a model that was only just fitted has float64.
StoredFloats = NDArray[np.float16 | np.float32 | np.float64]
_WORDS_REMEMBERED: Final = 16_384
# Several models read the same headline one after the other.
_TEXTS_REMEMBERED: Final = 64
# A text of which a model knows nothing has no length to be divided by.
_NO_LENGTH: Final = 1e-300


@dataclass(frozen=True, slots=True)
class Block:
    """Grams of one kind with their inverse document frequency and their weights.

    Attributes
    ----------
    kind : str
        Key of `GRAMS`.
    grams : tuple of str
        In the order of the rows of the two arrays.
    rarity : float array, shape (n_grams,)
    weights : float array, shape (n_grams, n_labels)
        Both in the precision in which the model is kept; they are multiplied in double precision.
    """

    kind: str
    grams: tuple[str, ...]
    rarity: StoredFloats
    weights: StoredFloats


def _common_type(arrays: Iterable[StoredFloats]) -> np.dtype[np.float16 | np.float32 | np.float64]:
    """Return the smallest type that holds the numbers of all arrays as they are."""
    return np.result_type(np.float16, *{array.dtype for array in arrays})


class GramScorer:
    """What the grams of a text say for each label of each model: sublinear counts by rarity, scaled to length one.

    Parameters
    ----------
    models : sequence of sequences of Block
        Of each model.
    """

    def __init__(self, models: Sequence[Sequence[Block]]) -> None:
        widths = [blocks[0].weights.shape[1] if blocks else 0 for blocks in models]
        ends = np.cumsum(widths).tolist()
        self._parts = [slice(end - width, end) for end, width in zip(ends, widths, strict=True)]
        self._model_of = np.repeat(np.arange(len(models)), widths)
        self._places: dict[str, dict[str, int]] = {}
        kinds = dict.fromkeys(block.kind for blocks in models for block in blocks)
        size = 0
        for kind in kinds:
            grams_by_model = [block.grams for blocks in models for block in blocks if block.kind == kind]
            grams = dict.fromkeys(chain.from_iterable(grams_by_model))
            self._places[kind] = {gram: size + place for place, gram in enumerate(grams)}
            size += len(grams)
        # A row a gram: its weights for all labels and its rarity for all models, in the types of the models' files: as
        # float64 they would take 5 MB more in each process that judges news.
        blocks_of_all = list(chain.from_iterable(models))
        self._weights = np.zeros((size, sum(widths)), _common_type(block.weights for block in blocks_of_all))
        self._rarity = np.zeros((size, len(models)), _common_type(block.rarity for block in blocks_of_all))
        for number, blocks in enumerate(models):
            for block in blocks:
                known = self._places[block.kind]
                rows = np.array([known[gram] for gram in block.grams], np.int64)
                self._weights[rows, self._parts[number]] = block.weights
                self._rarity[rows, number] = block.rarity
        self._letters = WordCache(self._letter_indexes, _WORDS_REMEMBERED)
        self._read = lru_cache(maxsize=_TEXTS_REMEMBERED)(self.logits)

    def reader(self, number: int) -> Callable[[str], Floats]:
        """Return what gives the sums of one model for a text."""
        part = self._parts[number]
        return lambda text: self._read(text)[part]

    def cache_clear(self) -> None:
        """Forget the texts that were read."""
        self._read.cache_clear()

    def logits(self, text: str) -> Floats:
        """Return the sums for all labels of all models, one model after the other."""
        counted: Counter[int] = Counter()
        ends = []
        for kind in self._places:
            counted.update(self._indexes_of(kind, text))
            ends.append(len(counted))
        indexes = np.fromiter(counted, np.int64, len(counted))
        log_counts = np.log(np.fromiter(counted.values(), np.float64, len(counted))) + 1.0
        rarity = self._rarity.take(indexes, axis=0).astype(np.float64)
        weights, squares = (
            self._weights.take(indexes, axis=0) * rarity.take(self._model_of, axis=1),
            rarity**2,
        )
        total, start = np.zeros(weights.shape[1]), 0
        for end in ends:
            if end > start:
                counts = log_counts[start:end]
                lengths = np.sqrt((counts * counts) @ squares[start:end])
                total += counts @ weights[start:end] / np.maximum(lengths, _NO_LENGTH).take(self._model_of)
            start = end
        return total

    def _indexes_of(self, kind: str, text: str) -> Iterable[int]:
        if kind == LETTERS:
            return chain.from_iterable(map(self._letters.__getitem__, split_words(text)))
        places = self._places[kind]
        return [places[gram] for gram in words_and_pairs(text) if gram in places]

    def _letter_indexes(self, word: str) -> tuple[int, ...]:
        places = self._places[LETTERS]
        return tuple([places[gram] for gram in letter_runs(word) if gram in places])
