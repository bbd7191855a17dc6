"""Which language a text is in: English, French, another one that is known by its small words or its letters, or none.

Small words decide where there are any; groups of three letters decide between English and French where a headline has
none. English and French are told only of texts half of whose words are of that language's vocabulary: Dutch has letters
and small words like English ones. Weights and vocabulary are counted in this project's own two-language texts:
`benchmarks.news.letters`.
"""

from __future__ import annotations

import csv
import math
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Final

from vigie.domain.item import NEWS_LANGUAGES
from vigie.intelligence.news.reading.words import Tokens
from vigie.intelligence.news.word_cache import WordCache

SMALL: Final[Mapping[str, frozenset[str]]] = {
    "en": frozenset(
        """the of and to in for on with at by from as is are was were be has have had will would can
        could may its his her their this that these those it he she they we you your our an or but
        not no if than then into over after before under about amid between who what how why when
        where which while more most out up new says said against near off down should despite via
        here there all just get gets only now even still""".split()
    ),
    "fr": frozenset(
        """le la les un une des du de et a au aux en dans sur pour par avec sans sous vers chez est
        sont etait ete etre ont avait sera qui que quoi dont ou ce cet cette ces son sa ses leur
        leurs il elle ils elles nous vous notre votre ne pas plus moins apres avant entre contre
        selon depuis face mais donc car ni se l d n qu c j comment pourquoi quand comme encore deja
        tout tous toute toutes meme fait faire peut""".split()
    ),
    "de": frozenset(
        """der die das und ist sind ein eine einer einem einen nicht mit von fur auf im zu den dem des
        wird werden nach bei aus uber als auch sich hat haben wie um zum zur gegen""".split()
    ),
    "es": frozenset(
        """el los las una unos y por con para su sus del como mas pero lo al este esta esto hay ser fue
        sobre tras entre desde hasta muy sin que en la de un se""".split()
    ),
    "it": frozenset(
        """il lo gli una di che per con non sono della delle dei degli nel nella alla dalla piu anche
        come dopo tra questo questa ha e la le un si da al""".split()
    ),
    "pt": frozenset(
        """o os as uma e do da dos das em no na nos nas com nao para por mais como sao foi ser ao pelo
        pela que um se apos sobre entre""".split()
    ),
    "nl": frozenset(
        """het een van en op voor met niet zijn aan bij naar uit ook dat die wordt worden door over als
        heeft nog meer te in is de""".split()
    ),
}
# Words that headlines of one language are made of; they tell the language, and they mean something.
_HEADLINES: Final[Mapping[str, frozenset[str]]] = {
    "en": frozenset(
        """launches raises price prices new market markets report reports exchange trading former firm
        firms bank banks week year years day days money funds funding holders users plans sues law
        rules fees rises falls drops hits jumps tests halts leaves joins backs opens closes buys
        sells wins loses seeks makes takes gains support record high low first next big ahead amid
        raise launch holding supply demand head chief lawsuit hack hacker hackers stolen wallet
        wallets""".split()
    ),
    "fr": frozenset(
        """lance marche marches cours prix annee annees semaine mois jour jours milliard milliards
        bourse hausse baisse loi banque banques plateforme plateformes entreprise entreprises
        monnaie monnaies piratage fonds frais nouveau nouvelle nouveaux premier premiere grand
        grande fin mise jeton jetons regulateur autorite sanctions enquete justice perd gagne chute
        bondit recule grimpe quitte vend vendent achete attaque accuse avertit previent interdit
        autorise""".split()
    ),
}
_SCRIPTS: Final = (
    ("HIRAGANA", "ja"), ("KATAKANA", "ja"), ("HANGUL", "ko"), ("CJK", "zh"), ("CYRILLIC", "ru"), ("ARABIC", "ar"),
    ("HEBREW", "he"), ("GREEK", "el"), ("THAI", "th"), ("DEVANAGARI", "hi"),
)  # fmt: skip
_ACCENTS: Final[Mapping[str, str]] = {
    "é": "fr", "è": "fr", "ê": "fr", "ç": "fr", "à": "fr", "ù": "fr", "œ": "fr", "î": "fr", "ô": "fr", "û": "fr",
    "ñ": "es", "¿": "es", "¡": "es", "ß": "de", "ü": "de", "ö": "de", "ä": "de", "ã": "pt", "õ": "pt",
    "ì": "it", "ò": "it",
}  # fmt: skip
# A small word weighs as much as this many groups of letters; an accent half of one.
_SMALL_WEIGHS: Final = 2.0
_ACCENT_WEIGHS: Final = 1.5
# Words of Latin origin, which both have, are many in English news: each word leans a little to English.
_LEANS: Final = 0.2
_MOST_TILT: Final = 8.0
_READ: Final = 40
_LETTERS_READ: Final = 1000
_LEAST: Final = 0.6
# Of the words of a text, how many must be known in its language; names are known in none.
_KNOWN_SHARE: Final = 0.5


@dataclass(frozen=True, slots=True)
class LanguageGuess:
    """A language and how sure that is, from 0 to 1; empty where nothing tells."""

    language: str
    surety: float


@cache
def letter_group_weights() -> Mapping[str, float]:
    """Return the weight of groups of three letters: above 0 for French, below for English."""
    text = (resources.files(__package__) / "letters.csv").read_text(encoding="utf-8")
    return {
        row["letters"].replace("_", " "): float(row["weight"]) for row in csv.DictReader(text.splitlines())
    }


@cache
def vocabulary() -> Mapping[str, frozenset[str]]:
    """Return the words that English and French texts are written in, by language."""
    text = (resources.files(__package__) / "vocabulary.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    return {
        name: frozenset(row["word"] for row in rows if name in row["languages"].split()) | SMALL[name]
        for name in NEWS_LANGUAGES
    }


def guess_language(title: Tokens, text: Tokens | None = None) -> LanguageGuess:
    """Return the language of a text, or of a title and its text."""
    parts = (title,) if text is None else (title, text)
    is_ascii = all(part.text.isascii() for part in parts)
    if not is_ascii and (other := _guess_by_script(_first_words([part.raw for part in parts]))) is not None:
        return other
    folded = _first_words([part.folded for part in parts])
    if not folded:
        return LanguageGuess("", 0.0)
    scores = dict.fromkeys(SMALL, 0.0)
    tilt = sum(map(_FRENCH_LEANING.__getitem__, folded), 0.0)
    # Most words are small in no language.
    for names in filter(None, map(_LANGUAGES_OF_WORD.__getitem__, folded)):
        for name in names:
            scores[name] += _SMALL_WEIGHS
    if not is_ascii:
        text_read = " ".join(part.text for part in parts)[:_LETTERS_READ].lower()
        for sign, name in _ACCENTS.items():
            scores[name] += _ACCENT_WEIGHS * text_read.count(sign)
    # Many letters say no more than a few small words.
    tilt = max(-_MOST_TILT, min(_MOST_TILT, tilt))
    scores["fr"] += max(tilt, 0.0)
    scores["en"] += max(-tilt, 0.0)
    *_, second_score, best_score = sorted(scores.values())
    # Of equals the two that are read here come first, as they do in the list.
    best = next(name for name, score in scores.items() if score == best_score)
    lead = best_score - second_score
    if lead < _LEAST or not _is_written_in(best, folded):
        return LanguageGuess("", 0.0)
    return LanguageGuess(best, round(1.0 - math.exp(-lead / 2.0), 4))


def _is_written_in(name: str, folded: list[str]) -> bool:
    """Tell whether enough words of a text are of a language; of others than English and French none is known."""
    known = vocabulary().get(name)
    if known is None:
        return True
    long_words = [word for word in folded if len(word) > 1 and word.isalpha()]
    return sum(word in known for word in long_words) >= _KNOWN_SHARE * len(long_words)


def _first_words(parts: list[list[str]]) -> list[str]:
    return [word for part in parts for word in part[:_READ]][:_READ]


def _languages_of_word(word: str) -> tuple[str, ...]:
    # The languages that have a small word.
    return tuple(name for name, small in SMALL.items() if word in small or word in _HEADLINES.get(name, ()))


def _french_leaning(word: str) -> float:
    # How far its letters lean to French.
    weights = letter_group_weights()
    padded = f" {word} "
    leans = sum(weights.get(padded[at : at + 3], 0.0) for at in range(len(padded) - 2))
    return leans - _LEANS


_LANGUAGES_OF_WORD: Final = WordCache(_languages_of_word)
_FRENCH_LEANING: Final = WordCache(_french_leaning)


def _guess_by_script(raw: list[str]) -> LanguageGuess | None:
    letters = [word[0] for word in raw if not word[0].isascii() and word[0].isalpha()]
    if 2 * len(letters) <= len(raw):
        return None
    names = [unicodedata.name(letter, "") for letter in letters]
    for script, name in _SCRIPTS:
        share = sum(letter_name.startswith(script) for letter_name in names) / len(names)
        # Japanese is told from Chinese by a few signs of its own.
        if share > (0.05 if name == "ja" else 0.5):
            return LanguageGuess(name, 0.9)
    return None
