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
from vigie.intelligence.news.facts.fitted import Fitted, fitted
from vigie.intelligence.news.facts.names import is_known, is_neutral
from vigie.intelligence.news.facts.outcome import FactDifference
from vigie.intelligence.news.facts.predications import content_keys, sentence_keys
from vigie.intelligence.news.facts.statement import FactSentence, word_features
from vigie.intelligence.news.facts.strangers import is_of_strangers, strangers
from vigie.intelligence.news.reading.languages import SMALL
from vigie.intelligence.news.reading.words import words

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


def sure_of(
    differences: Sequence[FactDifference],
    copy: Sequence[FactSentence],
    release: Sequence[FactSentence],
    told: Iterable[str] = (),
) -> list[FactDifference]:
    """Return the differences that are sure enough to be shown."""
    model = fitted("sure")
    weighed = sure_features(differences, copy, release, told)
    return [one for one, features in zip(differences, weighed, strict=True) if is_sure(features, model)]


def is_sure(features: Mapping[str, float], model: Fitted) -> bool:
    """Tell whether a difference is sure enough to be shown."""
    if any(features.get(f"rule {rule}") for rule in _CERTAIN):
        return True
    is_alone = not features["seconded"] and any(features.get(f"rule {rule}") for rule in _SECONDED)
    return not is_alone and model.probability(features) >= model.least


def sure_features(
    differences: Sequence[FactDifference],
    copy: Sequence[FactSentence],
    release: Sequence[FactSentence],
    told: Iterable[str] = (),
) -> list[Mapping[str, float]]:
    """Return, of each difference, what tells how sure it is.

    Parameters
    ----------
    told : iterable of str
        Names that a copy may use without the release.
    """
    if not differences:
        return []
    alignment, is_stranger = Alignment(release), strangers(release, told)
    every = sentence_keys(release)
    ours, theirs = ({word for one in side for word in one.found.folded} for side in (copy, release))
    covered = [_covered(one, every) for one in copy]
    own = sum(share < _OWN for share in covered) / max(1, len(covered))
    is_translated = _is_french(copy) != _is_french(release)
    found: list[Mapping[str, float]] = []
    for one in differences:
        place, rival = _place(one.copy_says, copy), _place(one.release_says, release)
        is_seconded = any(_is_second(one, each) for each in differences)
        features = {
            f"rule {one.rule}": 1.0, f"kind {one.kind}": 1.0, "likelihood": one.likelihood,
            "seconded": is_seconded, f"{one.kind} seconded": is_seconded,
            "beside": min(len({each.release_says for each in differences}) - 1, 3),
            "translated": is_translated, "own_context": own, "is_placed": place is not None,
            f"{one.kind} kept": _are_known(one.release_says, ours),
            "elsewhere": _are_known(one.copy_says, theirs), "kept": _are_known(one.release_says, ours),
            **_digits(one),
        }  # fmt: skip
        if place is not None:
            features |= {
                "covered": _covered(place.sentence, every), "title": place.sentence.is_title,
                "stranger": is_of_strangers(place.sentence, is_stranger),
            }  # fmt: skip
        if place is not None and rival is not None:
            near = [alignment.near(*each) for each in (place, rival)]
            alike = min(alignment.alike(*near), _MOST)
            whole = _covered(place.sentence, sentence_keys((rival.sentence,)))
            features |= {
                "alike": alike, "sentence_alike": whole,
                f"{one.kind} alike": alike, f"{one.kind} sentence_alike": whole,
            }  # fmt: skip
        found.append({name: float(value) for name, value in features.items()})
    return found


def _is_second(one: FactDifference, other: FactDifference) -> bool:
    """Tell whether another rule finds a difference in the same words."""
    if one.rule == other.rule or one.kind != other.kind:
        return False
    ours, theirs = (set(words(each.copy_says).folded) for each in (one, other))
    return len(ours & theirs) >= max(1, min(len(ours), len(theirs)) / 2)


def _place(said: str, sentences: Sequence[FactSentence]) -> _Place | None:
    """Return where a statement has some words: of several places the first."""
    for piece in _pieces(said):
        for sentence in sentences:
            start = fold_text(sentence.found.text).find(piece)
            if start >= 0:
                return _Place(sentence, start, start + len(piece))
    return None


def _pieces(said: str) -> Iterator[str]:
    yield fold_text(said)
    yield from sorted(re.split(r" … |: ", fold_text(said)), key=len, reverse=True)
    yield from (fold_text(said).rsplit(" ", 1)[0],)


def _covered(sentence: FactSentence, known: frozenset[str]) -> float:
    """Return the share of a sentence's words that are among some."""
    content = [word for word in sentence.found.folded if word_features(word) and not is_neutral(word)]
    return sum(not content_keys(word).isdisjoint(known) for word in content) / max(1, len(content))


def _are_known(said: str, known: set[str]) -> bool:
    return all(is_known(word, known) for word in words(said).folded if word[0].isdigit() or len(word) > 3)


def _is_french(sentences: Sequence[FactSentence]) -> bool:
    every = [word for sentence in sentences for word in sentence.found.folded]
    return sum(word in _FRENCH for word in every) > sum(word in _ENGLISH for word in every)


def _digits(one: FactDifference) -> Mapping[str, float]:
    """Return in what the digits of an amount, unit or currency are another's."""
    if one.kind not in ("amount", "unit", "currency"):
        return {}
    ours, theirs = (re.sub(r"\D", "", said).strip("0") for said in (one.copy_says, one.release_says))
    is_long = min(len(ours), len(theirs)) >= _LONG
    is_one = len(ours) == len(theirs) > 1 and sum(a != b for a, b in zip(ours, theirs, strict=True)) == 1
    is_bare = re.fullmatch(r"\d{0,2}|[a-zé-]+", one.copy_says.split(" ")[0]) is not None
    is_turned = ours != theirs and sorted(ours) == sorted(theirs)
    return {
        f"{one.kind} bare": is_bare and not set(one.copy_says) & set("%$€£¥"),
        f"{one.kind} same": ours == theirs, f"{one.kind} same_long": ours == theirs and is_long,
        f"{one.kind} turned": is_turned, f"{one.kind} turned_long": is_turned and is_long,
        f"{one.kind} one_digit": is_one, f"{one.kind} short": len(ours) < 2,
        f"{one.kind} empty": not ours or not theirs,
    }  # fmt: skip
