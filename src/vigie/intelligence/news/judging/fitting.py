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
from vigie.intelligence.news.judging.calibration import calibrated, likeliest_heat
from vigie.intelligence.news.judging.linear import FIGURES, GRAMS, LinearModel
from vigie.intelligence.news.judging.rows import (
    OF_REGULATION,
    REGULATION,
    SENTIMENTS,
    TOPICS,
    Row,
    digest,
    french_rows,
    shipped_rows,
)
from vigie.intelligence.news.judging.together import Block, Floats
from vigie.intelligence.news.judging.vectors import Vectors
from vigie.intelligence.news.reading.languages import language
from vigie.intelligence.news.reading.words import words

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
        Key of `FIGURES`: what is seen beside the grams; empty for nothing.
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
    rows: Sequence[Row],
    recipe: Recipe | None = None,
    weights: Floats | None = None,
    later: Mapping[str, Sequence[Row]] | None = None,
    vectors: Vectors | None = None,
) -> LinearModel:
    """Return a model of sentiment; a row's readings count in equal parts.

    Parameters
    ----------
    weights : float array, shape (n_rows,), optional
        How much each row counts; all the same by default.
    later : mapping of str to sequence of Row, optional
        By language, rows that the model and the lexicon never saw: how sure the model may be is set on them, since
        the lexicon knows the words of the others. Without them, on rows that were left out in turn.
    vectors : Vectors, optional
        Word vectors that are seen beside the rest.
    """
    chosen = recipe or Recipe()
    weight = np.ones(len(rows)) if weights is None else weights
    fitted = _fit_sentiment(rows, chosen, weight, vectors)
    order = np.concatenate([out for _, out in folds(len(rows))])
    left_out = np.concatenate([
        _fit_sentiment([rows[i] for i in kept], chosen, weight[kept], vectors)([rows[i].title for i in out])
        for kept, out in folds(len(rows))
    ])  # fmt: skip
    truth = np.array([SENTIMENTS.index(rows[i].sentiments[0]) for i in order])
    known = {
        name: calibrated(
            fitted([row.title for row in told]),
            np.array([SENTIMENTS.index(row.sentiments[0]) for row in told]),
        )
        for name, told in (later or {}).items()
    }
    about = {
        "rows": digest(rows),
        "count": len(rows),
        "languages": {name: sum(row.language == name for row in rows) for name in ("en", "fr", "")},
        "left_out_accuracy": round(float(np.mean(left_out.argmax(axis=1) == truth)), 4),
        "later": {name: digest(told) for name, told in (later or {}).items()},
        "calibration": {name: asdict(one) for name, one in known.items()},
        "vectors": {"name": vectors.name, "digest": vectors.digest} if vectors is not None else {},
    }
    # Where the language is not known, the more careful of them.
    heat = max((one.heat for one in known.values()), default=0.0) or likeliest_heat(left_out, truth)
    made = fitted.model(SENTIMENTS, heat=heat, threshold=SAID_FROM, about=about)
    return replace(made, heats={name: one.heat for name, one in known.items()})


def fit_french(own: Sequence[Row], others: Sequence[Row], unread: str) -> LinearModel:
    """Return a model of the sentiment of French headlines: of the project's and of other writers' rows.

    Parameters
    ----------
    unread : str
        Writer whose headlines the lexicon's author had not read: how sure the model may be is set on them, by a model
        that was fitted without them.
    """
    rows = [*own, *others]
    logits = left_out_writers(own, others)
    known = {writer: calibrated(*found) for writer, found in logits.items()}
    fitted = _fit_sentiment(rows, IN_FRENCH, np.ones(len(rows)))
    right = [found.argmax(axis=1) == truth for found, truth in logits.values()]
    about = {
        "rows": digest(rows),
        "count": len(rows),
        "writers": {writer: len(truth) for writer, (_, truth) in logits.items()},
        "left_out_accuracy": round(float(np.mean(np.concatenate(right))), 4),
        "calibration": {writer: asdict(one) for writer, one in known.items()},
        "set_on": unread,
    }
    return fitted.model(SENTIMENTS, heat=known[unread].heat, threshold=SAID_FROM, about=about)


def left_out_writers(
    own: Sequence[Row], others: Sequence[Row]
) -> dict[str, tuple[Floats, NDArray[np.int64]]]:
    """Return for each other writer the logits of a model fitted without them, and the first reader's labels."""
    found = {}
    for writer in dict.fromkeys(row.writer for row in others):
        theirs = [row for row in others if row.writer == writer]
        fitted = fitted_sentiment([*own, *(row for row in others if row.writer != writer)], IN_FRENCH)
        truth = np.array([SENTIMENTS.index(row.sentiments[0]) for row in theirs])
        found[writer] = (fitted([row.title for row in theirs]), truth)
    return found


def fit_own(own: Sequence[Row], vectors: Vectors | None = None) -> LinearModel:
    """Return a model of sentiment fitted to a user's labels beside the shipped rows; theirs count more.

    It reads French where some of the labels are French, and is then fitted beside other writers' French rows as well;
    else the model that Vigie comes with reads what is French.
    """
    reads_french = any(_is_french(row) for row in own)
    shipped = [*shipped_rows(), *(french_rows() if reads_french else ())]
    weights = np.array([1.0] * len(shipped) + [OWN_WEIGHT] * len(own))
    model = fit_sentiment([*shipped, *own], weights=weights, vectors=vectors)
    return replace(model, about={**model.about, "reads_french": reads_french})


def _is_french(row: Row) -> bool:
    return (row.language or language(words(row.title)).language) == "fr"


def fit_topics(every: Sequence[Row], recipe: Recipe | None = None) -> LinearModel:
    """Return a model of topics: one logistic regression for each, a row's readings in equal parts."""
    rows = [row for row in every if row.topics]
    chosen = recipe or Recipe(freedom=1.0, figures="rules")
    titles = [row.title for row in rows]
    held = _Seen(titles, chosen)
    matrix = held.matrix(titles)
    parts = [_regression(matrix, _readings(rows, label), chosen.freedom) for label in (*TOPICS, REGULATION)]
    coefficients = np.vstack([part.coef_ for part in parts])
    bias = np.array([part.intercept_[0] for part in parts])
    about = {"rows": digest(rows), "count": len(rows)}
    fitted = _Fitted(held, coefficients, bias)
    return fitted.model((*TOPICS, REGULATION), heat=1.0, threshold=0.5, about=about)


def _readings(rows: Sequence[Row], label: str) -> list[tuple[int, int | bool, float]]:
    wanted = OF_REGULATION if label == REGULATION else frozenset({label})
    return [
        (place, bool(said & wanted), 1.0 / len(row.topics))
        for place, row in enumerate(rows)
        for said in row.topics
    ]


def folds(count: int) -> list[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Return what is kept and what is left out in each of five parts; the same at every call."""
    order = np.random.default_rng(SEED).permutation(count)
    parts = np.array_split(order, FOLDS)
    return [(np.sort(np.setdiff1d(order, part)), part) for part in parts]


class _Seen:
    """What a model sees of texts: one matrix, its columns block by block."""

    def __init__(self, titles: Sequence[str], recipe: Recipe, vectors: Vectors | None = None) -> None:
        text = _sklearn("feature_extraction.text")
        maker: Callable[..., Any] = text.TfidfVectorizer if recipe.is_weighted else text.CountVectorizer
        options = {"sublinear_tf": True} if recipe.is_weighted else {}
        self.recipe = recipe
        self.vectors = vectors
        self.makers: dict[str, Any] = {
            kind: maker(analyzer=_analyzer(kind), min_df=recipe.least, **options).fit(titles)
            for kind in recipe.kinds
        }

    def matrix(self, titles: Sequence[str]) -> Any:
        """Return the rows of these titles as a sparse matrix."""
        import scipy.sparse as sparse

        parts = [maker.transform(titles) for maker in self.makers.values()]
        if self.vectors is not None:
            parts.append(sparse.csr_matrix(self.vectors.of(titles)))
        if self.recipe.figures:
            figures = FIGURES[self.recipe.figures]
            parts.append(sparse.csr_matrix(np.array([figures.of(title) for title in titles])))
        return sparse.hstack(parts).tocsr()


def _analyzer(kind: str) -> Callable[[str], Iterable[str]]:
    # scikit-learn counts by itself.
    return lambda title: Counter(GRAMS[kind](title)).elements()


@dataclass(frozen=True, slots=True)
class _Fitted:
    seen: _Seen
    coefficients: Floats
    bias: Floats

    def __call__(self, titles: Sequence[str]) -> Floats:
        return np.asarray(self.seen.matrix(titles) @ self.coefficients.T + self.bias)

    def model(
        self, labels: tuple[str, ...], *, heat: float, threshold: float, about: Mapping[str, Any]
    ) -> LinearModel:
        if not (self.seen.recipe.is_weighted and self.seen.recipe.figures):
            raise UsageError("only a model of TF-IDF and figures is kept; the others are for comparison")
        blocks, start = [], 0
        for kind, maker in self.seen.makers.items():
            size = len(maker.idf_)
            weights = self.coefficients[:, start : start + size].T
            blocks.append(Block(kind, dict(maker.vocabulary_), maker.idf_, weights))
            start += size
        if self.seen.vectors is not None:
            meaning = _meaning(self.seen.vectors, self.coefficients[:, start:])
            blocks.append(meaning)
            start += self.seen.vectors.values.shape[1]
        return LinearModel(
            labels=labels,
            is_exclusive=labels == SENTIMENTS,
            blocks=tuple(blocks),
            figures=self.seen.recipe.figures,
            scores=self.coefficients[:, start:].T,
            bias=self.bias,
            heat=heat,
            threshold=threshold,
            about=about,
        )


def _meaning(vectors: Vectors, coefficients: Floats) -> Block:
    # What a word says for a label is the same wherever it stands: the vectors themselves need not be kept.
    sizes = vectors.values.shape[1]
    weights = vectors.values @ coefficients[:, :sizes].T
    return Block(MEANING, dict(vectors.places), vectors.rarity, weights)


def fitted_sentiment(rows: Sequence[Row], recipe: Recipe) -> Callable[[Sequence[str]], Floats]:
    """Return a function from titles to logits, for comparing recipes."""
    return _fit_sentiment(rows, recipe, np.ones(len(rows)))


def _fit_sentiment(
    rows: Sequence[Row], recipe: Recipe, weights: Floats, vectors: Vectors | None = None
) -> _Fitted:
    titles = [row.title for row in rows]
    held = _Seen(titles, recipe, vectors)
    readings = [
        (place, SENTIMENTS.index(said), float(weights[place]) / len(row.sentiments))
        for place, row in enumerate(rows)
        for said in row.sentiments
    ]
    part = _regression(held.matrix(titles), readings, recipe.freedom, is_balanced=recipe.is_balanced)
    return _Fitted(held, part.coef_, part.intercept_)


def _regression(
    matrix: Any,
    readings: Sequence[tuple[int, int | bool, float]],
    freedom: float,
    *,
    is_balanced: bool = True,
) -> Any:
    linear = _sklearn("linear_model")
    places, labels, weights = (np.array(column) for column in zip(*readings, strict=True))
    weighing = "balanced" if is_balanced else None
    part = linear.LogisticRegression(C=freedom, class_weight=weighing, max_iter=3000, tol=1e-6)
    return part.fit(matrix[places], labels.astype(int), sample_weight=weights)


def _sklearn(part: str) -> Any:
    import importlib

    try:
        return importlib.import_module(f"sklearn.{part}")
    except ModuleNotFoundError as error:
        raise UsageError('fitting needs scikit-learn: pip install "vigie[ml]"') from error
