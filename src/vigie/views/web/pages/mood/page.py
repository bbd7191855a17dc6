"""Mood: fear and greed by two indices with the parts of ours, how the news sound, and the words of a period."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from vigie.domain.errors import NotFound, UsageError
from vigie.views.drawing.cloud import Word, cloud_chart
from vigie.views.drawing.frame import Frame
from vigie.views.web.page import Page
from vigie.views.web.pages.news import appeals
from vigie.views.web.pages.news.words import tiers, topics
from vigie.views.web.visit import Visit

PERIODS: Final = ("24h", "1w", "1m")


def show(visit: Visit) -> Mapping[str, Any]:
    """Ask for the mood of what the address names."""
    asset = visit.query.get("asset", "").strip()[:80]
    unknown = ""
    try:
        mood = visit.ask("mood.read", asset=asset)
    except NotFound:
        mood, unknown = visit.ask("mood.read"), asset
    table = visit.ask("mood.words", **words_asked(visit, mood.subject if mood.name else ""))
    told = visit.text(
        "Size is how often a word stands, bold what is emerging; the table below says the same."
    )
    frame = Frame("words", visit.text("Words that stand out"), told, visit.tongue.language)
    return {
        "mood": mood,
        "unknown": unknown,
        "chosen": mood.subject if mood.name else "",
        "table": table,
        "asked": words_asked(visit, mood.subject if mood.name else ""),
        "svg": cloud_chart(words_of(table), frame=frame) if table.rows else "",
        "parts": part_names(visit),
        "made_of": visit.ask("mood.parts"),
        "recipes": recipe_names(visit),
        "topics": topics(visit),
        "sources": visit.ask("news.filters").sources,
        "model": visit.ask("mood.model"),
        **_discovered(visit, mood.subject if mood.name else ""),
        "held": visit.ask("news.sources"),
        "appeals": appeals.by_source(visit),
        "appeal_kinds": appeals.kinds(visit),
        "tiers": tiers(visit),
    }


def _discovered(visit: Visit, asset: str) -> dict[str, Any]:
    """Return topics that headlines make by themselves, where they are asked for: finding them takes a moment."""
    asked = {name: one for name, one in words_asked(visit, asset).items() if name != "source"}
    told: dict[str, Any] = {"found": None, "found_asked": asked, "cannot_find": False}
    if visit.query.get("discover") == "1":
        try:
            told["found"] = visit.ask("news.topics", **asked)
        except UsageError:
            # What was asked for is what the page offers: only the package can be missing.
            told["cannot_find"] = True
    return told


def words_asked(visit: Visit, asset: str) -> dict[str, str]:
    """Return which words the address asks for."""
    period = visit.query.get("period", "")
    asked = {
        "period": period if period in PERIODS else "24h",
        "asset": asset,
        "source": visit.query.get("source", "").strip()[:60],
    }
    return {name: value for name, value in asked.items() if value}


def words_of(table: Any) -> list[Word]:
    """Return the rows of a table of words as they are drawn."""
    return [Word(row["word"], row["count"], row["is_emerging"]) for row in table.rows]


def part_names(visit: Visit) -> dict[str, str]:
    """Return the parts of the index in the visitor's language, each with what it is."""
    return {
        "volatility": visit.text("Calm: volatility of 30 days against its year, turned round"),
        "momentum": visit.text("Momentum: return over 30 days against its year"),
        "news": visit.text("News: how they sound, weighed by reliability and novelty"),
        "funding": visit.text("Funding: what longs pay, 5 basis points in 8 h are full greed"),
        "dominance": visit.text("Dominance of Bitcoin over 30 days against its year, turned round"),
    }


def recipe_names(visit: Visit) -> dict[str, str]:
    """Return what a model may see, in the visitor's language, by its name on the card."""
    seen = {
        "letters": visit.text("letters"),
        "words": visit.text("words"),
        "words and letters": visit.text("words and letters"),
    }
    more = {
        "": "",
        ", lexicon": ", " + visit.text("lexicon"),
        ", lexicon (shipped)": ", " + visit.text("lexicon (shipped)"),
    }
    ways = {"TF-IDF of": visit.text("TF-IDF of"), "counts of": visit.text("counts of")}
    return {"lexicon alone": visit.text("lexicon alone")} | {
        f"{way} {name}{end}": f"{way_said} {said}{end_said}"
        for way, way_said in ways.items()
        for name, said in seen.items()
        for end, end_said in more.items()
    }


PAGES = (
    Page(
        name="mood",
        path="/mood",
        title="Mood",
        description="Fear and greed by two indices, how the news sound, and the words that stand out.",
        show=show,
    ),
)
