"""How sure it is that a difference which a rule finds is one: copies are accused of what is sure alone.

Rules are right of the texts they are made on; how often each is right elsewhere, and beside what, is weighed by figures
that ``benchmarks.news.fit_sureness`` fits to what rules find in true and altered copies.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from vigie.domain.accents import fold_text
from vigie.intelligence.news.facts.alignment import Alignment
from vigie.intelligence.news.facts.fitted_weights import FittedWeights, load_weights
from vigie.intelligence.news.facts.names import is_known, is_neutral
from vigie.intelligence.news.facts.outcome import FactDifference
from vigie.intelligence.news.facts.predications import content_keys, sentence_keys
from vigie.intelligence.news.facts.statement import FactSentence, word_features
from vigie.intelligence.news.facts.unknown_names import has_unknown_names, unknown_name_test
from vigie.intelligence.news.reading.languages import SMALL
from vigie.intelligence.news.reading.words import tokenize

_FRENCH: Final = SMALL["fr"] - SMALL["en"]
_ENGLISH: Final = SMALL["en"] - SMALL["fr"]
# Of the words of a sentence so many are the release's, else it is the copy's own context.
_OWN: Final = 0.5
_MOST: Final = 2.0
# A sentence word for word the release's but for a figure leaves nothing to weigh.
_CERTAIN: Final = frozenset({"framed"})
# In texts they were not made on these accused as much as they found: they count where another rule finds the same.
_SECONDED: Final = frozenset({"direction", "turned", "told"})
_LONG: Final = 3


class _Place(NamedTuple):
    sentence: FactSentence
    start: int
    end: int


def confident_differences(
    differences: Sequence[FactDifference],
    copy: Sequence[FactSentence],
    release: Sequence[FactSentence],
    allowed_names: Iterable[str] = (),
) -> list[FactDifference]:
    """Return the differences that are sure enough to be shown."""
    model = load_weights("sure")
    features_of_each = confidence_features(differences, copy, release, allowed_names)
    return [
        difference
        for difference, features in zip(differences, features_of_each, strict=True)
        if is_confident(features, model)
    ]


def is_confident(features: Mapping[str, float], model: FittedWeights) -> bool:
    """Tell whether a difference is sure enough to be shown."""
    if any(features.get(f"rule {rule}") for rule in _CERTAIN):
        return True
    is_alone = not features["seconded"] and any(features.get(f"rule {rule}") for rule in _SECONDED)
    return not is_alone and model.probability(features) >= model.least


def confidence_features(
    differences: Sequence[FactDifference],
    copy: Sequence[FactSentence],
    release: Sequence[FactSentence],
    allowed_names: Iterable[str] = (),
) -> list[Mapping[str, float]]:
    """Return, of each difference, what tells how sure it is.

    Parameters
    ----------
    allowed_names : iterable of str
        Names that a copy may use without the release.
    """
    if not differences:
        return []
    alignment, is_stranger = Alignment(release), unknown_name_test(release, allowed_names)
    release_keys = sentence_keys(release)
    copy_words, release_words = (
        {word for item in side for word in item.tokens.folded} for side in (copy, release)
    )
    covered = [_share_known(item, release_keys) for item in copy]
    own_share = sum(share < _OWN for share in covered) / max(1, len(covered))
    is_translated = _is_french(copy) != _is_french(release)
    features_of_each: list[Mapping[str, float]] = []
    for item in differences:
        place, rival = _find_place(item.copy_says, copy), _find_place(item.release_says, release)
        is_seconded = any(_is_seconded_by(item, other) for other in differences)
        features = {
            f"rule {item.rule}": 1.0, f"kind {item.kind}": 1.0, "likelihood": item.likelihood,
            "seconded": is_seconded, f"{item.kind} seconded": is_seconded,
            "beside": min(len({other.release_says for other in differences}) - 1, 3),
            "translated": is_translated, "own_context": own_share, "is_placed": place is not None,
            f"{item.kind} kept": _are_known(item.release_says, copy_words),
            "elsewhere": _are_known(item.copy_says, release_words), "kept": _are_known(item.release_says, copy_words),
            **_digit_features(item),
        }  # fmt: skip
        if place is not None:
            features |= {
                "covered": _share_known(place.sentence, release_keys), "title": place.sentence.is_title,
                "stranger": has_unknown_names(place.sentence, is_stranger),
            }  # fmt: skip
        if place is not None and rival is not None:
            near_words = [alignment.near_words(*other) for other in (place, rival)]
            similarity = min(alignment.similarity(*near_words), _MOST)
            sentence_similarity = _share_known(place.sentence, sentence_keys((rival.sentence,)))
            features |= {
                "alike": similarity, "sentence_alike": sentence_similarity,
                f"{item.kind} alike": similarity, f"{item.kind} sentence_alike": sentence_similarity,
            }  # fmt: skip
        features_of_each.append({name: float(value) for name, value in features.items()})
    return features_of_each


def _is_seconded_by(difference: FactDifference, other: FactDifference) -> bool:
    """Tell whether another rule finds a difference in the same words."""
    if difference.rule == other.rule or difference.kind != other.kind:
        return False
    own_words, other_words = (set(tokenize(either.copy_says).folded) for either in (difference, other))
    return len(own_words & other_words) >= max(1, min(len(own_words), len(other_words)) / 2)


def _find_place(stated_text: str, sentences: Sequence[FactSentence]) -> _Place | None:
    """Return where a statement has some words: of several places the first."""
    for piece in _search_texts(stated_text):
        for sentence in sentences:
            start = fold_text(sentence.tokens.text).find(piece)
            if start >= 0:
                return _Place(sentence, start, start + len(piece))
    return None


def _search_texts(stated_text: str) -> Iterator[str]:
    yield fold_text(stated_text)
    yield from sorted(re.split(r" … |: ", fold_text(stated_text)), key=len, reverse=True)
    yield from (fold_text(stated_text).rsplit(" ", 1)[0],)


def _share_known(sentence: FactSentence, known: frozenset[str]) -> float:
    """Return the share of a sentence's words that are among some."""
    content = [word for word in sentence.tokens.folded if word_features(word) and not is_neutral(word)]
    return sum(not content_keys(word).isdisjoint(known) for word in content) / max(1, len(content))


def _are_known(stated_text: str, known: set[str]) -> bool:
    return all(
        is_known(word, known) for word in tokenize(stated_text).folded if word[0].isdigit() or len(word) > 3
    )


def _is_french(sentences: Sequence[FactSentence]) -> bool:
    all_words = [word for sentence in sentences for word in sentence.tokens.folded]
    return sum(word in _FRENCH for word in all_words) > sum(word in _ENGLISH for word in all_words)


def _digit_features(difference: FactDifference) -> Mapping[str, float]:
    """Return in what the digits of an amount, unit or currency are another's."""
    if difference.kind not in ("amount", "unit", "currency"):
        return {}
    copy_digits, release_digits = (
        re.sub(r"\D", "", side_text).strip("0")
        for side_text in (difference.copy_says, difference.release_says)
    )
    is_long = min(len(copy_digits), len(release_digits)) >= _LONG
    is_one = (
        len(copy_digits) == len(release_digits) > 1
        and sum(a != b for a, b in zip(copy_digits, release_digits, strict=True)) == 1
    )
    is_bare = re.fullmatch(r"\d{0,2}|[a-zé-]+", difference.copy_says.split(" ")[0]) is not None
    is_turned = copy_digits != release_digits and sorted(copy_digits) == sorted(release_digits)
    return {
        f"{difference.kind} bare": is_bare and not set(difference.copy_says) & set("%$€£¥"),
        f"{difference.kind} same": copy_digits == release_digits,
        f"{difference.kind} same_long": copy_digits == release_digits and is_long,
        f"{difference.kind} turned": is_turned, f"{difference.kind} turned_long": is_turned and is_long,
        f"{difference.kind} one_digit": is_one, f"{difference.kind} short": len(copy_digits) < 2,
        f"{difference.kind} empty": not copy_digits or not release_digits,
    }  # fmt: skip
