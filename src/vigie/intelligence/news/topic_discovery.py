"""Topics that nobody named beforehand: headlines that share words, found by taking their word weights apart.

TF-IDF of words and pairs of neighbours, then NMF (scikit-learn, an extra). The same headlines always give the same
topics: their order, the start and the number of rounds are fixed.
"""

from __future__ import annotations

import importlib
import math
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from vigie.domain.errors import UsageError
from vigie.intelligence.news.steps.keywords import headline_terms

# Of fewer headlines no topic can be told from chance.
LEAST: Final = 12
# Two-sided 95 per cent.
NEW: Final = 1.96
WORDS: Final = 5
EXAMPLES: Final = 3
_MOST_TERMS: Final = 2_000
_ROUNDS: Final = 200
_HEADLINES_EACH: Final = 6
# How much of a headline, as long as one, a topic must account for.
_OF_A_HEADLINE: Final = 0.25
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Headline:
    """One title, with what leads to its item."""

    item: str
    title: str
    ts: int
    language: str = ""


@dataclass(frozen=True, slots=True)
class DiscoveredTopic:
    """One topic.

    Attributes
    ----------
    words : tuple of str
        Those that weigh most, as they are written.
    count, before : int
        Headlines of the period, and of the one before it.
    stands_out : float or None
        How far its share grew, in standard deviations; None where nothing was before.
    newest : tuple of Headline
        Examples.
    """

    words: tuple[str, ...]
    count: int
    before: int
    stands_out: float | None
    newest: tuple[Headline, ...]

    @property
    def is_new(self) -> bool:
        """Whether it grew beyond chance."""
        return self.stands_out is not None and self.stands_out >= NEW


def discover_topics(
    headlines: Sequence[Headline], earlier: Sequence[Headline], *, most: int = 8
) -> Sequence[DiscoveredTopic]:
    """Return at most so many topics of a period, those that grew most against the one before it first.

    Raises
    ------
    UsageError
        If scikit-learn is not installed.
    """
    if len(headlines) < LEAST:
        return []
    ordered = sorted(headlines, key=lambda headline: (headline.ts, headline.item))
    terms = [headline_terms(headline.title) for headline in ordered]
    spellings: dict[str, str] = {}
    for spellings_by_term in terms:
        for word, spelling in spellings_by_term.items():
            spellings.setdefault(word, spelling)
    weights, names, topic_of = _factorise([list(spellings_by_term) for spellings_by_term in terms], most)
    if weights is None:
        return []
    before = np.bincount(
        _assign_topics(weights, [list(headline_terms(headline.title)) for headline in earlier]) + 1,
        minlength=1,
    )
    topics = []
    for topic in range(len(weights.parts)):
        members = [headline for headline, at in zip(ordered, topic_of, strict=True) if at == topic]
        if len(members) < 2:
            continue
        n_before = int(before[topic + 1]) if topic + 1 < len(before) else 0
        topics.append(
            DiscoveredTopic(
                _topic_words(weights.parts[topic], names, spellings),
                len(members),
                n_before,
                _growth_deviations(len(members), len(ordered), n_before, len(earlier)),
                tuple(reversed(members[-EXAMPLES:])),
            )
        )
    return sorted(
        topics, key=lambda headline: (-(headline.stands_out or 0.0), -headline.count, headline.words)
    )


@dataclass(frozen=True, slots=True)
class _Weights:
    vectors: Any
    factors: Any
    parts: Floats


def _factorise(terms: Sequence[Sequence[str]], most: int) -> tuple[_Weights | None, Sequence[str], Any]:
    text, decomposition = _sklearn("feature_extraction.text"), _sklearn("decomposition")
    vectors = text.TfidfVectorizer(
        analyzer=_identity, min_df=2, max_df=0.5, max_features=_MOST_TERMS, sublinear_tf=True
    )
    try:
        matrix = vectors.fit_transform(terms)
    except ValueError:
        # No word stands in two headlines, or every one that does stands in most of them.
        return None, (), None
    count = min(most, max(len(terms) // _HEADLINES_EACH, 2), *matrix.shape)
    factors = decomposition.NMF(n_components=count, init="nndsvd", random_state=0, max_iter=_ROUNDS)
    with warnings.catch_warnings():
        # Rounds are few on purpose: a page waits for them, and later ones change no name.
        warnings.simplefilter("ignore")
        shares = factors.fit_transform(matrix)
    weights = _Weights(vectors, factors, np.asarray(factors.components_))
    return weights, vectors.get_feature_names_out().tolist(), _best_topics(shares, weights.parts)


def _assign_topics(weights: _Weights, terms: Sequence[Sequence[str]]) -> NDArray[np.int64]:
    if not terms:
        return np.zeros(0, np.int64)
    return _best_topics(weights.factors.transform(weights.vectors.transform(terms)), weights.parts)


def _best_topics(factors: Floats, parts: Floats) -> NDArray[np.int64]:
    # Which topic a headline belongs to, -1 for none; headlines have length one.
    share = factors * np.linalg.norm(parts, axis=1)
    best = share.argmax(axis=1)
    return np.where(share[np.arange(len(share)), best] >= _OF_A_HEADLINE, best, -1).astype(np.int64)


def _topic_words(weights: Floats, names: Sequence[str], spellings: dict[str, str]) -> tuple[str, ...]:
    # A pair stands for its words, a word for the pairs that it is in: whichever weighs more, of equals the pair.
    chosen: list[str] = []
    ranked = sorted(
        range(len(names)),
        key=lambda index: (-round(float(weights[index]), 6), " " not in names[index], names[index]),
    )
    for index in ranked:
        if weights[index] <= 0.0 or len(chosen) == WORDS:
            break
        if set(names[index].split()).isdisjoint(part for word in chosen for part in word.split()):
            chosen.append(names[index])
    return tuple(spellings[word] for word in chosen)


def _growth_deviations(count: int, total: int, before: int, total_before: int) -> float | None:
    # Difference of two shares over its standard deviation if they were one.
    if not total_before:
        return None
    pooled = (count + before) / (total + total_before)
    spread = math.sqrt(pooled * (1.0 - pooled) * (1.0 / total + 1.0 / total_before))
    return (count / total - before / total_before) / spread if spread else 0.0


def _identity(terms: Sequence[str]) -> Sequence[str]:
    return terms


def _sklearn(part: str) -> Any:
    try:
        return importlib.import_module(f"sklearn.{part}")
    except ModuleNotFoundError as error:
        raise UsageError(
            "discovering_topics_requires_scikit_learn",
            'discovering topics requires scikit-learn: pip install "vigie[ml]"',
        ) from error
