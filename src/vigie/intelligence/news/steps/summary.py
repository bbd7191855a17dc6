"""Summary: three sentences of the text itself; a text of fewer than four sentences is its own summary.

Body: ``sentences``, in the order of the text, each with its text, start and end: ``said.text[start:end]`` is the
sentence, letter for letter. Nothing is ever written anew.

A sentence is chosen for saying what the others say too, and early; one that repeats a chosen one loses by it.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from itertools import combinations
from typing import Final

from vigie.domain.item import ItemFinding, NewsItem
from vigie.intelligence.news.reading.languages import SMALL
from vigie.intelligence.news.reading.sentences import Sentence, split_sentences
from vigie.intelligence.news.reading.words import TEXT_READ, tokenize
from vigie.intelligence.news.step import Context, ReadingStep

LENGTH: Final = 3
_MOST: Final = 80
_SHORTEST, _LONGEST = 5, 60
_STEM: Final = 7
# Found on articles: a quarter for standing early, and what is said twice counts against the second.
_LEAD: Final = 0.25
_REPEATS: Final = 0.6
_SAME: Final = 0.85
# Who shares so much of the shorter of two sentences says it again, if that is long enough to say something.
_HELD: Final = 0.8
_TELLING: Final = 5
_SMALL: Final = SMALL["en"] | SMALL["fr"]
_FILLERS: Final = (
    "read more", "sign up", "subscribe", "disclaimer", "follow us", "join our", "this article", "newsletter",
    "lire aussi", "abonnez", "inscrivez", "suivez nous", "cet article", "avertissement", "image via",
    "not financial advice", "unsubscribe", "view in browser", "read online", "desabonn", "quitter cette liste",
    "lire en ligne", "fait le point", "retour sur l affaire", "l information circulait", "ce que l on sait",
    "de notre redaction", "notre quotidien", "readers asked us", "looks at what happened", "what we know so far",
    "here is what we know", "here s what", "what you need to know", "ce qu il faut savoir", "on vous explique",
    "it was a busy day", "from around the web", "read on the web", "read it on the web", "view on the web",
    "leave this list", "manage your preferences", "brought to you by", "sponsored by", "in partnership with",
    "lire sur le web", "voir en ligne", "se desinscrire", "desinscri", "sponsorise par", "en partenariat avec",
    # What marks the invented news of the demonstration.
    "simulated this text", "simule ce texte",
)  # fmt: skip
# What a list of other articles, or an advertisement, begins with.
_HEADINGS: Final = re.compile(
    r"\W*(?:also|see also|sponsored|advertisement|promoted|à lire aussi|voir aussi|sponsorisé|publicité|partenaire)"
    r"\s*(?:[-:–—|]|$)",
    re.IGNORECASE,
)


class SummaryStep:
    """Chooses three sentences."""

    name = "summary"
    version = 4
    needs: tuple[str, ...] = ()

    def read(self, item: NewsItem, context: Context) -> ItemFinding:
        """Return the sentences that say most."""
        found_sentences = split_sentences(item.content.text, TEXT_READ)
        if len(found_sentences) <= LENGTH:
            return self._finding(
                found_sentences, "the whole teaser" if found_sentences else "the source gives no text"
            )
        chosen = choose_sentences(found_sentences[:_MOST])
        return self._finding(
            [found_sentences[at] for at in chosen], f"{len(chosen)} of {len(found_sentences)} sentences"
        )

    def _finding(self, chosen: list[Sentence], why: str) -> ItemFinding:
        return ItemFinding(
            self.name, self.version, {"sentences": [sentence._asdict() for sentence in chosen]}, why
        )


def choose_sentences(candidates: list[Sentence]) -> list[int]:
    """Return the numbers of the sentences of a summary, ascending."""
    terms = [_terms(candidate) for candidate in candidates]
    remaining = [at for at, candidate in enumerate(candidates) if _is_whole(candidate)] or list(
        range(len(candidates))
    )
    likeness = _likeness(terms)
    centre = [sum(row) for row in likeness]
    most = max(centre) or 1.0
    score = [(1.0 - _LEAD) * value / most + _LEAD / (1.0 + at / LENGTH) for at, value in enumerate(centre)]
    chosen: list[int] = []
    while remaining and len(chosen) < LENGTH:
        best = max(
            remaining,
            key=lambda at: (_net_score(score[at], [likeness[at][candidate] for candidate in chosen]), -at),
        )
        chosen.append(best)
        remaining = [
            at
            for at in remaining
            if at != best and likeness[at][best] < _SAME and not _are_repeats(terms[at], terms[best])
        ]
    return sorted(chosen)


def _net_score(score: float, repeats: list[float]) -> float:
    return score - _REPEATS * max(repeats, default=0.0)


def _are_repeats(ours: frozenset[str], theirs: frozenset[str]) -> bool:
    least = min(len(ours), len(theirs))
    return least >= _TELLING and len(ours & theirs) >= _HELD * least


def _terms(sentence: Sentence) -> frozenset[str]:
    return frozenset(
        word[:_STEM] for word in tokenize(sentence.text).folded if len(word) > 1 and word not in _SMALL
    )


def _is_whole(sentence: Sentence) -> bool:
    return _SHORTEST <= len(tokenize(sentence.text).folded) <= _LONGEST and not says_nothing(sentence.text)


def says_nothing(text: str) -> bool:
    """Tell whether a sentence tells of its publisher or its reader alone, «we look at what happened»."""
    line = " ".join(tokenize(text).folded)
    return (
        has_address(text) or _HEADINGS.match(text) is not None or any(filler in line for filler in _FILLERS)
    )


def has_address(text: str) -> bool:
    """Tell whether a sentence holds an address: it leads somewhere, in a letter to what is its reader's alone."""
    return "://" in text


def _likeness(terms: list[frozenset[str]]) -> list[list[float]]:
    # Cosine of TF-IDF over the sentences; every term counts once in a sentence.
    counts = Counter(term for sentence_terms in terms for term in sentence_terms)
    squares = {term: (math.log((1 + len(terms)) / (1 + count)) + 1.0) ** 2 for term, count in counts.items()}
    lengths = [
        math.sqrt(math.fsum(squares[term] for term in sentence_terms)) or 1.0 for sentence_terms in terms
    ]
    table = [[0.0] * len(terms) for _ in terms]
    for row, column in combinations(range(len(terms)), 2):
        shared = terms[row] & terms[column]
        if shared:
            likeness = math.fsum(squares[term] for term in shared) / (lengths[row] * lengths[column])
            table[row][column] = table[column][row] = likeness
    return table


def make() -> ReadingStep:
    """Return the step."""
    return SummaryStep()
