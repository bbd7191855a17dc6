"""A fitted linear model: arrays in a file without code in it, scored with numpy only."""

from __future__ import annotations

import io
import json
import math
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from vigie.domain.errors import DataError
from vigie.intelligence.news.judging.gram_scorer import LETTERS, Block, Floats, GramScorer
from vigie.intelligence.news.judging.lexicon import (
    FRENCH_SCORES,
    SCORES,
    french_lexicon_scores,
    lexicon_scores,
)
from vigie.intelligence.news.judging.ngrams import letter_grams, word_grams
from vigie.intelligence.news.judging.topic_rules import RULE_FEATURES, rule_features

FORMAT: Final = 1
# The second one reads the sentiment of what is known to be French.
SHIPPED: Final = ("sentiment", "sentiment_fr", "topics")
GRAMS: Final[Mapping[str, Callable[[str], Mapping[str, int]]]] = {
    "words": word_grams,
    LETTERS: letter_grams,
}


@dataclass(frozen=True, slots=True)
class FeatureSet:
    """Named figures of a text that are seen beside its grams: what a list of words or a set of rules knows of it."""

    names: tuple[str, ...]
    compute: Callable[[str], tuple[float, ...]]


FEATURE_SETS: Final[Mapping[str, FeatureSet]] = {
    "lexicon": FeatureSet(SCORES, lexicon_scores),
    "lexicon in French": FeatureSet(FRENCH_SCORES, french_lexicon_scores),
    "rules": FeatureSet(RULE_FEATURES, rule_features),
}


def _no_logits(text: str) -> Floats:
    return np.zeros(0)


@dataclass(frozen=True, slots=True)
class LinearModel:
    """Labels with their probabilities for a text.

    Attributes
    ----------
    is_exclusive : bool
        One label holds (softmax), or any number of them (each its own logistic).
    figures : str
        Key of `FEATURE_SETS`.
    scores : float array, shape (n_figures, n_labels)
        Their weights.
    temperature : float
        What logits are divided by, so that probabilities hold on rows that were left out.
    temperatures : mapping of str to float
        The same for texts that are known to be in one language.
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
    temperature: float
    threshold: float
    about: Mapping[str, Any]
    temperatures: Mapping[str, float] = field(default_factory=dict)
    # What the grams of a text say: of this model alone, or one part of what several read together.
    gram_logits: Callable[[str], Floats] = field(default=_no_logits, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Prepare a scorer of its own at the first text; a model that shares one never makes it."""
        if self.gram_logits is _no_logits:
            load_reader = cache(lambda: GramScorer([self.blocks]).reader(0))
            object.__setattr__(self, "gram_logits", lambda text: load_reader()(text))

    def logits(self, text: str) -> Floats:
        """Return the weighted sum for each label."""
        figures: Floats = np.array(FEATURE_SETS[self.figures].compute(text)) @ self.scores
        return self.bias + figures + self.gram_logits(text)

    def temperature_of(self, language: str) -> float:
        """Return what logits of a text in a language are divided by."""
        return self.temperatures.get(language, self.temperature)

    def probabilities(self, text: str, language: str = "") -> dict[str, float]:
        """Return how likely each label is; the language is that of the text, where it is known."""
        scaled = self.logits(text) / self.temperature_of(language)
        if self.is_exclusive:
            scaled_list = scaled.tolist()
            exponentials = [math.exp(value - max(scaled_list)) for value in scaled_list]
            shares = [value / sum(exponentials) for value in exponentials]
        else:
            shares = (1.0 / (1.0 + np.exp(-scaled))).tolist()
        return dict(zip(self.labels, shares, strict=True))


def save_model(model: LinearModel) -> bytes:
    """Return a model as the bytes of an ``.npz`` file; the same model is the same bytes."""
    head = {
        "format": FORMAT,
        "labels": model.labels,
        "is_exclusive": model.is_exclusive,
        "heat": model.temperature,
        "heats": dict(model.temperatures),
        "threshold": model.threshold,
        "kinds": [block.kind for block in model.blocks],
        "figures": model.figures,
        "names": FEATURE_SETS[model.figures].names,
        "about": model.about,
    }
    arrays: dict[str, Any] = {
        "head": _as_bytes(json.dumps(head, sort_keys=True)),
        "bias": model.bias,
        "scores": model.scores,
    }
    for block in model.blocks:
        arrays[f"{block.kind}_grams"] = _as_bytes("\n".join(block.grams))
        arrays[f"{block.kind}_rarity"] = block.rarity.astype(np.float32)
        arrays[f"{block.kind}_weights"] = block.weights.astype(np.float16)
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)
    return buffer.getvalue()


def load_model(data: bytes) -> LinearModel:
    """Return the model in the bytes of a file; nothing in it is ever run.

    Raises
    ------
    DataError
        If they are no model of this format.
    """
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
            head = json.loads(_as_text(arrays["head"]))
            if head["format"] != FORMAT or tuple(head["names"]) != FEATURE_SETS[head["figures"]].names:
                raise DataError(
                    "bad_model_format",
                    "the model's format must be {format}, was {format_2}: train it again",
                    format=FORMAT,
                    format_2=head["format"],
                )
            return LinearModel(
                labels=tuple(head["labels"]),
                is_exclusive=bool(head["is_exclusive"]),
                blocks=tuple(_block(kind, arrays) for kind in head["kinds"]),
                figures=head["figures"],
                scores=arrays["scores"].astype(np.float64),
                bias=arrays["bias"].astype(np.float64),
                temperature=float(head["heat"]),
                threshold=float(head["threshold"]),
                about=head["about"],
                # Models of users that were fitted before have one number for all languages.
                temperatures=head.get("heats", {}),
            )
    except (ValueError, KeyError, OSError, EOFError, zipfile.BadZipFile) as error:
        raise DataError("not_model_file", "this is not a model file: {error}", error=error) from error


def _block(kind: str, arrays: Mapping[str, NDArray[Any]]) -> Block:
    return Block(
        kind,
        tuple(_as_text(arrays[f"{kind}_grams"]).split("\n")),
        arrays[f"{kind}_rarity"],
        arrays[f"{kind}_weights"],
    )


def _as_bytes(text: str) -> NDArray[np.uint8]:
    return np.frombuffer(text.encode(), dtype=np.uint8)


def _as_text(data: NDArray[np.uint8]) -> str:
    return bytes(data).decode()


def shipped_model(name: str) -> LinearModel:
    """Return a model that Vigie comes with: one of `SHIPPED`; they read every text together."""
    return _load_shipped()[1][name]


def load_gram_scorer() -> GramScorer:
    """Return what the models that Vigie comes with read with."""
    return _load_shipped()[0]


@lru_cache(maxsize=1)
def _load_shipped() -> tuple[GramScorer, Mapping[str, LinearModel]]:
    folder = files("vigie.intelligence.news.judging").joinpath("data")
    alone = {name: load_model(folder.joinpath(f"{name}.npz").read_bytes()) for name in SHIPPED}
    scorer = GramScorer([model.blocks for model in alone.values()])
    return scorer, {
        name: replace(model, gram_logits=scorer.reader(number))
        for number, (name, model) in enumerate(alone.items())
    }


def likeliest_label(probabilities: Mapping[str, float]) -> tuple[str, float]:
    """Return the likeliest label with its probability."""
    return max(probabilities.items(), key=lambda entry: entry[1])


def logits_of(model: LinearModel, texts: Sequence[str]) -> Floats:
    """Return the logits of many texts, shape (n_texts, n_labels)."""
    return np.array([model.logits(text) for text in texts])
