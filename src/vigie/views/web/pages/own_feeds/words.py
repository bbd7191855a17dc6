"""Kinds of sources, and how often they are asked, in the visitor's language."""

from __future__ import annotations

from vigie.views.web.visit import Visit


def kinds(visit: Visit) -> dict[str, str]:
    """Return how a source can be read."""
    return {
        "feed": visit.text("Feed (RSS, Atom, JSON Feed)"),
        "youtube": visit.text("YouTube channel"),
        "reddit": visit.text("Reddit community"),
        "mastodon": visit.text("Mastodon account"),
        "bluesky": visit.text("Bluesky account"),
        "page": visit.text("Page with a list: its rows are news"),
        "text": visit.text("Page with a text: what changes is news"),
        "json": visit.text("JSON for programs"),
        "register": visit.text("Register as CSV: rows that come, change or go"),
    }


def all_kinds(visit: Visit) -> dict[str, str]:
    """Return how a source can be read, with what has a form of its own."""
    return {**kinds(visit), "mailbox": visit.text("Newsletters in a mailbox (IMAP)")}


def paces(visit: Visit) -> dict[str, str]:
    """Return how often a source can be asked, by seconds."""
    return {str(one): visit.tongue.took(one * 1_000) for one in (30, 60, 300, 900, 3_600, 21_600, 86_400)}
