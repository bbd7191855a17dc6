"""How a model is fitted to rows: logistic regression on TF-IDF of words and letters and the lexicon's scores.

Needs scikit-learn (``pip install "vigie[ml]"``); what comes out does not.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from vigie.domain.errors import UsageError
from vigie.domain.item import NEWS_LANGUAGES
from vigie.intelligence.news.judging.calibration import calibrate, fit_temperature
from vigie.intelligence.news.judging.gram_scorer import Block, Floats
from vigie.intelligence.news.judging.linear_model import FEATURE_SETS, GRAMS, LinearModel
from vigie.intelligence.news.judging.rows import (
    OF_REGULATION,
    REGULATION,
    SENTIMENTS,
    TOPICS,
    LabelledHeadline,
    french_rows,
    rows_digest,
    shipped_rows,
)
from vigie.intelligence.news.judging.vectors import WordVectors
from vigie.intelligence.news.reading.languages import guess_language
from vigie.intelligence.news.reading.words import tokenize

FOLDS: Final = 5
# What is less likely than not is not said.
SAID_FROM: Final = 0.5
SEED: Final = 20
# How much a headline that a user labelled counts beside one of ours.
OWN_WEIGHT: Final = 3.0
# The block of grams that are the words of word vectors.
MEANING: Final = "meaning"


@dataclass(frozen=True, slots=True)
class Recipe:
    """What a model sees and how freely it may fit.

    Attributes
    ----------
    kinds : tuple of str
        Keys of `GRAMS`; none is the lexicon alone.
    is_weighted : bool
        Grams by rarity and sublinear (TF-IDF), or their plain counts (CountVectorizer).
    figures : str
        Key of `FEATURE_SETS`: what is seen beside the grams; empty for nothing.
    freedom : float
        Inverse strength of the L2 penalty, scikit-learn's C.
    least : int
        A gram that fewer rows have is not seen.
    is_balanced : bool
        Labels count alike, however often they are given; else as often as they are.
    """

    kinds: tuple[str, ...] = ("words", "letters")
    is_weighted: bool = True
    figures: str = "lexicon"
    freedom: float = 1.0
    least: int = 2
    is_balanced: bool = True


# Of headlines that are known to be French.
IN_FRENCH: Final = Recipe(figures="lexicon in French", freedom=2.0, is_balanced=False)


def fit_sentiment(
    rows: Sequence[LabelledHeadline],
    recipe: Recipe | None = None,
    weights: Floats | None = None,
    later: Mapping[str, Sequence[LabelledHeadline]] | None = None,
    vectors: WordVectors | None = None,
) -> LinearModel:
    """Return a model of sentiment; a row's readings count in equal parts.

    Parameters
    ----------
    weights : float array, shape (n_rows,), optional
        How much each row counts; all the same by default.
    later : mapping of str to sequence of LabelledHeadline, optional
        By language, rows that the model and the lexicon never saw: how sure the model may be is set on them, since
        the lexicon knows the words of the others. Without them, on rows that were left out in turn.
    vectors : WordVectors, optional
        Word vectors that are seen beside the rest.
    """
    recipe_used = recipe or Recipe()
    weight = np.ones(len(rows)) if weights is None else weights
    fitted = _fit_sentiment(rows, recipe_used, weight, vectors)
    order = np.concatenate([test_rows for _, test_rows in folds(len(rows))])
    left_out = np.concatenate([
        _fit_sentiment([rows[i] for i in train_rows], recipe_used, weight[train_rows],
        vectors)([rows[i].title for i in test_rows])
        for train_rows, test_rows in folds(len(rows))
    ])  # fmt: skip
    truth = np.array([SENTIMENTS.index(rows[i].sentiments[0]) for i in order])
    calibrations = {
        name: calibrate(
            fitted([row.title for row in later_rows]),
            np.array([SENTIMENTS.index(row.sentiments[0]) for row in later_rows]),
        )
        for name, later_rows in (later or {}).items()
    }
    metadata = {
        "rows": rows_digest(rows),
        "count": len(rows),
        "languages": {name: sum(row.language == name for row in rows) for name in (*NEWS_LANGUAGES, "")},
        "left_out_accuracy": round(float(np.mean(left_out.argmax(axis=1) == truth)), 4),
        "later": {name: rows_digest(later_rows) for name, later_rows in (later or {}).items()},
        "calibration": {name: asdict(calibration) for name, calibration in calibrations.items()},
        "vectors": {"name": vectors.name, "digest": vectors.digest} if vectors is not None else {},
    }
    # Where the language is not known, the more careful of them.
    temperature = max(
        (calibration.heat for calibration in calibrations.values()), default=0.0
    ) or fit_temperature(left_out, truth)
    model = fitted.model(SENTIMENTS, temperature=temperature, threshold=SAID_FROM, metadata=metadata)
    return replace(model, temperatures={name: calibration.heat for name, calibration in calibrations.items()})


def fit_french(
    own: Sequence[LabelledHeadline], others: Sequence[LabelledHeadline], unread: str
) -> LinearModel:
    """Return a model of the sentiment of French headlines: of the project's and of other writers' rows.

    Parameters
    ----------
    unread : str
        Writer whose headlines the lexicon's author had not read: how sure the model may be is set on them, by a model
        that was fitted without them.
    """
    rows = [*own, *others]
    logits = left_out_writers(own, others)
    calibrations = {writer: calibrate(*logits_and_truth) for writer, logits_and_truth in logits.items()}
    fitted = _fit_sentiment(rows, IN_FRENCH, np.ones(len(rows)))
    is_right = [logits_and_truth.argmax(axis=1) == truth for logits_and_truth, truth in logits.values()]
    metadata = {
        "rows": rows_digest(rows),
        "count": len(rows),
        "writers": {writer: len(truth) for writer, (_, truth) in logits.items()},
        "left_out_accuracy": round(float(np.mean(np.concatenate(is_right))), 4),
        "calibration": {writer: asdict(calibration) for writer, calibration in calibrations.items()},
        "set_on": unread,
    }
    return fitted.model(
        SENTIMENTS, temperature=calibrations[unread].heat, threshold=SAID_FROM, metadata=metadata
    )


def left_out_writers(
    own: Sequence[LabelledHeadline], others: Sequence[LabelledHeadline]
) -> dict[str, tuple[Floats, NDArray[np.int64]]]:
    """Return for each other writer the logits of a model fitted without them, and the first reader's labels."""
    by_writer = {}
    for writer in dict.fromkeys(row.writer for row in others):
        rows_of_writer = [row for row in others if row.writer == writer]
        fitted = fit_logits([*own, *(row for row in others if row.writer != writer)], IN_FRENCH)
        truth = np.array([SENTIMENTS.index(row.sentiments[0]) for row in rows_of_writer])
        by_writer[writer] = (fitted([row.title for row in rows_of_writer]), truth)
    return by_writer


def fit_own(own: Sequence[LabelledHeadline], vectors: WordVectors | None = None) -> LinearModel:
    """Return a model of sentiment fitted to a user's labels beside the shipped rows; theirs count more.

    It reads French where some of the labels are French, and is then fitted beside other writers' French rows as well;
    else the model that Vigie comes with reads what is French.
    """
    reads_french = any(_is_french(row) for row in own)
    shipped = [*shipped_rows(), *(french_rows() if reads_french else ())]
    weights = np.array([1.0] * len(shipped) + [OWN_WEIGHT] * len(own))
    model = fit_sentiment([*shipped, *own], weights=weights, vectors=vectors)
    return replace(model, about={**model.about, "reads_french": reads_french})


def _is_french(row: LabelledHeadline) -> bool:
    return (row.language or guess_language(tokenize(row.title)).language) == "fr"


def fit_topics(every: Sequence[LabelledHeadline], recipe: Recipe | None = None) -> LinearModel:
    """Return a model of topics: one logistic regression for each, a row's readings in equal parts."""
    rows = [row for row in every if row.topics]
    recipe_used = recipe or Recipe(freedom=1.0, figures="rules")
    titles = [row.title for row in rows]
    features = _FeatureMatrix(titles, recipe_used)
    matrix = features.transform(titles)
    parts = [
        _fit_regression(matrix, _topic_readings(rows, label), recipe_used.freedom)
        for label in (*TOPICS, REGULATION)
    ]
    coefficients = np.vstack([part.coef_ for part in parts])
    bias = np.array([part.intercept_[0] for part in parts])
    metadata = {"rows": rows_digest(rows), "count": len(rows)}
    fitted = _FittedRegression(features, coefficients, bias)
    return fitted.model((*TOPICS, REGULATION), temperature=1.0, threshold=0.5, metadata=metadata)


def _topic_readings(rows: Sequence[LabelledHeadline], label: str) -> list[tuple[int, int | bool, float]]:
    wanted = OF_REGULATION if label == REGULATION else frozenset({label})
    return [
        (index, bool(topics & wanted), 1.0 / len(row.topics))
        for index, row in enumerate(rows)
        for topics in row.topics
    ]


def folds(count: int) -> list[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Return what is kept and what is left out in each of five parts; the same at every call."""
    order = np.random.default_rng(SEED).permutation(count)
    parts = np.array_split(order, FOLDS)
    return [(np.sort(np.setdiff1d(order, part)), part) for part in parts]


class _FeatureMatrix:
    """What a model sees of texts: one matrix, its columns block by block."""

    def __init__(self, titles: Sequence[str], recipe: Recipe, vectors: WordVectors | None = None) -> None:
        text = _sklearn("feature_extraction.text")
        maker: Callable[..., Any] = text.TfidfVectorizer if recipe.is_weighted else text.CountVectorizer
        options = {"sublinear_tf": True} if recipe.is_weighted else {}
        self.recipe = recipe
        self.vectors = vectors
        self.makers: dict[str, Any] = {
            kind: maker(analyzer=_gram_analyzer(kind), min_df=recipe.least, **options).fit(titles)
            for kind in recipe.kinds
        }

    def transform(self, titles: Sequence[str]) -> Any:
        """Return the rows of these titles as a sparse matrix."""
        import scipy.sparse as sparse

        parts = [maker.transform(titles) for maker in self.makers.values()]
        if self.vectors is not None:
            parts.append(sparse.csr_matrix(self.vectors.title_vectors(titles)))
        if self.recipe.figures:
            figures = FEATURE_SETS[self.recipe.figures]
            parts.append(sparse.csr_matrix(np.array([figures.compute(title) for title in titles])))
        return sparse.hstack(parts).tocsr()


def _gram_analyzer(kind: str) -> Callable[[str], Iterable[str]]:
    # scikit-learn counts by itself.
    return lambda title: Counter(GRAMS[kind](title)).elements()


@dataclass(frozen=True, slots=True)
class _FittedRegression:
    features: _FeatureMatrix
    coefficients: Floats
    bias: Floats

    def __call__(self, titles: Sequence[str]) -> Floats:
        return np.asarray(self.features.transform(titles) @ self.coefficients.T + self.bias)

    def model(
        self, labels: tuple[str, ...], *, temperature: float, threshold: float, metadata: Mapping[str, Any]
    ) -> LinearModel:
        if not (self.features.recipe.is_weighted and self.features.recipe.figures):
            raise UsageError("only a model of TF-IDF and figures is kept; the others are for comparison")
        blocks, start = [], 0
        for kind, maker in self.features.makers.items():
            size = len(maker.idf_)
            weights = self.coefficients[:, start : start + size].T
            blocks.append(Block(kind, _in_order_of_rows(maker.vocabulary_), maker.idf_, weights))
            start += size
        if self.features.vectors is not None:
            meaning = _vector_block(self.features.vectors, self.coefficients[:, start:])
            blocks.append(meaning)
            start += self.features.vectors.values.shape[1]
        return LinearModel(
            labels=labels,
            is_exclusive=labels == SENTIMENTS,
            blocks=tuple(blocks),
            figures=self.features.recipe.figures,
            scores=self.coefficients[:, start:].T,
            bias=self.bias,
            temperature=temperature,
            threshold=threshold,
            about=metadata,
        )


def _in_order_of_rows(places: Mapping[str, int]) -> tuple[str, ...]:
    return tuple(sorted(places, key=places.__getitem__))


def _vector_block(vectors: WordVectors, coefficients: Floats) -> Block:
    # What a word says for a label is the same wherever it stands: the vectors themselves need not be kept.
    sizes = vectors.values.shape[1]
    weights = vectors.values @ coefficients[:, :sizes].T
    return Block(MEANING, _in_order_of_rows(vectors.places), vectors.rarity, weights)


def fit_logits(rows: Sequence[LabelledHeadline], recipe: Recipe) -> Callable[[Sequence[str]], Floats]:
    """Return a function from titles to logits, for comparing recipes."""
    return _fit_sentiment(rows, recipe, np.ones(len(rows)))


def _fit_sentiment(
    rows: Sequence[LabelledHeadline], recipe: Recipe, weights: Floats, vectors: WordVectors | None = None
) -> _FittedRegression:
    titles = [row.title for row in rows]
    features = _FeatureMatrix(titles, recipe, vectors)
    readings = [
        (index, SENTIMENTS.index(sentiment), float(weights[index]) / len(row.sentiments))
        for index, row in enumerate(rows)
        for sentiment in row.sentiments
    ]
    part = _fit_regression(
        features.transform(titles), readings, recipe.freedom, is_balanced=recipe.is_balanced
    )
    return _FittedRegression(features, part.coef_, part.intercept_)


def _fit_regression(
    matrix: Any,
    readings: Sequence[tuple[int, int | bool, float]],
    freedom: float,
    *,
    is_balanced: bool = True,
) -> Any:
    linear = _sklearn("linear_model")
    indexes, labels, weights = (np.array(column) for column in zip(*readings, strict=True))
    weighing = "balanced" if is_balanced else None
    regression = linear.LogisticRegression(C=freedom, class_weight=weighing, max_iter=3000, tol=1e-6)
    return regression.fit(matrix[indexes], labels.astype(int), sample_weight=weights)


def _sklearn(part: str) -> Any:
    import importlib

    try:
        return importlib.import_module(f"sklearn.{part}")
    except ModuleNotFoundError as error:
        raise UsageError('fitting needs scikit-learn: pip install "vigie[ml]"') from error
