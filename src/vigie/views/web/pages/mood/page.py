"""Mood: fear and greed by two indices with the parts of ours, how the news sound, and the words of a period."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from vigie.domain.asset import WATCHED
from vigie.domain.errors import NotFound, UsageError
from vigie.domain.item import NEWS_LANGUAGES
from vigie.drawing.cloud import DrawnWord, cloud_chart
from vigie.drawing.frame import Frame
from vigie.services.operations.mood import MoodResult
from vigie.views.web.page import Page
from vigie.views.web.pages.mood.index import index_values
from vigie.views.web.pages.news import appeals
from vigie.views.web.pages.news.words import news_languages, tiers, topics
from vigie.views.web.request_context import RequestContext

PERIODS: Final = ("24h", "1w", "1m")


def show(context: RequestContext) -> Mapping[str, Any]:
    """Ask for the mood of what the address names."""
    asset = context.query.get("asset", "").strip()[:80]
    unknown = ""
    try:
        mood = context.call("mood.read", asset=asset)
    except NotFound:
        mood, unknown = context.call("mood.read"), asset
    table = context.call("mood.words", **words_input(context, mood.subject if mood.name else ""))
    description = context.text(
        "The size shows how often a word is used; emerging words are bold. The table below gives the same "
        "data."
    )
    frame = Frame("words", context.text("Trending words"), description, context.lang.language)
    return {
        "mood": mood,
        "unknown": unknown,
        "chosen": mood.subject if mood.name else "",
        "table": table,
        "asked": words_input(context, mood.subject if mood.name else ""),
        "svg": cloud_chart(cloud_words(table), frame=frame) if table.rows else "",
        "parts": part_names(context),
        "part_sentences": part_sentences(context),
        **index_values(context, mood),
        "assets": _assets(mood),
        "languages": news_languages(context),
        "recipes": recipe_names(context),
        "topics": topics(context),
        "source_choices": [(source.id, source.title) for source in context.call("news.filters").sources],
        "model": context.call("mood.model"),
        **_topic_values(context, mood.subject if mood.name else ""),
        "held": context.call("news.sources"),
        "appeals": appeals.by_source(context),
        "appeal_kinds": appeals.kinds(context),
        "tiers": tiers(context),
    }


def _topic_values(context: RequestContext, asset: str) -> dict[str, Any]:
    """Return topics that headlines make by themselves, where they are asked for: finding them takes a moment."""
    inputs = {
        name: value
        for name, value in words_input(context, asset).items()
        if name not in ("source", "language")
    }
    values: dict[str, Any] = {"found": None, "found_asked": inputs, "cannot_find": False}
    if context.query.get("discover") == "1":
        try:
            values["found"] = context.call("news.topics", **inputs)
        except UsageError:
            # What was asked for is what the page offers: only the package can be missing.
            values["cannot_find"] = True
    return values


def words_input(context: RequestContext, asset: str) -> dict[str, str]:
    """Return which words the address asks for."""
    period = context.query.get("period", "")
    values = {
        "period": period if period in PERIODS else "24h",
        "asset": asset,
        "source": context.query.get("source", "").strip()[:60],
        "language": _words_language(context),
    }
    return {name: value for name, value in values.items() if value}


def _words_language(context: RequestContext) -> str:
    """Return the one language of the words: that of the address, else the reader's."""
    asked = context.query.get("language", "")
    if asked in NEWS_LANGUAGES:
        return asked
    language = context.lang.content_language
    return language if language in NEWS_LANGUAGES else NEWS_LANGUAGES[0]


def _assets(mood: MoodResult) -> list[tuple[str, str]]:
    """Return the assets that can be chosen, that of the address among them."""
    offered = {asset.id: asset.name for asset in WATCHED}
    if mood.name:
        offered.setdefault(mood.subject, mood.name)
    return list(offered.items())


def cloud_words(table: Any) -> list[DrawnWord]:
    """Return the rows of a table of words as they are drawn."""
    return [DrawnWord(row["word"], row["count"], row["is_emerging"]) for row in table.rows]


def part_names(context: RequestContext) -> dict[str, str]:
    """Return the parts of the index in the visitor's language, each with what it is."""
    return {
        "volatility": context.text("Low volatility (30 d vs 1 year, inverted)"),
        "momentum": context.text("Momentum (30 d return vs 1 year)"),
        "news": context.text("News sentiment (weighted by reliability and novelty)"),
        "funding": context.text("Funding rate (5 bps per 8 h = full greed)"),
        "dominance": context.text("Bitcoin dominance (30 d vs 1 year, inverted)"),
    }


def part_sentences(context: RequestContext) -> dict[str, str]:
    """Return what each part of the index tells, in words without a term of the trade."""
    return {
        "volatility": context.text(
            "High when Bitcoin's price moves little: calm markets are counted as greed."
        ),
        "momentum": context.text("High when Bitcoin gained more over 30 days than it usually does."),
        "news": context.text("High when the news sounds good; doubtful reports and copies count less."),
        "funding": context.text("High when traders pay much to bet on rising prices."),
        "dominance": context.text("High when money leaves Bitcoin for other coins, which are riskier."),
    }


def recipe_names(context: RequestContext) -> dict[str, str]:
    """Return what a model may see, in the visitor's language, by its name on the card."""
    inputs = {
        "letters": context.text("letters"),
        "words": context.text("words"),
        "words and letters": context.text("words and letters"),
    }
    endings = {
        "": "",
        ", lexicon": ", " + context.text("lexicon"),
        ", lexicon (shipped)": ", " + context.text("lexicon (shipped)"),
    }
    methods = {"TF-IDF of": context.text("TF-IDF of"), "counts of": context.text("counts of")}
    return {"lexicon alone": context.text("lexicon alone")} | {
        f"{method} {name}{end}": f"{way_text} {input_text}{end_text}"
        for method, way_text in methods.items()
        for name, input_text in inputs.items()
        for end, end_text in endings.items()
    }


GROUP: Final = "news"
PAGES = (
    Page(
        name="mood",
        path="/mood",
        title="Mood",
        description="Two fear and greed indices, news sentiment, and trending words.",
        show=show,
    ),
)
