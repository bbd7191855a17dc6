"""Kinds of sources, and how often they are asked, in the visitor's language."""

from __future__ import annotations

from vigie.views.web.request_context import RequestContext


def kinds(context: RequestContext) -> dict[str, str]:
    """Return how a source can be read."""
    return {
        "feed": context.text("Feed (RSS, Atom, JSON Feed)"),
        "youtube": context.text("YouTube channel"),
        "reddit": context.text("Reddit community"),
        "mastodon": context.text("Mastodon account"),
        "bluesky": context.text("Bluesky account"),
        "page": context.text("Page with a list"),
        "text": context.text("Page with text"),
        "json": context.text("JSON (API)"),
        "register": context.text("Register (CSV)"),
    }


def all_kinds(context: RequestContext) -> dict[str, str]:
    """Return how a source can be read, with what has a form of its own."""
    return {**kinds(context), "mailbox": context.text("Newsletter mailbox (IMAP)")}


def paces(context: RequestContext) -> dict[str, str]:
    """Return how often a source can be asked, by seconds."""
    return {
        str(seconds): context.lang.took(seconds * 1_000)
        for seconds in (30, 60, 300, 900, 3_600, 21_600, 86_400)
    }
