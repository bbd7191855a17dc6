"""The words that a drawing adds to a board, in both languages."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from vigie.domain.errors import UsageError
from vigie.services.studio.board import Board, Credit, Language, NewsMarks
from vigie.views.drawing.scale import moment_text

_EN: Final = {
    "source": "Source: ",
    "as_of": "as of ",
    "known": "as known on ",
    "simulated": "Simulated market, invented prices",
    "non_commercial": "non-commercial use only",
    "no_data": "no data",
    "more_rows": "rows not shown: {count}",
    "more_columns": "columns not shown: {count}",
    "more_words": "words not shown: {count}",
    "others": "+{count}",
    "open": "\u201c",
    "close": "\u201d",
    "advice": "Information, not investment advice.",
    "time": "time",
    "word": "word",
    "items": "items",
    "name": "name",
    "size": "size",
    "change": "change",
    "text": "text",
    "publisher": "publisher",
    "link": "link",
    "published": "published",
    "note": "note",
    "news": "News, when first seen ({count})",
    "dots": "dots: news, when first seen ({count})",
    "no_news": "no news first seen in this period",
    "some": "{count} of {total}",
    "seen": "first seen",
    "asset": "asset",
    "title": "title",
    "story": "story",
    "data": "Image data",
    "series": "series",
    "terms": "terms of use",
    "source_column": "source",
    "rounding": "Numbers are rounded. Percentages: two decimals; rates such as funding: four. Amounts of a "
    "million or more: whole units; from one: two decimals or six significant figures, whichever is "
    "more exact; below one: five significant figures; more where values in a column are close "
    "together. Ratios: two decimals. Others: six significant figures. Times are UTC.",
}
_FR: Final = {
    "source": "Source\u00a0: ",
    "as_of": "au ",
    "known": "tel que connu le ",
    "simulated": "March\u00e9 simul\u00e9, prix invent\u00e9s",
    "non_commercial": "usage non commercial seulement",
    "no_data": "pas de donn\u00e9es",
    "more_rows": "lignes non affichées\u00a0: {count}",
    "more_columns": "colonnes non montr\u00e9es\u00a0: {count}",
    "more_words": "mots non affichés\u00a0: {count}",
    "others": "+{count}",
    "open": "\u00ab\u00a0",
    "close": "\u00a0\u00bb",
    "advice": "À titre d’information\u00a0: ceci n’est pas un conseil en investissement.",
    "time": "heure",
    "word": "mot",
    "items": "articles",
    "name": "nom",
    "size": "taille",
    "change": "variation",
    "text": "texte",
    "publisher": "\u00e9diteur",
    "link": "lien",
    "published": "publi\u00e9",
    "note": "note",
    "news": "Actualités, à leur première détection ({count})",
    "dots": "points\u00a0: actualités, à leur première détection ({count})",
    "no_news": "aucune actualité vue pour la première fois dans cette période",
    "some": "{count} sur {total}",
    "seen": "vu la premi\u00e8re fois",
    "asset": "actif",
    "title": "titre",
    "story": "affaire",
    "data": "Données de l’image",
    "series": "s\u00e9rie",
    "terms": "conditions d\u2019utilisation",
    "source_column": "source",
    "rounding": "Les nombres sont arrondis. Pourcentages\u00a0: deux décimales\u00a0; taux comme le financement\u00a0"
    ": quatre. Montants d’un million ou plus\u00a0: à l’unité\u00a0; à partir de un\u00a0: deux "
    "décimales ou six chiffres significatifs, selon le plus précis\u00a0; en dessous\u00a0: cinq "
    "chiffres significatifs\u00a0; davantage quand les valeurs d’une colonne sont proches. Ratios\u00a0"
    ": deux décimales. Autres\u00a0: six chiffres significatifs. Heures en UTC.",
}
PHRASES: Final[dict[Language, dict[str, str]]] = {"en": _EN, "fr": _FR}


def news_text(key: str, news: NewsMarks, language: Language) -> str:
    """Return a phrase of marked news with how many there are, of how many where not all are marked."""
    words, n_shown = PHRASES[language], len(news.marks)
    count = words["some"].format(count=n_shown, total=news.total) if news.total > n_shown else str(n_shown)
    return words[key].format(count=count)


def terms_text(credit: Credit, language: Language) -> str:
    """Return under which terms numbers are, and whether these forbid selling them; no picture says it."""
    terms = [credit.licence] if credit.licence else []
    terms += [PHRASES[language]["non_commercial"]] if credit.non_commercial else []
    return ", ".join(terms)


def publishers_text(named: Iterable[Credit]) -> str:
    """Return who publishes numbers, each once: ``Binance, CoinGecko``."""
    return ", ".join(dict.fromkeys(name for credit in named for name in credit.source.split(", ") if name))


def credits_text(board: Board) -> str:
    """Return publishers and the time of the newest number, which stand under every picture; never their terms."""
    words = PHRASES[board.language]
    sources = publishers_text(board.credits)
    when = f"{words[time_phrase_key(board)]}{time_text(board.as_of, board)}"
    sentences = [f"{words['source']}{sources}"] if sources else []
    sentences.append(when if sentences else when[:1].upper() + when[1:])
    if board.simulated:
        sentences.append(words["simulated"])
    return " \u00b7 ".join(sentences)


def time_phrase_key(board: Board) -> str:
    """Return which phrase leads to the board's time: that of its newest number, or the one it is fixed at."""
    return "known" if board.is_fixed else "as_of"


def time_text(ts: int, board: Board) -> str:
    """Return a time in the board's zone, which is named; a time that no calendar has is its number."""
    try:
        return moment_text(ts, zone=board.zone, language=board.language)
    except (OverflowError, ValueError, OSError):
        return str(ts)
    except UsageError:
        return moment_text(ts, zone="UTC", language=board.language)


__all__ = [
    "PHRASES",
    "credits_text",
    "news_text",
    "publishers_text",
    "terms_text",
    "time_phrase_key",
    "time_text",
]
