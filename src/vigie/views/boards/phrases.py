"""The words that a drawing adds to a board."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from vigie.catalogue import NamedTexts
from vigie.domain.errors import UsageError
from vigie.drawing.scale import moment_text
from vigie.services.languages import Language
from vigie.services.studio.board import Board, Credit, NewsMarks

PHRASES: Final = NamedTexts(
    "picture",
    {
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
        "sheet": "about",
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
    },
)


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


def publishers_text(all_credits: Iterable[Credit]) -> str:
    """Return who publishes numbers, each once: ``Binance, CoinGecko``."""
    return ", ".join(
        dict.fromkeys(name for credit in all_credits for name in credit.source.split(", ") if name)
    )


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
